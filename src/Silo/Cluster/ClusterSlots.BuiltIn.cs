using System.Diagnostics.Metrics;
using Auie.Runtime.Cluster;
using Auie.Runtime.Telemetry;
using Microsoft.Extensions.Options;

namespace Auie.Silo.Cluster;

/// <summary>Tells how many slots there are in all, so that those that nobody serves can be seen; and nothing of them once the silo stops, so that it is not missed when it has left.</summary>
internal sealed class ClusterSlots : IHostedService, IDisposable
{
    private readonly Meter _meter = new(RuntimeTelemetry.Name);

    public ClusterSlots(IClusterState cluster, IOptions<ClusterOptions> options, IHostApplicationLifetime lifetime)
    {
        var silo = new KeyValuePair<string, object?>("auie.silo", options.Value.Name);
        _meter.CreateObservableGauge("auie.cluster.slots.all", () => new Measurement<int>(lifetime.ApplicationStopping.IsCancellationRequested ? 0 : cluster.View.Owners.Count, silo), "{slot}", "Slots that the membership table has.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
