namespace Auie.Runtime.Cluster;

/// <summary>One life of a silo: its name, and the number that the membership table gave this life. A later life has a higher one.</summary>
public readonly record struct SiloId(string Name, long Generation)
{
    public override string ToString() => $"{Name}#{Generation}";
}

/// <summary>What a silo is to the others.</summary>
public enum SiloStatus : byte
{
    /// <summary>Takes slots.</summary>
    Active,

    /// <summary>Gives its slots away, and takes none.</summary>
    Draining,
}

/// <summary>What a silo says of itself with each heartbeat.</summary>
/// <param name="Activations">How many grains it holds.</param>
/// <param name="Pending">Roughly how many calls wait or are under way in it.</param>
/// <param name="MemoryBytes">The memory of its process.</param>
public readonly record struct SiloLoad(int Activations, long Pending, long MemoryBytes);

/// <summary>A silo as the membership table has it.</summary>
/// <param name="Address">Where other silos and clients connect to it: host:port.</param>
/// <param name="Version">The version of its program.</param>
/// <param name="Expired">Whether its lease has run out by the table's clock; then others may take its slots.</param>
public sealed record SiloInfo(SiloId Id, string Address, string Version, SiloStatus Status, bool Expired, SiloLoad Load)
{
    /// <summary>
    /// The lives (<see cref="SiloId.Generation"/>) of those that it says it cannot connect to; none of them before its first heartbeat; null if its program does not say.
    /// Silos alone are told this, each by the table.
    /// </summary>
    public IReadOnlyList<long>? Unreachable { get; init; }
}

/// <summary>The membership table at one moment: the silos, and which of them owns each slot.</summary>
public sealed class ClusterView
{
    private readonly SiloId?[] _owners;

    /// <param name="version">Grows whenever silos, their status or owners change; not with a mere heartbeat.</param>
    /// <param name="silos">The silos that are in the table.</param>
    /// <param name="owners">The owner of each slot; null for one that nobody owns.</param>
    public ClusterView(long version, IReadOnlyList<SiloInfo> silos, IReadOnlyList<SiloId?> owners) =>
        (Version, Silos, _owners) = (version, silos, [.. owners]);

    public long Version { get; }

    public IReadOnlyList<SiloInfo> Silos { get; }

    /// <summary>The owner of each slot; null for one that nobody owns.</summary>
    public IReadOnlyList<SiloId?> Owners => _owners;
}
