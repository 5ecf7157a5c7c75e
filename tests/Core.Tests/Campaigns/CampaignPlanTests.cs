using Auie.Core.Campaigns;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Auie.Core.Strategies;
using FsCheck;
using FsCheck.Fluent;
using Interval = Auie.Core.Statistics.Interval;

namespace Auie.Core.Tests.Campaigns;

public sealed class CampaignPlanTests
{
    internal static readonly DateTimeOffset Now = new(2026, 11, 26, 10, 30, 0, TimeSpan.Zero);

    private static readonly SendingTime FridayEvening = new(4, 18, 21, SendingBasis.Activity, Rate.Of(40, 100), new Effect(double.NaN, 0, Interval.Unknown, double.NaN));

    internal static Campaign Draft(long number = 1, double holdout = 0.1, int most = 1, int days = 7) => new()
    {
        Number = number, Strategy = "Early access", LibraryVersion = 1, ModelVersion = 3, Segment = 1, Persona = "Enthusiasts", MadeAt = Now, AsOf = Now.AddHours(-1), From = Now,
        Measure = CampaignMeasure.Interested, Most = most, Days = days, Holdout = holdout, Excluded = new CampaignExclusions(0, 0, 0), Time = FridayEvening,
        Expected = new CampaignExpectation(default, 0, default, 0, 0), Counts = CampaignCounts.None,
    };

    private static CampaignCandidate[] People(int count, int seed = 1)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i => new CampaignCandidate($"u{i}", new UserZone(60 * random.Next(-11, 13), (ZoneSource)random.Next(3)),
                new[] { default, new ChannelUse(1, 0, 0), new ChannelUse(0, 1, 0), new ChannelUse(0, 0, 1) }[random.Next(4)], random.Next(10) == 0, random.Next(4), 10, 30)),
        ];
    }

    private static (Campaign Plan, CampaignMember[] Members) Plan(IReadOnlyCollection<CampaignCandidate> people, Campaign? draft = null) => CampaignPlan.Of(draft ?? Draft(), people, CampaignRules.Usual, _ => [], _ => false);

    [Fact]
    public void Those_treated_are_told_apart_by_the_places_of_most_of_them_and_all_others_stay_together()
    {
        var members = Enumerable.Range(0, 60).Select(i => new CampaignMember($"u{i:00}", i != 0, "web", Now, ZoneSource.None, 0)).ToArray();
        string PlaceOf(string user) => int.Parse(user[1..]) switch { < 25 => "Medan", < 45 => " medan ", < 52 => "Toronto", < 55 => "Rome", _ => "" };

        var groups = CampaignPlan.ByPlace(members, PlaceOf, fewest: 5, most: 20);
        groups.Select(group => group.Length).ShouldBe([44, 7, 8]);
        groups[0].ShouldAllBe(member => member.Treated);
        groups[2].Select(member => PlaceOf(member.User)).Distinct().ShouldBe(["Rome", ""], ignoreOrder: true);
        CampaignPlan.ByPlace(members, PlaceOf, fewest: 5, most: 1).Select(group => group.Length).ShouldBe([44, 15]);
        CampaignPlan.ByPlace(members, _ => "", fewest: 5, most: 20).ShouldHaveSingleItem().Length.ShouldBe(59);
        CampaignPlan.ByPlace([], PlaceOf, fewest: 5, most: 20).ShouldBeEmpty();
    }

    [Fact]
    public void The_order_of_candidates_changes_nothing() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(20), Prop.ForAll(Gen.Choose(0, 1000).ToArbitrary(), seed =>
    {
        var people = People(200, seed);
        var (plan, members) = Plan(people);
        new Random(seed).Shuffle(people);
        var (again, same) = Plan(people);
        CampaignCodec.Encode(again).ShouldBe(CampaignCodec.Encode(plan));
        CampaignCodec.EncodeMembers(same).ShouldBe(CampaignCodec.EncodeMembers(members));
    }));

    [Fact]
    public void Everybody_of_the_segment_is_treated_left_alone_or_left_out_for_a_reason()
    {
        var people = People(2_000);
        var often = people.Where((_, i) => i % 5 == 0).Select(one => one.User).ToHashSet();
        var (plan, members) = CampaignPlan.Of(Draft(most: 2), people, CampaignRules.Usual, user => often.Contains(user) ? [Now.AddDays(1), Now.AddDays(2)] : [Now.AddDays(1)], _ => false);
        plan.Excluded.ShouldBe(new CampaignExclusions(2_000, people.Count(one => one.TrackingForbidden), people.Count(one => !one.TrackingForbidden && often.Contains(one.User))));
        (plan.Counts.Treated + plan.Counts.LeftAlone + plan.Excluded.NoTracking + plan.Excluded.Reached).ShouldBe(2_000);
        members.Select(member => member.User).ShouldBe(members.Select(member => member.User).Order(StringComparer.Ordinal));
        members.ShouldAllBe(member => !often.Contains(member.User));
        (plan.Counts.Web + plan.Counts.Mobile + plan.Counts.Email + plan.Counts.NoChannel).ShouldBe(plan.Counts.Treated);
        (plan.Counts.ZonesProfile + plan.Counts.ZonesLocale + plan.Counts.ZonesUnknown).ShouldBe(plan.Counts.Treated);
        // Long ago, or far off, is not too often.
        CampaignPlan.Of(Draft(), people, CampaignRules.Usual, _ => [Now.AddDays(-30), Now.AddDays(60)], _ => false).Plan.Excluded.Reached.ShouldBe(0);
        // Whom another campaign leaves alone is sent nothing by this one, nor compared with.
        var (spared, others) = CampaignPlan.Of(Draft(), people, CampaignRules.Usual, user => user == "u1" ? [Now] : [], often.Contains);
        others.ShouldAllBe(member => !often.Contains(member.User));
        // Each reason has its own count, and all of them with those treated and left alone are the segment.
        (spared.Excluded.Aside, spared.Excluded.Reached).ShouldBe((people.Count(one => !one.TrackingForbidden && often.Contains(one.User)), people[1].TrackingForbidden ? 0 : 1));
        (spared.Counts.Treated + spared.Counts.LeftAlone + spared.Excluded.NoTracking + spared.Excluded.Reached + spared.Excluded.Aside).ShouldBe(2_000);
    }

    [Fact]
    public void Each_is_sent_something_at_the_hour_and_weekday_of_their_own_clock_within_a_week() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        (from minutes in Gen.Choose(0, 20_000) from zone in Gen.Choose(-28, 28) from day in Gen.Choose(0, 6) from window in Gen.Choose(0, 7) select (minutes, zone, day, window)).ToArbitrary(), one =>
        {
            var from = Now.AddMinutes(one.minutes);
            var at = CampaignPlan.SendAt(from, one.zone * 30, FridayEvening with { Weekday = one.day, From = one.window * 3 });
            at.Offset.ShouldBe(TimeSpan.FromMinutes(one.zone * 30));
            (Activity.WeekdayOf(at.DayOfWeek), at.Hour, at.Minute).ShouldBe((one.day, one.window * 3, 0));
            (at >= from).ShouldBeTrue();
            (at - from < TimeSpan.FromDays(7)).ShouldBeTrue();
        }));

    [Fact]
    public void The_holdout_is_of_the_stated_share_and_each_campaigns_own()
    {
        string[] users = [.. Enumerable.Range(0, 20_000).Select(i => $"u{i}")];
        var first = users.Where(user => CampaignPlan.IsHeldOut(1, user, 0.1)).ToHashSet();
        var second = users.Where(user => CampaignPlan.IsHeldOut(2, user, 0.1)).ToHashSet();
        ((double)first.Count).ShouldBe(2_000, 130);
        ((double)first.Intersect(second).Count()).ShouldBe(200, 45);
        // Who is left alone at a smaller share is so at a larger one.
        users.Where(user => CampaignPlan.IsHeldOut(1, user, 0.05)).ShouldBeSubsetOf(first);
        users.ShouldAllBe(user => !CampaignPlan.IsHeldOut(1, user, 0));
    }

    [Fact]
    public void What_is_expected_follows_from_what_members_did_before()
    {
        CampaignCandidate[] people = [.. Enumerable.Range(0, 400).Select(i => new CampaignCandidate($"u{i}", default, new ChannelUse(1, 0, 0), false, i % 2 == 0 ? 5 : 1, 10, 100))];
        var (plan, members) = Plan(people, Draft(holdout: 0.2));
        plan.Expected.Rate.Hits.ShouldBe(400 * 3);
        plan.Expected.Rate.Value.ShouldBe(0.3, 1e-12);
        plan.Expected.Answers.ShouldBe(0.3 * plan.Counts.Treated, 1e-9);
        plan.Expected.AnswersInterval.Covers(plan.Expected.Answers).ShouldBeTrue();
        plan.Expected.Baseline.ShouldBe((1 - Math.Exp(-0.05 * 7) + 1 - Math.Exp(-0.01 * 7)) / 2, 1e-9);
        plan.Expected.Detectable.ShouldBe(CampaignPlan.Detectable(plan.Expected.Baseline, plan.Counts.Treated, plan.Counts.LeftAlone));
        Plan(people, Draft(holdout: 0)).Plan.Expected.Detectable.ShouldBe(double.NaN);
        Plan([]).Plan.Expected.Answers.ShouldBe(double.NaN);
        plan.Expected.ByMember.Value.ShouldBe(0.3, 1e-12);
        plan.Expected.ByMember.People.ShouldBe(400);
        CampaignPlan.SampleOf(1, members, 5).ShouldBe(CampaignPlan.SampleOf(1, members.Reverse(), 5));
    }

    [Fact]
    public void Who_is_new_has_no_pace_of_a_day_and_who_is_undated_none_at_all()
    {
        // Somebody who said yes on their first day is not expected to say it on each of seven.
        double Of(params CampaignCandidate[] people) => Plan(people, Draft(holdout: 0)).Plan.Expected.Baseline;
        CampaignCandidate Somebody(string user, long hits, double days) => new(user, default, default, false, hits, 10, days);
        Of(Somebody("a", 1, 0.2)).ShouldBe(1 - Math.Exp(-1), 1e-12);
        Of(Somebody("a", 1, 0.2), Somebody("b", 2, 70), Somebody("c", 0, 3)).ShouldBe((1 - Math.Exp(-1) + 1 - Math.Exp(-0.2)) / 3, 1e-12);
        Of(Somebody("a", 1, double.NaN), Somebody("b", 2, 70)).ShouldBe(1 - Math.Exp(-0.2), 1e-12);
        Of(Somebody("a", 1, double.NaN)).ShouldBe(double.NaN);
        // Of a segment of people who joined just now it is told how large a change would be seen.
        var plan = Plan([.. Enumerable.Range(0, 400).Select(i => Somebody($"u{i}", 1, 0.5))], Draft(holdout: 0.5)).Plan;
        plan.Expected.Detectable.ShouldBeInRange(0.1, 0.2);
    }

    [Fact]
    public void Where_nothing_is_known_of_one_kind_that_is_sent_the_rate_of_all_kinds_together_stays()
    {
        var plan = Plan([.. Enumerable.Range(0, 1_000).Select(i => new CampaignCandidate($"u{i}", default, default, false, 1, 10, 100))], Draft(holdout: 0)).Plan;
        // All are sent products, of which none was ever shown, and 50 of them events, to which half of what was shown was said yes.
        var (events, products) = (ExpectedOutcome.Of(CampaignMeasure.Yes, 50, [(5, 10), (5, 10)]), ExpectedOutcome.Of(CampaignMeasure.Purchased, 1_000, []));
        var told = plan.Expecting([events, products]).Expected;
        (told.Answers, told.AnswersInterval, told.Rate, told.ByMember, told.Outcomes.Length).ShouldBe((plan.Expected.Answers, plan.Expected.AnswersInterval, plan.Expected.Rate, plan.Expected.ByMember, 0));
        told.Answers.ShouldBe(100, 1e-9);
        // Once both are known each is told.
        plan.Expecting([events, ExpectedOutcome.Of(CampaignMeasure.Purchased, 1_000, [(1, 10), (1, 20)])]).Expected.Answers.ShouldBe(25 + 75, 1e-9);
        plan.Expecting([events]).Expected.Answers.ShouldBe(25, 1e-9);
    }

    /// <summary>Who was shown much answers little: of all that was shown hardly anything was answered, and yet one message is answered by half.</summary>
    [Fact]
    public void Answers_are_expected_of_members_alike_however_much_was_shown_to_them()
    {
        CampaignCandidate[] people = [.. Enumerable.Range(0, 400).Select(i => new CampaignCandidate($"u{i}", default, default, false, i % 2 == 0 ? 9 : 10, i % 2 == 0 ? 10 : 100, 100))];
        var expected = Plan(people, Draft(holdout: 0)).Plan.Expected;
        expected.ByMember.Value.ShouldBe(0.5, 1e-12);
        expected.Rate.Value.ShouldBe(0.17, 0.01);
        expected.Answers.ShouldBe(200, 1e-9);
    }

    [Fact]
    public void The_interval_of_expected_answers_covers_what_members_answer_at_the_stated_rate()
    {
        var covered = 0;
        for (var world = 0; world < 400; world++)
        {
            var random = new Random(world);
            // People differ in how they answer, and in how much they were shown: the keenest most.
            double Draw() => Math.Pow(random.NextDouble(), 2);
            (double Own, long Chances)[] people = [.. Enumerable.Range(0, 80).Select(_ => Draw()).Select(own => (own, 1L + (long)(40 * own)))];
            var rate = MemberRate.Of(people.Select(one => ((long)Enumerable.Range(0, (int)one.Chances).Count(_ => random.NextDouble() < one.Own), one.Chances)));
            covered += rate.Answers(120).Covers(Enumerable.Range(0, 120).Count(_ => random.NextDouble() < Draw())) ? 1 : 0;
        }

        (covered / 400.0).ShouldBeInRange(0.93, 0.99);
        MemberRate.Of([(0, 0)]).ShouldBe(MemberRate.Unknown);
        MemberRate.Unknown.Answers(10).ShouldBe(new Interval(0, 10));
        MemberRate.Of([(0, 5), (0, 3)]).Interval.High.ShouldBeLessThan(1);
    }

    [Fact]
    public void Each_is_reached_through_the_channel_and_at_the_time_that_the_strategys_rules_give_them()
    {
        var morning = FridayEvening with { Weekday = 0, From = 9, To = 12, Basis = SendingBasis.Interest };
        CampaignCandidate[] people =
        [
            new("a", default, new ChannelUse(9, 1, 0), false, 0, 1, 1) { Locale = "id_ID", OwnHour = 30 }, new("b", default, new ChannelUse(0, 0, 3), false, 0, 1, 1) { Locale = "en_US" },
            new("c", default, default, false, 0, 1, 1) { OwnHour = 167 - 2 },
        ];
        (string Channel, string At, TimedBy By)[] Of(ChannelRule channels, TimingRule times) =>
        [
            .. CampaignPlan.Of(Draft(holdout: 0), people, new CampaignRules(channels, times, new Dictionary<string, SendingTime> { ["id_ID"] = morning }), _ => [], _ => false).Members
                .Select(member => (member.Channel, $"{member.SendAt:ddd HH}", member.Timed)),
        ];
        var (app, mail) = (new ChannelRule(["mobile", "web"], false, ""), new ChannelRule(["email"], true, "email"));
        Of(ChannelRule.Usual, new TimingRule()).ShouldBe([("web", "Fri 18", TimedBy.Segment), ("email", "Fri 18", TimedBy.Segment), ("", "Fri 18", TimedBy.Segment)]);
        Of(app, new TimingRule(TimedBy.Locale)).ShouldBe([("mobile", "Mon 09", TimedBy.Locale), ("", "Fri 18", TimedBy.Segment), ("", "Fri 18", TimedBy.Segment)]);
        // Planned on a Thursday at half past ten.
        Of(mail, new TimingRule(TimedBy.Locale, AnyDay: true)).ShouldBe([("email", "Fri 09", TimedBy.Locale), ("email", "Thu 18", TimedBy.Segment), ("email", "Thu 18", TimedBy.Segment)]);
        Of(app, new TimingRule(TimedBy.Member)).ShouldBe([("mobile", "Tue 06", TimedBy.Member), ("", "Fri 18", TimedBy.Segment), ("", "Sun 21", TimedBy.Member)]);
    }

    [Fact]
    public void A_difference_as_large_as_told_is_seen_in_about_four_of_five_campaigns()
    {
        const int treated = 900, left = 300, worlds = 1_000;
        const double share = 0.2;
        var (random, seen) = (new Random(3), 0);
        var difference = CampaignPlan.Detectable(share, treated, left);
        for (var world = 0; world < worlds; world++) seen += CampaignResult.Of(Hits(random, treated, share + difference), treated, Hits(random, left, share), left).IsFound ? 1 : 0;
        ((double)seen / worlds).ShouldBe(0.8, 0.06);
    }

    [Fact]
    public void Where_fewer_are_to_answer_it_is_a_fall_that_is_told_and_none_that_cannot_be()
    {
        CampaignPlan.Detectable(0.985, 900, 300, falls: true).ShouldBe(CampaignPlan.Detectable(0.015, 900, 300), 1e-12);
        CampaignPlan.Detectable(0.985, 900, 300, falls: true).ShouldBeInRange(0.01, 0.985);
        CampaignPlan.Detectable(0.985, 900, 300).ShouldBe(double.NaN, "there is no share above 1");
        CampaignPlan.Detectable(0.01, 9, 3, falls: true).ShouldBe(double.NaN);
    }

    [Fact]
    public void The_interval_of_a_result_is_Newcombes()
    {
        // His example: 56 of 70 against 48 of 80.
        var result = CampaignResult.Of(56, 70, 48, 80);
        result.Difference.ShouldBe(0.2, 1e-12);
        result.Interval.Low.ShouldBe(0.0524, 5e-5);
        result.Interval.High.ShouldBe(0.3339, 5e-5);
        result.IsFound.ShouldBeTrue();
        result.P.ShouldBeInRange(0.005, 0.05);
        foreach (var (hits, left) in new[] { (40L, 48L), (56, 48), (50, 40), (40, 56), (70, 0), (0, 0) })
        {
            var other = CampaignResult.Of(hits, 70, left, 80);
            (other.P < 0.05).ShouldBe(other.IsFound);
        }

        CampaignResult.Of(70, 70, 0, 80).P.ShouldBeLessThan(0.001);
        CampaignResult.Of(0, 0, 1, 2).P.ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData(0.15)]
    [InlineData(0)]
    public void A_planted_effect_is_covered_at_the_stated_rate_and_where_none_is_planted_hardly_one_is_claimed(double effect)
    {
        var (covered, claimed) = (0, 0);
        for (var world = 0; world < 200; world++)
        {
            var random = new Random(world);
            // People differ in how often they do it anyway; the draw of who is left alone is the campaign's own.
            CampaignCandidate[] people = [.. Enumerable.Range(0, 600).Select(i => new CampaignCandidate($"u{i}", default, new ChannelUse(1, 0, 0), false, random.Next(5), 10, 30))];
            var (_, members) = Plan(people, Draft(world + 1, holdout: 0.2));
            var result = CampaignResult.Of(members.Select(member =>
            {
                var by = 0.1 + (0.05 * member.HitsBefore) + (member.Treated ? effect : 0);
                return (member, (long?)(member.HitsBefore + (random.NextDouble() < by ? 1 : 0)));
            }));
            covered += result.Interval.Covers(effect) ? 1 : 0;
            claimed += result.IsFound ? 1 : 0;
        }

        // 95 % of 200, to what 200 can tell.
        covered.ShouldBeInRange(181, 199);
        if (effect == 0) claimed.ShouldBeLessThanOrEqualTo(19);
        else claimed.ShouldBeGreaterThan(160);
    }

    [Fact]
    public void Who_is_gone_is_in_no_share_and_told()
    {
        var members = Plan(People(50)).Members;
        var result = CampaignResult.Of(members.Select((member, i) => (member, i % 2 == 0 ? (long?)null : member.HitsBefore + 1)));
        (result.Gone, result.Treated.N + result.LeftAlone.N).ShouldBe(((members.Length + 1) / 2, members.Length / 2));
        result.Treated.Value.ShouldBe(1);
        CampaignResult.Of([]).Difference.ShouldBe(double.NaN);
    }

    [Fact]
    public void Without_people_a_plan_has_them_neither_among_members_nor_influencers()
    {
        var (plan, members) = Plan(People(50));
        plan = plan with { Influencers = [new CampaignInfluencer("u3", 2, 1, 1), new CampaignInfluencer("u4", 2, 1, 1)] };
        var (left, rest) = CampaignPlan.Without(plan, members, new HashSet<string> { "u4", "nobody" }).ShouldNotBeNull();
        left.Influencers.Select(one => one.User).ShouldBe(["u3"]);
        rest.ShouldAllBe(member => member.User != "u4");
        left.Counts.ShouldBe(CampaignCounts.Of(rest));
        CampaignPlan.Without(plan, members, new HashSet<string> { "nobody" }).ShouldBeNull();
    }

    private static int Hits(Random random, int n, double share) => Enumerable.Range(0, n).Count(_ => random.NextDouble() < share);
}
