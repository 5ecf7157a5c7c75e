using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/engine, /api/overview and /api/backups: what the engine can cluster by, its limits, what is in it, and copies of that.</summary>
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
        api.MapPut("/backups/{name}", Backup).WithName("MakeBackup").WithTags("Engine").WithSummary("Copies all that is kept to a file, while everything goes on")
            .WithDescription("The file lies in the engine's backup folder, and must not be there yet. A store on PostgreSQL is copied by pg_dump; the answer says how.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireScope(Scopes.Admin);
        return api;
    }

    private static async Task<Ok<BackupView>> Backup(string name, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.Backup(Input.FileName(name), cancellationToken));

    private static async Task<Ok<EngineInfo>> Get(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetInfo(cancellationToken));

    private static async Task<Ok<EngineOverview>> GetOverview(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetOverview(cancellationToken));
}
