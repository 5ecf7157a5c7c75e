using Auie.Runtime.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Auie.Silo.Cluster;

/// <summary>Passes while this silo's lease holds and the others reach it: else requests are better sent to another.</summary>
internal sealed class ClusterReady(IClusterState cluster) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        cluster.IsReady ? HealthCheckResult.Healthy()
        : HealthCheckResult.Unhealthy("The silo's lease has run out, for the database cannot be reached, or the other silos cannot reach this one."));
}
