using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class BetaBinomialTests
{
    [Fact]
    public void None_of_what_hangs_together_is_worth_no_more_than_some_of_it()
    {
        // 20 people's 50 showings each, of which none was answered: as much is known as of 20.
        var none = Rate.Of(0, 1_000, 50);
        BetaBinomial.Interval(1_000, none).ShouldBe(BetaBinomial.Interval(1_000, 0.5, 20.5));
        var all = Rate.Of(1_000, 1_000, 50);
        BetaBinomial.Interval(1_000, all).ShouldBe(BetaBinomial.Interval(1_000, 20.5, 0.5));
    }

    [Theory]
    [InlineData(20, 3.5, 7.5)]
    [InlineData(1, 0.5, 0.5)]
    [InlineData(200, 0.5, 90.5)]
    public void The_interval_is_the_middle_of_the_distribution_summed_plainly(int trials, double alpha, double beta)
    {
        // By integrating the binomial over the beta distribution, in small steps.
        var chances = new double[trials + 1];
        const int steps = 200_000;
        var all = 0.0;
        for (var i = 0; i < steps; i++)
        {
            // A step in the angle of the square root takes the poles at both ends away.
            var angle = (i + 0.5) / steps * Math.PI / 2;
            var p = Math.Pow(Math.Sin(angle), 2);
            var weight = Math.Pow(p, alpha - 0.5) * Math.Pow(1 - p, beta - 0.5);
            all += weight;
            if (weight < 1e-30) continue;
            var term = Math.Pow(1 - p, trials) * weight;
            for (var k = 0; k <= trials; k++)
            {
                chances[k] += term;
                term *= p / (1 - p) * (trials - k) / (k + 1);
            }
        }

        var below = 0.0;
        var (low, high) = (-1, -1);
        for (var k = 0; k <= trials; k++)
        {
            below += chances[k] / all;
            if (low < 0 && below > 0.025) low = k;
            if (high < 0 && below >= 0.975) high = k;
        }

        BetaBinomial.Interval(trials, alpha, beta).ShouldBe(new Interval(low, high));
    }

    [Fact]
    public void What_comes_is_in_the_interval_in_95_of_100_worlds_at_least()
    {
        var (random, covered) = (new Random(5), 0);
        for (var world = 0; world < 1_000; world++)
        {
            var rate = random.NextDouble();
            var interval = BetaBinomial.Interval(200, Rate.Of(Hits(60, rate), 60));
            covered += interval.Covers(Hits(200, rate)) ? 1 : 0;
        }

        covered.ShouldBeInRange(930, 985);

        int Hits(int n, double rate) => Enumerable.Range(0, n).Count(_ => random.NextDouble() < rate);
    }

    [Fact]
    public void Rows_that_hang_together_say_less_and_nothing_seen_says_nothing()
    {
        var (alone, together) = (BetaBinomial.Interval(1_000, Rate.Of(300, 1_000)), BetaBinomial.Interval(1_000, Rate.Of(300, 1_000, designEffect: 10)));
        (together.High - together.Low).ShouldBeGreaterThan(1.5 * (alone.High - alone.Low));
        BetaBinomial.Interval(7, Rate.Of(0, 0)).ShouldBe(new Interval(0, 7));
        BetaBinomial.Interval(0, Rate.Of(1, 2)).ShouldBe(new Interval(0, 0));
        // A rate so small that the chance of none underflows.
        BetaBinomial.Interval(500_000, Rate.Of(300_000, 1_000_000)).Covers(150_000).ShouldBeTrue();
    }
}
