using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/import and /api/imports: taking in bulks of data, of which some may be there already, and what an import has to say at its end.</summary>
public static class ImportApi
{
    public static RouteGroupBuilder MapImportApi(this RouteGroupBuilder api, AuieApiOptions options)
    {
        api.MapPost("/import/users", ImportUsers).WithName("ImportUsers").WithTags("Imports").WithSummary("Takes in a bulk of events about users")
            .WithDescription(
                "What the engine has already, told by user and messageId, is passed over, so that a bulk may be sent again. Every event that the receipt "
                + "does not list as refused is on disk; refused is also one whose messageId came before with another content. All events of one user are "
                + "best sent together.")
            .Accepts<EventBatch>("application/json")
            .WithMetadata(new BodyLimit(options.ImportBatchBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .RequireScope(Scopes.Write);
        api.MapPut("/imports/{source}", PutReport).WithName("PutImportReport").WithTags("Imports").WithSummary("Ends an import: keeps its report in place of the source's earlier one")
            .WithDescription("First has all that came written to states and shards, so that whoever sees the report counts and clusters what it tells of.")
            .WithMetadata(new BodyLimit(options.ImportReportBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .RequireScope(Scopes.Write);
        api.MapGet("/imports", ListReports).WithName("ListImports").WithTags("Imports").WithSummary("The latest import of each source: what it read, and what was wrong with it")
            .RequireScope(Scopes.Read);
        return api;
    }

    private static async Task<Ok<ImportReceipt>> ImportUsers(
        HttpContext context, EngineClient engine, AuieApiOptions options, ApiTelemetry telemetry, ReceivedEvents received, EventClock clock, CancellationToken cancellationToken)
    {
        using var body = await RequestBytes.Read(context.Request, options.ImportBatchBytes, cancellationToken);
        var batch = EventBatchBody.Read(body, clock);
        var results = await engine.Import(batch.Events, cancellationToken);
        var refused = batch.AllRefused(results.SelectMany(result => result.Refused));
        received.Add(batch.Events, results.SelectMany(result => result.Refused).Select(refusal => refusal.Index).ToHashSet(), areLive: false);
        telemetry.Events(batch.Count - refused.Length, results.Sum(result => result.Known), refused.Select(refusal => (refusal.Field, refusal.Reason)));
        return TypedResults.Ok(new ImportReceipt(results.Sum(result => result.Added), results.Sum(result => result.Known), refused));
    }

    private static async Task<Ok<ImportReport>> PutReport(string source, ImportReport report, EngineClient engine, CancellationToken cancellationToken)
    {
        if (source != report.Source)
            throw new InvalidRequestException("source", $"'{report.Source}' is not the source in the path, '{source}'");
        await engine.Flush(cancellationToken);
        await engine.PutImportReport(report, cancellationToken);
        return TypedResults.Ok(report);
    }

    private static async Task<Ok<ImportList>> ListReports(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ImportList(await engine.ListImports(cancellationToken)));
}
