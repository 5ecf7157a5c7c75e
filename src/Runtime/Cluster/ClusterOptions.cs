namespace Auie.Runtime.Cluster;

/// <summary>How a silo takes part in a cluster, and its limits.</summary>
public sealed class ClusterOptions
{
    /// <summary>The silo's name, unique among those that run; a later life of the same name takes its place.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where it listens for silos and clients: address:port. Port 0 takes any.</summary>
    public string Listen { get; set; } = "127.0.0.1:0";

    /// <summary>What the others are told to connect to: host:port; what it listens on unless told otherwise.</summary>
    public string? Advertise { get; set; }

    /// <summary>What silos and clients of one cluster share, and prove to each other when they connect. Needed unless only loopback is listened on.</summary>
    public string? Secret { get; set; }

    /// <summary>The version of the program, told to the others.</summary>
    public string Version { get; set; } = "";

    /// <summary>For how long a heartbeat makes the silo's slots its own. As long as this a dead silo's slots stay unserved.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How much earlier than by the table's clock it holds its lease to be over, for clocks that do not run alike.</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the lease is renewed and the table looked at.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the grains of slots that are given up may take to end; the slots are released then all the same.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long connecting to another process may take, with proving the secret.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many bytes of calls and answers may wait to be sent on one connection; further calls fail with <see cref="LimitExceededException"/>.</summary>
    public int MaxUnsentBytes { get; set; } = 32 << 20;

    /// <summary>How many bytes one call or answer may have.</summary>
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>How long the membership table may take to answer: a heartbeat is given up early enough for the next to renew the lease in time.</summary>
    internal TimeSpan TablePatience => (Lease - LeaseMargin) / 3;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        Positive(Lease, nameof(Lease));
        Positive(Heartbeat, nameof(Heartbeat));
        Positive(DrainTimeout, nameof(DrainTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseMargin, TimeSpan.Zero);
        if (Heartbeat > TablePatience)
            throw new ArgumentException($"A heartbeat each {Heartbeat} is too rare for a lease of {Lease} less {LeaseMargin}: it has to be renewed three times in that.");
    }

    private static void Positive(TimeSpan value, string name) => ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
}
