using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;

namespace Auie.Runtime.Activations;

/// <summary>
/// One grain in memory, with its mailbox and its loop. Any thread pushes work onto the mailbox, a stack of intrusive links; whoever finds it empty
/// queues the activation to the thread pool, where the loop takes all of it at once and works it off in order. So the loop never runs twice at a time,
/// and all that is not the mailbox belongs to it alone. It is also the synchronisation context of its grain, which brings every await back here.
/// </summary>
internal sealed partial class Activation : SynchronizationContext, IThreadPoolWorkItem, IGrainContext
{
    // After so many items, or so long, the loop lets others on the thread pool have the thread.
    private const int ItemsBetweenLooks = 64;
    private const long LongestRun = 10;

    // Lies at the bottom of the mailbox while the loop is queued or running.
    private static readonly WorkItem Busy = new Continuation();

    [ThreadStatic]
    private static uint t_schedules;

    private WorkItem? _mailbox;
    private WorkItem? _batch;
    private int _batchCount;
    private long _lastUsed;
    private int _callsRun;

    public Activation(GrainHost host, GrainClass grainClass, GrainId grainId)
    {
        Host = host;
        Class = grainClass;
        GrainId = grainId;
        _lastUsed = host.Now;
    }

    /// <summary>The activation whose grain object is being made on this thread.</summary>
    [field: ThreadStatic]
    public static Activation? Activating { get; private set; }

    public GrainHost Host { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => Host.Services;

    /// <summary>Roughly how many items wait or are under way.</summary>
    public int Load => (_mailbox is { } top && top != Busy ? top.Depth : 0) + Volatile.Read(ref _batchCount) + Volatile.Read(ref _waitingCount);

    /// <summary>How much there is to do, what runs included.</summary>
    public int Busyness => Load + Volatile.Read(ref _running);

    /// <summary>Takes a call; false when too many wait already.</summary>
    public bool TryEnqueue(Turn turn)
    {
        if (Load >= Host.Options.MaxMailbox)
            return false;
        Enqueue(turn);
        return true;
    }

    public void Enqueue(WorkItem item)
    {
        WorkItem? top;
        do
        {
            top = Volatile.Read(ref _mailbox);
            item.Next = top;
            item.Depth = top is null || top == Busy ? 1 : top.Depth + 1;
        }
        while (Interlocked.CompareExchange(ref _mailbox, item, top) != top);

        // The thread's own queue is the quickest and last in, first out; now and then the common one, or its items could wait for ever.
        if (top is null)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: (++t_schedules & 31) != 0);
    }

    public override void Post(SendOrPostCallback d, object? state) => Enqueue(Continuation.Rent(d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing waits for a grain's turn by blocking a thread.");

    public override SynchronizationContext CreateCopy() => this;

    void IThreadPoolWorkItem.Execute()
    {
        SetSynchronizationContext(this);
        var clean = ExecutionContext.Capture()!;
        var (processed, started) = (0, Environment.TickCount64);
        while (true)
        {
            if (_batch is null)
                TakeBatch();
            while (_batch is { } item)
            {
                _batch = item.Next;
                _batchCount--;
                item.Next = null;
                item.Process(this);
                if (_waitingCount > 0)
                    BeginWaiting();
                if (_state == State.Draining && _running == 0 && (!_handingOver || (_waitingCount == 0 && _batchCount == 0)))
                    BeginDeactivation();
                // A method that is not async may have left something in the execution context: not for the next one.
                if (ExecutionContext.Capture() is { } left && left != clean)
                    ExecutionContext.Restore(clean);
                if (++processed % ItemsBetweenLooks == 0 && Environment.TickCount64 - started >= LongestRun)
                {
                    SetSynchronizationContext(null);
                    ReportCalls();
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }

            ReportCalls(); // while the loop is still alone
            if (Interlocked.CompareExchange(ref _mailbox, null, Busy) == Busy)
                break;
        }

        SetSynchronizationContext(null);
    }

    /// <summary>Tells the metrics of the calls that began, many at a time.</summary>
    private void ReportCalls()
    {
        Host.Metrics.CountCalls(_callsRun);
        _callsRun = 0;
    }

    /// <summary>Takes all that lies in the mailbox, the oldest first.</summary>
    private void TakeBatch()
    {
        var item = Interlocked.Exchange(ref _mailbox, Busy);
        if (item is null || item == Busy)
            return;
        _batchCount = item.Depth;
        WorkItem? first = null;
        while (item is not null && item != Busy)
        {
            var below = item.Next;
            item.Next = first;
            first = item;
            item = below;
        }

        _batch = first;
    }

    public void RunContinuation(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            LogContinuationFailed(Host.Logger, GrainId, exception);
        }
    }
}
