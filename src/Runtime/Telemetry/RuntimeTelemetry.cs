using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Auie.Runtime.Telemetry;

/// <summary>The names that activities and metrics of grain calls are listened to by.</summary>
public static class RuntimeTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Auie.Runtime";

    internal static readonly ActivitySource Activities = new(Name);
}

/// <summary>
/// The metrics of one host. Counters are kept in stripes, one a processor, and read when somebody collects them; latencies are only measured while
/// somebody listens to them.
/// </summary>
internal sealed class RuntimeMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _latency;
    private long _failures, _timeouts;
    private readonly StripedCounter _calls = new();
    private long _activations, _deactivations;

    public RuntimeMetrics(Func<long> activations, Func<long> waiting)
    {
        _meter = new Meter(RuntimeTelemetry.Name);
        _latency = _meter.CreateHistogram<double>("auie.grain.call.duration", "s", "From the call to its answer.");
        _meter.CreateObservableCounter("auie.grain.call.failures", () => Volatile.Read(ref _failures), "{call}", "Calls that a grain failed.");
        _meter.CreateObservableCounter("auie.grain.call.timeouts", () => Volatile.Read(ref _timeouts), "{call}", "Calls that were not answered in time.");
        _meter.CreateObservableCounter("auie.grain.calls", () => _calls.Total, "{call}", "Turns that grains began: calls, and callbacks of timers.");
        _meter.CreateObservableUpDownCounter("auie.grain.activations", activations, "{activation}", "Grains in memory.");
        _meter.CreateObservableCounter("auie.grain.activations.made", () => Volatile.Read(ref _activations), "{activation}", "Grains that were activated.");
        _meter.CreateObservableCounter("auie.grain.activations.ended", () => Volatile.Read(ref _deactivations), "{activation}", "Grains that were deactivated.");
        _meter.CreateObservableUpDownCounter("auie.grain.mailbox", waiting, "{call}", "Work that waits in mailboxes.");
    }

    /// <summary>Whether somebody wants latencies.</summary>
    public bool Timed => _latency.Enabled;

    public long Calls => _calls.Total;

    public void CountCalls(int count) => _calls.Add(count);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public void CountTimeout() => Interlocked.Increment(ref _timeouts);

    public void CountActivation() => Interlocked.Increment(ref _activations);

    public void CountDeactivation() => Interlocked.Increment(ref _deactivations);

    public void RecordLatency(TimeSpan elapsed, Invocation.GrainMethod method) => _latency.Record(elapsed.TotalSeconds, method.Tags);

    public void Dispose() => _meter.Dispose();

    /// <summary>A counter that processors don't take from each other's caches.</summary>
    private sealed class StripedCounter
    {
        private const int Stride = 16; // longs: two cache lines
        private static readonly int Mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) - 1;
        private readonly long[] _stripes = new long[(Mask + 2) * Stride];

        public long Total
        {
            get
            {
                long total = 0;
                for (var i = 0; i <= Mask; i++)
                    total += Volatile.Read(ref _stripes[(i + 1) * Stride]);
                return total;
            }
        }

        public void Add(long count) => Interlocked.Add(ref _stripes[((Thread.GetCurrentProcessorId() & Mask) + 1) * Stride], count);
    }
}
