using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/events: taking in what users did and what was learnt of them.</summary>
public static class EventsApi
{
    internal static RouteGroupBuilder MapEventsApi(this RouteGroupBuilder api, AuieApiOptions options, IntakeGate gate)
    {
        api.MapPost("/events", Append).WithName("SendEvents").WithTags("Events").WithSummary("Takes in a batch of events")
            .WithDescription(
                "200: every event is on disk. 207: those that are not listed as refused are. 400: none is. What came before, told by user and messageId, is counted "
                + "as known and changes nothing, so that a batch may be sent again. The versions, one for each partition that took part, can be given as atLeast to "
                + "read what was just written. return=segment: the answer says of each user of the batch which segment they were in before, and are in now; a key needs the scope read, "
                + "too (403: nothing was taken). The body may be gzip. 429: more waits than may, and the same batch may be sent after Retry-After seconds.")
            .Accepts<EventBatch>("application/json")
            .Produces<EventReceipt>(StatusCodes.Status207MultiStatus)
            .WithMetadata(new BodyLimit(options.EventBatchBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .RequireScope(Scopes.Write)
            .AddEndpointFilter(gate.Pass);
        return api;
    }

    private static async Task<Results<Ok<EventReceipt>, JsonHttpResult<EventReceipt>, ProblemHttpResult>> Append(
        HttpContext context, EngineClient engine, AuieApiOptions options, IntakeGate gate, ApiTelemetry telemetry, ReceivedEvents received, EventClock clock, CancellationToken cancellationToken,
        [FromQuery(Name = Input.ReturnName)] string? returned = null)
    {
        var segments = Input.ReturnsSegments(returned);
        if (segments && Caller.RefusalToRead(context, Input.ReturnSegment) is { } refusal) return refusal.ToResult(context);
        using var body = await RequestBytes.Read(context.Request, options.EventBatchBytes, cancellationToken);
        using var turn = await gate.TurnAsync(body, cancellationToken);
        var batch = EventBatchBody.Read(body, clock);
        var results = await engine.Append(batch.Events, segments, cancellationToken);
        var refused = batch.AllRefused(results.SelectMany(result => result.Refused));
        var known = results.Sum(result => result.Known);
        received.Add(batch.Events, results.SelectMany(result => result.Refused).Select(refusal => refusal.Index).ToHashSet(), areLive: true);
        telemetry.Events(batch.Count - refused.Length, known, refused.Select(refusal => (refusal.Field, refusal.Reason)));
        if (batch.Count > 0 && refused.Length == batch.Count) return AllRefused(refused).ToResult(context);

        var receipt = new EventReceipt(batch.Count - refused.Length, VersionsOf(results), refused, known, [.. results.SelectMany(result => result.Segments)]);
        return refused.Length == 0 ? TypedResults.Ok(receipt) : TypedResults.Json(receipt, statusCode: StatusCodes.Status207MultiStatus);
    }

    /// <summary>The latest version of each partition that took part, or got something passed on to it.</summary>
    internal static string[] VersionsOf(AppendResult[] results)
    {
        var latest = new SortedDictionary<int, long>();
        foreach (var result in results)
        {
            Add(result.Partition, result.Offset);
            foreach (var text in result.PassedOn)
            {
                if (VersionToken.TryParse(text, out var passed)) Add(passed.Partition, passed.Offset);
            }
        }

        return [.. latest.Select(part => new VersionToken(part.Key, part.Value).ToString())];

        void Add(int partition, long offset) => latest[partition] = Math.Max(offset, latest.GetValueOrDefault(partition));
    }

    private static Problem AllRefused(Refusal[] refused) => new(StatusCodes.Status400BadRequest, "events_refused",
        $"None of the events was taken; the first: {refused[0].Field}: {refused[0].Reason}")
    {
        Refused = refused,
    };
}
