using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Core.Statistics;

namespace Auie.Bench;

/// <summary>
/// The server's demo at full size, one process a seed: how well the default job, which chooses k itself, recovers the planted kinds, beside
/// the assignment that is best given the planted densities; how long the whole process takes, and its peak of resident memory.
/// </summary>
internal static class DemoBench
{
    private const int DefaultUsers = 38_000;

    /// <param name="args">--seeds A..B (1..10) and --users N.</param>
    public static async Task<DemoReport> Run(string[] args)
    {
        var seeds = Programs.Option(args, "--seeds") ?? "1..10";
        var users = int.Parse(Programs.Option(args, "--users") ?? DefaultUsers.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var ends = Array.ConvertAll(seeds.Split(".."), text => int.Parse(text, CultureInfo.InvariantCulture));
        var runs = new List<DemoRunResult>();
        for (var seed = ends[0]; seed <= ends[^1]; seed++)
        {
            runs.Add(await RunOne(seed, users));
            await Console.Error.WriteLineAsync($"seed {seed}: {runs[^1].Seconds:F0} s");
        }

        var sized = users == DefaultUsers ? "" : $" --users {users}";
        return new($"dotnet run -c Release --project bench/Auie.Bench -- demo --seeds {seeds}{sized}", Machine.Here, users, runs);
    }

    private static async Task<DemoRunResult> RunOne(int seed, int users)
    {
        var folder = Directory.CreateTempSubdirectory("auie-bench-");
        try
        {
            var watch = Stopwatch.StartNew();
            using var silo = Process.Start(new ProcessStartInfo(
                "dotnet",
                [
                    Programs.Silo, "demo", "--exit", "--json", "--urls", "http://127.0.0.1:0",
                    "--data", folder.FullName, "--seed", $"{seed}", "--users", $"{users}",
                ])
            { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = silo.StandardOutput.ReadToEndAsync();
            var peak = await Programs.PeakUntilExit(silo);
            var seconds = watch.Elapsed.TotalSeconds;
            if (silo.ExitCode != 0)
                throw new InvalidOperationException($"The demo of seed {seed} ended with {silo.ExitCode}.");
            using var json = JsonDocument.Parse(await output);
            return Compare(seed, json.RootElement, seconds, peak / 1e6);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static DemoRunResult Compare(int seed, JsonElement found, double seconds, double megabytes)
    {
        var labels = found.GetProperty("labels").EnumerateArray().ToArray();
        var kinds = Numbered(labels.Select(label => label.GetProperty("kind").GetString()!));
        var likeliest = Numbered(labels.Select(label => label.GetProperty("likeliest").GetString()!));
        int[] segments = [.. labels.Select(label => label.GetProperty("segment").GetInt32())];
        return new(
            seed,
            found.GetProperty("k").GetInt32(),
            AdjustedRandIndex.Of(segments, kinds),
            AdjustedRandIndex.Of(likeliest, kinds),
            seconds,
            megabytes,
            [.. found.GetProperty("segments").EnumerateArray().Select(segment => segment.GetProperty("persona").GetString()!)]);
    }

    private static int[] Numbered(IEnumerable<string> names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. names.Select(name => numbers.TryGetValue(name, out var number) ? number : numbers[name] = numbers.Count)];
    }
}

/// <summary>One demo: what the job found, its adjusted Rand index against the planted kinds, and that of the best assignment there is.</summary>
public sealed record DemoRunResult(int Seed, int K, double Job, double Bayes, double Seconds, double PeakMegabytes, string[] Personas);

/// <summary>All demos of a bench.</summary>
public sealed record DemoReport(string Command, Machine Machine, int Users, IReadOnlyList<DemoRunResult> Runs) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# The demo's kinds, recovered").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}. {Users:N0} users; one process a seed, from its start to its end, the store on disk.").AppendLine();
        text.AppendLine("| seed | k | ARI of the job | ARI of Bayes | difference | seconds | peak MB |").AppendLine("|---|---|---|---|---|---|---|");
        foreach (var run in Runs)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {run.Seed} | {run.K} | {run.Job:F4} | {run.Bayes:F4} | {run.Bayes - run.Job:F4} | {run.Seconds:F1} | {run.PeakMegabytes:F0} |");
        text.AppendLine();
        text.AppendLine("- ARI is the adjusted Rand index against the planted kinds; Bayes is the assignment by the planted densities.");
        text.AppendLine("- The job knows neither the kinds nor their number: it is the default one, over k = 3..10.");
        foreach (var personas in Runs.GroupBy(run => string.Join(", ", run.Personas.Order(StringComparer.Ordinal))))
            text.AppendLine(CultureInfo.InvariantCulture, $"- Named in {personas.Count()} of {Runs.Count}: {personas.Key}.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.DemoReport);
}
