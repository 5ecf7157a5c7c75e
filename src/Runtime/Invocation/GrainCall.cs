using System.Diagnostics;
using Auie.Runtime.Activations;
using Auie.Runtime.Hosting;
using Auie.Runtime.Serialization;
using Auie.Runtime.Telemetry;

namespace Auie.Runtime.Invocation;

/// <summary>
/// One call of a grain: the arguments, who is called, and who waits. Generated code derives one class a method. Objects are pooled; two parties hold
/// one, the caller and the grain. Whoever changes <c>State</c> from pending to done answers the caller. As a rule that is the grain, and the object
/// is used again; a deadline or a cancellation that comes first leaves it to the grain, which drops it when it gets to it.
/// </summary>
public abstract class GrainCall : Turn, IInvokable
{
    // Fields of an answer.
    private protected const uint ResultField = 0, ExceptionField = 1;

    private const int Idle = 0, Pending = 1, Done = 2, Orphan = 3, StatusMask = 3, NextVersion = 4;

    // Status in the low bits, above it a number that tells the uses of this object apart.
    private int _state;

    private long _deadline;
    private long _started;
    private bool _reusable;
    private CancellationTokenRegistration _registration;

    internal int TableIndex = -1;
    internal GrainReference? Target;
    internal Activation? Activation;
    internal Dictionary<string, object>? Context;

    // The activation of this process that called, where there may be another process.
    internal Activation? Caller;

    // It is of what a grain does whose slot is being handed over.
    internal bool IsOfHandingOver;
    internal ActivityContext Parent;
    internal WaiterKind Waiter;

    // The party that an inbound call is answered to, or that an outbound one can be cancelled by, and the number by which that party knows the call.
    internal IRemoteParty? Remote;
    internal ulong RemoteNumber;

    private protected GrainCall()
    {
    }

    /// <summary>Which method is called.</summary>
    public abstract GrainMethod Method { get; }

    /// <summary>The token that the method gets: the caller's own, or one that is cancelled when the caller's is.</summary>
    public CancellationToken Token { get; internal set; }

    internal GrainHost Host => Target!.Host;

    internal override Interleaving Interleaving => Method.Interleaving;

    internal override bool IsAbandoned => (Volatile.Read(ref _state) & StatusMask) != Pending;

    internal long Deadline => _deadline;

    // Tells this use of the object from those before and after it.
    internal int Use => Volatile.Read(ref _state) & ~StatusMask;

    /// <summary>The thread's share of the method's pool, to go back to.</summary>
    protected abstract CallPool.Local Pool { get; }

    /// <summary>Calls the method, and hands what it returns to <c>Complete</c>.</summary>
    protected abstract void Invoke(object grain);

    /// <summary>Writes the arguments as fields numbered from 0.</summary>
    protected abstract void WriteArguments(WireWriter writer);

    /// <summary>Reads the arguments; those that are absent are their types' defaults.</summary>
    protected abstract void ReadArguments(ref WireReader reader);

    /// <summary>Forgets the arguments.</summary>
    protected abstract void ClearArguments();

    /// <inheritdoc/>
    public abstract int GetArgumentCount();

    /// <inheritdoc/>
    public abstract object? GetArgument(int index);

    /// <inheritdoc/>
    public string GetMethodName() => Method.Name;

    /// <inheritdoc/>
    public string GetInterfaceName() => Method.Interface;

    internal void Write(WireWriter writer) => WriteArguments(writer);

    internal void Read(ref WireReader reader) => ReadArguments(ref reader);

    /// <summary>Writes an answer that is a failure.</summary>
    internal static void WriteFailure(WireWriter writer, Exception exception)
    {
        var before = writer.Mark();
        try
        {
            writer.WriteField(ExceptionField, ScalarCodecs.Exception, exception);
        }
        catch (Exception unwritable)
        {
            // An exception of the application's that cannot even tell its message.
            var name = exception.GetType().ToString();
            writer.BackTo(before);
            writer.WriteField(ExceptionField, ScalarCodecs.Exception, new UnavailableExceptionFallbackException(
                name, $"A {name} could not be sent as the answer of a call: it failed with a {unwritable.GetType()}."));
        }
    }

    /// <summary>Makes the call ready to be sent; its token must have been set.</summary>
    internal void Begin(GrainReference target, WaiterKind waiter, long deadline)
    {
        if (TableIndex < 0)
            CallTable.Add(this);
        Target = target;
        Waiter = waiter;
        _deadline = deadline;
        _reusable = true;
        var host = target.Host;
        if (host.Metrics.Timed)
            _started = Stopwatch.GetTimestamp();
        // The status is published last: a sweep that sees it sees the deadline.
        Volatile.Write(ref _state, (_state & ~StatusMask) + NextVersion + Pending);
        if (Token.CanBeCanceled && waiter != WaiterKind.Remote)
            _registration = Token.UnsafeRegister(static (call, token) => ((GrainCall)call!).Cancel(token), this);
    }

    internal override void Run(Activation activation)
    {
        Activation = activation;
        if (!ReferenceEquals(RequestContext.Current, Context))
            RequestContext.Current = Context;
        if (!IsOfHandingOver && activation.Host.Cluster is { } cluster && cluster.IsHandingOver(this))
            IsOfHandingOver = true;
        if (IsOfHandingOver)
            RequestContext.SetHandingOver();
        if (activation.Host.HasFilters || RuntimeTelemetry.Activities.HasListeners())
            _ = RunObserved(activation);
        else
            Invoke(activation.GrainInstance!);
    }

    /// <summary>Fails the call, unless it has been answered.</summary>
    internal override void Reject(Exception reason)
    {
        if (TryFinish())
            AnswerException(reason);
        else
            Drop();
    }

    internal override void Fail(Exception exception)
    {
        Activation!.EndTurn(this);
        Activation.Host.Metrics.CountFailure();
        Reject(!Activation.MayAnswer ? NotOwned() : exception is NotCalledException other ? Begun(other) : exception);
    }

    /// <summary>The grain called another, which was not called; but it was itself, and may have done something before.</summary>
    private TimeoutException Begun(NotCalledException other) =>
        new($"{Method} on {Target!.GrainId} could not be carried to its end. Whether it took effect is unknown. {other.Message}", other);

    /// <summary>Why the grain's answer is not given: somebody else may serve the grain by now, and know better.</summary>
    private protected UnansweredException NotOwned() =>
        new($"This silo's lease ended while {Method} ran on {Target!.GrainId}. Whether it took effect is unknown.");

    internal void ExpireIfOverdue(GrainHost host, long now)
    {
        var state = Volatile.Read(ref _state);
        var (target, deadline) = (Target, _deadline);
        if (target is null || target.Host != host || now < deadline)
            return;
        switch (state & StatusMask)
        {
            case Pending when Waiter == WaiterKind.Nobody:
                break;
            case Pending:
                var method = Method;
                if (Interlocked.CompareExchange(ref _state, state - Pending + Done, state) == state)
                {
                    if (Waiter == WaiterKind.Remote)
                        Remote!.Expire(this);
                    else
                        host.Metrics.CountTimeout();
                    Abandon(new TimeoutException(
                        $"The call of {method} on {target.GrainId} was not answered in {method.Limit ?? host.Options.ResponseTimeout}. Whether it took effect is unknown."));
                }

                break;

            // Answered long ago, and the caller never looked at the answer.
            case Done when now - deadline > host.Options.ResponseTimeout.Ticks
                && Interlocked.CompareExchange(ref _state, state - Done + Orphan, state) == state:
                CallTable.Remove(this);
                break;
        }
    }

    /// <summary>The caller gives up; the grain is told by its token.</summary>
    internal void Cancel(CancellationToken token)
    {
        var state = Volatile.Read(ref _state);
        if ((state & StatusMask) != Pending || Interlocked.CompareExchange(ref _state, state - Pending + Done, state) != state)
            return;
        // Looked at only now: whoever sends the call sets it first, and looks at the state after that.
        Remote?.Cancel(this);
        Abandon(new OperationCanceledException(token));
    }

    /// <summary>The caller of an inbound call has given up: if it has not begun, it does not begin. Nothing happens to a later use of the object.</summary>
    internal void CancelUse(int use, CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, use + Done, use + Pending) == use + Pending)
            Abandon(new OperationCanceledException(token));
    }

    /// <summary>Takes the right to answer; false where the caller has been answered already. Ends the registration with the caller's token.</summary>
    internal bool TryFinish()
    {
        var state = Volatile.Read(ref _state);
        if ((state & StatusMask) != Pending || Interlocked.CompareExchange(ref _state, state - Pending + Done, state) != state)
            return false;
        if (Token.CanBeCanceled && Waiter != WaiterKind.Remote && !_registration.Unregister())
            _reusable = false; // its callback is running: this object must not become another call under it
        if (_started != 0)
        {
            Host.Metrics.RecordLatency(Stopwatch.GetElapsedTime(_started), Method);
            _started = 0;
        }

        return true;
    }

    /// <summary>Gives the object back, once neither party needs it.</summary>
    internal void Recycle()
    {
        if (!_reusable)
        {
            Drop();
            return;
        }

        var state = Volatile.Read(ref _state);
        if ((state & StatusMask) != Done || Interlocked.CompareExchange(ref _state, state - Done, state) != state)
            return;
        ClearArguments();
        Target = null;
        Activation = null;
        Context = null;
        Caller = null;
        IsOfHandingOver = false;
        Remote = null;
        if (Parent != default)
            Parent = default;
        if (Token.CanBeCanceled)
            Token = default;
        _registration = default;
        Pool.Give(this);
    }

    internal override void Discard() => Drop();

    /// <summary>Leaves the object to the garbage collector.</summary>
    internal void Drop()
    {
        _reusable = false;
        CallTable.Remove(this);
    }

    private protected bool IsReusable => _reusable;

    private protected abstract void AnswerException(Exception exception);

    /// <summary>Calls the method with an activity and the filters around it.</summary>
    private protected abstract Task RunObserved(Activation activation);

    /// <summary>Takes the answer that came from elsewhere as bytes.</summary>
    internal abstract void TakeAnswer(ReadOnlySpan<byte> response);

    private void Abandon(Exception exception)
    {
        _reusable = false;
        CallTable.Remove(this);
        AnswerException(exception);
    }
}

/// <summary>How the caller waits.</summary>
internal enum WaiterKind : byte
{
    /// <summary>It does not: a one-way call.</summary>
    Nobody,

    /// <summary>By a task of its own.</summary>
    Task,

    /// <summary>By the call object, as the source of a value task.</summary>
    ValueTask,

    /// <summary>Elsewhere: the answer is sent as bytes.</summary>
    Remote,
}

/// <summary>The other end of a call that crosses a wire.</summary>
internal interface IRemoteParty
{
    /// <summary>Sends the answer of an inbound call, written by the call itself.</summary>
    void Answer(GrainCall call, WireWriter response);

    /// <summary>Gives back an inbound call that has not begun, and will not begin here: the caller is to look for its grain elsewhere.</summary>
    void Return(GrainCall call);

    /// <summary>Tells whoever executes an inbound call, by its token, that its time is up.</summary>
    void Expire(GrainCall call);

    /// <summary>Tells the callee of an outbound call that the caller has given up.</summary>
    void Cancel(GrainCall call);
}
