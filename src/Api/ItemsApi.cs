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

/// <summary>/api/items: what is held on an event or a product, and who said what of it; /api/import/items: taking in bulks of both.</summary>
public static class ItemsApi
{
    public static RouteGroupBuilder MapItemsApi(this RouteGroupBuilder api, AuieApiOptions options)
    {
        var items = api.MapGroup("/items").WithTags("Items").RequireScope(Scopes.Read);
        items.MapGet("/{id}", Get).WithName("GetItem").WithSummary("What is held on an event or a product")
            .WithDescription("Answers: how many people said yes, maybe or no last, and how many were invited. atLeast: versions, parted by commas, as a receipt gave them, whose answers have to be counted.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        items.MapGet("/{id}/answers", GetAnswers).WithName("GetItemAnswers").WithSummary("Who said what of an item by page, in the order of their ids")
            .WithDescription("answer: yes, maybe or no, or null for an invitation without an answer. atLeast as of the item.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/import/items", Import).WithName("ImportItems").WithTags("Imports").WithSummary("Takes in a bulk of events about items")
            .WithDescription(
                "What the engine has already, told by item and messageId, is passed over, so that a bulk may be sent again. Every event that the receipt "
                + "does not list as refused is on disk; refused is also one whose messageId came before with another content.")
            .Accepts<ItemBatch>("application/json")
            .WithMetadata(new BodyLimit(options.ImportBatchBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .RequireScope(Scopes.Write);
        return api;
    }

    private static async Task<Results<Ok<ItemView>, ProblemHttpResult>> Get(
        string id, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.ItemId(context, id);
        var item = await engine.GetItem(id, Input.AtLeastAll(atLeast), cancellationToken);
        return item is null ? UnknownItem(id).ToResult(context) : TypedResults.Ok(item);
    }

    private static async Task<Results<Ok<ItemAnswerPage>, ProblemHttpResult>> GetAnswers(
        string id, string? cursor, int? count, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.ItemId(context, id);
        var page = await engine.GetItemAnswers(id, cursor, Input.Count(count, 100, 1_000), Input.AtLeastAll(atLeast), cancellationToken);
        return page is null ? UnknownItem(id).ToResult(context) : TypedResults.Ok(page);
    }

    private static async Task<Ok<ImportReceipt>> Import(
        HttpContext context, EngineClient engine, AuieApiOptions options, ApiTelemetry telemetry, EventClock clock, CancellationToken cancellationToken)
    {
        using var body = await RequestBytes.Read(context.Request, options.ImportBatchBytes, cancellationToken);
        var batch = BatchBody<ItemEvent>.Read(body, "items", AuieJson.Strict.ItemEvent, item => Check(item) ?? clock.Problem(item.At));
        var results = await engine.ImportItems(batch.Events, cancellationToken);
        var refused = batch.AllRefused(results.SelectMany(result => result.Refused));
        telemetry.Events(batch.Count - refused.Length, results.Sum(result => result.Known), refused.Select(refusal => (refusal.Field, refusal.Reason)));
        return TypedResults.Ok(new ImportReceipt(results.Sum(result => result.Added), results.Sum(result => result.Known), refused));
    }

    // What the engine alone knows (traits, limits of lists) its shards check; here only what routing and JSON need.
    private static (string Field, string Reason)? Check(ItemEvent item)
    {
        if (Input.IdProblem(item.ItemId) is { } id) return ("itemId", id);
        if (Input.IdProblem(item.MessageId) is { } message) return ("messageId", message);
        if (item.Traits is { } traits && traits.FirstOrDefault(trait => trait.Value is null).Key is { } name) return ($"traits.{name}", "must not be null");
        foreach (var (field, people) in ((string, string[]?)[])[("yes", item.Yes), ("maybe", item.Maybe), ("no", item.No), ("invited", item.Invited)])
        {
            if (people is not null && Array.IndexOf(people, null) >= 0) return (field, "must not hold null");
        }

        return null;
    }

    internal static Problem UnknownItem(string id) => Problems.NotFound("unknown_item", $"Nothing has arrived of an item '{id}'.");
}
