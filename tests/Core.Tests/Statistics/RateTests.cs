using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class RateTests
{
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, .2553, .3662)]
    [InlineData(15, 148, .0624, .1605)]
    [InlineData(0, 20, 0, .1611)]
    [InlineData(1, 29, .0061, .1718)]
    [InlineData(29, 29, .8830, 1)]
    public void Wilsons_interval_has_its_published_values(long hits, long n, double low, double high)
    {
        var rate = Rate.Of(hits, n);
        rate.Interval.Low.ShouldBe(low, 5e-5);
        rate.Interval.High.ShouldBe(high, 5e-5);
    }

    [Fact]
    public void Of_nothing_nothing_is_known_and_of_more_than_all_there_is_no_rate()
    {
        Rate.Of(0, 0).Interval.ShouldBe(new Interval(0, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Rate.Of(3, 2)).Message.ShouldContain("3 of 2");
    }

    [Fact]
    public void Rows_that_say_the_same_as_others_of_their_user_are_worth_no_more_than_one()
    {
        var random = new Random(1);
        var (outcome, users) = (new List<double>(), new List<int>());
        for (var user = 0; user < 500; user++)
        {
            var answer = random.Next(4) == 0 ? 1.0 : 0;
            for (var row = 0; row < 6; row++) (outcome, users) = ([.. outcome, answer], [.. users, user]);
        }

        Rate.DesignEffect(outcome.ToArray(), users.ToArray()).ShouldBe(6, 0.05);
        Rate.DesignEffect(outcome.ToArray(), [.. Enumerable.Range(0, outcome.Count)]).ShouldBe(1, 0.01);
        var rate = Rate.Of(outcome.ToArray(), users.ToArray());
        var once = Rate.Of(rate.Hits / 6, 500);
        (rate.Interval.High - rate.Interval.Low).ShouldBe(once.Interval.High - once.Interval.Low, 0.002);
    }

    [Fact]
    public void Intervals_cover_the_truth_in_95_of_100_cases_where_users_differ()
    {
        var covered = 0;
        for (var run = 0; run < 400; run++)
        {
            var random = new Random(run);
            var (outcome, users) = (new List<double>(), new List<int>());
            for (var user = 0; user < 150; user++)
            {
                var chance = random.Next(2) == 0 ? 0.1 : 0.5;
                for (var row = 0; row < 8; row++)
                {
                    outcome.Add(random.NextDouble() < chance ? 1 : 0);
                    users.Add(user);
                }
            }

            if (Rate.Of(outcome.ToArray(), users.ToArray()).Interval.Covers(0.3)) covered++;
        }

        (covered / 400.0).ShouldBeInRange(0.92, 0.985);
    }
}
