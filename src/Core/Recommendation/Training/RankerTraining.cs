using System.Text.Json.Serialization;
using Auie.Core.Ranking;

namespace Auie.Core.Recommendation.Training;

/// <summary>How a ranker did on occasions that it did not learn from, beside others on the same.</summary>
/// <param name="Users">Over how many users the means are.</param>
/// <param name="Ndcg">Its mean NDCG of the first ten; of each user's occasions the mean counts.</param>
/// <param name="Baseline">That of <see cref="LinearBaseline"/>.</param>
/// <param name="OverBaseline">By how much it is better, paired by user, with a bootstrap's 95 % interval.</param>
/// <param name="Published">That of the ranker that was published; null where there was none.</param>
public sealed record RankerJudgement(
    int Users, double Ndcg, double Baseline, BootstrapInterval OverBaseline, double? Published = null, BootstrapInterval? OverPublished = null)
{
    /// <summary>What a ranker may at the most be worse by, at the lower bound of the interval.</summary>
    public const double Tolerance = .005;

    /// <summary>Whether it may take the place of what ranks now.</summary>
    [JsonIgnore]
    public bool IsNotWorse => OverBaseline.Low > -Tolerance && (OverPublished is not { } over || over.Low > -Tolerance);
}

/// <summary>What was learnt: a forest, how it was learnt, and how it was judged.</summary>
public sealed record LearntRanker(Forest Forest, RankingObjective Objective, RankerJudgement Judgement);

/// <summary>A forest by one objective, and how well it ranks the validation part.</summary>
public sealed record GrownForest(Forest Forest, RankingObjective Objective, double Validation);

/// <summary>
/// Learns to rank from examples: boosted trees by the logistic loss and by LambdaMART, of which the validation part chooses one and its number of trees; what was held out judges
/// it. The same examples give the same bits for any number of threads.
/// </summary>
public static class RankerTraining
{
    /// <summary>The most trees, so that candidates are scored in a fraction of a millisecond.</summary>
    public const int Trees = 200;

    private const int TreesPerStep = 20;

    /// <summary>What is measured, when trees are counted and when rankers are judged.</summary>
    public static RankingMetric Metric { get; } = new(RankingMetricKind.Ndcg, 10);

    /// <summary>What is tried.</summary>
    public static IReadOnlyList<RankingObjective> Objectives { get; } = [RankingObjective.Logistic, RankingObjective.LambdaMart];

    private static readonly BoostingOptions Boosting = new()
    {
        LearningRate = .06,
        RowShare = .8,
        Truncation = 20,
        Tree = new TreeOptions { MaxLeaves = 16, MinLeafRows = 20, L2 = 10, SplitColumnShare = .5 },
    };

    /// <summary>Learns by one objective, all at once.</summary>
    public static GrownForest Grow(Examples examples, RankingObjective objective, ulong seed, int threads, int trees = Trees)
    {
        var booster = Begin(examples, objective, seed, threads, trees);
        while (booster.Grow())
        {
        }

        return End(booster, objective, examples);
    }

    /// <summary>Begins to learn by one objective.</summary>
    public static Booster Begin(Examples examples, RankingObjective objective, ulong seed, int threads, int trees = Trees, CancellationToken cancellationToken = default) =>
        new(examples.Train, Boosting with { Trees = trees, Objective = objective, Seed = seed, Threads = threads }, cancellationToken: cancellationToken);

    /// <summary>Keeps as many of the first trees as the validation part is ranked best with.</summary>
    public static GrownForest End(Booster booster, RankingObjective objective, Examples examples)
    {
        var grown = booster.Forest;
        var (best, value) = Shorten(grown, examples.Validation);
        return new GrownForest(grown with { Trees = grown.Trees[..best] }, objective, value);
    }

    /// <summary>Takes the forest that ranks the validation part best, the first of equals, and has what was held out judge it.</summary>
    /// <param name="published">What ranks now, where that is no baseline.</param>
    public static LearntRanker Choose(IReadOnlyList<GrownForest> grown, IRanker? published, Examples examples)
    {
        var best = grown.MaxBy(one => one.Validation)!;
        return new LearntRanker(best.Forest, best.Objective, Judge(new ForestRanker(best.Forest), published, examples));
    }

    /// <summary>Compares rankers on what was held out.</summary>
    public static RankerJudgement Judge(IRanker ranker, IRanker? published, Examples examples)
    {
        var (own, baseline) = (ByUser(ranker), ByUser(LinearBaseline.Instance));
        var before = published is null ? null : ByUser(published);
        return new RankerJudgement(
            own.Length, own.Average(), baseline.Average(), PairedBootstrap.Difference(own, baseline), before?.Average(), before is null ? null : PairedBootstrap.Difference(own, before));

        double[] ByUser(IRanker one)
        {
            var values = RankingMetrics.OfGroups(examples.HeldOut, Scores(one, examples.HeldOut), Metric);
            return [.. values.Zip(examples.HeldOutUsers).GroupBy(group => group.Second).OrderBy(user => user.Key).Select(user => user.Average(group => group.First))];
        }
    }

    /// <summary>With how many of the first trees the validation rows are ranked best, and how well.</summary>
    private static (int Trees, double Value) Shorten(Forest forest, RankingRows rows)
    {
        var sums = new double[rows.Count];
        var some = new float[rows.Count];
        var (trees, best) = (0, double.NegativeInfinity);
        for (var from = 0; from < forest.Trees.Length; from += TreesPerStep)
        {
            var to = Math.Min(forest.Trees.Length, from + TreesPerStep);
            new ForestPredictor(forest with { Start = 0, Trees = forest.Trees[from..to] }).Predict(rows.Values, some);
            for (var row = 0; row < sums.Length; row++)
                sums[row] += some[row];
            if (RankingMetrics.Mean(rows, sums, Metric) is var value && value > best)
                (trees, best) = (to, value);
        }

        return (trees, best);
    }

    private static double[] Scores(IRanker ranker, RankingRows rows)
    {
        var scores = new float[rows.Count];
        ranker.Score(rows.Values, scores);
        return Array.ConvertAll(scores, score => (double)score);
    }
}
