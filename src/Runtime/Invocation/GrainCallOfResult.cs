using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Auie.Runtime.Activations;
using Auie.Runtime.Serialization;
using Auie.Runtime.Telemetry;

namespace Auie.Runtime.Invocation;

/// <summary>A call with a result.</summary>
public abstract class GrainCall<TResult> : GrainCall, IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _core = new() { RunContinuationsAsynchronously = true };
    private TaskCompletionSource<TResult>? _task;
    private ValueTask<TResult> _running;
    private Action? _resume;
    private bool _observed;
    private Task<TResult>? _observedTask;

    /// <summary>The codec of the result; null for a method without one.</summary>
    protected abstract Codec<TResult>? ResultCodec { get; }

    /// <summary>Whether the result is handed on as it is.</summary>
    protected abstract bool ResultIsImmutable { get; }

    /// <summary>What the caller waits for; to be taken before the call is sent.</summary>
    internal Task<TResult> AsTask()
    {
        _task = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _task.Task;
    }

    internal ValueTask<TResult> AsValueTask() => new(this, _core.Version);

    internal ValueTask AsPlainValueTask() => new(this, _core.Version);

    /// <summary>Takes what the method returned, now or when it is done.</summary>
    protected void Complete(ValueTask<TResult> running)
    {
        if (_observed)
        {
            _observedTask = running.AsTask();
            return;
        }

        if (running.IsCompletedSuccessfully)
        {
            Finish(running.Result);
            return;
        }

        _running = running;
        // Comes back to the grain's turn: the grain's synchronisation context is current here.
        running.GetAwaiter().UnsafeOnCompleted(_resume ??= Resume);
    }

    /// <inheritdoc cref="Complete(ValueTask{TResult})"/>
    protected void Complete(Task<TResult> running)
    {
        if (running is { IsCompletedSuccessfully: true } && !_observed)
            Finish(running.Result);
        else
            Complete(new ValueTask<TResult>(running));
    }

    private void Resume()
    {
        var running = _running;
        _running = default;
        TResult result;
        try
        {
            result = running.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        Finish(result);
    }

    private protected bool IsObserved => _observed;

    private protected override async Task RunObserved(Activation activation)
    {
        var activity = RuntimeTelemetry.Activities.StartActivity(Method.ToString(), ActivityKind.Server, Parent);
        activity?.SetTag("rpc.system", "auie").SetTag("rpc.service", Method.Interface).SetTag("rpc.method", Method.Name).SetTag("auie.grain", activation.GrainId.ToString());
        TResult result;
        try
        {
            _observed = true;
            var context = new IncomingGrainCallContext(this, activation, async () =>
            {
                Invoke(activation.GrainInstance!);
                return await _observedTask!;
            });
            await context.Invoke();
            result = context.Result is TResult given ? given : default!;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            StopObserving(activity);
            Fail(exception);
            return;
        }

        StopObserving(activity);
        Finish(result);
    }

    // Before the answer, so that whoever has that finds the activity stopped.
    private void StopObserving(Activity? activity)
    {
        (_observed, _observedTask) = (false, null);
        activity?.Dispose();
    }

    private protected void Finish(TResult result)
    {
        Activation!.EndTurn(this);
        if (!Activation.MayAnswer)
        {
            Reject(NotOwned());
            return;
        }

        if (Waiter != WaiterKind.Remote && !ResultIsImmutable && result is not null)
        {
            try
            {
                result = ResultCodec!.Copy(result);
            }
            catch (Exception uncopyable)
            {
                Reject(uncopyable);
                return;
            }
        }

        if (!TryFinish())
        {
            Drop();
            return;
        }

        if (Waiter == WaiterKind.Remote)
            Answer(result);
        else
            Take(result);
    }

    private protected override void AnswerException(Exception exception)
    {
        switch (Waiter)
        {
            case WaiterKind.ValueTask:
                _core.SetException(exception);
                break;
            case WaiterKind.Task:
                var task = _task!;
                _task = null;
                if (IsReusable)
                    Recycle();
                if (exception is OperationCanceledException cancelled)
                    task.SetFromTask(CancelledTask(cancelled));
                else
                    task.SetException(exception);
                break;
            case WaiterKind.Remote:
                Answer(exception);
                break;
            default:
                Host.ReportOneWayFailure(this, exception);
                Drop();
                break;
        }
    }

    // A task that is cancelled and keeps the exception, as an async method's is.
    private static Task<TResult> CancelledTask(OperationCanceledException exception)
    {
        var builder = System.Runtime.CompilerServices.AsyncTaskMethodBuilder<TResult>.Create();
        builder.SetException(exception);
        return builder.Task;
    }

    private void Answer(TResult result)
    {
        var writer = WireWriter.Rent();
        try
        {
            if (ResultCodec is { } codec)
                writer.WriteField(ResultField, codec, result);
        }
        catch (Exception unwritable)
        {
            AnswerException(unwritable);
            return;
        }

        Remote!.Answer(this, writer);
        WireWriter.Return(writer);
        Recycle();
    }

    private void Answer(Exception exception)
    {
        var writer = WireWriter.Rent();
        WriteFailure(writer, exception);
        Remote!.Answer(this, writer);
        WireWriter.Return(writer);
        Recycle();
    }

    internal override void TakeAnswer(ReadOnlySpan<byte> response)
    {
        if (!TryFinish())
            return;
        TResult result = default!;
        Exception? failure = null;
        try
        {
            var reader = new WireReader(response);
            while (reader.TryReadTag(out var number, out var type))
            {
                if (number == ResultField && ResultCodec is { } codec)
                    result = reader.ReadField(type, codec);
                else if (number == ExceptionField)
                    failure = reader.ReadField(type, ScalarCodecs.Exception);
                else
                    reader.Skip(type);
            }
        }
        catch (Exception unreadable)
        {
            failure = unreadable;
        }

        if (failure is not null)
        {
            AnswerException(failure);
        }
        else
        {
            Take(result);
        }
    }

    // Gives the caller the result that is its own.
    private void Take(TResult result)
    {
        switch (Waiter)
        {
            case WaiterKind.ValueTask:
                _core.SetResult(result);
                break;
            case WaiterKind.Task:
                var task = _task!;
                _task = null;
                Recycle();
                task.SetResult(result);
                break;
            default:
                Recycle();
                break;
        }
    }

    TResult IValueTaskSource<TResult>.GetResult(short token) => TakeResult(token);

    void IValueTaskSource.GetResult(short token) => TakeResult(token);

    private TResult TakeResult(short token)
    {
        // Fails on a value task that was awaited before, without touching the call that the object may be by now.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The result of a grain call was asked for before it was there: await the call.");
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Reset();
        }
    }

    private void Reset()
    {
        if (!IsReusable)
            return; // the grain still holds it, and drops it
        _core.Reset();
        Recycle();
    }

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

/// <summary>The result of a method that has none.</summary>
public readonly struct Nothing;

/// <summary>A call without a result.</summary>
public abstract class VoidCall : GrainCall<Nothing>
{
    private ValueTask _running;
    private Action? _resume;

    protected sealed override Codec<Nothing>? ResultCodec => null;

    protected sealed override bool ResultIsImmutable => true;

    /// <inheritdoc cref="GrainCall{TResult}.Complete(ValueTask{TResult})"/>
    protected void CompleteVoid(ValueTask running)
    {
        if (IsObserved)
        {
            Complete(WithNothing(running));
            return;
        }

        if (running.IsCompletedSuccessfully)
        {
            running.GetAwaiter().GetResult();
            Finish(default);
            return;
        }

        _running = running;
        running.GetAwaiter().UnsafeOnCompleted(_resume ??= Resume);
    }

    /// <inheritdoc cref="GrainCall{TResult}.Complete(ValueTask{TResult})"/>
    protected void CompleteVoid(Task running)
    {
        if (running is { IsCompletedSuccessfully: true } && !IsObserved)
            Finish(default);
        else
            CompleteVoid(new ValueTask(running));
    }

    private static async ValueTask<Nothing> WithNothing(ValueTask running)
    {
        await running;
        return default;
    }

    private void Resume()
    {
        var running = _running;
        _running = default;
        try
        {
            running.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            Fail(exception);
            return;
        }

        Finish(default);
    }
}
