using System.Net;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class ItemsApiTests : IAsyncLifetime
{
    private const string Good = """{"itemId":"17","messageId":"m","at":"1900-01-01T00:00:00Z","traits":{"city":"Medan"},"yes":["ann"]}""";

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(new AuieApiOptions { ImportBatchBytes = 200_000 });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_bulk_goes_to_the_shards_of_its_items_and_what_came_before_is_passed_over()
    {
        var events = Enumerable.Range(0, 40).Select(i => Event($"e{i % 10}", $"m{i}")).ToArray();
        var first = await _server.Client.ImportItems(events[..30]);
        (first.Added, first.Known, first.Refused.Length).ShouldBe((30, 0, 0));
        var second = await _server.Client.ImportItems(events);
        (second.Added, second.Known, second.Refused.Length).ShouldBe((10, 30, 0));

        foreach (var (shard, journal) in _server.Engine.Items)
            journal.ShouldAllBe(one => Partitioning.PartitionOf(GrainKeys.DefaultTenant, one.ItemId, FakeEngine.Partitions) == shard);
    }

    [Fact]
    public async Task All_that_an_event_holds_arrives()
    {
        var people = Enumerable.Range(0, 5_000).Select(i => $"{i}").ToArray();
        var sent = Event("17", "m") with { Traits = new() { ["start"] = "2012-10-05T18:00:00Z" }, Yes = people, Maybe = ["a"], No = [], Invited = ["b", "c"] };
        await _server.Client.ImportItems([sent]);
        _server.Engine.Items.Values.Single().Single().ShouldBeEquivalentTo(sent);
    }

    [Fact]
    public async Task Refused_events_are_told_by_place_field_and_reason_and_the_others_are_taken()
    {
        string[] events =
        [
            Good, Good.Replace("\"m\"", "\"refuse\""), "null", Good.Replace("\"17\"", "\"\""), Good.Replace("\"m\"", "\"\""), Good.Replace("[\"ann\"]", "[null]"),
            Good.Replace("\"Medan\"", "null"), Good.Replace("yes", "perhaps"), Good.Replace("[\"ann\"]", "\"ann\""), Good.Replace("00Z", "00"), Good,
        ];
        var answer = await Post($$"""{"items":[{{string.Join(',', events)}}]}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        (answer.Json.GetProperty("added").GetInt32(), answer.Json.GetProperty("known").GetInt32()).ShouldBe((1, 1));
        var refused = answer.Json.GetProperty("refused").EnumerateArray().ToArray();
        refused.Select(one => (one.GetProperty("index").GetInt32(), one.GetProperty("field").GetString())).ShouldBe(
        [
            (1, "messageId"), (2, ""), (3, "itemId"), (4, "messageId"), (5, "yes"), (6, "traits.city"), (7, "perhaps"), (8, "yes"), (9, "at"),
        ]);
        refused.ShouldAllBe(one => one.GetProperty("reason").GetString()!.Length > 0);
    }

    [Theory]
    [InlineData("{", "malformed_json")]
    [InlineData("[]", "invalid_request")]
    [InlineData("""{"events":[]}""", "invalid_request")]
    [InlineData("""{"items":{}}""", "invalid_request")]
    [InlineData("""{"items":[],"more":1}""", "invalid_request")]
    public async Task A_body_that_is_no_bulk_is_refused_with_a_reason(string body, string code) =>
        (await Post(body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task A_bulk_larger_than_the_limit_is_refused()
    {
        (await Post($$"""{"items":[{{string.Join(',', Enumerable.Repeat(Good, 3_000))}}]}""")).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        _server.Engine.Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("104070")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("ä ö?&=#+")]
    public async Task An_item_and_its_answers_are_found_by_any_id(string id)
    {
        await _server.Client.ImportItems([Event(id, "m") with { Traits = new() { ["city"] = "Medan" }, Yes = ["ann", "bob", "cid"] }]);
        var item = await _server.Client.GetItem(id);
        (item.Id, item.Traits["city"], item.Answers["yes"]).ShouldBe((id, "Medan", 3));

        var first = await _server.Client.GetItemAnswers(id, count: 2);
        first.Answers.Select(one => one.UserId).ShouldBe(["ann", "bob"]);
        var second = await _server.Client.GetItemAnswers(id, first.Next, 2);
        (second.Answers.Single(), second.Next).ShouldBe((new ItemAnswerView("cid", "yes", false), null));
    }

    [Fact]
    public async Task An_unknown_item_is_not_found_and_an_impossible_page_is_refused()
    {
        (await _server.Get("/api/items/nothing")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_item");
        (await _server.Get("/api/items/nothing/answers")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_item");
        (await _server.Get("/api/items/17/answers?count=0")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        (await _server.Get($"/api/items/{new string('x', 300)}")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
    }

    private Task<Answer> Post(string body) => _server.Send(HttpMethod.Post, "/api/import/items", body);

    private static ItemEvent Event(string item, string id) => new() { ItemId = item, MessageId = id, At = new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero) };
}
