using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
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
using Microsoft.Extensions.Hosting;

namespace Auie.Api;

/// <summary>/api/jobs: starting, watching and cancelling recomputation.</summary>
public static class JobsApi
{
    public static RouteGroupBuilder MapJobsApi(this RouteGroupBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapPost("/", Start).WithName("StartJob").WithSummary("Starts a job; it goes on whatever becomes of the caller")
            .ProducesProblem(StatusCodes.Status400BadRequest).RequireScope(Scopes.Jobs);
        jobs.MapGet("/", List).WithName("ListJobs").WithSummary("The latest jobs, the newest first").RequireScope(Scopes.Read);
        jobs.MapGet("/{id}", Get).WithName("GetJob").WithSummary("A job: where it stands and what came of it")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        jobs.MapGet("/{id}/progress", Watch).WithName("WatchJob").WithSummary("A job now and at each change, until it ends, as server-sent events")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        jobs.MapDelete("/{id}", Cancel).WithName("CancelJob").WithSummary("Asks a job to stop; nothing of it is published")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Jobs);
        return api;
    }

    private static async Task<Accepted<JobView>> Start(JobOrder order, EngineClient engine, CancellationToken cancellationToken)
    {
        if (order.Columns is { } columns && (columns.Length == 0 || columns.Any(string.IsNullOrEmpty)))
            throw new InvalidRequestException("columns", "must name at least one column, and no empty one");
        if (order.Table is { } table) Input.TableName(table);
        var job = await engine.StartJob(order.ToRequest(), cancellationToken);
        return TypedResults.Accepted($"/api/jobs/{Uri.EscapeDataString(job.Id)}", job);
    }

    private static async Task<Ok<JobList>> List(int? count, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(new JobList(await engine.ListJobs(Input.Count(count, 20, 100), cancellationToken)));

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Get(
        string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var job = await engine.GetJob(id, cancellationToken);
        return job is null ? UnknownJob(id).ToResult(context) : TypedResults.Ok(job);
    }

    private static async Task<Results<ServerSentEventsResult<JobView>, ProblemHttpResult>> Watch(
        string id, EngineClient engine, HttpContext context, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        if (await engine.GetJob(id, cancellationToken) is null) return UnknownJob(id).ToResult(context);
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(Progress(engine, id, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<JobView>> Progress(
        EngineClient engine, string id, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A watcher must not hold up the end of the server; it comes back to the next one.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await foreach (var job in engine.WatchJob(id, either.Token)) yield return new SseItem<JobView>(job, "job");
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Cancel(
        string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var job = await engine.CancelJob(id, cancellationToken);
        return job is null ? UnknownJob(id).ToResult(context) : TypedResults.Ok(job);
    }

    private static Problem UnknownJob(string id) => Problems.NotFound("unknown_job", $"There is no job '{id}'.");
}
