using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>How connections are made, and what each is told first.</summary>
internal static class PostgresSession
{
    private const int PreparedStatements = 100;

    /// <summary>From then on a server can end sessions that have nothing to do.</summary>
    private const int EndsIdleSessions = 14;

    private const int KeepAliveSeconds = 30;

    /// <summary>
    /// Commits wait for the disk whatever the server or the role was told, and a writer that falls silent loses its locks. Every statement
    /// goes by an index, and is planned once: else a plan that was made while the tables were empty would read the whole of them later.
    /// </summary>
    private const string Manners = """
        SELECT set_config('synchronous_commit', 'on', false), set_config('idle_in_transaction_session_timeout', $1, false),
            set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
            set_config('enable_bitmapscan', 'off', false), set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
            set_config('jit', 'off', false)
        """;

    private const string StayWhenIdle = ", set_config('idle_session_timeout', '0', false)";

    /// <summary>The connection that was asked for, with what the store relies on.</summary>
    /// <exception cref="StoreException">The text is no connection string.</exception>
    public static NpgsqlConnectionStringBuilder Settings(string connectionString, PostgresStoreOptions options)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Neither the text nor what is wrong with it: either may hold the password.
            throw new StoreException("The PostgreSQL connection cannot be read; it is like 'Host=db.example;Port=5432;Database=auie;Username=auie;Password=…'.");
        }
        settings.Host ??= Environment.GetEnvironmentVariable("PGHOST") ?? "localhost";
        settings.Database ??= Environment.GetEnvironmentVariable("PGDATABASE") ?? settings.Username ?? Environment.GetEnvironmentVariable("PGUSER");
        if (settings.Host.Contains(','))
            throw new StoreException($"The PostgreSQL connection names several hosts ('{settings.Host}'); a store is on one, for reads must not come from a standby that is behind.");
        settings.ApplicationName ??= "auie";
        settings.SearchPath = options.Schema;
        settings.CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);
        settings.MaxAutoPrepare = PreparedStatements;
        settings.AutoPrepareMinUsages = 2;
        settings.Multiplexing = false;
        settings.MinPoolSize = 0;
        if (settings.KeepAlive == 0)
            settings.KeepAlive = KeepAliveSeconds;
        // Nothing of a session is ever changed by a read, so there is nothing to reset.
        settings.NoResetOnClose = true;
        settings.IncludeErrorDetail = false;
        settings.PersistSecurityInfo = false;
        return settings;
    }

    /// <summary>Makes connections that have been told their manners.</summary>
    public static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings, PostgresStoreOptions options)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = Begin(connection, options);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = Begin(connection, options);
                await command.ExecuteNonQueryAsync();
            });
        return builder.Build();
    }

    private static NpgsqlCommand Begin(NpgsqlConnection connection, PostgresStoreOptions options)
    {
        var command = new NpgsqlCommand(connection.PostgreSqlVersion.Major >= EndsIdleSessions ? Manners + StayWhenIdle : Manners, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{(long)options.SilenceLimit.TotalMilliseconds}ms" });
        return command;
    }
}
