using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>
/// How the engine learns to rank events: a blend of boosted trees of several seeds. Its options were chosen by cross-validation on other folds than
/// those that figures are reported on (docs/ranking.md).
/// </summary>
public static class EventRanker
{
    private const int Seeds = 4, ManyRows = 200_000;

    /// <summary>What each member is boosted by.</summary>
    public static BoostingOptions Options { get; } = new()
    {
        Trees = 400,
        LearningRate = 0.025,
        RowShare = 0.8,
        Tree = new TreeOptions { MaxLeaves = 31, MinLeafRows = 10, L2 = 10, SplitColumnShare = 0.3 },
    };

    /// <exception cref="ArgumentException">There are no rows.</exception>
    public static ForestBlend Fit(RankingRows rows, ulong seed = 1, int? threads = null, CancellationToken cancellationToken = default)
    {
        var forests = new Forest[Seeds];
        var all = threads ?? Environment.ProcessorCount;
        // Few rows are learnt from sooner by each thread for itself.
        var each = rows.Count < ManyRows ? 1 : all;
        ParallelSteps.Run(Seeds, each == 1 ? all : 1, member => forests[member] = GradientBoosting.Fit(
            rows, Options with { Threads = each, Seed = StableHash.Derive(seed, (ulong)member) }, cancellationToken: cancellationToken), cancellationToken);
        return new ForestBlend(forests);
    }
}
