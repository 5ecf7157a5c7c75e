using System.Collections.Concurrent;
using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>Silos on one table in memory, on clocks that the test moves. Every step is over when each silo sleeps until its next heartbeat.</summary>
public sealed class ClusterScene : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    // Only a failing test waits this long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly SleepTime _time = new(Step, TimeSpan.FromSeconds(1));
    private readonly List<ClusterMember> _running = [];

    public InMemoryMembership Table { get; } = new();

    public RecordedLog Log { get; } = new();

    internal static ClusterOptions Options(string name) => new() { Name = name, Heartbeat = TimeSpan.FromSeconds(1), Lease = TimeSpan.FromSeconds(6), LeaseMargin = TimeSpan.FromMilliseconds(600), DrainTimeout = TimeSpan.FromSeconds(20) };

    internal async Task<(ClusterMember Member, SlotHost Host)> Start(string name, int slots = 4)
    {
        var host = new SlotHost(_time.Changed);
        var member = new ClusterMember(Table, host, Options(name), slots, $"{name}:1", _time, Log);
        await member.StartAsync(CancellationToken.None);
        _running.Add(member);
        await Settled();
        return (member, host);
    }

    internal async Task Stop(ClusterMember member)
    {
        _running.Remove(member);
        await member.StopAsync(CancellationToken.None);
    }

    /// <summary>Lets the time of all clocks go on.</summary>
    public async Task Pass(double seconds, bool silos = true)
    {
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(seconds); passed += Step)
        {
            Table.Advance(Step);
            if (!silos)
                continue;
            _time.Manual.Advance(Step);
            await Settled();
        }
    }

    /// <summary>Lets the time of the silos alone go on, and waits for nothing.</summary>
    public void PassForSilos(double seconds) => _time.Manual.Advance(TimeSpan.FromSeconds(seconds));

    public Task Settled() => Until(() => _time.Sleeping == _running.Count);

    public async Task Until(Func<bool> holds)
    {
        while (true)
        {
            var change = _time.Change;
            if (holds())
                return;
            await change.WaitAsync(Patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _running)
            await member.DisposeAsync();
    }

    /// <summary>A clock that knows how many sleep on it, and says when that changes.</summary>
    private sealed class SleepTime(params TimeSpan[] sleeps) : TimeProvider
    {
        private readonly ConcurrentDictionary<object, byte> _sleeping = new();
        private volatile TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualTime Manual { get; } = new();

        public int Sleeping => _sleeping.Count;

        public Task Change => _change.Task;

        public override long TimestampFrequency => Manual.TimestampFrequency;

        public void Changed() => Interlocked.Exchange(ref _change, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

        public override long GetTimestamp() => Manual.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var sleep = new Sleep(this);
            if (sleeps.Contains(dueTime))
                _sleeping[sleep] = 0;
            sleep.Timer = Manual.CreateTimer(
                inner =>
                {
                    Wake(sleep);
                    callback(inner);
                },
                state, dueTime, period);
            Changed();
            return sleep;
        }

        private void Wake(Sleep sleep)
        {
            if (_sleeping.TryRemove(sleep, out _))
                Changed();
        }

        private sealed class Sleep(SleepTime time) : ITimer
        {
            public ITimer Timer { get; set; } = null!;

            public bool Change(TimeSpan dueTime, TimeSpan period) => Timer.Change(dueTime, period);

            public void Dispose()
            {
                time.Wake(this);
                Timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return default;
            }
        }
    }
}

/// <summary>A host of slots whose drains and abandoning last until the test ends them; or not at all, unless told so.</summary>
internal sealed class SlotHost(Action changed) : ISlotHost
{
    public ConcurrentQueue<ClusterView> Views { get; } = new();

    public ConcurrentQueue<Drain> Drains { get; } = new();

    public TaskCompletionSource? HoldAbandon { get; set; }

    public int Abandoned { get; private set; }

    public bool HoldDrains { get; set; }

    /// <summary>Whether a drain that is cut off goes on until the test ends it.</summary>
    public bool HoldCuts { get; set; }

    public SiloLoad Load => new(1, 2, 3);

    public IReadOnlyCollection<long> Unreachable { get; set; } = [];

    public void ViewChanged(ClusterView view)
    {
        Views.Enqueue(view);
        changed();
    }

    public Task DrainAsync(IReadOnlyCollection<int> slots, CancellationToken cancellationToken)
    {
        var drain = new Drain([.. slots], new(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
        if (!HoldDrains)
            drain.Ended.SetResult();
        else if (!HoldCuts)
            cancellationToken.Register(() => drain.Ended.TrySetResult());
        Drains.Enqueue(drain);
        changed();
        return drain.Ended.Task;
    }

    public Task AbandonAsync()
    {
        Abandoned++;
        changed();
        return HoldAbandon?.Task ?? Task.CompletedTask;
    }

    internal sealed record Drain(int[] Slots, TaskCompletionSource Ended, CancellationToken Cut);
}
