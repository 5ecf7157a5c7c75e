using System.Net;
using System.Text;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class EventsApiTests : IAsyncLifetime
{
    private const string Good = """{"userId":"u","messageId":"m","kind":"viewed","at":"2012-10-01T18:30:00+02:00"}""";

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(new AuieApiOptions { EventBatchBytes = 20_000 });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_go_to_the_partition_of_their_user_in_the_order_of_the_batch()
    {
        var events = Enumerable.Range(0, 40).Select(i => Event($"u{i % 10}", $"m{i}")).ToArray();
        var receipt = await _server.Client.SendEvents(events);
        receipt.Accepted.ShouldBe(40);
        receipt.Refused.ShouldBeEmpty();

        foreach (var (partition, journal) in _server.Engine.Journal)
        {
            journal.ShouldAllBe(one => Partitioning.PartitionOf(GrainKeys.DefaultTenant, one.UserId, FakeEngine.Partitions) == partition);
            journal.Select(one => int.Parse(one.MessageId[1..])).ShouldBeInOrder();
        }

        _server.Engine.Journal.Values.Sum(journal => journal.Count).ShouldBe(40);
        receipt.Versions.ShouldBe(_server.Engine.Journal.OrderBy(part => part.Key).Select(part => $"{part.Key}.{part.Value.Count}"));
    }

    [Fact]
    public async Task All_that_an_event_holds_arrives()
    {
        var sent = Event("u", "m") with
        {
            AnonymousId = "a",
            Item = "e1",
            Platform = "ios",
            Amount = 12_3450,
            Traits = new() { ["birthyear"] = "1990" },
            FriendsAdded = ["f"],
            FriendsRemoved = ["g"],
        };
        await _server.Client.SendEvents([sent]);
        var arrived = _server.Engine.Journal.Values.Single().Single();
        arrived.ShouldBeEquivalentTo(sent);
        arrived.At.Offset.ShouldBe(TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task What_is_to_have_happened_long_after_it_was_received_is_refused_and_a_clock_that_is_a_little_ahead_is_not()
    {
        var receipt = await _server.Client.SendEvents([Event("u", "m") with { At = DateTimeOffset.UtcNow.AddHours(23) }, Event("u", "n") with { At = DateTimeOffset.UtcNow.AddHours(25) }]);
        receipt.Accepted.ShouldBe(1);
        receipt.Refused.ShouldBe([new Refusal(1, "at", "lies more than 24 hours after it was received (Api:EventsAhead)")]);
        _server.Engine.Journal.Values.Single().Single().MessageId.ShouldBe("m");
    }

    [Fact]
    public async Task Refused_events_are_told_by_place_field_and_reason_and_the_others_are_taken()
    {
        string[] events =
        [
            Good,
            Good.Replace("viewed", "unheard-of"),
            Good.Replace("\"u\"", "\"\""),
            Good.Replace("\"m\"", "7"),
            Good.Replace("+02:00", ""),
            Good.Replace("kind", "kinds"),
            Good.Replace("}", ",\"amount\":1e400}"),
            Good.Replace("}", ",\"amount\":1.5}"),
            Good.Replace("}", ",\"traits\":{\"a\":null}}"),
            Good.Replace("}", ",\"friendsAdded\":[null]}"),
            Good.Replace("\"m\"", "\"\\ud800\""),
            "null",
            "[]",
            "17",
        ];
        var answer = await Post($$"""{"events":[{{string.Join(',', events)}}]}""");
        answer.Status.ShouldBe(HttpStatusCode.MultiStatus, answer.Body);
        answer.Json.GetProperty("accepted").GetInt32().ShouldBe(1);
        var refused = answer.Json.GetProperty("refused").EnumerateArray().ToArray();
        refused.Select(one => one.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(1, events.Length - 1));
        refused.Select(one => one.GetProperty("field").GetString()).ShouldBe(
            ["kind", "userId", "messageId", "at", "kinds", "amount", "amount", "traits.a", "friendsAdded", "messageId", "", "", ""]);
        refused.ShouldAllBe(one => one.GetProperty("reason").GetString()!.Length > 0);
        _server.Engine.Journal.Values.Sum(journal => journal.Count).ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_of_which_nothing_was_taken_is_no_success()
    {
        var answer = await Post($$"""{"events":[{{Good.Replace("viewed", "unheard-of")}}]}""");
        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "events_refused").Json.GetProperty("refused")[0].GetProperty("field").GetString().ShouldBe("kind");
    }

    [Fact]
    public async Task An_empty_batch_is_taken() => (await Post("""{"events":[]}""")).Json.GetProperty("accepted").GetInt32().ShouldBe(0);

    [Theory]
    [InlineData("", "malformed_json")]
    [InlineData("{", "malformed_json")]
    [InlineData("[]", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("""{"events":{}}""", "invalid_request")]
    [InlineData("""{"events":null}""", "invalid_request")]
    [InlineData("""{"events":[],"more":1}""", "invalid_request")]
    [InlineData("""{"events":[],"events":[]}""", "malformed_json")]
    public async Task A_body_that_is_no_batch_is_refused_with_a_reason(string body, string code) =>
        (await Post(body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task Deep_nesting_is_refused() =>
        (await Post("{\"events\":" + new string('[', 5_000) + new string(']', 5_000) + "}")).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        using var content = new ByteArrayContent([.. "{\"events\":["u8, .. Encoding.Latin1.GetBytes(Good.Replace("\"u\"", "\"\u00FF\u00FE\"")), .. "]}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await _server.Http.PostAsync("/api/events", content);
        (await Answer.Of(response)).ShouldBeProblem(HttpStatusCode.BadRequest, "events_refused").Json.GetProperty("refused")[0].GetProperty("field").GetString()
            .ShouldBe("userId");
    }

    [Fact]
    public async Task A_batch_larger_than_the_limit_is_refused_whether_or_not_it_tells_its_length()
    {
        var large = $$"""{"events":[{{string.Join(',', Enumerable.Repeat(Good, 300))}}]}""";
        (await Post(large)).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new StringContent(large, Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _server.Http.SendAsync(request);
        (await Answer.Of(response)).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        _server.Engine.Journal.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_again_is_known_and_segments_are_told_where_they_are_asked_for()
    {
        (await _server.Client.SendEvents([Event("u", "m")])).Known.ShouldBe(0);
        var again = await _server.Client.SendEvents([Event("u", "m"), Event("u", "n")], segments: true);
        (again.Accepted, again.Known).ShouldBe((2, 1));
        again.Segments!.Select(one => (one.UserId, one.After!.Persona)).ShouldBe([("u", "Silent Observers")]);
        (await _server.Send(HttpMethod.Post, "/api/events?return=all", """{"events":[]}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Overload_is_a_429_that_says_when_to_come_back()
    {
        _server.Engine.FailedAppends.Enqueue(new OverloadedException("10,000 events wait."));
        (await Post($$"""{"events":[{{Good}}]}""")).ShouldBeProblem(HttpStatusCode.TooManyRequests, "overloaded").Response.Headers.GetValues("Retry-After").ShouldBe(["1"]);
    }

    [Fact]
    public async Task Gzip_is_undone_up_to_the_limit()
    {
        var answer = await _server.Send("/api/events", TrackingApiTests.Gzip($$"""{"events":[{{Good}}]}"""), ("Content-Encoding", "gzip"));
        answer.Json.GetProperty("accepted").GetInt32().ShouldBe(1);
        (await _server.Send("/api/events", TrackingApiTests.Gzip(new string(' ', 1 << 20)), ("Content-Encoding", "gzip")))
            .ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        (await _server.Send("/api/import/users", TrackingApiTests.Gzip($$"""{"events":[{{Good}}]}"""), ("Content-Encoding", "gzip"))).Json.GetProperty("known").GetInt32().ShouldBe(1);
    }

    private Task<Answer> Post(string body) => _server.Send(HttpMethod.Post, "/api/events", body);

    private static UserEvent Event(string user, string id) => new()
    {
        UserId = user,
        MessageId = id,
        Kind = "viewed",
        At = new DateTimeOffset(2012, 10, 1, 18, 30, 0, TimeSpan.FromHours(2)),
    };
}
