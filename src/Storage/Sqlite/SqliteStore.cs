using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Sqlite;

/// <summary>
/// The store in one SQLite file, auie.db, in a folder that one process at a time may use. Writes go through one commit loop
/// (group commit in write-ahead-log mode, https://www.sqlite.org/wal.html); reads have connections of their own and never wait for them.
/// </summary>
public sealed class SqliteStore : IEngineStore
{
    private const string FileName = "auie.db";
    private const int PageOfHeads = 1000;
    private const int PageOfRecords = 500;

    // A state may be of hundreds of chunks.
    private const int PageOfStates = 100;

    // Documents may be megabytes each.
    private const int PageOfDocuments = 16;

    private const int LogBytes = 64 << 20;
    private const int WriterCacheBytes = 64 << 20;

    private readonly FileStream _lock;
    private readonly SqliteCommitLoop _commits;
    private readonly SqliteReaders _readers;
    private readonly SqliteLog _log;
    private readonly string _file;
    private readonly SqliteStoreOptions _options;
    private readonly SemaphoreSlim _whole = new(1);
    private readonly CancellationTokenSource _closing = new();

    private SqliteStore(
        FileStream folderLock, SqliteCommitLoop commits, SqliteReaders readers, SqliteLog log, string file, SqliteStoreOptions options, int partitions)
    {
        _log = log;
        _file = file;
        _options = options;
        _lock = folderLock;
        _commits = commits;
        _readers = readers;
        Partitions = partitions;
    }

    public int Partitions { get; }

    public bool IsShared => false;

    /// <summary>Opens the store in a folder, making both where they don't exist.</summary>
    /// <exception cref="StoreException">The folder cannot be used, another process uses it, or its file is not a store that this program knows.</exception>
    public static Task<SqliteStore> OpenAsync(string folder, SqliteStoreOptions? options = null) =>
        Task.Run(() => Open(folder, options ?? new SqliteStoreOptions()));

    private static SqliteStore Open(string folder, SqliteStoreOptions options)
    {
        if (options.Partitions is < 1 or > 1 << 16)
            throw new ArgumentException("A store has 1 to 65,536 partitions.", nameof(options));
        var folderLock = LockFolder(folder);
        var file = Path.Combine(folder, FileName);
        SqliteConnection? connection = null;
        try
        {
            OwnersFile.Make(file);
            connection = Connect(file, options, SqliteOpenMode.ReadWrite);
            var partitions = Prepare(connection, file, options);
            var chains = new SqliteRecordChains();
            var passing = new Lock();
            var commits = new SqliteCommitLoop(new SqliteWriter(connection, chains, passing, options), options, file);
            var readers = new SqliteReaders(() => new SqliteReader(Connect(file, options, SqliteOpenMode.ReadOnly), chains), options.Readers, file);
            var log = new SqliteLog(() => Connect(file, options, SqliteOpenMode.ReadWrite), commits, passing);
            return new SqliteStore(folderLock, commits, readers, log, file, options, partitions);
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            folderLock.Dispose();
            if (exception is SqliteException sqlite)
                throw SqliteErrors.Translate(sqlite, file);
            if (exception is IOException or UnauthorizedAccessException)
                throw new StoreException($"The store '{file}' cannot be made: {exception.Message}", exception);
            throw;
        }
    }

    /// <summary>Deletes the store in a folder, if there is one; everything else there stays.</summary>
    /// <exception cref="StoreException">Another process uses the folder; nothing is deleted.</exception>
    public static void Delete(string folder)
    {
        // The lock's own file stays: a process that opened it and one that made it anew would both hold "the" lock.
        using var folderLock = LockFolder(folder);
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.Delete(Path.Combine(folder, FileName + suffix));
    }

    /// <summary>Puts a backup in place as the store of a folder; it is there whole or not at all, whenever the process dies.</summary>
    /// <param name="file">What <see cref="BackupAsync"/> wrote.</param>
    /// <param name="replace">Whether a store that is in the folder is given up for it.</param>
    /// <exception cref="StoreException">The file is not a store that this program knows, or is damaged; the folder is in use, or has a store.</exception>
    public static Task RestoreAsync(string file, string folder, bool replace = false) => Task.Run(() => Restore(file, folder, replace));

    private static void Restore(string file, string folder, bool replace)
    {
        var options = new SqliteStoreOptions();
        if (!File.Exists(file))
            throw new StoreException($"There is no backup file '{file}'.");
        try
        {
            using var backup = Connect(file, options, SqliteOpenMode.ReadOnly);
            SqliteSchema.CheckVersion(backup, file);
            using var folderLock = LockFolder(folder);
            var target = Path.Combine(folder, FileName);
            if (string.Equals(Path.GetFullPath(file), Path.GetFullPath(target), StringComparison.Ordinal))
                throw new StoreException($"The file '{file}' is the store of the folder itself, not a backup.");
            if (File.Exists(target) && !replace)
                throw new StoreException($"The data folder '{folder}' has a store already; say that it is to be replaced.");
            var restored = $"{target}.restored";
            File.Delete(restored);
            SqliteCopy.Write(backup, file, restored, CancellationToken.None);
            Settle(target, options);
            File.Move(restored, target, overwrite: true);
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The backup '{file}' could not be put into '{folder}': {exception.Message}", exception);
        }
    }

    /// <summary>Brings a store's log into its file and removes it: SQLite would take it for the log of the file that comes in its place.</summary>
    private static void Settle(string file, SqliteStoreOptions options)
    {
        if (File.Exists(file))
        {
            try
            {
                using var connection = Connect(file, options, SqliteOpenMode.ReadWrite);
                SqliteSchema.Scalar(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            }
            catch (SqliteException)
            {
                // It is damaged, and to be replaced.
            }
        }
        File.Delete($"{file}-wal");
        File.Delete($"{file}-shm");
    }

    private static FileStream LockFolder(string folder)
    {
        var file = Path.Combine(folder, "auie.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StoreException($"The data folder '{folder}' cannot be written: {exception.Message}", exception);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new StoreException($"The data folder '{folder}' is in use by another process (which holds '{file}'): {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            throw new StoreException($"The data folder '{folder}' cannot be used: {exception.Message}", exception);
        }
    }

    private static SqliteConnection Connect(string file, SqliteStoreOptions options, SqliteOpenMode mode)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.LockTimeout.TotalSeconds),
        };
        var connection = new SqliteConnection(text.ToString());
        connection.Open();
        raw.sqlite3_busy_timeout(connection.Handle, (int)options.LockTimeout.TotalMilliseconds);
        return connection;
    }

    private static int Prepare(SqliteConnection connection, string file, SqliteStoreOptions options)
    {
        SqliteSchema.Execute(connection, $"PRAGMA page_size = {SqliteSchema.PageSize}");
        SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL");
        SqliteSchema.Execute(connection, options.Synchronous ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        // SqliteLog does what SQLite would do in the midst of a commit.
        SqliteSchema.Execute(connection, "PRAGMA wal_autocheckpoint = 0");
        var pageSize = SqliteSchema.Scalar(connection, "PRAGMA page_size");
        SqliteSchema.Execute(connection, $"PRAGMA journal_size_limit = {LogBytes}");
        SqliteSchema.Execute(connection, $"PRAGMA cache_size = -{WriterCacheBytes / 1024}");
        if (options.MaximumBytes is { } bytes)
            SqliteSchema.Execute(connection, $"PRAGMA max_page_count = {Math.Max(1, bytes / pageSize)}");
        return SqliteSchema.Prepare(connection, file, options.Partitions);
    }

    public async Task<long> ClaimEpochAsync(string owner, CancellationToken cancellationToken) =>
        (long)(await _commits.Execute(owner.Length, writer => writer.ClaimEpoch(owner), cancellationToken))!;

    public async Task<Appended> AppendAsync(
        PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        Check(partition);
        if (records.Count == 0 && keys.Count == 0)
            throw new ArgumentException("There is nothing to append.", nameof(records));
        var bytes = records.Sum(record => (long)record.User.Length + record.Payload.Length);
        return (Appended)(await _commits.Execute(bytes, writer => writer.Append(partition, epoch, records, keys), cancellationToken, WriteTurn.Ahead))!;
    }

    public Task<HashSet<string>> FindUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        Check(partition);
        return _readers.Read(reader => reader.Find(partition, users), cancellationToken);
    }

    public async Task TruncateAsync(PartitionId partition, long epoch, long upTo, CancellationToken cancellationToken)
    {
        Check(partition);
        while ((bool)(await _commits.Execute(0, writer => writer.Truncate(partition, epoch, upTo), cancellationToken, WriteTurn.Ahead))!)
        {
        }
    }

    public async Task<int> ForgetMessagesAsync(PartitionId partition, long epoch, int today, CancellationToken cancellationToken)
    {
        Check(partition);
        return (int)(await _commits.Execute(0, writer => writer.Forget(partition, epoch, today), cancellationToken))!;
    }

    public async Task AmendAsync(PartitionId partition, long epoch, Amendment amendment, CancellationToken cancellationToken)
    {
        Check(partition);
        StoreChecks.Documents(amendment.Documents);
        await Write(amendment.Bytes, writer => writer.Amend(partition, epoch, amendment), cancellationToken);
    }

    public async Task<string?> ScrubAsync(CancellationToken cancellationToken)
    {
        await Whole(token => _commits.ExecuteAlone(
            writer => writer.Scrub()
                ? null
                : throw new StoreException(
                    $"The store '{_file}' was written anew, but its log '{_file}-wal' could not be emptied, for something has read it for longer than {_options.LockTimeout}; scrub again."),
            token), cancellationToken);
        return null;
    }

    public Task BackupAsync(string file, CancellationToken cancellationToken)
    {
        SqliteCopy.CheckTarget(file);
        return Whole(token => Task.Run(
            () =>
            {
                using var connection = Connect(_file, _options, SqliteOpenMode.ReadOnly);
                SqliteCopy.Write(connection, _file, file, token);
            },
            CancellationToken.None), cancellationToken);
    }

    /// <summary>Does what takes the whole file, one thing at a time: a copy that is under way would keep a scrub, and so every write, waiting.</summary>
    private async Task Whole(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _whole.WaitAsync(either.Token);
        try
        {
            await work(either.Token);
        }
        finally
        {
            _whole.Release();
        }
    }

    public async IAsyncEnumerable<StoredUser> ReadUserStatesAsync(
        PartitionId partition, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(partition);
        while (true)
        {
            var from = after ?? "";
            var users = await _readers.Read(reader => reader.Users(partition, from, PageOfStates), cancellationToken);
            foreach (var user in users)
                yield return user;
            if (users.Length < PageOfStates)
                yield break;
            after = users[^1].User;
        }
    }

    public async IAsyncEnumerable<StoredRecord> ReadJournalAsync(
        PartitionId partition, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(partition);
        while (true)
        {
            var from = after;
            var records = await _readers.Read(reader => reader.Journal(partition, from, PageOfRecords), cancellationToken);
            foreach (var record in records)
                yield return record;
            if (records.Count < PageOfRecords)
                yield break;
            after = records[^1].Offset;
        }
    }

    public Task FlushAsync(
        PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint, CancellationToken cancellationToken)
    {
        Check(partition);
        var bytes = users.Sum(user => user.Head.Length + user.Chunks.Sum(chunk => (long)(chunk.Data?.Length ?? 0)));
        return Write(bytes, writer => writer.Flush(partition, epoch, users, checkpoint), cancellationToken, WriteTurn.States);
    }

    public Task WriteDocumentsAsync(
        string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken)
    {
        StoreChecks.Documents(documents);
        var bytes = documents.Sum(document => (long)(document.Data?.Length ?? 0));
        return Write(bytes, writer => writer.WriteDocuments(tenant, owner, epoch, documents), cancellationToken, WriteTurn.Ahead);
    }

    public Task DeleteDocumentsAsync(string tenant, string owner, long epoch, string kind, CancellationToken cancellationToken) =>
        Write(0, writer => writer.DeleteDocuments(tenant, owner, epoch, kind), cancellationToken, WriteTurn.Ahead);

    private async Task Write(long bytes, Action<SqliteWriter> write, CancellationToken cancellationToken, WriteTurn turn = WriteTurn.InOrder) =>
        await _commits.Execute(
            bytes,
            writer =>
            {
                write(writer);
                return null;
            },
            cancellationToken,
            turn);

    public Task<PartitionPosition> OpenPartitionAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        Check(partition);
        return _readers.Read(reader => reader.Position(partition), cancellationToken);
    }

    public Task<StoredRecord[]> ReadUserAsync(PartitionId partition, string user, long after, CancellationToken cancellationToken) =>
        ReadUsersAsync(partition, [(user, after)], cancellationToken);

    public Task<StoredRecord[]> ReadUsersAsync(
        PartitionId partition, IReadOnlyList<(string User, long After)> users, CancellationToken cancellationToken)
    {
        Check(partition);
        return _readers.Read(reader => reader.Records(partition, users), cancellationToken);
    }

    public async Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken) =>
        (await LoadUsersAsync(partition, [user], cancellationToken)).SingleOrDefault();

    public Task<OpenedUser> OpenUserAsync(PartitionId partition, string user, CancellationToken cancellationToken)
    {
        Check(partition);
        return _readers.Read(reader => reader.Open(partition, user), cancellationToken);
    }

    public Task<StoredUser[]> LoadUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        Check(partition);
        return _readers.Read(reader => reader.Users(partition, users), cancellationToken);
    }

    public async IAsyncEnumerable<StoredHead> ReadHeadsAsync(
        PartitionId partition, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(partition);
        while (true)
        {
            // No user's id is empty, so every one is after it.
            var from = after ?? "";
            var heads = await _readers.Read(reader => reader.Heads(partition, from, PageOfHeads), cancellationToken);
            foreach (var head in heads)
                yield return head;
            if (heads.Count < PageOfHeads)
                yield break;
            after = heads[^1].User;
        }
    }

    public Task<byte[]?> ReadDocumentAsync(string tenant, string kind, string key, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.Document(tenant, kind, key, bytes => bytes.ToArray()), cancellationToken);

    public Task<T?> ReadDocumentAsync<T>(string tenant, string kind, string key, Func<ReadOnlySpan<byte>, T> read, CancellationToken cancellationToken)
        where T : class =>
        _readers.Read(reader => reader.Document(tenant, kind, key, read), cancellationToken);

    public async IAsyncEnumerable<(string Key, byte[] Data)> ReadDocumentsAsync(
        string tenant, string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var from = after;
            var documents = await _readers.Read(reader => reader.Documents(tenant, kind, from, PageOfDocuments), cancellationToken);
            foreach (var document in documents)
                yield return document;
            if (documents.Count < PageOfDocuments)
                yield break;
            after = documents[^1].Key;
        }
    }

    private void Check(PartitionId partition)
    {
        if (partition.Number < 0 || partition.Number >= Partitions)
            throw new ArgumentOutOfRangeException(nameof(partition), $"{partition} is not one of the store's {Partitions} partitions.");
    }

    /// <summary>Commits what is queued, closes the file and frees the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _whole.WaitAsync();
        _whole.Release();
        _readers.Dispose();
        try
        {
            await _log.DisposeAsync();
        }
        finally
        {
            await _commits.DisposeAsync();
            await _lock.DisposeAsync();
        }
    }
}
