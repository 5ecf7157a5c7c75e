using System.Text;
using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>Copies of a store that is being written to, and putting them back.</summary>
public sealed class SqliteBackupTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PartitionId Partition = new("acme", 0);

    private readonly string _root = Directory.CreateTempSubdirectory("auie-backup-").FullName;
    private SqliteStore _store = null!;
    private long _epoch;

    private string Folder => Path.Combine(_root, "data");

    private string Backup => Path.Combine(_root, "auie.backup");

    private string Elsewhere => Path.Combine(_root, "elsewhere");

    public async Task InitializeAsync()
    {
        _store = await SqliteStore.OpenAsync(Folder);
        _epoch = await _store.ClaimEpochAsync(StoreOwners.Partition(Partition), None);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_store_its_log_its_backup_and_what_is_restored_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        await Append(1);
        await _store.BackupAsync(Backup, None);
        await SqliteStore.RestoreAsync(Backup, Elsewhere);

        foreach (var file in new[] { Path.Combine(Folder, "auie.db"), Path.Combine(Folder, "auie.db-wal"), Backup, Path.Combine(Elsewhere, "auie.db") })
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    private Task<Appended> Append(int number) =>
        _store.AppendAsync(Partition, _epoch, [new JournalRecord("ann", Encoding.UTF8.GetBytes($"{number}"))], [new MessageKey(1, (UInt128)number, number, 0)], None);

    private static async Task<string[]> Texts(IEngineStore store) =>
        [.. (await store.ReadUserAsync(Partition, "ann", 0, None)).Select(record => Encoding.UTF8.GetString(record.Payload))];

    [Fact]
    public async Task A_copy_made_while_writes_go_on_is_the_store_as_of_one_instant()
    {
        await _store.FlushAsync(Partition, _epoch, [new UserWrite("bob", 1, [1], [new StoredChunk(1, "", [2])])], 0, None);
        await _store.WriteDocumentsAsync("acme", StoreOwners.Partition(Partition), _epoch, [new DocumentWrite("model", "1", new byte[3_000_000])], None);
        var written = 0;
        for (; written < 100; written++)
            await Append(written + 1);

        var backup = _store.BackupAsync(Backup, None);
        while (!backup.IsCompleted)
            await Append(++written);
        await backup;
        await Append(++written);

        await SqliteStore.RestoreAsync(Backup, Elsewhere);
        await using var copy = await SqliteStore.OpenAsync(Elsewhere);
        var texts = await Texts(copy);
        texts.Length.ShouldBeInRange(100, written - 1);
        texts.ShouldBe(Enumerable.Range(1, texts.Length).Select(number => $"{number}"));
        (await copy.OpenPartitionAsync(Partition, None)).LastOffset.ShouldBe(texts.Length);
        (await copy.LoadUserAsync(Partition, "bob", None)).ShouldNotBeNull().Chunks.Length.ShouldBe(1);
        (await copy.ReadDocumentAsync("acme", "model", "1", None)).ShouldNotBeNull().Length.ShouldBe(3_000_000);
        (await copy.AppendAsync(Partition, _epoch, [], [new MessageKey(1, 100, 0, 0)], None)).Known.Single().Digest.ShouldBe(100);
        (await Texts(_store)).Length.ShouldBe(written);
    }

    [Fact]
    public async Task A_backup_goes_to_a_new_file_at_a_full_path_in_a_folder_that_is_there()
    {
        await File.WriteAllTextAsync(Backup, "mine");
        (string File, string Reason)[] wrong =
        [
            ("auie.backup", "not a full path"), (Backup, "exists already"), (Folder, "exists already"), (Path.Combine(_root, "nowhere", "auie.backup"), "does not exist"),
        ];
        foreach (var (file, reason) in wrong)
        {
            var refused = await Should.ThrowAsync<StoreException>(() => _store.BackupAsync(file, None));
            refused.Message.ShouldContain(reason);
            refused.Message.ShouldContain(file);
        }
        (await File.ReadAllTextAsync(Backup)).ShouldBe("mine");
    }

    [Fact]
    public async Task A_backup_that_is_cancelled_leaves_nothing()
    {
        await Append(1);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => _store.BackupAsync(Backup, cancelled.Token));

        Directory.GetFiles(_root).ShouldBeEmpty();
        await _store.BackupAsync(Backup, None);
    }

    [Fact]
    public async Task A_folder_with_a_store_is_restored_only_when_it_is_to_be_replaced_and_nothing_of_the_old_one_comes_through()
    {
        await Append(1);
        await _store.BackupAsync(Backup, None);
        await Append(2);
        (await Should.ThrowAsync<StoreException>(() => SqliteStore.RestoreAsync(Backup, Folder, replace: true))).Message.ShouldContain("in use by another process");
        // A log that was not brought into the file, as after a kill: it is of the old store and must not be read as the new one's.
        var log = await Copy($"{Path.Combine(Folder, "auie.db")}-wal");
        var file = await Copy(Path.Combine(Folder, "auie.db"));
        await _store.DisposeAsync();
        await File.WriteAllBytesAsync(Path.Combine(Folder, "auie.db"), file);
        await File.WriteAllBytesAsync($"{Path.Combine(Folder, "auie.db")}-wal", log);
        log.Length.ShouldBeGreaterThan(0);

        (await Should.ThrowAsync<StoreException>(() => SqliteStore.RestoreAsync(Backup, Folder))).Message.ShouldContain("has a store already");
        await SqliteStore.RestoreAsync(Backup, Folder, replace: true);

        _store = await SqliteStore.OpenAsync(Folder);
        (await Texts(_store)).ShouldBe(["1"]);
        Directory.GetFiles(Folder).Select(Path.GetFileName).ShouldBe(["auie.db", "auie.db-shm", "auie.db-wal", "auie.lock"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_damaged_store_can_be_replaced()
    {
        await Append(1);
        await _store.BackupAsync(Backup, None);
        await _store.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(Folder, "auie.db"), new string('x', 20_000));

        await SqliteStore.RestoreAsync(Backup, Folder, replace: true);

        _store = await SqliteStore.OpenAsync(Folder);
        (await Texts(_store)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task What_is_no_backup_of_a_store_is_refused_and_the_store_that_is_there_stays()
    {
        await Append(1);
        await _store.BackupAsync(Backup, None);
        var good = await File.ReadAllBytesAsync(Backup);
        await _store.DisposeAsync();
        async Task<string> Refused(string file) => (await Should.ThrowAsync<StoreException>(() => SqliteStore.RestoreAsync(file, Folder, replace: true))).Message;

        (await Refused(Path.Combine(_root, "missing"))).ShouldContain("There is no backup file");
        await File.WriteAllTextAsync(Backup, new string('x', 5_000));
        (await Refused(Backup)).ShouldContain("is not a database");
        await File.WriteAllBytesAsync(Backup, [.. good.Take(8192 * 2), .. Enumerable.Repeat((byte)0xA5, good.Length - 8192 * 2)]);
        (await Refused(Backup)).ShouldContain(Backup);
        File.Delete(Backup);
        using (var other = new SqliteConnection($"Data Source={Backup};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
            (await Refused(Backup)).ShouldContain("another program's database");
            command.CommandText = "PRAGMA application_id = 0x41554945; PRAGMA user_version = 99";
            command.ExecuteNonQuery();
            (await Refused(Backup)).ShouldContain("schema version 99");
        }
        (await Refused(Path.Combine(Folder, "auie.db"))).ShouldContain("not a backup");

        _store = await SqliteStore.OpenAsync(Folder);
        (await Texts(_store)).ShouldBe(["1"]);
        Directory.GetFiles(Folder, "*restored*").ShouldBeEmpty();
    }

    private static async Task<byte[]> Copy(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
