using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>A few reading connections, made when they are first wanted; a read waits for a free one and runs off the caller's thread.</summary>
internal sealed class SqliteReaders(Func<SqliteReader> open, int count, string file) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private volatile bool _closed;

    public async Task<T> Read<T>(Func<SqliteReader, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(SqliteStore));
        var began = Stopwatch.GetTimestamp();
        await _free.WaitAsync(cancellationToken);
        try
        {
            var found = await Task.Run(() => Use(read), CancellationToken.None);
            StorageTelemetry.ReadSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
            return found;
        }
        catch (SqliteException exception)
        {
            throw SqliteErrors.Translate(exception, file);
        }
        finally
        {
            _free.Release();
        }
    }

    private T Use<T>(Func<SqliteReader, T> read)
    {
        if (!_idle.TryTake(out var reader))
            reader = open();
        try
        {
            return read(reader);
        }
        finally
        {
            _idle.Add(reader);
            if (_closed)
                CloseIdle();
        }
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
            reader.Dispose();
    }

    /// <summary>Closes the idle connections; one in use is closed when its read ends.</summary>
    public void Dispose()
    {
        _closed = true;
        CloseIdle();
    }
}
