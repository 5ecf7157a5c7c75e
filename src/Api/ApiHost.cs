using Auie.Api.Access;
using Auie.Api.Settings;
using Auie.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Auie.Api;

/// <summary>Puts a process together that serves the API alone: it reaches the engine through its silos' gateways.</summary>
public static class ApiHost
{
    /// <summary>The address that is served unless told otherwise: this machine only.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5090";

    /// <param name="outside">What has no section: Urls, the addresses to serve, separated by ';', Keys, the file of keys, without which only loopback addresses are served, and Gateways, for Cluster:Gateways.</param>
    /// <param name="config">A JSON file of settings, or none.</param>
    /// <param name="settings">Settings as command lines have them: --Cluster:Gateways=….</param>
    /// <exception cref="InvalidOperationException">A setting is wrong or there is none of its name, the file of them is not there, or an address is open to others and there are no keys.</exception>
    public static WebApplication Build(IConfigurationRoot outside, string? config, string[] settings)
    {
        var urls = UrlsOf(outside);
        if (ServedAddresses.Problem("Urls", urls) is { } problem)
            throw new InvalidOperationException($"{problem} {SettingSources.From(outside, "Urls")}");
        var known = KeysOf(outside) is { } keys ? KeyStore.Load(keys) : KeyStore.Empty;
        if (ListenAddressGuard.Refusal([urls], known) is { } refusal)
            throw new InvalidOperationException(refusal);
        var builder = CreateBuilder(outside, config, settings);
        return SettingSources.Tell(builder.Configuration, () => Build(builder, urls, known));
    }

    /// <summary>Starts what was built.</summary>
    /// <exception cref="InvalidOperationException">A setting is wrong.</exception>
    public static Task StartAsync(WebApplication app, CancellationToken cancellationToken = default) => SettingSources.TellAsync(app.Configuration, async () =>
    {
        await app.StartAsync(cancellationToken);
        return true;
    });

    /// <summary>Every setting of a process that is not built, for people to read.</summary>
    public static IEnumerable<EffectiveSetting> Settings(IConfigurationRoot outside, string? config, string[] settings) =>
        Settings(outside, (IConfigurationRoot)CreateBuilder(outside, config, settings).Configuration);

    private static WebApplicationBuilder CreateBuilder(IConfigurationRoot outside, string? config, string[] settings)
    {
        SettingNames.CheckSections(settings);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings, "--hostBuilder:reloadConfigOnChange=false"] });
        ConfigurationSources.AddTo(builder.Configuration, config, settings);
        ConfigurationSources.AddAlias(builder.Configuration, builder.Configuration, "Cluster:Gateways", outside, ConfigurationSources.Gateways);
        return builder;
    }

    private static WebApplication Build(WebApplicationBuilder builder, string urls, KeyStore known)
    {
        if (known.IsEmpty && builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new InvalidOperationException("Kestrel:Endpoints is configured, and no keys are: without keys only --urls says where to listen.");
        builder.WebHost.UseUrls(urls);
        // Why it could not start its program says, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning);
        // Whoever asks is answered; why it is so, the log has from who found it.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddHostedService<Telemetry>();
        builder.AddAuieClusterClient();
        builder.Services.AddHealthChecks().AddCheck<ClusterConnected>("cluster", tags: [HealthApi.ReadyTag]);
        var api = builder.Configuration.GetSection(Section).Read<AuieApiOptions>(Section) ?? new AuieApiOptions();
        if (api.Problem() is { } problem)
            throw new InvalidOperationException(problem);
        builder.Services.AddAuieApi(api with { Keys = known });
        var app = builder.Build();
        app.UseAuieApi();
        return app;
    }

    /// <summary>What a process that was built is configured to, for people to read.</summary>
    public static IEnumerable<EffectiveSetting> Settings(IConfigurationRoot outside, WebApplication app) => Settings(outside, (IConfigurationRoot)app.Configuration);

    private static List<EffectiveSetting> Settings(IConfigurationRoot outside, IConfigurationRoot all) => EffectiveConfiguration.Of(
        [("Urls", UrlsOf(outside)), ("Keys", KeysOf(outside))], outside, [(Section, new AuieApiOptions()), .. ClusterClientHosting.Defaults()], all);

    private const string Section = "Api";

    private static string UrlsOf(IConfiguration outside) => outside["Urls"] is { Length: > 0 } urls ? urls : DefaultUrl;

    private static string? KeysOf(IConfiguration outside) => outside["Keys"] is { Length: > 0 } keys ? keys : null;
}
