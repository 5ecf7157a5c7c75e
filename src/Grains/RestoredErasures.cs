using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Hosting;

namespace Auie.Grains;

/// <summary>
/// Before a silo answers anybody, has whoever is in the log of erasures and alive in the store erased again: a store that was restored from a backup brings nobody back. It
/// costs next to nothing where the store knows of all of them.
/// </summary>
public sealed class RestoredErasures(IEngineStore store, ErasureLog log, IGrainFactory grains) : IHostedService
{
    private const string Tenant = GrainKeys.DefaultTenant;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await foreach (var line in log.ReadAsync(cancellationToken))
            lines.Add(line);
        if (lines.Count > 0 || await store.ReadDocumentAsync(Tenant, Documents.ErasureLog, Documents.Pending, cancellationToken) is not null)
            await grains.GetGrain<IErasureGrain>(Tenant).ApplyLog([.. lines], cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
