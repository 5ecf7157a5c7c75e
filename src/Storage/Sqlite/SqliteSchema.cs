using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>The tables of a store, their version, and the checks that a file passes before it is used.</summary>
internal static class SqliteSchema
{
    /// <summary>Of the tables of this program; kept in the file as user_version.</summary>
    public static int Version => Migrations.Length;

    /// <summary>"AUIE", kept in the file as application_id, so that no other program's database is taken for a store.</summary>
    private const int ApplicationId = 0x41554945;

    /// <summary>
    /// A record's place: the partition's row above, its offset below, so that a partition's records lie together in their order.
    /// </summary>
    public const int OffsetBits = 40;

    public const long LargestOffset = (1L << OffsetBits) - 1;

    /// <summary>Of new files: much of what is written is one row on a page, and so half as much as with pages of 8 KB.</summary>
    public const int PageSize = 4096;

    /// <summary>What makes each version out of the one before; only ever added to.</summary>
    internal static readonly string[] Migrations =
    [
        """
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
        """,
        // truncated: up to where the journal was cut. forget_…: the message that the search for those to forget has come to.
        """
        CREATE TABLE message (
            partition INTEGER NOT NULL, sender INTEGER NOT NULL, message BLOB NOT NULL, digest INTEGER NOT NULL, forget_after INTEGER NOT NULL,
            PRIMARY KEY (partition, sender, message)) WITHOUT ROWID;
        ALTER TABLE partition ADD COLUMN truncated INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE partition ADD COLUMN forget_sender INTEGER NOT NULL DEFAULT -9223372036854775808;
        ALTER TABLE partition ADD COLUMN forget_message BLOB NOT NULL DEFAULT x'';
        """,
        """
        CREATE TABLE message_log (
            partition INTEGER NOT NULL, number INTEGER NOT NULL,
            sender INTEGER NOT NULL, message BLOB NOT NULL, digest INTEGER NOT NULL, forget_after INTEGER NOT NULL,
            PRIMARY KEY (partition, number)) WITHOUT ROWID;
        """,
        // SqliteRecordChains has in memory what the index had. place: of run and page. message_dead: runs that are none yet, or none any more.
        """
        DROP INDEX journal_by_user;
        ALTER TABLE partition DROP COLUMN forget_sender;
        ALTER TABLE partition DROP COLUMN forget_message;
        ALTER TABLE message_log RENAME TO message_log_3;
        CREATE TABLE message_log (partition INTEGER NOT NULL, number INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (partition, number)) WITHOUT ROWID;
        CREATE TABLE message_run (
            id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, day INTEGER NOT NULL, level INTEGER NOT NULL,
            count INTEGER NOT NULL, filter BLOB NOT NULL, firsts BLOB NOT NULL);
        CREATE TABLE message_page (place INTEGER PRIMARY KEY, entries BLOB NOT NULL);
        CREATE TABLE message_dead (id INTEGER PRIMARY KEY);
        INSERT INTO setting VALUES ('message_run', 0);
        """,
        // What was appended of late, and is not in journal and message_log yet.
        """
        CREATE TABLE tail (number INTEGER PRIMARY KEY, place INTEGER NOT NULL, records BLOB NOT NULL, keys BLOB NOT NULL);
        """,
    ];

    private const int MessagesInRuns = 4;

    /// <summary>Makes the tables in an empty file, brings those of an older program up to date, or checks them.</summary>
    /// <returns>The store's count of partitions.</returns>
    public static int Prepare(SqliteConnection connection, string file, int? partitions)
    {
        if (IsEmpty(connection))
            return Create(connection, partitions ?? SqliteStoreOptions.DefaultPartitions);
        var version = CheckVersion(connection, file);
        var made = (int)Scalar(connection, "SELECT value FROM setting WHERE name = 'partitions'");
        if (partitions is { } wanted && wanted != made)
            throw new StoreException($"The store '{file}' was made with {made} partitions and cannot be opened with {wanted}: users would be looked for in the wrong ones.");
        if (version < Version)
            Migrate(connection, version);
        return made;
    }

    /// <returns>The version of the tables.</returns>
    /// <exception cref="StoreException">The file is not a store, or one of a program that is newer than this one.</exception>
    public static int CheckVersion(SqliteConnection connection, string file)
    {
        if (Scalar(connection, "PRAGMA application_id") != ApplicationId)
            throw new StoreException($"The file '{file}' is another program's database, not a store of this engine.");
        var version = Scalar(connection, "PRAGMA user_version");
        if (version < 1 || version > Version)
            throw new StoreException($"The store '{file}' has schema version {version}; this program knows versions up to {Version}. Open it with the program that wrote it.");
        return (int)version;
    }

    private static bool IsEmpty(SqliteConnection connection) =>
        Scalar(connection, "PRAGMA user_version") == 0 && Scalar(connection, "PRAGMA application_id") == 0
        && Scalar(connection, "SELECT count(*) FROM sqlite_master") == 0;

    private static int Create(SqliteConnection connection, int partitions)
    {
        using var transaction = connection.BeginTransaction();
        Advance(connection, 0);
        Execute(connection, $"INSERT INTO setting VALUES ('partitions', {partitions})");
        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        transaction.Commit();
        return partitions;
    }

    private static void Migrate(SqliteConnection connection, int version)
    {
        using var transaction = connection.BeginTransaction();
        Advance(connection, version);
        transaction.Commit();
    }

    private static void Advance(SqliteConnection connection, int version)
    {
        for (; version < Version; version++)
        {
            Execute(connection, Migrations[version]);
            if (version + 1 == MessagesInRuns)
            {
                SqliteMessages.TakeOver(connection);
                Execute(connection, "DROP TABLE message; DROP TABLE message_log_3;");
            }
        }
        Execute(connection, $"PRAGMA user_version = {Version}");
    }

    // CA2100: every text that comes here is a constant of this project, with numbers at the most put in.
#pragma warning disable CA2100
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
#pragma warning restore CA2100
}
