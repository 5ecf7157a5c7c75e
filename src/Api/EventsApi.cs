using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/events: taking in what users did and what was learnt of them.</summary>
public static class EventsApi
{
    public static RouteGroupBuilder MapEventsApi(this RouteGroupBuilder api, AuieApiOptions options)
    {
        api.MapPost("/events", Append).WithName("SendEvents").WithTags("Events").WithSummary("Takes in a batch of events")
            .WithDescription(
                "200: every event is on disk. 207: those that are not listed as refused are. 400: none is. The versions, one for each partition that "
                + "took part, can be given as atLeast to read what was just written.")
            .Accepts<EventBatch>("application/json")
            .Produces<EventReceipt>(StatusCodes.Status207MultiStatus)
            .WithMetadata(new BodyLimit(options.EventBatchBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .RequireScope(Scopes.Write);
        return api;
    }

    private static async Task<Results<Ok<EventReceipt>, JsonHttpResult<EventReceipt>, ProblemHttpResult>> Append(
        HttpContext context, EngineClient engine, ApiTelemetry telemetry, CancellationToken cancellationToken)
    {
        var batch = await EventBatchBody.Read(context.Request.Body, cancellationToken);
        var results = await engine.Append(batch.Events, segments: false, cancellationToken);
        var refused = batch.AllRefused(results.SelectMany(result => result.Refused));
        telemetry.Events(batch.Count - refused.Length, refused.Length);
        if (batch.Count > 0 && refused.Length == batch.Count) return AllRefused(refused).ToResult(context);

        var versions = results.Select(result => new VersionToken(result.Partition, result.Offset).ToString()).ToArray();
        var receipt = new EventReceipt(batch.Count - refused.Length, versions, refused);
        return refused.Length == 0 ? TypedResults.Ok(receipt) : TypedResults.Json(receipt, statusCode: StatusCodes.Status207MultiStatus);
    }

    private static Problem AllRefused(Refusal[] refused) => new(StatusCodes.Status400BadRequest, "events_refused",
        $"None of the events was taken; the first: {refused[0].Field}: {refused[0].Reason}")
    {
        Refused = refused,
    };
}
