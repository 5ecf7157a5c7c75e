using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Load;

namespace Auie.Bench;

/// <summary>Latencies while half of what the server takes comes in: of that itself, of single events that ask for the segment, and of reads.</summary>
public sealed record HalfLoad(LoadSummary Background, LoadSummary Moves, LoadSummary Users, LoadSummary Segments);

/// <summary>
/// What came of three times as much as the server takes: resident memory before, at the most and after, in MB; how many events the users hold who had any
/// acknowledged; how many acknowledged ones are not there.
/// </summary>
public sealed record Overload(double Rate, LoadSummary Load, double Before, double Most, double After, long Found, long Missing);

/// <summary>All of one store: rounds of batches, of the bare store, of single events and of the empty handler; syncs, commits and cores of the server during the batches.</summary>
public sealed record IngestRun(
    string Store, string Synchronous, IReadOnlyList<LoadSummary> Batches, IReadOnlyList<double> Ceilings, IReadOnlyList<LoadSummary> Singles, IReadOnlyList<LoadSummary> Empties,
    IReadOnlyList<double> Syncs, IReadOnlyList<double> Commits, IReadOnlyList<double> Cores, HalfLoad HalfLoad, Overload Overload, string Errors);

/// <summary>All stores.</summary>
public sealed record IngestReport(string Command, Machine Machine, int Rounds, IReadOnlyList<IngestRun> Runs) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Events through HTTP onto the disk").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}, shared by server, load and, where there is one, the server of PostgreSQL. Medians of {Rounds} interleaved rounds; in brackets the lowest and the highest.").AppendLine();
        foreach (var run in Runs)
            Append(text, run);
        text.AppendLine("- Every event that counts was acknowledged, and an acknowledged one is on disk with its message key. 20,000 users, of whom a segmentation is published; states and rows are written every 5 s, inside the windows.");
        text.AppendLine("- The bare store: the same events, one to a record, with a message key each, prepared beforehand, in transactions of 512; nothing else runs meanwhile.");
        text.AppendLine("- The empty handler reads and parses the same bodies, and answers; the same client loads it.");
        text.AppendLine("- Latencies are from when a request was due, whatever became of those before it, to its whole answer; client and server share the cores.");
        return text.ToString();
    }

    private static void Append(StringBuilder text, IngestRun run)
    {
        var batches = Measurement.Of("events/s in batches of 100", "", [.. run.Batches.Select(b => b.PerSecond)]);
        var ceiling = Measurement.Of("events/s into the bare store, 512 a transaction", "", run.Ceilings);
        var singles = Measurement.Of("requests/s of one event each", "", [.. run.Singles.Select(b => b.PerSecond)]);
        var empties = Measurement.Of("requests/s of an empty handler", "", [.. run.Empties.Select(b => b.PerSecond)]);
        text.AppendLine(CultureInfo.InvariantCulture, $"## {run.Store} ({run.Synchronous})").AppendLine();
        text.AppendLine("| what | median | range | must | aim |").AppendLine("|---|---|---|---|---|");
        Row(text, batches, run.Store == "SQLite" ? "25,000" : "15,000", "");
        Row(text, ceiling, "", "");
        text.AppendLine(CultureInfo.InvariantCulture, $"| batches, as a share of the bare store | {batches.Median / ceiling.Median:P0} | | | 70 % |");
        Row(text, singles, "", "");
        Row(text, empties, "", "");
        text.AppendLine(CultureInfo.InvariantCulture, $"| single events, as a share of the empty handler | {singles.Median / empties.Median:P0} | | 50 % | |");
        if (run.Syncs.Count > 0)
            Row(text, Measurement.Of("syncs/s of the engine's process during the batches", "", run.Syncs), "", "");
        if (run.Commits.Count > 0)
            Row(text, Measurement.Of("commits/s of the database during the batches", "", run.Commits), "", "");
        Row(text, Measurement.Of("cores that the engine's process used during the batches", "", run.Cores), "", "");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"At half of that rate ({run.HalfLoad.Background.PerSecond:N0} events/s):").AppendLine();
        text.AppendLine("| what | requests | p50 ms | p90 ms | p99 ms | p99.9 ms | most ms | must p99 | aim |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        Row(text, "batch of 100 events", run.HalfLoad.Background, "", "");
        Row(text, "event, answered with the new segment", run.HalfLoad.Moves, "10", "5");
        Row(text, "user", run.HalfLoad.Users, "2", "1");
        Row(text, "user's segment", run.HalfLoad.Segments, "2", "1");
        var (over, load) = (run.Overload, run.Overload.Load);
        var requests = load.Statuses.Values.Sum();
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"At three times that rate ({over.Rate:N0} events/s due, {load.Unsent:N0} of {load.Messages:N0} events never left the client for want of a connection): {load.PerSecond:N0} events/s acknowledged; answers {string.Join(", ", load.Statuses.Select(s => $"{s.Key}: {s.Value:N0}"))}, shed {load.Statuses.Where(s => s.Key is 429 or 503).Sum(s => s.Value) / (double)Math.Max(1, requests):P0} of {requests:N0} requests. Memory {over.Before:F0} MB before, {over.Most:F0} MB at the most, {over.After:F0} MB after. Of {load.Acknowledged:N0} acknowledged events {over.Missing:N0} are missing ({over.Found:N0} are there).").AppendLine();
        if (run.Errors.Length > 0)
            text.AppendLine("What the server wrote to its log:").AppendLine().AppendLine("    " + string.Join("\n    ", run.Errors.Split('\n').Take(10))).AppendLine();
    }

    private static void Row(StringBuilder text, Measurement m, string must, string aim) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"| {m.Name} | {Short(m.Median)} | {Short(m.Lowest)} – {Short(m.Highest)} | {must} | {aim} |");

    private static void Row(StringBuilder text, string what, LoadSummary summary, string must, string aim)
    {
        var failed = summary.Statuses.Where(status => status.Key is < 200 or > 299).Sum(status => status.Value);
        text.AppendLine(CultureInfo.InvariantCulture,
            $"| {what} | {summary.Latency.Count:N0}{(failed > 0 ? $", {failed:N0} failed" : "")} | {summary.Latency.P50:F2} | {summary.Latency.P90:F2} | {summary.Latency.P99:F2} | {summary.Latency.P999:F2} | {summary.Latency.Max:F1} | {must} | {aim} |");
    }

    private static string Short(double value) => value >= 100 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("0.00", CultureInfo.InvariantCulture);

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.IngestReport);
}
