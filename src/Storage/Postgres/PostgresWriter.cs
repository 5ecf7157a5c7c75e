using System.Data;
using Npgsql;
using static Auie.Storage.Postgres.PostgresStatements;

namespace Auie.Storage.Postgres;

/// <summary>
/// One writing connection, made anew after a failure. A transaction takes two rounds: the first locks the epochs of everyone who writes
/// and reads what the writes depend on, the second writes the rows and commits.
/// </summary>
internal sealed class PostgresWriter(NpgsqlDataSource source) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Whether the last transaction had come so far that its outcome may be unknown.</summary>
    public bool Committing { get; private set; }

    /// <summary>Runs the writes in one transaction, which is on disk when this ends well; where it fails, the connection is given up.</summary>
    public async Task Commit(List<QueuedWrite<PostgresWrite>> writes)
    {
        Committing = false;
        if (writes.Count > 1 && writes.Exists(write => write.Action.Alone is not null))
            throw new InvalidOperationException("A write that is to be alone shares its transaction.");
        try
        {
            // One that has nothing to do is asked now and then whether it is still there, and may have been found dead.
            if (_connection is { State: not ConnectionState.Open })
                await DisposeAsync();
            _connection ??= await source.OpenConnectionAsync();
            var batch = await Lock(_connection, writes);
            foreach (var write in writes)
                Apply(write, batch);
            if (writes is [{ Action.Alone: { } alone, Refusal: null } only])
                only.Result = await alone(_connection, batch);
            foreach (var partition in batch.Partitions.Where(partition => partition.Row is null))
                await Create(_connection, partition);
            await using var rows = Rows(batch);
            rows.Connection = _connection;
            Committing = true;
            await rows.ExecuteNonQueryAsync();
            Committing = false;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private static async Task<PostgresBatch> Lock(NpgsqlConnection connection, List<QueuedWrite<PostgresWrite>> writes)
    {
        var claims = writes.Where(write => write.Action.Claims).Select(write => write.Action.Owner).Distinct().ToArray();
        var owners = writes.Select(write => write.Action.Owner).Distinct().ToArray();
        var partitions = writes.Where(write => write.Action.Partition is not null).Select(write => write.Action.Partition!.Value).Distinct().ToArray();
        var users = writes.SelectMany(write => write.Action.Users.Select(user => (Partition: write.Action.Partition!.Value, user.User))).Distinct().ToArray();

        await using var statements = new NpgsqlBatch(connection);
        statements.Add("BEGIN");
        // A key that two processes claim for the first time has a row for both to wait at.
        if (claims.Length > 0)
            statements.Add("INSERT INTO epoch SELECT owner, 0 FROM unnest($1) AS owner ORDER BY owner ON CONFLICT DO NOTHING", Of(claims));
        // In one order, so that two processes don't wait for each other.
        statements.Add("SELECT owner, epoch FROM epoch WHERE owner = ANY ($1) ORDER BY owner FOR UPDATE", Of(owners));
        statements.Add(
            "SELECT tenant, number, id, last_offset, checkpoint, truncated FROM unnest($1, $2) AS w (tenant, number) JOIN partition USING (tenant, number)",
            Of(Array.ConvertAll(partitions, partition => partition.Tenant)), Of(Array.ConvertAll(partitions, partition => partition.Number)));
        statements.Add(
            """
            SELECT w.tenant, w.number, w.user_id, h.place
            FROM unnest($1, $2, $3) AS w (tenant, number, user_id)
                CROSS JOIN LATERAL (SELECT id FROM partition p WHERE p.tenant = w.tenant AND p.number = w.number OFFSET 0) AS p
                CROSS JOIN LATERAL (SELECT place FROM user_head h WHERE h.partition = p.id AND h.user_id = w.user_id OFFSET 0) AS h
            """,
            Of(Array.ConvertAll(users, user => user.Partition.Tenant)), Of(Array.ConvertAll(users, user => user.Partition.Number)),
            Of(Array.ConvertAll(users, user => user.User)));
        var messages = writes.Where(write => write.Action.Keys.Count > 0).GroupBy(write => write.Action.Partition!.Value)
            .Select(partition => (Partition: partition.Key, Keys: partition.SelectMany(write => write.Action.Keys).ToArray())).ToArray();
        foreach (var (partition, keys) in messages)
        {
            statements.Add(
                """
                SELECT w.number, m.digest FROM unnest($3, $4) WITH ORDINALITY AS w (sender, message, number)
                    CROSS JOIN LATERAL (
                        SELECT digest FROM message m
                        WHERE m.partition = (SELECT id FROM partition WHERE tenant = $1 AND number = $2) AND m.sender = w.sender AND m.message = w.message OFFSET 0) AS m
                """,
                One(partition.Tenant), One(partition.Number), Of(keys, PostgresMessages.Sender), Of(keys, PostgresMessages.Message));
        }

        var batch = new PostgresBatch();
        await using var found = await statements.ExecuteReaderAsync();
        while (await found.ReadAsync())
            batch.Found(found.GetString(0), found.GetInt64(1));
        await found.NextResultAsync();
        while (await found.ReadAsync())
            batch.Found(new PartitionId(found.GetString(0), found.GetInt32(1)), found.GetInt32(2), found.GetInt64(3), found.GetInt64(4), found.GetInt64(5));
        await found.NextResultAsync();
        while (await found.ReadAsync())
            batch.Found(new PartitionId(found.GetString(0), found.GetInt32(1)), found.GetString(2), found.GetInt64(3));
        foreach (var (partition, keys) in messages)
        {
            await found.NextResultAsync();
            while (await found.ReadAsync())
                batch.Found(partition, keys[found.GetInt64(0) - 1], found.GetInt64(1));
        }
        return batch;
    }

    private static void Apply(QueuedWrite<PostgresWrite> write, PostgresBatch batch)
    {
        write.Refusal = null;
        try
        {
            write.Result = write.Action.Apply(batch);
        }
        catch (Exception exception) when (exception is FencedException or ArgumentException)
        {
            write.Refusal = exception;
        }
    }

    private static async Task Create(NpgsqlConnection connection, PostgresPartition partition)
    {
        await using var insert = new NpgsqlCommand(
            "INSERT INTO partition (tenant, number, last_offset, checkpoint) VALUES ($1, $2, 0, 0) RETURNING id", connection);
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = partition.Id.Tenant });
        insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition.Id.Number });
        partition.Row = (int)(await insert.ExecuteScalarAsync())!;
    }

    /// <summary>The statements that write what came of a batch, and commit.</summary>
    private static NpgsqlBatch Rows(PostgresBatch batch)
    {
        var statements = new NpgsqlBatch();
        foreach (var some in Slices(batch.Claimed))
        {
            statements.Add(
                "UPDATE epoch SET epoch = w.epoch FROM unnest($1, $2) AS w (owner, epoch) WHERE epoch.owner = w.owner",
                Of(some, claim => claim.Owner), Of(some, claim => claim.Epoch));
        }
        foreach (var some in Slices(batch.Partitions))
        {
            statements.Add(
                """
                UPDATE partition SET last_offset = w.last_offset, checkpoint = w.checkpoint, truncated = w.truncated
                FROM unnest($1, $2, $3, $4) AS w (id, last_offset, checkpoint, truncated) WHERE partition.id = w.id
                """,
                Of(some, partition => partition.Row!.Value), Of(some, partition => partition.LastOffset), Of(some, partition => partition.Checkpoint),
                Of(some, partition => partition.Truncated));
        }
        foreach (var some in Slices(batch.Records, record => record.Record.Payload))
        {
            statements.Add(
                "INSERT INTO journal SELECT * FROM unnest($1, $2, $3, $4)",
                Of(some, record => record.Partition.Row!.Value), Of(some, record => record.Offset), Of(some, record => record.Record.User),
                Of(some, record => record.Record.Payload));
        }
        foreach (var some in Slices(batch.Messages))
        {
            statements.Add(
                "INSERT INTO message SELECT * FROM unnest($1, $2, $3, $4, $5)",
                Of(some, message => message.Partition.Row!.Value), Of(some, message => message.Key.ForgetAfter), Of(some, message => PostgresMessages.Sender(message.Key)),
                Of(some, message => message.Key.Digest), Of(some, message => PostgresMessages.Message(message.Key)));
        }
        // After the records: what this transaction appends, and flushes, it may remove as well.
        foreach (var some in Slices(batch.Partitions.Where(partition => partition.Truncated > partition.WasTruncated)))
        {
            statements.Add(
                """
                DELETE FROM journal USING unnest($1, $2, $3) AS w (partition, after, up_to)
                WHERE journal.partition = w.partition AND journal.place > w.after AND journal.place <= w.up_to
                """,
                Of(some, partition => partition.Row!.Value), Of(some, partition => partition.WasTruncated), Of(some, partition => partition.Truncated));
        }
        AddUsers(statements, batch);
        AddDocuments(statements, batch);
        statements.Add("COMMIT");
        return statements;
    }

    private static void AddUsers(NpgsqlBatch statements, PostgresBatch batch)
    {
        foreach (var some in Slices(batch.Heads, head => head.Value.Head))
        {
            statements.Add(
                """
                INSERT INTO user_head SELECT * FROM unnest($1, $2, $3, $4)
                ON CONFLICT (partition, user_id) DO UPDATE SET place = excluded.place, head = excluded.head
                """,
                Of(some, head => head.Key.Partition.Row!.Value), Of(some, head => head.Key.User), Of(some, head => head.Value.Offset),
                Of(some, head => head.Value.Head));
        }
        foreach (var some in Slices(batch.Chunks.Where(chunk => chunk.Value is null)))
        {
            statements.Add(
                """
                DELETE FROM user_chunk USING unnest($1, $2, $3, $4) AS w (partition, user_id, map, first_key)
                WHERE (user_chunk.partition, user_chunk.user_id, user_chunk.map, user_chunk.first_key) = (w.partition, w.user_id, w.map, w.first_key)
                """,
                Of(some, chunk => chunk.Key.Partition.Row!.Value), Of(some, chunk => chunk.Key.User), Of(some, chunk => (short)chunk.Key.Map),
                Of(some, chunk => chunk.Key.FirstKey));
        }
        foreach (var some in Slices(batch.Chunks.Where(chunk => chunk.Value is not null), chunk => chunk.Value))
        {
            statements.Add(
                """
                INSERT INTO user_chunk SELECT * FROM unnest($1, $2, $3, $4, $5)
                ON CONFLICT (partition, user_id, map, first_key) DO UPDATE SET data = excluded.data
                """,
                Of(some, chunk => chunk.Key.Partition.Row!.Value), Of(some, chunk => chunk.Key.User), Of(some, chunk => (short)chunk.Key.Map),
                Of(some, chunk => chunk.Key.FirstKey), Of(some, chunk => chunk.Value!));
        }
    }

    private static void AddDocuments(NpgsqlBatch statements, PostgresBatch batch)
    {
        foreach (var some in Slices(batch.RemovedKinds))
        {
            statements.Add(
                "DELETE FROM document USING unnest($1, $2) AS w (tenant, kind) WHERE (document.tenant, document.kind) = (w.tenant, w.kind)",
                Of(some, kind => kind.Tenant), Of(some, kind => kind.Kind));
        }
        foreach (var some in Slices(batch.Documents.Where(document => document.Value is null)))
        {
            statements.Add(
                """
                DELETE FROM document USING unnest($1, $2, $3) AS w (tenant, kind, key)
                WHERE (document.tenant, document.kind, document.key) = (w.tenant, w.kind, w.key)
                """,
                Of(some, document => document.Key.Tenant), Of(some, document => document.Key.Kind), Of(some, document => document.Key.Key));
        }
        foreach (var some in Slices(batch.Documents.Where(document => document.Value is not null), document => document.Value))
        {
            statements.Add(
                "INSERT INTO document SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (tenant, kind, key) DO UPDATE SET data = excluded.data",
                Of(some, document => document.Key.Tenant), Of(some, document => document.Key.Kind), Of(some, document => document.Key.Key),
                Of(some, document => document.Value!));
        }
    }

    /// <summary>Gives up the connection; the server undoes what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync();
    }
}
