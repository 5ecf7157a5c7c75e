using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>
/// An activity (the server's own where it is recorded) and a measured duration for each request, named by its route rather than its path, so that no id gets into a name. Probes have neither:
/// they come by the clock, and one process that is not ready would look as requests that fail.
/// </summary>
public sealed class RequestTracing(RequestDelegate next, ApiTelemetry telemetry)
{
    private const string NoRoute = "(none)";

    public Task InvokeAsync(HttpContext context)
    {
        var servers = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (!context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            return MeasureAsync(context, servers);
        if (servers is not null)
        {
            servers.IsAllDataRequested = false;
            servers.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }

        return next(context);
    }

    private async Task MeasureAsync(HttpContext context, Activity? servers)
    {
        var started = Stopwatch.GetTimestamp();
        using var own = servers is { IsAllDataRequested: true } ? null : ApiTelemetry.Activities.StartActivity("request", ActivityKind.Internal);
        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? NoRoute;
            var method = MethodOf(context.Request);
            var status = context.Response.StatusCode;
            telemetry.Request(method, route, status, Stopwatch.GetElapsedTime(started));
            if ((own ?? servers) is { IsAllDataRequested: true } activity)
            {
                activity.DisplayName = $"{method} {route}";
                activity.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", status);
                if (status >= 500) activity.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    // A method is free text: one that is not known must not make a new series.
    private static string MethodOf(HttpRequest request) => request.Method is "GET" or "PUT" or "POST" or "DELETE" or "HEAD" or "OPTIONS" ? request.Method : "_OTHER";
}
