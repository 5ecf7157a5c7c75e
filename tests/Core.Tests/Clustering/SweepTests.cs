using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

public sealed class SweepTests
{
    [Fact]
    public async Task The_highest_silhouette_chooses_the_number_of_clusters()
    {
        var values = Enumerable.Range(0, 600).SelectMany(i => new[] { (i % 4 * 10) + (i % 7 * 0.1), (i % 2 * 20) + (i % 5 * 0.1) }).ToArray();
        var result = await Sweep.RunAsync(TestRows.Spread(values, 2, 3), new SweepOptions { KMin = 2, KMax = 7, Starts = 4 });
        result.Fits.Select(f => f.Fit.RequestedK).ShouldBe([2, 3, 4, 5, 6, 7]);
        result.Chosen.Fit.K.ShouldBe(4);
        result.Chosen.Silhouette.ShouldBe(result.Fits.Max(f => f.Silhouette));
        result.Fits.ShouldAllBe(f => f.Score == SilhouetteScore.Exact(f.Silhouette, 600));
    }

    [Fact]
    public async Task Of_equal_silhouettes_the_fewest_clusters_win()
    {
        double[] values = [.. Enumerable.Range(0, 30).Select(i => (double)(i % 3))];
        var result = await Sweep.RunAsync(TestRows.Spread(values, 1, 2), new SweepOptions { KMin = 2, KMax = 6, Starts = 2 });
        result.Fits.Select(f => f.Fit.K).ShouldBe([2, 3, 3, 3, 3]);
        result.Chosen.Fit.RequestedK.ShouldBe(3);
        result.Chosen.Silhouette.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_that_are_all_alike_score_0()
    {
        var result = await Sweep.RunAsync(TestRows.Spread([2, 2, 2, 2], 1, 1), new SweepOptions { KMin = 2, KMax = 3 });
        result.Fits.ShouldAllBe(f => f.Fit.K == 1 && f.Silhouette == 0);
    }

    [Fact]
    public async Task A_sampled_silhouette_says_so_and_how_far_it_may_be_from_the_exact_one()
    {
        var values = TestRows.Groups(5000, 4, 4, seed: 31);
        var options = new SweepOptions { KMin = 4, KMax = 4, Starts = 1 };
        var exact = (await Sweep.RunAsync(TestRows.Spread(values, 4, 3), options)).Fits[0];
        var sampled = (await Sweep.RunAsync(TestRows.Spread(values, 4, 3), options with { ExactSilhouetteRows = 4999, SampleRows = 2500 })).Fits[0];
        (sampled.Score.Method, sampled.Score.Rows, sampled.Score.Confidence).ShouldBe((SilhouetteMethod.SampledRows, 2500, 0.95));
        sampled.Silhouette.ShouldBe(exact.Silhouette, sampled.Score.Error!.Value);
        sampled.Silhouette.ShouldNotBe(exact.Silhouette);
    }

    [Fact]
    public async Task Starts_from_the_centroids_of_one_cluster_fewer_never_make_a_fit_worse_and_find_what_fresh_seeds_miss()
    {
        var better = 0;
        foreach (var values in new[] { TestRows.Groups(1_500, 3, 14, seed: 2, spread: 0.4), TestRows.LogNormal(1_200, 3, seed: 5), TestRows.Groups(900, 3, 1, seed: 9) })
        {
            var options = new SweepOptions { KMin = 3, KMax = 12, Starts = 1, Seed = 3 };
            var result = await Sweep.RunAsync(TestRows.Spread(values, 3, 3), options);
            var input = await TestRows.Standardised(values, 3);
            foreach (var (fit, _) in result.Fits)
            {
                var fresh = await KMeans.FitAsync(input, new KMeansOptions { K = fit.RequestedK, Starts = 1, Seed = 3 });
                fit.Inertia.ShouldBeLessThanOrEqualTo(fresh.Inertia);
                fit.Start.ShouldBe(fit.Inertia < fresh.Inertia ? 1 : 0);
                better += fit.Start;
            }
        }

        better.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task One_that_was_only_begun_goes_on_as_any_other()
    {
        var values = TestRows.LogNormal(700, 3, seed: 4);
        var options = new SweepOptions { KMin = 2, KMax = 5, Starts = 1 };
        var expected = await Sweep.RunAsync(TestRows.Spread(values, 3, 2), options);

        var begun = await Sweep.BeginAsync(TestRows.Spread(values, 3, 3), options, default);
        begun.Fraction.ShouldBe(0);
        var result = await Sweep.RunAsync(TestRows.Spread(values, 3, 5), options, begun);

        result.Fits.Select(fit => fit.Silhouette).ShouldBe(expected.Fits.Select(fit => fit.Silhouette));
        result.Fits.ShouldAllBe(fit => fit.Fit.Centroids.SequenceEqual(expected.Fits[fit.Fit.RequestedK - 2].Fit.Centroids));
    }

    [Fact]
    public async Task Progress_goes_from_0_to_1_and_names_what_is_done()
    {
        var seen = new List<SweepCheckpoint>();
        await Sweep.RunAsync(TestRows.Spread(TestRows.Groups(300, 2, 3, seed: 1), 2, 2), new SweepOptions { KMin = 2, KMax = 4, Starts = 2 }, onProgress: (at, _) =>
        {
            seen.Add(at);
            return ValueTask.CompletedTask;
        });
        seen[0].Fraction.ShouldBe(0);
        seen[^1].Fraction.ShouldBe(1);
        seen[^1].Phase.ShouldBe(SweepPhase.Done);
        seen.Zip(seen.Skip(1)).ShouldAllBe(pair => pair.First.Fraction <= pair.Second.Fraction);
        seen.Select(s => s.K).Distinct().ShouldBe([2, 3, 4]);
        seen.ShouldContain(s => s.Phase == SweepPhase.Fitting && s.Start == 1 && s.Iteration > 0);
        seen.ShouldContain(s => s.Phase == SweepPhase.Scoring && s.Passed > 0);
    }

    [Fact]
    public async Task What_progress_throws_ends_the_sweep() =>
        (await Should.ThrowAsync<InvalidDataException>(() => Sweep.RunAsync(
            TestRows.Spread([1, 2, 3], 1, 1), new SweepOptions(), onProgress: (_, _) => throw new InvalidDataException("full")))).Message.ShouldBe("full");

    [Fact]
    public async Task Options_out_of_range_and_checkpoints_of_others_are_refused()
    {
        var shards = TestRows.Spread([1, 2, 3, 4], 1, 1);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Sweep.RunAsync(shards, new SweepOptions { KMin = 1 }));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Sweep.RunAsync(shards, new SweepOptions { KMin = 4, KMax = 3 }));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Sweep.RunAsync(shards, new SweepOptions { KMax = 256 }));
        var checkpoint = SweepCheckpointCodec.Decode(SweepCheckpointCodec.Encode(SweepCheckpointCodecTests.Example));
        (await Should.ThrowAsync<ArgumentException>(() => Sweep.RunAsync(shards, new SweepOptions { Seed = 99 }, checkpoint))).Message.ShouldContain("other options");
    }
}
