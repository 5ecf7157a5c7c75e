using System.Net;

namespace Auie.Client.Http;

/// <summary>The engine answered, and not with a success.</summary>
public sealed class AuieHttpException(HttpStatusCode status, ApiProblem? problem, TimeSpan? retryAfter)
    : Exception(problem?.Detail ?? problem?.Title ?? $"The engine answered {(int)status} {status}.")
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>What the engine said, or null where the answer held no problem details.</summary>
    public ApiProblem? Problem { get; } = problem;

    /// <summary>The code that stays what it is while texts change; null where the answer held none.</summary>
    public string? Code => Problem?.Code;

    /// <summary>How long the engine asks to be left alone, where it said.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
