using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class ShrunkRatesTests
{
    [Fact]
    public void Three_of_three_do_not_lead_three_hundred_of_a_thousand()
    {
        long[] hits = [3, 300, 200, 150], n = [3, 1_000, 1_000, 1_000];
        var shrunk = ShrunkRates.Fit(hits, n);
        shrunk.Of(3, 3).ShouldBe(0.3, 0.01);
        shrunk.Of(300, 1_000).ShouldBe(0.3, 0.01);
        shrunk.IntervalOf(3, 3).Low.ShouldBeLessThan(shrunk.IntervalOf(150, 1_000).High);
        shrunk.IntervalOf(300, 1_000).Low.ShouldBeGreaterThan(shrunk.IntervalOf(3, 3).Low);
    }

    [Fact]
    public void Groups_that_differ_by_no_more_than_chance_all_have_the_rate_of_all()
    {
        var shrunk = ShrunkRates.Fit([25, 26, 24], [100, 100, 100]);
        shrunk.Strength.ShouldBe(double.PositiveInfinity);
        shrunk.Of(26, 100).ShouldBe(0.25, 1e-12);
    }

    [Fact]
    public void The_spread_that_was_planted_is_found_and_shrunk_rates_are_nearer_to_the_truth()
    {
        var random = new Random(1);
        var (hits, n, truth) = (new long[2_000], new long[2_000], new double[2_000]);
        for (var i = 0; i < n.Length; i++)
        {
            // Beta(2, 6), as the second smallest of seven uniform numbers: mean .25, worth eight rows.
            truth[i] = Enumerable.Range(0, 7).Select(_ => random.NextDouble()).Order().ElementAt(1);
            n[i] = 3 + random.Next(40);
            hits[i] = Enumerable.Range(0, (int)n[i]).Count(_ => random.NextDouble() < truth[i]);
        }

        var shrunk = ShrunkRates.Fit(hits, n);
        shrunk.Mean.ShouldBe(0.25, 0.01);
        shrunk.Strength.ShouldBe(8, 1);
        Enumerable.Range(0, n.Length).Count(i => shrunk.IntervalOf(hits[i], n[i]).Covers(truth[i])).ShouldBeInRange(1_860, 1_940);
        Off(i => shrunk.Of(hits[i], n[i])).ShouldBeLessThan(0.85 * Off(i => (double)hits[i] / n[i]));

        double Off(Func<int, double> rate) => Enumerable.Range(0, n.Length).Sum(i => Math.Pow(rate(i) - truth[i], 2));
    }

    [Fact]
    public void Of_nobody_there_is_no_rate_and_lists_have_to_fit()
    {
        ShrunkRates.Fit([0], [0]).Mean.ShouldBe(double.NaN);
        Should.Throw<ArgumentException>(() => ShrunkRates.Fit([1], []));
    }
}
