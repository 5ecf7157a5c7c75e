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
    public async Task Text_that_is_not_valid_is_refused_and_not_altered()
    {
        var epoch = await Claim(First);

        await Should.ThrowAsync<ArgumentException>(Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("\uD800", "2")], [], None));

        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(0);
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
