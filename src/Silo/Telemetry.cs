using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Auie.Silo;

/// <summary>
/// Exports the engine's activities and metrics by OTLP when an endpoint is configured, by the standard variables
/// (OTEL_EXPORTER_OTLP_ENDPOINT and its like) or by the same names in the configuration; otherwise nothing is collected.
/// </summary>
/// <remarks>
/// Source: the OpenTelemetry specification, "OpenTelemetry Protocol Exporter". The exporter reads the variables itself (protocol, headers,
/// timeouts, intervals too), and over http/protobuf adds /v1/traces and /v1/metrics to the endpoint that both signals share.
/// </remarks>
public sealed class Telemetry : IHostedService, IDisposable
{
    /// <summary>The variable, or configuration entry, that turns the export of both signals on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    private static readonly string[] Protocols =
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"];

    /// <summary>Every activity source and meter of the engine.</summary>
    public static readonly string[] Sources = ["Auie.Runtime", "Auie.Grains", "Auie.Storage", "Auie.Api"];

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <exception cref="InvalidOperationException">An endpoint is no http address, or a protocol is not one of OTLP's.</exception>
    public Telemetry(IConfiguration configuration)
    {
        // The exporter itself passes over what it cannot read, and would then send to its default.
        var both = HasEndpoint(configuration, Endpoint);
        var traces = HasEndpoint(configuration, TracesEndpoint);
        var metrics = HasEndpoint(configuration, MetricsEndpoint);
        foreach (var name in Protocols)
        {
            if (configuration[name] is { Length: > 0 } protocol and not ("grpc" or "http/protobuf"))
                throw new InvalidOperationException($"{name} is '{protocol}', which is neither grpc nor http/protobuf.");
        }

        var resource = ResourceBuilder.CreateDefault().AddService("auie", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString())
            .AddEnvironmentVariableDetector();
        if (both || traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration)).SetResourceBuilder(resource)
                .AddSource(Sources).AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application")
                .AddOtlpExporter().Build();
        }

        if (both || metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration)).SetResourceBuilder(resource)
                .AddMeter(Sources).AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.Orleans")
                .AddOtlpExporter().Build();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.ForceFlush(2_000);
        _metrics?.ForceFlush(2_000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static bool HasEndpoint(IConfiguration configuration, string name)
    {
        if (configuration[name] is not { Length: > 0 } endpoint)
            return false;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new InvalidOperationException($"{name} is '{endpoint}', which is not an address such as http://localhost:4317.");
        return true;
    }
}
