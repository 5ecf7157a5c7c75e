using System.Diagnostics.CodeAnalysis;
using Auie.Runtime.Cluster;
using Auie.Storage;
using Auie.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Auie.Silo.Cluster;

/// <summary>
/// The membership table in the schema of a store on PostgreSQL. A call is one round trip, and one transaction: a batch without BEGIN, so that a silo that falls silent never
/// holds a lock.
/// </summary>
/// <remarks>
/// Whatever changes more than one silo's own row locks <c>cluster_meta</c> first, so that such changes come one after the other and never wait for each other in a circle. A
/// mere heartbeat only updates the silo's row. Who puts a silo out deletes that row where its lease has run out: the server lets one of the two wait for the other, and then
/// looks at the lease again. The server's clock must not jump ahead by more than the margin of the leases; should it, writes are kept apart by the store's epochs still.
/// </remarks>
public sealed class PostgresMembership : IMembershipTable, IAsyncDisposable
{
    private const int SchemaVersion = 1;

    /// <summary>With the schema's name the key of the advisory lock under which the tables are made; another than those of the store.</summary>
    private const int LockKey = 0x41554947;

    /// <summary>A heartbeat that hangs is given up, and the next must not wait for its connection.</summary>
    private const int Connections = 4;

    private const int Attempts = 3;

    private static readonly string[] Tables =
    [
        """
        CREATE TABLE cluster_meta (
            sole boolean PRIMARY KEY DEFAULT true CHECK (sole), schema_version integer NOT NULL, slots integer NOT NULL,
            view_version bigint NOT NULL DEFAULT 0, generation bigint NOT NULL DEFAULT 0,
            secret bytea)
        """,
        """
        CREATE TABLE cluster_silos (
            generation bigint PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, address text NOT NULL, version text NOT NULL, status smallint NOT NULL DEFAULT 0,
            expires timestamptz NOT NULL, beat bigint NOT NULL DEFAULT 0,
            activations integer NOT NULL DEFAULT 0, pending bigint NOT NULL DEFAULT 0, memory bigint NOT NULL DEFAULT 0,
            unreachable bigint[]) WITH (fillfactor = 50)
        """,
        "CREATE TABLE cluster_slots (slot integer PRIMARY KEY, owner bigint) WITH (fillfactor = 50)",
    ];

    /// <summary>What was added since tables were first made, without which programs of before do as well: so the version stays.</summary>
    private static readonly string[] Additions =
    [
        "ALTER TABLE cluster_silos ADD COLUMN IF NOT EXISTS unreachable bigint[]",
        "ALTER TABLE cluster_meta ADD COLUMN IF NOT EXISTS secret bytea",
    ];

    private const string LacksAdditions = """
        SELECT NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('cluster_silos') AND attname = 'unreachable')
            OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('cluster_meta') AND attname = 'secret')
        """;

    /// <summary>Where no silo's lease runs, or those that run are of before the column and said nothing, the secret may be another.</summary>
    private const string SetSecret = """
        UPDATE cluster_meta SET secret = $1
        WHERE secret IS NULL OR secret = $1 OR NOT EXISTS (SELECT FROM cluster_silos WHERE expires > clock_timestamp())
        RETURNING true
        """;

    private const string LockChanges = "SELECT FROM cluster_meta FOR UPDATE";

    private const string Renew = """
        UPDATE cluster_silos SET expires = clock_timestamp() + $3, beat = $2, activations = $4, pending = $5, memory = $6, unreachable = $7
        WHERE generation = $1 AND beat < $2 RETURNING generation
        """;

    /// <summary>Whether the heartbeat $2 of the silo $1 has renewed its lease in this very transaction.</summary>
    private const string Renewed = """
        EXISTS (SELECT FROM cluster_silos WHERE generation = $1 AND beat = $2 AND xmin::text = (txid_current() % 4294967296)::text)
        """;

    private const string Release = $"UPDATE cluster_slots SET owner = NULL WHERE slot = ANY($3) AND owner = $1 AND {Renewed}";

    private const string FreeSlotsOfGone = "UPDATE cluster_slots SET owner = NULL WHERE owner IN (SELECT generation FROM gone)";

    private const string PutOut = $"""
        WITH gone AS (
            DELETE FROM cluster_silos
            WHERE expires <= clock_timestamp() AND generation <> $1 AND generation = ANY(ARRAY(SELECT owner FROM cluster_slots WHERE slot = ANY($3))) AND {Renewed}
            RETURNING generation)
        {FreeSlotsOfGone}
        """;

    private const string Claim = $"UPDATE cluster_slots SET owner = $1 WHERE slot = ANY($3) AND owner IS NULL AND {Renewed}";

    private const string CountChange = $"UPDATE cluster_meta SET view_version = view_version + 1 WHERE {Renewed}";

    /// <summary>Who joins with another secret changes nothing. Who was seen as expired may have renewed since; at the address of who joins nobody else runs.</summary>
    private const string TakeOut = $"""
        WITH gone AS (
            DELETE FROM cluster_silos
            WHERE generation = $1 AND (expires <= clock_timestamp() OR address = $3) AND EXISTS (SELECT FROM cluster_meta WHERE secret = $2)
            RETURNING generation)
        {FreeSlotsOfGone}
        """;

    /// <summary>Those that never had a slot, or have none any more, are put out by nobody's claim.</summary>
    private const string Sweep = """
        DELETE FROM cluster_silos
        WHERE expires <= clock_timestamp() AND generation <> ALL(ARRAY(SELECT owner FROM cluster_slots WHERE owner IS NOT NULL)) AND EXISTS (SELECT FROM cluster_meta WHERE secret = $1)
        """;

    private const string NewGeneration = "UPDATE cluster_meta SET generation = generation + 1, view_version = view_version + 1 WHERE secret = $1";

    private const string Enter = """
        INSERT INTO cluster_silos (generation, name, address, version, expires, unreachable) SELECT generation, $1, $2, $3, clock_timestamp() + $4, '{}' FROM cluster_meta WHERE secret = $5
        ON CONFLICT (name) DO NOTHING RETURNING generation
        """;

    private const string SetStatus = """
        WITH changed AS (UPDATE cluster_silos SET status = $2 WHERE generation = $1 AND status <> $2 RETURNING generation)
        UPDATE cluster_meta SET view_version = view_version + 1 WHERE EXISTS (SELECT FROM changed)
        """;

    private const string Leave = $"""
        WITH gone AS (DELETE FROM cluster_silos WHERE generation = $1 RETURNING generation), freed AS ({FreeSlotsOfGone})
        UPDATE cluster_meta SET view_version = view_version + 1 WHERE EXISTS (SELECT FROM gone)
        """;

    /// <summary>One statement, and so of one moment: a row a silo, the owners with the first.</summary>
    private const string View = """
        SELECT view_version, CASE WHEN row_number() OVER (ORDER BY s.generation) = 1 THEN ARRAY(SELECT owner FROM cluster_slots ORDER BY slot) END,
            s.generation, name, address, version, status, expires <= clock_timestamp(), activations, pending, memory, unreachable
        FROM cluster_meta LEFT JOIN cluster_silos s ON true ORDER BY s.generation
        """;

    private readonly NpgsqlDataSource _source;
    private readonly PostgresErrors _errors;
    private readonly string _schema;

    private PostgresMembership(NpgsqlDataSource source, PostgresErrors errors, string schema) => (_source, _errors, _schema) = (source, errors, schema);

    /// <summary>The table of the cluster that shares a store. Nothing is asked of the server yet.</summary>
    /// <param name="connectionString">As the store's.</param>
    /// <param name="options">The store's: they say which schema it is in.</param>
    /// <param name="patience">How long the server may take for a statement, and to be connected to.</param>
    /// <exception cref="StoreException">The text is no connection string.</exception>
    public static PostgresMembership Open(string connectionString, PostgresStoreOptions options, TimeSpan patience)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.FromMilliseconds(1));
        var limited = options with { CommandTimeout = patience };
        var settings = PostgresSession.Settings(connectionString, limited);
        settings.MaxPoolSize = Connections;
        settings.Timeout = settings.CommandTimeout;
        settings.CancellationTimeout = (int)Math.Min(settings.CancellationTimeout, Math.Ceiling(patience.TotalMilliseconds));
        settings.Options = $"{settings.Options} -c statement_timeout={(long)Math.Ceiling(patience.TotalMilliseconds)}".TrimStart();
        return new(PostgresSession.Source(settings, limited), new PostgresErrors(settings), options.Schema);
    }

    public Task PrepareAsync(int slots, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        return Run(connection => Prepare(connection, slots, cancellationToken), cancellationToken);
    }

    public Task<SiloId?> JoinAsync(string name, SiloId? earlier, string address, string version, byte[] secret, TimeSpan lease, CancellationToken cancellationToken)
    {
        PostgresText.CheckKey(name);
        return Run(
            async connection =>
            {
                await using var batch = Batch(connection, LockChanges);
                Add(batch, SetSecret, Value(secret));
                if (earlier is { } id)
                    Add(batch, TakeOut, Value(id.Generation), Value(secret), Value(address));
                Add(batch, Sweep, Value(secret));
                Add(batch, NewGeneration, Value(secret));
                Add(batch, Enter, Value(name), Value(address), Value(version), Value(lease), Value(secret));
                await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
                await reader.NextResultAsync(cancellationToken);
                if (!await reader.ReadAsync(cancellationToken))
                    throw new InvalidOperationException(IMembershipTable.OtherSecret);
                await reader.NextResultAsync(cancellationToken);
                return await reader.ReadAsync(cancellationToken) ? new SiloId(name, reader.GetInt64(0)) : (SiloId?)null;
            },
            cancellationToken);
    }

    public Task<ClusterView?> BeatAsync(Heartbeat beat, CancellationToken cancellationToken) => Run(
        async connection =>
        {
            var changes = beat.Release.Count > 0 || beat.Claim.Count > 0;
            var (silo, number) = (beat.Silo.Generation, beat.Number);
            await using var batch = connection.CreateBatch();
            if (changes)
                Add(batch, LockChanges);
            Add(batch, Renew, Value(silo), Value(number), Value(beat.Lease), Value(beat.Load.Activations), Value(beat.Load.Pending), Value(beat.Load.MemoryBytes), Value(beat.Unreachable.ToArray()));
            if (beat.Release.Count > 0)
                Add(batch, Release, Value(silo), Value(number), Value(beat.Release.ToArray()));
            if (beat.Claim.Count > 0)
            {
                Add(batch, PutOut, Value(silo), Value(number), Value(beat.Claim.ToArray()));
                Add(batch, Claim, Value(silo), Value(number), Value(beat.Claim.ToArray()));
            }

            if (changes)
                Add(batch, CountChange, Value(silo), Value(number));
            Add(batch, View);

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (changes)
                await reader.NextResultAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            await reader.NextResultAsync(cancellationToken);
            return await ReadView(reader, cancellationToken);
        },
        cancellationToken);

    public Task LeaveAsync(SiloId silo, CancellationToken cancellationToken) => Run(
        async connection =>
        {
            await using var batch = Batch(connection, LockChanges);
            Add(batch, Leave, Value(silo.Generation));
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public Task<bool> SetStatusAsync(SiloId silo, SiloStatus status, CancellationToken cancellationToken) => Run(
        async connection =>
        {
            await using var batch = Batch(connection, LockChanges);
            Add(batch, SetStatus, Value(silo.Generation), Value((short)status));
            Add(batch, "SELECT generation FROM cluster_silos WHERE generation = $1", Value(silo.Generation));
            return await LastScalar(batch, cancellationToken) is long;
        },
        cancellationToken);

    public Task<ClusterView> ReadAsync(CancellationToken cancellationToken) => Run(
        async connection =>
        {
            try
            {
                await using var batch = Batch(connection, View);
                await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
                return await ReadView(reader, cancellationToken);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                throw new InvalidOperationException($"The schema '{_schema}' of {_errors.Place} has no cluster: no silo has joined one there yet.", exception);
            }
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<bool> Prepare(NpgsqlConnection connection, int slots, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var begin = Batch(connection, "SELECT pg_advisory_xact_lock($1, hashtext($2))", Value(LockKey), Value(_schema)))
            await begin.ExecuteNonQueryAsync(cancellationToken);
        bool made, hasSchema;
        await using (var look = Batch(connection, "SELECT to_regclass('cluster_meta') IS NOT NULL, to_regnamespace($1) IS NOT NULL", Value(_schema)))
        await using (var found = await look.ExecuteReaderAsync(cancellationToken))
        {
            await found.ReadAsync(cancellationToken);
            (made, hasSchema) = (found.GetBoolean(0), found.GetBoolean(1));
        }

        if (made)
        {
            await Check(connection, slots, cancellationToken);
            await AddToIt(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return false;
        }

        await using var make = connection.CreateBatch();
        // Who may use a schema that is there is not always allowed to make one.
        if (!hasSchema)
            Add(make, $"CREATE SCHEMA \"{_schema}\"");
        foreach (var table in Tables)
            Add(make, table);
        Add(make, "INSERT INTO cluster_meta (schema_version, slots) VALUES ($1, $2)", Value(SchemaVersion), Value(slots));
        Add(make, "INSERT INTO cluster_slots SELECT generate_series(0, $1 - 1)", Value(slots));
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Silos of the program before go on with the table meanwhile, and after.</summary>
    private static async Task AddToIt(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var look = Batch(connection, LacksAdditions))
        {
            if (await LastScalar(look, cancellationToken) is not true)
                return;
        }

        await using var batch = Batch(connection, LockChanges);
        foreach (var addition in Additions)
            Add(batch, addition);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task Check(NpgsqlConnection connection, int slots, CancellationToken cancellationToken)
    {
        await using var batch = Batch(connection, "SELECT schema_version, slots FROM cluster_meta");
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (version, made) = (reader.GetInt32(0), reader.GetInt32(1));
        if (version > SchemaVersion)
            throw new InvalidOperationException($"The cluster on {_errors.Place} has schema version {version}; this program knows versions up to {SchemaVersion}. Join it with the program that made it.");
        if (made != slots)
            throw new InvalidOperationException($"The cluster on {_errors.Place} was made with {made} slots and cannot be joined with {slots}: silos would look for users in the wrong ones.");
    }

    private static async Task<ClusterView> ReadView(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var silos = new List<SiloInfo>();
        var version = 0L;
        long?[] owners = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            if (!await reader.IsDBNullAsync(1, cancellationToken))
                owners = reader.GetFieldValue<long?[]>(1);
            if (await reader.IsDBNullAsync(2, cancellationToken))
                continue;
            var load = new SiloLoad(reader.GetInt32(8), reader.GetInt64(9), reader.GetInt64(10));
            silos.Add(new(new(reader.GetString(3), reader.GetInt64(2)), reader.GetString(4), reader.GetString(5), (SiloStatus)reader.GetInt16(6), reader.GetBoolean(7), load) { Unreachable = await reader.IsDBNullAsync(11, cancellationToken) ? null : reader.GetFieldValue<long[]>(11) });
        }

        var ids = silos.ToDictionary(silo => silo.Id.Generation, silo => silo.Id);
        return new(version, silos, [.. owners.Select(owner => owner is { } generation ? ids[generation] : (SiloId?)null)]);
    }

    /// <summary>Runs a transaction, once more where the server chose it as a victim and undid it.</summary>
    private async Task<T> Run<T>(Func<NpgsqlConnection, Task<T>> transaction, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return await transaction(connection);
            }
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected && attempt < Attempts)
            {
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                throw _errors.Translate(exception, outcomeUnknown: !PostgresErrors.IsSurelyUndone(exception));
            }
        }
    }

    /// <summary>The first value that the last statement gives which gives any rows at all; null where it has none.</summary>
    private static async Task<object?> LastScalar(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        object? last;
        do
            last = await reader.ReadAsync(cancellationToken) && reader.FieldCount > 0 ? reader.GetValue(0) : null;
        while (await reader.NextResultAsync(cancellationToken));
        return last;
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var batch = connection.CreateBatch();
        Add(batch, sql, parameters);
        return batch;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants of this class, with a schema's name at the most put in, which was checked.")]
    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<TimeSpan> Value(TimeSpan value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Interval };
}
