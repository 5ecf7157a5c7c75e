using System.Net.Sockets;
using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// Says in words what PostgreSQL's error codes mean for whoever runs the engine (https://www.postgresql.org/docs/current/errcodes-appendix.html),
/// and of which server and database; never the password.
/// </summary>
internal sealed class PostgresErrors(string place)
{
    /// <summary>idle_in_transaction_session_timeout, which the library has no name for.</summary>
    private const string SilentInTransaction = "25P03";

    /// <summary>idle_session_timeout, which it has no name for either.</summary>
    private const string SilentSession = "57P05";

    public PostgresErrors(NpgsqlConnectionStringBuilder connection)
        : this(connection.Host!.StartsWith('/')
            ? $"PostgreSQL at '{connection.Host}', database '{connection.Database}'"
            : $"PostgreSQL at '{connection.Host}:{connection.Port}', database '{connection.Database}'")
    {
    }

    /// <summary>The server and the database.</summary>
    public string Place => place;

    /// <summary>Whether it is worth to try again what such a failure has left undone: the server is starting, went away, is busy, or chose a victim.</summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections or SilentInTransaction or SilentSession || state.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException } => true,
        _ => false,
    };

    /// <summary>
    /// Whether the failure of a round of statements that ended in COMMIT says that nothing of it has happened. The server's own error
    /// does; but one that ends the connection can come after the commit (as while it waits for a standby).
    /// </summary>
    public static bool IsSurelyUndone(Exception exception) => exception is PostgresException { InvariantSeverity: "ERROR" };

    public StoreException Translate(Exception exception, bool outcomeUnknown = false)
    {
        var outcome = outcomeUnknown ? " Whether the write happened is unknown." : "";
        return new StoreException($"The store on {place} {Reason(exception)}: {exception.Message.TrimEnd('.')}.{outcome}", exception, outcomeUnknown);
    }

    private static string Reason(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "does not let this user in",
            PostgresErrorCodes.InvalidCatalogName => "is not there: the server has no database of that name",
            PostgresErrorCodes.InsufficientPrivilege => "does not allow that to this user",
            PostgresErrorCodes.DiskFull => "could not grow: the server's disk is full",
            PostgresErrorCodes.OutOfMemory => "failed: the server is out of memory",
            PostgresErrorCodes.TooManyConnections => "takes no more connections",
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "is being stopped",
            PostgresErrorCodes.CannotConnectNow => "is starting or being stopped",
            PostgresErrorCodes.ReadOnlySqlTransaction => "cannot be written: the server is a standby, or read-only",
            PostgresErrorCodes.QueryCanceled => "was told to give up a statement",
            SilentInTransaction => "gave up a transaction that had fallen silent",
            PostgresErrorCodes.IoError => "could not read or write its disk",
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "is damaged; restore it from a backup",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName =>
                "no longer has the tables that it had",
            _ => $"failed with PostgreSQL's error {state}",
        },
        TimeoutException or NpgsqlException { InnerException: TimeoutException } => "did not answer in time",
        NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } or SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            "refuses connections (does the server run?)",
        NpgsqlException { InnerException: SocketException } or SocketException => "cannot be reached",
        NpgsqlException { InnerException: IOException } or IOException => "broke the connection off",
        _ => "failed",
    };
}
