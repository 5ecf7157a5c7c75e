using Auie.Abstractions;
using Auie.Core.Privacy;

namespace Auie.Grains;

/// <summary>
/// What an erasure does, step after step. Those that are as far as each other take a step together, so that many at once cost little more than one: each step reads a whole
/// part of the store.
/// </summary>
public sealed partial class ErasureGrain
{
    private static readonly TimeSpan LongestScrubWait = TimeSpan.FromMinutes(10);

    /// <summary>How long a scrub was waited with after the last that failed, and when the next may be: each reads and writes the whole store.</summary>
    private TimeSpan _scrubWait;
    private DateTimeOffset _scrubFrom;

    /// <summary>Works on beside the calls that this grain answers meanwhile.</summary>
    private void Work(TimeSpan due = default)
    {
        if (_working)
            return;
        _working = true;
        _worker?.Dispose();
        _worker = this.RegisterGrainTimer(WorkThroughAsync, new GrainTimerCreationOptions
        {
            DueTime = due,
            Period = Timeout.InfiniteTimeSpan,
            Interleave = true,
            KeepAlive = true,
        });
    }

    private async Task WorkThroughAsync(CancellationToken stopping)
    {
        var again = false;
        try
        {
            // Those that are farthest first: what comes meanwhile waits, and then goes together.
            var waiting = new HashSet<Erasure>();
            while (_open.Values.Except(waiting).OrderByDescending(erasure => (erasure.Receipt.Phase, erasure.Receipt.Next)).FirstOrDefault() is { } first)
            {
                DelayDeactivation(TimeSpan.FromMinutes(10));
                stopping.ThrowIfCancellationRequested();
                // Each is closed by itself, so that one that cannot be does not keep another from it.
                Erasure[] together = first.Receipt.Phase == ErasurePhase.Closing
                    ? [first]
                    : [.. _open.Values.Except(waiting).Where(erasure => (erasure.Receipt.Phase, erasure.Receipt.Next) == (first.Receipt.Phase, first.Receipt.Next))];
                if (await TryStepAsync(together, stopping))
                    continue;
                waiting.UnionWith(together);
                again = true;
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            again = false;
        }
        finally
        {
            _working = false;
        }

        if (again)
            Work(options.Value.RetryInterval);
    }

    /// <summary>As <see cref="StepAsync"/>; one that fails is told of, and does not stop the others' steps.</summary>
    private async Task<bool> TryStepAsync(Erasure[] together, CancellationToken stopping)
    {
        try
        {
            if (!await StepAsync(together, stopping))
                return false;
            foreach (var erasure in together)
                erasure.Trouble = null;
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            var wait = options.Value.RetryInterval;
            if (together[0].Receipt.Phase == ErasurePhase.Scrubbing)
            {
                wait = _scrubWait = Min(LongestScrubWait, _scrubWait == default ? wait : 2 * _scrubWait);
                _scrubFrom = time.GetUtcNow() + wait;
            }

            foreach (var erasure in together)
                erasure.Trouble = e.Message;
            if (!timers.Tells(e))
                LogInterrupted(e, string.Join(", ", together.Select(erasure => Name(erasure.Receipt.Number))), wait);
            return false;
        }

        static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
    }

    /// <returns>Whether it was taken; else it is tried again in a while.</returns>
    private async Task<bool> StepAsync(Erasure[] together, CancellationToken cancellationToken)
    {
        var (phase, next) = (together[0].Receipt.Phase, together[0].Receipt.Next);
        string[] ids = [.. together.SelectMany(erasure => erasure.Ids).Distinct()];
        switch (phase)
        {
            case ErasurePhase.Closing:
                foreach (var erasure in together)
                    await CloseAsync(erasure, cancellationToken);
                return true;

            case ErasurePhase.Users:
                if (next == 0)
                    await GrainFactory.GetGrain<IIdentityGrain>(_tenant).CarryOut(cancellationToken);
                var ofUsers = await Partition(next).ForgetUsers(ids, cancellationToken);
                if (ofUsers.Found.Length > 0)
                {
                    await BeginAgainAsync(together[0], ofUsers.Found, cancellationToken);
                    return true;
                }

                await AdvanceAsync(together, store.Partitions, receipt => receipt with
                {
                    Users = receipt.Users + ofUsers.States, Records = receipt.Records + ofUsers.Records, Unreadable = receipt.Unreadable + ofUsers.Unreadable,
                }, cancellationToken);
                return true;

            case ErasurePhase.Items:
                var ofItems = await ItemShard(next).ForgetPeople(ids, cancellationToken);
                await AdvanceAsync(together, store.Partitions, receipt => receipt with
                {
                    Items = receipt.Items + ofItems.States, Answers = receipt.Answers + ofItems.Answers,
                    Records = receipt.Records + ofItems.Records, Unreadable = receipt.Unreadable + ofItems.Unreadable,
                }, cancellationToken);
                return true;

            case ErasurePhase.Imports:
                var examples = await GrainFactory.GetGrain<IImportLogGrain>(_tenant).DropExamples(ids, cancellationToken);
                // Again: one may have been planned of what was read before they were closed.
                await Campaigns.ForgetPeople(ids, cancellationToken);
                await AdvanceAsync(together, 1, receipt => receipt with { Examples = receipt.Examples + examples }, cancellationToken);
                return true;

            case ErasurePhase.Models:
                return await MarkModelsAsync(together, cancellationToken);

            default:
                if (time.GetUtcNow() < _scrubFrom)
                {
                    // Those that came since wait for the same.
                    foreach (var erasure in together)
                        erasure.Trouble ??= $"The store could not be scrubbed; it is tried again at {_scrubFrom:O}.";
                    return false;
                }

                var remains = await store.ScrubAsync(cancellationToken).OrUnavailable();
                _scrubWait = default;
                await AdvanceAsync(together, 1, receipt => receipt with { Remains = remains, EndedAt = time.GetUtcNow() }, cancellationToken);
                foreach (var erasure in together)
                    LogEnded(Name(erasure.Receipt.Number));
                return true;
        }
    }

    /// <summary>Has all that is kept under an erasure's own ids removed, and whatever comes of them refused.</summary>
    private async Task CloseAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        if (erasure.Receipt.Phase != ErasurePhase.Closing)
            return;
        erasure.Closing ??= CloseAsync(erasure);
        try
        {
            await erasure.Closing.WaitAsync(cancellationToken);
        }
        finally
        {
            if (erasure.Closing is { IsCompleted: true })
                erasure.Closing = null;
        }
    }

    private async Task CloseAsync(Erasure erasure)
    {
        var wereKnown = false;
        while (true)
        {
            await LogAsync(erasure);
            var ids = erasure.Ids;
            var erased = await Task.WhenAll(ids.GroupBy(id => Partitioning.PartitionOf(_tenant, id, store.Partitions))
                .Select(part => Partition(part.Key).EraseUsers([.. part], ids, CancellationToken.None)));
            // Somebody whom they were joined to meanwhile has their history.
            string[] others = [.. erased.SelectMany(part => part.Others).Distinct()];
            wereKnown |= Array.Exists(erased, part => part.WereKnown);
            if (others.Length == 0)
            {
                await Campaigns.ForgetPeople(ids, CancellationToken.None);
                break;
            }

            await BeginAgainAsync(erasure, others, CancellationToken.None);
        }

        await AdvanceAsync([erasure], 1, receipt => receipt with
        {
            ClosedAt = receipt.ClosedAt ?? time.GetUtcNow(), WereUnknown = receipt.WereUnknown && !wereKnown,
        }, CancellationToken.None);
    }

    private ICampaignsGrain Campaigns => GrainFactory.GetGrain<ICampaignsGrain>(_tenant);

    private Task LogAsync(Erasure erasure)
    {
        var (keyId, key) = _tombstones.Key!.Value;
        return log.AddAsync(
            [ErasureLogLine.OfKey(key), .. erasure.Ids.Select(id => ErasureLogLine.OfTombstone(keyId, _tombstones.Of(id), erasure.Receipt.RequestedAt))], CancellationToken.None);
    }

    /// <summary>Takes in ids that turned out to be the same person's, and begins with all of them from the start.</summary>
    private async Task BeginAgainAsync(Erasure erasure, string[] found, CancellationToken cancellationToken)
    {
        string[] ids = [.. erasure.Ids.Union(found)];
        var receipt = erasure.Receipt with { Phase = ErasurePhase.Closing, Next = 0, Hashes = Array.ConvertAll(ids, _tombstones.Of) };
        await Write([Document(receipt), Document(receipt.Number, new ErasureWork(ids))], cancellationToken);
        (erasure.Receipt, erasure.Ids) = (receipt, ids);
        Keep(erasure);
    }

    private async Task<bool> MarkModelsAsync(Erasure[] together, CancellationToken cancellationToken)
    {
        // Of whom nothing was here, no model was made.
        if (Array.FindAll(together, erasure => erasure.Receipt.WereUnknown) is { Length: > 0 } unknown)
            await AdvanceAsync(unknown, 1, receipt => receipt, cancellationToken);
        var coordinator = GrainFactory.GetGrain<ICoordinatorGrain>(_tenant);
        // Those that are asked for the first time have jobs of their own to wait for.
        foreach (var asked in together.Where(erasure => !erasure.Receipt.WereUnknown).GroupBy(erasure => erasure.Receipt.JobsUpTo))
        {
            Erasure[] alike = [.. asked];
            var marked = await coordinator.MarkModels(Array.ConvertAll(alike, erasure => erasure.Receipt.Number), asked.Key, cancellationToken);
            if (marked.WaitsFor is { } job)
            {
                foreach (var erasure in alike)
                    erasure.Trouble = $"Job {job} works on rows that it pinned before; the erasure ends after it.";
                await SetAsync(alike, receipt => receipt with { JobsUpTo = marked.JobsUpTo }, cancellationToken);
                return false;
            }

            await AdvanceAsync(alike, 1, receipt => receipt with
            {
                Models = marked.Versions, RebuildBy = marked.RebuildBy, RebuildJob = marked.RebuildJob, JobsUpTo = marked.JobsUpTo,
                Rankers = marked.Rankers.Length == 0 ? null : marked.Rankers,
            }, cancellationToken);
        }

        return true;
    }

    /// <summary>Goes on to the next part of the phase, or to the next phase. The ids go with the last phase that needs them.</summary>
    private Task AdvanceAsync(Erasure[] together, int parts, Func<ErasureReceipt, ErasureReceipt> done, CancellationToken cancellationToken) =>
        SetAsync(together, receipt => receipt.Next + 1 < parts
            ? done(receipt) with { Next = receipt.Next + 1 }
            : done(receipt) with { Next = 0, Phase = receipt.Phase + 1 }, cancellationToken);

    private async Task SetAsync(Erasure[] together, Func<ErasureReceipt, ErasureReceipt> set, CancellationToken cancellationToken)
    {
        var receipts = Array.ConvertAll(together, erasure => set(erasure.Receipt));
        await Write([
            .. receipts.Select(Document),
            .. receipts.Where(receipt => receipt.Phase == ErasurePhase.Scrubbing).Select(receipt => Document(receipt.Number, null)),
        ], cancellationToken);
        for (var i = 0; i < together.Length; i++)
        {
            together[i].Receipt = receipts[i];
            if (receipts[i].Phase >= ErasurePhase.Scrubbing)
                together[i].Ids = [];
            Keep(together[i]);
        }
    }
}
