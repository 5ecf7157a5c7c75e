using System.Net;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client;
using Auie.Runtime.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Api;

/// <summary>What the API asks again where a silo goes before it answers, and what not.</summary>
public sealed class AskAgainTests
{
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(30);

    private const string Event = """{"events":[{"userId":"ann","messageId":"1","kind":"viewed","at":"2026-05-01T09:00:00Z","item":"i"}]}""";

    [Theory]
    [InlineData("/api/users/ann")]
    [InlineData("/api/users/ann/recommendations?record=false")]
    [InlineData("/api/jobs")]
    [InlineData("/report")]
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
    [InlineData("POST", "/api/import/users")]
    public async Task What_changes_something_is_not(string method, string path)
    {
        await using var server = await StartAsync(failures: 2);
        (await server.Send(new HttpMethod(method), path, method == "GET" ? null : path == "/api/jobs" ? "{}" : Event)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
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
        var answer = new AskAgain(TimeSpan.FromSeconds(4), OneCall, time).Run<int>(_ => { asked++; throw SiloGone.Failure(); }, CancellationToken.None).AsTask();
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
        var answer = new AskAgain(TimeSpan.FromSeconds(20), OneCall, time).Run(
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

    [Fact]
    public Task What_may_take_longer_may_do_so_the_second_time_and_is_asked_again_though_it_failed_late() => Task.Run(async () =>
    {
        var (time, given) = (new ManualTime(), new List<CancellationToken>());
        var answer = new AskAgain(TimeSpan.FromSeconds(20), OneCall, time).Run(
            async token =>
            {
                given.Add(token);
                await Task.Delay(TimeSpan.FromMinutes(4), time, token);
                return given.Count == 1 ? throw SiloGone.Failure() : given.Count;
            }, CancellationToken.None, new Asked { Longest = CallLimit.Of<IInsightsGrain>(nameof(IInsightsGrain.GetInfluencers)) }).AsTask();
        for (var minute = 0; minute < 9; minute++)
            time.Advance(TimeSpan.FromMinutes(1));
        (await answer.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(2);
        Should.Throw<ObjectDisposedException>(() => given[1].WaitHandle, "nothing of it is left with whoever may give it up");
    });

    [Fact]
    public Task What_has_begun_to_answer_is_neither_given_up_nor_asked_again() => Task.Run(async () =>
    {
        var (time, asked, hasBegun) = (new ManualTime(), 0, false);
        var gone = SiloGone.Failure();
        var answer = new AskAgain(TimeSpan.FromSeconds(20), OneCall, time).Run<int>(
            async token =>
            {
                if (++asked == 1)
                    throw gone;
                hasBegun = true;
                await Task.Delay(TimeSpan.FromHours(1), time, token);
                throw gone;
            }, CancellationToken.None, new Asked { HasBegun = () => hasBegun }).AsTask();
        time.Advance(TimeSpan.FromMinutes(59));
        answer.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMinutes(2));
        (await Should.ThrowAsync<Exception>(answer.WaitAsync(TimeSpan.FromSeconds(20)))).ShouldBe(gone);
        asked.ShouldBe(2);
    });

    [Fact]
    public async Task A_download_that_was_asked_for_again_takes_as_long_as_it_takes()
    {
        var time = new ManualTime();
        await using var server = await StartAsync(failures: 1, configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        string[] ids = [.. Enumerable.Range(0, FakeEngine.Partitions).Select(partition =>
            Enumerable.Range(0, 1_000).Select(i => $"u{i}").First(id => Partitioning.PartitionOf(GrainKeys.DefaultTenant, id, FakeEngine.Partitions) == partition))];
        Array.ForEach(ids, id => server.Engine.AddUser(id));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Engine.FeaturesOf = id =>
        {
            begun.TrySetResult();
            // Longer than one call before there is anything to send, and then longer than all may take.
            time.Advance(id == ids[0] ? TimeSpan.FromSeconds(40) : id == ids[^1] ? TimeSpan.FromHours(1) : TimeSpan.Zero);
            return [22, 3];
        };
        var answer = server.Get("/api/export/features");
        while (!begun.Task.IsCompleted && !answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        (await answer).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
        server.Engine.FailsOnce.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/api/events", Event)]
    [InlineData("/api/import/items", """{"items":[{"itemId":"17","messageId":"m","at":"1900-01-01T00:00:00Z","traits":{"city":"Medan"}}]}""")]
    public async Task The_first_that_is_sent_to_a_process_is_sent_again_as_any(string path, string body)
    {
        await using var server = await ApiServer.Start();
        // It asks for the number of partitions, and then for one of them.
        server.Engine.FailsOnce.Enqueue(SiloGone.Failure());
        server.Engine.FailsOnce.Enqueue(SiloGone.Failure());
        (await server.Send(HttpMethod.Post, path, body)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/api/events", Event)]
    [InlineData("/v1/track", """{"userId":"ann","messageId":"1","event":"Product Viewed","properties":{"product_id":"p"},"timestamp":"2026-05-03T10:00:00Z"}""")]
    public async Task Events_are_sent_again_and_count_once(string path, string body)
    {
        await using var server = await StartAsync(failures: 0);
        server.Engine.LostAnswers.Enqueue(SiloGone.Failure());
        var answer = await server.Send(HttpMethod.Post, path, body);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json.GetProperty("known").GetInt32().ShouldBe(1, "it was kept the first time");
        server.Engine.Journal.Values.Sum(part => part.Count).ShouldBe(1);
    }

    [Fact]
    public async Task But_not_where_the_answer_is_to_tell_what_was_before_them()
    {
        await using var server = await StartAsync(failures: 0);
        server.Engine.LostAnswers.Enqueue(SiloGone.Failure());
        (await server.Send(HttpMethod.Post, "/api/events?return=segment", Event)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Engine.Journal.Values.Sum(part => part.Count).ShouldBe(1, "as after any other failure, its sender sends it again");
    }

    private static async Task<ApiServer> StartAsync(int failures, AuieApiOptions? options = null, Action<WebApplicationBuilder>? configure = null)
    {
        var server = await ApiServer.Start(options, configure);
        server.Engine.AddUser("ann");
        // The number of partitions is asked for once.
        await server.Get("/api/users/ann/segment?atLeast=0.0");
        for (var i = 0; i < failures; i++)
            server.Engine.FailsOnce.Enqueue(SiloGone.Failure());
        return server;
    }
}
