using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Wakes the grains that have work left and do not go on with it by themselves: a coordinator whose jobs are not done, an erasure that is under way, and partitions and item shards
/// with records that no state holds yet. It looks when a silo starts, whenever it takes over from another, and from time to time, for a grain that does not know what became of
/// its write ends, and nobody may ask for it for long. When a silo that is alone stops in order, it has these flush, so that little is left for the next start.
/// </summary>
public sealed partial class UnfinishedWork : BackgroundService
{
    private const string Tenant = GrainKeys.DefaultTenant;

    private readonly IEngineStore _store;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly EngineOptions _options;
    private readonly StoreTimers _timers;
    private readonly ILogger _logger;
    private readonly Work[] _work;
    private TaskCompletionSource _woken = NewWake();
    private bool _troubled;

    public UnfinishedWork(IEngineStore store, IGrainFactory grains, TimeProvider time, IOptions<EngineOptions> options, StoreTimers timers, ILogger<UnfinishedWork> logger)
    {
        (_store, _grains, _time, _options, _timers, _logger) = (store, grains, time, options.Value, timers, logger);
        _work =
        [
            .. Numbers.Select(number => new Work(token => FlushUsersAsync(number, token))),
            .. Numbers.Select(number => new Work(token => FlushItemsAsync(number, token))),
            new Work(WakeCoordinatorAsync),
            new Work(WakeErasuresAsync),
        ];
        TakenUp = Task.WhenAll(_work.Select(work => work.First.Task));
    }

    /// <summary>Done when what was left before the start is taken up.</summary>
    public Task TakenUp { get; }

    /// <summary>Has it look again for what is left.</summary>
    public void Wake() => Interlocked.Exchange(ref _woken, NewWake()).TrySetResult();

    private IEnumerable<int> Numbers => Enumerable.Range(0, _store.Partitions);

    // Each by itself: one that cannot be taken up holds up no other.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_work.Select(work => SeeToAsync(work, stoppingToken)));

    private async Task SeeToAsync(Work work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Whoever wakes it from here on has it look once more.
            var woken = Volatile.Read(ref _woken).Task;
            var pause = _options.UnfinishedInterval;
            try
            {
                await work.TakeUp(stoppingToken);
                work.First.TrySetResult();
                Volatile.Write(ref _troubled, false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                pause = _options.RetryInterval;
                // Most often it is the store, which every grain meets as well, or whoever is to take over: told once for all, and when it is over.
                if (!_timers.Tells(e) && !Interlocked.Exchange(ref _troubled, true))
                    LogNotDone(e, pause);
            }
            catch (Exception)
            {
                return; // The silo stops; the work is found again when it starts.
            }

            await woken.WaitAsync(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_options.FlushAtStop)
            return;
        try
        {
            await Task.WhenAll([.. Numbers.Select(number => FlushUsersAsync(number, cancellationToken)), .. Numbers.Select(number => FlushItemsAsync(number, cancellationToken))]);
        }
        catch (Exception e)
        {
            LogNotFlushed(e);
        }
    }

    private async Task FlushUsersAsync(int number, CancellationToken cancellationToken)
    {
        if (await HasPendingAsync(new PartitionId(Tenant, number), cancellationToken))
            await _grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, number)).Flush(cancellationToken);
    }

    private async Task FlushItemsAsync(int number, CancellationToken cancellationToken)
    {
        if (await HasPendingAsync(PartitionId.OfItems(Tenant, number), cancellationToken))
            await _grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(Tenant, number)).Flush(cancellationToken);
    }

    private async Task<bool> HasPendingAsync(PartitionId partition, CancellationToken cancellationToken) =>
        (await _store.OpenPartitionAsync(partition, cancellationToken)).Pending.Length > 0;

    private async Task WakeCoordinatorAsync(CancellationToken cancellationToken)
    {
        await foreach (var (_, job) in _store.ReadDocumentsAsync(Tenant, Documents.Job, cancellationToken))
        {
            if (SegmentationJob.Decode(job).Done)
                continue;
            await _grains.GetGrain<ICoordinatorGrain>(Tenant).ListJobs(1, cancellationToken);
            return;
        }
    }

    private async Task WakeErasuresAsync(CancellationToken cancellationToken)
    {
        await foreach (var (_, receipt) in _store.ReadDocumentsAsync(Tenant, Documents.Erasure, cancellationToken))
        {
            if (ErasureReceipt.Decode(receipt).Phase == ErasurePhase.Done)
                continue;
            await _grains.GetGrain<IErasureGrain>(Tenant).List(1, cancellationToken);
            return;
        }
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not all states were written; what is missing is in the journal and is read at the next start.")]
    private partial void LogNotFlushed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Some of what was left unfinished could not be taken up; it is tried again in {Interval}.")]
    private partial void LogNotDone(Exception exception, TimeSpan interval);

    /// <summary>A kind of work that may be left.</summary>
    /// <param name="TakeUp">Looks whether any is, and wakes who does it.</param>
    private sealed record Work(Func<CancellationToken, Task> TakeUp)
    {
        /// <summary>Done when it has been looked at once.</summary>
        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
