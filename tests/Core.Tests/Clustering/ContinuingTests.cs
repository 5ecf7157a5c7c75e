using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

/// <summary>Sweeps that go on from known centroids under the scale that these were found under.</summary>
public sealed class ContinuingTests
{
    private const int Columns = 3;
    private static readonly SweepOptions Options = new() { KMin = 4, KMax = 4, Starts = 2 };

    // Before, and after some of the rows changed, some went and some came; none beyond the extremes of before.
    private static readonly double[] Before = TestRows.LogNormal(900, Columns, seed: 3, missing: 0.02);
    private static readonly double[] After = [.. Before.Skip(60 * Columns), .. Before.Take(30 * Columns).Select(v => v * 0.9)];

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, 5)]
    [InlineData(7, 6)]
    public async Task They_end_in_the_bits_of_a_full_run_from_the_same_start_over_any_number_of_shards(int shards, int? shuffle)
    {
        var found = await Sweep.RunAsync(TestRows.Spread(Before, Columns, 3), Options);
        var begin = await BeginAsync(found);
        // The full run: the scale applied to all rows, and Lloyd's iteration from the centroids.
        var input = await StandardisedShards.WithScaleAsync(TestRows.Spread(After, Columns, 4), begin.Scale, default);
        var expected = await KMeans.RefineAsync(input, found.Chosen.Fit.Centroids, new KMeansOptions { K = 4 });
        expected.Iterations.ShouldBeGreaterThan(1);

        var result = await Sweep.RunAsync(TestRows.Spread(After, Columns, shards, shuffle), begin.Options, begin);

        result.Chosen.Fit.ShouldBeEquivalentTo(expected);
        result.Scale.Mean.ShouldBe(found.Scale.Mean);
        (result.Scale.Rows, result.Chosen.Fit.Sizes.Sum()).ShouldBe((870, 870));
        var compared = await input.Shards.SampleAsync(0, 870, default);
        (await Silhouette.OfFirstAsync(compared, [expected.Centroids], begin.Scale.DistanceExponent)).ShouldBe([result.Chosen.Silhouette]);
    }

    [Fact]
    public async Task They_end_in_the_same_bits_after_any_interruption()
    {
        var begin = await BeginAsync(await Sweep.RunAsync(TestRows.Spread(Before, Columns, 3), Options));
        var checkpoints = new List<byte[]>();
        await Sweep.RunAsync(TestRows.Spread(After, Columns, 3), begin.Options, begin, Keep);
        var expected = checkpoints[^1];
        foreach (var checkpoint in checkpoints[..^1])
        {
            await Sweep.RunAsync(TestRows.Spread(After, Columns, 5, 1), begin.Options, SweepCheckpointCodec.Decode(checkpoint), Keep);
            checkpoints[^1].ShouldBe(expected);
        }

        ValueTask Keep(SweepCheckpoint at, CancellationToken cancellationToken)
        {
            checkpoints.Add(SweepCheckpointCodec.Encode(at));
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task Rows_that_did_not_change_have_no_drift_and_their_centroids_stay()
    {
        var found = await Sweep.RunAsync(TestRows.Spread(Before, Columns, 3), Options);
        (await DriftAsync(found.Scale, Before)).Size.ShouldBe(0);
        var begin = await BeginAsync(found, Before);

        var result = await Sweep.RunAsync(TestRows.Spread(Before, Columns, 2), begin.Options, begin);

        result.Chosen.Fit.Centroids.ShouldBe(found.Chosen.Fit.Centroids);
        result.Chosen.Fit.Iterations.ShouldBe(1);
    }

    [Fact]
    public async Task Drift_is_told_of_the_column_that_went_farthest_in_its_deviations()
    {
        // Means 0, deviations 1 and 2.
        double[] rows = [-1, -2, 1, 2];
        var kept = await Scaling.ComputeAsync(TestRows.Spread(rows, 2, 1), new ScaleOptions(), default);

        // Within the grid, the second column's mean goes to 1, and its deviation to 1.
        var moved = await DriftAsync(kept, [-1, 0, 1, 2]);
        moved.ShouldBe(new ScaleDrift(1, 0.5, 0.5, false));
        moved.Size.ShouldBe(0.5);
        // The grid reaches to some power of two; nothing beyond it can be told.
        var outside = await DriftAsync(kept, [-1, -2, 1000, 2]);
        (outside.Column, outside.IsOutside, outside.Size).ShouldBe((0, true, double.PositiveInfinity));
    }

    [Fact]
    public async Task A_constant_column_must_stay_what_it_was()
    {
        var kept = await Scaling.ComputeAsync(TestRows.Spread([5, 1, 5, 2], 2, 1), new ScaleOptions(), default);
        (await DriftAsync(kept, [5, 1, 5, 2])).Size.ShouldBe(0);
        (await DriftAsync(kept, [6, 1, 6, 2])).ShouldBe(new ScaleDrift(0, 0, 0, true));
        (await DriftAsync(kept, [5, 1, 6, 2])).IsOutside.ShouldBeTrue();
    }

    private static async Task<ScaleDrift> DriftAsync(Scale kept, double[] values)
    {
        var shards = TestRows.Spread(values, kept.Columns, 2);
        return ScaleDrift.Largest(kept, await Scaling.ComputeAsync(shards, new ScaleOptions(), default), await shards.ExtremesAsync(default));
    }

    private static async Task<SweepCheckpoint> BeginAsync(SweepResult found, double[]? rows = null) => SweepCheckpoint.Continuing(
        new SweepOptions { KMin = 2, KMax = 9, Seed = 5 }, found.Scale,
        await Scaling.ComputeAsync(TestRows.Spread(rows ?? After, Columns, 1), new ScaleOptions(), default), found.Chosen.Fit.Centroids);
}
