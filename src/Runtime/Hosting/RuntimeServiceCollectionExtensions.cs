using Auie.Runtime.Activations;
using Auie.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Auie.Runtime;

/// <summary>Adds the built-in host to an application.</summary>
public static class RuntimeServiceCollectionExtensions
{
    /// <summary>Hosts the grains of some assemblies in this process: adds <see cref="IGrainFactory"/>, <see cref="IClusterClient"/>, and a service that
    /// deactivates every grain when the application stops. A <see cref="TimeProvider"/> among the services drives all time.</summary>
    public static IServiceCollection AddAuieRuntime(this IServiceCollection services, Action<RuntimeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions();
        services.AddLogging();
        services.Configure(configure);
        services.TryAddSingleton<GrainHost>();
        services.TryAddSingleton<IGrainFactory>(static s => s.GetRequiredService<GrainHost>());
        services.TryAddSingleton<IClusterClient>(static s => s.GetRequiredService<GrainHost>());
        services.TryAddSingleton<IHostLoad>(static s => s.GetRequiredService<GrainHost>());
        services.TryAddTransient<IGrainContext>(static _ => Activation.Activating
            ?? throw new InvalidOperationException("An IGrainContext is there only for the constructor of a grain."));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GrainHostService>());
        return services;
    }
}

/// <summary>Starts the host with the application, and deactivates its grains when that stops.</summary>
internal sealed class GrainHostService(GrainHost host) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => host.Stop(cancellationToken);
}
