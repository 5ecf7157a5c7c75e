using System.Reflection;
using Auie.Abstractions;
using Auie.Client;
using Auie.Grains;
using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Auie.Silo.Cluster;
using Auie.Storage;
using Auie.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace Auie.Silo;

/// <summary>Starts the built-in host in this process: alone on a data folder, as one of several on a database.</summary>
public static class ActorHosting
{
    private const string RuntimeSection = "Runtime", ClusterSection = ClusterOptions.Section;

    private static readonly string DefaultName = $"{Environment.MachineName}-{Environment.ProcessId}";

    private static readonly string Version = typeof(UserGrain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <param name="postgres">The database that silos share; null for a silo that is alone.</param>
    public static void AddActorHost(this WebApplicationBuilder builder, string? postgres)
    {
        var services = builder.Services;
        var runtime = builder.Configuration.GetSection(RuntimeSection);
        services.AddAuieRuntime(options =>
        {
            runtime.Bind(options);
            options.Assemblies.Add(typeof(UserGrain).Assembly);
        });
        if (postgres is null)
        {
            services.AddSingleton<ISiloDirectory>(provider => new LoneSilo(
                Version, provider.GetRequiredService<IEngineStore>().Partitions, () => provider.GetRequiredService<IHostLoad>().Read()));
            services.AddSingleton<IShardPlacement, OneGroup>();
            services.AddHealthChecks().AddCheck<StoreAnswers>("store", tags: [Api.HealthApi.ReadyTag]);
            return;
        }

        services.AddAuieCluster(
            provider => PostgresMembership.Open(
                postgres,
                new PostgresStoreOptions { Schema = builder.Configuration["Store:Schema"] ?? new PostgresStoreOptions().Schema },
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.TablePatience),
            provider => provider.GetRequiredService<IEngineStore>().Partitions, Placement.SlotOf,
            options => Configure(options, builder.Configuration));
        services.AddSingleton<ISiloDirectory, ClusterDirectory>();
        services.AddSingleton<IKnownSilos, KnownSilos>();
        services.AddSingleton<IShardPlacement, BySilo>();
        // Who goes on serving what this silo served flushes it as well.
        services.Configure<EngineOptions>(options => options.FlushAtStop = false);
        services.AddHealthChecks().AddCheck<ClusterReady>("cluster", tags: [Api.HealthApi.ReadyTag]);
        services.AddSingleton<IHostedService, WakesWhatItGains>();
        services.AddSingleton<IHostedService, ClusterSlots>();
    }

    /// <summary>Refuses settings that the host could not be started by, before anything is touched.</summary>
    /// <exception cref="InvalidOperationException">There is such a one.</exception>
    /// <exception cref="FormatException">An address is none.</exception>
    internal static void Check(IConfiguration configuration, string? postgres)
    {
        (configuration.GetSection(RuntimeSection).Read<RuntimeOptions>(RuntimeSection) ?? new RuntimeOptions()).Validate();
        if (postgres is null)
            return;
        configuration.GetSection(ClusterSection).Check<ClusterOptions>(ClusterSection);
        ClusterSettings.Check(options => Configure(options, configuration));
    }

    private static void Configure(ClusterOptions options, IConfiguration configuration)
    {
        options.Name = DefaultName;
        options.Version = Version;
        configuration.GetSection(ClusterSection).Bind(options);
    }

    /// <summary>The sections that this host reads, with their defaults.</summary>
    internal static IEnumerable<(string Section, object Defaults)> Defaults(SiloSettings settings)
    {
        yield return (RuntimeSection, new RuntimeOptions());
        if (settings.Postgres is not null)
            yield return (ClusterSection, new ClusterOptions { Name = DefaultName });
    }

    /// <summary>Shards by the silo that serves them at the moment.</summary>
    private sealed class BySilo(IClusterState cluster) : IShardPlacement
    {
        public string[][] Group(string[] shards)
        {
            var owners = cluster.View.Owners;
            return owners.Count == 0 ? [shards]
                : [.. shards.GroupBy(key => owners[Placement.SlotOf("featureshard", key, owners.Count)]).Select(group => group.ToArray())];
        }
    }

    /// <summary>Whoever takes a slot over takes up what was left unfinished there.</summary>
    private sealed class WakesWhatItGains(IClusterState cluster, UnfinishedWork work) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            cluster.SlotsGained += Wake;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            cluster.SlotsGained -= Wake;
            return Task.CompletedTask;
        }

        private void Wake(object? sender, EventArgs e) => work.Wake();
    }
}
