namespace Auie.Runtime;

/// <summary>Lets a call of this method begin while another call on the same grain is waiting, whatever that call is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Says that a method changes nothing: calls of read-only methods may interleave with each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>A call that is not answered: the caller goes on as soon as it is sent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>Lets every call on a grain of this class interleave with every other.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>Names a static method of the grain class, <c>bool Name(IInvokable request)</c>, that decides which calls may interleave.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
{
    internal string CallbackMethodName { get; } = callbackMethodName;
}

/// <summary>Says that a grain class keeps nothing, so that one identity may have several activations at once, which share its calls.</summary>
/// <param name="maxLocalWorkers">How many; as many as there are processors unless told.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute(int maxLocalWorkers) : Attribute
{
    public StatelessWorkerAttribute() : this(Environment.ProcessorCount)
    {
    }

    internal int MaxLocalWorkers { get; } = maxLocalWorkers;
}

/// <summary>The time within which a call of this method is answered, or fails with <see cref="TimeoutException"/>.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The limit, or null where the text is no time span.</summary>
    public TimeSpan? Timeout { get; } = TimeSpan.TryParse(timeout, out var parsed) ? parsed : null;
}
