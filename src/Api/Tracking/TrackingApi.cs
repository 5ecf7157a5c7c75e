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

namespace Auie.Api.Tracking;

/// <summary>/v1: the tracking protocol that Segment's SDKs speak, for those that are told this host in place of theirs.</summary>
public static class TrackingApi
{
    private static readonly string[] Singles = ["identify", "track", "page", "screen", "group", "alias"];

    /// <summary>What the paths of the protocol begin with.</summary>
    internal const string Path = "/v1";

    /// <summary>The policy of which origins' pages may send events.</summary>
    internal const string Origins = "tracking";

    /// <summary>Maps the routes.</summary>
    internal static IEndpointRouteBuilder MapTrackingApi(this IEndpointRouteBuilder routes, AuieApiOptions options, IntakeGate gate)
    {
        var v1 = routes.MapGroup(Path).WithTags("Tracking").WithMetadata(new KeyInBody()).RequireScope(Scopes.Write);
        v1.AddEndpointFilter(gate.Pass);
        Describe(v1.MapPost("/batch", TakeBatch), options.TrackingBatchBytes, "TrackBatch", "Takes in a batch of the tracking protocol",
            "200, whatever becomes of the events: the receipt says which were refused, and why; all others are on disk. 400: the body is no batch. A messageId that came "
            + "before with the same content changes nothing, so that a batch may be sent again.");
        foreach (var path in new[] { "/import", "/b" })
            v1.MapPost(path, TakeBatch).WithMetadata(new BodyLimit(options.TrackingBatchBytes)).ExcludeFromDescription();
        foreach (var type in Singles)
        {
            var take = TakeOne(type);
            Describe(v1.MapPost($"/{type}", take), options.TrackingEventBytes, $"Track{char.ToUpperInvariant(type[0])}{type[1..]}",
                $"Takes in one call of type {type} of the tracking protocol", "200: it is on disk. 400: it was refused; the problem says which member is wrong, and why.");
            // What SDKs of browsers call.
            v1.MapPost($"/{type[0]}", take).WithMetadata(new BodyLimit(options.TrackingEventBytes)).ExcludeFromDescription();
        }

        return routes;
    }

    private static void Describe(RouteHandlerBuilder route, long bytes, string name, string summary, string description) => route
        .WithName(name).WithSummary(summary).WithDescription(
            description + " The key: Authorization: Basic base64(KEY:), as a writeKey in the body, or as for every other path. return=segment: the receipt says of each user "
            + "which segment they were in before, and are in now; the key needs the scope read, too. The body may be gzip. 429: more waits than may, and the same body may be sent after Retry-After seconds.")
        .Accepts<object>("application/json", "*/*")
        .WithMetadata(new BodyLimit(bytes))
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<TrackingReceipt>, ProblemHttpResult>> TakeBatch(
        HttpContext context, EngineClient engine, TrackingMapping mapping, AuieApiOptions options, IntakeGate gate, TimeProvider time, ApiTelemetry telemetry, ReceivedEvents received, CancellationToken cancellationToken,
        [FromQuery(Name = Input.ReturnName)] string? returned = null)
    {
        var receivedAt = time.GetUtcNow();
        using var body = await RequestBytes.Read(context.Request, options.TrackingBatchBytes, cancellationToken);
        if (RefusalByKey(context, body.Memory.Span) is { } refusal) return refusal.ToResult(context);
        var segments = Input.ReturnsSegments(returned);
        if (segments && Caller.RefusalToRead(context, Input.ReturnSegment) is { } unread) return unread.ToResult(context);
        using var turn = await gate.TurnAsync(body, cancellationToken);
        var mapped = TrackingBody.ReadBatch(body.Memory, mapping, options, receivedAt);
        return TypedResults.Ok(await Take(mapped, engine, segments, telemetry, received, cancellationToken));
    }

    private static Delegate TakeOne(string type) => async Task<Results<Ok<TrackingReceipt>, ProblemHttpResult>> (
        HttpContext context, EngineClient engine, TrackingMapping mapping, AuieApiOptions options, IntakeGate gate, TimeProvider time, ApiTelemetry telemetry, ReceivedEvents received, CancellationToken cancellationToken,
        [FromQuery(Name = Input.ReturnName)] string? returned = null) =>
    {
        var receivedAt = time.GetUtcNow();
        using var body = await RequestBytes.Read(context.Request, options.TrackingEventBytes, cancellationToken);
        if (RefusalByKey(context, body.Memory.Span) is { } refusal) return refusal.ToResult(context);
        var segments = Input.ReturnsSegments(returned);
        if (segments && Caller.RefusalToRead(context, Input.ReturnSegment) is { } unread) return unread.ToResult(context);
        using var turn = await gate.TurnAsync(body, cancellationToken);
        var mapped = TrackingBody.ReadOne(body.Memory, type, mapping, options, receivedAt);
        var receipt = await Take(mapped, engine, segments, telemetry, received, cancellationToken);
        return receipt.Refused is [var refused] ? ProblemOf(refused).ToResult(context) : TypedResults.Ok(receipt);
    };

    private static async Task<TrackingReceipt> Take(
        MappedEvents mapped, EngineClient engine, bool segments, ApiTelemetry telemetry, ReceivedEvents received, CancellationToken cancellationToken)
    {
        var (ofUsers, ofItems) = (engine.Append(mapped.Users, segments, cancellationToken), engine.ImportItems(mapped.Items, cancellationToken));
        await Parts.All([.. mapped.Users.Count == 0 ? (Task[])[] : [ofUsers], .. mapped.Items.Count == 0 ? (Task[])[] : [ofItems]]);
        var (users, items) = (await ofUsers, await ofItems);
        var refused = mapped.AllRefused(users.SelectMany(result => result.Refused), items.SelectMany(result => result.Refused));
        var known = users.Sum(result => result.Known) + items.Sum(result => result.Known);
        received.Add(mapped.Users, users.SelectMany(result => result.Refused).Select(refusal => refusal.Index).ToHashSet(), areLive: true, mapped.LeftOut);
        telemetry.Events(mapped.Count - refused.Length, known, refused.Select(refusal => (refusal.Field, refusal.Reason)));
        return new TrackingReceipt(
            mapped.Count - refused.Length, known, mapped.LeftOut, refused, EventsApi.VersionsOf(users), [.. users.SelectMany(result => result.Segments)]);
    }

    private static Problem? RefusalByKey(HttpContext context, ReadOnlySpan<byte> body) =>
        context.Features.Get<OwedKey>() is { } owed ? owed.Refusal(context, TrackingBody.WriteKeyIn(body)) : null;

    private static Problem ProblemOf(TrackingRefusal refused) => new(StatusCodes.Status400BadRequest, "event_refused",
        refused.Field.Length == 0 ? $"The event {refused.Reason}." : $"{refused.Field}: {refused.Reason}")
    {
        Errors = new(StringComparer.Ordinal) { [refused.Field] = [refused.Reason] },
    };
}
