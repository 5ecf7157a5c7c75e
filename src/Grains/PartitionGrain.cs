using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Commits events to its part of the journal, lets the users fold them, and from time to time writes the states of those that changed.
/// The users that changed since the last flush are all that it remembers of them.
/// </summary>
public sealed partial class PartitionGrain(IEngineStore store, IOptions<EngineOptions> options, ILogger<PartitionGrain> logger)
    : Grain, IPartitionGrain
{
    private readonly Dictionary<string, long> _changed = [];
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

    public async Task<AppendResult> Append(UserEvent[] events, CancellationToken cancellationToken)
    {
        if (events.Length > options.Value.MaxEventsPerAppend)
            throw new InvalidRequestException("events", $"{events.Length} in one call; at most {options.Value.MaxEventsPerAppend}");

        var refused = new List<Refusal>();
        var byUser = new Dictionary<string, List<Entry>>();
        for (var i = 0; i < events.Length; i++)
        {
            if (EventMapping.ToEntry(events[i], out var entry) is { } error)
                refused.Add(new Refusal(i, error.Field, error.Reason));
            else if (Partitioning.PartitionOf(_tenant, events[i].UserId, store.Partitions) != _partition.Number)
                refused.Add(new Refusal(i, "userId", $"does not belong to partition {_partition.Number}"));
            else
                (CollectionsMarshal.GetValueRefOrAddDefault(byUser, events[i].UserId, out _) ??= []).Add(entry);
        }

        if (byUser.Count == 0)
            return new AppendResult(_partition.Number, _lastOffset, [.. refused]);

        var records = byUser.Select(user => new JournalRecord(user.Key, EntryCodec.Encode(user.Value))).ToList();
        var first = await store.AppendAsync(_partition, _epoch, records, cancellationToken).OrUnavailable(DeactivateOnIdle);
        _lastOffset = first + records.Count - 1;

        var told = new Task[records.Count];
        for (var i = 0; i < records.Count; i++)
        {
            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_changed, records[i].User, out _);
            told[i] = Tell(records[i].User, new CommittedRecord(first + i, last, records[i].Payload));
            last = first + i;
        }

        await Task.WhenAll(told);
        return new AppendResult(_partition.Number, _lastOffset, [.. refused]);
    }

    public async Task<FlushResult> Flush(CancellationToken cancellationToken)
    {
        var written = 0;
        while (_changed.Count > 0)
        {
            var batch = _changed.Take(options.Value.FlushBatch).ToArray();
            var snapshots = await Task.WhenAll(batch.Select(user => User(user.Key).Snapshot(user.Value, cancellationToken)));
            var writes = snapshots.Select(s => new UserWrite(s.User, s.Offset, s.Head,
                Array.ConvertAll(s.Chunks, c => new StoredChunk(c.Map, c.FirstKey, c.Data)))).ToArray();

            foreach (var user in batch)
                _changed.Remove(user.Key);
            var checkpoint = _changed.Count == 0 ? _lastOffset : _checkpoint;
            try
            {
                await store.FlushAsync(_partition, _epoch, writes, checkpoint, cancellationToken).OrUnavailable(DeactivateOnIdle);
            }
            catch
            {
                foreach (var user in batch)
                    _changed[user.Key] = user.Value;
                throw;
            }

            _checkpoint = checkpoint;
            written += batch.Length;
            await Task.WhenAll(snapshots.Select(s => User(s.User).Flushed(s.Offset, cancellationToken)));
            await GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, _partition.Number))
                .PutUsers(Array.ConvertAll(snapshots, s => new UserFactsRow(s.User, s.Offset, s.Facts)), cancellationToken);
        }

        return new FlushResult(written, _checkpoint);
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
}
