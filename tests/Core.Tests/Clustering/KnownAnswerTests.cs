using Auie.Core.Clustering;
using Auie.Tests.Shared;

namespace Auie.Core.Tests.Clustering;

/// <summary>
/// The answers shown to users of the Event Recommendation Engine Challenge, whose best known clustering and silhouettes are on record.
/// </summary>
public sealed class KnownAnswerTests
{
    private const int Columns = 4;

    [RealDataFact]
    public async Task Five_personas_are_found_at_the_best_known_inertia()
    {
        var shards = LocalShards.Split(EventChallenge.Rows(), Columns, shards: 5);
        var result = await Sweep.RunAsync(shards, new SweepOptions { KMin = 3, KMax = 8 });

        result.Chosen.Fit.K.ShouldBe(5);
        result.Chosen.Fit.Inertia.ShouldBeLessThanOrEqualTo(1.0001 * 11886.775);

        // A better clustering than the one on record may score otherwise.
        double[] silhouettes = [.4940, .5134, .5437, .5029, .4607, .4373];
        double[] inertias = [22788.1, 16677.7, 11886.8, 9636.3, 8036.4, 6944.4];
        for (var i = 0; i < silhouettes.Length; i++)
        {
            var fit = result.Fits[i];
            fit.Fit.Inertia.ShouldBeLessThanOrEqualTo(1.0001 * inertias[i], $"k = {i + 3}");
            if (fit.Fit.Inertia >= .9999 * inertias[i])
                fit.Silhouette.ShouldBe(silhouettes[i], .002, $"k = {i + 3}");
        }

        var input = await StandardisedShards.WithScaleAsync(shards, result.Scale, default);
        var summary = await input.SummariseAsync(result.Chosen.Fit.Centroids, default);
        var order = Enumerable.Range(0, 5).OrderByDescending(k => summary.Sizes[k]).ToArray();
        (long Size, double[] Means)[] personas =
        [
            (6468, [1990.20, 754.6, 0, 0]), (2761, [1990.59, 936.1, 1, 0]), (1336, [1992.29, 3195.7, .161, 0]),
            (564, [1959.37, 767.0, .191, .004]), (384, [1981.99, 1128.8, 0, 1]),
        ];
        for (var i = 0; i < 5; i++)
        {
            ((double)summary.Sizes[order[i]]).ShouldBe(personas[i].Size, .01 * personas[i].Size + 3);
            for (var c = 0; c < Columns; c++)
                summary.Means[(order[i] * Columns) + c].ShouldBe(personas[i].Means[c], c switch { 0 => .2, 1 => 20, _ => .005 }, $"cluster {i}, column {c}");
        }
    }
}
