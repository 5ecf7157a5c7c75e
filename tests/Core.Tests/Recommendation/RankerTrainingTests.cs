using Auie.Core.Codecs;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Recommendation.Training;

namespace Auie.Core.Tests.Recommendation;

public sealed class RankerTrainingTests
{
    private static readonly Lazy<Examples> Some = new(() => new SomePast(11, learners: 60).Examples());

    [Fact]
    public void What_people_like_is_learnt_and_beats_weights_by_hand()
    {
        var learnt = RankerTraining.Choose([.. RankerTraining.Objectives.Select(objective => RankerTraining.Grow(Some.Value, objective, seed: 1, trees: 40, threads: 2))], null, Some.Value);
        learnt.Judgement.OverBaseline.Low.ShouldBeGreaterThan(0);
        learnt.Judgement.Ndcg.ShouldBe(learnt.Judgement.Baseline + learnt.Judgement.OverBaseline.Mean, 1e-9);
        learnt.Judgement.IsNotWorse.ShouldBeTrue();
        learnt.Forest.Trees.Length.ShouldBeInRange(1, 40);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        foreach (var objective in RankerTraining.Objectives)
        {
            var one = RankerTraining.Grow(Some.Value, objective, seed: 1, trees: 10, threads: 1).Forest;
            ForestCodec.Encode(new ForestBlend([RankerTraining.Grow(Some.Value, objective, seed: 1, trees: 10, threads: 3).Forest])).ShouldBe(ForestCodec.Encode(new ForestBlend([one])));
        }
    }

    [Fact]
    public void The_forest_that_ranks_the_validation_part_best_is_taken()
    {
        var (good, bad) = (new GrownForest(By(RecommendationColumn.Taste), RankingObjective.LambdaMart, .4), new GrownForest(By(RecommendationColumn.Shown), RankingObjective.Logistic, .3));
        RankerTraining.Choose([bad, good], null, Some.Value).Objective.ShouldBe(RankingObjective.LambdaMart);
        RankerTraining.Choose([bad, good with { Validation = .2 }], null, Some.Value).Objective.ShouldBe(RankingObjective.Logistic);
    }

    [Fact]
    public void A_ranker_that_is_worse_than_what_ranks_may_not_take_its_place()
    {
        var good = RankerTraining.Grow(Some.Value, RankingObjective.LambdaMart, seed: 1, trees: 40, threads: 2).Forest;
        var indifferent = new ForestRanker(new Forest(RecommendationFeatures.Columns, ForestOutput.Score, 0, []));
        var worse = RankerTraining.Judge(indifferent, new ForestRanker(good), Some.Value);
        worse.OverPublished!.Value.High.ShouldBeLessThan(0);
        worse.IsNotWorse.ShouldBeFalse();
        var same = RankerTraining.Judge(new ForestRanker(good), new ForestRanker(good), Some.Value);
        (same.OverPublished!.Value, same.IsNotWorse).ShouldBe((new BootstrapInterval(0, 0, 0), true));
        RankerTraining.Judge(LinearBaseline.Instance, null, Some.Value).OverBaseline.ShouldBe(new BootstrapInterval(0, 0, 0));
        (same with { OverBaseline = new BootstrapInterval(.01, -RankerJudgement.Tolerance, .02) }).IsNotWorse.ShouldBeFalse();
    }

    [Fact]
    public void A_published_ranker_of_version_1_is_these_bytes()
    {
        var ranker = new PublishedRanker(3, At, At.AddDays(-1), 900, 70_000, new LearntRanker(
            By(RecommendationColumn.Taste), RankingObjective.LambdaMart, new RankerJudgement(120, .5, .25, new BootstrapInterval(.25, .125, .375), .4375, new BootstrapInterval(.0625, 0, .125))));
        var bytes = PublishedRankerCodec.Encode(ranker);
        Convert.ToHexString(bytes).ShouldBe(Golden + Convert.ToHexString(ForestCodec.Encode(new ForestBlend([ranker.Learnt.Forest]))));
        var read = PublishedRankerCodec.Decode(bytes);
        (read.Version, read.TrainedAt, read.AsOf, read.Occasions, read.Rows, read.Name).ShouldBe((3, At, At.AddDays(-1), 900, 70_000, "ranker-3"));
        read.Learnt.Judgement.ShouldBe(ranker.Learnt.Judgement);
        read.Learnt.Objective.ShouldBe(RankingObjective.LambdaMart);
        PublishedRankerCodec.Encode(read).ShouldBe(bytes);
        var without = ranker with { Learnt = ranker.Learnt with { Objective = RankingObjective.Logistic, Judgement = ranker.Learnt.Judgement with { Published = null, OverPublished = null } } };
        PublishedRankerCodec.Decode(PublishedRankerCodec.Encode(without)).Learnt.Judgement.ShouldBe(without.Learnt.Judgement);
    }

    [Fact]
    public void Bytes_that_are_no_ranker_are_refused_wherever_they_are_cut()
    {
        var bytes = PublishedRankerCodec.Encode(new PublishedRanker(
            1, At, At, 1, 1, new LearntRanker(By(RecommendationColumn.Taste), RankingObjective.Logistic, new RankerJudgement(1, 1, 1, new BootstrapInterval(0, 0, 0)))));
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<CodecException>(() => PublishedRankerCodec.Decode(bytes.AsSpan(0, length)));
        var newer = (byte[])bytes.Clone();
        newer[0] = 2;
        Should.Throw<CodecException>(() => PublishedRankerCodec.Decode(newer)).Message.ShouldContain("version 2");
        var other = By(RecommendationColumn.Taste) with { Columns = [new RankingColumn("other"), .. RecommendationFeatures.Columns[1..]] };
        var forest = ForestCodec.Encode(new ForestBlend([other]));
        Should.Throw<CodecException>(() => PublishedRankerCodec.Decode([.. bytes[..^ForestCodec.Encode(new ForestBlend([By(RecommendationColumn.Taste)])).Length], .. forest])).Message.ShouldContain("other columns");
    }

    private const string Golden =
        "010380C0FBDD92EFA9EF0880C0D48A80D6A9EF088407F0A2040178000000000000E03F000000000000D03F000000000000D03F000000000000C03F000000000000D83F"
        + "01000000000000DC3F000000000000B03F0000000000000000000000000000C03F";

    private static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>One tree that prefers what has more of a column.</summary>
    private static Forest By(RecommendationColumn column) =>
        new(RecommendationFeatures.Columns, ForestOutput.Score, 0, [new RegressionTree([new TreeNode((int)column, 0, true, null, ~0, ~1)], [-1, 1])]);
}
