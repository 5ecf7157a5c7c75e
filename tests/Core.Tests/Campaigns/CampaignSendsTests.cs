using Auie.Core.Campaigns;
using Auie.Core.Insights;
using Auie.Core.Strategies;

namespace Auie.Core.Tests.Campaigns;

/// <summary>A plan says when it really sends, which a rule may make another time than the best one.</summary>
public sealed class CampaignSendsTests
{
    [Fact]
    public void On_any_day_it_is_told_when_members_are_sent_it_and_not_when_would_be_best()
    {
        // Planned on a Thursday at half past ten in UTC, it goes on that day to whom the evening is still to come, though Friday would be best; in Auckland it is evening already.
        CampaignCandidate[] people = [Somebody("a", 0), Somebody("b", 0), Somebody("c", -300), Somebody("d", 780)];
        var rules = new CampaignRules(ChannelRule.Usual, new TimingRule(AnyDay: true), new Dictionary<string, SendingTime>());
        var (plan, members) = CampaignPlan.Of(CampaignPlanTests.Draft(holdout: 0), people, rules, _ => [], _ => false);
        plan.Time.Weekday.ShouldBe(Activity.WeekdayOf(DayOfWeek.Friday));
        var (thursday, friday) = (new DateOnly(2026, 11, 26), new DateOnly(2026, 11, 27));
        plan.Sends.ShouldBe([new CampaignSends(thursday, 18, 3), new CampaignSends(friday, 18, 1)]);
        CampaignSends.InWords(plan.Sends).ShouldBe("from Thursday, 26 November 2026, 18:00 to Friday, 27 November 2026, 18:00, to most (3 of 4) on Thursday, 26 November 2026 at 18:00");
        CampaignSends.InWords([.. CampaignSends.Of(members[..2])]).ShouldBe("to all 2 on Thursday, 26 November 2026 at 18:00");
        CampaignSends.InWords([new CampaignSends(thursday, 9, 1), new CampaignSends(thursday, 18, 2)]).ShouldBe("on Thursday, 26 November 2026 from 9:00 to 18:00, to most (2 of 3) at 18:00");
        CampaignSends.InWords([]).ShouldBe("");
    }

    [Fact]
    public void For_whom_nothing_fits_is_sent_nothing_and_makes_no_message_the_first_or_the_last()
    {
        var (plan, members) = CampaignPlan.Of(CampaignPlanTests.Draft(holdout: 0), [Somebody("a", 0), Somebody("b", -300), Somebody("c", 300)], CampaignRules.Usual, _ => [], _ => false);
        var own = plan.Counting([members[0] with { Items = ["e1"] }, members[1] with { Items = [] }, members[2] with { Items = [] }]);
        (own.Counts.Treated, own.Counts.WithoutItems, own.Counts.FirstSend, own.Counts.LastSend).ShouldBe((3, 2, members[0].SendAt, members[0].SendAt));
        own.Sends.Sum(at => at.Members).ShouldBe(1);
        (own.Counts.NoChannel, own.Counts.ZonesProfile).ShouldBe((1, 1));
        // Of whom nothing is sent to no answer is expected.
        var told = plan.Sending([members[0] with { Items = ["e1"] }, members[1] with { Items = [] }, members[2] with { Items = [] }]);
        (plan.Expected.Answers, told.Expected.Answers).ShouldBe((3 * plan.Expected.ByMember.Value, plan.Expected.ByMember.Value));
        told.Expected.AnswersInterval.ShouldBe(plan.Expected.ByMember.Answers(1));
        plan.Sends.Sum(at => at.Members).ShouldBe(3);
    }

    private static CampaignCandidate Somebody(string user, int zone) => new(user, new UserZone(zone, ZoneSource.Profile), default, false, 0, 1, 1);
}
