using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Campaigns;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>Campaigns of a whole engine: whom they are for, what becomes of them, and what they changed.</summary>
public sealed class CampaignTests
{
    private const string Soon = "Engine:RetryInterval=00:00:00.02", NoTimer = "Engine:FlushInterval=01:00:00";
    internal const int Users = 120;

    internal static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);
    internal static readonly DateTimeOffset From = new(2012, 10, 8, 0, 0, 0, TimeSpan.Zero);

    internal static readonly CampaignRequest Order = new() { Strategy = "Early access", Segment = 0, Anyway = true, From = From, Holdout = 0.3, Count = 3 };

    [Fact]
    public async Task A_plan_is_the_same_each_time_stays_over_a_restart_and_is_for_members_who_may_be_reached()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            CampaignView stored;
            string[] exported;
            await using (var engine = await StartAsync(folder))
            {
                var preview = await engine.Client.PreviewCampaign(Order, CancellationToken.None);
                Text(await engine.Client.PreviewCampaign(Order, CancellationToken.None) with { MadeAt = preview.MadeAt }).ShouldBe(Text(preview));
                (await engine.Client.ListCampaigns(CancellationToken.None)).ShouldBeEmpty();
                stored = await engine.Client.CreateCampaign(Order, CancellationToken.None);
                Text(stored with { Stored = false, MadeAt = preview.MadeAt }).ShouldBe(Text(preview));

                var audience = stored.Audience;
                audience.Segment.ShouldBe((await engine.Client.GetSegment(1, 0, CancellationToken.None))!.Size);
                var members = await MembersAsync(engine, stored.Id);
                members.Count(member => member.Treated).ShouldBe((int)audience.Treated);
                members.Length.ShouldBe((int)(audience.Segment - audience.NoTracking));
                audience.NoTracking.ShouldBeGreaterThan(0);
                foreach (var member in members)
                {
                    var user = int.Parse(member.User[1..]);
                    Forbids(user).ShouldBeFalse();
                    member.Treated.ShouldBe(!CampaignPlan.IsHeldOut(1, member.User, 0.3));
                    member.Channel.ShouldBe(user % 4 == 0 ? "mobile" : "web");
                    (member.SendAt is null).ShouldBe(member.Items.Length == 0);
                    if (member.SendAt is not { } at) continue;
                    // As soon as there is something new: on any day, in hours that are best of the segment or of the locale.
                    (at.Minute, at.Second).ShouldBe((0, 0));
                    if (member.Timed == "segment") at.Hour.ShouldBe(stored.Time.From);
                    member.Items.Length.ShouldBeLessThanOrEqualTo(3);
                    at.Offset.ShouldBe(TimeSpan.FromHours(user % 5 == 0 ? 7 : -5));
                    (at >= From && at < From.AddDays(1)).ShouldBeTrue();
                }

                // As many are left alone as were drawn, which need not be as many as were to be.
                (stored.Holdout, stored.HoldoutDrawn).ShouldBe((0.3, audience.LeftAlone / (double)(audience.Treated + audience.LeftAlone)));
                stored.Channels.Values.Sum().ShouldBe(audience.Treated - stored.WithoutItems);
                // The plan says of every message when it goes, on the member's own clock.
                stored.Sends.ShouldBe(members.Where(member => member.Items.Length > 0).CountBy(member => (Day: $"{member.SendAt:yyyy-MM-dd}", member.SendAt!.Value.Hour))
                    .OrderBy(at => at.Key).Select(at => new CampaignSendsView(at.Key.Day, at.Key.Hour, at.Value)));
                stored.SentWhen.ShouldContain("8 October 2012");
                stored.SendsNothing.ShouldBeNull();
                // Each of those treated was asked, and is sent what suits them.
                (stored.OwnItems, stored.ItemsSample).ShouldBe((true, (int)audience.Treated));
                stored.TimedBy.Values.Sum().ShouldBe(audience.Treated - stored.WithoutItems);
                foreach (var item in stored.Items) item.Sample.ShouldBe(members.Count(member => member.Items.Contains(item.Id)));
                stored.WithoutItems.ShouldBe(members.Count(member => member.Treated && member.Items.Length == 0));
                members.Where(member => !member.Treated).ShouldAllBe(member => member.Items.Length == 0);
                // A ring of friends: everybody may carry it, and only those who are sent something are asked.
                stored.Influencers.ShouldNotBeEmpty();
                stored.Influencers.Select(one => one.User).ShouldBeSubsetOf(members.Where(member => member.Items.Length > 0).Select(member => member.User));
                stored.Reach.Value.ShouldBeInRange(stored.Reach.Low, stored.Reach.High);
                exported = [.. members.Select(member => member.ToString())];

                // Three times a week is as often as this strategy allows.
                var alone = new Dictionary<string, int> { ["c1"] = (int)audience.LeftAlone };
                var leftAlone = members.Where(member => !member.Treated).Select(member => member.User).ToHashSet();
                for (var i = 0; i < 2; i++)
                {
                    var next = await engine.Client.CreateCampaign(Order, CancellationToken.None);
                    // Whom one leaves alone none of the others sends anything, or there would be nobody to compare with.
                    (next.Audience.Aside, next.Audience.Reached).ShouldBe((leftAlone.Count, 0));
                    var of = await MembersAsync(engine, next.Id);
                    of.Select(member => member.User).ShouldNotContain(user => leftAlone.Contains(user));
                    leftAlone.UnionWith(of.Where(member => !member.Treated).Select(member => member.User));
                    alone.Add(next.Id, (int)next.Audience.LeftAlone);
                }

                var fourth = (await engine.Client.PreviewCampaign(Order, CancellationToken.None)).Audience;
                fourth.Reached.ShouldBeGreaterThan(0);
                fourth.Aside.ShouldBe(leftAlone.Count);
                (fourth.Reached + fourth.Aside + fourth.NoTracking + fourth.Treated + fourth.LeftAlone).ShouldBe(fourth.Segment);
                var monthOn = (await engine.Client.PreviewCampaign(Order with { From = From.AddDays(30) }, CancellationToken.None)).Audience;
                (monthOn.Reached, monthOn.Aside).ShouldBe((0, 0));
                (await engine.Client.DeleteCampaign("c2", CancellationToken.None)).ShouldBeTrue();
                (await engine.Client.DeleteCampaign("c2", CancellationToken.None)).ShouldBeFalse();
                (await engine.Client.PreviewCampaign(Order, CancellationToken.None)).Audience.Aside.ShouldBe(alone["c1"] + alone["c3"]);
            }

            await using (var engine = await StartAsync(folder))
            {
                (await engine.Client.ListCampaigns(CancellationToken.None)).Select(one => one.Id).ShouldBe(["c3", "c1"]);
                Text((await engine.Client.GetCampaign("c1", CancellationToken.None))!).ShouldBe(Text(stored));
                (await MembersAsync(engine, "c1")).Select(member => member.ToString()).ShouldBe(exported);
                (await engine.Client.PreviewCampaign(Order, CancellationToken.None)).Id.ShouldBe("c4");

                // The disk damages a plan: its people are erased all the same, and it can be deleted.
                const string owner = "campaigns/default";
                var epoch = await engine.Store.ClaimEpochAsync(owner, CancellationToken.None);
                await engine.Store.WriteDocumentsAsync(engine.Client.Tenant, owner, epoch, [new DocumentWrite("campaign", $"{3:D19}", [0xFF])], CancellationToken.None);
            }

            await using (var engine = await StartAsync(folder))
            {
                (await engine.Client.ListCampaigns(CancellationToken.None)).Select(one => one.Id).ShouldBe(["c1"]);
                (await Stored(engine)).ShouldContain(stored.Influencers[0].User);
                await engine.EraseAsync(stored.Influencers[0].User);
                (await Stored(engine)).ShouldNotContain(stored.Influencers[0].User);
                (await engine.Client.DeleteCampaign("c3", CancellationToken.None)).ShouldBeTrue();
                (await engine.Client.DeleteCampaign("c3", CancellationToken.None)).ShouldBeFalse();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_it_changed_equals_a_recount_of_what_its_members_did_since()
    {
        await using var engine = await StartAsync(null);
        var campaign = await engine.Client.CreateCampaign(Order with { Strategy = "Reactivation" }, CancellationToken.None);
        campaign.Measure.ShouldBe("interested");
        var members = await MembersAsync(engine, campaign.Id);
        var before = (await engine.Client.GetCampaignResult(campaign.Id, CancellationToken.None)).ShouldNotBeNull();
        (before.Treated.Hits, before.Treated.N, before.LeftAlone.Hits, before.LeftAlone.N, before.Found).ShouldBe((0, campaign.Audience.Treated, 0, campaign.Audience.LeftAlone, false));

        // Nine of ten of those treated say that they are interested, of those left alone one of ten; one does not want to be counted any more.
        bool Says(CampaignMemberView member, int i) => i % 10 == 0 == !member.Treated;
        var gone = members[1];
        await engine.Client.Append([.. members.Select((member, i) => (member, i)).Where(one => Says(one.member, one.i))
            .Select(one => Event(int.Parse(one.member.User[1..]), "interested", 100, "late"))], false, CancellationToken.None);
        await engine.SendAsync(new UserEvent { UserId = gone.User, MessageId = "no", Kind = "consent", At = Noon.AddDays(1), Personalisation = false });
        await engine.Client.Flush(CancellationToken.None);

        var result = (await engine.Client.GetCampaignResult(campaign.Id, CancellationToken.None)).ShouldNotBeNull();
        var left = members.Select((member, i) => (member, i)).Where(one => one.member.User != gone.User).ToArray();
        (result.Treated.Hits, result.Treated.N).ShouldBe((left.Count(one => one.member.Treated && Says(one.member, one.i)), left.Count(one => one.member.Treated)));
        (result.LeftAlone.Hits, result.LeftAlone.N).ShouldBe((left.Count(one => !one.member.Treated && Says(one.member, one.i)), left.Count(one => !one.member.Treated)));
        (result.Found, result.Gone).ShouldBe((true, 1));
        result.Difference.Value.ShouldBe(result.Treated.Value - result.LeftAlone.Value, 1e-12);
        (result.Difference.Low > 0).ShouldBeTrue();
        (await engine.Client.GetCampaignResult("c9", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Influencers_are_those_of_the_friendships_among_the_people_who_are_meant()
    {
        await using var engine = await StartAsync(null);
        var all = await engine.Client.GetInfluencers(new AudienceRequest(), 5, CancellationToken.None);
        int[] people = [.. Enumerable.Range(0, Users).Where(user => !Forbids(user))];
        // Everybody lists the second and the fourth after them; the ring is never told from both ends.
        (all.People, all.Pairs).ShouldBe((people.Length, people.Sum(user => new[] { 2, 4 }.Count(step => !Forbids((user + step) % Users)))));
        all.Methods.Select(method => method.Method).ShouldBe(["imm", "degree", "pagerank"]);
        all.Methods[0].Reach.Value.ShouldBeGreaterThanOrEqualTo(0.95 * all.Methods.Max(method => method.Reach.Value));
        all.Methods[0].People.Sum(one => one.Added).ShouldBe(all.Methods[0].Reach.Value, 1e-6);

        var few = await engine.Client.GetInfluencers(new AudienceRequest { Locale = "id_ID" }, 5, CancellationToken.None);
        few.People.ShouldBe(people.Count(user => user % 5 == 0));
        few.Methods[0].People.Select(one => int.Parse(one.User[1..]) % 5).Distinct().ShouldBe([0]);
        (await engine.Client.GetInfluencers(new AudienceRequest { Locale = "xx_XX" }, 5, CancellationToken.None)).Methods.ShouldBeEmpty();
    }

    [Fact]
    public async Task Friendships_that_come_and_go_count_from_the_next_flush_on_and_those_of_who_is_erased_no_more()
    {
        await using var engine = await StartAsync(null);
        async Task<long> PairsAsync() => (await engine.Client.GetInfluencers(new AudienceRequest(), 1, CancellationToken.None)).Pairs;
        async Task SendAsync(int day, string[] added, string[] removed)
        {
            await engine.SendAsync(new UserEvent { UserId = "u0", MessageId = $"friends-{day}", Kind = "friends", At = Noon.AddDays(day), FriendsAdded = added, FriendsRemoved = removed });
            // The first flush may have written the friend's state before they were told.
            for (var flush = 0; flush < 2; flush++) await engine.Client.Flush(CancellationToken.None);
        }

        var before = await PairsAsync();
        (await PairsAsync()).ShouldBe(before);
        await SendAsync(1, ["u1", "u5"], []);
        (await PairsAsync()).ShouldBe(before + 2);
        await SendAsync(2, [], ["u1"]);
        (await PairsAsync()).ShouldBe(before + 1);
        await engine.EraseAsync("u5");
        // With u5 goes their friendships with u0, u1, u7 and u9; u3 is not counted.
        (await PairsAsync()).ShouldBe(before - 3);
    }

    [Theory]
    [InlineData("01:00:00", false)]
    [InlineData("00:00:00.0000001", true)]
    public async Task Lists_of_friends_that_were_read_are_gone_by_for_as_long_as_is_set_and_then_read_again(string kept, bool again)
    {
        var read = 0;
        await using var engine = await StartWithAsync(GatedStore.Before((method, arguments) =>
        {
            if (method == nameof(IEngineStore.LoadUsersAsync)) Interlocked.Add(ref read, ((IReadOnlyList<string>)arguments[1]!).Count);
            return Task.CompletedTask;
        }), null, $"Engine:FriendListsKept={kept}");
        read = 0;
        var first = await engine.Client.GetInfluencers(new AudienceRequest(), 1, CancellationToken.None);
        var once = Interlocked.Exchange(ref read, 0);
        once.ShouldBe((int)first.People);
        (await engine.Client.GetInfluencers(new AudienceRequest(), 1, CancellationToken.None)).Pairs.ShouldBe(first.Pairs);
        read.ShouldBe(again ? once : 0);
    }

    [Fact]
    public async Task Who_waits_too_long_for_a_recommendation_is_refused_and_may_come_again()
    {
        using var turns = new Auie.Grains.RecommendationTurns(Microsoft.Extensions.Options.Options.Create(new Auie.Grains.EngineOptions { RecommendationWait = TimeSpan.FromTicks(1) }));
        var ends = new TaskCompletionSource<int>();
        Task<int>[] under = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => turns.TakeAsync(() => ends.Task, CancellationToken.None))];
        (await Should.ThrowAsync<OverloadedException>(() => turns.TakeAsync(() => ends.Task, CancellationToken.None))).Message.ShouldContain("Engine:RecommendationWait");
        ends.SetResult(1);
        (await Task.WhenAll(under)).ShouldAllBe(one => one == 1);
        (await turns.TakeAsync(() => Task.FromResult(2), CancellationToken.None)).ShouldBe(2);
    }

    [Fact]
    public async Task An_event_of_a_day_to_come_slows_down_nobodys_pace()
    {
        await using var engine = await StartAsync(null);
        await engine.Client.Append([new UserEvent { UserId = "late", MessageId = "late", Kind = "viewed", At = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) }], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        var plan = await engine.Client.PreviewCampaign(Order with { Strategy = "Reactivation", Segment = 1 }, CancellationToken.None);
        (plan.Measure, plan.Expected.Rate.Hits > 0).ShouldBe(("interested", true));
        // Of what is known today, members did what they did in the days up to today.
        var pace = plan.Expected.Rate.Hits / (double)(plan.Audience.Treated + plan.Audience.LeftAlone) / (DateTimeOffset.UtcNow - Noon).TotalDays;
        plan.Expected.Baseline.ShouldBe(pace * plan.Days, 0.1 * pace * plan.Days);
    }

    [Fact]
    public async Task The_offer_decides_the_items_and_the_plan_says_how()
    {
        await using var engine = await StartAsync(null);
        async Task<CampaignView> PlanAsync(string strategy) => await engine.Client.PreviewCampaign(Order with { Strategy = strategy, Count = null }, CancellationToken.None);

        // Everybody was shown the first three of eight things and a third is interested in the first.
        var early = await PlanAsync("Early access");
        early.Items.Length.ShouldBeGreaterThanOrEqualTo(5);
        early.OwnItems.ShouldBeTrue();
        early.Items.Sum(item => item.Sample).ShouldBeLessThanOrEqualTo(5 * (int)early.Audience.Treated);
        early.OfferedItems.ShouldBe("5 things, first those that fewest people had before them");
        early.Time.ShouldBe((await engine.Client.GetWhen(new AudienceRequest { Segment = Order.Segment }, CancellationToken.None)).Groups[0].Best);
        var few = await PlanAsync("Few and better");
        few.Items.Sum(item => (long)item.Sample).ShouldBe(few.Audience.Treated - few.WithoutItems);
        var friends = await PlanAsync("Group invitations");
        friends.Items.Select(item => item.Id).ShouldBe(["e0"]);
        friends.Offer.ShouldContain("friends");
        // It starts on the 20th, more than two weeks after the last message where that goes before the 6th.
        (await PlanAsync("Reactivation")).Items.Length.ShouldBeGreaterThan(0);
        // Once all is over nothing fits, which is told, and nothing of it is kept.
        var late = Order with { Strategy = "Reactivation", From = Noon.AddDays(60) };
        var later = await engine.Client.PreviewCampaign(late, CancellationToken.None);
        (later.Items.Length, later.ItemsSample > 0, later.WithoutItems, later.FirstSend, later.Sends.Length).ShouldBe((0, true, later.Audience.Treated, null, 0));
        later.SendsNothing.ShouldNotBeNull().ShouldStartWith("nothing that there is fits what is offered (3 events");
        var refusal = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.CreateCampaign(late, CancellationToken.None));
        (refusal.Field, refusal.Reason).ShouldBe(("items", $"a plan that sends nothing is not stored, and this one would: {later.SendsNothing}"));
        (await engine.Client.ListCampaigns(CancellationToken.None)).ShouldBeEmpty();
        (await engine.Client.PreviewCampaign(Order, CancellationToken.None)).Id.ShouldBe("c1");
    }

    [Fact]
    public async Task Of_more_members_than_are_asked_all_are_sent_what_suits_most_of_a_sample_and_the_plan_says_of_how_many()
    {
        await using var engine = await StartAsync(null, "Engine:MaxCampaignRecommendations=10");
        var plan = await engine.Client.CreateCampaign(Order, CancellationToken.None);
        (plan.OwnItems, plan.WithoutItems, plan.Items.Length, plan.ItemsSample).ShouldBe((false, 0, 3, 25));
        plan.Items.ShouldAllBe(item => item.Sample > 0 && item.Sample <= 25);
        foreach (var member in await MembersAsync(engine, plan.Id)) member.Items.ShouldBe(member.Treated ? plan.Items.Select(item => item.Id) : []);
    }

    [Fact]
    public async Task More_people_than_may_be_looked_among_are_refused_with_the_limit()
    {
        await using var engine = await StartAsync(null, "Engine:MaxInfluencePeople=50");
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetInfluencers(new AudienceRequest(), 5, CancellationToken.None))).Reason.ShouldContain("Engine:MaxInfluencePeople");
        (await engine.Client.GetInfluencers(new AudienceRequest { Locale = "id_ID" }, 5, CancellationToken.None)).People.ShouldBeInRange(1, 24);

        // In memory there is room for 25 people and no links.
        await using var small = await StartAsync(null, "Engine:MaxInfluenceBytes=5000");
        (await Should.ThrowAsync<InvalidRequestException>(() => small.Client.GetInfluencers(new AudienceRequest(), 5, CancellationToken.None))).Reason.ShouldContain("Engine:MaxInfluenceBytes");
        (await small.Client.GetInfluencers(new AudienceRequest { Locale = "xx_XX" }, 5, CancellationToken.None)).People.ShouldBe(0);
    }

    [Fact]
    public async Task What_takes_long_is_refused_while_as_much_is_under_way_as_may_be()
    {
        var heavy = new Auie.Grains.HeavyInsights(Microsoft.Extensions.Options.Options.Create(new Auie.Grains.EngineOptions { MaxHeavyInsights = 2 }));
        var ends = new TaskCompletionSource<int>();
        Task<int>[] under = [heavy.RunAsync(() => ends.Task), heavy.RunAsync(() => ends.Task)];
        (await Should.ThrowAsync<OverloadedException>(() => heavy.RunAsync(() => ends.Task))).Message.ShouldContain("Engine:MaxHeavyInsights");
        ends.SetResult(1);
        (await Task.WhenAll(under)).ShouldBe([1, 1]);
        (await heavy.RunAsync(() => Task.FromResult(2))).ShouldBe(2);
    }

    [Fact]
    public async Task Who_forbids_it_after_a_plan_was_stored_is_not_written_to()
    {
        await using var engine = await StartAsync(null);
        var campaign = await engine.Client.CreateCampaign(Order, CancellationToken.None);
        var before = await MembersAsync(engine, campaign.Id);
        var (untracked, impersonal) = (before.First(member => member.Treated).User, before.Last(member => member.Treated).User);

        await engine.Client.Append(
        [
            new UserEvent { UserId = untracked, MessageId = "no-1", Kind = "consent", At = From, Tracking = false },
            new UserEvent { UserId = impersonal, MessageId = "no-2", Kind = "consent", At = From, Personalisation = false },
        ], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);

        (await MembersAsync(engine, campaign.Id)).Select(member => member.User).ShouldBe(before.Select(member => member.User).Except([untracked, impersonal]));
    }

    [Fact]
    public async Task Who_is_erased_is_gone_from_plans_at_once_and_from_the_store()
    {
        await using var engine = await StartAsync(null);
        var campaign = await engine.Client.CreateCampaign(Order, CancellationToken.None);
        var erased = campaign.Influencers[0].User;
        var other = campaign.Influencers[1].User;
        (await Stored(engine)).ShouldContain(erased);
        (await engine.Client.FindCampaignMentions([erased], CancellationToken.None)).Select(one => (one.Campaign, one.Member.User)).ShouldBe([(campaign.Id, erased)]);

        var receipt = (await engine.Client.EraseUser(erased, "test", CancellationToken.None)).Id;

        (await MembersAsync(engine, campaign.Id)).ShouldAllBe(member => member.User != erased);
        var left = (await engine.Client.GetCampaign(campaign.Id, CancellationToken.None)).ShouldNotBeNull();
        left.Influencers.ShouldAllBe(one => one.User != erased);
        left.Influencers.ShouldContain(one => one.User == other);
        (left.Audience.Treated + left.Audience.LeftAlone).ShouldBe(campaign.Audience.Treated + campaign.Audience.LeftAlone - 1);
        await engine.UntilErasedAsync(receipt);
        (await Stored(engine)).ShouldNotContain(erased);
        (await Stored(engine)).ShouldContain(other);
        (await engine.Client.CreateCampaign(Order, CancellationToken.None)).Audience.Segment.ShouldBe(campaign.Audience.Segment - 1);
    }

    [Fact]
    public async Task A_plan_for_nobody_says_whom_it_leaves_out_and_why_and_is_not_stored()
    {
        await using var engine = await StartAsync(null);
        var order = Order with { Strategy = "Reactivation", Items = ["e0"] };
        var first = await engine.Client.CreateCampaign(order, CancellationToken.None);
        var second = await engine.Client.PreviewCampaign(order, CancellationToken.None);
        (second.Audience.Treated, second.Audience.LeftAlone, second.Audience.Reached, second.Audience.Aside).ShouldBe((0, 0, first.Audience.Treated, first.Audience.LeftAlone));
        foreach (var told in new[] { $"of the segment's {first.Audience.Segment} members nobody", $"{first.Audience.NoTracking} forbade", $"{first.Audience.Treated} are reached as often", $"{first.Audience.LeftAlone} are left alone by other campaigns" })
            second.SendsNothing.ShouldNotBeNull().ShouldContain(told);
        var refusal = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.CreateCampaign(order, CancellationToken.None));
        (refusal.Field, refusal.Reason.Contains(second.SendsNothing!, StringComparison.Ordinal)).ShouldBe(("segment", true));
        (await engine.Client.ListCampaigns(CancellationToken.None)).Select(one => one.Id).ShouldBe(["c1"]);
    }

    [Fact]
    public async Task What_cannot_be_planned_is_refused_with_what_and_why()
    {
        await using var engine = await StartAsync(null, "Engine:MaxCampaigns=1");
        async Task Refused(CampaignRequest request, string field, string reason)
        {
            var refusal = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.CreateCampaign(request, CancellationToken.None));
            refusal.Field.ShouldBe(field);
            refusal.Reason.ShouldContain(reason);
        }

        await Refused(Order with { Strategy = "Shouting" }, "strategy", "there is no strategy 'Shouting'; there are Reactivation");
        await Refused(Order with { Segment = 7 }, "segment", "7 is none of version 1, which has 0 to 1");
        await Refused(Order with { Anyway = false, Strategy = "Nostalgia" }, "strategy", "does not fit segment 0: it ");
        await Refused(Order with { Holdout = 0.6 }, "holdout", "is not from 0 to 0.5");
        await Refused(Order with { From = DateTimeOffset.MaxValue }, "from", "before 2200");
        await Refused(Order with { From = DateTimeOffset.MinValue }, "from", "from 1900");
        // The data end in 2012, and so does the engine's now: what is past by the clock alone is not past.
        await Refused(Order with { From = Noon.AddDays(1) }, "from", "2012-10-04T12:00:00Z is past: for the engine it is 2012-10-05T12:0");
        await Refused(Order with { Count = 21 }, "count", "is not from 1 to 20");
        await Refused(Order with { Category = "opera" }, "category", "has the category or tag 'opera'");
        await Refused(Order with { Place = "Atlantis" }, "place", "no item is in 'Atlantis'");
        await Refused(Order with { Items = ["e0", "nothing"] }, "items", "there is no item 'nothing'");
        var named = await engine.Client.CreateCampaign(Order with { Items = ["e2", "e0"] }, CancellationToken.None);
        named.Items.ShouldBe([new CampaignItemView("e2", "Thing 2", 0), new CampaignItemView("e0", "Thing 0", 0)]);
        await Refused(Order, "strategy", "the most that are kept (Engine:MaxCampaigns)");
    }

    internal static bool Forbids(int user) => user % 11 == 3;

    internal static Task<TestEngine> StartAsync(string? folder, params string[] settings) => StartWithAsync(null, folder, settings);

    private static async Task<TestEngine> StartWithAsync(Action<IServiceCollection>? replace, string? folder, params string[] settings)
    {
        var engine = await TestEngine.StartWithAsync(replace, folder, 3, [NoTimer, Soon, .. settings]);
        if (await engine.Client.GetSegmentation(CancellationToken.None) is not null) return engine;
        await engine.Client.ImportItems([.. Enumerable.Range(0, 8).Select(item => new ItemEvent
        {
            ItemId = $"e{item}", MessageId = $"e{item}", At = Noon, Traits = new() { ["title"] = $"Thing {item}", ["kind"] = "event", ["start"] = "2012-10-20T18:00:00Z", ["city"] = "Medan", ["lat"] = "3.6", ["lng"] = "98.7" },
        })], CancellationToken.None);
        await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(EventsOf)], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2, Seed = 1, AsOf = Noon.AddDays(2) });
        return engine;
    }

    private static IEnumerable<UserEvent> EventsOf(int user)
    {
        var locale = user % 5 == 0 ? "id_ID" : "en_US";
        yield return new() { UserId = $"u{user}", MessageId = $"{user}-i", Kind = "identify", At = Noon, Traits = new() { ["locale"] = locale, ["birthyear"] = $"{(user % 2 == 0 ? 1960 : 1990) + (user % 7)}" } };
        yield return new() { UserId = $"u{user}", MessageId = $"{user}-f", Kind = "friends", At = Noon, FriendsAdded = [$"u{(user + 2) % Users}", $"u{(user + 4) % Users}", "nobody"] };
        for (var i = 0; i < 3; i++) yield return Event(user, "shown", i, $"e{i}");
        if (user % 3 == 0) yield return Event(user, "interested", 4, "e0");
        if (Forbids(user)) yield return new() { UserId = $"u{user}", MessageId = $"{user}-c", Kind = "consent", At = Noon.AddHours(1), Tracking = false };
    }

    internal static UserEvent Event(int user, string kind, int minute, string item) => new()
    {
        UserId = $"u{user}", MessageId = $"{user}-{kind}-{minute}", Kind = kind, At = Noon.AddMinutes(minute), Item = item, Platform = user % 4 == 0 ? "ios" : "web",
    };

    internal static async Task<CampaignMemberView[]> MembersAsync(TestEngine engine, string id)
    {
        var members = new List<CampaignMemberView>();
        await foreach (var page in engine.Client.ReadCampaign(id, 7, CancellationToken.None)) members.AddRange(page.Members);
        return [.. members];
    }

    /// <summary>All that the store has of campaigns, as text.</summary>
    private static async Task<string> Stored(TestEngine engine)
    {
        var text = new StringBuilder();
        foreach (var kind in new[] { "campaign", "campaign-members" })
        {
            await foreach (var (_, bytes) in engine.Store.ReadDocumentsAsync(engine.Client.Tenant, kind, CancellationToken.None))
                text.Append(Encoding.Latin1.GetString(bytes)).Append(kind == "campaign" ? "" : string.Join('|', CampaignCodec.DecodeMembers(bytes).Select(member => member.User)));
        }

        return text.ToString();
    }

    private static string Text(CampaignView view) => JsonSerializer.Serialize(view, AuieJson.Lenient.CampaignView);
}
