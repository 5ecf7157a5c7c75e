using System.Diagnostics.Metrics;
using Auie.Runtime.Telemetry;

namespace Auie.Runtime.Cluster;

/// <summary>The metrics of a silo's part in its cluster.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    private readonly Meter _meter = new(RuntimeTelemetry.Name);
    private readonly KeyValuePair<string, object?> _silo;
    private readonly Counter<long> _renewals, _gained;
    private long _lapses;

    /// <param name="silos">How many silos the table has.</param>
    /// <param name="slots">How many slots this one serves.</param>
    /// <param name="left">For how much longer it may answer for them.</param>
    public ClusterMetrics(string name, Func<int> silos, Func<int> slots, Func<TimeSpan> left)
    {
        _silo = new("auie.silo", name);
        _meter.CreateObservableUpDownCounter("auie.cluster.silos", () => new Measurement<int>(silos(), _silo), "{silo}", "Silos that the membership table has.");
        _meter.CreateObservableUpDownCounter("auie.cluster.slots", () => new Measurement<int>(slots(), _silo), "{slot}", "Slots that this silo serves.");
        _meter.CreateObservableGauge("auie.cluster.lease.left", () => new Measurement<double>(left().TotalSeconds, _silo), "s", "For how much longer this silo may answer for its slots.");
        _renewals = _meter.CreateCounter<long>("auie.cluster.lease.renewals", "{renewal}", "Heartbeats that renewed the lease.");
        _meter.CreateObservableCounter("auie.cluster.lease.lapses", () => new Measurement<long>(Volatile.Read(ref _lapses), _silo), "{lapse}", "How often the lease ran out.");
        _gained = _meter.CreateCounter<long>("auie.cluster.slots.gained", "{slot}", "Slots that came to be served here.");
    }

    public void Renewed(int gained)
    {
        _renewals.Add(1, _silo);
        if (gained > 0)
            _gained.Add(gained, _silo);
    }

    public void Lapsed() => Interlocked.Increment(ref _lapses);

    public void Dispose() => _meter.Dispose();
}
