using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Auie.Bench;

/// <summary>
/// `auie import event-challenge` into a new server, both as processes, as a user runs them: how long, how many facts a second, how much
/// memory and disk; the same import again; and the segmentations of what came in.
/// </summary>
internal static class ImportBench
{
    /// <param name="args">--tables DIR,DIR… for tables that are there; --original 0.25,0.5,1 for made ones, as parts of the original size.</param>
    public static async Task<ImportBenchReport> Run(string[] args)
    {
        var folders = Programs.Option(args, "--tables")?.Split(',') ?? [];
        var scales = Programs.Option(args, "--original")?.Split(',') ?? (folders.Length == 0 ? ["0.25", "0.5", "1"] : []);
        var runs = new List<ImportRun>();
        foreach (var folder in folders)
            runs.Add(await RunOne(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder));
        foreach (var scale in scales)
        {
            var made = Directory.CreateTempSubdirectory("auie-bench-tables-");
            try
            {
                await Programs.Run(Programs.Silo, "tables", made.FullName, "--scale", scale);
                runs.Add(await RunOne($"{scale} of the original", made.FullName));
            }
            finally
            {
                made.Delete(recursive: true);
            }
        }

        var given = (folders.Length == 0 ? "" : $" --tables {string.Join(',', folders.Select(_ => "DIR"))}") + (scales.Length == 0 ? "" : $" --original {string.Join(',', scales)}");
        return new($"dotnet run -c Release --project bench/Auie.Bench -- import{given}", Machine.Here, runs);
    }

    private static async Task<ImportRun> RunOne(string name, string tables)
    {
        await Console.Error.WriteLineAsync($"{name}…");
        var folder = Directory.CreateTempSubdirectory("auie-bench-");
        Process? silo = null;
        try
        {
            (silo, var address) = await Programs.Serve(folder.FullName);
            var rejects = Path.Combine(folder.FullName, "rejects.csv");
            string[] import = ["import", "event-challenge", tables, "--rejects", rejects, "--json", "--endpoint", address];
            var first = await Programs.Run(Programs.Cli, import);
            silo.Refresh();
            var (siloPeak, disk) = (silo.PeakWorkingSet64 / 1e6, folder.EnumerateFiles().Sum(file => file.Length) / 1e6);
            var again = await Programs.Run(Programs.Cli, import);
            var jobs = new List<RecomputeRun>();
            foreach (var (features, k) in ((string, string)[])[("engagement", "3..10"), ("impressions", "3..8")])
                jobs.Add(await Recompute(features, k, address));
            silo.Refresh();
            return new(name, Count(first.Json, "facts"), first.Seconds, first.PeakMegabytes, siloPeak, silo.PeakWorkingSet64 / 1e6, disk, again.Seconds,
                Count(again.Json, "added"), jobs);
        }
        finally
        {
            silo?.Kill();
            if (silo is not null) await silo.WaitForExitAsync();
            silo?.Dispose();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<RecomputeRun> Recompute(string features, string k, string address)
    {
        var run = await Programs.Run(Programs.Cli, "recompute", "--features", features, "--k", k, "--wait", "--json", "--endpoint", address);
        var (job, result) = (run.Json, run.Json.GetProperty("result"));
        return new(features, k, result.GetProperty("rows").GetInt64(), result.GetProperty("k").GetInt32(),
            (job.GetProperty("endedAt").GetDateTimeOffset() - job.GetProperty("createdAt").GetDateTimeOffset()).TotalSeconds, run.Seconds);
    }

    private static long Count(JsonElement report, string name) => report.GetProperty(name).GetInt64();
}

/// <summary>A segmentation of what came in: the job's own seconds, and those of the whole command that waited for it.</summary>
public sealed record RecomputeRun(string Features, string Tried, long Rows, int K, double Seconds, double CommandSeconds);

/// <summary>One import into a new server. Peaks are of resident memory: the server's after the import, and after everything.</summary>
public sealed record ImportRun(
    string Tables, long Facts, double Seconds, double CliPeakMegabytes, double SiloPeakMegabytes, double SiloPeakInAllMegabytes, double DiskMegabytes,
    double AgainSeconds, long AgainAdded, IReadOnlyList<RecomputeRun> Recomputes);

/// <summary>All imports of a bench.</summary>
public sealed record ImportBenchReport(string Command, Machine Machine, IReadOnlyList<ImportRun> Runs) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Tables in, segments out").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}. The server and `auie` as processes, the store on disk, every batch synced; seconds are of whole commands.").AppendLine();
        text.AppendLine("| tables | facts | seconds | facts/s | auie peak MB | server peak MB | store MB | again, seconds | again, added |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var run in Runs)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {run.Tables} | {run.Facts:N0} | {run.Seconds:F1} | {run.Facts / run.Seconds:N0} | {run.CliPeakMegabytes:F0} | {run.SiloPeakMegabytes:F0} | {run.DiskMegabytes:F0} | {run.AgainSeconds:F1} | {run.AgainAdded:N0} |");
        }

        text.AppendLine().AppendLine("| tables | features | rows | k tried | k chosen | job, seconds | command, seconds |").AppendLine("|---|---|---|---|---|---|---|");
        foreach (var run in Runs)
        {
            foreach (var job in run.Recomputes)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {run.Tables} | {job.Features} | {job.Rows:N0} | {job.Tried} | {job.K} | {job.Seconds:F1} | {job.CommandSeconds:F1} |");
        }

        text.AppendLine();
        text.AppendLine("- Facts: rows, friend links, answers and invitations. Peaks are of resident memory (VmHWM); the server's is taken after the first import.");
        foreach (var run in Runs)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {run.Tables}: the server's peak after the second import and the recomputations is {run.SiloPeakInAllMegabytes:F0} MB.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ImportBenchReport);
}
