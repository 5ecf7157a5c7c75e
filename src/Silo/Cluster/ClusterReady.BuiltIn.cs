using Auie.Runtime.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Auie.Silo.Cluster;

/// <summary>Passes while this silo's lease holds, the others reach it and it is not about to stop: else requests are better sent to another.</summary>
internal sealed class ClusterReady(IClusterState cluster, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The silo is stopping.")
        : cluster.IsReady ? HealthCheckResult.Healthy()
        : HealthCheckResult.Unhealthy("The silo's lease has run out, for the database cannot be reached, or the other silos cannot reach this one."));
}
