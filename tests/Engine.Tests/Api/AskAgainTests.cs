using System.Net;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client;
using Auie.Runtime.Tests;

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

    [Fact]
    public Task It_is_asked_more_and_more_rarely_until_the_limit_is_over() => Task.Run(async () =>
    {
        // Without the test's own context what a timer has go on does so inside Advance.
        var (time, asked) = (new ManualTime(), 0);
        var began = time.GetTimestamp();
        var answer = new AskAgain(TimeSpan.FromSeconds(4), time).Run<int>(_ => { asked++; throw SiloGone.Failure(); }, CancellationToken.None).AsTask();
        while (!answer.IsCompleted)
        {
            time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(6));
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await Should.ThrowAsync<Exception>(answer);
        // At once, and after 0.1, 0.3, 0.7, 1.5, 2.5, 3.5 and 4.5 s.
        asked.ShouldBe(8);
        time.GetElapsedTime(began).ShouldBe(TimeSpan.FromSeconds(4.5));
    });

    [Fact]
    public Task Who_waits_for_an_answer_then_does_so_no_longer_than_one_call_may_take() => Task.Run(async () =>
    {
        // Without the test's own context what a timer has go on does so inside Advance.
        var (time, given, gone) = (new ManualTime(), new List<CancellationToken>(), SiloGone.Failure());
        var answer = new AskAgain(TimeSpan.FromSeconds(20), time).Run(
            async token =>
            {
                given.Add(token);
                if (given.Count == 1)
                    throw gone;
                await Task.Delay(Timeout.InfiniteTimeSpan, time, token);
                return 0;
            }, CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(29));
        given.Count.ShouldBe(2);
        answer.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<Exception>(answer.WaitAsync(TimeSpan.FromSeconds(20)))).ShouldBe(gone);
    });

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
