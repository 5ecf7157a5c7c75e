using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Has the coordinator, from time to time, see to models of which somebody was a part who was erased.</summary>
public sealed partial class ErasureDeadlines(
    IEngineStore store, IGrainFactory grains, TimeProvider time, IOptions<EngineOptions> options, ILogger<ErasureDeadlines> logger) : BackgroundService
{
    private const string Tenant = GrainKeys.DefaultTenant;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await HasAnyAsync(Documents.ModelMark, stoppingToken) || await HasAnyAsync(Documents.RankerMark, stoppingToken))
                    await grains.GetGrain<ICoordinatorGrain>(Tenant).KeepDeadlines(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotKept(e, options.Value.ErasureDeadlineInterval);
            }
            catch (Exception)
            {
                return; // The silo stops; the next start looks again.
            }

            await Task.Delay(options.Value.ErasureDeadlineInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> HasAnyAsync(string kind, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ReadDocumentsAsync(Tenant, kind, cancellationToken))
            return true;
        return false;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether models have to be made anew after erasures could not be looked up; it is tried again in {Interval}.")]
    private partial void LogNotKept(Exception exception, TimeSpan interval);
}
