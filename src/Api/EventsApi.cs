using System.Text.Json;
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
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = AuieJson.MaxDepth, AllowDuplicateProperties = false };

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
        var refused = new List<Refusal>();
        var taken = new List<(UserEvent Event, int Index)>();
        var index = 0;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, Strict, cancellationToken);
            foreach (var element in EventsIn(document.RootElement).EnumerateArray())
            {
                if (Read(element, out var read) is var (field, reason)) refused.Add(new Refusal(index, field, reason));
                else taken.Add((read!, index));
                index++;
            }
        }
        catch (InvalidOperationException)
        {
            // What JsonDocument says of a name that is half a surrogate pair.
            throw new InvalidRequestException("body", "holds a name that is not valid text");
        }

        var results = await engine.Append([.. taken.Select(one => one.Event)], cancellationToken);
        refused.AddRange(results.SelectMany(result => result.Refused).Select(refusal => refusal with { Index = taken[refusal.Index].Index }));
        telemetry.Events(index - refused.Count, refused.Count);
        if (index > 0 && refused.Count == index) return AllRefused(refused).ToResult(context);

        var versions = results.Select(result => new VersionToken(result.Partition, result.Offset).ToString()).ToArray();
        var receipt = new EventReceipt(index - refused.Count, versions, [.. refused.OrderBy(refusal => refusal.Index)]);
        return refused.Count == 0 ? TypedResults.Ok(receipt) : TypedResults.Json(receipt, statusCode: StatusCodes.Status207MultiStatus);
    }

    private static JsonElement EventsIn(JsonElement batch)
    {
        if (batch.ValueKind != JsonValueKind.Object || !batch.TryGetProperty("events", out var events))
            throw new InvalidRequestException("events", "the body must be an object with an array of events: {\"events\":[…]}");
        if (batch.EnumerateObject().FirstOrDefault(member => member.Name != "events") is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw new InvalidRequestException(other.Name, "is not a known member");
        return events.ValueKind == JsonValueKind.Array ? events : throw new InvalidRequestException("events", "must be an array");
    }

    // What the engine alone knows (kinds, limits of traits) its partitions check; here only what routing and JSON need.
    private static (string Field, string Reason)? Read(JsonElement element, out UserEvent? read)
    {
        read = null;
        try
        {
            read = element.Deserialize(AuieJson.Strict.UserEvent);
        }
        catch (JsonException exception)
        {
            return JsonFailures.Describe(exception);
        }

        if (read is null) return ("", "must be an object");
        if (Input.IdProblem(read.UserId) is { } user) return ("userId", user);
        if (Input.IdProblem(read.MessageId) is { } message) return ("messageId", message);
        if (read.FriendsAdded is { } added && added.Any(friend => friend is null)) return ("friendsAdded", "must not hold null");
        if (read.FriendsRemoved is { } removed && removed.Any(friend => friend is null)) return ("friendsRemoved", "must not hold null");
        if (read.Traits is { } traits && traits.FirstOrDefault(trait => trait.Value is null).Key is { } name) return ($"traits.{name}", "must not be null");
        return null;
    }

    private static Problem AllRefused(List<Refusal> refused) => new(StatusCodes.Status400BadRequest, "events_refused",
        $"None of the events was taken; the first: {refused[0].Field}: {refused[0].Reason}")
    {
        Refused = [.. refused],
    };
}
