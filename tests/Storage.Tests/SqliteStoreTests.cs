using System.Diagnostics.Metrics;
using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>The compliance suite on SQLite, and what is particular to a store that is a file in a folder.</summary>
[Collection(nameof(Alone))]
public sealed class SqliteStoreTests : StoreCompliance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auie-store-").FullName;

    private string File => Path.Combine(_folder, "auie.db");

    protected override async Task<IEngineStore> OpenAsync() => await SqliteStore.OpenAsync(_folder);

    protected override int? MostForgottenAtOnce => null;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_and_is_free_again_after_closing()
    {
        var refused = await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(_folder));
        refused.Message.ShouldContain("in use by another process");
        refused.Message.ShouldContain(_folder);

        await Reopen();
        await Claim(First);
    }

    [Fact]
    public async Task A_file_locked_by_another_program_is_refused_by_name()
    {
        await Store.DisposeAsync();
        using (var other = Connect())
        {
            Execute(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
            var refused = await Should.ThrowAsync<StoreException>(
                () => SqliteStore.OpenAsync(_folder, new SqliteStoreOptions { LockTimeout = TimeSpan.FromSeconds(1) }));
            refused.Message.ShouldContain("locked by another process");
            refused.Message.ShouldContain(File);
        }
        await Reopen();
    }

    [Fact]
    public async Task Another_count_of_partitions_is_refused()
    {
        await Store.DisposeAsync();

        var refused = await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(_folder, new SqliteStoreOptions { Partitions = 7 }));

        refused.Message.ShouldContain("made with 16 partitions");
        await Reopen();
        Store.Partitions.ShouldBe(SqliteStoreOptions.DefaultPartitions);
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_is_refused()
    {
        await Store.DisposeAsync();
        using (var other = Connect())
            Execute(other, "PRAGMA user_version = 99");

        var refused = await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(_folder));

        refused.Message.ShouldContain("schema version 99");
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_left_alone()
    {
        await Store.DisposeAsync();
        System.IO.File.Delete(File);
        using (var other = Connect())
            Execute(other, "CREATE TABLE theirs (x)");

        (await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(_folder))).Message.ShouldContain("another program's database");

        using var again = Connect();
        Execute(again, "INSERT INTO theirs VALUES (1)");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_by_name()
    {
        await Store.DisposeAsync();
        await System.IO.File.WriteAllTextAsync(File, new string('x', 10_000));

        var refused = await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(_folder));

        refused.Message.ShouldContain("is not a database");
        refused.Message.ShouldContain(File);
    }

    [Fact]
    public async Task A_damaged_page_is_reported_and_not_read_as_something_else()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(0, 2000).Select(i => Record($"user {i}", new string('x', 100)))], [], None);
        await Store.DisposeAsync();
        await using (var file = new FileStream(File, FileMode.Open))
        {
            file.Position = SqlitePage;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)(file.Length - SqlitePage)).ToArray());
        }

        var refused = await Should.ThrowAsync<StoreException>(async () =>
        {
            await Reopen();
            await Store.OpenPartitionAsync(First, None);
        });

        refused.Message.ShouldContain("damaged");
    }

    [Fact]
    public async Task A_full_disk_refuses_the_write_whole_and_lets_later_ones_through()
    {
        await Store.DisposeAsync();
        await using var small = await SqliteStore.OpenAsync(_folder, new SqliteStoreOptions { MaximumBytes = 1 << 20 });
        var epoch = await small.ClaimEpochAsync(StoreOwners.Partition(First), None);
        await small.AppendAsync(First, epoch, [Record("ann", "fits")], [], None);

        var full = await Should.ThrowAsync<StoreException>(
            small.AppendAsync(First, epoch, [Record("bob", "fits"), new JournalRecord("cid", new byte[2 << 20])], [], None));

        full.Message.ShouldContain("full");
        full.Message.ShouldContain(File);
        full.OutcomeUnknown.ShouldBeFalse();
        (await small.ReadUserAsync(First, "bob", 0, None)).ShouldBeEmpty();
        (await small.AppendAsync(First, epoch, [Record("ann", "fits too")], [], None)).First.ShouldBe(2);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_or_written_is_refused_by_name()
    {
        var underAFile = Path.Combine(File, "data");
        (await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(underAFile))).Message.ShouldContain(underAFile);

        // Who runs the tests may be allowed to write everywhere; the kernel's own folder takes files from nobody.
        const string readOnly = "/proc/auie";
        if (OperatingSystem.IsLinux())
            (await Should.ThrowAsync<StoreException>(() => SqliteStore.OpenAsync(readOnly))).Message.ShouldContain(readOnly);
    }

    [Fact]
    public async Task A_closed_store_refuses_work()
    {
        await Store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => Store.ClaimEpochAsync("key", None));
        await Should.ThrowAsync<ObjectDisposedException>(() => Store.ReadDocumentAsync("acme", "kind", "key", None));
        await Reopen();
    }

    [Fact]
    public async Task What_waits_shares_a_commit_and_the_meters_say_so()
    {
        var (commits, writes) = (0L, 0L);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == StorageTelemetry.Name && instrument.Name is "auie.storage.commits" or "auie.storage.commit.writes")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref commits, count));
        listener.SetMeasurementEventCallback<int>((_, count, _, _) => Interlocked.Add(ref writes, count));
        listener.Start();
        var epoch = await Claim(First);

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Store.AppendAsync(First, epoch, [Record("ann", $"{i}")], [], None)));

        writes.ShouldBe(1001);
        commits.ShouldBeInRange(2, 500);
    }

    [Fact]
    public async Task However_much_is_written_the_log_stays_small_and_what_it_held_is_there()
    {
        var epoch = await Claim(First);
        var payload = new byte[1 << 20];

        var largest = 0L;
        for (var i = 0; i < 256; i++)
        {
            await Store.AppendAsync(First, epoch, [new JournalRecord("ann", payload)], [], None);
            largest = Math.Max(largest, new FileInfo($"{File}-wal").Length);
        }

        largest.ShouldBeLessThan(160 << 20);
        await Reopen();
        (await Journal(First)).Count.ShouldBe(256);
    }

    [Fact]
    public async Task Text_that_is_not_valid_is_refused_and_not_altered()
    {
        var epoch = await Claim(First);

        await Should.ThrowAsync<ArgumentException>(Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("\uD800", "2")], [], None));

        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(0);
    }

    [Fact]
    public async Task A_file_of_the_first_schema_is_brought_up_to_date_with_all_that_it_has()
    {
        await Store.DisposeAsync();
        SqliteStore.Delete(_folder);
        using (var old = Connect())
        {
            Execute(old, """
                PRAGMA journal_mode = WAL;
                CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE epoch (owner TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE partition (
                    id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, number INTEGER NOT NULL,
                    last_offset INTEGER NOT NULL, checkpoint INTEGER NOT NULL, UNIQUE (tenant, number));
                CREATE TABLE journal (place INTEGER PRIMARY KEY, user TEXT NOT NULL, payload BLOB NOT NULL);
                CREATE INDEX journal_by_user ON journal (user, place);
                CREATE TABLE user_head (
                    partition INTEGER NOT NULL, user TEXT NOT NULL, offset INTEGER NOT NULL, head BLOB NOT NULL,
                    PRIMARY KEY (partition, user)) WITHOUT ROWID;
                CREATE TABLE user_chunk (
                    partition INTEGER NOT NULL, user TEXT NOT NULL, map INTEGER NOT NULL, first_key TEXT NOT NULL, data BLOB NOT NULL,
                    PRIMARY KEY (partition, user, map, first_key)) WITHOUT ROWID;
                CREATE TABLE document (
                    tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL,
                    PRIMARY KEY (tenant, kind, key)) WITHOUT ROWID;
                INSERT INTO setting VALUES ('partitions', 5);
                INSERT INTO epoch VALUES ('partition/acme/0', 3);
                INSERT INTO partition VALUES (1, 'acme', 0, 2, 1);
                INSERT INTO journal VALUES (1099511627777, 'ann', x'61'), (1099511627778, 'bob', x'62');
                INSERT INTO user_head VALUES (1, 'ann', 1, x'68');
                PRAGMA application_id = 0x41554945;
                PRAGMA user_version = 1;
                """);
        }

        await Reopen();

        Store.Partitions.ShouldBe(5);
        var position = await Store.OpenPartitionAsync(First, None);
        (position.LastOffset, position.Checkpoint, position.Pending.Single().User).ShouldBe((2, 1, "bob"));
        (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull().Head.ShouldBe("h"u8.ToArray());
        (await Store.AppendAsync(First, 3, [Record("ann", "c")], [Key(1, 1)], None)).First.ShouldBe(3);
        (await Store.AppendAsync(First, 3, [Record("ann", "d")], [Key(1, 1)], None)).Known.Length.ShouldBe(1);
        await Store.TruncateAsync(First, 3, 9, None);
        (await Journal(First)).Select(record => record.Offset).ShouldBe([2, 3]);
        await Reopen();
        (await Journal(First)).Select(record => record.Offset).ShouldBe([2, 3]);
    }

    private const int SqlitePage = 8192;

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

/// <summary>Tests that read the process's meters, which every store counts on: no other test runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
