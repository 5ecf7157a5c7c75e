using Auie.Runtime.Invocation;

namespace Auie.Runtime.Activations;

/// <summary>From the first call to the end.</summary>
internal sealed partial class Activation
{
    private enum State : byte
    {
        New,
        Activating,
        Active,

        /// <summary>To end as soon as the turns that run have ended; others wait, for the next activation.</summary>
        Draining,
        Deactivating,
        Ended,
    }

    private volatile State _state;
    private DeactivationReason _reason;
    private long _notBefore;
    private TaskCompletionSource? _deactivated;
    private List<GrainTimer>? _timers;
    private ActivationStreams? _streams;

    private volatile bool _revoked;
    private bool _handingOver;

    /// <summary>Whether calls have to look for another activation.</summary>
    public bool HasEnded => _revoked || _state == State.Ended;

    /// <summary>Whether what it answers is current: nobody else may serve its grain.</summary>
    public bool MayAnswer => !_revoked && (Host.Cluster is not { } cluster || Class.Workers > 0 || cluster.MayAnswer);

    public ActivationStreams Streams => _streams ??= new(this);

    public Task Deactivated
    {
        get
        {
            var source = LazyInitializer.EnsureInitialized(ref _deactivated, static () => new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (_state == State.Ended)
                source.TrySetResult();
            return source.Task;
        }
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (Current == this)
            Drain(deactivationReason);
        else
            Enqueue(new DeactivationRequest(deactivationReason, ifIdle: false));
    }

    /// <summary>
    /// Ends the activation because its grain is to be served by another process: what comes from outside goes there at once, and what grains call that end with it is
    /// still served.
    /// </summary>
    public void HandOver() => Enqueue(new HandOverRequest());

    /// <summary>
    /// Gives the identity up at once, whatever still runs: others may serve it from now on. What runs is not answered any more, what waits goes elsewhere, and the
    /// rest ends as it can; its writes are refused by the store.
    /// </summary>
    public void Revoke()
    {
        _revoked = true;
        Host.Forget(this);
        Enqueue(new DeactivationRequest(new(DeactivationReasonCode.ShuttingDown, "The grain is served elsewhere by now."), ifIdle: false));
    }

    public void DelayDeactivation(TimeSpan time) =>
        _notBefore = time > TimeSpan.Zero ? (time >= TimeSpan.MaxValue - TimeSpan.FromTicks(Host.Now) ? long.MaxValue : Host.Now + time.Ticks) : 0;

    /// <summary>Whether nobody has used it for as long as it takes to be collected. Called from any thread; the activation looks again itself.</summary>
    public bool IsIdle(long now) =>
        _state == State.Active && Volatile.Read(ref _running) == 0 && Load == 0
        && now - Volatile.Read(ref _lastUsed) >= Host.Options.IdleCollection.Ticks && now >= Volatile.Read(ref _notBefore);

    public void CollectIfIdle(DeactivationReason reason) => Enqueue(new DeactivationRequest(reason, ifIdle: true));

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        (_timers ??= []).Add(timer);
        timer.Start();
        return timer;
    }

    public void RemoveTimer(GrainTimer timer) => _timers?.Remove(timer);

    private void Activate()
    {
        _state = State.Activating;
        Task activating;
        try
        {
            Activating = this;
            try
            {
                GrainInstance = Class.Create(ActivationServices);
            }
            finally
            {
                Activating = null;
            }

            activating = ((IGrainBase)GrainInstance).OnActivateAsync(Host.Stopping);
        }
        catch (Exception exception)
        {
            activating = Task.FromException(exception);
        }

        if (activating.IsCompletedSuccessfully)
            Activated();
        else
            _ = FinishActivating(activating);
    }

    private async Task FinishActivating(Task activating)
    {
        try
        {
            await activating;
        }
        catch (Exception exception)
        {
            // What was only begun when the host stops is given up, which is no failure of the grain.
            if (!(exception is OperationCanceledException && Host.Stopping.IsCancellationRequested))
                LogActivationFailed(Host.Logger, GrainId, exception);
            _reason = new(DeactivationReasonCode.ActivationFailed, exception, "OnActivateAsync failed.");
            Release();
            await DisposeGrain();
            while (TakeWaiting() is { } turn)
                turn.Reject(exception);
            return;
        }

        Activated();
    }

    private void Activated()
    {
        _state = State.Active;
        Host.Metrics.CountActivation();
        if (_reason.ReasonCode != DeactivationReasonCode.None)
            _state = State.Draining; // asked for while it was activating
    }

    private void Drain(DeactivationReason reason)
    {
        if (_state > State.Active)
            return;
        _reason = reason;
        // Nobody waits for what a timer does: it is told to end. Who asks for its own deactivation may still want what it began.
        if (reason.ReasonCode != DeactivationReasonCode.ApplicationRequested)
            StopTimers();
        if (_state == State.Active)
            _state = State.Draining;
        else if (_state == State.New)
            Release();
    }

    private void StopTimers()
    {
        foreach (var timer in _timers?.ToArray() ?? [])
            timer.Dispose();
    }

    private void BeginDeactivation()
    {
        _state = State.Deactivating;
        StopTimers();
        _ = Deactivate();
    }

    private async Task Deactivate()
    {
        using var expired = new CancellationTokenSource(Host.Options.DeactivationTimeout, Host.Time);
        try
        {
            if (_streams is { Count: > 0 } streams)
                await streams.AbortAll().WaitAsync(expired.Token);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, expired.Token).WaitAsync(expired.Token);
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested)
        {
            LogDeactivationFailed(
                Host.Logger, GrainId, _reason.ReasonCode, new TimeoutException($"OnDeactivateAsync did not end in {Host.Options.DeactivationTimeout}."));
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Host.Logger, GrainId, _reason.ReasonCode, exception);
        }

        await DisposeGrain();
        Host.Metrics.CountDeactivation();
        Release();
        while (TakeWaiting() is { } turn)
            PassOn(turn);
    }

    private async Task DisposeGrain()
    {
        var grain = GrainInstance;
        GrainInstance = null;
        try
        {
            if (grain is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (grain is IDisposable disposable)
                disposable.Dispose();
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Host.Logger, GrainId, _reason.ReasonCode, exception);
        }
    }

    /// <summary>Gives the identity free for another activation.</summary>
    private void Release()
    {
        Host.Forget(this);
        _state = State.Ended;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _deactivated)?.TrySetResult();
    }

    private Turn? TakeWaiting()
    {
        if (_waiting?.Take(readers: true, others: true) is not { } turn)
            return null;
        _waitingCount--;
        return turn;
    }

    /// <summary>Sends a call that came too late on to the grain's next activation.</summary>
    private void PassOn(Turn turn)
    {
        if (turn is GrainCall { IsAbandoned: false } call)
            Host.Resend(call);
        else
            turn.Discard();
    }

    public void AbortAbandonedStreams(long since) => Enqueue(new StreamCleanup(since));

    private sealed class StreamCleanup(long since) : WorkItem
    {
        internal override void Process(Activation activation) => _ = activation._streams?.AbortAbandoned(since);
    }

    private sealed class HandOverRequest : WorkItem
    {
        internal override void Process(Activation activation)
        {
            activation._handingOver = true;
            activation._streams?.EndSilences();
            activation.Drain(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The grain is served elsewhere from now on."));
            // Those of them that still belong here come back.
            while (activation._state <= State.Draining && activation.TakeWaiting() is { } turn)
                activation.PassOn(turn);
        }
    }

    private sealed class DeactivationRequest(DeactivationReason reason, bool ifIdle) : WorkItem
    {
        internal override void Process(Activation activation)
        {
            if (!ifIdle || activation is { _batchCount: 0, _waitingCount: 0 } && activation.IsIdleNow())
                activation.Drain(reason);
            while (activation._revoked && activation.TakeWaiting() is { } turn)
                activation.PassOn(turn);
        }
    }

    // The request itself is no longer in the mailbox; whatever came after it is, and counts.
    private bool IsIdleNow() =>
        _state == State.Active && _running == 0 && Volatile.Read(ref _mailbox) == Busy
        && Host.Now - _lastUsed >= Host.Options.IdleCollection.Ticks && Host.Now >= _notBefore;
}
