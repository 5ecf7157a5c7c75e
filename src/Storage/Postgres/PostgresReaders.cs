using System.Diagnostics;
using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>Reads on pooled connections, so many at a time; one that a failing connection broke off is begun again a few times.</summary>
internal sealed class PostgresReaders(NpgsqlDataSource source, PostgresStoreOptions options, PostgresErrors errors) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(options.Readers);
    private volatile bool _closed;

    /// <summary>The rows of one statement, which sees one state of the store.</summary>
    public async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(PostgresStore));
        var began = Stopwatch.GetTimestamp();
        await _free.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    var rows = await Read(sql, row, parameters, cancellationToken);
                    StorageTelemetry.ReadSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
                    return rows;
                }
                catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
                {
                    if (attempt >= options.Attempts || !PostgresErrors.IsPassing(exception))
                        throw errors.Translate(exception);
                }
                await Task.Delay(options.DelayAfter(attempt), cancellationToken);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    // CA2100: the statements are constants of PostgresStore.
#pragma warning disable CA2100
    private async Task<List<T>> Read<T>(string sql, Func<NpgsqlDataReader, T> row, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter.Clone());
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
#pragma warning restore CA2100

    /// <summary>Closes the idle connections; one in use is closed when its read ends.</summary>
    public ValueTask DisposeAsync()
    {
        _closed = true;
        return source.DisposeAsync();
    }
}
