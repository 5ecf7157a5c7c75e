using Auie.Runtime.Activations;

namespace Auie.Runtime;

/// <summary>The base of a grain class: one object for one identity, whose methods run one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <exception cref="InvalidOperationException">The object is not made by the runtime, as an activation.</exception>
    protected Grain() => GrainContext = Activation.Activating
        ?? throw new InvalidOperationException($"A {GetType().Name} is a grain: the runtime makes it, when it is called through a reference.");

    public IGrainContext GrainContext { get; }

    protected IGrainFactory GrainFactory => ((Activation)GrainContext).Host;

    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>Called before the first call that the activation takes; while it runs no other does. If it throws, that call and those that waited fail.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when the activation ends, after its last call; not if the process is killed.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the activation once the calls that are running are done; what arrives from now on goes to a new one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps the activation from being collected as idle for at least this time from now; a time that is not positive takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => ((Activation)GrainContext).DelayDeactivation(timeSpan);
}

/// <summary>What a grain class implements that does not derive from <see cref="Grain"/>; it takes its <see cref="IGrainContext"/> by its constructor.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    /// <inheritdoc cref="Grain.OnActivateAsync"/>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <inheritdoc cref="Grain.OnDeactivateAsync"/>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>An activation as its grain sees it.</summary>
public interface IGrainContext
{
    GrainId GrainId { get; }

    /// <summary>The grain object; null before it is made and after the activation has ended.</summary>
    object? GrainInstance { get; }

    IServiceProvider ActivationServices { get; }

    /// <summary>Done when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Ends the activation once the calls that are running are done.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
