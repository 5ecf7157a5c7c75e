using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Tests.Clustering;

public sealed class AssignmentKernelTests
{
    public static TheoryData<string> Kernels => ["512", "256", "128"];

    private static IAssignmentKernel Kernel(string width) => width switch
    {
        "512" => AssignmentKernels.Vector512Kernel,
        "256" => AssignmentKernels.Vector256Kernel,
        _ => AssignmentKernels.Vector128Kernel,
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
}
