using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/engine and /api/overview: what the engine can cluster by, its limits, and what is in it.</summary>
public static class EngineApi
{
    public static RouteGroupBuilder MapEngineApi(this RouteGroupBuilder api)
    {
        api.MapGet("/engine", Get).WithName("GetEngine").WithTags("Engine").WithSummary("Feature sets, number of users, and limits")
            .RequireScope(Scopes.Read);
        api.MapGet("/overview", GetOverview).WithName("GetOverview").WithTags("Engine").WithSummary("What is in the engine, counted")
            .WithDescription(
                "Users by gender, year of birth and locale, their friends, events and answers; items and the answers to them; the version of the published "
                + "segmentation (0: none); the latest import of each source. As of the last flush, some seconds ago at the most.")
            .RequireScope(Scopes.Read);
        return api;
    }

    private static async Task<Ok<EngineInfo>> Get(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetInfo(cancellationToken));

    private static async Task<Ok<EngineOverview>> GetOverview(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetOverview(cancellationToken));
}
