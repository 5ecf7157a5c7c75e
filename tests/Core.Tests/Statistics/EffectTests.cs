using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class EffectTests
{
    [Fact]
    public void Of_a_flag_the_raw_effect_is_the_difference_of_the_rates()
    {
        double[] invited = [1, 1, 0, 0, 0, 0], interested = [1, 0, 1, 0, 0, 0];
        var effect = Effect.Raw(invited, interested, [0, 1, 2, 3, 4, 5]);
        effect.Slope.ShouldBe(0.5 - 0.25, 1e-12);
        effect.N.ShouldBe(6);
    }

    [Fact]
    public void What_differs_between_pages_only_has_a_raw_effect_and_none_within_them()
    {
        // Whoever has many friends opens pages on which everything is of interest.
        var (friends, outcome, pages, users) = (new List<double>(), new List<double>(), new List<int>(), new List<int>());
        for (var page = 0; page < 200; page++)
        {
            for (var row = 0; row < 4; row++)
            {
                friends.Add(page);
                outcome.Add(row < 1 + (page / 67) ? 1 : 0);
                pages.Add(page);
                users.Add(page / 2);
            }
        }

        Effect.Raw(friends.ToArray(), outcome.ToArray(), users.ToArray()).Interval.Low.ShouldBeGreaterThan(0);
        var within = Effect.Within(friends.ToArray(), outcome.ToArray(), pages.ToArray(), users.ToArray());
        within.Slope.ShouldBe(double.NaN);
        within.N.ShouldBe(800);
    }

    [Fact]
    public void What_is_missing_and_pages_of_one_row_are_left_out()
    {
        var n = double.NaN;
        var effect = Effect.Within([0, 1, 5, n, 1], [0, 1, 9, 1, 1], [0, 0, 1, 0, 2], [0, 0, 1, 0, 2]);
        (effect.N, effect.Slope).ShouldBe((2, 1.0));
        Should.Throw<ArgumentException>(() => Effect.Raw([1], [1, 2], [0]));
    }

    [Fact]
    public void What_is_always_so_in_what_is_seen_has_no_interval_of_no_width()
    {
        // Three users, each shown a product and an event, and always interested in the product; and never interested in anything.
        double[] product = [1, 0, 1, 0, 1, 0], none = new double[6];
        int[] users = [0, 0, 1, 1, 2, 2];
        foreach (var (outcome, slope) in new[] { (product, 1.0), (none, 0.0) })
        {
            foreach (var effect in new[] { Effect.Within(product, outcome, users, users), Effect.Raw(product, outcome, users), AdjustedEffects.Of([(product, null)], [], outcome, users, users).Of(0, [product])[0] })
            {
                effect.Slope.ShouldBe(slope, 1e-12);
                effect.Interval.ShouldBe(Interval.Unknown);
                effect.P.ShouldBe(double.NaN);
            }
        }

        var correlation = Correlation.Pearson([1, 2, 4, 8], [3, 5, 9, 17]);
        (correlation.R, correlation.Interval, correlation.P).ShouldBe((1.0, Interval.Unknown, double.NaN));
    }

    [Fact]
    public void Planted_effects_are_found_within_pages_and_covered_and_chance_is_claimed_no_more_often_than_stated()
    {
        const int runs = 200;
        var (covered, found, claimed) = (0, 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var random = new Random(run);
            var (soon, idle, outcome, pages, users) = (new List<double>(), new List<double>(), new List<double>(), new List<int>(), new List<int>());
            for (var page = 0; page < 300; page++)
            {
                // A page's mood lifts all that is on it, and comes with what is soon.
                var mood = random.NextDouble();
                for (var row = 0; row < 5; row++)
                {
                    var isSoon = random.NextDouble() < mood ? 1.0 : 0;
                    soon.Add(isSoon);
                    idle.Add(CorrelationTests.Normal(random));
                    outcome.Add(random.NextDouble() < 0.1 + (0.4 * mood) + (0.2 * isSoon) ? 1 : 0);
                    pages.Add(page);
                    users.Add(page / 3);
                }
            }

            var effect = Effect.Within(soon.ToArray(), outcome.ToArray(), pages.ToArray(), users.ToArray());
            if (effect.Interval.Covers(0.2)) covered++;
            if (effect.P < .05) found++;
            if (Effect.Within(idle.ToArray(), outcome.ToArray(), pages.ToArray(), users.ToArray()).P < .05) claimed++;
            if (run < 10) Effect.Raw(soon.ToArray(), outcome.ToArray(), users.ToArray()).Slope.ShouldBeGreaterThan(0.25);
        }

        (covered / (double)runs).ShouldBeInRange(0.91, 0.99);
        found.ShouldBe(runs);
        (claimed / (double)runs).ShouldBeLessThan(0.09);
    }
}
