using System.Text.Json.Serialization.Metadata;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Api.Tracking;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Net.Http.Headers;

namespace Auie.Api;

/// <summary>
/// The HTTP API as a part of a web application: <see cref="AddAuieApi"/> on its services, <see cref="UseAuieApi"/> on itself. It reaches the engine
/// only through the <see cref="IGrainFactory"/> of those services, so it runs in a silo or apart from one.
/// </summary>
public static class AuieApi
{
    public static IServiceCollection AddAuieApi(this IServiceCollection services, AuieApiOptions? options = null)
    {
        options ??= new AuieApiOptions();
        if (options.Problem() is { } problem)
            throw new InvalidOperationException(problem);
        services.AddSingleton(options);
        services.AddSingleton(options.LoadMapping());
        services.AddSingleton<ReceivedEvents>();
        services.AddSingleton<EventClock>();
        services.AddSingleton<ApiTelemetry>();
        services.AddSingleton<IntakeGate>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new AskAgain(options.AskAgain, CallLimit.OfHost(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new EngineClient(provider.GetRequiredService<IGrainFactory>(), options.Tenant, provider.GetRequiredService<AskAgain>()));
        services.ConfigureHttpJsonOptions(json =>
        {
            AuieJson.UseForms(json.SerializerOptions, readsNull: false);
            AuieJson.MakeStrict(json.SerializerOptions);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, AuieJson.Default.WithAddedModifier(Moment.ReadIn));
        });
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.AddCors(cors => cors.AddPolicy(TrackingApi.Origins, policy => policy
            .WithOrigins(options.AllowedOrigins).WithMethods(HttpMethods.Post).AllowAnyHeader().WithExposedHeaders(HeaderNames.RetryAfter)));
        services.AddHealthChecks().AddCheck<NotStopping>("stopping", tags: [HealthApi.ReadyTag]);
        services.AddHostedService<StopDelay>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout += options.StopDelay);
        // Without a name the console's older options would have the last word on the time.
        services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        services.PostConfigure<SimpleConsoleFormatterOptions>(InUtc);
        services.PostConfigure<JsonConsoleFormatterOptions>(InUtc);
        services.PostConfigure<ConsoleFormatterOptions>(InUtc);
        services.AddOpenApi(OpenApiDescription.Document, OpenApiDescription.Describe);
        return services;
    }

    private static void InUtc(ConsoleFormatterOptions console)
    {
        if (console.TimestampFormat is null)
            (console.TimestampFormat, console.UseUtcTimestamp) = ("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", true);
    }

    /// <summary>Puts access control and answers to failures before everything the application maps, and maps the API.</summary>
    public static WebApplication UseAuieApi(this WebApplication app)
    {
        app.UseMiddleware<RequestTracing>();
        app.UseEngineFailures();
        app.UseRouting();
        // By path, not by endpoint: whatever method a browser asks for, it is told which one there is.
        app.UseWhen(context => context.Request.Path.StartsWithSegments(TrackingApi.Path, StringComparison.OrdinalIgnoreCase), v1 => v1.UseCors(TrackingApi.Origins));
        app.UseMiddleware<AccessControl>();
        app.UseMiddleware<QueryNames>();
        if (app.Services.GetService<IClusterConnection>() is { } connection)
            app.UseWhen(NeedsCluster, branch => branch.Use(next => context => connection.IsOpen ? next(context) : Problems.Write(context, Problems.NoSilo)));
        app.MapAuieApi();
        return app;
    }

    /// <summary>
    /// Has whatever fails in what the application maps answered as the API does, by status, Retry-After and a problem (RFC 9457): for an application of one's own, too, that asks
    /// grains and has nothing else of the API.
    /// </summary>
    public static IApplicationBuilder UseEngineFailures(this IApplicationBuilder app) => app.UseMiddleware<FailureAnswers>();

    /// <summary>Nothing waits here for a cluster that cannot be reached: whoever asks may find a process that can.</summary>
    private static bool NeedsCluster(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || context.Request.Path.StartsWithSegments(TrackingApi.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Maps the routes alone.</summary>
    public static IEndpointRouteBuilder MapAuieApi(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<AuieApiOptions>();
        routes.MapHealth();
        routes.MapPage();
        routes.MapOpenApi("/openapi/{documentName}.json").RequireScope(Scopes.Read);
        var gate = routes.ServiceProvider.GetRequiredService<IntakeGate>();
        routes.MapTrackingApi(options, gate);
        var api = routes.MapGroup("/api").WithMetadata(new BodyLimit(options.RequestBytes));
        api.AddEndpointFilter(RepeatedReads.Pass);
        api
            .MapEngineApi()
            .MapSilosApi()
            .MapUsersApi()
            .MapRecommendationsApi()
            .MapRankersApi()
            .MapPrivacyApi()
            .MapItemsApi(options)
            .MapSegmentsApi()
            .MapInsightsApi()
            .MapCampaignsApi()
            .MapJobsApi()
            .MapTablesApi(options)
            .MapExportApi()
            .MapEventsApi(options, gate)
            .MapImportApi(options);
        return routes;
    }
}
