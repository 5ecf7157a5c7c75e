using System.Net;
using Auie.Abstractions;
using Auie.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Api;

/// <summary>An application of one's own, with nothing of the API but how failures are answered.</summary>
public sealed class EngineFailuresTests
{
    [Theory]
    [InlineData("unknown", HttpStatusCode.NotFound, "unknown_user", null)]
    [InlineData("late", HttpStatusCode.ServiceUnavailable, "timeout", 1)]
    [InlineData("full", HttpStatusCode.ServiceUnavailable, "overloaded", 1)]
    [InlineData("busy", HttpStatusCode.TooManyRequests, "overloaded", 1)]
    [InlineData("store", HttpStatusCode.ServiceUnavailable, "unavailable", 5)]
    [InlineData("bug", HttpStatusCode.InternalServerError, "internal", null)]
    [InlineData("../elsewhere", HttpStatusCode.NotFound, "no_such_path", null)]
    public async Task Failures_are_answered_as_the_API_answers_them(string path, HttpStatusCode status, string code, int? retryAfterSeconds)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseEngineFailures();
        app.MapGet("/fails/{how}", Fail);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var answer = (await Answer.To(http, HttpMethod.Get, $"/fails/{path}")).ShouldBeProblem(status, code);

        answer.Response.Headers.RetryAfter?.Delta.ShouldBe(retryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        (answer.Response.Headers.RetryAfter is null).ShouldBe(retryAfterSeconds is null);
    }

    private static string Fail(string how)
    {
        Exception failure = how switch
        {
            "unknown" => new InvalidRequestException("", "Nothing has arrived of a user 'x'.") { Unknown = "user" },
            "late" => new TimeoutException(),
            "full" => new LimitExceededException(),
            "busy" => new OverloadedException("busy"),
            "store" => new UnavailableException("gone"),
            _ => new InvalidOperationException("a bug"),
        };
        throw failure;
    }
}
