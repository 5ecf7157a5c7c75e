using System.Diagnostics;
using System.Threading.Channels;

namespace Auie.Storage;

/// <summary>How much may wait for a transaction, and how much one transaction takes in: of all writes, and of states.</summary>
internal readonly record struct WriteLimits(int Waiting, int BatchWrites, long BatchBytes, long StateBytes);

/// <summary>When a write has its turn.</summary>
internal enum WriteTurn
{
    /// <summary>After all that came before it.</summary>
    InOrder,

    /// <summary>It may overtake states: events, for whoever sends them waits, and what no state depends on.</summary>
    Ahead,

    /// <summary>States of users and items: what they hold is on disk already, as events.</summary>
    States,
}

/// <summary>
/// The writes that wait while a transaction is in flight, for the next one to take together: group commit. Beside others a transaction takes few states at a time, and always some: whoever waits
/// for events waits for a short transaction.
/// </summary>
internal sealed class WriteQueue<T>(WriteLimits limits, string store)
{
    private readonly Channel<QueuedWrite<T>> _waiting =
        Channel.CreateBounded<QueuedWrite<T>>(new BoundedChannelOptions(limits.Waiting) { SingleReader = true });

    // Where nothing else waits a transaction takes in so many times as many states, and where there is much else, a byte of states for so many of that.
    private const int AmongThemselves = 16, ForOneOfStates = 2;

    // States that were passed over; the reader's alone.
    private readonly Queue<QueuedWrite<T>> _states = new();

    /// <summary>Queues a write and waits until it is on disk. Cancelled before its transaction begins, it never happens; after, it goes on.</summary>
    /// <param name="bytes">About how many bytes it adds.</param>
    /// <param name="turn">What it may overtake.</param>
    /// <param name="alone">Whether it shares its turn with no other write.</param>
    public async Task<object?> Execute(long bytes, T action, CancellationToken cancellationToken, WriteTurn turn = WriteTurn.InOrder, bool alone = false)
    {
        var write = new QueuedWrite<T>(bytes, action, cancellationToken) { Alone = alone, Turn = turn };
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(store, $"The store {store} is closed.");
        }
        StorageTelemetry.Queued.Add(1);
        return await write.Done.Task;
    }

    /// <summary>Whether something waits; false once the queue is closed and empty.</summary>
    public ValueTask<bool> WaitAsync() => _states.Count > 0 ? ValueTask.FromResult(true) : _waiting.Reader.WaitToReadAsync();

    /// <summary>Takes what waits, up to the limits, but for what was cancelled meanwhile; or one write that is to be alone.</summary>
    public List<QueuedWrite<T>> Take()
    {
        var batch = new List<QueuedWrite<T>>();
        var (bytes, states) = (0L, 0L);
        while (batch.Count < limits.BatchWrites && bytes < limits.BatchBytes && batch is not [{ Alone: true }] && _waiting.Reader.TryPeek(out var next))
        {
            if (next.Alone && batch.Count + _states.Count > 0)
            {
                TakeStates(long.MaxValue);
                break;
            }

            // There is no other reader: this is what was seen.
            _waiting.Reader.TryRead(out var write);
            if (write!.Turn == WriteTurn.States)
            {
                _states.Enqueue(write);
                continue;
            }

            if (write.Turn == WriteTurn.InOrder && !write.Cancellation.IsCancellationRequested)
                TakeStates(long.MaxValue);
            Take(write);
        }

        // Some at least, or events that never cease would keep states from ever being written.
        if (batch is not [{ Alone: true }])
            TakeStates(batch.Count == 0 ? AmongThemselves * limits.StateBytes : Math.Max(limits.StateBytes, bytes / ForOneOfStates));
        return batch;

        void TakeStates(long most)
        {
            while (states < most && _states.TryDequeue(out var write))
            {
                if (Take(write))
                    states += Math.Max(1, write.Bytes);
            }
        }

        bool Take(QueuedWrite<T> write)
        {
            StorageTelemetry.Queued.Add(-1);
            if (write.Cancellation.IsCancellationRequested)
            {
                write.Done.SetCanceled(write.Cancellation);
                return false;
            }

            batch.Add(write);
            bytes += write.Bytes;
            return true;
        }
    }

    /// <summary>Lets nothing in any more.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    /// <summary>Closes, and leaves nobody waiting for a loop that has died of something that it does not know.</summary>
    public void Abandon(Exception cause)
    {
        Close();
        while (_states.TryDequeue(out var write) || _waiting.Reader.TryRead(out write))
        {
            StorageTelemetry.Queued.Add(-1);
            write.Done.TrySetException(new StoreException($"The store {store} has stopped: {cause.Message}", cause));
        }
    }
}

/// <summary>A write with its caller, who waits for what comes of it.</summary>
internal sealed class QueuedWrite<T>(long bytes, T action, CancellationToken cancellation)
{
    public long Bytes { get; } = bytes;
    public T Action { get; } = action;
    public CancellationToken Cancellation { get; } = cancellation;
    public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public bool Alone { get; init; }
    public WriteTurn Turn { get; init; }

    /// <summary>What the write is a part of, for whoever traces it.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;
    public object? Result { get; set; }

    /// <summary>Why the write was not let into its transaction, which went on without it.</summary>
    public Exception? Refusal { get; set; }
}

/// <summary>One transaction of a group of writes, as the meters and the callers see it.</summary>
internal static class GroupCommit
{
    /// <summary>Runs the transaction and tells every caller what came of it.</summary>
    /// <param name="transaction">Sets result or refusal of each write, and has all of them on disk when it ends well.</param>
    public static async Task Run<T>(List<QueuedWrite<T>> batch, Func<Task> transaction)
    {
        var bytes = batch.Sum(write => write.Bytes);
        using var activity = StorageTelemetry.StartCommit(batch.Select(write => write.Caller));
        activity?.SetTag("auie.storage.writes", batch.Count);
        activity?.SetTag("auie.storage.bytes", bytes);
        var began = Stopwatch.GetTimestamp();
        try
        {
            await transaction();
        }
        catch (StoreException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            StorageTelemetry.CommitFailed();
            foreach (var write in batch)
                write.Done.SetException(write.Refusal ?? exception);
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
}
