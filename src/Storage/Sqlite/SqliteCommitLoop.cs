using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Group commit: one thread takes every write that waits, runs them in one transaction (each by itself: one that is refused takes none
/// of the others with it), commits, and then tells each what came of it. What arrives meanwhile waits for the next transaction.
/// </summary>
internal sealed class SqliteCommitLoop : IAsyncDisposable
{
    private readonly SqliteWriter _writer;
    private readonly string _file;
    private readonly WriteQueue<Func<SqliteWriter, object?>> _queue;
    private readonly Task _loop;

    /// <summary>Called when the log has grown by <see cref="SqliteLog.PassBytes"/>.</summary>
    public Action? LogGrown { get; set; }

    public SqliteCommitLoop(SqliteWriter writer, SqliteStoreOptions options, string file)
    {
        _writer = writer;
        _file = file;
        _queue = new WriteQueue<Func<SqliteWriter, object?>>(new WriteLimits(options.QueueLimit, options.BatchLimit, options.BatchBytes, options.StateBytes), $"'{file}'");
        // A thread of its own: it spends its life waiting for the disk.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc cref="WriteQueue{T}.Execute"/>
    public Task<object?> Execute(long bytes, Func<SqliteWriter, object?> action, CancellationToken cancellationToken, WriteTurn turn = WriteTurn.InOrder) =>
        _queue.Execute(bytes, action, cancellationToken, turn);

    /// <summary>Runs what is no transaction, or has several, while no other write does.</summary>
    public Task<object?> ExecuteAlone(Func<SqliteWriter, object?> action, CancellationToken cancellationToken) =>
        _queue.Execute(0, action, cancellationToken, alone: true);

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                var batch = _queue.Take();
                if (batch.Count > 0)
                    GroupCommit.Run(batch, () => batch is [{ Alone: true } write] ? RunAlone(write) : Commit(batch)).GetAwaiter().GetResult();
            }
        }
        catch (Exception exception)
        {
            _queue.Abandon(exception);
            throw;
        }
    }

    private bool WaitForWork()
    {
        var ready = _queue.WaitAsync();
        return ready.IsCompletedSuccessfully ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
    }

    private Task Commit(List<QueuedWrite<Func<SqliteWriter, object?>>> batch)
    {
        var committing = false;
        try
        {
            _writer.Begin();
            foreach (var write in batch)
                Attempt(write);
            _writer.Tidy();
            committing = true;
            _writer.Commit();
            if (_writer.HasLogGrown())
                LogGrown?.Invoke();
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            throw Undone(exception, committing);
        }
    }

    private Task RunAlone(QueuedWrite<Func<SqliteWriter, object?>> write)
    {
        try
        {
            write.Result = write.Action(_writer);
            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is not StoreException)
        {
            throw Undone(exception, committing: false);
        }
    }

    private void Attempt(QueuedWrite<Func<SqliteWriter, object?>> write)
    {
        try
        {
            write.Result = _writer.Isolated(write.Action);
        }
        catch (SqliteException exception) when (_writer.InTransaction)
        {
            write.Refusal = SqliteErrors.Translate(exception, _file);
        }
        catch (Exception exception) when (exception is not SqliteException)
        {
            write.Refusal = exception;
        }
    }

    /// <summary>Rolls back what failed, and says what became of it.</summary>
    private StoreException Undone(Exception cause, bool committing)
    {
        var outcomeUnknown = false;
        try
        {
            // A commit that failed with its transaction still open has not happened; one that left none open may have.
            outcomeUnknown = committing && !_writer.InTransaction;
            _writer.RollBack();
        }
        catch (SqliteException exception)
        {
            outcomeUnknown = committing;
            cause = new AggregateException(cause, exception);
        }
        return cause is SqliteException sqlite
            ? SqliteErrors.Translate(sqlite, _file, outcomeUnknown)
            : new StoreException($"The store '{_file}' failed: {cause.Message}", cause, outcomeUnknown);
    }

    /// <summary>Commits what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _loop;
        _writer.Dispose();
    }
}
