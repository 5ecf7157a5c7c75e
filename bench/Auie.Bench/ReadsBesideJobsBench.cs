using System.Diagnostics;
using System.Globalization;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;
using Auie.Load;

namespace Auie.Bench;

/// <summary>How long a read of a user takes while the server does nothing else, and while one job of segmentation follows the other. Server and load are processes.</summary>
internal static class ReadsBesideJobsBench
{
    private const int Users = 38_000, ReadsPerSecond = 1_000;
    private const double Warmup = 1;

    /// <param name="args">--rounds N (3); --seconds N of each window (8); --threads N that the jobs compute on (0: as many as cores).</param>
    public static async Task<Report> Run(string[] args)
    {
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "3", CultureInfo.InvariantCulture);
        var seconds = Programs.Option(args, "--seconds") ?? "8";
        var threads = Programs.Option(args, "--threads") ?? "0";
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0", "--set", "Logging:LogLevel:Default=Warning", "--set", $"Engine:ComputeThreads={threads}"]);
        var address = (await silo.ServingAsync()).AbsoluteUri;
        await LoadProcess.RunAsync("--endpoint", address, "--requests", "import", "--batch", "2000", "--connections", "4", "--users", $"{Users}", "--together", "5", "--count", $"{Users * 5}");

        string[] reads = ["--endpoint", address, "--requests", "users", "--users", $"{Users}", "--connections", "16"];
        await LoadProcess.RunAsync([.. reads, "--in-order", "--count", $"{Users}"]);
        await JobAsync(silo.Client);
        var found = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var unsent = 0L;
        var (alone, besideReads) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var beside in new[] { false, true })
            {
                var reading = LoadProcess.RunAsync([.. reads, "--rate", $"{ReadsPerSecond}", "--warmup", $"{Warmup}", "--seconds", seconds]);
                while (beside && !reading.IsCompleted)
                    besideReads.Add(await JobAsync(silo.Client));

                var load = await reading;
                var latency = load.Latency;
                unsent += load.Unsent;
                var name = beside ? "while jobs run" : "otherwise idle";
                foreach (var (percentile, value) in new[] { ("median", latency.P50), ("90 %", latency.P90), ("99 %", latency.P99), ("99.9 %", latency.P999) })
                {
                    if (!found.TryGetValue($"{percentile}, {name}", out var list)) found[$"{percentile}, {name}"] = list = [];
                    list.Add(value);
                }
            }

            alone.Add(await JobAsync(silo.Client));
        }

        return new Report(
            "Reads of users beside jobs",
            "dotnet run -c Release --project bench/Auie.Bench -- reads-beside-jobs [--rounds N] [--seconds N] [--threads N]",
            Machine.Here,
            rounds,
            [
                .. found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Measurement.Of(f.Key, "ms", f.Value)),
                Measurement.Of("a job, alone", "ms", alone),
                Measurement.Of("a job, beside reads", "ms", besideReads),
            ],
            [
                $"{Users:N0} users; {ReadsPerSecond:N0} reads a second over HTTP, each sent when it is due, but for {unsent:N0} for which there was no connection; {besideReads.Count} jobs beside them, k = 3..10 with exact silhouettes, on {(threads == "0" ? "as many threads as cores" : $"{threads} threads")}.",
            ]);
    }

    /// <summary>Takes one job from its order to its end; returns the milliseconds.</summary>
    private static async Task<double> JobAsync(AuieHttpClient client)
    {
        var start = Stopwatch.GetTimestamp();
        var job = await client.StartJob(new JobOrder());
        await foreach (var now in client.WatchJob(job.Id))
            job = now;
        if (job.Error is { } error)
            throw new InvalidOperationException($"The job {job.State}: {error}");
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
