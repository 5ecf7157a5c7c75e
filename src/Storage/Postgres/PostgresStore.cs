using System.Runtime.CompilerServices;
using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// The store in a schema of a PostgreSQL database, which one process at a time has open (<see cref="PostgresTenure"/>). Writes go through a
/// few commit loops (group commit), each over a connection of its own; reads have connections of theirs and never wait for them.
/// </summary>
public sealed class PostgresStore : IEngineStore
{
    private const int PageOfHeads = 1000;

    // Documents may be megabytes each.
    private const int PageOfDocuments = 16;

    private readonly NpgsqlDataSource _writing;
    private readonly PostgresTenure? _tenure;
    private readonly PostgresCommitLoop[] _commits;
    private readonly PostgresReaders _readers;

    private PostgresStore(
        NpgsqlDataSource writing, NpgsqlDataSource reading, PostgresTenure? tenure, PostgresStoreOptions options, PostgresErrors errors, int partitions)
    {
        _writing = writing;
        _tenure = tenure;
        _commits = [.. Enumerable.Range(0, options.Writers).Select(_ => new PostgresCommitLoop(new PostgresWriter(writing), options, errors))];
        _readers = new PostgresReaders(reading, options, errors);
        Place = errors.Place;
        Partitions = partitions;
    }

    public int Partitions { get; }

    /// <summary>The server and the database, for people.</summary>
    public string Place { get; }

    /// <summary>Opens the store, making its schema and tables where they are not there and bringing those of an older program up to date.</summary>
    /// <param name="connectionString">As Npgsql has it: Host=…;Database=…;Username=…. What it leaves out is taken from the variables PGHOST, PGPASSWORD and so on.</param>
    /// <exception cref="StoreException">The database cannot be reached or used, or holds a store that this program does not know.</exception>
    public static async Task<PostgresStore> OpenAsync(string connectionString, PostgresStoreOptions? options = null)
    {
        options ??= new PostgresStoreOptions();
        if (options.Problem() is { } problem)
            throw new StoreException(problem);
        var settings = PostgresSession.Settings(connectionString, options);
        var errors = new PostgresErrors(settings);
        settings.MaxPoolSize = options.Readers;
        NpgsqlDataSource? reading = null, writing = null;
        PostgresTenure? tenure = null;
        try
        {
            reading = PostgresSession.Source(settings, options);
            // A writer has its connection to itself, and closing it has to undo what it was about.
            settings.Pooling = false;
            writing = PostgresSession.Source(settings, options);
            if (!options.Shared)
                tenure = await PostgresTenure.Take(writing, options, errors.Place);
            await using var connection = await writing.OpenConnectionAsync();
            var partitions = await PostgresSchema.Prepare(connection, options, errors.Place);
            if (tenure is not null)
                await tenure.Begin();
            return new PostgresStore(writing, reading, tenure, options, errors, partitions);
        }
        catch (Exception exception)
        {
            if (tenure is not null)
                await tenure.DisposeAsync();
            if (reading is not null)
                await reading.DisposeAsync();
            if (writing is not null)
                await writing.DisposeAsync();
            if (exception is StoreException)
                throw;
            throw errors.Translate(exception);
        }
    }

    public async Task<long> ClaimEpochAsync(string owner, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(owner);
        return (long)(await Write(0, new PostgresWrite(owner, batch => batch.ClaimEpoch(owner)) { Claims = true }, cancellationToken))!;
    }

    public async Task<Appended> AppendAsync(
        PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        Check(partition);
        if (records.Count == 0)
            throw new ArgumentException("There is no record to append.", nameof(records));
        foreach (var record in records)
        {
            PostgresText.CheckKey(record.User);
            PostgresText.CheckValue(record.Payload);
        }
        var bytes = records.Sum(record => (long)record.User.Length + record.Payload.Length);
        return new Appended((long)(await Write(
            bytes, new PostgresWrite(StoreOwners.Partition(partition), batch => batch.Append(partition, epoch, records)) { Partition = partition },
            cancellationToken))!, []);
    }

    public Task<HashSet<string>> FindUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task TruncateAsync(PartitionId partition, long epoch, long upTo, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> ForgetMessagesAsync(PartitionId partition, long epoch, int today, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AmendAsync(PartitionId partition, long epoch, Amendment amendment, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> ScrubAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task BackupAsync(string file, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredUser> ReadUserStatesAsync(PartitionId partition, string? after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredRecord> ReadJournalAsync(PartitionId partition, long after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async Task FlushAsync(
        PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint, CancellationToken cancellationToken)
    {
        Check(partition);
        foreach (var user in users)
        {
            PostgresText.CheckValue(user.Head);
            PostgresText.CheckKey(user.User);
            foreach (var chunk in user.Chunks)
            {
                PostgresText.CheckKey(user.User, chunk.FirstKey);
                if (chunk.Data is not null)
                    PostgresText.CheckValue(chunk.Data);
            }
        }
        var bytes = users.Sum(user => user.Head.Length + user.Chunks.Sum(chunk => (long)(chunk.Data?.Length ?? 0)));
        var write = new PostgresWrite(StoreOwners.Partition(partition), batch => Nothing(() => batch.Flush(partition, epoch, users, checkpoint)))
        {
            Partition = partition,
            Users = users,
        };
        await Write(bytes, write, cancellationToken);
    }

    public async Task WriteDocumentsAsync(
        string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(owner);
        foreach (var document in documents)
        {
            PostgresText.CheckKey(tenant, document.Kind, document.Key);
            if (document.Key.Length == 0)
                throw new ArgumentException("A document's key is not empty.", nameof(documents));
            if (document.Data is not null)
                PostgresText.CheckValue(document.Data);
        }
        var bytes = documents.Sum(document => (long)(document.Data?.Length ?? 0));
        await Write(bytes, new PostgresWrite(owner, batch => Nothing(() => batch.WriteDocuments(tenant, owner, epoch, documents))), cancellationToken);
    }

    public async Task DeleteDocumentsAsync(string tenant, string owner, long epoch, string kind, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(owner);
        PostgresText.CheckKey(tenant, kind);
        await Write(0, new PostgresWrite(owner, batch => Nothing(() => batch.DeleteDocuments(tenant, owner, epoch, kind))), cancellationToken);
    }

    /// <summary>Writes under one key take the same way, and so keep their order.</summary>
    private Task<object?> Write(long bytes, PostgresWrite write, CancellationToken cancellationToken)
    {
        _tenure?.Check();
        return _commits[Core.StableHash.OfKey(write.Owner) % (ulong)_commits.Length].Execute(bytes, write, cancellationToken);
    }

    private static object? Nothing(Action write)
    {
        write();
        return null;
    }

    public async Task<PartitionPosition> OpenPartitionAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        Check(partition);
        var found = await _readers.Rows(
            "SELECT id, last_offset, checkpoint FROM partition WHERE tenant = $1 AND number = $2",
            row => (Row: row.GetInt32(0), LastOffset: row.GetInt64(1), Checkpoint: row.GetInt64(2)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number));
        if (found is not [var at])
            return new PartitionPosition(0, 0, []);
        // What is up to the last offset is there and never changes, and so both statements see one state. In the order of the offsets, or
        // else the index by user, of the partition's whole journal, may be read for the groups.
        var pending = await _readers.Rows(
            """
            SELECT user_id, max(place)
            FROM (SELECT user_id, place FROM journal WHERE partition = $1 AND place > $2 AND place <= $3 ORDER BY place OFFSET 0) AS pending
            GROUP BY user_id ORDER BY user_id
            """,
            row => new PendingUser(row.GetString(0), row.GetInt64(1)),
            cancellationToken, Parameter(at.Row), Parameter(at.Checkpoint), Parameter(at.LastOffset));
        return new PartitionPosition(at.LastOffset, at.Checkpoint, [.. pending]);
    }

    public Task<StoredRecord[]> ReadUserAsync(PartitionId partition, string user, long after, CancellationToken cancellationToken) =>
        ReadUsersAsync(partition, [(user, after)], cancellationToken);

    public async Task<StoredRecord[]> ReadUsersAsync(
        PartitionId partition, IReadOnlyList<(string User, long After)> users, CancellationToken cancellationToken)
    {
        Check(partition);
        foreach (var (user, _) in users)
            PostgresText.CheckKey(user);
        var records = await _readers.Rows(
            """
            SELECT w.number, j.place, j.payload
            FROM unnest($3, $4) WITH ORDINALITY AS w (user_id, after, number) JOIN journal j
            ON j.partition = (SELECT id FROM partition WHERE tenant = $1 AND number = $2) AND j.user_id = w.user_id AND j.place > w.after
            ORDER BY w.number, j.place
            """,
            row => new StoredRecord(row.GetInt64(1), users[(int)row.GetInt64(0) - 1].User, row.GetFieldValue<byte[]>(2)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(users.Select(user => user.User).ToArray()),
            Parameter(users.Select(user => user.After).ToArray()));
        return [.. records];
    }

    public async Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken) =>
        await LoadUsersAsync(partition, [user], cancellationToken) is [var found] ? found : null;

    public async Task<StoredUser[]> LoadUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        Check(partition);
        foreach (var user in users)
            PostgresText.CheckKey(user);
        // One statement, for one state of both tables: a user's head is the row without a map, and comes first.
        var rows = await _readers.Rows(
            """
            WITH p AS MATERIALIZED (SELECT id FROM partition WHERE tenant = $1 AND number = $2),
                w AS MATERIALIZED (SELECT * FROM unnest($3) WITH ORDINALITY AS w (user_id, number))
            SELECT number, NULL AS map, NULL AS first_key, place, head FROM w JOIN user_head USING (user_id) WHERE partition = (SELECT id FROM p)
            UNION ALL
            SELECT number, map, first_key, 0, data FROM w JOIN user_chunk USING (user_id) WHERE partition = (SELECT id FROM p)
            ORDER BY number, map NULLS FIRST, first_key
            """,
            row => (
                Number: row.GetInt64(0), Map: row.IsDBNull(1) ? (short?)null : row.GetInt16(1), FirstKey: row.IsDBNull(2) ? "" : row.GetString(2),
                Offset: row.GetInt64(3), Data: row.GetFieldValue<byte[]>(4)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(users.ToArray()));
        return [.. rows.GroupBy(row => row.Number).Select(user =>
        {
            var head = user.First();
            StoredChunk[] chunks = [.. user.Skip(1).Select(chunk => new StoredChunk((byte)chunk.Map!.Value, chunk.FirstKey, chunk.Data))];
            return new StoredUser(users[(int)user.Key - 1], head.Offset, head.Data, chunks);
        })];
    }

    public async IAsyncEnumerable<StoredHead> ReadHeadsAsync(
        PartitionId partition, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(partition);
        if (after is not null)
            PostgresText.CheckKey(after);
        while (true)
        {
            // No user's id is empty, so every one is after it.
            var from = after ?? "";
            var heads = await _readers.Rows(
                """
                SELECT user_id, place, head FROM user_head
                WHERE partition = (SELECT id FROM partition WHERE tenant = $1 AND number = $2) AND user_id > $3 ORDER BY user_id LIMIT $4
                """,
                row => new StoredHead(row.GetString(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)),
                cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(from), Parameter(PageOfHeads));
            foreach (var head in heads)
                yield return head;
            if (heads.Count < PageOfHeads)
                yield break;
            after = heads[^1].User;
        }
    }

    public async Task<byte[]?> ReadDocumentAsync(string tenant, string kind, string key, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(tenant, kind, key);
        var found = await _readers.Rows(
            "SELECT data FROM document WHERE tenant = $1 AND kind = $2 AND key = $3", row => row.GetFieldValue<byte[]>(0),
            cancellationToken, Parameter(tenant), Parameter(kind), Parameter(key));
        return found is [var data] ? data : null;
    }

    public async IAsyncEnumerable<(string Key, byte[] Data)> ReadDocumentsAsync(
        string tenant, string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(tenant, kind);
        var after = "";
        while (true)
        {
            var documents = await _readers.Rows(
                "SELECT key, data FROM document WHERE tenant = $1 AND kind = $2 AND key > $3 ORDER BY key LIMIT $4",
                row => (row.GetString(0), row.GetFieldValue<byte[]>(1)),
                cancellationToken, Parameter(tenant), Parameter(kind), Parameter(after), Parameter(PageOfDocuments));
            foreach (var document in documents)
                yield return document;
            if (documents.Count < PageOfDocuments)
                yield break;
            after = documents[^1].Item1;
        }
    }

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private void Check(PartitionId partition)
    {
        PostgresText.CheckKey(partition.Tenant);
        if (partition.Number < 0 || partition.Number >= Partitions)
            throw new ArgumentOutOfRangeException(nameof(partition), $"{partition} is not one of the store's {Partitions} partitions.");
    }

    /// <summary>Commits what is queued, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        foreach (var commits in _commits)
            await commits.DisposeAsync();
        if (_tenure is not null)
            await _tenure.DisposeAsync();
        await _writing.DisposeAsync();
    }
}
