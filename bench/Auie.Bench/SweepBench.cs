using System.Diagnostics;
using System.Globalization;
using Auie.Abstractions;
using Auie.Client;
using Auie.Core.Clustering;
using Auie.Silo;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Bench;

/// <summary>
/// A sweep over k = 3..10 of as many rows as the real tables have users: by Core alone, told apart by its phases, and as a job over the
/// shards of a silo in this process. Each round measures everything once.
/// </summary>
internal static class SweepBench
{
    private const int Rows = 38_209;
    private const int Shards = 16;
    private static readonly SweepOptions Options = new() { KMin = 3, KMax = 10 };

    public static async Task<Report> Run(string[] args)
    {
        var rounds = args is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 5;
        using var folder = new BenchFolder();
        await using var silo = await SiloHost.BuildAsync(new SiloSettings
        {
            Data = folder.FullName,
            Urls = "http://127.0.0.1:0",
            Overrides = ["--Logging:LogLevel:Default=Warning"],
        });
        await silo.StartAsync();
        var engine = silo.Services.GetRequiredService<EngineClient>();
        var found = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = -1; round < rounds; round++)
        {
            foreach (var columns in new[] { 4, 12 })
            {
                var values = Values(columns);
                var measured = await OfCore(values, columns);
                measured.AddRange(await OfJob(engine, values, columns));
                // The round before the first is for the compiler.
                foreach (var (name, seconds) in round < 0 ? [] : measured)
                {
                    if (!found.TryGetValue(name, out var list)) found[name] = list = [];
                    list.Add(seconds);
                }
            }
        }

        await silo.StopAsync();
        return new(
            "A sweep over k",
            "dotnet run -c Release --project bench/Auie.Bench -- sweep",
            Machine.Here,
            rounds,
            [.. found.Select(measure => Measurement.Of(measure.Key, "s", measure.Value))],
            [
                $"{Rows:N0} rows in groups with long tails, many zeros and some missing values; k = 3..10, 16 starts each, exact silhouettes.",
                $"The job lies over {Shards} shards, its checkpoints on disk; its time is from the order to the model.",
            ]);
    }

    private static async Task<List<(string Name, double Seconds)>> OfCore(double[] values, int columns)
    {
        var phases = new Dictionary<SweepPhase, double>();
        var phase = SweepPhase.Seeding;
        var since = Stopwatch.GetTimestamp();
        var (all, cpu) = await Measure(() => Sweep.RunAsync(LocalShards.Split(values, columns), Options, onProgress: (at, _) =>
        {
            var now = Stopwatch.GetTimestamp();
            phases[phase] = phases.GetValueOrDefault(phase) + Stopwatch.GetElapsedTime(since, now).TotalSeconds;
            (phase, since) = (at.Phase, now);
            return ValueTask.CompletedTask;
        }));
        var name = $"Core, {columns} columns";
        return
        [
            (name, all), ($"{name}: CPU", cpu),
            .. phases.OrderBy(p => p.Key).Select(p => ($"{name}: {p.Key.ToString().ToLowerInvariant()}", p.Value)),
        ];
    }

    private static async Task<List<(string Name, double Seconds)>> OfJob(EngineClient engine, double[] values, int columns)
    {
        var table = await engine.CreateTable($"t{columns}", [.. Enumerable.Range(0, columns).Select(c => $"c{c}")], Shards, CancellationToken.None);
        for (var row = 0; row < Rows; row += 2_000)
            await engine.AppendRows(table, row, values[(row * columns)..(Math.Min(row + 2_000, Rows) * columns)], null, CancellationToken.None);
        await engine.CompleteTable(table, CancellationToken.None);
        var (all, cpu) = await Measure(async () =>
        {
            var job = await engine.StartJob(new JobRequest { Table = table.Name, KMin = Options.KMin, KMax = Options.KMax }, CancellationToken.None);
            await foreach (var now in engine.WatchJob(job.Id, CancellationToken.None))
                job = now;
            return job.Result ?? throw new InvalidOperationException($"The job {job.State}: {job.Error}");
        });
        await engine.DropTable(table, CancellationToken.None);
        return [($"job, {columns} columns", all), ($"job, {columns} columns: CPU", cpu)];
    }

    private static async Task<(double Seconds, double Cpu)> Measure<T>(Func<Task<T>> work)
    {
        var (since, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await work();
        return (Stopwatch.GetElapsedTime(since).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    /// <summary>Groups of users: a third of the columns are normal, a third have long tails, a third are mostly zero.</summary>
    private static double[] Values(int columns)
    {
        var random = new Random(7);
        var values = new double[Rows * columns];
        for (var row = 0; row < Rows; row++)
        {
            var group = random.Next(6);
            for (var c = 0; c < columns; c++)
            {
                var middle = group * (c + 3) % 7;
                var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                values[(row * columns) + c] = (c % 3) switch
                {
                    0 => random.NextDouble() < 0.04 ? double.NaN : middle + normal,
                    1 => Math.Exp((middle / 4.0) + normal),
                    _ => random.NextDouble() < 0.7 ? 0 : Math.Abs(middle + normal),
                };
            }
        }

        return values;
    }
}
