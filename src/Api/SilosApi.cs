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
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Api;

/// <summary>/api/silos: who serves the engine, and having one of them hand over what it serves.</summary>
public static class SilosApi
{
    private const string NotAsked = "Nobody has told at once who serves: the silo that was asked has gone or stands still, or the database does not answer. These are the silos as this process knew them last, with the load of then, each \"not reached\" that it has no connection to now.";

    private const string AtRest = " One that stands still hands over when it wakes, if it was told before its lease ran out; after that the others have what it had, as from one that was killed, and it takes its share again when it wakes.";

    public static RouteGroupBuilder MapSilosApi(this RouteGroupBuilder api)
    {
        var silos = api.MapGroup("/silos").WithTags("Silos").RequireScope(Scopes.Admin);
        silos.MapGet("", List).WithName("ListSilos").WithSummary("The silos, what each serves, and how much it has to do")
            .WithDescription(
                "Slots are numbered like the journal's partitions; a silo serves the users of its slots. A silo that is alone serves all. Where the database is gone, or nobody has told "
                + "within `Api:SilosWait` (3 s), these are the silos as the process that answers knew them last, and `note` says so.");
        silos.MapPost("/{name}/drain", Drain).WithName("DrainSilo").WithSummary("Has a silo hand all that it serves over to the others, and take nothing more")
            .WithDescription("Answered at once; the list shows how far it is. It goes on so until it is resumed or starts again.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        silos.MapPost("/{name}/resume", Resume).WithName("ResumeSilo").WithSummary("Has a silo that was drained take its share again")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    /// <summary>Which silos live matters most when one has gone, whom to ask of it may be the one: nobody waits for a take-over to be told.</summary>
    private static async Task<Ok<SiloList>> List(EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var last = context.RequestServices.GetService<IKnownSilos>();
        using var late = new CancellationTokenSource(last is null ? Timeout.InfiniteTimeSpan : context.RequestServices.GetRequiredService<AuieApiOptions>().SilosWait, context.RequestServices.GetRequiredService<TimeProvider>());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return TypedResults.Ok(new SiloList(await engine.ListSilos(patience.Token)));
        }
        catch (Exception failure) when (failure is TimeoutException or UnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested && last?.List() is [_, ..] known)
        {
            return TypedResults.Ok(new SiloList(known) { Note = NotAsked });
        }
    }

    private static async Task<Results<Ok<SiloList>, ProblemHttpResult>> Drain(string name, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await TellAsync(name, token => engine.DrainSilo(name, token), AtRest, engine, context, cancellationToken);

    private static async Task<Results<Ok<SiloList>, ProblemHttpResult>> Resume(string name, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await TellAsync(name, token => engine.ResumeSilo(name, token), "", engine, context, cancellationToken);

    /// <summary>Tells a silo something that twice is no more than once. Whom to ask of it may be the one that stands still: then who takes over from it.</summary>
    /// <param name="elseNote">What else to say where it cannot be told.</param>
    private static async Task<Results<Ok<SiloList>, ProblemHttpResult>> TellAsync(
        string name, Func<CancellationToken, Task<bool>> tell, string elseNote, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await context.RequestServices.GetRequiredService<AskAgain>().Run(async token => await tell(token), cancellationToken)
                ? await List(engine, context, cancellationToken)
                : Problems.NotFound("unknown_silo", $"There is no silo '{name}' in the cluster now: none has that name, or it has stopped, or it was put out because it stood still or was killed, and the others have what it had.").ToResult(context);
        }
        catch (TimeoutException failure) when (!NotCalled.Is(failure))
        {
            return new Problem(StatusCodes.Status503ServiceUnavailable, "timeout", $"Whether '{name}' was told is not known: nobody has answered in time. Ask again, which does no harm.{elseNote}") { RetryAfterSeconds = 1 }.ToResult(context);
        }
    }
}
