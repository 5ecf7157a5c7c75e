using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Auie.Api;

/// <summary>Activities and metrics of the API, under the name <see cref="Name"/>.</summary>
public sealed class ApiTelemetry : IDisposable
{
    public const string Name = "Auie.Api";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _events;
    private readonly Counter<long> _tableRows;

    public ApiTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>("auie.api.request.duration", "s", "How long a request took, by method, route and status.");
        _events = _meter.CreateCounter<long>("auie.api.events", "{event}", "Events that were sent, by what became of them.");
        _tableRows = _meter.CreateCounter<long>("auie.api.table.rows", "{row}", "Rows of tables that were sent.");
    }

    internal static ActivitySource Activities { get; } = new(Name);

    internal void Request(string method, string route, int status, TimeSpan took) => _duration.Record(took.TotalSeconds,
        new("http.request.method", method), new("http.route", route), new("http.response.status_code", status));

    internal void Events(int accepted, int refused)
    {
        if (accepted > 0) _events.Add(accepted, new KeyValuePair<string, object?>("outcome", "accepted"));
        if (refused > 0) _events.Add(refused, new KeyValuePair<string, object?>("outcome", "refused"));
    }

    internal void TableRows(long rows) => _tableRows.Add(rows);

    public void Dispose() => _meter.Dispose();
}
