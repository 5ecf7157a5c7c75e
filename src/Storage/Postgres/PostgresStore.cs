using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// The store in a schema of a PostgreSQL database, which several processes may have open: epochs keep their writes apart. Writes go through a
/// few commit loops (group commit), each over a connection of its own; reads have connections of theirs and never wait for them.
/// </summary>
public sealed class PostgresStore : IEngineStore
{
    private const int PageOfHeads = 1000;
    private const int PageOfRecords = 500;

    // A state may be of hundreds of chunks.
    private const int PageOfStates = 100;

    // Documents may be megabytes each.
    private const int PageOfDocuments = 16;

    private readonly NpgsqlDataSource _writing;
    private readonly PostgresCommitLoop[] _commits;
    private readonly PostgresReaders _readers;
    private readonly PostgresErrors _errors;
    private readonly string _schema;

    private PostgresStore(
        NpgsqlDataSource writing, NpgsqlDataSource reading, PostgresStoreOptions options, PostgresErrors errors, int partitions)
    {
        _writing = writing;
        _commits = [.. Enumerable.Range(0, options.Writers).Select(_ => new PostgresCommitLoop(new PostgresWriter(writing), options, errors))];
        _readers = new PostgresReaders(reading, options, errors);
        _errors = errors;
        _schema = options.Schema;
        Partitions = partitions;
    }

    public int Partitions { get; }

    public bool IsShared => true;

    /// <summary>The server and the database, for people.</summary>
    public string Place => _errors.Place;

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
        try
        {
            reading = PostgresSession.Source(settings, options);
            // A writer has its connection to itself, and closing it has to undo what it was about.
            settings.Pooling = false;
            writing = PostgresSession.Source(settings, options);
            await using var connection = await writing.OpenConnectionAsync();
            var partitions = await PostgresSchema.Prepare(connection, options, errors.Place);
            return new PostgresStore(writing, reading, options, errors, partitions);
        }
        catch (Exception exception)
        {
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
        if (records.Count == 0 && keys.Count == 0)
            throw new ArgumentException("There is nothing to append.", nameof(records));
        foreach (var record in records)
        {
            PostgresText.CheckKey(record.User);
            PostgresText.CheckValue(record.Payload);
        }
        var bytes = records.Sum(record => (long)record.User.Length + record.Payload.Length);
        var write = new PostgresWrite(StoreOwners.Partition(partition), batch => batch.Append(partition, epoch, records, keys)) { Partition = partition, Keys = keys, Turn = WriteTurn.Ahead };
        return (Appended)(await Write(bytes, write, cancellationToken))!;
    }

    public async Task<HashSet<string>> FindUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        Check(partition);
        foreach (var user in users)
            PostgresText.CheckKey(user);
        var found = await _readers.Rows(
            """
            WITH p AS MATERIALIZED (SELECT id FROM partition WHERE tenant = $1 AND number = $2)
            SELECT number FROM unnest($3) WITH ORDINALITY AS w (user_id, number)
            WHERE (SELECT true FROM user_head h WHERE h.partition = (SELECT id FROM p) AND h.user_id = w.user_id)
                OR (SELECT true FROM journal j WHERE j.partition = (SELECT id FROM p) AND j.user_id = w.user_id LIMIT 1)
            """,
            row => users[(int)row.GetInt64(0) - 1],
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(users.ToArray()));
        return new HashSet<string>(found, StringComparer.Ordinal);
    }

    public async Task TruncateAsync(PartitionId partition, long epoch, long upTo, CancellationToken cancellationToken)
    {
        Check(partition);
        var write = new PostgresWrite(StoreOwners.Partition(partition), batch => batch.Truncate(partition, epoch, upTo)) { Partition = partition, Turn = WriteTurn.Ahead };
        while ((bool)(await Write(0, write, cancellationToken))!)
        {
        }
    }

    public async Task<int> ForgetMessagesAsync(PartitionId partition, long epoch, int today, CancellationToken cancellationToken)
    {
        Check(partition);
        var owner = StoreOwners.Partition(partition);
        var write = new PostgresWrite(owner, batch => Nothing(() => batch.CheckEpoch(owner, epoch)))
        {
            Partition = partition,
            Alone = async (connection, batch) => batch.Row(partition) is { Row: { } row } ? await PostgresMessages.Forget(connection, row, today) : 0,
        };
        return (int)(await Write(0, write, cancellationToken))!;
    }

    public async Task AmendAsync(PartitionId partition, long epoch, Amendment amendment, CancellationToken cancellationToken)
    {
        Check(partition);
        foreach (var user in amendment.RemoveUsers)
            PostgresText.CheckKey(user);
        foreach (var (_, payload) in amendment.Records)
        {
            if (payload is not null)
                PostgresText.CheckValue(payload);
        }
        Check(amendment.States);
        Check(partition.DocumentsTenant, amendment.Documents);
        var write = new PostgresWrite(StoreOwners.Partition(partition), batch => Nothing(() => batch.Amend(partition, epoch, amendment)))
        {
            Partition = partition,
            Alone = async (connection, batch) =>
            {
                if (batch.Row(partition) is { Row: { } row })
                    await PostgresAmendments.Run(connection, row, amendment);
                return null;
            },
        };
        await Write(amendment.Bytes, write, cancellationToken);
    }

    public async Task<string?> ScrubAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _writing.OpenConnectionAsync(cancellationToken);
            // With the statistics, which keep samples of ids.
            await using var vacuum = new NpgsqlCommand($"VACUUM (ANALYZE) {PostgresSchema.Emptied}", connection) { CommandTimeout = 0 };
            await vacuum.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            throw _errors.Translate(exception);
        }
        var tables = string.Join(", ", PostgresSchema.Emptied.Split(", ").Select(table => $"\"{_schema}\".{table}"));
        return $"On {Place} what was removed is out of the tables, but its bytes may remain in free space of their pages until"
            + $" 'VACUUM FULL {tables}' has run (best while the engine is stopped, for it locks them), and in the server's write-ahead log, archives,"
            + " standbys and dumps until these are recycled or deleted.";
    }

    public Task BackupAsync(string file, CancellationToken cancellationToken) =>
        Task.FromException(new StoreException(
            $"The store on {Place} is copied by PostgreSQL's own tools while the engine runs: pg_dump --format=custom --schema={_schema} --file=FILE DATABASE;"
            + " and brought back by pg_restore."));

    public async IAsyncEnumerable<StoredUser> ReadUserStatesAsync(
        PartitionId partition, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(partition);
        if (after is not null)
            PostgresText.CheckKey(after);
        while (true)
        {
            var from = after ?? "";
            // As in LoadUsersAsync; here the heads that follow say which users.
            var rows = await _readers.Rows(
                """
                WITH p AS MATERIALIZED (SELECT id FROM partition WHERE tenant = $1 AND number = $2),
                    w AS MATERIALIZED (
                        SELECT user_id, place, head FROM user_head WHERE partition = (SELECT id FROM p) AND user_id > $3 ORDER BY user_id LIMIT $4)
                SELECT user_id, NULL AS map, NULL AS first_key, place, head FROM w
                UNION ALL
                SELECT user_id, map, first_key, 0, data FROM w CROSS JOIN LATERAL (
                    SELECT map, first_key, data FROM user_chunk c WHERE c.partition = (SELECT id FROM p) AND c.user_id = w.user_id OFFSET 0) AS c
                ORDER BY user_id, map NULLS FIRST, first_key
                """,
                UserRow.Read, cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(from), Parameter(PageOfStates));
            var users = rows.GroupBy(row => row.User).Select(user => UserRow.State(user.Key, user)).ToArray();
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
            var records = await _readers.Rows(
                """
                SELECT place, user_id, payload FROM journal
                WHERE partition = (SELECT id FROM partition WHERE tenant = $1 AND number = $2) AND place > $3 ORDER BY place LIMIT $4
                """,
                row => new StoredRecord(row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2)),
                cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(after), Parameter(PageOfRecords));
            foreach (var record in records)
                yield return record;
            if (records.Count < PageOfRecords)
                yield break;
            after = records[^1].Offset;
        }
    }

    public async Task FlushAsync(
        PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint, CancellationToken cancellationToken)
    {
        Check(partition);
        Check(users);
        var bytes = users.Sum(user => user.Head.Length + user.Chunks.Sum(chunk => (long)(chunk.Data?.Length ?? 0)));
        var write = new PostgresWrite(StoreOwners.Partition(partition), batch => Nothing(() => batch.Flush(partition, epoch, users, checkpoint)))
        {
            Partition = partition,
            Users = users,
            Turn = WriteTurn.States,
        };
        await Write(bytes, write, cancellationToken);
    }

    public async Task WriteDocumentsAsync(
        string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(owner);
        Check(tenant, documents);
        var bytes = documents.Sum(document => (long)(document.Data?.Length ?? 0));
        await Write(bytes, new PostgresWrite(owner, batch => Nothing(() => batch.WriteDocuments(tenant, owner, epoch, documents))) { Turn = WriteTurn.Ahead }, cancellationToken);
    }

    public async Task DeleteDocumentsAsync(string tenant, string owner, long epoch, string kind, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(owner);
        PostgresText.CheckKey(tenant, kind);
        await Write(0, new PostgresWrite(owner, batch => Nothing(() => batch.DeleteDocuments(tenant, owner, epoch, kind))) { Turn = WriteTurn.Ahead }, cancellationToken);
    }

    /// <summary>Writes under one key take the same way, and so keep their order, but for what may overtake states (<see cref="WriteTurn"/>).</summary>
    private Task<object?> Write(long bytes, PostgresWrite write, CancellationToken cancellationToken) =>
        _commits[Core.StableHash.OfKey(write.Owner) % (ulong)_commits.Length].Execute(bytes, write, cancellationToken);

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
        // What is up to the last offset is there, unless its users were flushed since; so both statements see as good as one state. In the order of the offsets, or
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
            FROM unnest($3, $4) WITH ORDINALITY AS w (user_id, after, number) CROSS JOIN LATERAL (
                SELECT place, payload FROM journal j
                WHERE j.partition = (SELECT id FROM partition WHERE tenant = $1 AND number = $2) AND j.user_id = w.user_id AND j.place > w.after OFFSET 0) AS j
            ORDER BY w.number, j.place
            """,
            row => new StoredRecord(row.GetInt64(1), users[(int)row.GetInt64(0) - 1].User, row.GetFieldValue<byte[]>(2)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(users.Select(user => user.User).ToArray()),
            Parameter(users.Select(user => user.After).ToArray()));
        return [.. records];
    }

    public async Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken) =>
        await LoadUsersAsync(partition, [user], cancellationToken) is [var found] ? found : null;

    public async Task<OpenedUser> OpenUserAsync(PartitionId partition, string user, CancellationToken cancellationToken)
    {
        Check(partition);
        PostgresText.CheckKey(user);
        // As in LoadUsersAsync; the records come after them.
        var rows = await _readers.Rows(
            """
            WITH p AS MATERIALIZED (SELECT id FROM partition WHERE tenant = $1 AND number = $2),
                h AS MATERIALIZED (SELECT place, head FROM user_head WHERE partition = (SELECT id FROM p) AND user_id = $3)
            SELECT $3 AS user_id, NULL::smallint AS map, NULL AS first_key, place, head, false AS is_record FROM h
            UNION ALL
            SELECT $3, map, first_key, 0, data, false FROM user_chunk WHERE partition = (SELECT id FROM p) AND user_id = $3
            UNION ALL
            SELECT $3, NULL, NULL, place, payload, true FROM journal
            WHERE partition = (SELECT id FROM p) AND user_id = $3 AND place > coalesce((SELECT place FROM h), 0)
            ORDER BY is_record, map NULLS FIRST, first_key, place
            """,
            row => (IsRecord: row.GetBoolean(5), Row: UserRow.Read(row)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(user));
        var state = rows.Where(row => !row.IsRecord).Select(row => row.Row).ToArray();
        return new OpenedUser(
            state.Length == 0 ? null : UserRow.State(user, state),
            [.. rows.Where(row => row.IsRecord).Select(row => new StoredRecord(row.Row.Offset, user, row.Row.Data))]);
    }

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
            SELECT user_id, NULL AS map, NULL AS first_key, place, head, number FROM w CROSS JOIN LATERAL (
                SELECT place, head FROM user_head h WHERE h.partition = (SELECT id FROM p) AND h.user_id = w.user_id OFFSET 0) AS h
            UNION ALL
            SELECT user_id, map, first_key, 0, data, number FROM w CROSS JOIN LATERAL (
                SELECT map, first_key, data FROM user_chunk c WHERE c.partition = (SELECT id FROM p) AND c.user_id = w.user_id OFFSET 0) AS c
            ORDER BY number, map NULLS FIRST, first_key
            """,
            row => (Number: row.GetInt64(5), Row: UserRow.Read(row)),
            cancellationToken, Parameter(partition.Tenant), Parameter(partition.Number), Parameter(users.ToArray()));
        return [.. rows.GroupBy(row => row.Number, row => row.Row).Select(user => UserRow.State(users[(int)user.Key - 1], user))];
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

    public Task<byte[]?> ReadDocumentAsync(string tenant, string kind, string key, CancellationToken cancellationToken) =>
        DocumentAsync(tenant, kind, key, row => row.GetFieldValue<byte[]>(0), cancellationToken);

    public Task<T?> ReadDocumentAsync<T>(string tenant, string kind, string key, Func<ReadOnlySpan<byte>, T> read, CancellationToken cancellationToken)
        where T : class
    {
        return DocumentAsync(tenant, kind, key, Read, cancellationToken);

        T Read(NpgsqlDataReader row)
        {
            var length = checked((int)row.GetBytes(0, 0, null, 0, 0));
            var bytes = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                row.GetBytes(0, 0, bytes, 0, length);
                return read(bytes.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    private async Task<T?> DocumentAsync<T>(string tenant, string kind, string key, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        PostgresText.CheckKey(tenant, kind, key);
        var found = await _readers.Rows(
            "SELECT data FROM document WHERE tenant = $1 AND kind = $2 AND key = $3", read, cancellationToken, Parameter(tenant), Parameter(kind), Parameter(key));
        return found is [var only] ? only : null;
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

    private static void Check(IReadOnlyList<UserWrite> users)
    {
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
    }

    private static void Check(string tenant, IReadOnlyList<DocumentWrite> documents)
    {
        foreach (var document in documents)
        {
            PostgresText.CheckKey(tenant, document.Kind, document.Key);
            if (document.Data is not null)
                PostgresText.CheckValue(document.Data);
        }
        StoreChecks.Documents(documents);
    }

    /// <summary>A row of a user's state: of the head, which has no map and comes first, or of a chunk.</summary>
    private readonly record struct UserRow(string User, byte? Map, string FirstKey, long Offset, byte[] Data)
    {
        public static UserRow Read(NpgsqlDataReader row) =>
            new(row.GetString(0), row.IsDBNull(1) ? null : (byte)row.GetInt16(1), row.IsDBNull(2) ? "" : row.GetString(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4));

        public static StoredUser State(string user, IEnumerable<UserRow> rows)
        {
            UserRow[] all = [.. rows];
            return new StoredUser(user, all[0].Offset, all[0].Data, [.. all[1..].Select(chunk => new StoredChunk(chunk.Map!.Value, chunk.FirstKey, chunk.Data))]);
        }
    }

    /// <summary>Commits what is queued, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        foreach (var commits in _commits)
            await commits.DisposeAsync();
        await _writing.DisposeAsync();
    }
}
