using System.Globalization;
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

/// <summary>What users may ask for of what is kept of them (all of it, what they allow, that it goes), the receipts of erasures, and the audit of all that.</summary>
public static class PrivacyApi
{
    public static RouteGroupBuilder MapPrivacyApi(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Privacy");
        users.MapGet("/{id}/export", Export).WithName("ExportUser").WithSummary("Everything that is held on a user, as one JSON document")
            .WithDescription("Of every id that is the same person: profile, traits with the messages that set them, friends, answers, what the journal still has; and the items that name them. "
                + "It looks through every item, so it takes as long as that.")
            .Produces<string>(StatusCodes.Status200OK, "application/json").ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Admin)
            .WithMetadata(new ChangesSomething()); // it is audited
        users.MapGet("/{id}/consent", GetConsent).WithName("GetConsent").WithSummary("What a user allowed or forbade; null where nothing was said")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        users.MapPut("/{id}/consent", PutConsent).WithName("PutConsent").WithSummary("Says what a user allows or forbids")
            .WithDescription("tracking: whether what the user does is kept; while it is forbidden, their events are refused. personalisation: whether they are in segments and recommended "
                + "to. What is left out stays. It is an event of kind consent; messageId makes a retry count once.")
            .ProducesProblem(StatusCodes.Status400BadRequest).RequireScope(Scopes.Write);
        users.MapDelete("/{id}", Erase).WithName("EraseUser").WithSummary("Erases a user with all ids that were joined to them")
            .WithDescription("When this is answered no query knows the user any more, and what comes of them later is refused; the receipt says how far the rest is. Asked again for the "
                + "same id it gives the same receipt.")
            .ProducesProblem(StatusCodes.Status429TooManyRequests).RequireScope(Scopes.Admin);

        var erasures = api.MapGroup("/erasures").WithTags("Privacy").RequireScope(Scopes.Admin);
        erasures.MapGet("", List).WithName("ListErasures").WithSummary("The latest erasures, the newest first");
        erasures.MapGet("/{id}", Get).WithName("GetErasure").WithSummary("The receipt of an erasure").ProducesProblem(StatusCodes.Status404NotFound);
        erasures.MapGet("/log", GetLog).WithName("GetErasureLog").WithSummary("The log of erasures: the tombstones and their key, a line each")
            .WithDescription("Kept apart from backups, it tells a restored store who was erased since. It holds the key: keep it as you keep the store.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        erasures.MapPost("/log", ApplyLog).WithName("ApplyErasureLog").WithSummary("Erases again whoever is in a log of erasures and alive in the store")
            .Accepts<string>("text/plain").WithMetadata(new BodyLimit(LongestLog)).ProducesProblem(StatusCodes.Status400BadRequest);

        api.MapGet("/audit", Audit).WithName("ListAudit").WithTags("Privacy").WithSummary("Who exported, erased, or changed what is allowed, in the order of time")
            .WithDescription("after: the number of the last entry that is known already (left out: from the first). subject: a keyed hash of the id.").RequireScope(Scopes.Admin);
        return api;
    }

    private const long LongestLog = 256 << 20;

    private static async Task Export(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var ids = await engine.ResolveUser(id, cancellationToken);
        if (!await UserExport.IsHeld(engine, ids, cancellationToken))
        {
            await Problems.Write(context, UsersApi.UnknownUser(id));
            return;
        }

        await engine.Audit(Caller.Of(context), AuditedActions.Export, id, cancellationToken);
        context.Response.ContentType = "application/json; charset=utf-8";
        await UserExport.Write(engine, ids, context.Response.BodyWriter, cancellationToken);
    }

    private static async Task<Results<Ok<UserConsent>, ProblemHttpResult>> GetConsent(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        return await engine.GetUser(id, null, cancellationToken) is { } user
            ? TypedResults.Ok(new UserConsent(user.Tracking, user.Personalisation)) : UsersApi.UnknownUser(id).ToResult(context);
    }

    private static async Task<Ok<UserConsent>> PutConsent(
        string id, ConsentOrder consent, EngineClient engine, HttpContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        if (consent.Tracking is null && consent.Personalisation is null)
            throw new InvalidRequestException("tracking", "or personalisation has to be given");
        var said = new UserEvent
        {
            UserId = id,
            MessageId = consent.MessageId ?? $"consent-{Guid.NewGuid():N}",
            Kind = "consent",
            At = time.GetUtcNow(),
            Stamped = DateTimeOffset.MinValue,
            Tracking = consent.Tracking,
            Personalisation = consent.Personalisation,
        };
        // What is said is written down in the audit, whether or not its sender waits for it.
        if ((await engine.Append([said], false, CancellationToken.None)).SelectMany(result => result.Refused).FirstOrDefault() is { } refused)
            throw new InvalidRequestException(refused.Field == "userId" ? "id" : refused.Field, refused.Reason);
        await Parts.After(engine.Audit(Caller.Of(context), AuditedActions.Consent, id, CancellationToken.None));
        var user = await Parts.After(engine.GetUser(id, null, cancellationToken));
        return TypedResults.Ok(new UserConsent(user?.Tracking, user?.Personalisation));
    }

    private static async Task<Accepted<ErasureView>> Erase(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var receipt = await engine.EraseUser(Input.UserId(context, id), Caller.Of(context), cancellationToken);
        return TypedResults.Accepted($"/api/erasures/{receipt.Id}", receipt);
    }

    private static async Task<Ok<ErasureList>> List(int? count, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ErasureList(await engine.ListErasures(Input.Count(count, 20, 1_000), cancellationToken)));

    private static async Task<Results<Ok<ErasureView>, ProblemHttpResult>> Get(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.GetErasure(id, cancellationToken) is { } receipt
            ? TypedResults.Ok(receipt) : Problems.NotFound("unknown_erasure", $"There is no erasure '{id}'.").ToResult(context);

    private static async Task GetLog(EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var lines = await engine.GetErasureLog(cancellationToken);
        context.Response.ContentType = "text/plain; charset=utf-8";
        foreach (var line in lines)
            await context.Response.WriteAsync(line + "\n", cancellationToken);
    }

    private static async Task<Ok<ErasureLogResult>> ApplyLog(EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(context.Request.Body);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                lines.Add(line);
        }

        if (lines.Count == 0)
            throw new InvalidRequestException("lines", "there are none");
        return TypedResults.Ok(await engine.ApplyErasureLog([.. lines], cancellationToken));
    }

    private static async Task<Ok<AuditList>> Audit(string? after, int? count, EngineClient engine, CancellationToken cancellationToken)
    {
        var from = 0L;
        if (after is not null && !(long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out from) && from >= 0))
            throw new InvalidRequestException("after", $"'{after}' is no number of an entry");
        return TypedResults.Ok(new AuditList(await engine.ListAudit(from, Input.Count(count, 100, 1_000), cancellationToken)));
    }
}
