using Auie.Abstractions;
using Auie.Runtime.Cluster;

namespace Auie.Client;

/// <summary>The silos of the latest view of the cluster that this process has.</summary>
public sealed class KnownSilos(IClusterState cluster) : IKnownSilos
{
    public SiloView[] List()
    {
        var view = cluster.View;
        return Of(view, CutOff.Of(view), silo => !silo.Expired && !cluster.Reaches(silo));
    }

    /// <summary>The silos of the membership table as it is at this moment.</summary>
    public static SiloView[] Of(ClusterView table) => Of(table, CutOff.Of(table), static _ => false);

    private static SiloView[] Of(ClusterView view, HashSet<SiloId> cutOff, Func<SiloInfo, bool> isMissed)
    {
        var owners = view.Owners.ToHashSet();
        return
        [
            .. view.Silos.OrderBy(silo => silo.Id.Name, StringComparer.Ordinal).Select(silo => new SiloView
            {
                Name = silo.Id.Name,
                Address = silo.Address,
                Status = silo.Expired ? "expired" : isMissed(silo) ? "not reached" : silo.Status == SiloStatus.Draining ? owners.Contains(silo.Id) ? "draining" : "drained" : cutOff.Contains(silo.Id) ? "cut off" : "active",
                Version = silo.Version,
                Slots = [.. Enumerable.Range(0, view.Owners.Count).Where(slot => view.Owners[slot] == silo.Id)],
                Activations = silo.Load.Activations,
                Pending = silo.Load.Pending,
                MemoryBytes = silo.Load.MemoryBytes,
            }),
        ];
    }
}
