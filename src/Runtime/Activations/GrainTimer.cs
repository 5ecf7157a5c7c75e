using Auie.Runtime.Invocation;

namespace Auie.Runtime.Activations;

/// <summary>A timer of an activation, and the turn of its callback: at most one is due or under way.</summary>
internal sealed class GrainTimer : Turn, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly bool _interleave;
    private readonly bool _keepAlive;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private TimeSpan _dueTime, _period;
    private TimeSpan? _changed;
    private int _queued;
    private bool _skip, _underWay;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        Check(options.DueTime, nameof(options.DueTime));
        Check(options.Period, nameof(options.Period));
        (_activation, _callback, _interleave, _keepAlive) = (activation, callback, options.Interleave, options.KeepAlive);
        (_dueTime, _period) = (options.DueTime, options.Period);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _timer = activation.Host.Time.CreateTimer(static timer => ((GrainTimer)timer!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal override Interleaving Interleaving => _interleave ? Interleaving.Always : Interleaving.None;

    internal override bool KeepsAlive => _keepAlive;

    internal override bool IsAbandoned => _disposed.IsCancellationRequested;

    public void Start() => _timer.Change(_dueTime, Timeout.InfiniteTimeSpan);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        (_dueTime, _period) = (dueTime, period);
        if (Volatile.Read(ref _queued) == 0)
        {
            Start();
            return;
        }

        // A callback that is due but has not begun is not wanted any more; one that is under way is followed by the new due time.
        _changed = dueTime;
        _skip = !_underWay;
    }

    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
            return;
        _timer.Dispose();
        _activation.RemoveTimer(this);
        _disposed.Cancel();
    }

    internal override void Run(Activation activation)
    {
        var skip = _skip;
        _skip = false;
        if (skip || _disposed.IsCancellationRequested)
        {
            Done();
            return;
        }

        _underWay = true;
        var running = _callback(_disposed.Token);
        if (running.IsCompletedSuccessfully)
            Done();
        else
            _ = Finish(running);
    }

    internal override void Fail(Exception exception)
    {
        _activation.ReportTimerFailure(exception);
        Done();
    }

    internal override void Reject(Exception reason) => Dispose();

    internal override void Discard()
    {
    }

    private async Task Finish(Task running)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            Done();
            return;
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        Done();
    }

    private void Due()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
            _activation.Enqueue(this);
    }

    private void Done()
    {
        _underWay = false;
        var next = _changed ?? _period;
        _changed = null;
        Volatile.Write(ref _queued, 0);
        if (!_disposed.IsCancellationRequested)
            _timer.Change(next, Timeout.InfiniteTimeSpan);
        _activation.EndTurn(this);
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, time, "A time must not be negative, but for Timeout.InfiniteTimeSpan: never.");
    }
}
