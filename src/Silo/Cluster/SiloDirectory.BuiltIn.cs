using Auie.Abstractions;
using Auie.Grains;
using Auie.Runtime.Cluster;

namespace Auie.Silo.Cluster;

/// <summary>The silos as the membership table has them.</summary>
internal sealed class ClusterDirectory(IMembershipTable table) : ISiloDirectory
{
    public async Task<SiloView[]> ListAsync(CancellationToken cancellationToken)
    {
        var view = await table.ReadAsync(cancellationToken);
        var cutOff = CutOff.Of(view);
        var owners = view.Owners.ToHashSet();
        return
        [
            .. view.Silos.OrderBy(silo => silo.Id.Name, StringComparer.Ordinal).Select(silo => new SiloView
            {
                Name = silo.Id.Name,
                Address = silo.Address,
                Status = silo.Expired ? "expired" : silo.Status == SiloStatus.Draining ? owners.Contains(silo.Id) ? "draining" : "drained" : cutOff.Contains(silo.Id) ? "cut off" : "active",
                Version = silo.Version,
                Slots = [.. Enumerable.Range(0, view.Owners.Count).Where(slot => view.Owners[slot] == silo.Id)],
                Activations = silo.Load.Activations,
                Pending = silo.Load.Pending,
                MemoryBytes = silo.Load.MemoryBytes,
            }),
        ];
    }

    public async Task<bool> SetDrainingAsync(string name, bool draining, CancellationToken cancellationToken) =>
        (await table.ReadAsync(cancellationToken)).Silos.FirstOrDefault(silo => silo.Id.Name == name) is { } found
        && await table.SetStatusAsync(found.Id, draining ? SiloStatus.Draining : SiloStatus.Active, cancellationToken);
}

/// <summary>A silo that is alone.</summary>
internal sealed class LoneSilo(string version, int slots, Func<(int Activations, long Pending)> load) : ISiloDirectory
{
    public Task<SiloView[]> ListAsync(CancellationToken cancellationToken)
    {
        var (activations, pending) = load();
        return Task.FromResult<SiloView[]>(
        [
            new SiloView
            {
                Name = Environment.MachineName,
                Address = "",
                Status = "active",
                Version = version,
                Slots = [.. Enumerable.Range(0, slots)],
                Activations = activations,
                Pending = pending,
                MemoryBytes = Environment.WorkingSet,
            },
        ]);
    }

    public Task<bool> SetDrainingAsync(string name, bool draining, CancellationToken cancellationToken) =>
        name != Environment.MachineName ? Task.FromResult(false)
        : draining ? throw new InvalidRequestException("", "This silo is alone; nobody could take over. Several silos share a PostgreSQL database (--postgres).")
        : Task.FromResult(true);
}
