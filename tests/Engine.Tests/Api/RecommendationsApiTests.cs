using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class RecommendationsApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Rankers_are_listed_and_rolled_back_to()
    {
        var list = await _server.Client.GetRankers();
        list.Rankers.Select(ranker => (ranker.Version, ranker.IsPublished)).ShouldBe([(2, true), (1, false)]);
        list.Rankers[0].Figures.OverBaseline.Low.ShouldBe(.03);
        (await _server.Client.RollBackRanker(1)).Published.ShouldBe(1);
        (await _server.Client.GetRankers()).Published.ShouldBe(1);
        (await _server.Send(HttpMethod.Post, "/api/rankers/9/rollback", "")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_ranker");
        (await _server.Send(HttpMethod.Post, "/api/rankers/x/rollback", "")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task All_that_a_query_says_arrives()
    {
        var answer = await _server.Get("/api/users/ann/recommendations?n=7&kind=event&category=Music&near=3.5,98.6&from=2026-05-01T00:00:00Z&to=2026-05-09T10:00:00Z&exclude=a,b&platform=ios&at=2026-05-01T00:00:00Z&record=false");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        var (user, request) = _server.Engine.Recommended.Single();
        user.ShouldBe("ann");
        (request.Count, request.Kind, request.Category, request.Latitude, request.Longitude, request.Place).ShouldBe((7, "event", "Music", 3.5, 98.6, null));
        (request.From, request.To, request.At).ShouldBe((
            new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 5, 9, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)));
        request.Exclude.ShouldBe(["a", "b"]);
        (request.Platform, request.Record).ShouldBe(("ios", false));
        var item = answer.Json.GetProperty("items")[0];
        item.GetProperty("reasons")[1].GetString().ShouldBe("starts in 3 days, in Medan");
        item.GetProperty("id").GetString().ShouldBe("event-1");
        answer.Json.GetProperty("recommendationId").GetString().ShouldBe("r1");
    }

    [Fact]
    public async Task What_is_left_out_is_the_usual_and_the_answer_counts_as_shown()
    {
        (await _server.Get("/api/users/a%2Fb/recommendations")).Status.ShouldBe(HttpStatusCode.OK);
        var (user, request) = _server.Engine.Recommended.Single();
        (user, request.Count, request.Record, request.Place, request.Exclude.Length).ShouldBe(("a/b", 10, true, null, 0));
    }

    [Fact]
    public async Task A_context_a_supposition_and_a_group_arrive()
    {
        var one = await _server.Client.Recommend("ann", new RecommendationOrder { N = 1, Context = new RecommendationContext { Place = "Medan", Platform = "web", Page = "home", Locale = "id_ID" } });
        (one.Items.Single().Id, one.Page).ShouldBe(("event-1", "home"));
        (_server.Engine.Recommended.Last().Request is { Place: "Medan", Platform: "web", Locale: "id_ID" }).ShouldBeTrue();

        await _server.Client.RecommendWhatIf("ann", new WhatIfOrder { Traits = new() { ["locale"] = "en_GB" }, Events = [new SupposedEvent { Kind = "viewed", At = FakeEngine.AsOf }] });
        var supposed = _server.Engine.Recommended.Last().Request;
        (supposed.SupposedTraits!["locale"], supposed.SupposedEvents!.Single().Kind, supposed.SupposedEvents!.Single().UserId).ShouldBe(("en_GB", "viewed", "ann"));

        (await Answer.To(_server.Http, HttpMethod.Post, "/api/users/ann/recommendations/what-if", """{ "events": [ { "userId": "bob", "kind": "viewed", "at": "2026-01-01T00:00:00Z" } ] }""", "application/json"))
            .ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request").Body.ShouldContain("userId");

        _server.Engine.AddUser("ann");
        _server.Engine.AddUser("bob");
        var group = await _server.Client.RecommendToGroup(new GroupOrder(["ann", "bob", "nobody", "ann"]) { Request = new RecommendationOrder { N = 1 } });
        group.UserIds.ShouldBe(["ann", "bob"]);
        group.Unknown.ShouldBe(["nobody"]);
        group.Items.Single().Reasons[0].ShouldBe("ann: 4 friends said yes");
        _server.Engine.Recommended.ShouldNotContain(asked => asked.User == "nobody");
    }

    [Fact]
    public async Task Who_and_what_is_alike_is_told()
    {
        _server.Engine.AddUser("ann");
        (await _server.Client.GetSimilarUsers("ann")).Users.Single().ShouldBe(new SimilarUser("bob", 3, 1.5));
        (await _server.Get("/api/users/nobody/similar")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");
        await _server.Client.ImportItems([new ItemEvent { ItemId = "e1", MessageId = "m", At = FakeEngine.AsOf }]);
        (await _server.Client.GetSimilarItems("e1")).Items.Single().WantedByBoth.ShouldBe(4);
        (await _server.Get("/api/items/e9/similar")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_item");
    }

    [Theory]
    [InlineData("near=", "near")]
    [InlineData("from=soon", "from")]
    [InlineData("at=99", "at")]
    [InlineData("from=2026-12-24", "from")]
    [InlineData("to=2026-12-24", "to")]
    [InlineData("at=2026-12-24", "at")]
    [InlineData("atLeast=x", "atLeast")]
    [InlineData("exclude=%00", "exclude")]
    public async Task A_wrong_parameter_is_told_by_name(string query, string field)
    {
        var answer = (await _server.Get($"/api/users/ann/recommendations?{query}")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        answer.Json.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(answer.Body);
    }

    [Theory]
    [InlineData("/api/users/ann/recommendations/what-if", "{}", "traits")]
    [InlineData("/api/users/ann/recommendations/what-if", """{"events":[null]}""", "events[0]")]
    [InlineData("/api/groups/recommendations", """{"userIds":[]}""", "userIds")]
    [InlineData("/api/groups/recommendations", """{"userIds":["ann"],"request":{"n":0}}""", "n")]
    [InlineData("/api/groups/recommendations", """{"userIds":["ann"],"request":{"n":101}}""", "n")]
    [InlineData("/api/groups/recommendations", """{"userIds":["a",""]}""", "userIds")]
    [InlineData("/api/groups/recommendations", """{"userIds":["a",null]}""", "userIds")]
    public async Task A_wrong_field_is_told_by_name(string path, string body, string field)
    {
        var answer = (await Answer.To(_server.Http, HttpMethod.Post, path, body, "application/json")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        answer.Json.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(answer.Body);
    }

    [Fact]
    public async Task Who_forbade_it_is_told_as_such()
    {
        _server.Engine.Users["ann"] = _server.Engine.AddUser("ann") with { Personalisation = false };
        (await _server.Get("/api/users/ann/recommendations")).ShouldBeProblem(HttpStatusCode.NotFound, "no_consent");
        (await Answer.To(_server.Http, HttpMethod.Post, "/api/groups/recommendations", """{"userIds":["ann"]}""", "application/json"))
            .ShouldBeProblem(HttpStatusCode.NotFound, "unknown_users");
    }
}
