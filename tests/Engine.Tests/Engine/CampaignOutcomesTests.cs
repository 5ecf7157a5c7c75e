using Auie.Abstractions;
using static Auie.Engine.Tests.Engine.CampaignTests;

namespace Auie.Engine.Tests.Engine;

/// <summary>What campaigns expect of events, which people say yes to, and of products, which they buy.</summary>
public sealed class CampaignOutcomesTests
{
    [Fact]
    public async Task What_is_expected_is_in_the_outcome_that_fits_what_is_sent_and_only_what_can_be_taken_up_is()
    {
        await using var engine = await StartAsync(null);
        var begun = new ItemEvent { ItemId = "begun", MessageId = "begun", At = Noon, Traits = new() { ["kind"] = "event", ["start"] = "2012-10-06T18:00:00Z", ["end"] = "2012-12-01T18:00:00Z" } };
        await engine.Client.ImportItems([begun, .. Enumerable.Range(0, 3).Select(item => new ItemEvent { ItemId = $"p{item}", MessageId = $"p{item}", At = Noon, Traits = new() { ["kind"] = "product", ["price"] = "5" } })], CancellationToken.None);
        // Of events it is known what comes of them, of products not before one was shown: what is sent of both is not expected by events alone.
        var both = await engine.Client.PreviewCampaign(Order with { Items = ["e3", "p0"] }, CancellationToken.None);
        (both.Measure, both.Expected.Outcomes.Length).ShouldBe(("taken_up", 0));
        both.Expected.Answers.Value.ShouldBe(both.Audience.Treated * both.Expected.ByMember.Value, 1e-9);
        // To one of three events that all were shown a fourth of the users say yes; each was shown a product, which a fifth bought. What those did then who forbid it is not kept.
        await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(user => (UserEvent[])[
            Event(user, "shown", 5, "p0"), .. user % 4 == 0 ? [Event(user, "yes", 6, "e1")] : Array.Empty<UserEvent>(), .. user % 5 == 0 ? [Event(user, "purchased", 7, "p0")] : Array.Empty<UserEvent>()])], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        var members = (await engine.Client.GetMembers(1, Order.Segment, null, Users, CancellationToken.None))!.Members.Select(user => int.Parse(user[1..])).ToArray();

        int[] tracked = [.. members.Where(user => !Forbids(user))];

        var plan = await engine.Client.CreateCampaign(Order with { Count = 10 }, CancellationToken.None);
        plan.Measure.ShouldBe("taken_up");
        var sent = (await MembersAsync(engine, plan.Id)).Where(member => member.Items.Length > 0).ToArray();
        sent.ShouldAllBe(member => !member.Items.Contains("begun"));
        plan.Expected.Outcomes.Select(one => (one.Outcome, one.Sent, one.Rate.Hits, one.Rate.N)).ShouldBe(
        [
            ("yes", sent.Count(member => member.Items.Any(item => item[0] == 'e')), tracked.Count(user => user % 4 == 0), 3 * members.Length),
            ("purchased", sent.Count(member => member.Items.Any(item => item[0] == 'p')), tracked.Count(user => user % 5 == 0), tracked.Length),
        ]);
        foreach (var one in plan.Expected.Outcomes)
        {
            one.Sent.ShouldBePositive();
            one.ByMember.Value.ShouldBe(one.Rate.Value, 1e-12);
            one.Answers.Value.ShouldBe(one.Sent * one.ByMember.Value, 1e-9);
            (one.Answers.Low <= one.Answers.Value && one.Answers.Value <= one.Answers.High).ShouldBeTrue();
        }

        plan.Expected.Answers.Value.ShouldBe(plan.Expected.Outcomes.Sum(one => one.Answers.Value), 1e-9);
        // Each is off by chance of its own, so that both together are by less than the sum.
        plan.Expected.Answers.High.ShouldBeLessThan(plan.Expected.Outcomes.Sum(one => one.Answers.High));
        plan.Expected.Answers.High.ShouldBeGreaterThan(plan.Expected.Answers.Value);

        var products = await engine.Client.PreviewCampaign(Order with { Kind = "product", From = From.AddDays(30) }, CancellationToken.None);
        (products.Measure, products.Expected.Outcomes.Single().Outcome, products.Expected.Rate.N, products.Expected.Answers.Value).ShouldBe(("purchased", "purchased", tracked.Length, products.Expected.Outcomes[0].Answers.Value));
        (await engine.Client.PreviewCampaign(Order with { Items = ["e3"] }, CancellationToken.None)).Measure.ShouldBe("yes");
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.PreviewCampaign(Order with { Items = ["e3", "begun"] }, CancellationToken.None))).Reason.ShouldContain("'begun' cannot be taken up any more by 2012-10-08T00:00:00Z: it has begun");

        // What it changed is counted so, too: whoever buys has taken it up.
        var buyer = sent[0].User;
        await engine.Client.Append([Event(int.Parse(buyer[1..]), "purchased", 100, "p1")], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        (await engine.Client.GetCampaignResult(plan.Id, CancellationToken.None))!.Treated.Hits.ShouldBe(1);
    }

    [Fact]
    public async Task Whom_nothing_fits_is_sent_nothing_and_has_nothing_to_pass_on_to_friends()
    {
        await using var engine = await StartAsync(null);
        // Friends want one thing alone, which half of the users have declined.
        await engine.Client.Append([.. Enumerable.Range(0, Users).Where(user => user / 12 % 2 == 0).Select(user => Event(user, "no", 9, "e0"))], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);

        var plan = await engine.Client.CreateCampaign(Order with { Strategy = "Group invitations", Count = null }, CancellationToken.None);

        var sent = (await MembersAsync(engine, plan.Id)).Where(member => member.Items.Length > 0).Select(member => member.User).ToArray();
        plan.WithoutItems.ShouldBe(plan.Audience.Treated - sent.Length);
        plan.WithoutItems.ShouldBePositive();
        plan.Influencers.ShouldNotBeEmpty();
        plan.Influencers.Select(one => one.User).ShouldBeSubsetOf(sent);
        plan.Reach.Value.ShouldBeLessThanOrEqualTo(sent.Length);
    }
}
