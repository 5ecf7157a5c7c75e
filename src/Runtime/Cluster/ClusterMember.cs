using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

/// <summary>
/// This silo's part in the cluster: it is in the membership table, keeps its lease, and takes and gives up slots as the plan has it. What it decides about slots is
/// <see cref="SlotLedger"/>'s, and until when it may answer for them <see cref="LeaseClock"/>'s; this is the loop that brings both to the table.
/// </summary>
internal sealed partial class ClusterMember : IAsyncDisposable
{
    /// <summary>How many slots are drained, and so released, together: one grain that is slow to end holds up no more than these.</summary>
    private const int DrainedTogether = 16;

    private readonly IMembershipTable _table;
    private readonly ISlotHost _host;
    private readonly ClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LeaseClock _lease;
    private readonly int _slots;
    private readonly string _address;
    private readonly byte[] _secret;
    private readonly CancellationTokenSource _abort = new();
    private readonly ClusterMetrics _metrics;

    // Guards what the ledger decides; reading whether it owns a slot takes no lock.
    private readonly Lock _gate = new();
    private volatile SlotLedger _ledger;
    private volatile ClusterView? _view;
    private volatile TaskCompletionSource _hurry = NewHurry();
    private volatile bool _stopping;
    private SiloId? _id;
    private bool _abandoned;
    private bool _saidDraining;
    private volatile bool _cutOff;
    private volatile bool _failing;
    private long _failingSince;
    private bool _lapsed;
    private bool _saidTableGone;
    private long _number;
    private long _sparesUntil = long.MinValue;
    private bool _draining;
    private bool _rejoinsDrained;
    private bool _hasJustJoined;
    private Task _loop = Task.CompletedTask;

    /// <param name="slots">How many slots the cluster has.</param>
    /// <param name="address">Where the others connect to this silo.</param>
    public ClusterMember(IMembershipTable table, ISlotHost host, ClusterOptions options, int slots, string address, TimeProvider time, ILogger logger)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        (_table, _host, _options, _slots, _address, _time, _logger) = (table, host, options, slots, address, time, logger);
        _secret = ClusterSecret.Digest(options.Secret);
        _lease = new(Ticks(options.Lease - options.LeaseMargin));
        _ledger = new(default, slots);
        _metrics = new(options.Name, () => _view?.Silos.Count ?? 0, () => LeaseIsValid ? _ledger.Owned : 0, () => LeaseIsValid ? _time.GetElapsedTime(_time.GetTimestamp(), _lease.Deadline) : TimeSpan.Zero);
    }

    /// <summary>The table as this silo saw it last; null before the first time.</summary>
    public ClusterView? View => _view;

    /// <summary>This life of the silo, or the one that was put out until the next has joined; null before it has joined at all.</summary>
    public SiloId? Id => _ledger.Silo is { Name: not null } id ? id : null;

    /// <summary>Whether what this silo owns may be answered for at this moment. Cheap; for any thread.</summary>
    public bool LeaseIsValid => _lease.IsValid(_time.GetTimestamp());

    /// <summary>Whether the others cannot talk to this silo, so that it is to serve nothing until they can.</summary>
    public bool IsCutOff => _cutOff;

    /// <summary>Whether the table has not answered for so long, and the lease has run out by it, that nobody is to wait for it any more.</summary>
    public bool IsTableGone => _failing && !LeaseIsValid && _time.GetElapsedTime(Volatile.Read(ref _failingSince)) > _options.OutagePatience;

    /// <summary>Whether a slot is served here, as long as <see cref="LeaseIsValid"/>; not from when it begins to be drained. Cheap; for any thread.</summary>
    public bool Owns(int slot) => _ledger.Owns(slot);

    /// <summary>The table has changed, or will not be as this silo knows it: look at once.</summary>
    public void Hurry() => _hurry.TrySetResult();

    /// <summary>Makes the table where it is not there yet, joins, and begins to beat.</summary>
    /// <exception cref="InvalidOperationException">The table is not one that this silo can join.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await Bounded(token => _table.PrepareAsync(_slots, token), cancellationToken);
                await JoinAsync(cancellationToken);
                break;
            }
            catch (TimeoutException exception) when (_time.GetElapsedTime(began) < _options.JoinTimeout)
            {
                // Nothing depends on it yet: a table that is slow for a moment is no reason not to start.
                LogJoinsLate(_logger, exception);
            }
        }

        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Gives up all slots, with heartbeats going on so that others take each as it is free, and leaves.</summary>
    /// <param name="cancellationToken">Ends it at once; what is not released then is free when the lease has run out.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        SlotLedger ledger;
        int[] drain;
        int held;
        lock (_gate)
        {
            _stopping = true;
            ledger = _ledger;
            held = ledger.Held;
            drain = ledger.Stop();
        }

        Drain(ledger, drain);
        Hurry();
        await using (cancellationToken.Register(_abort.Cancel))
            await _loop;
        int kept;
        lock (_gate)
        {
            kept = _ledger.Held;
            _ledger.Clear();
        }

        _lease.End();
        if (Id is null)
            return; // it never joined, so there is nothing that it left
        if (kept == 0)
            LogLeft(_logger, held, _time.GetElapsedTime(began).TotalSeconds);
        else
            LogLeftWith(_logger, kept, _time.GetElapsedTime(began).TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync();
        await _loop;
        _lease.End();
        _metrics.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_abort.IsCancellationRequested)
        {
            // Whoever hurries from here on has it looked at once more.
            var hurry = _hurry = NewHurry();
            TimeSpan? pause;
            try
            {
                pause = await StepAsync();
                Recovered();
            }
            catch (Exception exception)
            {
                Failed(exception);
                pause = IsOver ? null : _options.Heartbeat / 4;
            }

            if (pause is null)
                return;
            await hurry.Task.WaitAsync(pause.Value, _time, _abort.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether a silo that is to end can do no more: nothing of it runs any longer, and others may take what it could not release.</summary>
    private bool IsOver
    {
        get
        {
            lock (_gate)
                return _stopping && !_ledger.IsDraining && !LeaseIsValid;
        }
    }

    /// <summary>Does what is next to do with the table.</summary>
    /// <returns>How long until the next time; null where the silo has left.</returns>
    private async Task<TimeSpan?> StepAsync()
    {
        if (_id is null)
        {
            if (!_abandoned)
                await AbandonAsync();
            if (_stopping)
                return null;
            await JoinAsync(_abort.Token);
        }

        var id = _id!.Value;
        if (_rejoinsDrained || (_stopping && !_saidDraining))
        {
            // Who rejoins drained may be resumed, and has to say it again when it stops.
            var stops = _stopping;
            _saidDraining = await Bounded(token => _table.SetStatusAsync(id, SiloStatus.Draining, token), _abort.Token) && stops;
            _rejoinsDrained = false;
        }

        if (_stopping && _ledger.IsEmpty)
        {
            await Bounded(token => _table.LeaveAsync(id, token), _abort.Token);
            return null;
        }

        return await BeatAsync(id);
    }

    private async Task<TimeSpan> BeatAsync(SiloId id)
    {
        var (load, unreachable) = (_host.Load, _host.Unreachable);
        Heartbeat beat;
        lock (_gate)
            beat = new(id, ++_number, _options.Lease, load, unreachable, _ledger.Releases, _ledger.Claims);
        var beforeSent = _time.GetTimestamp();
        var hadLapsed = !_lease.IsValid(beforeSent);
        var view = await Bounded(token => _table.BeatAsync(beat, token), _abort.Token);
        // Whoever was paused has not failed at anything meanwhile.
        if (hadLapsed && !_lapsed)
        {
            _lapsed = true;
            _metrics.Lapsed();
        }

        if (view is null)
        {
            LogPutOut(_logger, id);
            PutOut();
            return TimeSpan.Zero;
        }

        int[] drain, claims;
        bool changed, drained;
        int gained;
        lock (_gate)
        {
            // The deadline first: a slot is never served by one that is not of its own heartbeat, or of an earlier one.
            _lease.Renew(beforeSent);
            // Who could not reach the table for so long takes it that others could not either, and leaves them the time to come back: the first would have all slots else.
            // So does who joins where no lease runs of those who have slots.
            var answered = _time.GetTimestamp();
            if (hadLapsed || (_hasJustJoined && EveryOwnerExpired(view)))
                _sparesUntil = answered + Ticks(_options.TablePatience + _options.Heartbeat);
            _hasJustJoined = false;
            var before = _ledger.Slots.ToArray();
            try
            {
                drain = _ledger.Accept(view, answered < _sparesUntil);
            }
            catch (InvalidOperationException exception)
            {
                LogContradicted(_logger, exception);
                PutOut();
                return TimeSpan.Zero;
            }

            changed = !before.SequenceEqual(_ledger.Slots);
            gained = _ledger.Slots.Zip(before).Count(slot => slot.First == SlotState.Owned && slot.Second != SlotState.Owned);
            drained = _ledger.Releases.Length > 0;
            claims = _ledger.Claims;
        }

        _metrics.Renewed(gained);
        TellOfOthers(_view, view, gained);
        changed |= _saidTableGone || _view is not { } known || known.Version != view.Version || !Expired(known).SequenceEqual(Expired(view));
        (_view, _saidTableGone) = (view, false);
        _draining = view.Silos.Any(silo => silo.Id == id && silo.Status == SiloStatus.Draining);
        SetCutOff(CutOff.Of(view).Contains(id));
        if (changed)
            _host.ViewChanged(view);
        Drain(_ledger, drain);

        // What was claimed in vain is not claimed again in the same breath.
        if (drained || (claims.Length > 0 && !claims.SequenceEqual(beat.Claim)) || (_stopping && _ledger.IsEmpty))
            return TimeSpan.Zero;
        return _stopping || new SlotPlan(view).InMotion ? _options.Heartbeat / 4 : _options.Heartbeat;
    }

    /// <summary>Who else is gone, and what is served here for it: of one that was killed nobody else tells.</summary>
    private void TellOfOthers(ClusterView? before, ClusterView now, int gained)
    {
        foreach (var gone in before?.Silos.Where(silo => silo.Id.Name != _options.Name && !now.Silos.Any(other => other.Id == silo.Id)) ?? [])
            LogGone(_logger, gone.Id, gone.Address);
        if (gained > 0)
            LogGained(_logger, gained, now.Owners.Count(owner => owner == _id), now.Owners.Count);
    }

    private void SetCutOff(bool cutOff)
    {
        if (cutOff == _cutOff)
            return;
        _cutOff = cutOff;
        if (cutOff)
            LogCutOff(_logger);
        else
            LogReached(_logger);
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            var table = await Bounded(_table.ReadAsync, cancellationToken);
            var earlier = table.Silos.FirstOrDefault(silo => silo.Id.Name == _options.Name);
            // Where this one listens no other can. Elsewhere one may run yet, and two of a name would put each other out for ever.
            if (earlier is { Expired: false } && earlier.Address != _address)
            {
                if (_time.GetElapsedTime(began) > _options.Lease * 2)
                    throw new InvalidOperationException($"A silo named '{_options.Name}' runs at {earlier.Address}; this one needs another name (Cluster:Name).");
                await Task.Delay(_options.Heartbeat, _time, cancellationToken);
                continue;
            }

            var beforeSent = _time.GetTimestamp();
            if (await Bounded(token => _table.JoinAsync(_options.Name, earlier?.Id, _address, _options.Version, _secret, _options.Lease, token), cancellationToken) is not { } id)
                continue;

            lock (_gate)
            {
                _id = id;
                _hasJustJoined = true;
                _abandoned = false;
                _saidDraining = false;
                // Who was drained when it was put out is so in its next life, until it is resumed.
                _rejoinsDrained = _draining;
                _ledger = new(id, _slots);
                if (_stopping)
                    _ledger.Stop();
                _lease.Renew(beforeSent);
            }

            LogJoined(_logger, id, _address);
            return;
        }
    }

    /// <summary>From here on nothing is answered for.</summary>
    private void PutOut()
    {
        _lease.End();
        lock (_gate)
            _ledger.Clear();
        _id = null;
    }

    /// <summary>Joins no earlier than all is given up: the lease of the next life must not cover what is left of this one.</summary>
    private async Task AbandonAsync()
    {
        await _host.AbandonAsync().WaitAsync(_abort.Token);
        _abandoned = true;
    }

    /// <summary>Ends the grains of slots, and then lets the heartbeat release them.</summary>
    private void Drain(SlotLedger ledger, int[] slots)
    {
        foreach (var together in slots.Chunk(DrainedTogether))
            _ = DrainAsync(ledger, together);
    }

    private async Task DrainAsync(SlotLedger ledger, int[] slots)
    {
        using var cut = new CancellationTokenSource();
        var drained = Task.CompletedTask;
        try
        {
            drained = _host.DrainAsync(slots, cut.Token);
            await drained.WaitAsync(_options.DrainTimeout, _time);
        }
        catch (Exception exception)
        {
            LogDrainCut(_logger, slots.Length, exception);
            await cut.CancelAsync();
            // Not released before nothing of it can be answered for any more.
            await drained.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
            ledger.Drained(slots);
        Hurry();
    }

    /// <summary>Waits for the table no longer than would cost the lease, even where it does not heed its token.</summary>
    private async Task<T> Bounded<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.TablePatience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await call(both.Token).WaitAsync(both.Token);
        }
        catch (OperationCanceledException exception) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The membership table did not answer within {_options.TablePatience.TotalSeconds:0.###} s.", exception);
        }
    }

    private Task Bounded(Func<CancellationToken, Task> call, CancellationToken cancellationToken) =>
        Bounded(
            async token =>
            {
                await call(token);
                return true;
            },
            cancellationToken);

    private void Failed(Exception exception)
    {
        if (_abort.IsCancellationRequested)
            return;
        if (!_failing)
        {
            LogFailing(_logger, exception);
            Volatile.Write(ref _failingSince, _time.GetTimestamp());
            _failing = true;
        }

        if (!_lapsed && _id is not null && !LeaseIsValid)
        {
            _lapsed = true;
            _metrics.Lapsed();
            LogLapsed(_logger, exception);
        }

        // Whoever has no lease of its own to go by, and cannot look at the table, learns it from this.
        if (!_saidTableGone && IsTableGone && _view is { } last)
        {
            _saidTableGone = true;
            _host.ViewChanged(last);
        }
    }

    private void Recovered()
    {
        if (_failing)
            LogRecovered(_logger);
        _failing = _lapsed = false;
    }

    /// <summary>Whether slots have owners, and none of them a lease that runs.</summary>
    private static bool EveryOwnerExpired(ClusterView view)
    {
        var expired = Expired(view).ToHashSet();
        return view.Owners.Any(owner => owner is not null) && view.Owners.All(owner => owner is not { } id || expired.Contains(id));
    }

    private static IEnumerable<SiloId> Expired(ClusterView view) => view.Silos.Where(silo => silo.Expired).Select(silo => silo.Id);

    private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
