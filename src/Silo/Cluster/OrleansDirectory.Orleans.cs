using Auie.Abstractions;
using Auie.Grains;

namespace Auie.Silo.Cluster;

/// <summary>The silos as Orleans knows them.</summary>
internal sealed class OrleansDirectory(IClusterMembershipService members, IGrainFactory grains) : ISiloDirectory
{
    public async Task<SiloView[]> ListAsync(CancellationToken cancellationToken)
    {
        var here = members.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
            .OrderBy(member => member.Name, StringComparer.Ordinal).ToArray();
        var load = await grains.GetGrain<IManagementGrain>(0).GetRuntimeStatistics(Array.ConvertAll(here, member => member.SiloAddress), cancellationToken);
        return
        [
            .. here.Zip(load, (member, now) => new SiloView
            {
                Name = member.Name,
                Address = member.SiloAddress.Endpoint.ToString(),
                Status = member.Status == SiloStatus.Active ? "active" : "draining",
                Version = "",
                Slots = [],
                Activations = now.ActivationCount,
                MemoryBytes = now.EnvironmentStatistics.RawMemoryUsageBytes,
            }),
        ];
    }

    public Task<bool> SetDrainingAsync(string name, bool draining, CancellationToken cancellationToken) =>
        throw new InvalidRequestException("", "On Orleans a silo hands over when it is stopped; SIGTERM does it in order.");
}
