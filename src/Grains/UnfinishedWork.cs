using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Wakes, when a silo starts and whenever it takes over from another, the grains that have work left from before: a coordinator whose jobs are not done, an erasure that is
/// under way, and partitions and item shards with records that no state holds yet. When a silo that is alone stops in order, it has these flush, so that little is left for the
/// next start.
/// </summary>
public sealed partial class UnfinishedWork(
    IEngineStore store, IGrainFactory grains, TimeProvider time, IOptions<EngineOptions> options, ILogger<UnfinishedWork> logger) : BackgroundService
{
    private const string Tenant = GrainKeys.DefaultTenant;

    private readonly SemaphoreSlim _woken = new(1);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when what was left before the start is taken up.</summary>
    public Task TakenUp => _first.Task;

    /// <summary>Has it look again for what is left.</summary>
    public void Wake()
    {
        if (_woken.CurrentCount == 0)
            _woken.Release();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _woken.WaitAsync(stoppingToken);
            await TakeUpAsync(stoppingToken);
            _first.TrySetResult();
        }
    }

    private async Task TakeUpAsync(CancellationToken stoppingToken)
    {
        var numbers = Enumerable.Range(0, store.Partitions).ToArray();
        await Task.WhenAll(
        [
            .. numbers.Select(number => UntilDone(token => FlushUsersAsync(number, token), stoppingToken)),
            .. numbers.Select(number => UntilDone(token => FlushItemsAsync(number, token), stoppingToken)),
            UntilDone(WakeCoordinatorAsync, stoppingToken),
            UntilDone(WakeErasuresAsync, stoppingToken),
        ]);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!options.Value.FlushAtStop)
            return;
        try
        {
            var numbers = Enumerable.Range(0, store.Partitions).ToArray();
            await Task.WhenAll([.. numbers.Select(number => FlushUsersAsync(number, cancellationToken)), .. numbers.Select(number => FlushItemsAsync(number, cancellationToken))]);
        }
        catch (Exception e)
        {
            LogNotFlushed(e);
        }
    }

    private async Task UntilDone(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotDone(e, options.Value.RetryInterval);
            }
            catch (Exception)
            {
                return; // The silo stops; the work is found again when it starts.
            }

            await Task.Delay(options.Value.RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FlushUsersAsync(int number, CancellationToken cancellationToken)
    {
        if (await HasPendingAsync(new PartitionId(Tenant, number), cancellationToken))
            await grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, number)).Flush(cancellationToken);
    }

    private async Task FlushItemsAsync(int number, CancellationToken cancellationToken)
    {
        if (await HasPendingAsync(PartitionId.OfItems(Tenant, number), cancellationToken))
            await grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(Tenant, number)).Flush(cancellationToken);
    }

    private async Task<bool> HasPendingAsync(PartitionId partition, CancellationToken cancellationToken) =>
        (await store.OpenPartitionAsync(partition, cancellationToken)).Pending.Length > 0;

    private async Task WakeCoordinatorAsync(CancellationToken cancellationToken)
    {
        await foreach (var (_, job) in store.ReadDocumentsAsync(Tenant, Documents.Job, cancellationToken))
        {
            if (SegmentationJob.Decode(job).Done)
                continue;
            await grains.GetGrain<ICoordinatorGrain>(Tenant).ListJobs(1, cancellationToken);
            return;
        }
    }

    private async Task WakeErasuresAsync(CancellationToken cancellationToken)
    {
        await foreach (var (_, receipt) in store.ReadDocumentsAsync(Tenant, Documents.Erasure, cancellationToken))
        {
            if (ErasureReceipt.Decode(receipt).Phase == ErasurePhase.Done)
                continue;
            await grains.GetGrain<IErasureGrain>(Tenant).List(1, cancellationToken);
            return;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _woken.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not all states were written; what is missing is in the journal and is read at the next start.")]
    private partial void LogNotFlushed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Some of what was left unfinished could not be taken up; it is tried again in {Interval}.")]
    private partial void LogNotDone(Exception exception, TimeSpan interval);
}
