using System.Diagnostics;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;
using Npgsql;

namespace Auie.Bench;

/// <summary>
/// What the stores take in a second, on disk: small appends and large ones with every partition busy, flushes, and a user's reads. SQLite in
/// a temporary folder; PostgreSQL in a schema of its own where `--postgres CONNECTION` says. Each round measures everything once.
/// </summary>
internal static class StoreBench
{
    private const int WritersOfPartition = 8;
    private const int RecordBytes = 200, HeadBytes = 300, ChunkBytes = 1_500;
    private const int Batch = 100, Flushed = 200;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(3);

    public static async Task<Report> Run(string[] args)
    {
        var rounds = Programs.Option(args, "--rounds") is { } given ? int.Parse(given) : 5;
        var connection = Programs.Option(args, "--postgres");
        var folder = Directory.CreateTempSubdirectory("auie-bench-").FullName;
        var schema = $"bench_{Environment.ProcessId}";
        var stores = new List<(string Name, IEngineStore Store)> { ("SQLite", await SqliteStore.OpenAsync(folder)) };
        if (connection is not null)
            stores.Add(("PostgreSQL", await PostgresStore.OpenAsync(connection, new PostgresStoreOptions { Schema = schema })));
        try
        {
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
