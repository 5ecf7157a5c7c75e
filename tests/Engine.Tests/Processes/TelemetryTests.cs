using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Auie.Api;
using Auie.Client.Http;
using Auie.Engine.Tests.Engine;
using Auie.Silo.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Processes;

/// <summary>Activities and metrics: that they are made, and that they arrive where the standard variables say.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Grain_calls_jobs_commits_and_requests_are_seen_as_activities_and_metrics()
    {
        var activities = new ConcurrentDictionary<(string Source, string Name), byte>();
        var instruments = new ConcurrentDictionary<(string Meter, string Name), byte>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => Telemetry.Sources.Contains(source.Name) || source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities[(activity.Source.Name, activity.DisplayName)] = 0,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, on) =>
            {
                if (Telemetry.Sources.Contains(instrument.Meter.Name))
                    on.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => instruments[(instrument.Meter.Name, instrument.Name)] = 0);
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => instruments[(instrument.Meter.Name, instrument.Name)] = 0);
        meters.SetMeasurementEventCallback<int>((instrument, _, _, _) => instruments[(instrument.Meter.Name, instrument.Name)] = 0);
        meters.Start();

        await using (var engine = await TestEngine.StartAsync())
        {
            await WorkAsync(new Uri(engine.Url));
            meters.RecordObservableInstruments();
        }

        activities.Keys.Where(seen => seen.Source == "Auie.Runtime").ShouldNotBeEmpty();
        activities.Keys.ShouldContain(("Auie.Grains", "job"));
        activities.Keys.ShouldContain(("Auie.Storage", "commit"));
        activities.Keys.ShouldContain(("Microsoft.AspNetCore", "POST /api/events"));
        instruments.Keys.ShouldContain(("Auie.Runtime", "auie.grain.calls"));
        instruments.Keys.ShouldContain(("Auie.Runtime", "auie.grain.call.duration"));
        instruments.Keys.ShouldContain(("Auie.Grains", "auie.job.duration"));
        instruments.Keys.ShouldContain(("Auie.Storage", "auie.storage.commits"));
        instruments.Keys.ShouldContain(("Auie.Api", "auie.api.request.duration"));
    }

    [Fact]
    public async Task A_silo_delivers_both_signals_to_the_base_endpoint_of_a_collector()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0"],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_SERVICE_NAME", "auie-of-the-test"));
        await WorkAsync(await silo.ServingAsync());
        (await silo.Http.GetAsync("/health/ready")).IsSuccessStatusCode.ShouldBeTrue();
        (await silo.StopAsync()).ShouldBe(0, silo.Errors);

        collector.Received.Keys.ShouldBe(["/v1/metrics", "/v1/traces"], ignoreOrder: true);
        foreach (var source in Telemetry.Sources)
        {
            // A request is the server's activity, named by its route; there is no second one of it.
            collector.Received["/v1/traces"].ShouldContain(source == "Auie.Api" ? "Microsoft.AspNetCore" : source);
            collector.Received["/v1/metrics"].ShouldContain(source);
        }

        collector.Received["/v1/traces"].ShouldContain("POST /api/events");
        collector.Received["/v1/traces"].ShouldNotContain("HttpRequestIn");
        // Probes are neither traced nor counted: who asks by the clock would hide what users are answered.
        collector.Received["/v1/traces"].ShouldNotContain("health");
        collector.Received["/v1/metrics"].ShouldContain("/api/events");
        collector.Received["/v1/metrics"].ShouldNotContain("health");
        collector.Received["/v1/traces"].ShouldContain("auie-of-the-test");
        collector.Received["/v1/metrics"].ShouldContain("auie.job.duration");
    }

    [Fact]
    public async Task A_signal_with_an_endpoint_of_its_own_goes_there_as_it_is_written_and_the_other_nowhere()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0"],
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.Address + "/mine"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        await silo.ServingAsync();
        (await silo.StopAsync()).ShouldBe(0, silo.Errors);

        collector.Received.Keys.ShouldBe(["/mine"]);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "nowhere")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon")]
    public async Task What_cannot_be_an_endpoint_or_a_protocol_is_told_at_the_start(string name, string value)
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0"], (name, value));
        (await silo.ExitedAsync()).ShouldBe(1);
        silo.Errors.ShouldStartWith($"{name} is '{value}'");
        silo.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, silo.Errors);
    }

    private static async Task WorkAsync(Uri silo)
    {
        using var http = new HttpClient { BaseAddress = silo };
        var client = new AuieHttpClient(http);
        var world = new DemoWorld(new DemoOptions { Users = 20 });
        foreach (var batch in Enumerable.Range(0, 20).SelectMany(world.EventsOf).Chunk(200))
            await client.SendEvents(batch);
        var job = await client.StartJob(new JobOrder { KMin = 2, KMax = 2, Starts = 1 });
        await foreach (var now in client.WatchJob(job.Id))
            job = now;
        job.State.ShouldBe("succeeded", job.Error);
    }

    /// <summary>Keeps what is posted to it, by path, as text: OTLP's messages are protobuf, whose strings stand in it as they are.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentDictionary<string, string> Received { get; } = new();

        public string Address => app.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var collector = new Collector(app);
            app.MapPost("/{**path}", async (HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body, Encoding.Latin1);
                var body = await reader.ReadToEndAsync();
                request.ContentType.ShouldBe("application/x-protobuf");
                collector.Received.AddOrUpdate(request.Path, body, (_, earlier) => earlier + body);
            });
            await app.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
