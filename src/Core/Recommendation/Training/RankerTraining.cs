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

/// <summary>What was learnt: a blend, by which objective, and how it was judged.</summary>
public sealed record LearntRanker(ForestBlend Blend, RankingObjective Objective, RankerJudgement Judgement);

/// <summary>Learns to rank from examples, as <see cref="RankerLearning"/> does, and has what was held out judge it. The same examples give the same bits for any number of threads.</summary>
public static class RankerTraining
{
    /// <summary>Learns all at once.</summary>
    public static LearntRanker Learn(Examples examples, IRanker? published, ulong seed, int threads, int trees = RankerLearning.Trees)
    {
        var choice = RankerLearning.Choose([.. RankerLearning.Objectives.Select(objective => GradientBoosting.Grow(RankerLearning.Try(examples.Train, objective, seed, threads, trees)))], examples.Validation);
        var rows = examples.ToLearn();
        return Judged([.. Enumerable.Range(0, RankerLearning.Members).Select(member => GradientBoosting.Grow(RankerLearning.Member(rows, choice, member, seed, threads)))], choice, published, examples);
    }

    /// <summary>Blends what was grown, and has what was held out judge it.</summary>
    /// <param name="published">What ranks now, where that is no baseline.</param>
    public static LearntRanker Judged(Forest[] members, LearningChoice choice, IRanker? published, Examples examples)
    {
        var blend = new ForestBlend(members);
        return new LearntRanker(blend, choice.Objective, Judge(blend, published, examples));
    }

    /// <summary>Compares rankers on what was held out, as they would be served: what the candidates had not brought, nobody finds.</summary>
    public static RankerJudgement Judge(IRanker ranker, IRanker? published, Examples examples)
    {
        var (own, baseline) = (ByUser(ranker), ByUser(LinearBaseline.Instance));
        var before = published is null ? null : ByUser(published);
        return new RankerJudgement(
            own.Length, own.Average(), baseline.Average(), PairedBootstrap.Difference(own, baseline), before?.Average(), before is null ? null : PairedBootstrap.Difference(own, before));

        double[] ByUser(IRanker one)
        {
            var values = RankingMetrics.OfGroups(examples.HeldOut, Scores(one, examples.HeldOut), RankerLearning.Metric);
            return [.. values.Zip(examples.HeldOutFound, (value, found) => found == 0 ? 0 : value * found).Zip(examples.HeldOutUsers)
                .GroupBy(group => group.Second).OrderBy(user => user.Key).Select(user => user.Average(group => group.First))];
        }
    }

    private static double[] Scores(IRanker ranker, RankingRows rows)
    {
        var scores = new float[rows.Count];
        ranker.Score(rows.Values, scores);
        return Array.ConvertAll(scores, score => (double)score);
    }
}
