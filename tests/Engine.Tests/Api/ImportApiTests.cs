using System.Net;
using Auie.Abstractions;
using Auie.Api;

namespace Auie.Engine.Tests.Api;

public sealed class ImportApiTests : IAsyncLifetime
{
    private const string Good = """{"userId":"u","messageId":"m","kind":"viewed","at":"2012-10-01T18:30:00+02:00"}""";

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(new AuieApiOptions { ImportBatchBytes = 200_000 });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_bulk_goes_to_the_partitions_of_its_users_and_what_came_before_is_passed_over()
    {
        var events = Enumerable.Range(0, 40).Select(i => Event($"u{i % 10}", $"m{i}")).ToArray();
        var first = await _server.Client.ImportUsers(events[..30]);
        (first.Added, first.Known, first.Refused.Length).ShouldBe((30, 0, 0));
        var second = await _server.Client.ImportUsers(events);
        (second.Added, second.Known, second.Refused.Length).ShouldBe((10, 30, 0));

        foreach (var (partition, journal) in _server.Engine.Journal)
            journal.ShouldAllBe(one => Partitioning.PartitionOf(GrainKeys.DefaultTenant, one.UserId, FakeEngine.Partitions) == partition);
    }

    [Fact]
    public async Task Friends_by_the_ten_thousand_arrive()
    {
        var friends = Enumerable.Range(0, 10_000).Select(i => $"{i}").ToArray();
        await _server.Client.ImportUsers([Event("u", "m") with { Kind = "friends", FriendsAdded = friends }]);
        _server.Engine.Journal.Values.Single().Single().FriendsAdded.ShouldBe(friends);
    }

    [Fact]
    public async Task Refused_events_are_told_by_place_and_the_others_are_taken_even_where_none_is_left()
    {
        string[] events = [Good, Good.Replace("viewed", "unheard-of"), "null", Good.Replace("\"u\"", "\"\""), Good.Replace("\"m\"", "\"n\"")];
        var answer = await Post($$"""{"events":[{{string.Join(',', events)}}]}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Json.GetProperty("added").GetInt32().ShouldBe(2);
        answer.Json.GetProperty("refused").EnumerateArray().Select(one => (one.GetProperty("index").GetInt32(), one.GetProperty("field").GetString()))
            .ShouldBe([(1, "kind"), (2, ""), (3, "userId")]);

        var none = await Post("""{"events":[null]}""");
        none.Status.ShouldBe(HttpStatusCode.OK, none.Body);
        none.Json.GetProperty("refused").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"items":[]}""", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("""{"events":[],"more":1}""", HttpStatusCode.BadRequest, "invalid_request")]
    public async Task A_body_that_is_no_bulk_is_refused_with_a_reason(string body, HttpStatusCode status, string code) =>
        (await Post(body)).ShouldBeProblem(status, code);

    [Fact]
    public async Task A_bulk_larger_than_the_limit_is_refused()
    {
        (await Post($$"""{"events":[{{string.Join(',', Enumerable.Repeat(Good, 3_000))}}]}""")).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        _server.Engine.Journal.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_report_ends_its_import_takes_the_place_of_the_earlier_one_and_is_listed()
    {
        await _server.Client.PutImportReport(Report("event-challenge", 1));
        var kept = await _server.Client.PutImportReport(Report("event-challenge", 2));
        kept.Added.ShouldBe(2);
        _server.Engine.Flushes.ShouldBe(2);

        (await _server.Client.ListImports()).Imports.Single().ShouldBeEquivalentTo(Report("event-challenge", 2));
        (await _server.Client.GetOverview()).Imports.Single().Source.ShouldBe("event-challenge");
    }

    [Fact]
    public async Task A_report_of_another_source_than_the_path_says_is_refused()
    {
        var body = System.Text.Json.JsonSerializer.Serialize(Report("one", 1), Auie.Client.Http.AuieJson.Strict.ImportReport);
        (await _server.Send(HttpMethod.Put, "/api/imports/another", body)).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request")
            .Json.GetProperty("errors").GetProperty("source")[0].GetString()!.ShouldContain("another");
        (await _server.Send(HttpMethod.Put, "/api/imports/one", body.Replace("\"tables\":", "\"tabels\":"))).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        (await _server.Send(HttpMethod.Put, "/api/imports/one", body + new string(' ', 1 << 20))).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        (_server.Engine.Imports.Count, _server.Engine.Flushes).ShouldBe((0, 0));
    }

    private static ImportReport Report(string source, long added) => new()
    {
        Source = source, EndedAt = FakeEngine.AsOf, Seconds = 1.5, Ids = 10, KnownUsers = 5, FriendLinks = 4, KnownFriendLinks = 3, Answers = 2, KnownAnswers = 1,
        Facts = 20, Added = added, Known = 0,
        Tables =
        [
            new TableReport
            {
                Table = "users", Rows = 5, RejectedRows = 0,
                Columns =
                [
                    new ColumnReport
                    {
                        Column = "birthyear", Missing = 1, Treatment = "left out",
                        Rejected = [new Finding("no year", 2, ["None", "23-May"])], Suspicious = [new Finding("a default", 1, ["1905"])],
                    },
                ],
            },
        ],
    };

    private Task<Answer> Post(string body) => _server.Send(HttpMethod.Post, "/api/import/users", body);

    private static UserEvent Event(string user, string id) => new()
    {
        UserId = user,
        MessageId = id,
        Kind = "viewed",
        At = new DateTimeOffset(2012, 10, 1, 18, 30, 0, TimeSpan.FromHours(2)),
    };
}
