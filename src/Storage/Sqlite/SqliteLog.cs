using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Brings what the write-ahead log holds into the file, so that the log begins anew instead of growing. SQLite would do it within a commit, which would
/// then take as long as a hundred others; here a thread and a connection of their own do the most of it while commits go on
/// (https://www.sqlite.org/wal.html#ckpt), and the commit loop, when little is left, the rest.
/// </summary>
internal sealed class SqliteLog : IAsyncDisposable
{
    /// <summary>How much the log grows between two passes: the more, the fewer copies of a page reach the file.</summary>
    public const long PassBytes = 16 << 20;

    /// <summary>From what size on the log is to begin anew.</summary>
    private const long FullBytes = 48 << 20;

    /// <summary>How much may be left for the commit loop.</summary>
    private const long RestBytes = 1 << 20;

    /// <summary>How often in a row it is tried to leave no more than that.</summary>
    private const int MostPasses = 8;

    private readonly Func<SqliteConnection> _open;
    private readonly SqliteCommitLoop _commits;
    private readonly Lock _passing;
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _loop;
    private SqliteConnection? _connection;

    /// <param name="passing">Held while a pass runs.</param>
    public SqliteLog(Func<SqliteConnection> open, SqliteCommitLoop commits, Lock passing)
    {
        (_open, _commits, _passing) = (open, commits, passing);
        commits.LogGrown = () => _wanted.Writer.TryWrite(true);
        // A thread of its own, which waits for the disk as that of the commits does.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Run()
    {
        while (_wanted.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            _wanted.Reader.TryRead(out _);
            try
            {
                Empty(_connection ??= Open());
            }
            catch (Exception exception) when (exception is SqliteException or StoreException or ObjectDisposedException)
            {
                // Nothing is lost but room: the next pass tries again, and commits say what is wrong with the disk.
            }
        }

        _connection?.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = _open();
        try
        {
            // Until it has read from the file a connection knows of no log, and a pass does nothing.
            SqliteSchema.Scalar(connection, "PRAGMA user_version");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Empty(SqliteConnection connection)
    {
        var pageSize = SqliteSchema.Scalar(connection, "PRAGMA page_size");
        var moved = 0;
        for (var pass = 1; ; pass++)
        {
            var (log, movedNow) = Pass(connection);
            if (log * pageSize < FullBytes)
                return;
            if ((log - moved) * pageSize <= RestBytes || pass == MostPasses)
                break;
            moved = movedNow;
        }

        _commits.ExecuteAlone(writer => writer.EmptyLog(), CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Moves what no reader needs in the log any more. Returns how many pages the log has, and how many of them are in the file.</summary>
    private (int Log, int Moved) Pass(SqliteConnection connection)
    {
        using var one = _passing.EnterScope();
        var code = raw.sqlite3_wal_checkpoint_v2(connection.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var log, out var moved);
        if (code is not raw.SQLITE_BUSY)
            SqliteException.ThrowExceptionForRC(code, connection.Handle);
        return (log, moved);
    }

    public async ValueTask DisposeAsync()
    {
        _wanted.Writer.TryComplete();
        await _loop;
    }
}
