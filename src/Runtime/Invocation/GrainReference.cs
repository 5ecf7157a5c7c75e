using Auie.Runtime.Activations;
using Auie.Runtime.Hosting;

namespace Auie.Runtime.Invocation;

/// <summary>A reference to a grain: the base of generated proxies. Remembers the activation that it called last.</summary>
public abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    internal Activation? Activation;

    protected GrainReference(GrainReferenceTarget target)
    {
        Host = target.Host;
        GrainId = target.GrainId;
    }

    internal GrainHost Host { get; }

    internal GrainId GrainId { get; }

    /// <summary>Whether arguments have to be copied because the call hands them over as objects.</summary>
    protected bool Copies => Host.CopiesArguments;

    protected Task<TResult> Call<TResult>(GrainCall<TResult> call, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return Task.FromCanceled<TResult>(token);
        call.Token = token;
        var task = call.AsTask();
        Host.Send(this, call, WaiterKind.Task);
        return task;
    }

    protected Task CallVoid(VoidCall call, CancellationToken token = default) => Call(call, token);

    protected ValueTask<TResult> CallValue<TResult>(GrainCall<TResult> call, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled<TResult>(token);
        call.Token = token;
        var task = call.AsValueTask();
        Host.Send(this, call, WaiterKind.ValueTask);
        return task;
    }

    protected ValueTask CallValueVoid(VoidCall call, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled(token);
        call.Token = token;
        var task = call.AsPlainValueTask();
        Host.Send(this, call, WaiterKind.ValueTask);
        return task;
    }

    /// <summary>Sends a call that is not answered.</summary>
    protected void CallOneWay(GrainCall call, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return;
        Host.Send(this, call, WaiterKind.Nobody);
    }

    /// <summary>The results of a method that returns a stream; nothing is sent before they are enumerated.</summary>
    protected IAsyncEnumerable<TItem> CallStream<TItem>(StreamCall<TItem> call, CancellationToken token = default) =>
        new GrainStream<TItem>(this, call, token);

    internal Task<TResult> Ask<TResult>(GrainCall<TResult> call, CancellationToken token) => Call(call, token);

    public bool Equals(GrainReference? other) => other is not null && other.GetType() == GetType() && other.GrainId == GrainId && other.Host == Host;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => GrainId.ToString();
}

/// <summary>What a proxy is made of.</summary>
public readonly struct GrainReferenceTarget
{
    internal GrainReferenceTarget(GrainHost host, GrainId grainId)
    {
        Host = host;
        GrainId = grainId;
    }

    internal GrainHost Host { get; }

    internal GrainId GrainId { get; }
}

/// <summary>The reference of a call that came from elsewhere.</summary>
internal sealed class InboundReference(GrainHost host, GrainId grainId) : GrainReference(new(host, grainId));
