using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class ShrunkRatesTests
{
    [Fact]
    public void Three_of_three_do_not_lead_three_hundred_of_a_thousand()
    {
        double[] hits = [3, 300, 200, 150], n = [3, 1_000, 1_000, 1_000];
        var shrunk = ShrunkRates.Fit(hits, n);
        shrunk.Of(3, 3).Mean.ShouldBeLessThan(0.6);
        shrunk.Of(300, 1_000).Mean.ShouldBe(0.3, 0.01);
        shrunk.IntervalOf(3, 3).Low.ShouldBeLessThan(shrunk.IntervalOf(150, 1_000).High);
        shrunk.IntervalOf(300, 1_000).Low.ShouldBeGreaterThan(shrunk.IntervalOf(3, 3).Low);
    }

    [Fact]
    public void Groups_that_hardly_differ_are_drawn_together_and_their_intervals_are_not_nothing()
    {
        var shrunk = ShrunkRates.Fit([25, 28, 22], [100, 100, 100]);
        shrunk.Of(28, 100).Mean.ShouldBeInRange(0.25, 0.27);
        var interval = shrunk.IntervalOf(28, 100);
        (interval.High - interval.Low).ShouldBeInRange(0.08, 0.17);
    }

    [Fact]
    public void The_spread_that_was_planted_is_found_and_shrunk_rates_are_nearer_to_the_truth()
    {
        var random = new Random(1);
        var (hits, n, truth) = (new double[2_000], new double[2_000], new double[2_000]);
        for (var i = 0; i < n.Length; i++)
        {
            // Beta(2, 6), as the second smallest of seven uniform numbers: mean .25, worth eight rows.
            truth[i] = Enumerable.Range(0, 7).Select(_ => random.NextDouble()).Order().ElementAt(1);
            n[i] = 3 + random.Next(40);
            hits[i] = Enumerable.Range(0, (int)n[i]).Count(_ => random.NextDouble() < truth[i]);
        }

        var shrunk = ShrunkRates.Fit(hits, n);
        shrunk.Mean.ShouldBe(0.25, 0.01);
        // Nobody's rate is halfway at as many rows as the mean is worth.
        shrunk.Of(8, 8).Mean.ShouldBe((1 + 0.25) / 2, 0.05);
        Enumerable.Range(0, n.Length).Count(i => shrunk.IntervalOf(hits[i], n[i]).Covers(truth[i])).ShouldBeInRange(1_860, 1_940);
        Off(i => shrunk.Of(hits[i], n[i]).Mean).ShouldBeLessThan(0.85 * Off(i => hits[i] / n[i]));

        double Off(Func<int, double> rate) => Enumerable.Range(0, n.Length).Sum(i => Math.Pow(rate(i) - truth[i], 2));
    }

    [Fact]
    public void Of_nobody_nothing_is_known_and_lists_have_to_fit()
    {
        var interval = ShrunkRates.Fit([0], [0]).IntervalOf(0, 0);
        (interval.High - interval.Low).ShouldBeGreaterThan(0.8);
        ShrunkRates.Fit([0, 0], [50, 50]).IntervalOf(0, 50).High.ShouldBeInRange(0.01, 0.1);
        Should.Throw<ArgumentException>(() => ShrunkRates.Fit([1], []));
    }
}
