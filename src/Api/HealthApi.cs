using System.Text.Json;
using Auie.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Auie.Api;

/// <summary>
/// /health/live: the process answers. /health/ready: every health check tagged <see cref="ReadyTag"/> passes. Each is about this process
/// alone: were it to ask others, the death of one would take all of them from their load balancer. Open to all, and silent beyond the status, but of what an operator has set wrong.
/// </summary>
public static class HealthApi
{
    public const string ReadyTag = "ready";

    /// <summary>Under this a check says what anybody may read of why it does not pass.</summary>
    internal const string Reason = "reason";

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteStatus }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteStatus })
            .AllowAnonymous();
        return routes;
    }

    private static Task WriteStatus(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var reason = report.Entries.Values.Select(check => check.Data.GetValueOrDefault(Reason)).OfType<string>().FirstOrDefault();
        return context.Response.WriteAsync(report.Status == HealthStatus.Healthy ? """{"status":"ok"}"""
            : reason is null ? """{"status":"unavailable"}"""
            : $$"""{"status":"unavailable","reason":"{{JsonEncodedText.Encode(reason)}}"}""");
    }
}

/// <summary>Passes while this process, a client of the cluster, is connected to any silo.</summary>
internal sealed class ClusterConnected(IClusterConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.IsOpen ? HealthCheckResult.Healthy()
            : connection.Refusal is { } refusal ? HealthCheckResult.Unhealthy(refusal, null, new Dictionary<string, object> { [HealthApi.Reason] = refusal })
            : HealthCheckResult.Unhealthy("No silo is connected to."));
}

/// <summary>Passes until this process begins to stop.</summary>
internal sealed class NotStopping(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The process is stopping.") : HealthCheckResult.Healthy());
}
