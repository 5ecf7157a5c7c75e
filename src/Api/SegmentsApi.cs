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

/// <summary>/api/segments: the published segmentation, its segments, and who is in them.</summary>
public static class SegmentsApi
{
    internal static Problem NoSegmentation { get; } =
        Problems.NotFound("no_segmentation", "No segmentation is published yet: 'auie recompute', or POST /api/jobs, makes one.");

    public static RouteGroupBuilder MapSegmentsApi(this RouteGroupBuilder api)
    {
        var segments = api.MapGroup("/segments").WithTags("Segments").RequireScope(Scopes.Read);
        segments.MapGet("/", GetAll).WithName("GetSegmentation").WithSummary("The published segmentation")
            .ProducesProblem(StatusCodes.Status404NotFound);
        segments.MapGet("/{segment}", Get).WithName("GetSegment").WithSummary("One segment, with its size as it is now")
            .ProducesProblem(StatusCodes.Status404NotFound);
        segments.MapGet("/{segment}/members", GetMembers).WithName("GetMembers").WithSummary("A segment's members by page")
            .WithDescription("Every page that follows from one first page is of the model version of that page.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        segments.MapGet("/{segment}/border", GetBorder).WithName("GetBorder").WithSummary("A segment's members with the lowest silhouettes, the lowest first")
            .WithDescription("count: 1 to 100, 20 unless told. Looked for among four times as many who lean most towards another segment's centroid.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    private static async Task<Results<Ok<SegmentationView>, ProblemHttpResult>> GetAll(
        EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var segmentation = await engine.GetSegmentation(cancellationToken);
        return segmentation is null ? NoSegmentation.ToResult(context) : TypedResults.Ok(segmentation);
    }

    private static async Task<Results<Ok<SegmentView>, ProblemHttpResult>> Get(
        int segment, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        if (await engine.GetSegmentation(cancellationToken) is not { } published) return NoSegmentation.ToResult(context);
        var view = await engine.GetSegment(published.Version, segment, cancellationToken);
        return view is null ? UnknownSegment(segment, published.Version).ToResult(context) : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<MemberPage>, ProblemHttpResult>> GetMembers(
        int segment, string? cursor, int? count, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var most = Input.Count(count, 100, 1_000);
        long version;
        string? after = null;
        if (cursor is null)
        {
            if (await engine.GetSegmentation(cancellationToken) is not { } published) return NoSegmentation.ToResult(context);
            version = published.Version;
        }
        else
        {
            (version, after) = ReadCursor(cursor);
        }

        var page = await engine.GetMembers(version, segment, after, most, cancellationToken);
        return page is null
            ? UnknownSegment(segment, version).ToResult(context)
            : TypedResults.Ok(page with { Next = page.Next is null ? null : $"{version}.{page.Next}" });
    }

    private static async Task<Results<Ok<BorderView>, ProblemHttpResult>> GetBorder(
        int segment, int? count, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var most = Input.Count(count, 20, 100);
        if (await engine.GetSegmentation(cancellationToken) is not { } published) return NoSegmentation.ToResult(context);
        var border = await engine.GetBorder(published.Version, segment, most, cancellationToken);
        return border is null ? UnknownSegment(segment, published.Version).ToResult(context) : TypedResults.Ok(border);
    }

    // The cursor carries the version, so that publishing a new model between two pages does not mix two models.
    private static (long Version, string After) ReadCursor(string cursor)
    {
        var dot = cursor.IndexOf('.');
        return dot > 0 && long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (version, cursor[(dot + 1)..])
            : throw new InvalidRequestException("cursor", "is not one that a page gave as next");
    }

    private static Problem UnknownSegment(int segment, long version) =>
        Problems.NotFound("unknown_segment", $"Model version {version} has no segment {segment}.");
}
