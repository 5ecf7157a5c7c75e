using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Auie.Storage;

/// <summary>What the store tells OpenTelemetry: the activity source and the meter that are both named <see cref="Name"/>.</summary>
public static class StorageTelemetry
{
    public const string Name = "Auie.Storage";

    internal static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Commits = Meter.CreateCounter<long>("auie.storage.commits", "{commit}", "Transactions committed.");

    private static long _failedCommits;

    static StorageTelemetry()
    {
        // Told from the start, as none: a rate that begins with the first one passes it over.
        Meter.CreateObservableCounter("auie.storage.commits.failed", () => Volatile.Read(ref _failedCommits), "{commit}", "Transactions that failed whole.");
    }

    internal static void CommitFailed() => Interlocked.Increment(ref _failedCommits);

    internal static readonly Histogram<double> CommitSeconds =
        Meter.CreateHistogram<double>("auie.storage.commit.duration", "s", "From the beginning of a transaction to its bytes on disk.");

    internal static readonly Histogram<int> BatchSize =
        Meter.CreateHistogram<int>("auie.storage.commit.writes", "{write}", "Writes that shared one transaction.");

    internal static readonly UpDownCounter<int> Queued =
        Meter.CreateUpDownCounter<int>("auie.storage.queue", "{write}", "Writes that wait for their transaction.");

    internal static readonly Histogram<double> ReadSeconds =
        Meter.CreateHistogram<double>("auie.storage.read.duration", "s", "From asking for a read to its rows, the wait for a free connection included.");

    /// <summary>A transaction of several writes: a part of what caused the first of them, and linked to what caused the others.</summary>
    internal static Activity? StartCommit(IEnumerable<ActivityContext> callers)
    {
        if (!Activities.HasListeners())
            return null;
        var distinct = callers.Where(caller => caller != default).Distinct().ToArray();
        return Activities.StartActivity("commit", ActivityKind.Internal, distinct.FirstOrDefault(), links: distinct.Skip(1).Select(caller => new ActivityLink(caller)));
    }

    internal static readonly Counter<long> Bytes = Meter.CreateCounter<long>("auie.storage.bytes", "By", "Bytes of payload committed.");
}
