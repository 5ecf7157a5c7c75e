using Auie.Core.Campaigns;
using Auie.Core.Strategies;

namespace Auie.Core.Tests.Campaigns;

/// <summary>Plans that would send nothing, and why.</summary>
public sealed class NothingSentTests
{
    private static readonly CampaignItem Hiking = new("e1", "Hiking", 0);

    [Fact]
    public void Where_nobody_is_in_the_segment_or_everybody_is_left_out_each_reason_is_told_with_its_count()
    {
        NothingSent.Why(Plan([])).ShouldBe("the segment has no members");
        CampaignCandidate[] people = [Somebody("a") with { TrackingForbidden = true }, Somebody("b"), Somebody("c"), Somebody("d")];
        NothingSent.Why(Plan(people, user => user is "b" or "c", user => user == "d"))
            .ShouldBe("of the segment's 4 members nobody is left to send anything to: 1 forbade that what they do is kept, 2 are reached as often as may be by other campaigns, 1 are left alone by other campaigns, to compare with");
        var (plan, _) = CampaignPlan.Of(CampaignPlanTests.Draft(holdout: 1), [Somebody("a")], CampaignRules.Usual, _ => [], _ => false);
        NothingSent.Why(plan with { Items = [Hiking] }).ShouldBe("of the segment's 1 member nobody is left to send anything to: 1 are left alone by this one, to compare with");
    }

    [Fact]
    public void Where_no_item_fits_anybody_that_is_the_reason_and_where_one_fits_somebody_there_is_none()
    {
        var (plan, members) = CampaignPlan.Of(CampaignPlanTests.Draft(holdout: 0), [Somebody("a"), Somebody("b")], CampaignRules.Usual, _ => [], _ => false);
        plan = plan with { OfferedItems = "one event near them", ItemsSample = 2 };
        NothingSent.Why(plan).ShouldBe("nothing that there is fits what is offered (one event near them) for any of the 2 members who were asked");
        NothingSent.Why(plan with { Items = [Hiking] }).ShouldBeNull();
        Own([], []).ShouldBe("nothing that there is fits what is offered (one event near them) for any of the 2 members who were asked");
        Own(["e1"], []).ShouldBeNull();

        string? Own(params string[][] items) => NothingSent.Why((plan with { HasOwnItems = true }).Counting([.. members.Zip(items, (member, of) => member with { Items = of })]));
    }

    private static Campaign Plan(CampaignCandidate[] people, Func<string, bool>? reached = null, Func<string, bool>? aside = null) =>
        CampaignPlan.Of(CampaignPlanTests.Draft(holdout: 0), people, CampaignRules.Usual, user => reached?.Invoke(user) == true ? [CampaignPlanTests.Now] : [], aside ?? (_ => false)).Plan with { Items = [Hiking] };

    private static CampaignCandidate Somebody(string user) => new(user, default, new ChannelUse(1, 0, 0), false, 0, 1, 1);
}
