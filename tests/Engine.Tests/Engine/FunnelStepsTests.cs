using Auie.Abstractions;

namespace Auie.Engine.Tests.Engine;

/// <summary>Which steps funnels are told of where none are named.</summary>
public sealed class FunnelStepsTests
{
    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Undated = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_known_without_a_date_alone_is_no_step_in_order()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        await ImportAsync(engine, Event("ann", "shown", Noon), Event("ann", "interested", Noon.AddMinutes(1)), Event("ann", "yes", Undated), Event("bob", "shown", Noon), Event("bob", "yes", Undated));
        (await StepsAsync(engine)).ShouldBe(["shown", "interested", "yes"]);
        (await StepsInOrderAsync(engine)).ShouldBe(["shown", "interested"]);

        // Once somebody's is dated it is one.
        await ImportAsync(engine, Event("cid", "yes", Noon.AddMinutes(2)));
        (await StepsInOrderAsync(engine)).ShouldBe(["shown", "interested", "yes"]);
    }

    [Fact]
    public async Task Who_buys_soon_after_interest_is_lost_nowhere_for_coming_later()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        await ImportAsync(engine, Event("ann", "shown", Noon), Event("ann", "interested", Noon.AddMinutes(1)), Event("ann", "purchased", Noon.AddMinutes(2)), Event("ann", "came", Noon.AddHours(20)), Event("bob", "shown", Noon.AddDays(9)));
        var buying = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest([], TimeSpan.FromDays(7).TotalSeconds, null, new AudienceRequest()), CancellationToken.None);
        buying.Steps.ShouldBe(["shown", "interested", "purchased"]);
        buying.Groups.Single().Reached[2].OfBefore.Value.ShouldBe(1);
        var coming = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest([], TimeSpan.FromDays(7).TotalSeconds, null, new AudienceRequest()) { To = "came" }, CancellationToken.None);
        coming.Steps.ShouldBe(["shown", "interested", "came"]);
        coming.Groups.Single().Reached[2].OfBefore.Value.ShouldBe(1);
        (await engine.Client.GetFunnel(new FunnelRequest([], null, new AudienceRequest()) { To = "came" }, CancellationToken.None)).Steps.Select(step => step.Name).ShouldBe(["shown", "interested", "came"]);
        foreach (var (to, steps, why) in new (string, string[], string)[] { ("viewed", [], "no usual way to 'viewed'"), ("came", ["shown"], "some are") })
        {
            (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetFunnel(new FunnelRequest(steps, null, new AudienceRequest()) { To = to }, CancellationToken.None))).Message.ShouldContain(why);
            (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(steps, 60, null, new AudienceRequest()) { To = to }, CancellationToken.None))).Field.ShouldBe("to");
        }
    }

    [Fact]
    public async Task An_event_of_a_day_to_come_ends_nobodys_window()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        var today = DateTimeOffset.UtcNow.AddHours(-1);
        await ImportAsync(engine, Event("ann", "shown", today), Event("bob", "shown", today), Event("bob", "interested", today.AddMinutes(1)), Event("cid", "viewed", new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var told = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "interested"], TimeSpan.FromDays(7).TotalSeconds, null, new AudienceRequest()), CancellationToken.None);
        told.Groups.Single().Reached[0].NotYet.ShouldBe(1);
        // Who still has time is not lost.
        told.Groups.Single().Reached[1].OfFirst.N.ShouldBe(0);
    }

    [Fact]
    public async Task A_step_is_one_of_them_once()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        string[] twice = ["shown", "yes", "shown"];
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetFunnel(new FunnelRequest(twice, null, new AudienceRequest()), CancellationToken.None))).Message.ShouldBe("steps: has 'shown' twice: each step can be one of them once");
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(twice, 60, null, new AudienceRequest()), CancellationToken.None))).Field.ShouldBe("steps");
        // Of personas there are none before a segmentation is published.
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetFunnel(new FunnelRequest(["shown"], "persona", new AudienceRequest()), CancellationToken.None))).Unknown.ShouldBe("segmentation");
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetWho(new AudienceRequest { Segment = 0 }, CancellationToken.None))).Unknown.ShouldBe("segmentation");
    }

    [Fact]
    public async Task Answers_to_what_was_shown_are_of_something_shown_though_nothing_else_was_sent()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        await ImportAsync(engine, Event("ann", "interested", Noon), Event("bob", "not_interested", Noon));
        (await StepsAsync(engine)).ShouldBe(["shown", "interested"]);
        (await StepsInOrderAsync(engine)).ShouldBe(["interested"]);
    }

    [Fact]
    public async Task What_was_spent_counts_on_the_platform_of_the_purchase_and_adds_up_to_what_everybody_spent()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        UserEvent[] sent =
        [
            // Ann is seen on the web, buys in the app and by mail, and once where nobody knows; Bob buys on the web alone; of Cid no platform is known; Dan only looks.
            On("ann", "shown", 0, "web"), Buys("ann", 1, "ios", 5_0000), Buys("ann", 2, "email", 3_0000), Buys("ann", 3, null, 2_0000), On("bob", "shown", 0, "web"), Buys("bob", 2, "web", 7_0000),
            On("cid", "shown", 0, null), Buys("cid", 1, "kiosk", 1_0000), On("dan", "shown", 0, "android"),
        ];
        await ImportAsync(engine, sent);
        var ever = (await engine.Client.GetFunnel(new FunnelRequest(["shown", "purchased"], "platform", new AudienceRequest()), CancellationToken.None)).Groups;
        var inOrder = (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "purchased"], 3600, "platform", new AudienceRequest()), CancellationToken.None)).Groups;
        (string, long, long, long)[] expected = [("", 4, 3, sent.Sum(one => one.Amount ?? 0)), ("web", 2, 2, Paid("web")), ("mobile", 2, 1, Paid("ios")), ("email", 1, 1, Paid("email")), ("unknown", 1, 1, Paid(null) + Paid("kiosk"))];
        ever.Select(group => (group.Value, group.Users, group.Reached[1].Users, group.Spent)).ShouldBe(expected, ignoreOrder: true);
        inOrder.Select(group => (group.Value, group.Users, group.Reached[1].Users, group.Spent)).ShouldBe(expected, ignoreOrder: true);
        (ever[1..].Sum(group => group.Spent), ever[1..].Sum(group => group.SpentToEnd), inOrder[1..].Sum(group => group.Spent)).ShouldBe((ever[0].Spent, ever[0].SpentToEnd, inOrder[0].Spent));

        static UserEvent On(string user, string kind, int minute, string? platform) => Event(user, kind, Noon.AddMinutes(minute)) with { MessageId = $"{user}-{minute}", Platform = platform };
        static UserEvent Buys(string user, int minute, string? platform, long amount) => On(user, "purchased", minute, platform) with { Amount = amount };
        long Paid(string? platform) => sent.Where(one => one.Platform == platform).Sum(one => one.Amount ?? 0);
    }

    [Fact]
    public async Task A_funnel_in_order_says_of_how_many_who_are_meant_it_is_and_why_not_of_all()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:FlushInterval=01:00:00");
        // Of Bob's first step it is not known when; Cid has taken as many steps since as are kept; Dan never took it.
        await ImportAsync(engine, [Event("ann", "shown", Noon), Event("bob", "shown", Undated), Event("cid", "shown", Noon), .. Enumerable.Range(1, 64).Select(i => Event("cid", "viewed", Noon.AddMinutes(i)) with { MessageId = $"cid-{i}" }), Event("dan", "viewed", Noon)]);
        var funnel = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "viewed"], 3600, null, new AudienceRequest()), CancellationToken.None);
        (funnel.Meant, funnel.Groups.Single().Users, funnel.FirstNotKept).ShouldBe((4, 1, 2));
    }

    private static async Task<string[]> StepsAsync(TestEngine engine) =>
        [.. (await engine.Client.GetFunnel(new FunnelRequest([], null, new AudienceRequest()), CancellationToken.None)).Steps.Select(step => step.Name)];

    private static async Task<string[]> StepsInOrderAsync(TestEngine engine) =>
        (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest([], 3600, null, new AudienceRequest()), CancellationToken.None)).Steps;

    private static async Task ImportAsync(TestEngine engine, params UserEvent[] events)
    {
        await engine.Client.Import(events, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
    }

    private static UserEvent Event(string user, string kind, DateTimeOffset at) => new() { UserId = user, MessageId = $"{user}-{kind}", Kind = kind, At = at, Item = "e" };
}
