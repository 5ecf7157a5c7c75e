using Auie.Core.Ranking;

namespace Auie.Core.Tests.Ranking;

public sealed class GradientBoostingTests
{
    private static readonly BoostingOptions Usual = new()
    {
        Trees = 12, RowShare = 0.7, Threads = 1, Tree = new TreeOptions { MaxLeaves = 16, MinLeafRows = 5, ColumnShare = 0.8, SplitColumnShare = 0.6 },
    };

    // So many rows that every step is shared out among threads.
    [Theory]
    [InlineData(RankingObjective.Logistic, TreeGrowth.LeafWise, 1.0)]
    [InlineData(RankingObjective.Logistic, TreeGrowth.DepthWise, 0.7)]
    [InlineData(RankingObjective.LambdaMart, TreeGrowth.LeafWise, 0.7)]
    public void Any_number_of_threads_gives_the_same_bytes(RankingObjective objective, TreeGrowth growth, double rowShare)
    {
        var rows = SomeRows.Make(50_000, seed: 11);
        var options = Usual with { Objective = objective, Trees = 4, RowShare = rowShare, Tree = Usual.Tree with { Growth = growth } };
        var one = SomeRows.Bytes(GradientBoosting.Fit(rows, options));
        foreach (var threads in new[] { 2, 3, 8 })
            SomeRows.Bytes(GradientBoosting.Fit(rows, options with { Threads = threads })).ShouldBe(one, $"{threads} threads");
    }

    [Theory]
    [InlineData(RankingObjective.Logistic)]
    [InlineData(RankingObjective.LambdaMart)]
    public void The_order_of_groups_and_of_rows_in_them_changes_no_byte(RankingObjective objective)
    {
        var rows = SomeRows.Make(3_000, seed: 12);
        var options = Usual with { Objective = objective };
        SomeRows.Bytes(GradientBoosting.Fit(SomeRows.Shuffled(rows, 1), options)).ShouldBe(SomeRows.Bytes(GradientBoosting.Fit(rows, options)));
    }

    [Fact]
    public void Another_seed_draws_other_rows_and_columns()
    {
        var rows = SomeRows.Make(1_000, seed: 13);
        SomeRows.Bytes(GradientBoosting.Fit(rows, Usual with { Seed = 2 })).ShouldNotBe(SomeRows.Bytes(GradientBoosting.Fit(rows, Usual)));
    }

    [Fact]
    public void The_loss_falls_with_trees_and_on_other_rows_comes_near_to_that_of_the_odds_they_were_drawn_by()
    {
        var (rows, other) = (SomeRows.Make(6_000, seed: 14), SomeRows.Make(3_000, seed: 15));
        var losses = new[] { 1, 10, 60 }.Select(trees => Loss(GradientBoosting.Fit(rows, new BoostingOptions { Trees = trees }), other)).ToArray();

        losses.ShouldBe(losses.OrderDescending());
        losses[2].ShouldBeLessThan(0.8 * RankingMetrics.LogLoss(other.Labels, new double[other.Count]));
    }

    [Fact]
    public void It_stops_where_the_loss_on_the_validation_rows_was_least()
    {
        var (rows, other) = (SomeRows.Make(400, seed: 16), SomeRows.Make(2_000, seed: 17));
        var options = new BoostingOptions { Trees = 300, LearningRate = 0.3, Tree = new TreeOptions { MinLeafRows = 1, L2 = 0.1 } };
        var all = GradientBoosting.Fit(rows, options);
        var stopped = GradientBoosting.Fit(rows, options with { StopAfter = 20 }, other);

        stopped.Trees.Length.ShouldBeInRange(1, 279);
        var losses = Enumerable.Range(1, stopped.Trees.Length + 20).Select(trees => Loss(all with { Trees = all.Trees[..trees] }, other)).ToArray();
        Array.IndexOf(losses, losses.Min()).ShouldBe(stopped.Trees.Length - 1);
        SomeRows.Bytes(stopped).ShouldBe(SomeRows.Bytes(all with { Trees = all.Trees[..stopped.Trees.Length] }));
    }

    [Fact]
    public void LambdaMart_orders_groups_that_differ_in_their_odds_better_than_chance_and_by_its_own_measure()
    {
        var (rows, other) = (SomeRows.Make(6_000, seed: 18), SomeRows.Make(4_000, seed: 19));
        var forest = GradientBoosting.Fit(rows, new BoostingOptions { Objective = RankingObjective.LambdaMart, Trees = 60, Tree = new TreeOptions { MinLeafHessian = 0 } });
        var scores = Enumerable.Range(0, other.Count).Select(row => (double)forest.Predict(other.Row(row))).ToArray();
        var ndcg = new RankingMetric(RankingMetricKind.Ndcg, 10);

        forest.Output.ShouldBe(ForestOutput.Score);
        RankingMetrics.Mean(other, scores, ndcg).ShouldBeGreaterThan(RankingMetrics.Mean(other, new double[other.Count], ndcg) + 0.1);
    }

    // Naively: every pair of a group, at the places that the scores give, without a cut.
    [Fact]
    public void The_derivatives_of_LambdaMart_are_those_of_its_pairs()
    {
        var rows = SomeRows.Make(300, seed: 20);
        var random = new Random(21);
        var scores = Enumerable.Range(0, rows.Count).Select(_ => random.NextDouble() * 4).ToArray();
        var gradients = new Gradients(rows.Count);
        Loss loss = new LambdaMartLoss(rows, 1_000, 1, default);
        loss.Differentiate(scores, gradients);

        for (var group = 0; group < rows.Groups; group++)
        {
            var range = Enumerable.Range(rows.GroupStarts[group], rows.GroupStarts[group + 1] - rows.GroupStarts[group]).ToArray();
            var place = range.ToDictionary(row => row, row => range.Count(other => scores[other] > scores[row]));
            var best = Enumerable.Range(0, range.Count(row => rows.Labels[row] > 0)).Sum(at => 1 / Math.Log2(at + 2));
            foreach (var row in range)
            {
                var (g, h) = (0.0, 0.0);
                foreach (var other in range.Where(other => rows.Labels[other] != rows.Labels[row]))
                {
                    var change = Math.Abs((1 / Math.Log2(place[row] + 2)) - (1 / Math.Log2(place[other] + 2))) / best;
                    var sign = rows.Labels[row] > 0 ? 1 : -1;
                    var wrong = 1 / (1 + Math.Exp(sign * (scores[row] - scores[other])));
                    g -= sign * wrong * change;
                    h += wrong * (1 - wrong) * change;
                }

                var sums = gradients.Sums(gradients.Words[2 * row], gradients.Words[(2 * row) + 1]);
                sums.Rows.ShouldBe(1);
                sums.Gradient.ShouldBe(g, 1e-9);
                sums.Hessian.ShouldBe(h, 1e-9);
            }
        }
    }

    [Fact]
    public void A_random_forest_gives_shares_that_rise_with_the_odds()
    {
        var (rows, other) = (SomeRows.Make(4_000, seed: 22), SomeRows.Make(2_000, seed: 23));
        var forest = RandomForest.Fit(rows, new RandomForestOptions { Trees = 60, Threads = 2 });
        var shares = Enumerable.Range(0, other.Count).Select(row => forest.Predict(other.Row(row))).ToArray();

        shares.ShouldAllBe(share => share >= -1e-4 && share <= 1.0001);
        var labels = shares.Zip(other.Labels).OrderBy(one => one.First).Select(one => one.Second).Chunk(500).Select(part => part.Average()).ToArray();
        labels.ShouldBe(labels.Order());
        (labels[^1] - labels[0]).ShouldBeGreaterThan(0.4f);
        SomeRows.Bytes(RandomForest.Fit(rows, new RandomForestOptions { Trees = 60, Threads = 1 })).ShouldBe(SomeRows.Bytes(forest));
    }

    [Fact]
    public void The_logistic_baseline_is_at_the_least_of_its_loss()
    {
        var (rows, other) = (SomeRows.Make(3_000, seed: 24), SomeRows.Make(2_000, seed: 25));
        var ranker = LogisticRanker.Fit(rows);
        var scores = new float[rows.Count];
        ranker.Score(rows.Values, scores);
        // Its intercept is free, and there the chances sum to what came true.
        scores.Sum(score => 1 / (1 + Math.Exp(-score))).ShouldBe(rows.Labels.Sum(), 1e-3);

        var unseen = new float[other.Count];
        ranker.Score(other.Values, unseen);
        RankingMetrics.LogLoss(other.Labels, [.. unseen.Select(score => (double)score)]).ShouldBeLessThan(0.9 * RankingMetrics.LogLoss(other.Labels, new double[other.Count]));
    }

    [Fact]
    public void Labels_that_are_all_alike_are_learnt_without_a_split()
    {
        var rows = new RankingRows([new("x")], [1, 2, 3, 4], [1, 1, 1, 1], [0, 4]);
        var forest = GradientBoosting.Fit(rows, new BoostingOptions { Tree = new TreeOptions { MinLeafRows = 1 } });
        forest.Predict([2]).ShouldBeGreaterThan(10);
        float.IsFinite(forest.Predict([float.NaN])).ShouldBeTrue();
    }

    [Fact]
    public void What_cannot_be_learnt_from_is_refused_in_words()
    {
        var rows = SomeRows.Make(10, seed: 1);
        Should.Throw<ArgumentException>(() => new RankingRows([new("x")], [float.PositiveInfinity], [1], [0, 1])).Message.ShouldContain("Row 0, x");
        Should.Throw<ArgumentException>(() => new RankingRows([new("x", true)], [1.5f], [1], [0, 1])).Message.ShouldContain("no code");
        Should.Throw<ArgumentException>(() => new RankingRows([new("x")], [1, 2], [1, 0], [0, 0, 2])).Message.ShouldContain("Group 0 has no rows");
        Should.Throw<ArgumentException>(() => GradientBoosting.Fit(rows, new BoostingOptions { StopAfter = 3 })).Message.ShouldContain("validate");
        Should.Throw<ArgumentOutOfRangeException>(() => GradientBoosting.Fit(rows, new BoostingOptions { LearningRate = 0 }));
        Should.Throw<ArgumentOutOfRangeException>(() => GradientBoosting.Fit(rows, new BoostingOptions { Tree = new TreeOptions { MaxLeaves = 1 } }));
        Should.Throw<OperationCanceledException>(() => GradientBoosting.Fit(rows, new BoostingOptions(), cancellationToken: new CancellationToken(canceled: true)));
    }

    private static double Loss(Forest forest, RankingRows rows) =>
        RankingMetrics.LogLoss(rows.Labels, [.. Enumerable.Range(0, rows.Count).Select(row => (double)forest.Predict(rows.Row(row)))]);
}
