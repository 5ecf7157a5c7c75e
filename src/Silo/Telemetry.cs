using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Auie.Silo;

/// <summary>
/// Exports the engine's activities and metrics by OTLP when an endpoint is configured, by the standard variables
/// (OTEL_EXPORTER_OTLP_ENDPOINT and its like) or by the same names in the configuration file; otherwise nothing is collected.
/// </summary>
/// <remarks>Source: the OpenTelemetry environment variable specification.</remarks>
public sealed class Telemetry : IHostedService, IDisposable
{
    /// <summary>The variable, or configuration entry, that turns the export on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Every activity source and meter of the engine.</summary>
    public static readonly string[] Sources = ["Auie.Runtime", "Auie.Grains", "Auie.Storage", "Auie.Api"];

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    public Telemetry(IConfiguration configuration)
    {
        if (configuration[Endpoint] is not { Length: > 0 } endpoint)
            return;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri))
            throw new InvalidOperationException($"{Endpoint} is '{endpoint}', which is not an address such as http://localhost:4317.");

        var resource = ResourceBuilder.CreateDefault().AddService("auie", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString());
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources)
            .AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application")
            .AddOtlpExporter(options => options.Endpoint = uri).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Sources)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.Orleans")
            .AddOtlpExporter(options => options.Endpoint = uri).Build();
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
}
