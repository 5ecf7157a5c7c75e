namespace Auie.Engine.Tests.Engine;

/// <summary>The system's clock, but that a wait of exactly so long ends when the test says that it has passed.</summary>
internal sealed class HeldTime(TimeSpan held) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ITimer> _timers = [];
    private TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _shift;

    /// <summary>Ends when somebody waits.</summary>
    public Task Waited
    {
        get
        {
            lock (_gate)
                return _waited.Task;
        }
    }

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _shift);

    /// <summary>Lets it pass.</summary>
    public void Advance()
    {
        lock (_gate)
        {
            Interlocked.Add(ref _shift, (long)(held.TotalSeconds * TimestampFrequency));
            foreach (var timer in _timers)
                timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            _timers.Clear();
            _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != held)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _timers.Add(timer);
            _waited.TrySetResult();
        }

        return timer;
    }
}
