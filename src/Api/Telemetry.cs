using Auie.Api.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Auie.Api;

/// <summary>
/// Exports the engine's activities and metrics by OTLP when an endpoint is configured, by the standard variables
/// (OTEL_EXPORTER_OTLP_ENDPOINT and its like) or by the same names in the configuration; otherwise nothing is collected.
/// </summary>
/// <remarks>
/// Source: the OpenTelemetry specification, "OpenTelemetry Protocol Exporter". The exporter reads the variables itself (protocol, headers,
/// timeouts, intervals too), and over http/protobuf adds /v1/traces and /v1/metrics to the endpoint that both signals share. An endpoint of
/// one signal's own is taken as it is written.
/// </remarks>
public sealed class Telemetry : IHostedService, IDisposable
{
    /// <summary>The variable, or configuration entry, that turns the export of both signals on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Every activity source and meter of the engine.</summary>
    public static readonly string[] Sources = ["Auie.Runtime", "Auie.Grains", "Auie.Storage", "Auie.Api"];

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <exception cref="InvalidOperationException">An endpoint is no http address, or a protocol is not one of OTLP's.</exception>
    public Telemetry(IConfiguration configuration)
    {
        var (both, traces, tracesProtocol, metrics, metricsProtocol) = Read(configuration);
        var resource = ResourceBuilder.CreateDefault().AddService("auie", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString())
            .AddEnvironmentVariableDetector();
        if ((traces ?? both) is not null)
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration)).SetResourceBuilder(resource)
                .AddSource(Sources).AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application")
                .AddOtlpExporter(options => Own(options, traces, tracesProtocol)).Build();
        }

        if ((metrics ?? both) is not null)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(services => services.AddSingleton(configuration)).SetResourceBuilder(resource)
                .AddMeter(Sources).AddMeter("Microsoft.Orleans")
                .AddOtlpExporter(options => Own(options, metrics, metricsProtocol)).Build();
        }
    }

    /// <summary>Refuses what cannot be exported by; nothing is exported yet.</summary>
    /// <exception cref="InvalidOperationException">An endpoint is no http address, or a protocol is not one of OTLP's.</exception>
    public static void Check(IConfiguration configuration) => _ = Read(configuration);

    // The exporter itself passes over what it cannot read, and would then send to its default.
    private static (Uri? Both, Uri? Traces, OtlpExportProtocol? TracesProtocol, Uri? Metrics, OtlpExportProtocol? MetricsProtocol) Read(IConfiguration configuration)
    {
        _ = ProtocolIn(configuration, "OTEL_EXPORTER_OTLP_PROTOCOL");
        return (
            EndpointIn(configuration, Endpoint),
            EndpointIn(configuration, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), ProtocolIn(configuration, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"),
            EndpointIn(configuration, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"), ProtocolIn(configuration, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"));
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

    private static void Own(OtlpExporterOptions options, Uri? endpoint, OtlpExportProtocol? protocol)
    {
        if (protocol is { } own)
            options.Protocol = own;
        if (endpoint is not null)
            options.Endpoint = endpoint;
    }

    private static Uri? EndpointIn(IConfiguration configuration, string name)
    {
        if (configuration[name] is not { Length: > 0 } endpoint)
            return null;
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : throw new InvalidOperationException($"{name} is '{EffectiveConfiguration.Shown(name, endpoint)}', which is not an address such as http://localhost:4317.");
    }

    private static OtlpExportProtocol? ProtocolIn(IConfiguration configuration, string name) => configuration[name] switch
    {
        null or "" => null,
        "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        var other => throw new InvalidOperationException($"{name} is '{other}', which is neither grpc nor http/protobuf."),
    };
}
