using Auie.Core.Insights;

namespace Auie.Core.Tests.Insights;

/// <summary>Rates of groups whose users each did many things alike: what one user did hangs together.</summary>
public sealed class GroupRatesTests
{
    private const int Worlds = 200, Groups = 8;

    [Fact]
    public void Intervals_cover_what_was_planted()
    {
        var (covered, all) = (0, 0);
        for (var world = 0; world < Worlds; world++)
        {
            var random = new Random(world);
            double[] truth = [.. Enumerable.Range(0, Groups).Select(_ => 0.15 + (0.3 * random.NextDouble()))];
            var rates = Made(random, truth);
            covered += rates.Groups.Count(group => group.ShrunkInterval.Covers(truth[int.Parse(group.Value)]));
            all += rates.Groups.Length;
        }

        // Of 1,600 intervals of 95 %, those of one world hanging together a little.
        ((double)covered / all).ShouldBeInRange(0.93, 0.97);
    }

    [Fact]
    public void A_group_that_is_far_ahead_is_said_to_be()
    {
        var truth = Enumerable.Range(0, Groups).Select(group => group == 3 ? 0.75 : 0.25).ToArray();
        var ahead = Enumerable.Range(0, 50).Select(world => Made(new Random(2_000 + world), truth)).Where(rates => rates.FirstIsAhead).ToArray();
        ahead.Length.ShouldBeGreaterThan(30);
        ahead.ShouldAllBe(rates => rates.Groups[0].Value == "3");
    }

    [Fact]
    public void Those_that_may_be_as_high_are_they_that_cannot_be_told_from_the_first_whatever_their_place()
    {
        static InterestTally Users(int users, int interested) => Enumerable.Range(0, users).Aggregate(new InterestTally(), (sum, user) => sum + InterestTally.Of(1, user < interested ? 1 : 0, 0));
        var rates = GroupRates.Of("locale", "", [("id_ID", Users(10_000, 2_960)), ("en_US", Users(10_000, 2_470)), ("es_LA", Users(200, 54)), ("zh_CN", Users(10_000, 2_000))], 30_200);
        rates.Groups[0].Value.ShouldBe("id_ID");
        rates.Groups[1].Value.ShouldBe("en_US", "it is next by what it is at the least");
        rates.Groups.Where(group => group.MayBeAsHigh).Select(group => group.Value).ShouldBe(["es_LA"]);
        rates.FirstIsAhead.ShouldBeFalse();
        var ahead = GroupRates.Of("locale", "", [("id_ID", Users(10_000, 2_960)), ("en_US", Users(10_000, 2_470))], 20_000);
        (ahead.FirstIsAhead, ahead.Groups.Any(group => group.MayBeAsHigh)).ShouldBe((true, false));
    }

    [Fact]
    public void Of_more_groups_than_are_told_those_with_most_showings_are_told_and_shares_are_of_all()
    {
        var rates = GroupRates.Of("locale", "", [.. Enumerable.Range(1, 10).Select(group => ($"{group}", InterestTally.Of(group, 1, 0) + InterestTally.Of(group, 0, 0)))], 200, most: 4);
        rates.Groups.Select(group => group.Value).ShouldBe(["7", "8", "9", "10"], ignoreOrder: true);
        rates.Groups.Single(group => group.Value == "10").Volume.ShouldBe(20 / 200.0, 1e-12, "who is in no group was shown something, too");
        (rates.MostShown, rates.LeftOut).ShouldBe(("10", 6));
        rates.Groups.ShouldAllBe(group => group.Users == 2);
    }

    [Fact]
    public void Groups_those_that_are_not_told_and_those_of_whom_it_is_not_known_add_up_to_all()
    {
        (string Value, InterestTally Tally)[] groups = [.. Enumerable.Range(1, 10).Select(group => ($"{group}", InterestTally.Of(group, 1, 0) + InterestTally.Of(group, 0, 0))), ("unknown", InterestTally.Of(40, 9, 1) + InterestTally.Of(3, 0, 0))];
        var (beside, unknown) = (InterestTally.Of(7, 2, 1), InterestTally.Of(9, 3, 0) + InterestTally.Of(2, 0, 0));
        var all = groups.Select(group => group.Tally).Append(beside).Append(unknown).Aggregate((a, b) => a + b);
        var rates = GroupRates.Of("place", "", groups, all.Shown, most: 4, beside: beside, unknown: unknown);
        var (others, notKnown) = (rates.Others.ShouldNotBeNull(), rates.Unknown.ShouldNotBeNull());
        (rates.Groups.Sum(group => group.Rate.N) + others.Rate.N + notKnown.Rate.N).ShouldBe(all.Shown);
        (rates.Groups.Sum(group => group.Rate.Hits) + others.Rate.Hits + notKnown.Rate.Hits).ShouldBe(all.Interested);
        (rates.Groups.Sum(group => group.Users) + others.Users + notKnown.Users).ShouldBe(all.Users);
        (rates.Groups.Sum(group => group.Volume) + others.Volume + notKnown.Volume).ShouldBe(1, 1e-12);
        // What users write as "unknown" is a group like any other, and those of whom it is not known are in none: nothing is learnt of groups from them.
        rates.Groups.ShouldContain(group => group.Value == "unknown");
        (notKnown.Users, notKnown.Rate.Hits, notKnown.Shrunk).ShouldBe((2, 3, double.NaN));
        rates.Groups.Select(group => group.Shrunk).ShouldBe(GroupRates.Of("place", "", groups, all.Shown, most: 4).Groups.Select(group => group.Shrunk));
        var whole = GroupRates.Of("place", "", groups, groups.Sum(group => group.Tally.Shown));
        (whole.Others, whole.Unknown).ShouldBe((null, null));
    }

    [Fact]
    public void What_is_expected_of_a_group_is_learnt_from_all_whether_or_not_they_are_told()
    {
        var random = new Random(3);
        (string, InterestTally)[] groups = [.. Enumerable.Range(0, 12).Select(group => ($"{group}", Tally(random, 0.05 * (1 + group), 2 + group)))];
        var all = GroupRates.Of("place", "", groups, 1_000);
        var some = GroupRates.Of("place", "", groups, 1_000, most: 4, least: 5);
        some.Groups.Length.ShouldBe(4);
        foreach (var group in some.Groups) group.ShouldBe(all.Groups.Single(one => one.Value == group.Value));

        // Who are too few are not named, however much was shown to them.
        var few = GroupRates.Of("place", "", [.. groups, ("few", InterestTally.Of(9_000, 9_000, 0))], 10_000, least: 5);
        few.Groups.ShouldAllBe(group => group.Users >= 5);
        (few.LeftOut, few.MostShown).ShouldBe((4, few.Groups.MaxBy(group => group.Rate.N)!.Value));
    }

    [Fact]
    public void Of_several_categories_whose_groups_are_alike_hardly_ever_any_is_said_to_have_one_ahead()
    {
        const int Together = 5;
        double[] truth = [.. Enumerable.Repeat(0.3, 2)];
        Enumerable.Range(0, Worlds).Count(world => Enumerable.Range(0, Together).Any(category => Made(new Random(5_000 + (world * Together) + category), truth, Together).FirstIsAhead))
            .ShouldBeLessThanOrEqualTo(Worlds / 20);
    }

    [Fact]
    public void Of_groups_that_are_alike_hardly_any_is_said_to_be_ahead()
    {
        double[] truth = [.. Enumerable.Repeat(0.3, Groups)];
        Enumerable.Range(0, Worlds).Count(world => Made(new Random(1_000 + world), truth).FirstIsAhead).ShouldBeLessThanOrEqualTo(Worlds / 20);
    }

    [Fact]
    public void A_group_of_three_whose_every_showing_was_of_interest_does_not_lead()
    {
        var random = new Random(1);
        var three = InterestTally.Of(40, 40, 0) + InterestTally.Of(40, 40, 0) + InterestTally.Of(40, 40, 0);
        var rates = GroupRates.Of("locale", "", [("three", three), .. Enumerable.Range(0, 5).Select(group => ($"{group}", Tally(random, 0.3 + (0.01 * group), 500)))], 100_000);
        rates.Groups[0].Value.ShouldNotBe("three");
        rates.Groups.Single(group => group.Value == "three").Shrunk.ShouldBeLessThan(0.8);
    }

    private static GroupRates Made(Random random, double[] truth, int together = 1) =>
        GroupRates.Of("locale", "", [.. truth.Select((rate, group) => ($"{group}", Tally(random, rate, 10 + random.Next(60))))], 100_000, together: together);

    /// <summary>Three quarters of what one user was shown hang on one draw.</summary>
    private static InterestTally Tally(Random random, double rate, int users)
    {
        var tally = new InterestTally();
        for (var user = 0; user < users; user++)
        {
            var (shown, mood) = (1 + random.Next(20), random.NextDouble() < rate);
            tally += InterestTally.Of(shown, Enumerable.Range(0, shown).Count(_ => random.NextDouble() < 0.75 ? mood : random.NextDouble() < rate), 0);
        }

        return tally;
    }
}
