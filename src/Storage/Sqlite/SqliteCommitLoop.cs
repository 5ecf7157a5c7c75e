using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Group commit: one thread takes every write that waits, runs them in one transaction (each by itself: one that is refused takes none
/// of the others with it), commits, and then tells each what came of it. What arrives meanwhile waits for the next transaction.
/// </summary>
internal sealed class SqliteCommitLoop : IAsyncDisposable
{
    private readonly SqliteWriter _writer;
    private readonly SqliteStoreOptions _options;
    private readonly string _file;
    private readonly Channel<Write> _queue;
    private readonly Task _loop;

    public SqliteCommitLoop(SqliteWriter writer, SqliteStoreOptions options, string file)
    {
        _writer = writer;
        _options = options;
        _file = file;
        _queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(options.QueueLimit) { SingleReader = true });
        // A thread of its own: it spends its life waiting for the disk.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Queues a write and waits until it is on disk. Cancelled before its transaction begins, it never happens; after, it goes on.</summary>
    /// <param name="bytes">About how many bytes it adds.</param>
    public async Task<object?> Execute(long bytes, Func<SqliteWriter, object?> action, CancellationToken cancellationToken)
    {
        var write = new Write(bytes, action, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteStore), $"The store '{_file}' is closed.");
        }
        StorageTelemetry.Queued.Add(1);
        return await write.Done.Task;
    }

    private void Run()
    {
        try
        {
            CommitUntilClosed();
        }
        catch (Exception exception)
        {
            // Nobody is left waiting for a loop that has died of something that it does not know.
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var write))
                write.Done.TrySetException(new StoreException($"The store '{_file}' has stopped: {exception.Message}", exception));
            throw;
        }
    }

    private void CommitUntilClosed()
    {
        var batch = new List<Write>(_options.BatchLimit);
        while (WaitForWork())
        {
            var bytes = 0L;
            while (batch.Count < _options.BatchLimit && bytes < _options.BatchBytes && _queue.Reader.TryRead(out var write))
            {
                StorageTelemetry.Queued.Add(-1);
                if (write.Cancellation.IsCancellationRequested)
                {
                    write.Done.SetCanceled(write.Cancellation);
                    continue;
                }
                batch.Add(write);
                bytes += write.Bytes;
            }
            if (batch.Count > 0)
                CommitBatch(batch, bytes);
            batch.Clear();
        }
    }

    private bool WaitForWork()
    {
        var ready = _queue.Reader.WaitToReadAsync();
        return ready.IsCompletedSuccessfully ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
    }

    private void CommitBatch(List<Write> batch, long bytes)
    {
        using var activity = StorageTelemetry.Activities.StartActivity("commit");
        activity?.SetTag("auie.storage.writes", batch.Count);
        activity?.SetTag("auie.storage.bytes", bytes);
        var began = Stopwatch.GetTimestamp();
        var committing = false;
        try
        {
            _writer.Begin();
            foreach (var write in batch)
                Attempt(write);
            committing = true;
            _writer.Commit();
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            StorageTelemetry.FailedCommits.Add(1);
            FailAll(batch, exception, committing);
            return;
        }
        StorageTelemetry.Commits.Add(1);
        StorageTelemetry.Bytes.Add(bytes);
        StorageTelemetry.BatchSize.Record(batch.Count);
        StorageTelemetry.CommitSeconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        foreach (var write in batch)
        {
            if (write.Refusal is null)
                write.Done.SetResult(write.Result);
            else
                write.Done.SetException(write.Refusal);
        }
    }

    private void Attempt(Write write)
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

    private void FailAll(List<Write> batch, Exception cause, bool committing)
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
        foreach (var write in batch)
        {
            write.Done.SetException(write.Refusal ?? (cause is SqliteException sqlite
                ? SqliteErrors.Translate(sqlite, _file, outcomeUnknown)
                : new StoreException($"The store '{_file}' failed: {cause.Message}", cause, outcomeUnknown)));
        }
    }

    /// <summary>Commits what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _writer.Dispose();
    }

    private sealed class Write(long bytes, Func<SqliteWriter, object?> action, CancellationToken cancellation)
    {
        public long Bytes { get; } = bytes;
        public Func<SqliteWriter, object?> Action { get; } = action;
        public CancellationToken Cancellation { get; } = cancellation;
        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public object? Result { get; set; }
        public Exception? Refusal { get; set; }
    }
}
