using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Auie.Silo;

/// <summary>Passes while the store answers a read within two seconds.</summary>
internal sealed class StoreAnswers(IEngineStore store) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // There is none of that name: any read would do.
        await store.ReadDocumentAsync(GrainKeys.DefaultTenant, "ready", "ready", cancellationToken).WaitAsync(Patience, cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
