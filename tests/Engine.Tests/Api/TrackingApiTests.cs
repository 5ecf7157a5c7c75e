using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Api;
using Auie.Runtime.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Api;

public sealed class TrackingApiTests : IAsyncLifetime
{
    private const string Good = """{"type":"track","userId":"u","messageId":"m","timestamp":"1970-01-01T10:00:00Z","event":"Event Joined","properties":{"eventId":"e"}}""";

    private readonly ManualTime _time = new();
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(
        new AuieApiOptions { TrackingBatchBytes = 40_000, TrackingEventBytes = 4_000, TrackingBatchEvents = 20, TrackingDepth = 16 }, WithTime);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_batch_is_taken_whole_and_the_receipt_says_so()
    {
        var batch = Enumerable.Range(0, 20).Select(i => Good.Replace("\"u\"", $"\"u{i % 5}\"").Replace("\"m\"", $"\"m{i}\""));
        var answer = await Post("/v1/batch", $$"""{"batch":[{{string.Join(',', batch)}}],"sentAt":"1970-01-02T00:00:00.000Z","writeKey":"any"}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        Counts(answer).ShouldBe((20, 0, 0));
        _server.Engine.Events.Length.ShouldBe(20);
        _server.Engine.Events.ShouldAllBe(one => one.Kind == "yes" && one.Item == "e");
        answer.Json.GetProperty("versions").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(_server.Engine.Journal.OrderBy(part => part.Key).Select(part => $"{part.Key}.{part.Value.Count}"));
    }

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/batch/")]
    [InlineData("/v1/import")]
    [InlineData("/v1/b")]
    public async Task Every_path_of_batches_takes_them_whatever_type_of_content_they_say(string path)
    {
        foreach (var type in new[] { "application/json", "text/plain", "application/x-www-form-urlencoded" })
        {
            var answer = await _server.Send(HttpMethod.Post, path, $$"""{"batch":[{{Good.Replace("\"m\"", $"\"{type}\"")}}]}""", type);
            (answer.Status, Counts(answer)).ShouldBe((HttpStatusCode.OK, (1, 0, 0)), answer.Body);
        }
    }

    [Theory]
    [InlineData("identify", "i", "", "identify")]
    [InlineData("track", "t", ",\"event\":\"Signed Up\"", "other")]
    [InlineData("page", "p", "", "viewed")]
    [InlineData("screen", "s", "", "viewed")]
    [InlineData("group", "g", ",\"groupId\":\"g\"", "identify")]
    [InlineData("alias", "a", ",\"previousId\":\"old\"", "alias")]
    public async Task Every_call_has_a_path_and_a_short_one_as_browsers_have_it(string type, string letter, string members, string kind)
    {
        foreach (var path in new[] { type, letter })
        {
            var answer = await Post($"/v1/{path}", $$"""{"userId":"u","messageId":"{{path}}","writeKey":"k","type":"{{type}}"{{members}}}""");
            (answer.Status, Counts(answer)).ShouldBe((HttpStatusCode.OK, (1, 0, 0)), answer.Body);
        }

        _server.Engine.Events.Select(one => (one.UserId, one.Kind)).ShouldBe([("u", kind), ("u", kind)]);
    }

    [Fact]
    public async Task A_single_call_that_is_refused_is_told_as_a_problem_with_its_field()
    {
        var answer = (await Post("/v1/track", """{"userId":"u","event":"Item Purchased","properties":{"itemId":"i","price":"12"}}"""))
            .ShouldBeProblem(HttpStatusCode.BadRequest, "event_refused");
        answer.Json.GetProperty("errors").GetProperty("properties.price")[0].GetString().ShouldBe("must be a number");
        (await Post("/v1/page", """{"userId":"u","type":"track"}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "event_refused")
            .Json.GetProperty("errors").GetProperty("type").GetArrayLength().ShouldBe(1);
        _server.Engine.Journal.ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_a_batch_the_refused_are_told_one_by_one_and_the_others_are_taken()
    {
        string[] events =
        [
            Good,
            Good.Replace("\"u\"", "{}"),
            "null",
            Good.Replace("\"e\"", $"\"{new string('x', 4_000)}\""),
            Good.Replace("\"e\"", $"\"e\",\"more\":{new string('[', 16)}{new string(']', 16)}"),
            Good.Replace("\"m\"", "\"n\"").Replace("\"e\"", $"\"e\",\"more\":{new string('[', 14)}{new string(']', 14)}"),
            """{"type":"track","userId":"u","messageId":"r","event":"Item Updated","properties":{"itemId":"i","start":"soon"}}""",
        ];
        var answer = await Post("/v1/batch", $$"""{"batch":[{{string.Join(',', events)}}]}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        Refused(answer).ShouldBe([(1, "m", "userId"), (2, null, ""), (3, "m", ""), (4, "m", ""), (6, "r", "properties.start")]);
        answer.Json.GetProperty("refused").EnumerateArray().ShouldAllBe(one => one.GetProperty("reason").GetString()!.Length > 0);
        answer.Json.GetProperty("accepted").GetInt32().ShouldBe(2);
        _server.Engine.Events.Select(one => one.MessageId).ShouldBe(["m", "n"]);
    }

    [Fact]
    public async Task A_batch_of_which_everything_is_refused_is_no_400_that_would_make_its_sender_drop_it_unread()
    {
        var answer = await Post("/v1/batch", """{"batch":[{},[]]}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        Refused(answer).Select(one => one.Field).ShouldBe(["type", ""]);
    }

    [Fact]
    public async Task Events_beyond_the_most_that_a_batch_may_have_are_refused_and_those_before_are_taken()
    {
        var answer = await Post("/v1/batch", $$"""{"batch":[{{string.Join(',', Enumerable.Range(0, 22).Select(i => Good.Replace("\"m\"", $"\"m{i}\"")))}}]}""");
        Refused(answer).ShouldBe([(20, "m20", ""), (21, "m21", "")]);
        _server.Engine.Events.Length.ShouldBe(20);
    }

    [Theory]
    [InlineData("", "malformed_json")]
    [InlineData("{\"batch\":[", "malformed_json")]
    [InlineData("[]", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("""{"batch":{}}""", "invalid_request")]
    [InlineData("""{"batch":[],"sentAt":"now"}""", "invalid_request")]
    [InlineData("""{"batch":[],"sentAt":7}""", "invalid_request")]
    public async Task A_body_that_is_no_batch_is_refused(string body, string code) => (await Post("/v1/batch", body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task An_empty_batch_is_taken() => Counts(await Post("/v1/batch", """{"batch":[]}""")).ShouldBe((0, 0, 0));

    [Fact]
    public async Task A_body_that_nests_to_its_end_is_answered()
    {
        var answer = await Post("/v1/batch", "{\"batch\":[" + new string('[', 1_900) + new string(']', 1_900) + "]}");
        (answer.Status, Refused(answer)[0].Field).ShouldBe((HttpStatusCode.OK, ""));
        (await Post("/v1/track", new string('[', 1_900) + new string(']', 1_900))).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
    }

    [Fact]
    public async Task What_comes_again_is_known_and_counted_once()
    {
        const string order = """{"type":"track","userId":"u","messageId":"o","event":"Order Completed","timestamp":"1970-01-01T10:00:00Z","properties":{"products":[{"id":1},{"id":2}]}}""";
        const string item = """{"type":"track","userId":"u","messageId":"i","event":"Event Cancelled","timestamp":"1970-01-01T10:00:00Z","properties":{"eventId":"e"}}""";
        var body = $$"""{"batch":[{{Good}},{{order}},{{item}}]}""";
        Counts(await Post("/v1/batch", body)).ShouldBe((3, 0, 0));
        _time.Advance(TimeSpan.FromMinutes(1));
        Counts(await Post("/v1/batch", body)).ShouldBe((3, 4, 0));
        (_server.Engine.Events.Length, _server.Engine.Items.Values.Sum(journal => journal.Count)).ShouldBe((3, 1));

        var other = await Post("/v1/batch", $$"""{"batch":[{{Good.Replace("\"e\"", "\"f\"")}}]}""");
        Refused(other).ShouldBe([(0, "m", "messageId")]);
    }

    [Fact]
    public async Task Without_a_messageId_what_comes_again_counts_again()
    {
        for (var i = 0; i < 2; i++) await Post("/v1/track", """{"userId":"u","event":"Signed Up","timestamp":"1970-01-01T10:00:00Z"}""");
        _server.Engine.Events.Select(one => one.MessageId).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_senders_clock_that_is_wrong_is_put_right()
    {
        _time.Advance(TimeSpan.FromDays(10_000));
        var now = _time.GetUtcNow();
        await Post("/v1/batch", $$"""
            {"sentAt":"{{now.AddMinutes(-10):O}}","batch":[{"type":"page","userId":"u","messageId":"m","timestamp":"{{now.AddMinutes(-15):O}}"},{"type":"page","userId":"u"}]}
            """);
        await Post("/v1/page", $$"""{"userId":"u","messageId":"s","sentAt":"{{now.AddHours(5):O}}","timestamp":"{{now.AddHours(4):O}}"}""");
        _server.Engine.Events.Select(one => one.At).ShouldBe([now.AddMinutes(-5), now, now.AddHours(-1)]);
        _server.Engine.Events.Select(one => one.Stamped).ShouldBe([now.AddMinutes(-15), DateTimeOffset.MinValue, now.AddHours(4)]);
    }

    [Fact]
    public async Task The_context_of_a_batch_is_that_of_its_events_without_one()
    {
        await Post("/v1/batch", """
            {"context":{"channel":"server"},"batch":[{"type":"page","userId":"u","messageId":"1"},{"type":"page","userId":"u","messageId":"2","context":{"channel":"email"}}]}
            """);
        _server.Engine.Events.Select(one => one.Channel).ShouldBe(["server", "email"]);
    }

    [Fact]
    public async Task Segments_are_told_where_they_are_asked_for()
    {
        (await Post("/v1/track", Good)).Json.GetProperty("segments").GetArrayLength().ShouldBe(0);
        foreach (var (path, body) in new[] { ("/v1/track", Good), ("/v1/batch", $$"""{"batch":[{{Good}}]}""") })
        {
            var segment = (await Post($"{path}?return=segment", body)).Json.GetProperty("segments")[0];
            segment.GetProperty("userId").GetString().ShouldBe("u");
            segment.GetProperty("before").ValueKind.ShouldBe(JsonValueKind.Null);
            segment.GetProperty("after").GetProperty("persona").GetString().ShouldBe("Silent Observers");
            (await Post($"{path}?return=everything", body)).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        }
    }

    [Fact]
    public async Task Overload_is_a_429_that_says_when_to_come_back_and_then_it_is_taken()
    {
        _server.Engine.FailedAppends.Enqueue(new OverloadedException("10,000 events wait."));
        var answer = (await Post("/v1/batch", $$"""{"batch":[{{Good}}]}""")).ShouldBeProblem(HttpStatusCode.TooManyRequests, "overloaded");
        answer.Response.Headers.GetValues("Retry-After").ShouldBe(["1"]);
        Counts(await Post("/v1/batch", $$"""{"batch":[{{Good}}]}""")).ShouldBe((1, 0, 0));
    }

    [Fact]
    public async Task A_store_that_fails_is_a_503_that_says_when_to_come_back()
    {
        _server.Engine.FailedAppends.Enqueue(new UnavailableException("The disk is full."));
        (await Post("/v1/track", Good)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable").Response.Headers.GetValues("Retry-After").ShouldBe(["5"]);
    }

    [Fact]
    public async Task Gzip_is_undone()
    {
        foreach (var path in new[] { "/v1/batch", "/v1/track" })
        {
            var id = Good.Replace("\"m\"", $"\"{path}\"");
            var answer = await _server.Send(path, Gzip(path == "/v1/batch" ? $$"""{"batch":[{{id}}]}""" : id), ("Content-Encoding", "gzip"));
            (answer.Status, Counts(answer)).ShouldBe((HttpStatusCode.OK, (1, 0, 0)), answer.Body);
        }

        _server.Engine.Events.Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_and_after_gzip_is_undone()
    {
        var large = $$"""{"batch":[{{Good}}{{new string(' ', 40_000)}}]}""";
        (await Post("/v1/batch", large)).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        (await _server.Send("/v1/batch", Gzip(large), ("Content-Encoding", "gzip"))).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        var bomb = Gzip(new string(' ', 20 << 20));
        bomb.Length.ShouldBeLessThan(40_000);
        (await _server.Send("/v1/batch", bomb, ("Content-Encoding", "gzip"))).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        (await Post("/v1/track", Good.Replace("\"e\"", $"\"{new string('x', 4_000)}\""))).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        _server.Engine.Journal.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_that_is_no_gzip_or_a_part_of_one_is_refused()
    {
        var whole = Gzip($$"""{"batch":[{{Good}}]}""");
        foreach (var body in new[] { Encoding.UTF8.GetBytes(Good), whole[..(whole.Length / 2)], [.. whole[..20], 0, 0, 0, .. whole[23..]] })
        {
            var answer = await _server.Send("/v1/batch", body, ("Content-Encoding", "gzip"));
            answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Body);
        }

        (await _server.Send("/v1/batch", whole, ("Content-Encoding", "br"))).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "wrong_content_type");
        _server.Engine.Journal.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Authorization", "Basic", "write", true)]
    [InlineData("Authorization", "Basic", "admin", true)]
    [InlineData("Authorization", "Bearer", "write", true)]
    [InlineData("X-Api-Key", "", "write", true)]
    [InlineData("body", "", "write", true)]
    [InlineData("Authorization", "Basic", "read", false)]
    [InlineData("body", "", "read", false)]
    public async Task A_key_may_come_in_any_of_the_protocols_ways_and_needs_the_scope_write(string header, string scheme, string scope, bool opens)
    {
        await using var server = await ApiServer.Start(ApiServer.WithKeys());
        var key = ApiServer.KeyOf(scope);
        (string, string)[] headers = header == "body" ? []
            : [(header, scheme switch { "Basic" => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:"))}", "Bearer" => $"Bearer {key}", _ => key })];
        var member = header == "body" ? $",\"writeKey\":\"{key}\"" : "";
        foreach (var (path, body) in new[] { ("/v1/batch", $$"""{"batch":[{{Good}}]{{member}}}"""), ("/v1/track", Good[..^1] + member + "}") })
        {
            var answer = await server.Send(HttpMethod.Post, path, body, headers: headers);
            if (opens) answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
            else answer.ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
        }

        server.Engine.Journal.IsEmpty.ShouldBe(!opens);
    }

    [Theory]
    [InlineData("""{"batch":[]}""", null)]
    [InlineData("""{"batch":[],"writeKey":"wrong"}""", null)]
    [InlineData("""{"batch":[],"writeKey":7}""", null)]
    [InlineData("""{"batch":[],"writeKey":"\ud800"}""", null)]
    [InlineData("""{"batch":[{"writeKey":"etirw"}]}""", null)]
    [InlineData("""{"batch":[],"writeKey":"etirw"}""", "Basic d3Jvbmc6")]
    [InlineData("""{"batch":[],"writeKey":"etirw"}""", "Basic !!")]
    [InlineData("""{"batch":[],"writeKey":"etirw"}""", "Bearer wrong")]
    [InlineData("no json", null)]
    [InlineData("", null)]
    public async Task Without_a_known_key_nothing_is_taken_and_nothing_is_told_of_the_body(string body, string? authorization)
    {
        await using var server = await ApiServer.Start(ApiServer.WithKeys() with { TrackingBatchBytes = 4_000 });
        foreach (var path in new[] { "/v1/batch", "/v1/track?return=x" })
        {
            var answer = (await server.Send(HttpMethod.Post, path, body, headers: authorization is null ? [] : [("Authorization", authorization)]))
                .ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
            answer.Response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme).ShouldBe(["Basic", "Bearer"]);
            answer.Json.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("writeKey");
        }

        (await server.Send(HttpMethod.Post, "/v1/batch", body + new string(' ', 5_000))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await server.Send("/v1/batch", Gzip(new string(' ', 1 << 20)), ("Content-Encoding", "gzip"))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task The_protocols_ways_open_no_other_path()
    {
        await using var server = await ApiServer.StartWithKeys();
        (await server.Send(HttpMethod.Post, "/api/events", """{"events":[],"writeKey":"etirw"}""")).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
        (await server.Get("/api/engine", ("Authorization", "Basic ZGFlcjo="))).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
    }

    [Theory]
    [InlineData("Host", "evil.example", "host_not_allowed")]
    [InlineData("Origin", "https://evil.example", "origin_not_allowed")]
    public async Task Without_keys_only_this_machine_is_answered(string header, string value, string code) =>
        (await _server.Send(HttpMethod.Post, "/v1/batch", """{"batch":[],"writeKey":"any"}""", headers: (header, value))).ShouldBeProblem(HttpStatusCode.Forbidden, code);

    [Fact]
    public async Task A_mapping_of_ones_own_is_used_and_one_that_cannot_be_ends_the_start_with_its_place()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"itemId":["id"],"events":[{"names":["looked"],"kind":"viewed"}]}""");
            await using (var server = await ApiServer.Start(new AuieApiOptions { Mapping = file }))
            {
                await server.Send(HttpMethod.Post, "/v1/track", """{"userId":"u","event":"looked","properties":{"id":"x"}}""");
                server.Engine.Events.Single().Item.ShouldBe("x");
            }

            await File.WriteAllTextAsync(file, """{"itemId":["id"],"events":[{"names":["looked"],"kind":"seen"}]}""");
            (await Should.ThrowAsync<FormatException>(() => ApiServer.Start(new AuieApiOptions { Mapping = file }))).Message.ShouldStartWith($"Api:Mapping cannot be used. {file}: events[0].kind: 'seen'");
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private void WithTime(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(_time);

    private Task<Answer> Post(string path, string body) => _server.Send(HttpMethod.Post, path, body);

    private static (int Accepted, int Known, int Refused) Counts(Answer answer) =>
        (answer.Json.GetProperty("accepted").GetInt32(), answer.Json.GetProperty("known").GetInt32(), answer.Json.GetProperty("refused").GetArrayLength());

    private static (int Index, string? MessageId, string? Field)[] Refused(Answer answer) =>
    [
        .. answer.Json.GetProperty("refused").EnumerateArray().Select(one =>
            (one.GetProperty("index").GetInt32(), one.GetProperty("messageId").GetString(), one.GetProperty("field").GetString())),
    ];
}
