using System.Diagnostics.Metrics;
using Auie.Runtime.Telemetry;

namespace Auie.Runtime.Cluster;

/// <summary>The metrics of the connections of one process. Counted many at a time: once a read, and once a write.</summary>
internal sealed class ConnectionMetrics : IDisposable
{
    private readonly Meter _meter = new(RuntimeTelemetry.Name);
    private long _open, _bytesIn, _bytesOut, _callsIn, _callsOut, _notHere;

    public ConnectionMetrics()
    {
        _meter.CreateObservableUpDownCounter("auie.connections", () => Volatile.Read(ref _open), "{connection}", "Connections with silos and clients.");
        _meter.CreateObservableCounter("auie.connection.received", () => Volatile.Read(ref _bytesIn), "By", "Bytes of frames that came in.");
        _meter.CreateObservableCounter("auie.connection.sent", () => Volatile.Read(ref _bytesOut), "By", "Bytes of frames that went out.");
        _meter.CreateObservableCounter("auie.connection.calls.received", () => Volatile.Read(ref _callsIn), "{call}", "Calls that came in.");
        _meter.CreateObservableCounter("auie.connection.calls.sent", () => Volatile.Read(ref _callsOut), "{call}", "Calls that went out.");
        _meter.CreateObservableCounter("auie.connection.calls.not_here", () => Volatile.Read(ref _notHere), "{call}", "Calls that came for grains that are served elsewhere.");
    }

    public long BytesReceived => Volatile.Read(ref _bytesIn);

    public long BytesSent => Volatile.Read(ref _bytesOut);

    public long CallsReceived => Volatile.Read(ref _callsIn);

    public long CallsSent => Volatile.Read(ref _callsOut);

    public long NotHere => Volatile.Read(ref _notHere);

    public long Open => Volatile.Read(ref _open);

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);

    public void Received(long bytes, int calls)
    {
        Interlocked.Add(ref _bytesIn, bytes);
        if (calls > 0)
            Interlocked.Add(ref _callsIn, calls);
    }

    public void Sent(int bytes, int calls)
    {
        Interlocked.Add(ref _bytesOut, bytes);
        if (calls > 0)
            Interlocked.Add(ref _callsOut, calls);
    }

    public void SentElsewhere() => Interlocked.Increment(ref _notHere);

    public void Dispose() => _meter.Dispose();
}
