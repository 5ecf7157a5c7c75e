using System.Globalization;
using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/rankers: what ranks recommendations, and what did.</summary>
public static class RankersApi
{
    public static RouteGroupBuilder MapRankersApi(this RouteGroupBuilder api)
    {
        var rankers = api.MapGroup("/rankers").WithTags("Recommendations");
        rankers.MapGet("/", List).WithName("ListRankers").WithSummary("The rankers that are kept, the newest first, and which one ranks")
            .WithDescription("A job of kind 'train' makes one. published: the version that ranks, 0 for the baseline. Figures are of what was held out.").RequireScope(Scopes.Read);
        rankers.MapPost("/{version:long}/rollback", RollBack).WithName("RollBackRanker").WithSummary("Has a ranker that is kept rank from now on")
            .WithDescription("0 is the baseline. Every silo ranks by it when this is answered.").ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Jobs);
        return api;
    }

    private static async Task<Ok<RankerList>> List(EngineClient engine, CancellationToken cancellationToken) => TypedResults.Ok(await engine.GetRankers(cancellationToken));

    private static async Task<Results<Ok<RankerList>, ProblemHttpResult>> RollBack(long version, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.RollBackRanker(version, cancellationToken) is { } list
            ? TypedResults.Ok(list)
            : Problems.NotFound("unknown_ranker", $"There is no ranker of version {version.ToString(CultureInfo.InvariantCulture)}.").ToResult(context);
}
