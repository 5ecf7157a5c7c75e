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
            var scores = await spread.SilhouetteAsync(fit.Centroids, fit.Sizes, default);
            var expected = Definition.Silhouette(TestRows.Points(values, input.Scale), await TestRows.LabelsById(spread, fit.Centroids));
            Silhouette.Mean(scores, rows).ShouldBe(expected, 1e-6);
        }
    }

    [Fact]
    public async Task A_row_alone_in_its_cluster_counts_0()
    {
        var (shards, input) = await Prepared([0, 0, 10]);
        var scores = await shards.SilhouetteAsync(Centroids(input, 0, 10), [2, 1], default);
        // The two at 0: a = 0, b = 10, so 1 each.
        Silhouette.Mean(scores, 3).ShouldBe(2.0 / 3, 1e-12);
    }

    [Fact]
    public async Task One_cluster_scores_0()
    {
        var (shards, input) = await Prepared([0, 1, 10]);
        Silhouette.Mean(await shards.SilhouetteAsync(Centroids(input, 5), [3], default), 3).ShouldBe(0);
    }

    [Fact]
    public async Task A_cluster_without_rows_is_no_neighbour()
    {
        var (shards, input) = await Prepared([0, 1, 10, 11]);
        var two = await shards.SilhouetteAsync(Centroids(input, 0.5, 10.5), [2, 2], default);
        var three = await shards.SilhouetteAsync(Centroids(input, 0.5, 10.5, 9000), [2, 2, 0], default);
        Silhouette.Mean(three, 4).ShouldBe(Silhouette.Mean(two, 4));
    }

    [Fact]
    public void Every_width_gives_the_same_sums()
    {
        var values = TestRows.LogNormal(333, 7, seed: 5).Select(v => (float)v).ToArray();
        var labels = Enumerable.Range(0, 333).Select(i => i % 11 % 6).ToArray();
        var block = SilhouetteBlock.Of(values.AsSpan(0, 200 * 7), 7, labels.AsSpan(0, 200), 6);
        var other = SilhouetteBlock.Of(values.AsSpan(200 * 7), 7, labels.AsSpan(200), 6);
        var factor = Silhouette.Factor(40);
        var expected = Sums<Lanes128>();
        Sums<Lanes256>().ShouldBe(expected);
        Sums<Lanes512>().ShouldBe(expected);

        long[] Sums<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            var (own, others) = (new long[200 * 6], new long[133 * 6]);
            SilhouetteKernel<TLanes>.Run(block, block, factor, own, [], within: true);
            SilhouetteKernel<TLanes>.Run(block, other, factor, own, others, within: false);
            return [.. own, .. others];
        }
    }

    [Fact]
    public void Each_pair_of_rows_is_counted_once_from_either_side()
    {
        var values = TestRows.Groups(150, 3, 4, seed: 3).Select(v => (float)v).ToArray();
        var labels = Enumerable.Range(0, 150).Select(i => i * i % 5).ToArray();
        var (one, two) = (SilhouetteBlock.Of(values.AsSpan(0, 210), 3, labels.AsSpan(0, 70), 5), SilhouetteBlock.Of(values.AsSpan(210), 3, labels.AsSpan(70), 5));
        var (forward, backward) = ((new long[70 * 5], new long[80 * 5]), (new long[70 * 5], new long[80 * 5]));
        Silhouette.Between(one, two, 6, forward.Item1, forward.Item2);
        Silhouette.Between(two, one, 6, backward.Item2, backward.Item1);
        forward.Item1.ShouldBe(backward.Item1);
        forward.Item2.ShouldBe(backward.Item2);

        var own = new long[70 * 5];
        Silhouette.Within(one, 6, own);
        var unit = Math.ScaleB(1, 6 - 30);
        for (var r = 0; r < 70; r++)
        {
            for (var k = 0; k < 5; k++)
            {
                var expected = Enumerable.Range(one.Starts[k], one.Starts[k + 1] - one.Starts[k])
                    .Sum(j => Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow((double)one.Values[(r * 3) + c] - one.Values[(j * 3) + c], 2))));
                (own[(r * 5) + k] * unit).ShouldBe(expected, (1e-6 * expected) + 1e-5);
            }
        }
    }

    [Fact]
    public void Sums_of_the_wrong_length_and_blocks_that_do_not_match_are_refused()
    {
        var block = new SilhouetteBlock([1, 2], 1, [0, 1, 2]);
        Should.Throw<ArgumentException>(() => Silhouette.Within(block, 3, new long[3]));
        Should.Throw<ArgumentException>(() => Silhouette.Between(block, new SilhouetteBlock([1, 2], 1, [0, 1, 1, 2]), 3, new long[4], new long[6]));
    }

    private static async Task<(LocalShards, StandardisedShards)> Prepared(double[] values)
    {
        var shards = TestRows.Spread(values, 1, 2);
        return (shards, await StandardisedShards.PrepareAsync(shards, new ScaleOptions(), default));
    }

    private static double[] Centroids(StandardisedShards input, params double[] raw) =>
        [.. raw.Select(r => (r - input.Scale.Mean[0]) / input.Scale.Deviation[0])];
}
