using System.Net;
using System.Text;
using Auie.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Runtime.Cluster;

/// <summary>Makes the host of an application one of several.</summary>
public static class ClusterServiceCollectionExtensions
{
    /// <summary>
    /// Has this process host grains together with others that share a membership table: it serves the slots that it owns, and calls what others own. Joins before the
    /// application starts, and hands its slots over before the application stops.
    /// </summary>
    /// <param name="table">The membership table.</param>
    /// <param name="slots">How many slots the cluster has.</param>
    /// <param name="slotOf">The slot of a grain: of its type, its key and the number of slots. The same in every process.</param>
    public static IServiceCollection AddAuieCluster(
        this IServiceCollection services, Func<IServiceProvider, IMembershipTable> table, Func<IServiceProvider, int> slots, Func<string, string, int, int> slotOf,
        Action<ClusterOptions> configure)
    {
        services.AddRouter(PeerRole.Silo, slotOf, configure);
        services.AddSingleton(table);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SiloService>(provider, new SlotCount(slots(provider))));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<SiloService>());
        return services;
    }

    /// <summary>Has this process call the grains of a cluster, whose silos it finds through gateways; it hosts none itself.</summary>
    /// <param name="slotOf">As the silos have it.</param>
    public static IServiceCollection AddAuieClusterClient(
        this IServiceCollection services, Func<string, string, int, int> slotOf, Action<ClusterOptions> configure)
    {
        services.AddRouter(PeerRole.Client, slotOf, configure);
        services.AddSingleton<IHostedService, ClientService>();
        return services;
    }

    private static void AddRouter(this IServiceCollection services, PeerRole role, Func<string, string, int, int> slotOf, Action<ClusterOptions> configure)
    {
        services.Configure(configure);
        services.PostConfigure<ClusterOptions>(static options =>
        {
            if (options.SecretFile is { Length: > 0 } file)
                options.Secret = SecretIn(file);
            if (options.Secret is { Length: > 0 } secret && Encoding.UTF8.GetByteCount(secret) < ClusterSecret.LeastBytes)
                throw new InvalidOperationException($"Cluster:Secret is too short to be one: it has to have {ClusterSecret.LeastBytes} bytes at least. `openssl rand -hex 32` makes one.");
        });
        services.TryAddSingleton(provider => new ClusterRouter(
            provider.GetRequiredService<GrainHost>(), provider.GetRequiredService<IOptions<ClusterOptions>>().Value, role, slotOf, provider.GetRequiredService<ILogger<ClusterRouter>>()));
        services.TryAddSingleton<IClusterState>(static provider => provider.GetRequiredService<ClusterRouter>());
    }

    /// <summary>Who names a file wants a secret: one that is not there must not be taken for none.</summary>
    private static string SecretIn(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } secret
                ? secret
                : throw new InvalidOperationException($"Cluster:SecretFile is '{file}', whose first line is empty; that line is the secret.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Cluster:SecretFile is '{file}', which cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>What this process knows of its cluster.</summary>
public interface IClusterState
{
    /// <summary>The silos, and who owns which slot; of version 0 while nothing is known.</summary>
    ClusterView View { get; }

    /// <summary>Whether this process can answer: in a silo, whether its lease holds; in a client, whether it is connected.</summary>
    bool IsReady { get; }

    /// <summary>Whether a silo of the view is this process, or connected to it at the moment.</summary>
    bool Reaches(SiloInfo silo);

    /// <summary>Of a client that no silo lets in: what is wrong with its secret, or may be, with the setting's name and nothing that not everybody may know; null where nothing is.</summary>
    string? SecretRefusal { get; }

    /// <summary>Raised when this silo has come to own slots that it did not own before. Must not block.</summary>
    event EventHandler? SlotsGained;
}

/// <summary>How many slots a cluster has.</summary>
internal sealed record SlotCount(int Value);

/// <summary>A silo's part in the cluster, from before the application starts until it has handed over.</summary>
internal sealed class SiloService(
    ClusterRouter router, IMembershipTable table, SlotCount slots, IOptions<ClusterOptions> options, GrainHost host, ILoggerFactory logs)
    : IHostedLifecycleService, IAsyncDisposable
{
    private ConnectionListener? _listener;
    private ClusterMember? _member;
    private bool _handedOver;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        options.Value.Validate();
        _listener = new ConnectionListener(router.Endpoint);
        var address = string.IsNullOrEmpty(options.Value.Advertise) ? _listener.Address : options.Value.Advertise;
        _member = new ClusterMember(table, router, options.Value, slots.Value, address, host.Time, logs.CreateLogger<ClusterMember>());
        router.Use(_member, address);
        await _member.StartAsync(cancellationToken);
        _listener.Start();
        // Whoever is told that it serves finds all served: after a crash the lease of the silo that was there has to run out first.
        await router.Whole.WaitAsync(options.Value.Lease * 2, host.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Hands over while everything still answers: what comes from now on goes to the others.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _handedOver = true;
        if (_member is { } member)
            await member.StopAsync(cancellationToken);
        router.Resign();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets nobody in any more, before anything is disposed of that letting in takes.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_listener is { } listener)
            await listener.DisposeAsync();
        _listener = null;
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it by two names, and disposes of it for each.
        var (member, listener) = (_member, _listener);
        (_member, _listener) = (null, null);
        if (member is not null && !_handedOver)
        {
            // It had joined, and could not start: others need not wait for its lease to run out.
            using var late = new CancellationTokenSource(options.Value.DrainTimeout, host.Time);
            await member.StopAsync(late.Token);
        }

        if (member is not null)
            await member.DisposeAsync();
        if (listener is not null)
            await listener.DisposeAsync();
    }
}

/// <summary>A client's part: it looks for the cluster from before the application starts, and for as long as it runs.</summary>
internal sealed class ClientService(ClusterRouter router, IOptions<ClusterOptions> options) : IHostedLifecycleService
{
    /// <exception cref="InvalidOperationException">There is no gateway, or each of them refuses the secret.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var gateways = options.Value.Gateways.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (gateways.Length == 0)
            throw new InvalidOperationException("Cluster:Gateways names no silo: host:port, several separated by ';'.");
        foreach (var gateway in gateways)
        {
            var host = HostPort.Parse(gateway, "Cluster:Gateways").Host.Trim('[', ']');
            if (router.Endpoint.Secret is null && IPAddress.TryParse(host, out var address) && !IPAddress.IsLoopback(address))
                throw new InvalidOperationException($"Cluster:Gateways has {gateway}, which is not on this machine's loopback, and there is no Cluster:Secret: without one, only loopback is connected to.");
        }

        router.AddGateways(gateways);
        // One that is not there may come yet; one that is there does not take another secret before it is started anew.
        if (await router.IsRefusedByAllGatewaysAsync(options.Value.StartWait, cancellationToken))
            throw new InvalidOperationException($"No silo of Cluster:Gateways lets this process in. {router.SecretRefusal}");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
