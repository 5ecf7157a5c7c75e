using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>What was removed is nowhere in the files after a scrub. Everything that is written here holds needles, which are then looked for byte by byte.</summary>
public sealed class SqliteScrubTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PartitionId Partition = new("acme", 0);

    private readonly string _folder = Directory.CreateTempSubdirectory("auie-scrub-").FullName;
    private readonly SqliteStoreOptions _options = new() { LockTimeout = TimeSpan.FromMilliseconds(200) };
    private SqliteStore _store = null!;
    private long _epoch;

    public async Task InitializeAsync()
    {
        _store = await SqliteStore.OpenAsync(_folder, _options);
        _epoch = await _store.ClaimEpochAsync(StoreOwners.Partition(Partition), None);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Of_what_was_removed_or_overwritten_nothing_is_left_in_the_files_and_what_stays_is_all_there()
    {
        await Live(users: 600, rounds: 4);
        var before = Needles();
        before.Gone.ShouldBeGreaterThan(0, "what is looked for was there, or looking for it would show nothing");

        (await _store.ScrubAsync(None)).ShouldBeNull();

        var after = Needles();
        after.Gone.ShouldBe(0);
        after.Kept.ShouldBeGreaterThan(0);
        new FileInfo(Path.Combine(_folder, "auie.db-wal")).Length.ShouldBe(0);
        await CheckKept(600);
        (await _store.AppendAsync(Partition, _epoch, [new JournalRecord("next", [1])], [], None)).Known.ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_who_reads_an_old_state_keeps_the_scrub_from_its_end_and_it_says_so_and_writes_go_on()
    {
        await Live(users: 50, rounds: 1);
        using (var reader = new SqliteConnection($"Data Source={Path.Combine(_folder, "auie.db")};Mode=ReadOnly;Pooling=False"))
        {
            reader.Open();
            using var transaction = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM journal";
            command.ExecuteScalar();

            (await Should.ThrowAsync<StoreException>(_store.ScrubAsync(None))).Message.ShouldContain("scrub again");
            await _store.AppendAsync(Partition, _epoch, [new JournalRecord("next", [1])], [], None);
        }

        await _store.ScrubAsync(None);

        Needles().Gone.ShouldBe(0);
    }

    [Fact]
    public async Task Writes_and_reads_while_the_file_is_scrubbed_lose_nothing()
    {
        await Live(users: 200, rounds: 2);
        var appended = new List<long>();

        var scrubs = Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
                await _store.ScrubAsync(None);
        });
        while (!scrubs.IsCompleted)
        {
            appended.Add((await _store.AppendAsync(Partition, _epoch, [new JournalRecord("busy", [1])], [], None)).First);
            (await _store.FindUsersAsync(Partition, ["busy"], None)).Count.ShouldBe(1);
        }
        await scrubs;

        (await _store.ReadUserAsync(Partition, "busy", 0, None)).Select(record => record.Offset).ShouldBe(appended);
    }

    /// <summary>A needle names what it is of, so that text and bytes of all users differ; what goes begins otherwise than what is kept.</summary>
    private static string Gone(int user, string what) => Needle("GONE", user, what);

    private static string Kept(int user, string what) => Needle("KEPT", user, what);

    private static string Needle(string kind, int user, string what) =>
        $"{kind}{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{user}/{what}")))[..16]}";

    private static byte[] Bytes(string needle, int length)
    {
        var bytes = new byte[Math.Max(length, needle.Length)];
        for (var at = 0; at + needle.Length <= bytes.Length; at += 97)
            Encoding.UTF8.GetBytes(needle).CopyTo(bytes, at);
        return bytes;
    }

    /// <summary>Every third user goes; of the others, states are overwritten and shrink and grow, records amended, chunks and documents removed.</summary>
    private async Task Live(int users, int rounds)
    {
        static bool Goes(int user) => user % 3 == 0;
        static string Id(int user) => Goes(user) ? Gone(user, "id") : Kept(user, "id");
        static ulong Sender(int user) => BinaryPrimitives.ReadUInt64BigEndian(Encoding.UTF8.GetBytes($"GONE{user:d4}"));
        static MessageKey Message(int user, int round) =>
            new(Goes(user) ? Sender(user) : (ulong)user, BinaryPrimitives.ReadUInt128BigEndian(Encoding.UTF8.GetBytes($"{round:d4}{user:d4}{(Goes(user) ? "GONEGONE" : "KEPTKEPT")}")), 1, 0);

        var random = new Random(5);
        var order = Enumerable.Range(0, users).ToArray();
        var offset = 0L;
        for (var round = 0; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (var some in order.Chunk(50))
            {
                var appended = await _store.AppendAsync(
                    Partition, _epoch, [.. some.Select(user => new JournalRecord(Id(user), Bytes(Goes(user) ? Gone(user, $"record {round}") : Gone(user, "amended later"), random.Next(20, 400))))],
                    [.. some.Select(user => Message(user, round))], None);
                offset = appended.First + some.Length - 1;
                var states = some.Select((user, i) => new UserWrite(
                    Id(user), appended.First + i, Bytes(Gone(user, $"head {round}"), random.Next(20, 3_000)),
                    [.. Enumerable.Range(0, 5).Select(c => new StoredChunk(1, Gone(user, $"key {c}"), Bytes(Gone(user, $"chunk {round} {c}"), random.Next(20, 9_000))))]));
                await _store.FlushAsync(Partition, _epoch, [.. states], offset, None);
                await _store.WriteDocumentsAsync(
                    "acme", StoreOwners.Partition(Partition), _epoch, [new DocumentWrite("row", Gone(some[0], "document"), Bytes(Gone(some[1], "document"), 30_000))], None);
            }
        }
        var last = (await _store.AppendAsync(Partition, _epoch, [.. Enumerable.Range(0, users).Select(user => new JournalRecord(Id(user), Bytes(Gone(user, "last"), 100)))], [], None)).First;
        UserWrite[] final = [.. Enumerable.Range(0, users).Where(user => !Goes(user)).Select(user => new UserWrite(
            Id(user), last + user, Bytes(Kept(user, "head"), 60), [.. Enumerable.Range(0, 5).Select(c => new StoredChunk(1, Gone(user, $"key {c}"), null)), new StoredChunk(1, "", Bytes(Kept(user, "chunk"), 400))]))];
        await _store.FlushAsync(Partition, _epoch, final, last - 1, None);
        await _store.AmendAsync(
            Partition, _epoch,
            new Amendment
            {
                RemoveUsers = [.. Enumerable.Range(0, users).Where(Goes).Select(Id)],
                RemoveSenders = [.. Enumerable.Range(0, users).Where(Goes).Select(Sender)],
                Records = [.. Enumerable.Range(0, users).Where(user => !Goes(user)).Select(user => (last + user, (byte[]?)Bytes(Kept(user, "last"), user % 2 == 0 ? 40 : 500)))],
                States = [.. final.Where((_, i) => i % 5 == 0).Select(state => state with { Chunks = [new StoredChunk(2, "", [1])] })],
            },
            None);
        await _store.TruncateAsync(Partition, _epoch, long.MaxValue, None);
        await _store.DeleteDocumentsAsync("acme", StoreOwners.Partition(Partition), _epoch, "row", None);
    }

    private async Task CheckKept(int users)
    {
        for (var user = 0; user < users; user++)
        {
            var state = await _store.LoadUserAsync(Partition, Kept(user, "id"), None);
            if (user % 3 == 0)
            {
                state.ShouldBeNull();
                continue;
            }
            state.ShouldNotBeNull().Head.ShouldBe(Bytes(Kept(user, "head"), 60));
            state.Chunks[0].Data.ShouldBe(Bytes(Kept(user, "chunk"), 400));
            (await _store.ReadUserAsync(Partition, Kept(user, "id"), 0, None)).Single().Payload.ShouldBe(Bytes(Kept(user, "last"), user % 2 == 0 ? 40 : 500));
        }
    }

    private (int Gone, int Kept) Needles()
    {
        var (gone, kept) = (0, 0);
        foreach (var name in new[] { "auie.db", "auie.db-wal" })
        {
            var bytes = Read(Path.Combine(_folder, name));
            gone += Count(bytes, "GONE"u8);
            kept += Count(bytes, "KEPT"u8);
        }
        return (gone, kept);
    }

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> needle)
    {
        var count = 0;
        for (int at; (at = bytes.IndexOf(needle)) >= 0; bytes = bytes[(at + needle.Length)..])
            count++;
        return count;
    }
}
