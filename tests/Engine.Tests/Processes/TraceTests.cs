using System.Collections.Concurrent;
using System.Diagnostics;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client.Http;
using Auie.Engine.Tests.Engine;

namespace Auie.Engine.Tests.Processes;

/// <summary>What one request causes is one trace, from HTTP to the disk; several that share a transaction are linked.</summary>
public sealed class TraceTests
{
    private static readonly string[] Grains = ["Auie.Runtime", "Microsoft.Orleans.Application"];

    [Fact]
    public async Task A_request_its_grain_call_and_its_commit_are_of_one_trace()
    {
        var seen = new ConcurrentQueue<Activity>();
        using var listener = Listen(seen);
        await using var engine = await TestEngine.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        // The trace of whoever asks goes on here.
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        http.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        await new AuieHttpClient(http).SendEvents([Event("ann", "1")]);

        var ours = seen.Where(activity => activity.TraceId.ToHexString() == trace).ToArray();
        var request = ours.Single(activity => activity.DisplayName == "POST /api/events");
        var committed = ours.Where(activity => activity is { Source.Name: "Auie.Storage", DisplayName: "commit" }).ToArray();
        committed.ShouldNotBeEmpty();
        committed.ShouldContain(commit => CausesOf(commit, ours).Select(cause => cause.DisplayName).Contains("partition commit")
            && CausesOf(commit, ours).Any(cause => Grains.Contains(cause.Source.Name)) && CausesOf(commit, ours).Contains(request));
    }

    [Fact]
    public async Task Requests_that_share_a_transaction_are_each_found_from_it()
    {
        var seen = new ConcurrentQueue<Activity>();
        using var listener = Listen(seen);
        await using var engine = await TestEngine.StartAsync(partitions: 1);
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        var client = new AuieHttpClient(http);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.SendEvents([Event($"user{i}", "1")])));

        var traces = seen.Where(activity => activity.DisplayName == "POST /api/events").Select(activity => activity.TraceId).ToHashSet();
        traces.Count.ShouldBe(10);
        var commits = seen.Where(activity => activity.DisplayName == "partition commit").ToArray();
        commits.SelectMany(commit => commit.Links.Select(link => link.Context.TraceId).Append(commit.TraceId)).ToHashSet().IsSupersetOf(traces).ShouldBeTrue();
    }

    private static UserEvent Event(string user, string message) =>
        new() { UserId = user, MessageId = message, Kind = "viewed", At = DateTimeOffset.UnixEpoch, Item = "p" };

    private static IEnumerable<Activity> CausesOf(Activity activity, Activity[] all)
    {
        while (all.FirstOrDefault(other => other.SpanId == activity.ParentSpanId) is { } parent)
            yield return activity = parent;
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> seen)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => Telemetry.Sources.Contains(source.Name) || Grains.Contains(source.Name) || source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
