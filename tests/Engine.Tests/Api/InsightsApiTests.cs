using System.Net;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

public sealed class InsightsApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Steps_may_be_given_one_by_one_as_well_as_parted_by_commas()
    {
        var together = await _server.Http.GetAsync("/api/funnels?steps=shown,interested");
        var apart = await _server.Http.GetAsync("/api/funnels?steps=shown&steps=interested");
        (together.StatusCode, apart.StatusCode).ShouldBe((System.Net.HttpStatusCode.OK, System.Net.HttpStatusCode.OK));
        (await apart.Content.ReadAsStringAsync()).ShouldBe(await together.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_filter_comes_through_whole_and_the_answer_has_n_and_as_of()
    {
        var request = new AudienceRequest { Segment = 1, Locale = "en_US", Gender = "male", Platform = "web", AgeFrom = 25, AgeTo = 40, Place = "São Paulo, Brazil", TenureFrom = 3, TenureTo = 5, FriendsFrom = 0, FriendsTo = 99, AsOf = new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero) };
        var who = await _server.Client.GetWho(request);
        (who.Users, who.Of, who.AsOf, who.ModelVersion).ShouldBe((2, 3, request.AsOf.Value, 4));
        who.Breakdowns.Single().Shares[0].Rate.ShouldBe(new RateView(0.5, 1, 2, 0.1, 0.9));
        var rates = (await _server.Client.GetDrivers(new AudienceRequest())).Groups.Single();
        (rates.Groups[0].Value, rates.Groups.Length, rates.LeftOut).ShouldBe(("id_ID", 2, 7));
        var effects = await _server.Client.GetEffects(request);
        (effects.AsOf, effects.Drivers[0].Within.Q, effects.Matrix.Single().Pearson.N).ShouldBe((request.AsOf.Value, double.NaN, 2L));
        // Below there is no bound, which JSON has no number for.
        double.IsFinite(effects.Drivers[0].Curve.Single().From).ShouldBeFalse();
        var raw = (await Answer.To(_server.Http, HttpMethod.Get, "/api/insights/effects")).Body;
        foreach (var text in new[] { "\"NaN\"", "Infinity\"" }) raw.ShouldNotContain(text);
        raw.ShouldContain("\"from\":null,\"to\":1");
        var when = await _server.Client.GetWhen(request);
        (when.Users, when.Groups.Single().Best.Basis, when.Groups.Single().Windows.Single().Q).ShouldBe((3, "interest", 0.01));
        (await _server.Client.GetInfluencers(request, 2)).Methods.Single().People.Length.ShouldBe(2);
        (await _server.Client.GetInfluencers(request)).Methods.Single().People.Length.ShouldBe(20);
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/insights/influencers?count=1001")).Body.ShouldContain("1001 is not from 1 to 1000");
        _server.Engine.Audiences.ShouldBe([request, new AudienceRequest(), request, new AudienceRequest(), request, request, request]);
    }

    [Fact]
    public async Task A_funnels_steps_group_and_filter_come_through_and_there_are_steps_where_none_are_named()
    {
        var funnel = await _server.Client.GetFunnel(new FunnelRequest(["shown", "yes"], "persona", new AudienceRequest { Gender = "male" }));
        funnel.Steps.Select(step => step.Name).ShouldBe(["shown", "yes"]);
        var asked = _server.Engine.Funnels.ShouldHaveSingleItem();
        (asked.By, asked.Audience.Gender).ShouldBe(("persona", "male"));
        (await _server.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "yes"], 7200, null, new AudienceRequest()))).WindowSeconds.ShouldBe(7200);
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/funnels")).Status.ShouldBe(HttpStatusCode.OK);
        // The engine knows which steps anybody took.
        _server.Engine.Funnels[1].Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_and_words_of_ours_mind_no_case_and_a_date_is_its_first_moment()
    {
        foreach (var path in new[] { "insights/who?Segment=1&LOCALE=en_us&Gender=Female&platform=WEB&asof=2012-11-03", "insights/who?segment=1&locale=en_us&gender=female&platform=web&asOf=2012-11-03T00:00:00Z" })
            (await Answer.To(_server.Http, HttpMethod.Get, $"/api/{path}")).Status.ShouldBe(HttpStatusCode.OK);
        var asked = new AudienceRequest { Segment = 1, Locale = "en_us", Gender = "female", Platform = "web", AsOf = new DateTimeOffset(2012, 11, 3, 0, 0, 0, TimeSpan.Zero) };
        _server.Engine.Audiences.ShouldBe([asked, asked]);
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/funnels?Steps=Shown,YES&By=Persona")).Status.ShouldBe(HttpStatusCode.OK);
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/funnels?TO=Came")).Status.ShouldBe(HttpStatusCode.OK);
        (string.Join(',', _server.Engine.Funnels[0].Steps), _server.Engine.Funnels[0].By, _server.Engine.Funnels[1].To).ShouldBe(("shown,yes", "persona", "came"));
    }

    [Theory]
    [InlineData("ageFrom=abc", "ageFrom: 'abc' is no whole number, as in 25, of 2,147,483,647 at the most")]
    [InlineData("SEGMENT=1.5", "segment: '1.5' is no whole number, as in 25, of 2,147,483,647 at the most")]
    [InlineData("locale=en_US&locale=id_ID", "locale: is given 2 times; one is meant")]
    [InlineData("ageFrom=1&AGEFROM=2", "ageFrom: is given 2 times; one is meant")]
    [InlineData("locale=", "locale: is empty: say what is meant, or leave it out")]
    [InlineData("ageTo=", "ageTo: is empty: say what is meant, or leave it out")]
    public async Task What_a_filter_cannot_mean_is_refused_by_the_name_that_the_query_has_and_it_is_said_what_can(string query, string told)
    {
        var answer = await Answer.To(_server.Http, HttpMethod.Get, $"/api/insights/who?{query}");
        (answer.Status, System.Text.Json.JsonDocument.Parse(answer.Body).RootElement.GetProperty("detail").GetString()).ShouldBe((HttpStatusCode.BadRequest, told));
        _server.Engine.Audiences.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_quality_of_data_has_what_was_sent_to_this_process_by_kind_and_what_was_refused_and_why()
    {
        var before = (await _server.Client.GetQuality()).Received.ShouldNotBeNull();
        var at = DateTimeOffset.UtcNow;
        UserEvent Event(string id, string kind, DateTimeOffset when) => new() { UserId = "u", MessageId = id, Kind = kind, At = when, Item = "e" };
        await _server.Client.SendEvents([Event("1", "shown", at), Event("2", "interested", at.AddDays(-3)), Event("3", "other", at)]);
        (await Answer.To(_server.Http, HttpMethod.Post, "/api/events", """{"events":[{"userId":"","messageId":"4","kind":"shown","at":"2012-10-01T00:00:00Z"}]}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var quality = await _server.Client.GetQuality();
        (quality.Users, quality.Fields.Single().Missing.Hits, quality.Kept["shown"]).ShouldBe((4, 1L, 7L));
        var received = quality.Received.ShouldNotBeNull();
        received.Since.ShouldBe(before.Since);
        (received.Accepted - before.Accepted, received.Late - before.Late, received.LateAfterSeconds).ShouldBe((3, 1, 86_400));
        received.Kinds.ShouldBe(new Dictionary<string, long> { ["shown"] = 1, ["interested"] = 1, ["other"] = 1 }, ignoreOrder: true);
        var refused = received.Refused.ShouldHaveSingleItem();
        (refused.Field, refused.Count).ShouldBe(("userId", 1));
    }

    [Fact]
    public async Task Personas_come_whole_and_are_not_found_where_there_are_none()
    {
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/insights/personas")).Status.ShouldBe(HttpStatusCode.NotFound);
        var job = await _server.Client.StartJob(new());
        _server.Engine.Segmentation = FakeEngine.ViewOf(await _server.Client.GetJob(job.Id), ["age", "friends"], 100);
        var personas = await _server.Client.GetPersonas();
        (personas.Drift.Recompute, personas.Flows.Single().From, personas.Stability.Seeds.Length).ShouldBe((true, null, 2));
    }

    [Fact]
    public async Task Strategies_come_with_every_condition_and_what_was_found()
    {
        var strategies = await _server.Client.GetStrategies();
        (strategies.LibraryVersion, strategies.ModelVersion).ShouldBe((3, 4));
        strategies.Matches.Single(match => match.Fits).Conditions.ShouldBe([new StrategyConditionView("resembles Enthusiasts by 0.70 at least", "0.98", true)]);
    }

    [Theory]
    [InlineData("insights/who?age=25", "age: is no parameter of this operation; the closest is ageTo (there are segment, locale, gender")]
    [InlineData("insights/influencers?counts=3", "the closest is count")]
    [InlineData("insights/personas?n=3", "n: is no parameter of this operation, which has none")]
    [InlineData("insights/quality?n=3", "n: is no parameter of this operation, which has none")]
    [InlineData("funnels?step=shown", "the closest is steps")]
    [InlineData("strategies?fits=true", "which has none")]
    [InlineData("campaigns?page=2", "which has none")]
    [InlineData("users/ann?at=1", "at: is no parameter")]
    public async Task A_parameter_that_there_is_not_is_refused_with_the_closest_one(string path, string reason) =>
        (await Answer.To(_server.Http, HttpMethod.Get, $"/api/{path}")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request").Body.ShouldContain(reason);

    [Theory]
    [InlineData("gender=men", "gender", "'men' is not male, female or unknown")]
    [InlineData("platform=fax", "platform", "'fax' is not web, mobile or email")]
    [InlineData("ageFrom=-1", "ageFrom", "-1 is not from 0 to 150")]
    [InlineData("ageFrom=40&ageTo=25", "ageTo", "25 is below ageFrom, 40")]
    [InlineData("place=%20", "place", "must have 1 to 2048 characters that are not all spaces")]
    [InlineData("tenureTo=3601", "tenureTo", "3601 is not from 0 to 3600")]
    [InlineData("tenureFrom=5&tenureTo=3", "tenureTo", "3 is below tenureFrom, 5")]
    [InlineData("friendsFrom=-1", "friendsFrom", "-1 is not from 0 to 2147483647")]
    [InlineData("friendsFrom=10&friendsTo=9", "friendsTo", "9 is below friendsFrom, 10")]
    [InlineData("asOf=soon", "asOf", "'soon'")]
    [InlineData("asOf=2012-11-31", "asOf", "'2012-11-31' is not a date, as in 2012-12-31")]
    [InlineData("asOf=2012-11-03T10:00", "asOf", "or a time with its offset from UTC")]
    public async Task What_cannot_be_meant_is_refused_with_field_and_reason(string query, string field, string reason)
    {
        foreach (var path in new[] { "who", "drivers", "effects", "when", "influencers" })
        {
            var answer = await Answer.To(_server.Http, HttpMethod.Get, $"/api/insights/{path}?{query}");
            answer.Status.ShouldBe(HttpStatusCode.BadRequest);
            answer.Body.ShouldContain(field);
            answer.Body.ShouldContain(reason);
        }
    }
}
