using Auie.Api.Access;
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
    /// <param name="urls">The addresses to serve, separated by ';'.</param>
    /// <param name="keys">The file of keys; without one, only loopback addresses are served.</param>
    /// <param name="config">A JSON file of settings, or none.</param>
    /// <param name="settings">Settings as command lines have them: --Cluster:Gateways=….</param>
    /// <exception cref="InvalidOperationException">A setting is wrong, the file of them is not there, or an address is open to others and there are no keys.</exception>
    public static WebApplication Build(string urls, string? keys, string? config, string[] settings)
    {
        var known = keys is null ? KeyStore.Empty : KeyStore.Load(keys);
        if (ListenAddressGuard.Refusal([urls], known) is { } refusal)
            throw new InvalidOperationException(refusal);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings, "--hostBuilder:reloadConfigOnChange=false"] });
        if (config is not null)
            builder.Configuration.AddJsonFile(File.Exists(config) ? Path.GetFullPath(config) : throw new InvalidOperationException($"--config names '{config}', and there is no such file."));
        // As a silo's: AUIE_Cluster__Gateways for Cluster:Gateways; the command line goes before it.
        builder.Configuration.AddEnvironmentVariables().AddEnvironmentVariables("AUIE_").AddCommandLine(settings);
        if (known.IsEmpty && builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new InvalidOperationException("Kestrel:Endpoints is configured, and no keys are: without keys only --urls says where to listen.");
        builder.WebHost.UseUrls(urls);
        // Why it could not start its program says, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning);
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddHostedService<Telemetry>();
        builder.AddAuieClusterClient();
        builder.Services.AddHealthChecks().AddCheck<ClusterConnected>("cluster", tags: [HealthApi.ReadyTag]);
        builder.Services.AddAuieApi((builder.Configuration.GetSection("Api").Get<AuieApiOptions>(options => options.ErrorOnUnknownConfiguration = true)
            ?? new AuieApiOptions()) with { Keys = known });
        var app = builder.Build();
        app.UseAuieApi();
        return app;
    }
}
