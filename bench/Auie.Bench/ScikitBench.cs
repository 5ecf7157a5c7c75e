using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Client.Csv;
using Auie.Core;
using Auie.Core.Clustering;

namespace Auie.Bench;

/// <summary>
/// The engine's clusters of an exported table beside scikit-learn's of the same table and the same number of clusters: whether scikit-learn
/// finds a lower inertia in many more starts, and whether the silhouettes agree.
/// </summary>
internal static class ScikitBench
{
    private const int Starts = 50;

    /// <param name="args">The file, as "auie export" writes it, --k A..B (3..10), and --python PROGRAM (python3).</param>
    public static async Task<ScikitReport> Run(string[] args)
    {
        if (args is not [var path, .. var rest])
            throw new ArgumentException("Which table? Write one with: auie export features --features engagement -o engagement.csv");
        var k = Array.ConvertAll((Option(rest, "--k") ?? "3..10").Split(".."), end => int.Parse(end, CultureInfo.InvariantCulture));
        var since = Stopwatch.GetTimestamp();
        var chosen = (await Sweep.RunAsync(await ReadAsync(path), new SweepOptions { KMin = k[0], KMax = k[^1] })).Chosen;
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        await Console.Error.WriteLineAsync($"The engine chose k = {chosen.Fit.K} in {seconds:F1} s; now scikit-learn, which takes its time.");

        since = Stopwatch.GetTimestamp();
        using var theirs = JsonDocument.Parse(await ScikitAsync(Option(rest, "--python") ?? "python3", path, chosen.Fit.RequestedK));
        return new(
            $"dotnet run -c Release --project bench/Auie.Bench -- scikit {Path.GetFileName(path)} --k {k[0]}..{k[^1]}",
            Machine.Here,
            theirs.RootElement.GetProperty("version").GetString()!,
            Starts,
            chosen.SilhouetteRows,
            chosen.Fit.K,
            new(chosen.Fit.Inertia, chosen.Silhouette, seconds),
            new(
                theirs.RootElement.GetProperty("inertia").GetDouble(),
                theirs.RootElement.GetProperty("silhouette").GetDouble(),
                Stopwatch.GetElapsedTime(since).TotalSeconds));
    }

    /// <summary>The table as the engine takes it: a row's id is the hash of the text that identifies it, or its number.</summary>
    private static async Task<LocalShards> ReadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        var csv = await NumericCsvReader.Open(file, null, null, NumericCsvLimits.Default, CancellationToken.None);
        var (values, ids) = (new List<double>(), new List<ulong>());
        var (row, id) = (new double[csv.Columns.Length], new string[1]);
        while (await csv.Read(row, csv.IdColumn is null ? default : id, CancellationToken.None) > 0)
        {
            values.AddRange(row);
            ids.Add(csv.IdColumn is null ? (ulong)ids.Count : StableHash.OfKey(id[0]));
        }

        return csv.Errors.Count == 0
            ? new LocalShards([new ShardRows([.. values], csv.Columns.Length, [.. ids])])
            : throw new InvalidDataException($"{path}, {csv.Errors[0]}");
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static async Task<string> ScikitAsync(string program, string path, int k)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "scikit.py");
        try
        {
            using var python = Process.Start(new ProcessStartInfo(program, [script, path, $"{k}", $"{Starts}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var errors = python.StandardError.ReadToEndAsync();
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return python.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"{program} failed; it needs scikit-learn (pip install scikit-learn). {await errors}");
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"This bench needs Python with scikit-learn, and {program} cannot be run: {exception.Message}", exception);
        }
    }
}

/// <summary>One side's clusters: how tight, how well apart, how long they took.</summary>
public sealed record ScikitSide(double Inertia, double Silhouette, double Seconds);

/// <summary>The engine's clusters and scikit-learn's.</summary>
public sealed record ScikitReport(string Command, Machine Machine, string Version, int Starts, long Rows, int K, ScikitSide Ours, ScikitSide Theirs) : IReport
{
    private const double MostInertia = 1.0001;
    private const double MostApart = 0.002;

    /// <summary>The engine's inertia over scikit-learn's.</summary>
    public double Ratio => Ours.Inertia / Theirs.Inertia;

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Clusters beside scikit-learn's").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}. {Rows:N0} rows, k = {K}; scikit-learn {Version} with {Starts} starts and no tolerance.").AppendLine();
        text.AppendLine("| | inertia | silhouette | seconds |").AppendLine("|---|---|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| the engine, all k | {Ours.Inertia:F3} | {Ours.Silhouette:F4} | {Ours.Seconds:F1} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| scikit-learn, this k | {Theirs.Inertia:F3} | {Theirs.Silhouette:F4} | {Theirs.Seconds:F1} |");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- Inertia is {Ratio:F6} of scikit-learn's: {(Ratio <= MostInertia ? "within" : "ABOVE")} {MostInertia}.");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Silhouettes differ by {Math.Abs(Ours.Silhouette - Theirs.Silhouette):F5}: {(Math.Abs(Ours.Silhouette - Theirs.Silhouette) <= MostApart ? "within" : "MORE than")} {MostApart}.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ScikitReport);
}
