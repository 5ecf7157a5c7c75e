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
using Microsoft.Extensions.Logging;

namespace Auie.Api;

/// <summary>/api/jobs: starting, watching and cancelling recomputation.</summary>
public static partial class JobsApi
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
        string id, EngineClient engine, HttpContext context, IHostApplicationLifetime lifetime, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        if (await engine.GetJob(id, cancellationToken) is null) return UnknownJob(id).ToResult(context);
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(Progress(engine, id, logs.CreateLogger(typeof(JobsApi)), lifetime.ApplicationStopping, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<JobView>> Progress(
        EngineClient engine, string id, ILogger log, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A watcher must not hold up the end of the server; it comes back to the next one.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await using var jobs = engine.WatchJob(id, either.Token).GetAsyncEnumerator(either.Token);
        while (await NextAsync(jobs, id, log)) yield return new SseItem<JobView>(jobs.Current, "job");
    }

    /// <summary>An answer that has begun cannot become another: where whoever tells of the job has gone, it ends, and its reader asks again.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<JobView> jobs, string id, ILogger log)
    {
        try
        {
            return await jobs.MoveNextAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or UnavailableException or LimitExceededException || HostFailures.IsTakeOver(exception))
        {
            LogNotWatched(log, id, exception.Message);
            return false;
        }
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Cancel(
        string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var job = await engine.CancelJob(id, cancellationToken);
        return job is null ? UnknownJob(id).ToResult(context) : TypedResults.Ok(job);
    }

    private static Problem UnknownJob(string id) => Problems.NotFound("unknown_job", $"There is no job '{id}'.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Id} cannot be told of for now; who watches it asks again. {Reason}")]
    private static partial void LogNotWatched(ILogger logger, string id, string reason);
}
