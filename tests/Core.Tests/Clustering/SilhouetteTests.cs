using System.Runtime.Intrinsics;
using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Tests.Clustering;

public sealed class SilhouetteTests
{
    [Theory]
    [InlineData(7, 1, 2, 1)]
    [InlineData(64, 2, 3, 2)]
    [InlineData(130, 3, 4, 3)]
    [InlineData(300, 12, 5, 7)]
    [InlineData(500, 5, 9, 2)]
    public async Task It_is_that_of_the_definition(int rows, int columns, int k, int shards)
    {
        foreach (var values in new[] { TestRows.Groups(rows, columns, 3, seed: rows), TestRows.LogNormal(rows, columns, seed: rows) })
        {
            var spread = TestRows.Spread(values, columns, shards);
            var input = await StandardisedShards.PrepareAsync(spread, new ScaleOptions(), default);
            var fit = await KMeans.FitAsync(input, new KMeansOptions { K = k, Starts = 1 });
            var expected = Definition.Silhouette(TestRows.Points(values, input.Scale), await TestRows.LabelsById(spread, fit.Centroids));
            (await Of(input, fit.Centroids)).ShouldBe([expected], 1e-6);
        }
    }

    [Fact]
    public async Task It_is_exactly_that_of_distances_cut_off_to_30_bits()
    {
        // More rows than a block has, so that pairs of blocks and of tiles, whole and in part, all occur.
        var values = TestRows.LogNormal(2_500, 3, seed: 8);
        var input = await TestRows.Standardised(values, 3);
        var all = await input.Shards.SampleAsync(0, 2_500, default);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = 4, Starts = 1 });
        var labels = Enumerable.Range(0, all.Count).Select(r => fit.Label(all.Row(r), out _)).ToArray();
        var factor = Silhouette.Factor(input.Scale.DistanceExponent);
        Int128 total = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var sums = new long[4];
            for (var other = 0; other < labels.Length; other++)
                sums[labels[other]] += (long)(MathF.Sqrt(ScalarAssignmentKernel.SquaredDistance(all.Row(r), all.Row(other))) * factor);
            var a = (double)sums[labels[r]] / (fit.Sizes[labels[r]] - 1);
            var b = Enumerable.Range(0, 4).Where(k => k != labels[r]).Min(k => (double)sums[k] / fit.Sizes[k]);
            total += FixedPoint.ToFixed((b - a) / Math.Max(a, b), FixedPoint.Factor(0));
        }

        (await Of(input, fit.Centroids)).ShouldBe([FixedPoint.ToDouble(total, 0, labels.Length)]);
    }

    [Fact]
    public async Task Many_fits_at_once_score_as_each_by_itself()
    {
        // So many and so large that they take several passes.
        var input = await TestRows.Standardised(TestRows.LogNormal(1_500, 4, seed: 6), 4);
        var fits = new List<double[]>();
        foreach (var k in new[] { 2, 3, 5, 9, 17, 40, 90, 3, 250, 255 })
            fits.Add((await KMeans.FitAsync(input, new KMeansOptions { K = k, Starts = 1, MaxIterations = 3 })).Centroids);
        var together = await Of(input, [.. fits]);
        for (var i = 0; i < fits.Count; i++)
            (await Of(input, fits[i])).ShouldBe([together[i]], $"fit {i}");

        var rows = await input.Shards.SampleAsync(0, 1_500, default);
        (await Silhouette.OfFirstAsync(rows, fits, input.Scale.DistanceExponent)).Length.ShouldBeInRange(2, fits.Count - 1);
    }

    [Fact]
    public async Task A_pass_takes_no_more_fits_than_suit_its_memory()
    {
        // 64 MB hold the sums of 419 clusters over 20,000 rows; there is but one group.
        var rows = new RowSet([.. Enumerable.Range(0, 20_000).Select(id => (ulong)id)], new float[20_000], new float[20_000]);
        double[] fit = [.. Enumerable.Range(0, 200).Select(c => c * 100.0)];

        (await Silhouette.OfFirstAsync(rows, [fit, fit, fit[..100]], 0)).ShouldBe([0, 0]);
    }

    [Fact]
    public async Task A_row_alone_in_its_cluster_counts_0()
    {
        var input = await TestRows.Standardised([0, 0, 10], 1);
        // The two at 0: a = 0, b = 10, so 1 each.
        (await Of(input, Centroids(input, 0, 10))).ShouldBe([2.0 / 3], 1e-12);
    }

    [Fact]
    public async Task One_cluster_scores_0()
    {
        var input = await TestRows.Standardised([0, 1, 10], 1);
        (await Of(input, Centroids(input, 5))).ShouldBe([0]);
    }

    [Fact]
    public async Task A_cluster_without_rows_is_no_neighbour()
    {
        var input = await TestRows.Standardised([0, 1, 10, 11], 1);
        var scores = await Of(input, Centroids(input, 0.5, 10.5), Centroids(input, 0.5, 10.5, 9000));
        scores[1].ShouldBe(scores[0]);
    }

    [Fact]
    public void Every_width_gives_the_same_sums()
    {
        var values = TestRows.LogNormal(333, 7, seed: 5).Select(v => (float)v * Silhouette.Factor(40)).ToArray();
        var block = new SilhouetteBlock(values[..(200 * 7)], 7, [0, 1, 3, 70, 140, 199, 200], 0);
        var other = new SilhouetteBlock(values[(200 * 7)..], 7, [0, 64, 133], 5);
        var expected = Sums<Lanes128, Vector128<float>>();
        Sums<Lanes256, Vector256<float>>().ShouldBe(expected);
        Sums<Lanes512, Vector512<float>>().ShouldBe(expected);

        long[] Sums<TLanes, TVector>()
            where TLanes : ILanes<TVector>
            where TVector : struct
        {
            var (own, between, others) = (new long[6 * block.Stride], new long[2 * block.Stride], new long[6 * other.Stride]);
            SilhouetteKernel<TLanes, TVector>.Run(block, block, own, own);
            SilhouetteKernel<TLanes, TVector>.Run(block, other, between, others);
            return [.. RowsOf(own, block), .. RowsOf(between, block), .. RowsOf(others, other)];
        }
    }

    [Fact]
    public void The_widest_kernels_root_is_rounded_as_any_other()
    {
        // All numbers from 1 to 4: roots of others differ by a power of two only; and some of those.
        var (numbers, roots) = (new float[16], new float[16]);
        for (var bits = BitConverter.SingleToInt32Bits(1); bits < BitConverter.SingleToInt32Bits(4); bits += 16)
            Check(i => BitConverter.Int32BitsToSingle(bits + i));
        var random = new Random(1);
        for (var repeat = 0; repeat < 100_000; repeat++)
            Check(_ => BitConverter.Int32BitsToSingle(random.Next(BitConverter.SingleToInt32Bits(MathF.ScaleB(1, -100)), BitConverter.SingleToInt32Bits(MathF.ScaleB(1, 100)))));
        Check(_ => 0);
        for (var exponent = -149; exponent < -100; exponent++)
            Lanes512.RootByMultiplying(Vector512.Create(MathF.ScaleB(1.999f, exponent)))[0].ShouldBeInRange(0, MathF.ScaleB(1, -50));

        void Check(Func<int, float> number)
        {
            for (var i = 0; i < 16; i++)
                numbers[i] = number(i);
            Lanes512.RootByMultiplying(Vector512.Create(numbers)).CopyTo(roots);
            for (var i = 0; i < 16; i++)
            {
                if (roots[i] != MathF.Sqrt(numbers[i]))
                    roots[i].ShouldBe(MathF.Sqrt(numbers[i]), $"the root of {numbers[i]:R}");
            }
        }
    }

    [Fact]
    public async Task Rows_that_are_all_but_alike_are_told_apart()
    {
        // On the finest grid, where squared distances are below the least normal float.
        var values = Enumerable.Range(0, 300).Select(i => (i % 3 * 1e-19) + (i % 7 * 1e-21)).ToArray();
        var input = await TestRows.Standardised(values, 1, raw: true);
        var points = TestRows.Points(values, input.Scale);
        double[] centroids = [points.Min(p => p[0]), points.Max(p => p[0])];
        var labels = points.Select(p => Definition.Nearest(p, [.. centroids.Select(c => new[] { c })])).ToArray();
        (await Of(input, centroids)).ShouldBe([Definition.Silhouette(points, labels)], 1e-3);
    }

    [Fact]
    public void Each_pair_of_rows_is_counted_once_from_either_side()
    {
        var values = TestRows.Groups(150, 3, 4, seed: 3).Select(v => (float)v * Silhouette.Factor(6)).ToArray();
        var (one, two) = (new SilhouetteBlock(values[..210], 3, [0, 5, 69, 70], 0), new SilhouetteBlock(values[210..], 3, [0, 30, 80], 2));
        var (forward, backward) = ((new long[2 * one.Stride], new long[3 * two.Stride]), (new long[2 * one.Stride], new long[3 * two.Stride]));
        Silhouette.Sum(one, two, forward.Item1, forward.Item2);
        Silhouette.Sum(two, one, backward.Item2, backward.Item1);
        RowsOf(forward.Item1, one).ShouldBe(RowsOf(backward.Item1, one));
        RowsOf(forward.Item2, two).ShouldBe(RowsOf(backward.Item2, two));

        var own = new long[3 * one.Stride];
        Silhouette.Sum(one, one, own, own);
        for (var r = 0; r < 70; r++)
        {
            for (var g = 0; g < 3; g++)
            {
                var expected = Enumerable.Range(one.Starts[g], one.Starts[g + 1] - one.Starts[g])
                    .Sum(j => Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow((double)one.Values[(r * 3) + c] - one.Values[(j * 3) + c], 2))));
                ((double)own[(g * one.Stride) + r]).ShouldBe(expected, (1e-6 * expected) + 200);
            }
        }
    }

    [Fact]
    public async Task Its_work_can_be_stopped_and_tells_how_far_it_is()
    {
        var input = await TestRows.Standardised(TestRows.LogNormal(5_000, 2, seed: 4), 2);
        var rows = await input.Shards.SampleAsync(0, 5_000, default);
        double[][] fits = [Centroids(input, 1, 100, 2, 200), Centroids(input, 1, 50, 3, 300)];
        var told = new List<double>();
        await Silhouette.OfFirstAsync(rows, fits, input.Scale.DistanceExponent, onProgress: Tell);
        told.ShouldBe(told.Order());
        told.Count.ShouldBeGreaterThan(10);
        told[^1].ShouldBe(2);

        using var stop = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => Silhouette.OfFirstAsync(rows, fits, input.Scale.DistanceExponent, onProgress: async _ => await stop.CancelAsync(), cancellationToken: stop.Token));
        (await Should.ThrowAsync<InvalidDataException>(() => Silhouette.OfFirstAsync(rows, fits, input.Scale.DistanceExponent, onProgress: _ => throw new InvalidDataException("full")))).Message.ShouldBe("full");

        ValueTask Tell(double done)
        {
            told.Add(done);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The sums of a block's rows, without the places that fill up its last tile.</summary>
    private static IEnumerable<long> RowsOf(long[] sums, SilhouetteBlock block) => sums.Chunk(block.Stride).SelectMany(group => group.Take(block.Rows));

    private static async Task<double[]> Of(StandardisedShards input, params double[][] fits)
    {
        var rows = await input.Shards.SampleAsync(0, (int)input.Scale.Rows, default);
        var scores = new List<double>();
        while (scores.Count < fits.Length)
            scores.AddRange(await Silhouette.OfFirstAsync(rows, fits[scores.Count..], input.Scale.DistanceExponent));
        return [.. scores];
    }

    private static double[] Centroids(StandardisedShards input, params double[] raw) =>
        [.. raw.Select((r, i) => (r - input.Scale.Mean[i % input.Scale.Columns]) / input.Scale.Deviation[i % input.Scale.Columns])];
}
