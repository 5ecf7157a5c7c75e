using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class FailureTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_failure_inside_is_told_without_its_insides()
    {
        _server.Engine.Failure = new InvalidOperationException("the disk at /secret is full");
        var answer = (await _server.Get("/api/engine")).ShouldBeProblem(HttpStatusCode.InternalServerError, "internal");
        answer.Body.ShouldNotContain("secret");
        answer.Body.ShouldNotContain("InvalidOperation");
    }

    [Fact]
    public async Task A_timeout_says_when_to_come_back()
    {
        _server.Engine.Failure = new TimeoutException("No answer within 30 s.");
        (await _server.Get("/api/jobs")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "timeout").Response.Headers.RetryAfter!.Delta
            .ShouldBe(TimeSpan.FromSeconds(1));
        var thrown = await Should.ThrowAsync<AuieHttpException>(() => _server.Client.GetJob("x"));
        (thrown.Status, thrown.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_store_that_fails_is_told_as_try_again_without_its_insides()
    {
        _server.Engine.Failure = new UnavailableException("The store '/secret/auie.db' could not grow: the disk is full.");
        var answer = (await _server.Get("/api/engine")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        answer.Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        answer.Body.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Overload_says_when_to_come_back()
    {
        _server.Engine.Failure = new LimitExceededException("1,000 calls wait already.");
        (await _server.Send(HttpMethod.Post, "/api/jobs", "{}")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "overloaded").Response.Headers.RetryAfter!.Delta
            .ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task What_routing_itself_refuses_is_a_problem_too()
    {
        (await _server.Get("/api/no-such-path")).ShouldBeProblem(HttpStatusCode.NotFound, "no_such_path");
        var answer = (await _server.Send(HttpMethod.Patch, "/api/jobs")).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        answer.Response.Content.Headers.Allow.ShouldContain("POST");
    }

    [Fact]
    public async Task Every_problem_has_its_own_request_id()
    {
        var ids = new List<string?>();
        for (var i = 0; i < 3; i++) ids.Add((await _server.Get("/api/users/nobody")).Json.GetProperty("requestId").GetString());
        ids.ShouldBeUnique();
    }
}
