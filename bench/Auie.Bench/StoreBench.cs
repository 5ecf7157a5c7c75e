using System.Diagnostics;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;
using Npgsql;

namespace Auie.Bench;

/// <summary>
/// What the stores take in a second, on disk: small appends and large ones with every partition busy, flushes, and a user's reads. SQLite in
/// a temporary folder; PostgreSQL in a schema of its own where `--postgres CONNECTION` says. Each round measures everything once. With
/// `--ceiling` instead: events in bare transactions of 512, what ingestion is compared with.
/// </summary>
internal static class StoreBench
{
    private const int WritersOfPartition = 8;
    private const int RecordBytes = 200, HeadBytes = 300, ChunkBytes = 1_500;
    private const int Batch = 100, Flushed = 200;
    private const int CeilingBatch = 512, CeilingSmallest = 60, CeilingLargest = 190, CeilingUsers = 1_000_000, CeilingEvents = 500_000, CeilingCallers = 8;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(3);

    public static async Task<Report> Run(string[] args)
    {
        var rounds = Programs.Option(args, "--rounds") is { } given ? int.Parse(given) : 5;
        var connection = Programs.Option(args, "--postgres");
        var ceiling = args.Contains("--ceiling");
        var events = Programs.Option(args, "--events") is { } count ? int.Parse(count) : CeilingEvents;
        var folder = Directory.CreateTempSubdirectory("auie-bench-").FullName;
        var schema = $"bench_{Environment.ProcessId}";
        // Under --ceiling no transaction is shared: each has the events of one call.
        var stores = new List<(string Name, IEngineStore Store)>
        {
            ("SQLite", await SqliteStore.OpenAsync(folder, ceiling ? new SqliteStoreOptions { BatchLimit = 1 } : new SqliteStoreOptions())),
        };
        if (connection is not null)
        {
            var options = new PostgresStoreOptions { Schema = schema };
            stores.Add(("PostgreSQL", await PostgresStore.OpenAsync(connection, ceiling ? options with { BatchLimit = 1 } : options)));
        }
        try
        {
            if (ceiling)
                return await Ceiling(stores, rounds, events, connection is not null);
            var loads = new List<(string Name, Load Load)>();
            foreach (var (name, store) in stores)
                loads.Add((name, await Load.Of(store)));
            (string Name, Func<Load, Task<double>> Measure)[] measures =
            [
                ("records appended one by one", load => load.Appends(1)),
                ($"records appended by {Batch}", load => load.Appends(Batch)),
                ($"users flushed by {Flushed}, a head and two chunks each", load => load.Flushes()),
                ("users loaded", load => load.Reads()),
            ];
            var found = new Dictionary<(string, string), List<double>>();
            for (var round = -1; round < rounds; round++)
            {
                foreach (var (what, measure) in measures)
                {
                    foreach (var (name, load) in loads)
                    {
                        var rate = await measure(load);
                        if (!found.TryGetValue((name, what), out var rates))
                            found[(name, what)] = rates = [];
                        if (round >= 0)
                            rates.Add(rate); // the round before the first compiles
                    }
                }
            }

            return new Report(
                "What the stores take in", $"dotnet run -c Release --project bench/Auie.Bench -- store --rounds {rounds}{(connection is null ? "" : " --postgres …")}",
                Machine.Here, rounds,
                [.. measures.SelectMany(what => loads.Select(load => Measurement.Of($"{load.Name}: {what.Name}", "1/s", found[(load.Name, what.Name)])))],
                [
                    $"{WritersOfPartition} callers of each of 16 partitions wait for each of their writes; a record has {RecordBytes} bytes, a head {HeadBytes}, a chunk {ChunkBytes}.",
                    "Every write is on disk when it is counted; the server of PostgreSQL shares the machine.",
                ]);
        }
        finally
        {
            foreach (var (_, store) in stores)
                await store.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            if (connection is not null)
                await Drop(connection, schema);
        }
    }

    private static async Task<Report> Ceiling(List<(string Name, IEngineStore Store)> stores, int rounds, int events, bool postgres)
    {
        var measurements = new List<Measurement>();
        foreach (var (name, store) in stores)
        {
            var load = await Load.Of(store);
            await load.Bare(events / 10, keys: true);
            var (with, without, work) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                var before = Environment.CpuUsage.TotalTime;
                with.Add(await load.Bare(events, keys: true));
                work.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / events);
                without.Add(await load.Bare(events / 5, keys: false));
            }
            measurements.Add(Measurement.Of($"{name}: events with a message key each", "1/s", with));
            measurements.Add(Measurement.Of($"{name}: events without", "1/s", without, measurements[^1].Median));
            measurements.Add(Measurement.Of($"{name}: events with a message key each, the last round", "1/s", [with[^1]], measurements[^2].Median));
            measurements.Add(Measurement.Of($"{name}: the bench's own processor time for an event with a message key", "µs", work));
        }
        return new Report(
            "Events in bare transactions", $"dotnet run -c Release --project bench/Auie.Bench -- store --ceiling --rounds {rounds} --events {events}{(postgres ? " --postgres …" : "")}",
            Machine.Here, rounds, measurements,
            [
                $"Transactions of {CeilingBatch} events, each on disk when it is counted; a record of {CeilingSmallest} to {CeilingLargest} bytes, an entry in the index by user and a message key an event.",
                $"Each round adds {events:N0} events of {CeilingUsers:N0} users over 16 partitions to those of the rounds before; the server of PostgreSQL shares the machine.",
                "Processor time has the making of the events in it, and all of SQLite but nothing of PostgreSQL's server; it tells what a busy machine's rates don't.",
            ]);
    }

    private static async Task Drop(string connection, string schema)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        // CA2100: the name was made here.
#pragma warning disable CA2100
        await using var command = database.CreateCommand($"DROP SCHEMA \"{schema}\" CASCADE");
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The work on one store, whose partitions are claimed once.</summary>
    private sealed class Load(IEngineStore store, long[] epochs)
    {
        private int _users;

        public static async Task<Load> Of(IEngineStore store)
        {
            var epochs = new long[store.Partitions];
            for (var number = 0; number < epochs.Length; number++)
                epochs[number] = await store.ClaimEpochAsync(StoreOwners.Partition(Partition(number)), CancellationToken.None);
            return new Load(store, epochs);
        }

        public Task<double> Appends(int records) => Rate(WritersOfPartition, async number =>
        {
            await store.AppendAsync(Partition(number), epochs[number], [.. Enumerable.Range(0, records).Select(_ => new JournalRecord(Next(), Bytes(RecordBytes)))], [], CancellationToken.None);
            return records;
        });

        /// <summary>Events a second in transactions of <see cref="CeilingBatch"/>, while others are made ready.</summary>
        public async Task<double> Bare(int events, bool keys)
        {
            var left = events / CeilingBatch;
            var watch = Stopwatch.StartNew();
            var done = await Task.WhenAll(Enumerable.Range(0, CeilingCallers).Select(caller => Task.Run(async () =>
            {
                var random = new Random();
                var count = 0L;
                for (var at = caller; Interlocked.Decrement(ref left) >= 0; at += CeilingCallers)
                {
                    var number = at % epochs.Length;
                    var records = new JournalRecord[CeilingBatch];
                    for (var i = 0; i < records.Length; i++)
                        records[i] = new JournalRecord($"user {random.Next(CeilingUsers)}", Bytes(random.Next(CeilingSmallest, CeilingLargest + 1)));
                    MessageKey[] messages = keys ? [.. Enumerable.Range(0, CeilingBatch).Select(_ => new MessageKey(Bits(random), new UInt128(Bits(random), Bits(random)), 1, 21_000))] : [];
                    var appended = await store.AppendAsync(Partition(number), epochs[number], records, messages, CancellationToken.None);
                    if (appended.Known.Length > 0)
                        throw new InvalidOperationException("A message was known that was never sent.");
                    count += records.Length;
                }
                return count;
            })));
            return done.Sum() / watch.Elapsed.TotalSeconds;
        }

        private static ulong Bits(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

        public Task<double> Flushes() => Rate(1, async number =>
        {
            var partition = Partition(number);
            var last = (await store.AppendAsync(partition, epochs[number], [.. Enumerable.Range(0, Flushed).Select(_ => new JournalRecord(Next(), [1]))], [], CancellationToken.None)).First;
            UserWrite[] users = [.. Enumerable.Range(0, Flushed).Select(i =>
                new UserWrite($"{number}/{i}", last + i, Bytes(HeadBytes), [new StoredChunk(1, "", Bytes(ChunkBytes)), new StoredChunk(2, "", Bytes(ChunkBytes))]))];
            await store.FlushAsync(partition, epochs[number], users, last, CancellationToken.None);
            return Flushed;
        });

        public Task<double> Reads() => Rate(WritersOfPartition, async number =>
        {
            _ = await store.LoadUserAsync(Partition(number), $"{number}/{Random.Shared.Next(Flushed)}", CancellationToken.None)
                ?? throw new InvalidOperationException("A user that was flushed is not there.");
            return 1;
        });

        private async Task<double> Rate(int callers, Func<int, Task<int>> work)
        {
            var watch = Stopwatch.StartNew();
            var done = await Task.WhenAll(Enumerable.Range(0, epochs.Length * callers).Select(caller => Task.Run(async () =>
            {
                var count = 0L;
                while (watch.Elapsed < Slice)
                    count += await work(caller % epochs.Length);
                return count;
            })));
            return done.Sum() / watch.Elapsed.TotalSeconds;
        }

        private string Next() => $"user {(uint)Interlocked.Increment(ref _users) * 2_654_435_761u % 1_000_000}";

        private static byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            Random.Shared.NextBytes(bytes);
            return bytes;
        }

        private static PartitionId Partition(int number) => new("bench", number);
    }
}
