using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Auie.Grains;

/// <summary>Activities and metrics of commits, flushes and jobs: activity source and meter "Auie.Grains".</summary>
internal static class GrainTelemetry
{
    private static readonly ActivitySource Source = new("Auie.Grains");
    private static readonly Meter Meter = new("Auie.Grains");
    private static readonly Histogram<double> JobDuration = Meter.CreateHistogram<double>("auie.job.duration", "s", "How long a job took, by how it ended.");
    private static readonly Counter<long> Iterations = Meter.CreateCounter<long>("auie.job.steps", "{step}", "Steps that jobs took: a seeding, an assignment, a silhouette.");

    private static readonly UpDownCounter<int> Jobs = Meter.CreateUpDownCounter<int>("auie.job.running", "{job}", "Jobs that are worked on.");

    private static readonly Histogram<int> CommitEvents = Meter.CreateHistogram<int>("auie.partition.commit.events", "{event}", "Events that a partition committed together.");

    private static readonly Histogram<double> FlushDuration =
        Meter.CreateHistogram<double>("auie.partition.flush.duration", "s", "How long a partition took to write the states of those who had changed.");

    private static readonly Counter<long> FlushedUsers = Meter.CreateCounter<long>("auie.partition.flush.users", "{user}", "Users whose state was written.");

    /// <summary>A commit of the events of several calls: a part of what the first of them caused, and linked to what the others did.</summary>
    public static Activity? StartCommit(IEnumerable<ActivityContext> callers)
    {
        if (!Source.HasListeners())
            return null;
        var distinct = callers.Where(caller => caller != default).Distinct().ToArray();
        return Source.StartActivity("partition commit", ActivityKind.Internal, distinct.FirstOrDefault(), links: distinct.Skip(1).Select(caller => new ActivityLink(caller)));
    }

    public static void Committed(int events) => CommitEvents.Record(events);

    public static void Flushed(int users, TimeSpan duration)
    {
        FlushedUsers.Add(users);
        FlushDuration.Record(duration.TotalSeconds);
    }

    public static void JobBegan() => Jobs.Add(1);

    public static Activity? StartJob(string job, string input) =>
        Source.StartActivity("job")?.SetTag("auie.job", job).SetTag("auie.job.input", input);

    /// <summary>It is no longer worked on, at least not here; where it has ended, with what state.</summary>
    public static void JobLeft(string? ended, TimeSpan duration)
    {
        Jobs.Add(-1);
        if (ended is not null)
            JobDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("auie.job.state", ended.ToLowerInvariant()));
    }

    public static void Stepped(string phase) => Iterations.Add(1, new KeyValuePair<string, object?>("auie.job.phase", phase));
}
