using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Commits events to its part of the journal, lets the users fold them, passes on what concerns others, and from time to time writes the
/// states of those that changed. Here is what it remembers, and how states get written; <c>Intake</c> has how events get in,
/// <c>Commit</c> what becomes of them, <c>Outbox</c> how other partitions are told, <c>Import</c> what is different for bulks, <c>Erasure</c> how users are taken out.
/// </summary>
public sealed partial class PartitionGrain(
    IEngineStore store, Tombstones tombstones, StoreTimers timers, IOptions<EngineOptions> options, TimeProvider time, ILogger<PartitionGrain> logger)
    : Grain, IPartitionGrain
{
    /// <summary>Users with records that are not in their written states.</summary>
    private readonly Dictionary<string, Unwritten> _changed = [];

    /// <summary>Facts of users that the feature shard has not taken yet.</summary>
    private readonly Dictionary<string, UserFactsRow> _notShared = [];
    private readonly Truncation _truncation = new(store, options.Value.TruncateAfter, options.Value.KeepForTraining);
    private string _tenant = "";
    private PartitionId _partition;
    private long _epoch;
    private long _lastOffset;
    private long _checkpoint;
    private bool _sharing;

    /// <summary>Of a user's records those that no written state includes: about where they begin (never after the first), and the last one.</summary>
    private record struct Unwritten(long First, long Last);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 2);
        _tenant = key[0];
        _partition = new PartitionId(_tenant, int.Parse(key[1]));
        if (_partition.Number < 0 || _partition.Number >= store.Partitions)
            throw new InvalidRequestException("partition", $"{_partition.Number} is not one of the store's {store.Partitions}");

        _epoch = await store.ClaimEpochAsync(StoreOwners.Partition(_partition), cancellationToken).OrUnavailable();
        var position = await store.OpenPartitionAsync(_partition, cancellationToken).OrUnavailable();
        _lastOffset = position.LastOffset;
        _checkpoint = position.Checkpoint;
        foreach (var user in position.Pending)
            _changed[user.User] = new Unwritten(_checkpoint + 1, user.LastOffset);
        await FindUndeliveredAsync(cancellationToken);
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);

        // Partitions take turns, so that what they write is spread over the interval.
        this.RegisterGrainTimer(timers.Of(FlushAndTruncateAsync, options.Value.FlushInterval), options.Value.FlushInterval * ((_partition.Number + 1.0) / store.Partitions), options.Value.FlushInterval);
        this.RegisterGrainTimer(timers.Of(ForgetMessagesAsync, options.Value.ForgetInterval), options.Value.ForgetInterval, options.Value.ForgetInterval);
        this.RegisterGrainTimer(timers.Of(ShareAsync, options.Value.ShareInterval), new GrainTimerCreationOptions { DueTime = options.Value.ShareInterval, Period = options.Value.ShareInterval, Interleave = true });
        this.RegisterGrainTimer(timers.Of(RedeliverAsync, options.Value.RetryInterval), new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = options.Value.RetryInterval, Interleave = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        FailWaiting();
        try
        {
            await ShareAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (reason.ReasonCode == DeactivationReasonCode.ShuttingDown)
        {
            // The shard was not live, and is not made so while the silo stops: it reads what was written when somebody next asks it.
        }
        catch (Exception e)
        {
            // The shard reads what was written when it is next made live, and the next flush hands it the rest.
            LogNotShared(e, _partition.Number);
        }
    }

    public Task<FlushResult> Flush(CancellationToken cancellationToken) => FlushAsync(options.Value.UsersAtOnce, cancellationToken);

    private async Task<FlushResult> FlushAsync(int usersAtOnce, CancellationToken cancellationToken)
    {
        var written = 0;
        var began = time.GetTimestamp();
        var batches = _changed.ToArray().Chunk(usersAtOnce).ToArray();
        for (var i = 0; i < batches.Length; i++)
        {
            var snapshots = await Task.WhenAll(batches[i].Select(user => SnapshotAsync(user.Key, user.Value.Last, cancellationToken)));
            written += await WriteAsync([.. snapshots.OfType<UserSnapshot>()], isLast: i == batches.Length - 1, cancellationToken);
        }

        // What was owed and is delivered by now has nothing to be written, but lets the checkpoint pass.
        if (batches.Length == 0 && CheckpointAfter([]) > _checkpoint)
            await WriteAsync([], isLast: true, cancellationToken);
        await ShareAllAsync();
        if (batches.Length > 0)
            GrainTelemetry.Flushed(written, time.GetElapsedTime(began));
        return new FlushResult(written, _checkpoint);
    }

    private async Task FlushAndTruncateAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(options.Value.FlushBatch, cancellationToken);
        await _truncation.RunAsync(_partition, _epoch, _checkpoint, StepDown, cancellationToken);
    }

    private async Task ForgetMessagesAsync(CancellationToken cancellationToken)
    {
        while (await store.ForgetMessagesAsync(_partition, _epoch, Today, cancellationToken).OrUnavailable(StepDown) > 0)
        {
        }
    }

    private int Today => (int)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalDays;

    /// <summary>The user's snapshot; null where the user's own bytes cannot be read, so that one damaged user does not keep all others from being written.</summary>
    private async Task<UserSnapshot?> SnapshotAsync(string user, long atLeast, CancellationToken cancellationToken)
    {
        try
        {
            return _unfolded.TryGetValue(user, out var record) ? Fold(user, atLeast, record) : await User(user).Snapshot(atLeast, cancellationToken);
        }
        catch (Exception e) when (e is not (UnavailableException or TimeoutException or OperationCanceledException))
        {
            LogUserNotWritten(e, user);
            return null;
        }
    }

    /// <param name="isLast">Whether nothing more is to be written, so that the checkpoint may move.</param>
    private async Task<int> WriteAsync(UserSnapshot[] snapshots, bool isLast, CancellationToken cancellationToken)
    {
        if (snapshots.Length == 0 && !isLast)
            return 0;
        var writes = Array.ConvertAll(snapshots, s => new UserWrite(s.User, s.Offset, s.Head,
            Array.ConvertAll(s.Chunks, c => new StoredChunk(c.Map, c.FirstKey, c.Data))));
        var checkpoint = isLast ? CheckpointAfter(snapshots) : _checkpoint;
        await store.FlushAsync(_partition, _epoch, writes, checkpoint, cancellationToken).OrUnavailable(StepDown);

        _checkpoint = checkpoint;
        var told = new List<Task>();
        foreach (var snapshot in snapshots)
        {
            // More may have come while the snapshot was written.
            ref var unwritten = ref CollectionsMarshal.GetValueRefOrNullRef(_changed, snapshot.User);
            if (unwritten.Last <= snapshot.Offset)
                _changed.Remove(snapshot.User);
            else
                unwritten.First = snapshot.Offset + 1;
            Share(new UserFactsRow(snapshot.User, snapshot.Offset, snapshot.Facts, snapshot.Locale)
            {
                Rhythm = snapshot.Rhythm, Trail = snapshot.Trail, Place = snapshot.Place,
                OtherFriends = snapshot.Chunks.Any(chunk => chunk.Map == UserState.FriendMap),
            });
            if (!LeaveToUser(snapshot.User))
                told.Add(TellWritten(snapshot));
        }

        await Task.WhenAll(told);
        return snapshots.Length;
    }

    /// <summary>
    /// How far the checkpoint may move with these snapshots: no farther than the states that are written reach, and not past a record whose
    /// messages are still to be delivered.
    /// </summary>
    private long CheckpointAfter(UserSnapshot[] snapshots)
    {
        var written = snapshots.ToDictionary(snapshot => snapshot.User, snapshot => snapshot.Offset);
        var checkpoint = _lastOffset;
        foreach (var (user, unwritten) in _changed)
        {
            if (!written.TryGetValue(user, out var offset))
                checkpoint = Math.Min(checkpoint, unwritten.First - 1);
            else if (offset < unwritten.Last)
                checkpoint = Math.Min(checkpoint, offset);
        }

        return Math.Max(_checkpoint, Math.Min(checkpoint, FirstUndelivered - 1));
    }

    /// <summary>Keeps facts for the shard until it has them, unless it is to get later ones; and when the user is active and what they did, which come with a written state alone.</summary>
    private void Share(UserFactsRow row)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_notShared, row.User, out var known);
        if (!known)
            held = row;
        else
        {
            var (later, earlier) = held!.Offset <= row.Offset ? (row, held) : (held, row);
            held = later.Rhythm is not null || earlier.Rhythm is null ? later : later with { Rhythm = earlier.Rhythm, Trail = earlier.Trail };
            if (earlier.OtherFriends && !held.OtherFriends)
                held = held with { OtherFriends = true };
        }
    }

    /// <summary>Hands the shard what changed, unless that is under way.</summary>
    private async Task ShareAsync(CancellationToken cancellationToken)
    {
        if (_sharing || _notShared.Count == 0)
            return;
        _sharing = true;
        try
        {
            await ShareAllAsync();
        }
        finally
        {
            _sharing = false;
        }
    }

    /// <summary>Hands facts to the shard, again and again until it has taken them. It is beyond cancelling: they are committed.</summary>
    private async Task ShareAllAsync()
    {
        if (_notShared.Count == 0)
            return;
        var shard = GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, _partition.Number));
        foreach (var rows in _notShared.Values.ToArray().Chunk(options.Value.UsersAtOnce))
        {
            await shard.PutUsers(rows, CancellationToken.None);
            foreach (var row in rows)
            {
                if (_notShared.TryGetValue(row.User, out var held) && ReferenceEquals(held, row))
                    _notShared.Remove(row.User);
            }
        }
    }

    private IUserGrain User(string user) => _standings.TryGetValue(user, out var known) ? known.Grain : GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, user));

    private async Task TellWritten(UserSnapshot snapshot)
    {
        try
        {
            await User(snapshot.User).Flushed(snapshot.Offset, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The silo stops, and with it whom this was for.
        }
        catch (Exception e)
        {
            // The user will give the same chunks again, and they will be written again; that is all.
            LogUserNotTold(e, snapshot.User, snapshot.Offset);
        }
    }
}
