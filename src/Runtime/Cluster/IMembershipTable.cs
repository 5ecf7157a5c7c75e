namespace Auie.Runtime.Cluster;

/// <summary>
/// Who is in the cluster and who owns which slot, in a store that all silos share. One row a silo with its lease, and one a slot with its owner. Every method is one
/// transaction; leases run out by the table's clock alone.
/// </summary>
/// <remarks>Implementations fail with the exceptions of their store; a call that failed may or may not have taken effect.</remarks>
public interface IMembershipTable
{
    /// <summary>Makes the table where it is not there yet.</summary>
    /// <exception cref="InvalidOperationException">The table was made with another number of slots, or by a later version of the program.</exception>
    Task PrepareAsync(int slots, CancellationToken cancellationToken);

    /// <summary>Enters a silo under a new generation. An earlier life of the same name is dead from then on, and its slots are free.</summary>
    Task<SiloId> JoinAsync(string name, string address, string version, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Renews a silo's lease; then gives up the slots that it releases and takes those that it claims, as far as nobody owns them or their owner's lease has run out, and
    /// that owner is put out of the table by it.
    /// </summary>
    /// <returns>The table afterwards; null where the silo itself is no longer in it: it was put out.</returns>
    Task<ClusterView?> BeatAsync(SiloId silo, TimeSpan lease, SiloLoad load, IReadOnlyCollection<int> release, IReadOnlyCollection<int> claim, CancellationToken cancellationToken);

    /// <summary>Takes a silo out; its slots are free.</summary>
    Task LeaveAsync(SiloId silo, CancellationToken cancellationToken);

    /// <summary>Asks the silo of a name to give its slots away, or to take some again.</summary>
    /// <returns>Whether there is one.</returns>
    Task<bool> SetStatusAsync(string name, SiloStatus status, CancellationToken cancellationToken);

    /// <summary>The table as it is.</summary>
    Task<ClusterView> ReadAsync(CancellationToken cancellationToken);
}
