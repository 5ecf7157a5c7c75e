using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>The tables of a store, their version, and the checks that a file passes before it is used.</summary>
internal static class SqliteSchema
{
    /// <summary>Raised with every change of the tables; kept in the file as user_version.</summary>
    public const int Version = 1;

    /// <summary>"AUIE", kept in the file as application_id, so that no other program's database is taken for a store.</summary>
    private const int ApplicationId = 0x41554945;

    /// <summary>
    /// A record's place: the partition's row above, its offset below, so that a partition's records lie together in their order and the
    /// index by user needs no column for either.
    /// </summary>
    public const int OffsetBits = 40;

    /// <summary>Rows of user_chunk lie in the b-tree itself up to a quarter of a page, and chunks are mostly under 2 KB.</summary>
    public const int PageSize = 8192;

    private const string Tables = """
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
        """;

    /// <summary>Makes the tables in an empty file, or checks those of an existing one.</summary>
    /// <returns>The store's count of partitions.</returns>
    public static int Prepare(SqliteConnection connection, string file, int? partitions)
    {
        var version = Scalar(connection, "PRAGMA user_version");
        var application = Scalar(connection, "PRAGMA application_id");
        if (version == 0 && application == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_master") == 0)
            return Create(connection, partitions ?? SqliteStoreOptions.DefaultPartitions);
        if (application != ApplicationId)
            throw new StoreException($"The file '{file}' is another program's database, not a store of this engine.");
        if (version != Version)
            throw new StoreException($"The store '{file}' has schema version {version}; this program knows version {Version}. Open it with the program that wrote it.");
        var made = (int)Scalar(connection, "SELECT value FROM setting WHERE name = 'partitions'");
        if (partitions is { } wanted && wanted != made)
            throw new StoreException($"The store '{file}' was made with {made} partitions and cannot be opened with {wanted}: users would be looked for in the wrong ones.");
        return made;
    }

    private static int Create(SqliteConnection connection, int partitions)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, Tables);
        Execute(connection, $"INSERT INTO setting VALUES ('partitions', {partitions})");
        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        Execute(connection, $"PRAGMA user_version = {Version}");
        transaction.Commit();
        return partitions;
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
