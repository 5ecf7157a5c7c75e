using Auie.Abstractions;
using Auie.Client;
using Auie.Grains;
using Auie.Runtime.Cluster;

namespace Auie.Silo.Cluster;

/// <summary>The silos as the membership table has them.</summary>
internal sealed class ClusterDirectory(IMembershipTable table) : ISiloDirectory
{
    public async Task<SiloView[]> ListAsync(CancellationToken cancellationToken) => KnownSilos.Of(await table.ReadAsync(cancellationToken));

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
