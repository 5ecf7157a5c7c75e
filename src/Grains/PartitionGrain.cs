using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Commits events to its part of the journal, lets the users fold them, and from time to time writes the states of those that changed.
/// The users that changed since the last flush, and what it folds itself of them, are all that it remembers.
/// </summary>
public sealed partial class PartitionGrain(IEngineStore store, IOptions<EngineOptions> options, ILogger<PartitionGrain> logger)
    : Grain, IPartitionGrain
{
    /// <summary>Users with records that are not in their written states, and the offset of the last one.</summary>
    private readonly Dictionary<string, long> _changed = [];

    /// <summary>Facts of users that are written but that the feature shard has not taken yet.</summary>
    private readonly Dictionary<string, UserFactsRow> _notShared = [];
    private string _tenant = "";
    private PartitionId _partition;
    private long _epoch;
    private long _lastOffset;
    private long _checkpoint;

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
            _changed[user.User] = user.LastOffset;

        this.RegisterGrainTimer(Flush, options.Value.FlushInterval, options.Value.FlushInterval);
    }

    public async Task<AppendResult> Append(UserEvent[] events, bool segments, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var byUser = ByUser(events, refused);
        await CommitAsync([.. byUser.Select(user => new JournalRecord(user.Key, EntryCodec.Encode([.. user.Value.Select(at => at.Entry)])))], [], cancellationToken);
        return new AppendResult(_partition.Number, _lastOffset, [.. refused]);
    }

    /// <summary>The entries of each user, in the order of the call, with their places in it.</summary>
    private Dictionary<string, List<(int Index, Entry Entry)>> ByUser(UserEvent[] events, List<Refusal> refused)
    {
        if (events.Length > options.Value.MaxEventsPerAppend)
            throw new InvalidRequestException("events", $"{events.Length} in one call; at most {options.Value.MaxEventsPerAppend}");

        var byUser = new Dictionary<string, List<(int Index, Entry Entry)>>();
        for (var i = 0; i < events.Length; i++)
        {
            if (EventMapping.ToEntry(events[i], out var entry) is { } error)
                refused.Add(new Refusal(i, error.Field, error.Reason));
            else if (Partitioning.PartitionOf(_tenant, events[i].UserId, store.Partitions) != _partition.Number)
                refused.Add(new Refusal(i, "userId", $"does not belong to partition {_partition.Number}"));
            else
                (CollectionsMarshal.GetValueRefOrAddDefault(byUser, events[i].UserId, out _) ??= []).Add((i, entry));
        }

        return byUser;
    }

    /// <summary>Appends records, one a user, and tells their users; the first records of <paramref name="strangers"/> are kept to be folded here.</summary>
    private async Task CommitAsync(List<JournalRecord> records, HashSet<string> strangers, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
            return;
        var first = (await store.AppendAsync(_partition, _epoch, records, [], cancellationToken).OrUnavailable(DeactivateOnIdle)).First;
        _lastOffset = first + records.Count - 1;

        var told = new List<Task>(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            var (user, payload) = records[i];
            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_changed, user, out _);
            if (strangers.Contains(user))
            {
                KeepUnfolded(user, payload);
            }
            else
            {
                LeaveToUser(user);
                told.Add(Tell(user, new CommittedRecord(first + i, last, payload)));
            }

            last = first + i;
        }

        await Task.WhenAll(told);
    }

    public async Task<FlushResult> Flush(CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var batch in _changed.ToArray().Chunk(options.Value.FlushBatch))
        {
            var snapshots = await Task.WhenAll(batch.Select(user => SnapshotAsync(user.Key, user.Value, cancellationToken)));
            written += await WriteAsync([.. snapshots.OfType<UserSnapshot>()], cancellationToken);
        }

        await ShareAsync();
        return new FlushResult(written, _checkpoint);
    }

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

    private async Task<int> WriteAsync(UserSnapshot[] snapshots, CancellationToken cancellationToken)
    {
        if (snapshots.Length == 0)
            return 0;
        var writes = Array.ConvertAll(snapshots, s => new UserWrite(s.User, s.Offset, s.Head,
            Array.ConvertAll(s.Chunks, c => new StoredChunk(c.Map, c.FirstKey, c.Data))));
        var checkpoint = snapshots.Length == _changed.Count ? _lastOffset : _checkpoint;
        await store.FlushAsync(_partition, _epoch, writes, checkpoint, cancellationToken).OrUnavailable(DeactivateOnIdle);

        _checkpoint = checkpoint;
        var told = new List<Task>();
        foreach (var snapshot in snapshots)
        {
            _changed.Remove(snapshot.User);
            _notShared[snapshot.User] = new UserFactsRow(snapshot.User, snapshot.Offset, snapshot.Facts, snapshot.Locale);
            if (!LeaveToUser(snapshot.User))
                told.Add(TellWritten(snapshot));
        }

        await Task.WhenAll(told);
        return snapshots.Length;
    }

    /// <summary>Hands the facts of written users to the shard, again and again until it has taken them. It is beyond cancelling: the states are written.</summary>
    private async Task ShareAsync()
    {
        var shard = GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, _partition.Number));
        foreach (var rows in _notShared.Values.ToArray().Chunk(options.Value.FlushBatch))
        {
            await shard.PutUsers(rows, CancellationToken.None);
            foreach (var row in rows)
                _notShared.Remove(row.User);
        }
    }

    private IUserGrain User(string user) => GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, user));

    private async Task Tell(string user, CommittedRecord record)
    {
        try
        {
            await User(user).Apply([record], CancellationToken.None);
        }
        catch (Exception e)
        {
            // The record is committed, and that is what the caller is told; the user reads it from the journal when it is next asked.
            LogUserNotTold(e, user, record.Offset);
        }
    }

    private async Task TellWritten(UserSnapshot snapshot)
    {
        try
        {
            await User(snapshot.User).Flushed(snapshot.Offset, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The user will give the same chunks again, and they will be written again; that is all.
            LogUserNotTold(e, snapshot.User, snapshot.Offset);
        }
    }
}
