namespace Auie.Runtime.Cluster;

/// <summary>What a silo tells the membership table each time that it renews its lease.</summary>
/// <param name="Number">Higher with each heartbeat of this life: one that arrives after a later one is void.</param>
/// <param name="Lease">For how long, from when it arrives, the silo's slots are its own.</param>
/// <param name="Unreachable">The lives (<see cref="SiloId.Generation"/>) of those that it cannot connect to.</param>
/// <param name="Release">The slots that it gives up.</param>
/// <param name="Claim">The slots that it would have.</param>
public sealed record Heartbeat(SiloId Silo, long Number, TimeSpan Lease, SiloLoad Load, IReadOnlyCollection<long> Unreachable, IReadOnlyCollection<int> Release, IReadOnlyCollection<int> Claim);
