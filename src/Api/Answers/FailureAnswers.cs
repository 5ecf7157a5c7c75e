using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Auie.Abstractions;
using Auie.Client;
using Auie.Client.Csv;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Auie.Api.Answers;

/// <summary>Turns whatever a request fails with into a problem, and answers that have a status but no body into problems too.</summary>
public sealed partial class FailureAnswers(RequestDelegate next, ILogger<FailureAnswers> log, ApiTelemetry? telemetry = null)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is ConnectionResetException or ConnectionAbortedException)
        {
            // The sender has gone, and was found to have before the request's token was told; what is left of the body is not to be read.
            context.Abort();
            return;
        }
        catch (Exception exception)
        {
            var problem = ProblemOf(exception);
            if (problem.Status == StatusCodes.Status500InternalServerError) LogFailure(log, context.Request.Method, context.Request.Path, exception);
            if (exception is OverloadedException) telemetry?.Overload();
            if (exception is UnavailableException || HostFailures.IsTakeOver(exception)) LogUnavailable(log, context.Request.Method, context.Request.Path, exception.Message);
            // Half an answer cannot be taken back: cutting the connection is how its reader learns.
            if (context.Response.HasStarted) throw;
            context.Response.Clear();
            await Problems.Write(context, problem);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 })
            await Problems.Write(context, ProblemOf(context.Response.StatusCode));
    }

    private static Problem ProblemOf(Exception exception) => exception switch
    {
        InvalidRequestException { Unknown: InvalidRequestException.Segmentation } unpublished => Problems.NotFound(SegmentsApi.NoSegmentation.Code, unpublished.Message),
        InvalidRequestException { Unknown: { } unknown } none => Problems.NotFound($"unknown_{unknown}", none.Message),
        InvalidRequestException invalid => Problems.Invalid(invalid.Field, invalid.Reason),
        BadHttpRequestException { InnerException: JsonException json } => ProblemOf(json),
        JsonException json => ProblemOf(json),
        BadHttpRequestException bad => ProblemOf(bad),
        CsvFormatException csv => new(StatusCodes.Status400BadRequest, "invalid_csv", csv.Message) { Cells = [csv.Error] },
        LimitExceededException => new(StatusCodes.Status503ServiceUnavailable, "overloaded",
            "The engine has more to do than it can; try again in a moment.") { RetryAfterSeconds = 1 },
        OverloadedException => new(StatusCodes.Status429TooManyRequests, "overloaded",
            "As much is under way as may be at once. Nothing is lost: send it again in a moment, events with the same ids; what was taken already is not taken twice.") { RetryAfterSeconds = 1 },
        _ when NotCalled.Is(exception) => new(StatusCodes.Status503ServiceUnavailable, "unavailable",
            "The engine cannot reach its store at present, or is stopping. Nothing of what was sent has been done.") { RetryAfterSeconds = 5 },
        TimeoutException => new(StatusCodes.Status503ServiceUnavailable, "timeout",
            "The engine did not answer in time. What was sent may have taken effect.") { RetryAfterSeconds = 1 },
        UnavailableException => new(StatusCodes.Status503ServiceUnavailable, "unavailable",
            "The engine cannot reach or write its store at present. What was sent may have taken effect.")
        {
            RetryAfterSeconds = 5,
        },
        _ when HostFailures.IsTakeOver(exception) => new(StatusCodes.Status503ServiceUnavailable, "unavailable",
            "The silo that was asked has gone; another one takes over. What was sent may have taken effect.") { RetryAfterSeconds = 5 },
        OperationCanceledException => new(StatusCodes.Status503ServiceUnavailable, "stopping", "The engine is stopping.") { RetryAfterSeconds = 5 },
        _ => new(StatusCodes.Status500InternalServerError, "internal", "The engine failed at this request. Its log has more under the request's id."),
    };

    private static Problem ProblemOf(JsonException exception)
    {
        var (field, reason) = JsonFailures.Describe(exception);
        return new(StatusCodes.Status400BadRequest, "malformed_json", field.Length == 0 ? reason : $"{field}: {reason}")
        {
            Errors = field.Length == 0 ? null : new(StringComparer.Ordinal) { [field] = [reason] },
        };
    }

    private static Problem ProblemOf(BadHttpRequestException exception)
    {
        var binding = BindingFailure().Match(exception.Message);
        if (binding.Success) return Problems.Invalid(JsonNamingPolicy.CamelCase.ConvertName(binding.Groups["name"].Value), $"'{binding.Groups["value"].Value}' {Misfit(binding.Groups["type"].Value)}");
        if (exception.StatusCode != StatusCodes.Status400BadRequest) return ProblemOf(exception.StatusCode);
        var lacksBody = exception.Message.StartsWith("Implicit body", StringComparison.Ordinal);
        return new(exception.StatusCode, "malformed_request", lacksBody ? "A body of JSON is needed, and not null." : exception.Message);
    }

    /// <summary>Why a text cannot be what a parameter is, by the name of its type.</summary>
    private static string Misfit(string type) =>
        type.Contains("int", StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"is no whole number, as in 25, of {int.MaxValue:N0} at the most")
        : type.Contains("long", StringComparison.Ordinal) ? "is no whole number, as in 25"
        : type.Contains("double", StringComparison.Ordinal) ? "is no number, as in 2.5"
        : type.Contains("bool", StringComparison.Ordinal) ? "is neither true nor false"
        : "is not valid here";

    private static Problem ProblemOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(status, "no_such_path", "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method_not_allowed", "The path does not take this method; the Allow header lists those it takes."),
        StatusCodes.Status408RequestTimeout => new(status, "too_slow", "The body arrived too slowly."),
        StatusCodes.Status413PayloadTooLarge => new(status, "too_large", "The body is larger than this path takes."),
        StatusCodes.Status415UnsupportedMediaType => new(status, "wrong_content_type", "The path does not take this Content-Type or Content-Encoding."),
        >= 500 => new(status, "internal", "The engine failed at this request."),
        _ => new(status, "refused", "The request was refused."),
    };

    // The framework tells which parameter failed only in its message.
    [GeneratedRegex("""^Failed to bind parameter "(?<type>.*) (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BindingFailure();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} could not be carried out at present: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, PathString path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger logger, string method, PathString path, Exception exception);
}
