using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Core.Tests.Insights;

public sealed class InterestTallyTests
{
    [Fact]
    public void From_sums_by_user_comes_the_rate_and_the_interval_that_the_rows_themselves_give()
    {
        var random = new Random(1);
        for (var run = 0; run < 100; run++)
        {
            var (outcome, users, all) = (new List<double>(), new List<int>(), new InterestTally());
            for (var user = 0; user < 2 + random.Next(40); user++)
            {
                var (shown, chance, interested) = (1 + random.Next(9), random.NextDouble(), 0);
                for (var row = 0; row < shown; row++)
                {
                    outcome.Add(random.NextDouble() < chance ? 1 : 0);
                    interested += (int)outcome[^1];
                    users.Add(user);
                }

                all += InterestTally.Of(shown, interested, 0);
            }

            var (ours, theirs) = (all.Rate, Rate.Of(outcome.ToArray(), users.ToArray()));
            (ours.Hits, ours.N).ShouldBe((theirs.Hits, theirs.N));
            ours.Interval.Low.ShouldBe(theirs.Interval.Low, 1e-9);
            ours.Interval.High.ShouldBe(theirs.Interval.High, 1e-9);
        }
    }

    [Fact]
    public void Of_nobody_and_of_one_little_is_known()
    {
        new InterestTally().Rate.Interval.ShouldBe(new Interval(0, 1));
        var one = InterestTally.Of(1_000, 500, 400);
        (one.Rate.Interval.High - one.Rate.Interval.Low).ShouldBeGreaterThan(0.75);
        (one.TurnedDown.Hits, one.TurnedDown.N).ShouldBe((400, 1_000));
    }
}
