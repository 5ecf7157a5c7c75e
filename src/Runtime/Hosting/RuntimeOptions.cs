using System.Reflection;

namespace Auie.Runtime;

/// <summary>How the built-in host behaves, and its limits.</summary>
public sealed class RuntimeOptions
{
    /// <summary>The assemblies whose grains it hosts; those that they refer to come with them.</summary>
    public IList<Assembly> Assemblies { get; } = [];

    /// <summary>The time within which a call is answered, unless its method says otherwise. Measured to a fraction of a second, never early.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nobody has to call a grain before it is deactivated.</summary>
    public TimeSpan IdleCollection { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long OnDeactivateAsync may take; after that the activation is given up, and calls go to a new one.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long stopping waits for all activations to be deactivated.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long nobody has to pull a stream of results before it is ended.</summary>
    public TimeSpan AbandonedStream { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many items of a stream one pull gives at the most; the method may be that far ahead of its reader.</summary>
    public int StreamBatch { get; set; } = 100;

    /// <summary>How many calls may wait for one activation; further ones fail with <see cref="LimitExceededException"/>.</summary>
    public int MaxMailbox { get; set; } = 100_000;

    /// <summary>Whether calls within the process are written to bytes and read again, as those across a wire are. For tests.</summary>
    public bool SerializeLocalCalls { get; set; }

    /// <summary>Refuses what nothing could work by.</summary>
    /// <exception cref="InvalidOperationException">One makes no sense; the message says which.</exception>
    public void Validate()
    {
        Positive(ResponseTimeout, nameof(ResponseTimeout));
        Positive(IdleCollection, nameof(IdleCollection));
        Positive(DeactivationTimeout, nameof(DeactivationTimeout));
        Positive(StopTimeout, nameof(StopTimeout));
        Positive(AbandonedStream, nameof(AbandonedStream));
        AtLeastOne(StreamBatch, nameof(StreamBatch));
        AtLeastOne(MaxMailbox, nameof(MaxMailbox));
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new InvalidOperationException($"Runtime:{name} is {value}; it is more than nothing.");
    }

    private static void AtLeastOne(int value, string name)
    {
        if (value < 1)
            throw new InvalidOperationException($"Runtime:{name} is {value}; it is at least 1.");
    }
}
