using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// The tables of a store and how they came about: migrations in their order, each applied once, in a transaction under a lock that lets
/// silos that start at one time pass one after the other.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>"AUIE" and the schema's name are the keys of the advisory lock.</summary>
    private const int LockKey = 0x41554945;

    private const int OldestServer = 12;

    /// <summary>The tables that things are taken out of.</summary>
    public const string Emptied = "journal, user_head, user_chunk, message, document";

    /// <summary>What makes each version out of the one before; only ever added to. Text is ordered as its UTF-8 bytes.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE setting (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
        CREATE TABLE epoch (owner text COLLATE "C" PRIMARY KEY, epoch bigint NOT NULL);
        CREATE TABLE partition (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, number integer NOT NULL,
            last_offset bigint NOT NULL, checkpoint bigint NOT NULL, UNIQUE (tenant, number)) WITH (fillfactor = 50);
        CREATE TABLE journal (
            partition integer NOT NULL, place bigint NOT NULL, user_id text COLLATE "C" NOT NULL, payload bytea NOT NULL,
            PRIMARY KEY (partition, place));
        CREATE INDEX journal_by_user ON journal (partition, user_id, place);
        CREATE TABLE user_head (
            partition integer NOT NULL, user_id text COLLATE "C" NOT NULL, place bigint NOT NULL, head bytea NOT NULL,
            PRIMARY KEY (partition, user_id));
        CREATE TABLE user_chunk (
            partition integer NOT NULL, user_id text COLLATE "C" NOT NULL, map smallint NOT NULL, first_key text COLLATE "C" NOT NULL,
            data bytea NOT NULL, PRIMARY KEY (partition, user_id, map, first_key));
        CREATE TABLE document (
            tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, data bytea NOT NULL,
            PRIMARY KEY (tenant, kind, key));
        """,
        // truncated: up to where the journal was cut. forget_…: the message that the search for those to forget has come to.
        """
        CREATE TABLE message (
            partition integer NOT NULL, forget_after integer NOT NULL, sender bigint NOT NULL, digest bigint NOT NULL, message uuid NOT NULL,
            PRIMARY KEY (partition, sender, message));
        ALTER TABLE partition ADD COLUMN truncated bigint NOT NULL DEFAULT 0,
            ADD COLUMN forget_sender bigint NOT NULL DEFAULT -9223372036854775808,
            ADD COLUMN forget_message uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
        """,
    ];

    /// <summary>Makes the tables, brings those of an older program up to date, or checks them.</summary>
    /// <returns>The store's count of partitions.</returns>
    /// <exception cref="StoreException">The database is not one that a store can be in, or its store is not one that this program knows.</exception>
    public static async Task<int> Prepare(NpgsqlConnection connection, PostgresStoreOptions options, string place)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new StoreException($"The server of {place} is of version {connection.PostgreSqlVersion}; at least {OldestServer} is needed.");
        if (await Scalar<string>(connection, "SELECT current_setting('server_encoding')") is not "UTF8" and var encoding)
            throw new StoreException($"The database of {place} has the encoding {encoding}; a store needs UTF8.");

        while (await MigrateOnce(connection, options, place))
        {
        }
        var made = (int)await Scalar<long>(connection, "SELECT value FROM setting WHERE name = 'partitions'");
        if (options.Partitions is { } wanted && wanted != made)
            throw new StoreException($"The store on {place} was made with {made} partitions and cannot be opened with {wanted}: users would be looked for in the wrong ones.");
        return made;
    }

    /// <returns>Whether there was a version to go on to.</returns>
    private static async Task<bool> MigrateOnce(NpgsqlConnection connection, PostgresStoreOptions options, string place)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await Execute(connection, "SELECT pg_advisory_xact_lock($1, hashtext($2))", LockKey, options.Schema);
        var version = await Version(connection, options.Schema, place);
        if (version > Migrations.Length)
            throw new StoreException($"The store on {place} has schema version {version}; this program knows versions up to {Migrations.Length}. Open it with the program that wrote it.");
        if (version == Migrations.Length)
            return false;
        if (version == 0)
            await Create(connection, options.Schema);
        await Execute(connection, Migrations[version]);
        if (version == 0)
            await Execute(connection, "INSERT INTO setting VALUES ('partitions', $1)", (long)(options.Partitions ?? PostgresStoreOptions.DefaultPartitions));
        await Execute(connection, "INSERT INTO auie_schema VALUES ($1)", version + 1);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>The version of the tables that are there; 0 where there are none.</summary>
    private static async Task<int> Version(NpgsqlConnection connection, string schema, string place)
    {
        if (await Scalar<bool>(connection, "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'auie_schema')", schema))
            return await Scalar<int>(connection, "SELECT max(version) FROM auie_schema");
        // The membership table of the silos may be there already.
        if (await Scalar<bool>(connection, "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relname NOT LIKE 'cluster\\_%')", schema))
            throw new StoreException($"The schema '{schema}' of {place} holds another program's tables, not a store of this engine; name another by Store:Schema.");
        return 0;
    }

    private static async Task Create(NpgsqlConnection connection, string schema)
    {
        // Who may use a schema that is there is not always allowed to make one.
        if (!await Scalar<bool>(connection, "SELECT to_regnamespace($1) IS NOT NULL", schema))
            await Execute(connection, $"CREATE SCHEMA \"{schema}\"");
        await Execute(connection, "CREATE TABLE auie_schema (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
    }

    // CA2100: every text that comes here is a constant of this project, with a schema's name at the most put in, which was checked.
#pragma warning disable CA2100
    private static async Task Execute(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
#pragma warning restore CA2100
}
