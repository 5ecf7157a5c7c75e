using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Auie.Grains;

/// <summary>Activities and metrics of jobs: activity source and meter "Auie.Grains".</summary>
internal static class GrainTelemetry
{
    private static readonly ActivitySource Source = new("Auie.Grains");
    private static readonly Meter Meter = new("Auie.Grains");
    private static readonly Histogram<double> JobDuration = Meter.CreateHistogram<double>("auie.job.duration", "s", "How long a job took, by how it ended.");
    private static readonly Counter<long> Iterations = Meter.CreateCounter<long>("auie.job.steps", "{step}", "Steps that jobs took: a seeding, an assignment, a silhouette.");

    public static Activity? StartJob(string job, string input) =>
        Source.StartActivity("job")?.SetTag("auie.job", job).SetTag("auie.job.input", input);

    public static void JobEnded(string state, TimeSpan duration) =>
        JobDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("auie.job.state", state.ToLowerInvariant()));

    public static void Stepped(string phase) => Iterations.Add(1, new KeyValuePair<string, object?>("auie.job.phase", phase));
}
