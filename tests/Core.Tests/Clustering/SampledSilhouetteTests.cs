using System.Runtime.Intrinsics;
using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Tests.Clustering;

public sealed class SampledSilhouetteTests
{
    [Theory]
    [InlineData("groups", 0.95)]
    [InlineData("unequal", 0.95)]
    [InlineData("log-normal", 0.95)]
    [InlineData("one crowd", 0.8)]
    public async Task Over_many_draws_the_exact_one_is_within_the_stated_error_as_often_as_stated(string shape, double confidence)
    {
        const int draws = 200;
        var values = Shape(shape);
        var (shards, exact, fit) = await FitAsync(values, 3, 4);
        var (proved, practical) = (0, 0);
        for (var seed = 0; seed < draws; seed++)
        {
            var score = (await Of(shards, 400, (ulong)seed, confidence, fit))[0];
            proved += Math.Abs(score.Value - exact) <= score.Error ? 1 : 0;
            practical += Math.Abs(score.Value - exact) <= score.PracticalError ? 1 : 0;
            score.PracticalError!.Value.ShouldBeLessThan(score.Error!.Value);
        }

        proved.ShouldBeGreaterThanOrEqualTo((int)(confidence * draws));
        // About as often as stated: within three deviations of the count.
        practical.ShouldBeGreaterThanOrEqualTo((int)((confidence * draws) - (3 * Math.Sqrt(draws * confidence * (1 - confidence)))));
        // And not by being so wide that nothing is said.
        practical.ShouldBeLessThan(draws);
    }

    [Fact]
    public void At_50_000_rows_of_a_million_even_the_widest_spread_is_told_to_two_hundredths()
    {
        // No values within -1 to 1 spread more than those at the ends.
        var score = SilhouetteScore.OfSample(0, 1, 50_000, 1_000_000, 0.95);
        score.Error!.Value.ShouldBeLessThan(0.02);
        score.PracticalError!.Value.ShouldBeLessThan(0.01);
    }

    [Fact]
    public async Task A_sample_of_all_rows_is_the_exact_silhouette_bit_for_bit_and_has_no_error()
    {
        var (shards, exact, fit) = await FitAsync(TestRows.LogNormal(1_000, 3, seed: 4), 3, 5);
        (await Of(shards, 1_000, 1, 0.95, fit)).ShouldBe([new SilhouetteScore(exact, SilhouetteMethod.SampledRows, 1_000, 0, 0, 1)]);
    }

    [Fact]
    public async Task Many_fits_at_once_score_as_each_by_itself()
    {
        // So many and so large that they take several passes.
        var shards = TestRows.Spread(TestRows.LogNormal(1_500, 4, seed: 6), 4, 3);
        var input = await StandardisedShards.PrepareAsync(shards, new ScaleOptions(), default);
        var fits = new List<KMeansFit>();
        foreach (var k in new[] { 2, 5, 90, 3, 250, 255 })
            fits.Add(await KMeans.FitAsync(input, new KMeansOptions { K = k, Starts = 1, MaxIterations = 3 }));
        var sample = await shards.SampleAsync(3, 200, default);
        var together = new List<SilhouetteScore>();
        while (together.Count < fits.Count)
            together.AddRange(await SampledSilhouette.OfFirstAsync(shards, sample, fits[together.Count..], 0.95));
        for (var i = 0; i < fits.Count; i++)
            (await SampledSilhouette.OfFirstAsync(shards, sample, [fits[i]], 0.95)).ShouldBe([together[i]], $"fit {i}");
    }

    [Fact]
    public async Task It_has_the_same_bits_for_any_number_of_shards_and_order()
    {
        var values = TestRows.LogNormal(1_200, 5, seed: 7, missing: 0.02);
        var (_, _, fit) = await FitAsync(values, 5, 4);
        var expected = await Spread(1, null);
        expected[0].PracticalError.ShouldNotBe(0);
        foreach (var (shards, shuffle) in new (int, int?)[] { (2, null), (7, 1), (64, 2) })
            (await Spread(shards, shuffle)).ShouldBe(expected);

        async Task<SilhouetteScore[]> Spread(int shards, int? shuffle)
        {
            var spread = TestRows.Spread(values, 5, shards, shuffle);
            await StandardisedShards.PrepareAsync(spread, new ScaleOptions(), default);
            return await Of(spread, 100, 9, 0.9, fit);
        }
    }

    [Fact]
    public void Every_width_gives_the_sums_of_plain_loops()
    {
        const int columns = 7;
        var values = TestRows.LogNormal(64 + 333, columns, seed: 5).Select(v => (float)v * Silhouette.Factor(40)).ToArray();
        var (points, rows) = (values[..(64 * columns)], values[(64 * columns)..]);
        int[] starts = [0, 1, 4, 70, 70, 333];
        var tile = Tiles.FromRows(points, columns);
        var expected = new long[5 * 64];
        for (var g = 0; g < 5; g++)
        {
            for (var j = starts[g]; j < starts[g + 1]; j++)
            {
                for (var p = 0; p < 64; p++)
                    expected[(g * 64) + p] += (long)(MathF.Sqrt(ScalarAssignmentKernel.SquaredDistance(points.AsSpan(p * columns, columns), rows.AsSpan(j * columns, columns))));
            }
        }

        expected[^1].ShouldBeGreaterThan(0);
        Sums<Lanes128, Vector128<float>>().ShouldBe(expected);
        Sums<Lanes256, Vector256<float>>().ShouldBe(expected);
        Sums<Lanes512, Vector512<float>>().ShouldBe(expected);

        long[] Sums<TLanes, TVector>()
            where TLanes : ILanes<TVector>
            where TVector : struct
        {
            var sums = new long[5 * 64];
            DistanceSumKernel<TLanes, TVector>.Sum(tile, columns, rows, starts, sums);
            return sums;
        }
    }

    [Fact]
    public async Task Its_work_tells_how_far_it_is_and_can_be_stopped()
    {
        var (shards, _, fit) = await FitAsync(Shape("groups"), 3, 4);
        var sample = await shards.SampleAsync(0, 1_500, default);
        var told = new List<double>();
        await SampledSilhouette.OfFirstAsync(shards, sample, [fit, fit], 0.95, done =>
        {
            told.Add(done);
            return ValueTask.CompletedTask;
        });
        told[^1].ShouldBe(2);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => SampledSilhouette.OfFirstAsync(shards, sample, [fit], 0.95, cancellationToken: stopped.Token));
    }

    private static double[] Shape(string name) => name switch
    {
        "groups" => TestRows.Groups(3_000, 3, 4, seed: 1),
        "unequal" => [.. TestRows.Groups(2_700, 3, 1, seed: 2), .. TestRows.Groups(270, 3, 2, seed: 3, spread: 0.3), .. TestRows.Groups(30, 3, 1, seed: 4).Select(v => v + 30)],
        "log-normal" => TestRows.LogNormal(3_000, 3, seed: 5),
        _ => TestRows.Groups(3_000, 3, 1, seed: 6),
    };

    private static async Task<(LocalShards Shards, double Exact, KMeansFit Fit)> FitAsync(double[] values, int columns, int k)
    {
        var shards = TestRows.Spread(values, columns, 3);
        var input = await StandardisedShards.PrepareAsync(shards, new ScaleOptions(), default);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = k, Starts = 2 });
        var all = await shards.SampleAsync(0, values.Length / columns, default);
        return (shards, (await Silhouette.OfFirstAsync(all, [fit.Centroids], input.Scale.DistanceExponent))[0], fit);
    }

    private static async Task<SilhouetteScore[]> Of(LocalShards shards, int count, ulong seed, double confidence, params KMeansFit[] fits) =>
        await SampledSilhouette.OfFirstAsync(shards, await shards.SampleAsync(seed, count, default), fits, confidence);
}
