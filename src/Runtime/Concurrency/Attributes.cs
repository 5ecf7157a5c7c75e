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

/// <summary>The time within which a call of this method is answered, or fails with <see cref="TimeoutException"/>.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The limit, or null where the text is no time span.</summary>
    public TimeSpan? Timeout { get; } = TimeSpan.TryParse(timeout, out var parsed) ? parsed : null;
}
