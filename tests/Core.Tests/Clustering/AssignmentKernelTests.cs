using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Clustering;

public sealed class AssignmentKernelTests
{
    public static TheoryData<string> Kernels => ["512", "256", "128"];

    private static IAssignmentKernel Kernel(string width) => width switch
    {
        "512" => AssignmentKernels.Of(KernelWidth.Vector512),
        "256" => AssignmentKernels.Of(KernelWidth.Vector256),
        "128" => AssignmentKernels.Of(KernelWidth.Vector128),
        _ => AssignmentKernels.Of(KernelWidth.Scalar),
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_vector_kernel_gives_the_bits_of_the_scalar_one(string width)
    {
        var random = new Random(1);
        foreach (var columns in new[] { 1, 2, 3, 4, 7, 12, 33 })
        {
            foreach (var k in new[] { 1, 2, 3, 8, 11, 255 })
            {
                var rows = random.Next(1, 200);
                var tiles = Tiles.FromRows(Values(rows * columns), columns);
                var centroids = Values(k * columns);
                var (labels, distances) = Assign(new ScalarAssignmentKernel(), tiles, columns, centroids);
                var (vectorLabels, vectorDistances) = Assign(Kernel(width), tiles, columns, centroids);
                vectorLabels.ShouldBe(labels);
                vectorDistances.Select(BitConverter.SingleToInt32Bits).ShouldBe(distances.Select(BitConverter.SingleToInt32Bits));
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)Math.Exp(2 * TestRows.Normal(random)))];
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    [InlineData("scalar")]
    public void Labels_alone_are_those_of_the_direct_form(string width)
    {
        var random = new Random(2);
        foreach (var columns in new[] { 1, 2, 3, 4, 7, 12, 33 })
        {
            foreach (var k in new[] { 1, 2, 3, 4, 5, 7, 8, 11, 16, 32, 255 })
            {
                var values = Values(random.Next(1, 500) * columns);
                // Far from the origin scores lose what tells neighbours apart; copies, and rows halfway between two centroids, are ties.
                foreach (var (far, few) in new[] { (0f, false), (1000f, false), (0f, true), (3f, true) })
                {
                    float[] rows = [.. values.Select(v => (few ? MathF.Round(v) / 2 : v) + far)];
                    float[] centroids = [.. Values(k * columns).Select(v => (few ? MathF.Round(v) : v) + far)];
                    SameLabels(Kernel(width), rows, columns, centroids);
                }
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)Math.Exp(2 * TestRows.Normal(random)))];
    }

    [Theory]
    [InlineData(1e-19f)]
    [InlineData(1e-10f)]
    [InlineData(1e15f)]
    public void Tiny_and_huge_values_are_labelled_alike(float size)
    {
        var random = new Random(3);
        float[] rows = [.. Enumerable.Range(0, 200 * 3).Select(_ => size * (float)TestRows.Normal(random))];
        foreach (var width in new[] { "512", "256", "128" })
            SameLabels(Kernel(width), rows, 3, rows[..(20 * 3)]);
    }

    [Fact]
    public void A_tables_labels_are_the_same_at_every_width() =>
        Prop.ForAll(Arb.From(
            from columns in Gen.Choose(1, 20)
            from k in Gen.Choose(1, 40)
            from count in Gen.Choose(1, 150)
            from seed in Gen.Choose(0, int.MaxValue)
            from nearness in Gen.Choose(0, 24)
            select (columns, k, count, seed, nearness)), table =>
        {
            // Rows stand so near to the middle between two centroids that rounding often decides.
            var random = new Random(table.seed);
            float[] centroids = [.. Enumerable.Range(0, table.k * table.columns).Select(_ => (float)TestRows.Normal(random))];
            var rows = new float[table.count * table.columns];
            for (var r = 0; r < table.count; r++)
            {
                var (a, b) = (random.Next(table.k), random.Next(table.k));
                for (var c = 0; c < table.columns; c++)
                {
                    var middle = (centroids[(a * table.columns) + c] + centroids[(b * table.columns) + c]) / 2;
                    rows[(r * table.columns) + c] = middle + (float)Math.ScaleB(TestRows.Normal(random), -table.nearness);
                }
            }

            foreach (var width in new[] { "512", "256", "128" })
                SameLabels(Kernel(width), rows, table.columns, centroids);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20130101UL, 77UL));

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Of_equally_near_centroids_the_lower_index_wins(string width)
    {
        var tiles = Tiles.FromRows([0, 0, 5, 5], 2);
        float[] centroids = [1, 0, 0, 1, -1, 0, 0, 1, 5, 5, 5, 5];
        Assign(Kernel(width), tiles, 2, centroids).Labels[..2].ShouldBe([0, 4]);
        Assign(new ScalarAssignmentKernel(), tiles, 2, centroids).Labels[..2].ShouldBe([0, 4]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Lengths_that_do_not_fit_are_refused(string width)
    {
        Should.Throw<ArgumentException>(() => Kernel(width).Assign(new float[128], 2, new float[3], new int[64], new float[64]));
        Should.Throw<ArgumentException>(() => Kernel(width).Assign(new float[127], 2, new float[2], new int[64], new float[64]));
        Should.Throw<ArgumentException>(() => Kernel(width).Assign(new float[128], 2, [], new int[64], new float[64]));
        var centroids = new CentroidGroups([1, 2], 2);
        Should.Throw<ArgumentException>(() => Kernel(width).Label(new float[128], new float[1], centroids, new byte[63]));
        Should.Throw<ArgumentException>(() => Kernel(width).Label(new float[128], new float[2], centroids, new byte[64]));
        Should.Throw<ArgumentException>(() => Kernel(width).Label(new float[127], new float[1], centroids, new byte[64]));
        Should.Throw<ArgumentException>(() => new CentroidGroups(new float[256], 1));
        Should.Throw<ArgumentException>(() => new CentroidGroups([], 1));
    }

    [Fact]
    public async Task A_single_row_gets_the_label_that_its_shard_gives()
    {
        var values = TestRows.LogNormal(700, 5, seed: 4, missing: 0.1);
        var shards = TestRows.Spread(values, 5, 3);
        var input = await StandardisedShards.PrepareAsync(shards, new ScaleOptions(), default);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = 6, Starts = 2 });
        var labels = await TestRows.LabelsById(shards, fit.Centroids);
        values.Chunk(5).Select(row => fit.Label(input.Scale.Transform(row), out _)).ShouldBe(labels);
    }

    private static (int[] Labels, float[] Distances) Assign(IAssignmentKernel kernel, float[] tiles, int columns, float[] centroids)
    {
        var rows = tiles.Length / columns;
        var (labels, distances) = (new int[rows], new float[rows]);
        kernel.Assign(tiles, columns, centroids, labels, distances);
        return (labels, distances);
    }

    /// <summary>Against the direct form in plain loops, by tiles that a shard would have.</summary>
    private static void SameLabels(IAssignmentKernel kernel, float[] rows, int columns, float[] centroids)
    {
        var count = rows.Length / columns;
        using var memory = new TileMemory(count, columns);
        using var tiles = memory.Use();
        Tiles.FromRows(rows, columns).CopyTo(tiles.Values);
        tiles.SetNorms(columns);
        var labels = new byte[Tiles.Count(count) * Tiles.Rows];
        kernel.Label(tiles.Values, tiles.Norms, new CentroidGroups(centroids, columns), labels);
        for (var r = 0; r < count; r++)
            ((int)labels[r]).ShouldBe(ScalarAssignmentKernel.Nearest(rows.AsSpan(r * columns, columns), centroids, out _));
    }
}
