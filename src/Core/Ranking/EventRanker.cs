namespace Auie.Core.Ranking;

/// <summary>
/// How the engine learns to rank events: a blend of boosted trees of several seeds. Its options were chosen by cross-validation on other folds than
/// those that figures are reported on (docs/ranking.md).
/// </summary>
public static class EventRanker
{
    private const int Seeds = 5;

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
        var options = Options with { Threads = threads ?? Environment.ProcessorCount };
        var forests = Enumerable.Range(0, Seeds)
            .Select(member => GradientBoosting.Fit(rows, options with { Seed = StableHash.Derive(seed, (ulong)member) }, cancellationToken: cancellationToken));
        return new ForestBlend([.. forests]);
    }
}
