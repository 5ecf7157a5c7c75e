using System.Text.Json;
using Auie.Abstractions;
using Auie.Engine.Tests.Api;
using Auie.Engine.Tests.Page;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Tracking;

/// <summary>Segment's own SDK for Node.js, of which nothing is changed but the host.</summary>
public sealed class SdkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsProgramsFact("node", "npm")]
    public async Task All_calls_of_the_sdk_arrive_and_a_429_makes_it_send_again_what_then_counts_once()
    {
        await FetchSdk();
        await using var server = await ApiServer.Start(ApiServer.WithKeys());
        var sent = await Drive(server, ApiServer.KeyOf("write"),
            ("identify", new { userId = "ann", anonymousId = "a1", traits = new { birthyear = 1984, plan = "gold" } }),
            ("track", new { userId = "ann", @event = "Event Joined", properties = new { eventId = "e1" } }),
            ("track", new { anonymousId = "a2", @event = "Order Completed", properties = new { products = new[] { new { product_id = "p", price = 9.99, quantity = 3 } } } }),
            ("page", new { userId = "ann", name = "Home", properties = new { url = "https://example.org/" } }),
            ("screen", new { userId = "ann", name = "Start", context = new { device = new { type = "ios" } } }),
            ("group", new { userId = "ann", groupId = "acme", traits = new { size = 12 } }),
            ("alias", new { userId = "ann", previousId = "old" }),
            ("track", new { userId = "ann", @event = "Event Price Changed", properties = new { eventId = "e1", price = 12 } }));
        sent.Answers.ShouldAllBe(status => status == 200);
        sent.Delivered.ShouldAllBe(delivered => delivered);

        var arrived = server.Engine.Events;
        arrived.Where(one => one.UserId == "ann").Select(one => (one.Kind, one.Platform)).ShouldBe(
            [("identify", "server"), ("yes", "server"), ("viewed", "server"), ("viewed", "ios"), ("identify", "server"), ("alias", "server")], ignoreOrder: true);
        var identify = arrived.Single(one => one.AnonymousId == "a1");
        identify.Traits.ShouldBe(new Dictionary<string, string> { ["birthyear"] = "1984", ["plan"] = "gold" }, ignoreOrder: true);
        var bought = arrived.Single(one => one.UserId == "anonymous:a2");
        (bought.Kind, bought.Item, bought.Amount).ShouldBe(("purchased", "p", 299_700L));
        arrived.Single(one => one.Kind == "alias").PreviousId.ShouldBe("old");
        arrived.ShouldAllBe(one => one.Stamped > DateTimeOffset.UnixEpoch && one.MessageId.StartsWith("node-next-"));
        server.Engine.Items.Values.Single().Single().Traits!["price"].ShouldBe("12");

        await ShouldCountOnceAfterA429(server);
        await ShouldBeToldOfAWrongKey(server);
    }

    /// <summary>Of one batch, a partition takes its part and another one says that it is overloaded.</summary>
    private async Task ShouldCountOnceAfterA429(ApiServer server)
    {
        string[] users = [.. Enumerable.Range(0, 10).Select(i => $"busy-{i}")];
        users.Select(user => Partitioning.PartitionOf(GrainKeys.DefaultTenant, user, FakeEngine.Partitions)).Distinct().Count().ShouldBeGreaterThan(1);
        server.Engine.FailedAppends.Enqueue(new OverloadedException("10,000 events wait."));
        var sent = await Drive(server, ApiServer.KeyOf("write"), [.. users.Select(user => ("page", (object)new { userId = user }))]);
        sent.Answers.ShouldBe([429, 200]);
        sent.Delivered.ShouldAllBe(delivered => delivered);
        server.Engine.Events.Where(one => one.UserId.StartsWith("busy-", StringComparison.Ordinal)).Select(one => one.UserId).ShouldBe(users, ignoreOrder: true);
    }

    private async Task ShouldBeToldOfAWrongKey(ApiServer server)
    {
        var sent = await Drive(server, "wrong", ("page", new { userId = "eve" }));
        sent.Answers.ShouldBe([401]);
        sent.Delivered.ShouldBe([false]);
        server.Engine.Events.ShouldNotContain(one => one.UserId == "eve");
    }

    private async Task FetchSdk()
    {
        Directory.CreateDirectory(_folder.At("sdk"));
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Tracking", "sdk")))
            File.Copy(file, Path.Combine(_folder.At("sdk"), Path.GetFileName(file)));
        var (code, output, error) = await Programs.Run("npm", ["ci", "--loglevel=error"], _folder.At("sdk"));
        code.ShouldBe(0, output + error);
    }

    private async Task<Delivery> Drive(ApiServer server, string writeKey, params (string Method, object Message)[] calls)
    {
        var orders = JsonSerializer.Serialize(new
        {
            host = server.Address.ToString(),
            writeKey,
            settings = new { flushAt = 50, flushInterval = 10_000 },
            calls = calls.Select(call => new[] { call.Method, call.Message }),
        });
        var (code, output, error) = await Programs.Run("node", ["drive.mjs"], _folder.At("sdk"), orders);
        code.ShouldBe(0, output + error);
        return JsonSerializer.Deserialize<Delivery>(output, JsonSerializerOptions.Web)!;
    }

    private sealed record Delivery(int[] Answers, bool[] Delivered);
}
