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
    private long _overloads, _tableRows;

    private readonly ReceivedEvents _received;

    public ApiTelemetry(IMeterFactory meters, ReceivedEvents received)
    {
        _received = received;
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>("auie.api.request.duration", "s", "How long a request took, by method, route and status.");
        _events = _meter.CreateCounter<long>("auie.api.events", "{event}", 
            "Events that were sent: accepted (known among them), known from before, or refused, by the field that was wrong.");
        // What is rare is told from the start, as none: a rate that begins with the first one passes it over.
        _meter.CreateObservableCounter("auie.api.overloads", () => Volatile.Read(ref _overloads), "{request}", "Requests that were put off because more waited than may.");
        _meter.CreateObservableCounter("auie.api.table.rows", () => Volatile.Read(ref _tableRows), "{row}", "Rows of tables that were sent.");
    }

    internal static ActivitySource Activities { get; } = new(Name);

    internal void Request(string method, string route, int status, TimeSpan took) => _duration.Record(took.TotalSeconds,
        new("http.request.method", method), new("http.route", route), new("http.response.status_code", status));

    internal void Events(int accepted, int known, IEnumerable<(string Field, string Reason)> refusals)
    {
        (string Field, string Reason)[] refused = [.. refusals.Select(refusal => (ClassOf(refusal.Field), refusal.Reason))];
        _received.Add(accepted, known, refused);
        if (accepted > 0) _events.Add(accepted, new KeyValuePair<string, object?>("outcome", "accepted"));
        if (known > 0) _events.Add(known, new KeyValuePair<string, object?>("outcome", "known"));
        foreach (var field in refused.CountBy(refusal => refusal.Field))
            _events.Add(field.Value, new("outcome", "refused"), new("field", field.Key));
    }

    internal void Overload() => Interlocked.Increment(ref _overloads);

    internal void TableRows(long rows) => Interlocked.Add(ref _tableRows, rows);

    // A field is free text: one that is not known must not make a new series.
    private static string ClassOf(string field)
    {
        var end = field.AsSpan().IndexOfAny('.', '[');
        var root = end < 0 ? field : field[..end];
        return root is "userId" or "anonymousId" or "messageId" or "previousId" or "groupId" or "itemId" or "kind" or "type" or "at" or "timestamp" or "event" or "item" or "amount"
            or "properties" or "traits" or "context" or "channel" or "friendsAdded" or "friendsRemoved" ? root : root.Length == 0 ? "event_itself" : "other";
    }

    public void Dispose() => _meter.Dispose();
}
