using System.Diagnostics;
using Auie.Abstractions;
using Auie.Client.Csv;
using Auie.Client.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Auie.Api.Answers;

/// <summary>Why a request is not answered as it was put: the status, a code that never changes its meaning, and the reason in words.</summary>
public sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>What is wrong, by field of the request.</summary>
    public Dictionary<string, string[]>? Errors { get; init; }

    /// <summary>What is wrong, by cell of a table.</summary>
    public IReadOnlyList<CellError>? Cells { get; init; }

    /// <summary>What is wrong, by event of a batch.</summary>
    public Refusal[]? Refused { get; init; }

    /// <summary>After how many seconds the same request may succeed.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>Writes problems as RFC 9457 asks: application/problem+json, with the members of <see cref="ApiProblem"/>.</summary>
public static class Problems
{
    public static Problem NotFound(string code, string detail) => new(StatusCodes.Status404NotFound, code, detail);

    public static Problem Invalid(string field, string reason) =>
        field.Length == 0
            ? new(StatusCodes.Status400BadRequest, "invalid_request", reason)
            : new(StatusCodes.Status400BadRequest, "invalid_request", $"{field}: {reason}") { Errors = new(StringComparer.Ordinal) { [field] = [reason] } };

    /// <summary>What a client of a cluster answers while no silo of it is connected to.</summary>
    internal static Problem NoSilo { get; } = new(StatusCodes.Status503ServiceUnavailable, "unavailable", "No silo of the cluster can be reached at present; nothing was done.") { RetryAfterSeconds = 1 };

    /// <summary>The problem as a handler's result.</summary>
    public static ProblemHttpResult ToResult(this Problem problem, HttpContext context)
    {
        if (problem.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        var details = new ProblemDetails
        {
            Type = "about:blank",
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Status = problem.Status,
            Detail = problem.Detail,
            Extensions =
            {
                ["code"] = problem.Code,
                ["requestId"] = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
                ["errors"] = problem.Errors ?? [],
            },
        };
        if (problem.Cells is not null) details.Extensions["cells"] = problem.Cells;
        if (problem.Refused is not null) details.Extensions["refused"] = problem.Refused;
        return TypedResults.Problem(details);
    }

    public static Task Write(HttpContext context, Problem problem) => problem.ToResult(context).ExecuteAsync(context);
}
