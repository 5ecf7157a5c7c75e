using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>
/// Has every partition flush when a silo stops in order, so that little is left for the next start; and wakes, when one starts, the grains that have work left from before: partitions with records that no state holds yet, and a
/// coordinator whose jobs have not ended.
/// </summary>
public sealed partial class UnfinishedWork(IEngineStore store, IGrainFactory grains, ILogger<UnfinishedWork> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        const string tenant = GrainKeys.DefaultTenant;
        try
        {
            for (var partition = 0; partition < store.Partitions; partition++)
            {
                var position = await store.OpenPartitionAsync(new PartitionId(tenant, partition), stoppingToken);
                if (position.Pending.Length > 0)
                    await grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(tenant, partition)).Flush(stoppingToken);
            }

            await foreach (var (_, job) in store.ReadDocumentsAsync(tenant, Documents.Job, stoppingToken))
            {
                if (SegmentationJob.Decode(job).Done)
                    continue;
                await grains.GetGrain<ICoordinatorGrain>(tenant).ListJobs(1, stoppingToken);
                break;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; the work is found again when it starts.
        }
        catch (Exception e) when (e is StoreException or UnavailableException or FormatException or TimeoutException)
        {
            LogNotWoken(e);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(number =>
                grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(GrainKeys.DefaultTenant, number)).Flush(cancellationToken)));
        }
        catch (Exception e) when (e is UnavailableException or TimeoutException or OperationCanceledException)
        {
            LogNotFlushed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not all states were written; what is missing is in the journal and is read at the next start.")]
    private partial void LogNotFlushed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was left unfinished could not be taken up; it is tried again when the silo restarts.")]
    private partial void LogNotWoken(Exception exception);
}
