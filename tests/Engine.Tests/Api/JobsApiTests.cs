using System.Net;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class JobsApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_started_job_is_accepted_with_the_place_to_look_for_it()
    {
        var answer = await _server.Send(HttpMethod.Post, "/api/jobs", """{"kMax":5,"seed":9,"asOf":"2012-12-31T00:00:00Z"}""");
        answer.Status.ShouldBe(HttpStatusCode.Accepted);
        answer.Response.Headers.Location!.ToString().ShouldBe("/api/jobs/j1");
        var request = (await _server.Client.GetJob("j1")).Request;
        (request.KMin, request.KMax, request.Seed, request.Starts).ShouldBe((3, 5, 9, 16));
        request.AsOf.ShouldBe(new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero));
        await _server.Send(HttpMethod.Post, "/api/jobs", """{"asOf":"2012-12-31"}""");
        (await _server.Client.GetJob("j2")).Request.AsOf.ShouldBe(request.AsOf);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_answered_with_the_field()
    {
        var refused = await Should.ThrowAsync<AuieHttpException>(() => _server.Client.StartJob(new JobOrder { KMin = 9, KMax = 4 }));
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Code.ShouldBe("invalid_request");
        refused.Problem!.Errors!.ShouldContainKey("kMin");
    }

    [Theory]
    [InlineData("", "malformed_request")]
    [InlineData("{", "malformed_json")]
    [InlineData("[]", "malformed_json")]
    [InlineData("null", "malformed_request")]
    [InlineData("""{"k":5}""", "malformed_json")]
    [InlineData("""{"kMin":"3"}""", "malformed_json")]
    [InlineData("""{"kMin":1e99}""", "malformed_json")]
    [InlineData("""{"kMin":3,"kMin":4}""", "malformed_json")]
    [InlineData("""{"seed":99999999999999999999999}""", "malformed_json")]
    [InlineData("""{"asOf":"2012-12-31T00:00:00"}""", "malformed_json")]
    [InlineData("""{"columns":["a",null]}""", "invalid_request")]
    [InlineData("""{"columns":[]}""", "invalid_request")]
    [InlineData("""{"table":"../x"}""", "invalid_request")]
    [InlineData("""{"table":"\ud800"}""", "malformed_json")]
    public async Task A_body_that_is_no_order_is_refused_with_a_reason(string body, string code) =>
        (await _server.Send(HttpMethod.Post, "/api/jobs", body)).ShouldBeProblem(HttpStatusCode.BadRequest, code)
            .Body.ShouldNotContain("JobOrder", Case.Sensitive);

    [Fact]
    public async Task A_body_of_another_type_or_too_large_is_refused()
    {
        (await _server.Send(HttpMethod.Post, "/api/jobs", "k=5", "application/x-www-form-urlencoded"))
            .ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "wrong_content_type");
        (await _server.Send(HttpMethod.Post, "/api/jobs", $$"""{"features":"{{new string('x', 70_000)}}"}"""))
            .ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
    }

    [Fact]
    public async Task Progress_ends_when_the_job_ends()
    {
        var job = await _server.Client.StartJob(new JobOrder());
        var seen = await _server.Client.WatchJob(job.Id).ToListAsync();
        seen.Select(now => now.State).ShouldBe(["running", "succeeded"]);
        seen[^1].Result!.Segments.Length.ShouldBe(2);
    }

    [Fact]
    public async Task Progress_is_one_event_of_one_line_for_each_change()
    {
        await _server.Client.StartJob(new JobOrder());
        var answer = await _server.Get("/api/jobs/j1/progress");
        answer.Type.ShouldBe("text/event-stream");
        answer.Response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        answer.Body.Split('\n').Count(line => line.StartsWith("data: {", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task A_job_that_is_watched_is_seen_to_be_cancelled()
    {
        _server.Engine.Finish = null;
        var job = await _server.Client.StartJob(new JobOrder());
        var states = new List<string>();
        await foreach (var now in _server.Client.WatchJob(job.Id))
        {
            states.Add(now.State);
            if (!now.Ended) (await _server.Client.CancelJob(job.Id)).State.ShouldBe("cancelled");
        }

        states.ShouldBe(["running", "cancelled"]);
    }

    [Fact]
    public async Task Jobs_are_listed_the_newest_first()
    {
        await _server.Client.StartJob(new JobOrder());
        await _server.Client.StartJob(new JobOrder());
        (await _server.Client.ListJobs()).Jobs.Select(job => job.Id).ShouldBe(["j2", "j1"]);
        (await _server.Client.ListJobs(count: 1)).Jobs.Length.ShouldBe(1);
    }

    [Fact]
    public async Task An_unknown_job_is_not_found()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/jobs/x"), (HttpMethod.Get, "/api/jobs/x/progress"), (HttpMethod.Delete, "/api/jobs/x") })
            (await _server.Send(method, path)).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_job");
    }

    [Fact]
    public async Task Watching_a_job_ends_where_who_tells_of_it_has_gone_and_its_reader_may_ask_again()
    {
        _server.Engine.Finish = null;
        var job = await _server.Client.StartJob(new JobOrder());
        _server.Engine.Jobs[job.Id].Changes.Writer.Complete(new TimeoutException("Nobody answers."));
        (await _server.Client.WatchJob(job.Id).ToListAsync()).ShouldHaveSingleItem().Id.ShouldBe(job.Id);
    }
}
