using Auie.Core.Ranking;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Ranking;

public sealed class RankingMetricsTests
{
    [Theory]
    [InlineData("map@200", RankingMetricKind.Map, 200)]
    [InlineData("ndcg@10", RankingMetricKind.Ndcg, 10)]
    [InlineData("recall@1", RankingMetricKind.Recall, 1)]
    public void A_metric_is_read_as_it_is_written(string text, RankingMetricKind kind, int k)
    {
        RankingMetric.TryParse(text).ShouldBe(new RankingMetric(kind, k));
        RankingMetric.TryParse(text)!.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("map")]
    [InlineData("map@0")]
    [InlineData("map@-1")]
    [InlineData("auc@5")]
    [InlineData("map@5@5")]
    public void What_is_no_metric_is_not_read(string text) => RankingMetric.TryParse(text).ShouldBeNull();

    [Fact]
    public void Known_values()
    {
        Of(RankingMetricKind.Map, 200, [1, 0, 1, 0], [4, 3, 2, 1]).ShouldBe((1 + (2.0 / 3)) / 2, 1e-12);
        Of(RankingMetricKind.Map, 1, [0, 1], [2, 1]).ShouldBe(0);
        Of(RankingMetricKind.Ndcg, 10, [0, 1], [2, 1]).ShouldBe(1 / Math.Log2(3), 1e-12);
        Of(RankingMetricKind.Recall, 2, [1, 0, 1, 1], [4, 3, 2, 1]).ShouldBe(1.0 / 3, 1e-12);
        RankingMetrics.Of([0, 0], [1, 2], new RankingMetric(RankingMetricKind.Map, 5)).ShouldBeNull();
        Should.Throw<ArgumentException>(() => RankingMetrics.Of([1, 0], [1, double.NaN], new RankingMetric(RankingMetricKind.Map, 5)));
    }

    // The oracle takes every order of the rows that the scores allow, and the mean of the metric by its definition.
    [Fact]
    public void Ties_are_averaged_over_all_orders() =>
        Prop.ForAll<int>(seed => CheckTies(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(1, 1));

    private static void CheckTies(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(1, 8);
        var labels = Enumerable.Range(0, count).Select(_ => (float)random.Next(3)).ToArray();
        labels[random.Next(count)] = 1;
        var scores = Enumerable.Range(0, count).Select(_ => (double)random.Next(3)).ToArray();
        foreach (var kind in Enum.GetValues<RankingMetricKind>())
        {
            var metric = new RankingMetric(kind, random.Next(1, 9));
            var orders = Orders([.. Enumerable.Range(0, count)]).Where(order => order.Zip(order.Skip(1)).All(pair => scores[pair.First] >= scores[pair.Second])).ToArray();
            var expected = orders.Average(order => ByDefinition([.. order.Select(row => labels[row])], metric));
            RankingMetrics.Of(labels, scores, metric)!.Value.ShouldBe(expected, 1e-9, $"{metric}");
        }
    }

    [Fact]
    public void Users_are_parted_whole_and_evenly_and_each_is_judged_once()
    {
        var rows = SomeRows.Make(1_000, seed: 1);
        var users = Enumerable.Range(0, rows.Groups).Select(group => (ulong)group * 7919).ToArray();
        var folds = EvaluationFolds.ByUser(rows, users, 5);

        folds.SelectMany(fold => fold.Test).Order().ShouldBe(Enumerable.Range(0, 1_000));
        var groups = folds.Select(fold => RankingEvaluation.Groups(rows, fold.Test).ToArray()).ToArray();
        groups.SelectMany(some => some).Order().ShouldBe(Enumerable.Range(0, rows.Groups));
        (groups.Max(some => some.Length) - groups.Min(some => some.Length)).ShouldBeLessThanOrEqualTo(1);
        foreach (var fold in folds) fold.Train.Concat(fold.Test).Order().ShouldBe(Enumerable.Range(0, 1_000));
        Should.Throw<ArgumentException>(() => EvaluationFolds.ByUser(rows, users, rows.Groups + 1));
    }

    [Fact]
    public void By_time_nothing_is_learnt_from_that_came_later()
    {
        var random = new Random(1);
        var times = Enumerable.Range(0, 500).Select(_ => DateTimeOffset.UnixEpoch.AddHours(random.Next(60))).ToArray();
        var folds = EvaluationFolds.ByTime(times, 4);

        folds.SelectMany(fold => fold.Test).ShouldBeUnique();
        foreach (var fold in folds)
        {
            fold.Train.Max(row => times[row]).ShouldBeLessThan(fold.Test.Min(row => times[row]));
            fold.Train.Length.ShouldBe(times.Count(time => time < fold.Test.Min(row => times[row])));
        }

        folds.Sum(fold => fold.Test.Length).ShouldBe(500 - folds[0].Train.Length);
        Should.Throw<ArgumentException>(() => EvaluationFolds.ByTime(new DateTimeOffset[10], 2));
    }

    [Fact]
    public void The_interval_of_a_mean_is_that_of_its_standard_error()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 1_500).Select(_ => random.NextDouble()).ToArray();
        var interval = PairedBootstrap.Mean(values);
        var error = 1.96 * Math.Sqrt(1.0 / 12 / values.Length);

        interval.Mean.ShouldBe(values.Average(), 1e-12);
        (interval.Mean - interval.Low).ShouldBe(error, 0.1 * error);
        (interval.High - interval.Mean).ShouldBe(error, 0.1 * error);
        PairedBootstrap.Mean(values).ShouldBe(interval);
        PairedBootstrap.Mean([.. values, double.NaN]).ShouldBe(interval);
    }

    [Fact]
    public void What_is_the_same_for_every_user_differs_by_nothing_however_users_differ()
    {
        var random = new Random(4);
        var values = Enumerable.Range(0, 300).Select(_ => random.NextDouble()).ToArray();
        PairedBootstrap.Difference(values, values).ShouldBe(new BootstrapInterval(0, 0, 0));
        var better = PairedBootstrap.Difference([.. values.Select(value => value + 0.25)], values);
        better.Low.ShouldBe(0.25, 1e-12);
        better.High.ShouldBe(0.25, 1e-12);
    }

    private static double Of(RankingMetricKind kind, int k, float[] labels, double[] scores) => RankingMetrics.Of(labels, scores, new RankingMetric(kind, k))!.Value;

    private static double ByDefinition(float[] ranked, RankingMetric metric)
    {
        var relevant = ranked.Count(label => label > 0);
        switch (metric.Kind)
        {
            case RankingMetricKind.Map:
                return Enumerable.Range(0, Math.Min(metric.K, ranked.Length)).Where(place => ranked[place] > 0)
                    .Sum(place => ranked[..(place + 1)].Count(label => label > 0) / (place + 1.0)) / Math.Min(relevant, metric.K);
            case RankingMetricKind.Ndcg:
                return Dcg(ranked) / Dcg([.. ranked.OrderDescending()]);
            default:
                return (double)ranked.Take(metric.K).Count(label => label > 0) / relevant;
        }

        double Dcg(float[] some) => some.Take(metric.K).Select((label, place) => (Math.Pow(2, label) - 1) / Math.Log2(place + 2)).Sum();
    }

    private static IEnumerable<int[]> Orders(int[] items)
    {
        if (items.Length == 0) yield return [];
        foreach (var first in items)
        {
            foreach (var rest in Orders([.. items.Where(item => item != first)])) yield return [first, .. rest];
        }
    }
}
