using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Engine;

/// <summary>The tracking protocol, from the request to what the engine then says.</summary>
public sealed class TrackingIntoAnEngineTests
{
    [Fact]
    public async Task A_visitor_who_signs_in_and_changes_their_id_is_one_user_with_all_they_did()
    {
        await using var engine = await TestEngine.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        object[] batch =
        [
            new { type = "page", anonymousId = "v1", messageId = "1", name = "Home", timestamp = "2026-05-01T10:00:00Z", context = new { channel = "browser" } },
            new { type = "track", anonymousId = "v1", messageId = "2", @event = "Product Viewed", properties = new { product_id = "p1" }, timestamp = "2026-05-01T10:01:00Z" },
            new { type = "identify", userId = "ann", anonymousId = "v1", messageId = "3", traits = new { locale = "en-GB", birthyear = 1984 }, timestamp = "2026-05-01T10:02:00Z" },
            new { type = "track", anonymousId = "v1", messageId = "4", @event = "Stairs Climbed", properties = new { floors = 3 } },
            new { type = "track", userId = "ann", messageId = "5", @event = "Friend Added", properties = new { friendId = "bob" } },
            new { type = "alias", previousId = "ann", userId = "ann@example.org", messageId = "6" },
            new { type = "track", userId = "ann", messageId = "7", @event = "Order Completed", properties = new { products = new[] { new { product_id = "p1", price = 12.5, quantity = 2 } } } },
            new { type = "track", userId = "shop", messageId = "8", @event = "Product Price Changed", properties = new { product_id = "p1", price = 11.0 } },
            new { type = "track", userId = "ann", messageId = "9", @event = 7 },
        ];
        for (var sent = 0; sent < 2; sent++)
        {
            var answer = await SendAsync(http, batch);
            answer.GetProperty("refused").EnumerateArray().Single().GetProperty("index").GetInt32().ShouldBe(8);
        }

        foreach (var id in new[] { "ann@example.org", "ann", "anonymous:v1" })
        {
            var user = (await engine.Client.GetUser(id, null, CancellationToken.None)).ShouldNotBeNull();
            user.Id.ShouldBe("ann@example.org");
            user.Events.ShouldBe(new Dictionary<string, long> { ["viewed"] = 2, ["identify"] = 1, ["friends"] = 1, ["purchased"] = 1, ["other"] = 1 }, ignoreOrder: true);
            user.OtherEvents.ShouldBe(new Dictionary<string, long> { ["Stairs Climbed"] = 1 });
            (user.Locale, user.BirthYear, user.Friends, user.Spent).ShouldBe(("en_GB", 1984, 1, 250_000));
            user.Channels["browser"].ShouldBe(1);
        }

        (await engine.Client.GetItem("p1", [], CancellationToken.None)).ShouldNotBeNull().Traits["price"].ShouldStartWith("11");
        (await engine.Client.GetFriends("bob", null, 10, CancellationToken.None)).Friends.ShouldBe(["ann"]);
    }

    [Fact]
    public async Task The_answer_tells_the_version_and_the_move_and_is_read_back_at_once()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync([.. Enumerable.Range(0, 60).SelectMany(i => new[]
        {
            SomeEvents.Identify($"u{i}", "i") with { Traits = new() { ["birthyear"] = $"{1950 + i % 40}" } },
            SomeEvents.Event($"u{i}", "s", "shown", "e1"), SomeEvents.Event($"u{i}", "a", i % 2 == 0 ? "interested" : "not_interested", "e1"),
        })]);
        await engine.SucceedAsync(new JobRequest { Features = "impressions", KMin = 2, KMax = 2, Starts = 4 });

        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        var answer = await SendAsync(http, [new { type = "track", userId = "u0", messageId = "t", @event = "Event Not Interested", properties = new { eventId = "e2" } },
            new { type = "track", userId = "u0", messageId = "t2", @event = "Event Not Interested", properties = new { eventId = "e3" } },
            new { type = "track", userId = "u0", messageId = "t3", @event = "Event Not Interested", properties = new { eventId = "e4" } }], "?return=segment");

        var move = answer.GetProperty("segments").EnumerateArray().Single();
        move.GetProperty("userId").GetString().ShouldBe("u0");
        var (before, after) = (move.GetProperty("before").GetProperty("segment").GetInt32(), move.GetProperty("after").GetProperty("segment").GetInt32());
        before.ShouldNotBe(after);
        (await engine.Client.GetUserSegment("u0", null, null, CancellationToken.None)).ShouldNotBeNull().Segment.ShouldBe(after);
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, object[] batch, string query = "")
    {
        var answer = await http.PostAsJsonAsync($"/v1/batch{query}", new { batch, writeKey = "any", sentAt = DateTimeOffset.UtcNow });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
