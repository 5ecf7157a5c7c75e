using System.Diagnostics;
using System.Globalization;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;
using Auie.Load;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;
using Auie.Tests.Shared;
using Npgsql;

namespace Auie.Bench;

/// <summary>
/// Events through HTTP onto the disk: server, load and PostgreSQL are processes that share the machine. Rounds interleave what is compared: batches of
/// 100 and the bare store; single events and an empty handler. Then latencies at half of the rate, and three times as much as it takes.
/// </summary>
internal static class IngestBench
{
    private const int Users = 20_000, Batch = 100, Connections = 64, SingleConnections = 32, OverloadConnections = 512;
    private const double Warmup = 10;

    /// <param name="args">--seconds N of each window of batches (20); --rounds N (3); --postgres CONNECTION; --only sqlite or postgres.</param>
    public static async Task<IngestReport> Run(string[] args)
    {
        var seconds = int.Parse(Programs.Option(args, "--seconds") ?? "20");
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "3");
        var only = Programs.Option(args, "--only");
        var connection = Programs.Option(args, "--postgres");
        var stores = new List<IngestRun>();
        if (only is null or "sqlite")
            stores.Add(await OnSqlite(seconds, rounds));
        if (only is null or "postgres" && (connection is not null || PostgresServer.Binaries is not null))
        {
            await using var server = connection is null ? await PostgresServer.StartAsync(syncs: true) : null;
            stores.Add(await OnPostgres(connection ?? server!.ConnectionString, seconds, rounds));
        }

        return new IngestReport($"dotnet run -c Release --project bench/Auie.Bench -- ingest --seconds {seconds} --rounds {rounds}{(connection is null ? "" : " --postgres …")}", Machine.Here, rounds, stores);
    }

    private static async Task<IngestRun> OnSqlite(int seconds, int rounds)
    {
        using var folder = new TemporaryFolder();
        var options = new SqliteStoreOptions();
        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0", .. Quiet]);
        await using var bare = await SqliteStore.OpenAsync(folder.At("bare"), options);
        return await Measure("SQLite", $"synchronous = {(options.Synchronous ? "FULL" : "OFF")}", silo, bare, 1, _ => Task.FromResult(0L), seconds, rounds);
    }

    private static async Task<IngestRun> OnPostgres(string connection, int seconds, int rounds)
    {
        var (schema, bareSchema) = ($"bench_{Environment.ProcessId}", $"bench_bare_{Environment.ProcessId}");
        await using var database = NpgsqlDataSource.Create(connection);
        try
        {
            await using var silo = SiloProcess.Launch(["run", "--urls", "http://127.0.0.1:0", "--set", $"Store:Schema={schema}", .. Quiet], ("AUIE_POSTGRES", connection));
            var options = new PostgresStoreOptions { Schema = bareSchema };
            await using var bare = await PostgresStore.OpenAsync(connection, options);
            var settings = $"fsync = {await Ask(database, "SHOW fsync")}, synchronous_commit = {await Ask(database, "SHOW synchronous_commit")}";
            return await Measure("PostgreSQL", settings, silo, bare, options.Writers,
                async _ => long.Parse(await Ask(database, "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"), CultureInfo.InvariantCulture), seconds, rounds);
        }
        finally
        {
            foreach (var name in new[] { schema, bareSchema })
                await Ask(database, $"DROP SCHEMA IF EXISTS {name} CASCADE");
        }
    }

    private static readonly string[] Quiet = ["--set", "Logging:LogLevel:Default=Warning"];

    private static async Task<string> Ask(NpgsqlDataSource database, string question)
    {
        // CA2100: the text was made here.
#pragma warning disable CA2100
        await using var command = database.CreateCommand(question);
#pragma warning restore CA2100
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }

    private static async Task<IngestRun> Measure(
        string store, string synchronous, SiloProcess silo, IEngineStore bare, int writers, Func<int, Task<long>> commits, int seconds, int rounds)
    {
        var address = (await silo.ServingAsync()).AbsoluteUri;
        string[] common = ["--endpoint", address, "--users", $"{Users}"];
        await Say($"{store}: users, and their segments…");
        await LoadProcess.RunAsync([.. common, "--count", $"{Users * 5}", "--connections", $"{Connections}"]);
        await Segments(silo.Client);

        var (batches, ceilings, singles, empties, syncs, commitRates, processor) =
            (new List<LoadSummary>(), new List<double>(), new List<LoadSummary>(), new List<LoadSummary>(), new List<double>(), new List<double>(), new List<double>());
        await using (var empty = await Empty.StartAsync())
        {
            for (var round = 0; round < rounds; round++)
            {
                await Say($"{store}: round {round + 1}…");
                await using (var load = LoadProcess.Start([.. common, "--seed", $"{10 + round}", "--batch", $"{Batch}", "--connections", $"{Connections}", "--seconds", $"{seconds}", "--warmup", $"{Warmup}"]))
                {
                    // Without a pause inside, the warm-up is over when this has been waited for; the load itself keeps the exact window.
                    await Task.Delay(TimeSpan.FromSeconds(Warmup));
                    var (before, cpu, watch) = (await commits(round), ServerGauges.ProcessorSeconds(silo.Id), Stopwatch.StartNew());
                    if (await ServerGauges.SyncsPerSecond(silo.Id, TimeSpan.FromSeconds(seconds - 1)) is { } found)
                        syncs.Add(found);
                    if (await commits(round) is > 0 and var after)
                        commitRates.Add((after - before) / watch.Elapsed.TotalSeconds);
                    processor.Add((ServerGauges.ProcessorSeconds(silo.Id) - cpu) / watch.Elapsed.TotalSeconds);
                    batches.Add(await load.EndedAsync());
                }

                ceilings.Add(await StoreCeiling.Measure(bare, writers, round, TimeSpan.FromSeconds(Math.Max(3, seconds / 4))));
                string[] single = ["--seed", $"{100 + round}", "--users", $"{Users}", "--batch", "1", "--connections", $"{SingleConnections}", "--seconds", $"{Math.Max(4, seconds / 4)}", "--warmup", "2"];
                singles.Add(await LoadProcess.RunAsync(["--endpoint", address, .. single]));
                empties.Add(await LoadProcess.RunAsync(["--endpoint", empty.Address, .. single]));
            }
        }

        var rate = Measurement.Of("", "", [.. batches.Select(batch => batch.PerSecond)]).Median;
        await Say($"{store}: {rate:N0} events/s; latencies at half of it…");
        var latencies = await Latencies(common, rate / 2, seconds);
        await Say($"{store}: three times as much…");
        var overload = await Overloaded(silo, address, rate * 3, Math.Max(5, seconds / 2));
        return new IngestRun(store, synchronous, batches, ceilings, singles, empties, syncs, commitRates, processor, latencies, overload, silo.Errors.Trim());
    }

    private static async Task Segments(AuieHttpClient client)
    {
        var job = await client.StartJob(new JobOrder { KMin = 5, KMax = 5, Starts = 2 });
        await foreach (var now in client.WatchJob(job.Id))
            job = now;
        if (job.State != "succeeded")
            throw new InvalidOperationException($"The segmentation {job.State}: {job.Error}");
    }

    private static async Task<HalfLoad> Latencies(string[] common, double rate, int seconds)
    {
        string[] window = ["--seconds", $"{seconds}", "--warmup", $"{Warmup}"];
        var background = LoadProcess.RunAsync([.. common, .. window, "--seed", "200", "--rate", $"{rate:F0}", "--batch", $"{Batch}", "--connections", $"{4 * Connections}"]);
        var moves = LoadProcess.RunAsync([.. common, .. window, "--seed", "201", "--rate", "100", "--batch", "1", "--connections", "16", "--query", "return=segment"]);
        var users = LoadProcess.RunAsync([.. common, .. window, "--seed", "202", "--rate", "200", "--connections", "16", "--requests", "users"]);
        var segments = LoadProcess.RunAsync([.. common, .. window, "--seed", "203", "--rate", "100", "--connections", "16", "--requests", "segments"]);
        return new HalfLoad(await background, await moves, await users, await segments);
    }

    /// <summary>Everything acknowledged has to be there; what was given up may be, for an answer of 503 may be late news.</summary>
    private static async Task<Overload> Overloaded(SiloProcess silo, string address, double rate, int seconds)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At("x"))!);
        string[] arguments =
        [
            "--endpoint", address, "--users", $"{Users}", "--prefix", "o", "--seed", "300", "--rate", $"{rate:F0}", "--batch", $"{Batch}", "--connections", $"{OverloadConnections}",
            "--seconds", $"{seconds}", "--retries", "0", "--acks", folder.At("acks"),
        ];
        await using var load = LoadProcess.Start(arguments);
        var ended = load.EndedAsync();
        var memory = await ServerGauges.ResidentWhile(silo.Id, ended);
        var summary = await ended;

        var world = new LoadWorld(LoadOptions.Parse(arguments));
        var acknowledged = AckLog.Read(folder.At("acks")).Select(number => world.EventOf(number).UserId).CountBy(user => user).ToDictionary();
        var (found, missing) = (0L, 0L);
        await Parallel.ForEachAsync(acknowledged, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (user, cancellationToken) =>
        {
            var count = (await silo.Client.GetUser(user.Key, cancellationToken: cancellationToken)).Events.Values.Sum();
            Interlocked.Add(ref found, count);
            Interlocked.Add(ref missing, Math.Max(0, user.Value - count));
        });
        return new Overload(rate, summary, memory[0], memory.Max(), memory[^1], found, missing);
    }

    private static Task Say(string what) => Console.Error.WriteLineAsync(what);

    /// <summary>The empty handler, as a process.</summary>
    private sealed class Empty(Process process, string address) : IAsyncDisposable
    {
        public string Address => address;

        public static async Task<Empty> StartAsync()
        {
            var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Auie.Bench.dll"), EmptyHandler.Name])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            return new Empty(process, await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The empty handler did not start."));
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
