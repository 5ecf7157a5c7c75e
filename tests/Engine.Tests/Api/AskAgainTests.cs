using System.Net;
using Auie.Abstractions;
using Auie.Api;

namespace Auie.Engine.Tests.Api;

/// <summary>What the API asks again where a silo goes before it answers, and what not.</summary>
public sealed class AskAgainTests
{
    private const string Event = """{"events":[{"userId":"ann","messageId":"1","kind":"viewed","at":"2026-05-01T09:00:00Z","item":"i"}]}""";

    [Theory]
    [InlineData("/api/users/ann")]
    [InlineData("/api/users/ann/recommendations?record=false")]
    [InlineData("/api/jobs")]
    public async Task What_is_only_read_is_asked_again(string path)
    {
        await using var server = await StartAsync(failures: 2);
        (await server.Get(path)).Status.ShouldBe(HttpStatusCode.OK);
        server.Engine.FailsOnce.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET", "/api/users/ann/recommendations")]
    [InlineData("GET", "/api/users/ann/export")]
    [InlineData("POST", "/api/jobs")]
    public async Task What_changes_something_is_not(string method, string path)
    {
        await using var server = await StartAsync(failures: 2);
        (await server.Send(new HttpMethod(method), path, method == "POST" ? "{}" : null)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Engine.FailsOnce.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nor_is_what_was_only_late_nor_anything_beyond_the_limit()
    {
        await using var server = await StartAsync(failures: 2, new AuieApiOptions { AskAgain = TimeSpan.Zero });
        (await server.Get("/api/users/ann")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Engine.FailsOnce.Count.ShouldBe(1);
        await using var late = await StartAsync(failures: 0);
        late.Engine.FailsOnce.Enqueue(new TimeoutException("The call was not answered in 00:00:30."));
        (await late.Get("/api/users/ann")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "timeout");
    }

    [Theory]
    [InlineData("/api/events", Event)]
    [InlineData("/v1/track", """{"userId":"ann","messageId":"1","event":"Product Viewed","properties":{"product_id":"p"},"timestamp":"2026-05-03T10:00:00Z"}""")]
    public async Task Events_are_sent_again_and_count_once(string path, string body)
    {
        await using var server = await StartAsync(failures: 0);
        server.Engine.FailedAppends.Enqueue(SiloGone.Failure());
        (await server.Send(HttpMethod.Post, path, body)).Status.ShouldBe(HttpStatusCode.OK);
        server.Engine.Journal.Values.Sum(part => part.Count).ShouldBe(1);
    }

    [Fact]
    public async Task But_not_where_the_answer_is_to_tell_what_was_before_them()
    {
        await using var server = await StartAsync(failures: 0);
        server.Engine.FailedAppends.Enqueue(SiloGone.Failure());
        (await server.Send(HttpMethod.Post, "/api/events?return=segment", Event)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Engine.Journal.ShouldBeEmpty();
    }

    private static async Task<ApiServer> StartAsync(int failures, AuieApiOptions? options = null)
    {
        var server = await ApiServer.Start(options);
        server.Engine.AddUser("ann");
        // The number of partitions is asked for once.
        await server.Get("/api/users/ann/segment?atLeast=0.0");
        for (var i = 0; i < failures; i++)
            server.Engine.FailsOnce.Enqueue(SiloGone.Failure());
        return server;
    }
}
