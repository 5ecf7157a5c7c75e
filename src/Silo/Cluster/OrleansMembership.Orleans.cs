using Npgsql;

namespace Auie.Silo.Cluster;

/// <summary>
/// The table of members that Orleans' ADO.NET clustering works on, in a schema of its own beside the store's. It is made, where it is not there, before the silo joins.
/// </summary>
/// <remarks>
/// What Orleans asks of it (docs, "ADO.NET database configuration"): a table OrleansQuery with a statement for each of its keys, whose parameters and columns have the names that are used
/// here. The tables behind the statements are nobody's business; a change of members and of the version that goes with it is one statement, and so happens whole or not at all.
/// </remarks>
public sealed class OrleansMembership : IHostedService, IAsyncDisposable
{
    /// <summary>One silo at a time makes the tables.</summary>
    private const int LockKey = 0x41554F52;

    private const string Rows = "m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version";

    private static readonly (string Key, string Text)[] Queries =
    [
        ("MembershipReadAllKey", $"SELECT {Rows} FROM version v LEFT JOIN member m USING (deploymentid) WHERE v.deploymentid = @DeploymentId"),
        ("MembershipReadRowKey", $"""
            SELECT {Rows} FROM version v LEFT JOIN member m ON m.deploymentid = v.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
            WHERE v.deploymentid = @DeploymentId
            """),
        ("GatewaysQueryKey", "SELECT address, proxyport, generation FROM member WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0"),
        ("InsertMembershipVersionKey", """
            WITH made AS (INSERT INTO version (deploymentid) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*)::int FROM made
            """),
        ("InsertMembershipKey", """
            WITH changed AS (
                UPDATE version v SET version = v.version + 1 WHERE v.deploymentid = @DeploymentId AND v.version = @Version AND NOT EXISTS (
                    SELECT 1 FROM member m WHERE m.deploymentid = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
                RETURNING 1),
            made AS (
                INSERT INTO member (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM changed
                RETURNING 1)
            SELECT count(*)::int FROM made
            """),
        ("UpdateMembershipKey", """
            WITH changed AS (
                UPDATE version v SET version = v.version + 1 WHERE v.deploymentid = @DeploymentId AND v.version = @Version AND EXISTS (
                    SELECT 1 FROM member m WHERE m.deploymentid = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
                RETURNING 1),
            set AS (
                UPDATE member SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = greatest(iamalivetime, @IAmAliveTime) FROM changed
                WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
                RETURNING 1)
            SELECT count(*)::int FROM set
            """),
        ("UpdateIAmAlivetimeKey", """
            UPDATE member SET iamalivetime = greatest(iamalivetime, @IAmAliveTime)
            WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
            """),
        ("DeleteMembershipTableEntriesKey", """
            WITH gone AS (DELETE FROM member WHERE deploymentid = @DeploymentId) DELETE FROM version WHERE deploymentid = @DeploymentId
            """),
        // 6: dead, in Orleans' SiloStatus.
        ("CleanupDefunctSiloEntriesKey", """
            DELETE FROM member WHERE deploymentid = @DeploymentId AND status = 6 AND iamalivetime < @IAmAliveTime AND starttime < @IAmAliveTime
            """),
    ];

    private readonly NpgsqlDataSource _source;
    private readonly string _schema;

    /// <param name="connectionString">The database that holds the store.</param>
    /// <param name="store">The schema of the store.</param>
    public OrleansMembership(string connectionString, string store)
    {
        _schema = SchemaBeside(store);
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = _schema, MaxPoolSize = 4, ApplicationName = "auie membership" });
    }

    /// <summary>Connections that find the tables by their bare names.</summary>
    public NpgsqlDataSource Source => _source;

    /// <summary>The schema of the members of those who share the store in another one.</summary>
    public static string SchemaBeside(string store) => store + "_orleans";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync("SELECT pg_advisory_xact_lock($1, hashtext($2))", LockKey, _schema);
        await RunAsync(
            $"""
            CREATE SCHEMA IF NOT EXISTS {_schema};
            CREATE TABLE IF NOT EXISTS orleansquery (querykey text PRIMARY KEY, querytext text NOT NULL);
            CREATE TABLE IF NOT EXISTS version (deploymentid text PRIMARY KEY, version int NOT NULL DEFAULT 0);
            CREATE TABLE IF NOT EXISTS member (
                deploymentid text NOT NULL REFERENCES version, address text NOT NULL, port int NOT NULL, generation int NOT NULL,
                siloname text NOT NULL, hostname text NOT NULL, status int NOT NULL, proxyport int NOT NULL, suspecttimes text,
                starttime timestamptz NOT NULL, iamalivetime timestamptz NOT NULL,
                PRIMARY KEY (deploymentid, address, port, generation));
            """);
        // Those of a later version are put in place of an earlier one's.
        foreach (var (key, text) in Queries)
            await RunAsync("INSERT INTO orleansquery VALUES ($1, $2) ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext", key, text);
        await transaction.CommitAsync(cancellationToken);

        async Task RunAsync(string sql, params object[] values)
        {
            // CA2100: the statements are this method's; the schema's name was checked when the store was opened in it.
#pragma warning disable CA2100
            await using var command = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
