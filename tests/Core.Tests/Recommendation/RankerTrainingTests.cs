using Auie.Core.Codecs;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Recommendation.Training;

namespace Auie.Core.Tests.Recommendation;

public sealed class RankerTrainingTests
{
    private static readonly Lazy<Examples> Some = new(() => new SomePast(11, learners: 60).Examples());
    private static readonly Lazy<LearntRanker> Learnt = new(() => RankerTraining.Learn(Some.Value, null, seed: 1, threads: 2, trees: 20));

    [Fact]
    public void What_people_like_is_learnt_and_beats_weights_by_hand()
    {
        var learnt = Learnt.Value;
        learnt.Judgement.OverBaseline.Low.ShouldBeGreaterThan(0);
        learnt.Judgement.Ndcg.ShouldBe(learnt.Judgement.Baseline + learnt.Judgement.OverBaseline.Mean, 1e-9);
        learnt.Judgement.IsNotWorse.ShouldBeTrue();
        learnt.Blend.Forests.Length.ShouldBe(RankerLearning.Members);
        learnt.Blend.Forests.ShouldAllBe(forest => forest.Trees.Length >= 1 && forest.Trees.Length <= 20);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes() =>
        ForestCodec.Encode(RankerTraining.Learn(Some.Value, null, seed: 1, threads: 3, trees: 4).Blend).ShouldBe(ForestCodec.Encode(RankerTraining.Learn(Some.Value, null, seed: 1, threads: 1, trees: 4).Blend));

    /// <summary>What is judged on an event challenge's tables is what is served: one recipe, one type, and the bytes that a silo loads score as it did when it was judged.</summary>
    [Fact]
    public void What_is_judged_is_what_is_served()
    {
        var bytes = PublishedRankerCodec.Encode(new PublishedRanker(1, At, At, 1, 1, Learnt.Value));
        var served = PublishedRankerCodec.Decode(bytes).Ranker.ShouldBeOfType<ForestBlend>();
        ForestCodec.Encode(served).ShouldBe(ForestCodec.Encode(Learnt.Value.Blend));
        RankerTraining.Judge(served, null, Some.Value).ShouldBe(Learnt.Value.Judgement);

        // By the recipe that the evaluation fits: the same rows give its members the same bytes, whichever of the two asks.
        var rows = Some.Value.ToLearn();
        var judged = RankerLearning.Fit(rows, seed: 5, threads: 2, trees: 4).ShouldBeOfType<ForestBlend>();
        var choice = new LearningChoice(judged.Forests[0].Output == ForestOutput.LogOdds ? RankingObjective.Logistic : RankingObjective.LambdaMart, judged.Forests[0].Trees.Length);
        ForestCodec.Encode(new ForestBlend([.. Enumerable.Range(0, RankerLearning.Members).Select(member => GradientBoosting.Grow(RankerLearning.Member(rows, choice, member, seed: 5, threads: 1)))]))
            .ShouldBe(ForestCodec.Encode(judged));
    }

    [Fact]
    public void Another_objective_and_fewer_trees_are_taken_only_where_they_rank_better_beyond_doubt()
    {
        var (good, bad) = (By(RecommendationColumn.Shown), Turned(By(RecommendationColumn.Shown)));
        RankerLearning.Choose([bad, good], Some.Value.Validation).Objective.ShouldBe(RankingObjective.LambdaMart);
        RankerLearning.Choose([good, bad], Some.Value.Validation).Objective.ShouldBe(RankingObjective.Logistic);
        RankerLearning.Choose([good, good], Some.Value.Validation).Objective.ShouldBe(RankingObjective.Logistic);

        // Twenty good trees, and twenty that turn the order around.
        var tree = good.Trees[0];
        var spoilt = good with { Trees = [.. Enumerable.Repeat(tree, 20), .. Enumerable.Repeat(Turned(good).Trees[0] with { Leaves = [3, -3] }, 20)] };
        RankerLearning.Choose([spoilt, bad], Some.Value.Validation).Trees.ShouldBe(20);
        RankerLearning.Choose([good with { Trees = [.. Enumerable.Repeat(tree, 40)] }, bad], Some.Value.Validation).Trees.ShouldBe(40);
    }

    [Fact]
    public void A_ranker_that_is_worse_than_what_ranks_may_not_take_its_place()
    {
        var good = Learnt.Value.Blend;
        var indifferent = new ForestBlend([new Forest(RecommendationFeatures.Columns, ForestOutput.Score, 0, [])]);
        var worse = RankerTraining.Judge(indifferent, good, Some.Value);
        worse.OverPublished!.Value.High.ShouldBeLessThan(0);
        worse.IsNotWorse.ShouldBeFalse();
        var same = RankerTraining.Judge(good, good, Some.Value);
        (same.OverPublished!.Value, same.IsNotWorse).ShouldBe((new BootstrapInterval(0, 0, 0), true));
        RankerTraining.Judge(LinearBaseline.Instance, null, Some.Value).OverBaseline.ShouldBe(new BootstrapInterval(0, 0, 0));
        (same with { OverBaseline = new BootstrapInterval(.01, -RankerJudgement.Tolerance, .02) }).IsNotWorse.ShouldBeFalse();
    }

    [Fact]
    public void What_candidates_do_not_bring_is_missed_by_whatever_ranks_them()
    {
        var all = Some.Value with { HeldOutFound = [.. Some.Value.HeldOutFound.Select(found => found == 0 ? 0 : 1.0)] };
        var half = Some.Value with { HeldOutFound = [.. Some.Value.HeldOutFound.Select(found => found == 0 ? 0 : .5)] };
        var (whole, missed) = (RankerTraining.Judge(Learnt.Value.Blend, null, all), RankerTraining.Judge(Learnt.Value.Blend, null, half));
        missed.Ndcg.ShouldBe(whole.Ndcg / 2, 1e-9);
        missed.Baseline.ShouldBe(whole.Baseline / 2, 1e-9);
    }

    [Fact]
    public void Being_shown_again_never_raises_what_a_trained_ranker_says()
    {
        // In this past people want what they are shown again: without the constraint trees would learn that.
        var rows = Some.Value.HeldOut;
        var (width, scores) = (rows.Columns.Length, new float[12]);
        for (var row = 0; row < rows.Count; row += 97)
        {
            var some = new float[scores.Length * width];
            for (var shown = 0; shown < scores.Length; shown++)
            {
                rows.Row(row).CopyTo(some.AsSpan(shown * width));
                some[shown * width + (int)RecommendationColumn.Shown] = shown;
            }

            Learnt.Value.Blend.Score(some, scores);
            scores.ShouldBeInOrder(SortDirection.Descending);
        }

        RecommendationFeatures.Columns[(int)RecommendationColumn.Shown].Name.ShouldBe(RankerLearning.ShownBefore);
    }

    [Fact]
    public void A_published_ranker_of_version_2_is_these_bytes()
    {
        var ranker = new PublishedRanker(3, At, At.AddDays(-1), 900, 70_000, new LearntRanker(
            new ForestBlend([By(RecommendationColumn.Taste), By(RecommendationColumn.Wanted)]), RankingObjective.LambdaMart, new RankerJudgement(120, .5, .25, new BootstrapInterval(.25, .125, .375), .4375, new BootstrapInterval(.0625, 0, .125))));
        var bytes = PublishedRankerCodec.Encode(ranker);
        Convert.ToHexString(bytes).ShouldBe(Golden + Convert.ToHexString(ForestCodec.Encode(ranker.Learnt.Blend)));
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
            1, At, At, 1, 1, new LearntRanker(new ForestBlend([By(RecommendationColumn.Taste)]), RankingObjective.Logistic, new RankerJudgement(1, 1, 1, new BootstrapInterval(0, 0, 0)))));
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<CodecException>(() => PublishedRankerCodec.Decode(bytes.AsSpan(0, length)));
        var newer = (byte[])bytes.Clone();
        newer[0] = 3;
        Should.Throw<CodecException>(() => PublishedRankerCodec.Decode(newer)).Message.ShouldContain("version 3");
        // One of before is of other columns: it says what to do.
        newer[0] = 1;
        Should.Throw<CodecException>(() => PublishedRankerCodec.Decode(newer)).Message.ShouldContain("train anew");
        var other = By(RecommendationColumn.Taste) with { Columns = [new RankingColumn("other"), .. RecommendationFeatures.Columns[1..]] };
        var forest = ForestCodec.Encode(new ForestBlend([other]));
        Should.Throw<CodecException>(() => PublishedRankerCodec.Decode([.. bytes[..^ForestCodec.Encode(new ForestBlend([By(RecommendationColumn.Taste)])).Length], .. forest])).Message.ShouldContain("other columns");
    }

    private const string Golden =
        "020380C0FBDD92EFA9EF0880C0D48A80D6A9EF088407F0A2040178000000000000E03F000000000000D03F000000000000D03F000000000000C03F000000000000D83F"
        + "01000000000000DC3F000000000000B03F0000000000000000000000000000C03F";

    private static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static Forest Turned(Forest forest) => forest with { Trees = [forest.Trees[0] with { Leaves = [.. forest.Trees[0].Leaves.Reverse()] }] };

    /// <summary>One tree that prefers what has more of a column.</summary>
    private static Forest By(RecommendationColumn column) =>
        new(RecommendationFeatures.Columns, ForestOutput.Score, 0, [new RegressionTree([new TreeNode((int)column, 0, true, null, ~0, ~1)], [-1, 1])]);
}
