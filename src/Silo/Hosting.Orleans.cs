using Auie.Client;
using Auie.Grains;
using Auie.Silo.Cluster;
using Auie.Storage.Postgres;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Auie.Silo;

/// <summary>Starts an Orleans silo in this process: alone on a data folder, as one of several on a database.</summary>
public static class ActorHosting
{
    /// <param name="postgres">The database that silos share; null for a silo that is alone.</param>
    /// <exception cref="InvalidOperationException">A setting of the section "Cluster" is wrong.</exception>
    public static void AddActorHost(this WebApplicationBuilder builder, string? postgres)
    {
        var services = builder.Services;
        var cluster = SettingsOf(builder.Configuration);
        var (listen, gateway, advertised) = cluster.Endpoints();
        OrleansMembership? membership = null;
        if (postgres is not null)
        {
            membership = new OrleansMembership(postgres, builder.Configuration["Store:Schema"] ?? new PostgresStoreOptions().Schema);
            // Before Orleans' own services, and so started before them.
            services.AddHostedService(_ => membership);
            // Who goes on serving what this silo served flushes it as well.
            services.Configure<EngineOptions>(options => options.FlushAtStop = false);
        }

        builder.UseOrleans(silo =>
        {
            silo.AddActivityPropagation();
            if (membership is null)
                silo.UseLocalhostClustering(listen.Port, gateway.Port, clusterId: cluster.ClusterId);
            else
                silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = ("Npgsql", membership.Source));
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, "auie"));
            silo.Configure<ClusterMembershipOptions>(options => options.ProbeTimeout = cluster.ProbeTimeout);
            silo.Configure<SiloOptions>(options => options.SiloName = cluster.Name);
            silo.Configure<EndpointOptions>(options =>
            {
                (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (advertised, listen.Port, gateway.Port);
                (options.SiloListeningEndpoint, options.GatewayListeningEndpoint) = (listen, gateway);
            });
            // Who calls a grain on another silo is told by the same exceptions as one on the same.
            silo.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add("Auie"));
        });
        services.AddSingleton<ISiloDirectory, OrleansDirectory>();
        // Where a shard is, only Orleans knows.
        services.AddSingleton<IShardPlacement, OneGroup>();
        services.AddHostedService<WakesWhatOthersLeave>();
        services.AddHealthChecks().AddCheck<StoreAnswers>("store", tags: [Api.HealthApi.ReadyTag]);
    }

    /// <summary>Refuses settings that the host could not be started by, before anything is touched.</summary>
    /// <exception cref="InvalidOperationException">There is such a one.</exception>
    internal static void Check(IConfiguration configuration, string? postgres) => _ = SettingsOf(configuration).Endpoints();

    private static OrleansCluster SettingsOf(IConfiguration configuration) => configuration.GetSection("Cluster").Read<OrleansCluster>("Cluster") ?? new OrleansCluster();

    /// <summary>The sections that this host reads, with their defaults.</summary>
    internal static IEnumerable<(string Section, object Defaults)> Defaults(SiloSettings settings)
    {
        if (settings.Postgres is not null)
            yield return ("Cluster", new OrleansCluster());
    }

    /// <summary>When a silo is gone, the others take up what it left unfinished.</summary>
    private sealed class WakesWhatOthersLeave(IClusterMembershipService members, UnfinishedWork work) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var gone = 0;
            await foreach (var now in members.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var dead = now.Members.Values.Count(member => member.Status == SiloStatus.Dead);
                if (dead > gone)
                    work.Wake();
                gone = dead;
            }
        }
    }
}
