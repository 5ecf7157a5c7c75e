using Auie.Runtime.Activations;
using Auie.Runtime.Invocation;

namespace Auie.Runtime;

/// <summary>Runs around every call that arrives at a grain of this host: registered as a service, the first registered the outermost.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Goes on to the next filter, at the end to the grain, by <see cref="IGrainCallContext.Invoke"/>; or answers in its place.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>A call that a filter looks at.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain that is called.</summary>
    object Grain { get; }

    GrainId TargetId { get; }

    string InterfaceName { get; }

    string MethodName { get; }

    /// <summary>What the method returned, and what the caller gets; null for a method without a result.</summary>
    object? Result { get; set; }

    Task Invoke();
}

/// <summary>A call that arrives at a grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    IGrainContext TargetContext { get; }
}

internal sealed class IncomingGrainCallContext(GrainCall call, Activation activation, Func<Task<object?>> method) : IIncomingGrainCallContext
{
    private int _next;

    public object Grain { get; } = activation.GrainInstance!;

    public GrainId TargetId => activation.GrainId;

    public string InterfaceName => call.Method.Interface;

    public string MethodName => call.Method.Name;

    public IGrainContext TargetContext => activation;

    public object? Result { get; set; }

    public async Task Invoke()
    {
        var filters = activation.Host.Filters;
        if (_next < filters.Length)
            await filters[_next++].Invoke(this);
        else
            Result = await method();
    }
}
