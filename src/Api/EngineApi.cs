using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/engine: what the engine can cluster by, how many users it knows, and its limits.</summary>
public static class EngineApi
{
    public static RouteGroupBuilder MapEngineApi(this RouteGroupBuilder api)
    {
        api.MapGet("/engine", Get).WithName("GetEngine").WithTags("Engine").WithSummary("Feature sets, number of users, and limits")
            .RequireScope(Scopes.Read);
        return api;
    }

    private static async Task<Ok<EngineInfo>> Get(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetInfo(cancellationToken));
}
