using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class ExportApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Rows_come_from_every_shard_page_after_page_with_the_instant_that_they_are_as_of()
    {
        var users = Enumerable.Range(0, 5_000).Select(i => $"u{i}").ToArray();
        foreach (var user in users) _server.Engine.AddUser(user);
        _server.Engine.FeaturesOf = user => [double.Parse(user[1..]) / 3, double.NaN];

        var answer = await _server.Get("/api/export/features");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Type.ShouldBe("text/csv");
        answer.Response.Headers.GetValues("X-Auie-As-Of").ShouldBe([FakeEngine.AsOf.ToString("O")]);
        var lines = answer.Body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("id,age,friends");
        lines[1..].Order(StringComparer.Ordinal).ShouldBe(users.Select(user => $"{user},{double.Parse(user[1..]) / 3:R},").Order(StringComparer.Ordinal));
        _server.Engine.RowQueries.ShouldAllBe(query => query.Features == "default" && query.AsOf == FakeEngine.AsOf);
        _server.Engine.Flushes.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_are_as_of_the_instant_that_is_asked_for()
    {
        var answer = await _server.Get("/api/export/features?features=default&asOf=2012-10-01T00:00:00Z");
        answer.Body.ShouldBe("id,age,friends\r\n");
        answer.Response.Headers.GetValues("X-Auie-As-Of").ShouldBe(["2012-10-01T00:00:00.0000000+00:00"]);
        _server.Engine.RowQueries.ShouldContain(("default", new DateTimeOffset(2012, 10, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("/api/export/features?features=none", "features: there is no feature set 'none'; there are default")]
    [InlineData("/api/export/impressions", "features: there is no feature set 'impressions'; there are default")]
    [InlineData("/api/export/features?asOf=yesterday", "asOf: 'yesterday' is not a date, as in 2012-12-31")]
    [InlineData("/api/export/users?spreadsheet=perhaps", "spreadsheet: 'perhaps' is neither true nor false")]
    public async Task What_cannot_be_exported_is_refused_with_a_reason(string path, string reason) =>
        (await _server.Get(path)).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request").Json.GetProperty("detail").GetString().ShouldNotBeNull()
            .ShouldStartWith(reason);

    [Fact]
    public async Task Users_are_written_with_their_segments_whatever_their_ids_and_places_hold()
    {
        _server.Engine.Segmentation = FakeEngine.ViewOf(new JobView
        {
            Id = "j1", State = "succeeded", Phase = "done", Progress = 1, Request = new JobRequest(), CreatedAt = FakeEngine.AsOf,
        }, ["age", "friends"], 2);
        var plain = _server.Engine.AddUser("a,\"b\"");
        _server.Engine.Users["a,\"b\""] = plain with
        {
            Gender = "female",
            Location = "=Medan,\r\n\"North\"",
            TimezoneMinutes = -480,
            JoinedAt = new DateTimeOffset(2012, 10, 1, 18, 30, 0, TimeSpan.FromHours(7)),
            Events = new() { ["shown"] = 12, ["purchased"] = 1 },
            Answers = new() { ["not_interested"] = 4 },
        };

        var answer = await _server.Get("/api/export/users");

        answer.Body.ShouldBe(
            "id,birthyear,gender,locale,location,timezone,joined_at,friends,identify_events,friends_events,shown_events,viewed_events,interested_events,"
            + "not_interested_events,invited_events,yes_events,maybe_events,no_events,purchased_events,other_events,consent_events,came_events,interested_items,not_interested_items,yes_items,"
            + "maybe_items,no_items,spent,first_seen,last_seen,segment,persona,margin\r\n"
            + "\"a,\"\"b\"\"\",1990,female,,\"=Medan,\r\n\"\"North\"\"\",-480,2012-10-01T18:30:00+07:00,3,0,0,12,0,0,0,0,0,0,0,1,0,0,0,0,4,0,0,0,12.34,,,0,Silent Observers,0.75\r\n");
        answer.Response.Headers.GetValues("X-Auie-As-Of").ShouldBe([FakeEngine.AsOf.ToString("O")]);
        (await _server.Get("/api/export/users?spreadsheet=true")).Body.ShouldContain(",\"'=Medan,\r\n");
    }

    [Fact]
    public async Task The_kinds_that_users_are_counted_by_are_those_that_somebody_can_send()
    {
        var header = (await _server.Get("/api/export/users")).Body.Trim().Split(',');
        header.Where(column => column.EndsWith("_events", StringComparison.Ordinal))
            .ShouldBe(Core.Users.EntryKinds.All.Where(kind => kind is not (Core.Users.EntryKind.Link or Core.Users.EntryKind.Adopt or Core.Users.EntryKind.Relink)).Select(kind => $"{Core.Users.EntryKinds.Name(kind)}_events"));
    }

    [Fact]
    public async Task Segments_are_written_with_their_means()
    {
        (await _server.Get("/api/export/segments")).ShouldBeProblem(HttpStatusCode.NotFound, "no_segmentation");
        _server.Engine.Segmentation = FakeEngine.ViewOf(new JobView
        {
            Id = "j1", State = "succeeded", Phase = "done", Progress = 1, Request = new JobRequest(), CreatedAt = FakeEngine.AsOf,
        }, ["age", "friends"], 100);
        (await _server.Get("/api/export/segments")).Body.ShouldBe(
            "segment,id,persona,size,rows,share,mean_age,mean_friends,description\r\n"
            + "0,s0,Silent Observers,50,50,0.5,0.1,1.1,\r\n1,s1,Enthusiasts,50,50,0.5,1.1,2.1,\r\n");
    }

    [Fact]
    public async Task A_failure_before_the_first_row_is_a_problem()
    {
        _server.Engine.BreaksOff = (0, new UnavailableException("the disk"));
        (await _server.Get("/api/export/features")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await _server.Get("/api/export/users")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task A_failure_in_the_middle_cuts_the_connection_so_that_half_a_table_never_looks_whole()
    {
        for (var i = 0; i < 8_000; i++) _server.Engine.AddUser($"u{i}");
        _server.Engine.BreaksOff = (1, new UnavailableException("the disk"));
        await using var table = await _server.Client.Export("users");
        using var reader = new StreamReader(table.Csv);
        (await reader.ReadLineAsync()).ShouldNotBeNull().ShouldStartWith("id,");
        await Should.ThrowAsync<IOException>(() => reader.ReadToEndAsync());
        (await Should.ThrowAsync<HttpRequestException>(() => _server.Http.GetStringAsync("/api/export/features"))).InnerException.ShouldBeAssignableTo<IOException>();
    }
}
