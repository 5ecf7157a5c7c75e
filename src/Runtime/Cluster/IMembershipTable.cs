namespace Auie.Runtime.Cluster;

/// <summary>
/// Who is in the cluster and who owns which slot, in a store that all silos share. One row a silo with its lease, and one a slot with its owner. Every method is one
/// transaction; leases run out by the table's clock alone.
/// </summary>
/// <remarks>
/// Implementations fail with the exceptions of their store. A call that failed may or may not have taken effect, or may yet do so: what was sent can arrive long after
/// its sender has given it up and sent something else. That is why heartbeats are numbered, and why a silo that joins says whom it takes the place of.
/// </remarks>
public interface IMembershipTable
{
    /// <summary>Makes the table where it is not there yet.</summary>
    /// <exception cref="InvalidOperationException">The table was made with another number of slots, or by a later version of the program.</exception>
    Task PrepareAsync(int slots, CancellationToken cancellationToken);

    /// <summary>What a silo is told that has another secret than those that run.</summary>
    const string OtherSecret =
        "The silos that run have another Cluster:Secret, or one of them and this one has none. They would not talk to this one; to change the secret, stop all of them first.";

    /// <summary>Enters a silo under a new generation.</summary>
    /// <param name="earlier">The earlier life of that name that the table has. It is dead from then on, whatever its lease says, and its slots are free.</param>
    /// <param name="secret">A digest of the secret that the silos share, empty for none. Who joins where no silo's lease runs decides which it is: of two that would at one time the later is refused.</param>
    /// <returns>Null where the table has another life of that name than <paramref name="earlier"/>; then nothing was done.</returns>
    /// <exception cref="InvalidOperationException">The silos that run have another secret; nothing was done.</exception>
    Task<SiloId?> JoinAsync(string name, SiloId? earlier, string address, string version, byte[] secret, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Renews a silo's lease; then gives up the slots that it releases and takes those that it claims, as far as nobody owns them or their owner's lease has run out, and
    /// that owner is put out of the table by it.
    /// </summary>
    /// <returns>
    /// The table afterwards. Null where the silo itself is no longer in it: it was put out. Null too, and without effect, where a later heartbeat of it came before; whoever
    /// sent that one no longer listens for this.
    /// </returns>
    Task<ClusterView?> BeatAsync(Heartbeat beat, CancellationToken cancellationToken);

    /// <summary>Takes a silo out; its slots are free.</summary>
    Task LeaveAsync(SiloId silo, CancellationToken cancellationToken);

    /// <summary>Asks a silo to give its slots away, or to take some again.</summary>
    /// <returns>Whether it is in the table.</returns>
    Task<bool> SetStatusAsync(SiloId silo, SiloStatus status, CancellationToken cancellationToken);

    /// <summary>The table as it is.</summary>
    /// <exception cref="InvalidOperationException">There is no table.</exception>
    Task<ClusterView> ReadAsync(CancellationToken cancellationToken);
}
