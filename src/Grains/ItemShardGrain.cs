using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Commits what is learnt of its items to its part of their journal, and from time to time folds it into their states. Which items wait
/// for that is all that it remembers; what it is asked it reads from the store: the state, and what the journal has after it.
/// </summary>
public sealed partial class ItemShardGrain(
    IEngineStore store, Tombstones tombstones, PublishedModels models, ReactionScan scan, StoreTimers timers, TimeProvider time, IOptions<EngineOptions> options, ILogger<ItemShardGrain> logger)
    : Grain, IItemShardGrain
{
    /// <summary>The most answers that one page holds.</summary>
    public const int MaxAnswers = 1_000;

    /// <summary>
    /// The totals lie among the states, under the id that no item has, so that they are written in one transaction with the states that
    /// they count. Their offset says how often they were written.
    /// </summary>
    private const string TotalsId = "";

    /// <summary>About how many bytes an item that waits takes in memory besides its id.</summary>
    private const int BytesOfWaiting = 100;

    private readonly HashSet<string> _waiting = [];
    private readonly Truncation _truncation = new(store, options.Value.TruncateAfter, kept: 0);
    private string _tenant = "";
    private PartitionId _shard;
    private long _epoch;
    private long _lastOffset;
    private long _checkpoint;
    private long _waitingBytes;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 2);
        _tenant = key[0];
        _shard = PartitionId.OfItems(_tenant, int.Parse(key[1]));
        if (_shard.Number < 0 || _shard.Number >= store.Partitions)
            throw new InvalidRequestException("shard", $"{_shard.Number} is not one of the store's {store.Partitions}");

        _epoch = await store.ClaimEpochAsync(StoreOwners.Partition(_shard), cancellationToken).OrUnavailable();
        var position = await store.OpenPartitionAsync(_shard, cancellationToken).OrUnavailable();
        _lastOffset = position.LastOffset;
        _checkpoint = position.Checkpoint;
        foreach (var item in position.Pending)
            _waiting.Add(item.User);
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);

        this.RegisterGrainTimer(timers.Of(FlushAndTruncateAsync, options.Value.FlushInterval), options.Value.FlushInterval, options.Value.FlushInterval);
    }

    public async Task<ImportResult> Import(ItemEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var incoming = Read(events, refused);
        var known = 0;
        while (incoming.Count > 0)
        {
            var appended = await CommitAsync(incoming.ConvertAll(one => (one.Item, one.Entry)), incoming.ConvertAll(one => one.Key), cancellationToken);
            if (appended.Length == 0)
                break;
            var digests = appended.ToDictionary(one => one.Index, one => one.Digest);
            var left = new List<Incoming>(incoming.Count);
            for (var i = 0; i < incoming.Count; i++)
            {
                if (!digests.TryGetValue(i, out var digest))
                    left.Add(incoming[i]);
                else if (digest == incoming[i].Key.Digest)
                    known++;
                else
                    refused.Add(new Refusal(incoming[i].Index, "messageId", "came before with another content"));
            }

            incoming = left;
        }

        if (_waitingBytes > options.Value.MaxUnfoldedBytes)
            await Flush(cancellationToken);
        return new ImportResult(_shard.Number, _lastOffset, incoming.Count, known, [.. refused.OrderBy(refusal => refusal.Index)]);
    }

    public async Task Deliver(ItemDelivery[] deliveries, CancellationToken cancellationToken)
    {
        var told = new List<(string Item, ItemEntry Entry)>(deliveries.Length);
        foreach (var delivery in deliveries)
        {
            foreach (var entry in ItemEntryCodec.Decode(delivery.Entries))
            {
                var left = _tombstones.IsEmpty ? entry : ItemForgetting.Of(entry, _tombstones.Holds);
                if (left.NamesAnybody)
                    told.Add((delivery.ItemId, left));
            }
        }

        // No message is remembered: the state of an item takes what comes again as what came.
        if (told.Count > 0)
            await CommitAsync(told, [], cancellationToken);
        if (_waitingBytes > options.Value.MaxUnfoldedBytes)
            await Flush(cancellationToken);
    }

    public async Task<FlushResult> Flush(CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var batch in _waiting.Chunk(options.Value.UsersAtOnce).ToArray())
            written += await WriteAsync(batch, cancellationToken);
        _waitingBytes = 0;
        return new FlushResult(written, _checkpoint);
    }

    private async Task FlushAndTruncateAsync(CancellationToken cancellationToken)
    {
        await Flush(cancellationToken);
        await _truncation.RunAsync(_shard, _epoch, _checkpoint, DeactivateOnIdle, cancellationToken);
    }

    public async Task<ItemView?> Get(string item, CancellationToken cancellationToken) =>
        await ReadAsync(item, cancellationToken) is { } state ? ItemMapping.View(item, state.Head) : null;

    public async Task<ItemAnswerPage?> GetAnswers(string item, string? after, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxAnswers)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxAnswers}");
        if (await ReadAsync(item, cancellationToken) is not { } state)
            return null;
        var answers = state.AnswersAfter(after).Take(count + 1).Select(ItemMapping.View).ToArray();
        return answers.Length <= count ? new ItemAnswerPage(answers, null) : new ItemAnswerPage(answers[..count], answers[count - 1].UserId);
    }

    public async Task<ItemCensus> GetCensus(CancellationToken cancellationToken)
    {
        var totals = await TotalsAsync(await store.LoadUserAsync(_shard, TotalsId, cancellationToken).OrUnavailable(), cancellationToken);
        return new ItemCensus(totals.Items, totals.WithStart, totals.Yes, totals.Maybe, totals.No, totals.Invited);
    }

    /// <summary>What can be committed of a call's events; the others are refused.</summary>
    private List<Incoming> Read(ItemEvent[] events, List<Refusal> refused)
    {
        if (events.Length > options.Value.MaxEventsPerAppend)
            throw new InvalidRequestException("events", $"{events.Length} in one call; at most {options.Value.MaxEventsPerAppend}");

        var incoming = new List<Incoming>(events.Length);
        for (var i = 0; i < events.Length; i++)
        {
            var item = events[i].ItemId;
            if (ItemMapping.ToEntry(events[i], out var entry) is { } error)
                refused.Add(new Refusal(i, error.Field, error.Reason));
            else if (Partitioning.PartitionOf(_tenant, item, store.Partitions) != _shard.Number)
                refused.Add(new Refusal(i, "itemId", $"does not belong to shard {_shard.Number}"));
            else
            {
                // What is learnt of items comes from catalogues that are sent again and again: it is remembered for ever.
                var (sender, message) = MessageIdentity.Of(item, entry.MessageId);
                var left = _tombstones.IsEmpty ? entry : ItemForgetting.Of(entry, _tombstones.Holds);
                incoming.Add(new Incoming(i, item, left, new MessageKey(sender, message, DigestOf(entry, events[i].Stamped), ForgetAfter: 0)));
            }
        }

        return incoming;
    }

    private static long DigestOf(ItemEntry entry, DateTimeOffset? stamped) => (long)Core.StableHash.OfBytes(ItemEntryCodec.Encode(
        [stamped is not { } at ? entry : entry with { At = at == DateTimeOffset.MinValue ? EntryValidation.Undated : at }]));

    /// <summary>Commits entries, one record an item; those that were there before, of which it then says which they are, keep the others from being committed.</summary>
    private async Task<KnownMessage[]> CommitAsync(List<(string Item, ItemEntry Entry)> entries, List<MessageKey> keys, CancellationToken cancellationToken)
    {
        var records = entries.GroupBy(one => one.Item)
            .Select(item => new JournalRecord(item.Key, ItemEntryCodec.Encode([.. item.Select(one => one.Entry)]))).ToList();
        var appended = await store.AppendAsync(_shard, _epoch, records, keys, cancellationToken).OrUnavailable(DeactivateOnIdle);
        if (appended.Known.Length > 0)
            return appended.Known;
        _lastOffset = appended.First + records.Count - 1;
        foreach (var record in records)
        {
            _waiting.Add(record.User);
            _waitingBytes += record.Payload.Length + record.User.Length + BytesOfWaiting;
        }

        await IndexAsync(entries);
        return [];
    }

    /// <summary>An entry that is to be committed: its place in the call, its item, and what its message is known by.</summary>
    private readonly record struct Incoming(int Index, string Item, ItemEntry Entry, MessageKey Key);

    /// <summary>Folds what the journal has of some items into their states, and writes these and the totals.</summary>
    private async Task<int> WriteAsync(string[] items, CancellationToken cancellationToken)
    {
        var stored = (await store.LoadUsersAsync(_shard, [.. items, TotalsId], cancellationToken).OrUnavailable()).ToDictionary(state => state.User);
        var records = (await store.ReadUsersAsync(
            _shard, Array.ConvertAll(items, item => (item, stored.GetValueOrDefault(item)?.Offset ?? 0)), cancellationToken).OrUnavailable())
            .ToLookup(record => record.User);

        var writes = new List<UserWrite>();
        var counted = stored.GetValueOrDefault(TotalsId);
        var totals = await TotalsAsync(counted, cancellationToken);
        foreach (var item in items)
        {
            try
            {
                var state = Load(stored.GetValueOrDefault(item));
                var before = ItemTotals.Of(state.Head);
                Apply(state, records[item]);
                totals += ItemTotals.Of(state.Head) - before;
                var snapshot = state.TakeSnapshot();
                writes.Add(new UserWrite(item, snapshot.Offset, snapshot.Head,
                    Array.ConvertAll(snapshot.Chunks, chunk => new StoredChunk(chunk.Map, chunk.FirstKey, chunk.Data))));
            }
            catch (CodecException e)
            {
                // One damaged item does not keep all others from being written.
                LogItemNotWritten(e, item);
            }
        }

        if (writes.Count == 0)
            return 0;
        var checkpoint = writes.Count == _waiting.Count ? _lastOffset : _checkpoint;
        await store.FlushAsync(_shard, _epoch, [.. writes, new UserWrite(TotalsId, (counted?.Offset ?? 0) + 1, totals.Encode(), [])], checkpoint, cancellationToken)
            .OrUnavailable(DeactivateOnIdle);
        _checkpoint = checkpoint;
        foreach (var write in writes)
            _waiting.Remove(write.User);
        return writes.Count;
    }

    /// <summary>The item as the journal has it at present, or null. It takes nothing from this grain's memory, and so may run beside a flush.</summary>
    private async Task<ItemState?> ReadAsync(string item, CancellationToken cancellationToken)
    {
        if (ItemEntryValidation.CheckItem(item) is { } error)
            throw new InvalidRequestException(error.Field, error.Reason);
        var opened = await store.OpenUserAsync(_shard, item, cancellationToken).OrUnavailable();
        var state = Load(opened.State);
        Apply(state, opened.Records);
        return state.Offset > 0 ? state : null;
    }

    private static ItemState Load(StoredUser? stored) => stored is null
        ? new ItemState()
        : ItemState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));

    private static void Apply(ItemState state, IEnumerable<StoredRecord> records)
    {
        foreach (var record in records)
            state.ApplyRecord(record.Offset, record.Payload);
    }

    /// <summary>The totals as they were last written; counted anew from the states where they cannot be read.</summary>
    private async Task<ItemTotals> TotalsAsync(StoredUser? stored, CancellationToken cancellationToken)
    {
        try
        {
            return stored is null ? default : ItemTotals.Decode(stored.Head);
        }
        catch (CodecException e)
        {
            LogTotalsNotRead(e, _shard.Number);
        }

        var totals = default(ItemTotals);
        await foreach (var head in store.ReadHeadsAsync(_shard, null, cancellationToken).OrUnavailable())
        {
            try
            {
                totals += ItemTotals.Of(ItemHeadCodec.Decode(head.Head));
            }
            catch (CodecException e)
            {
                LogItemNotCounted(e, head.User);
            }
        }

        return totals;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {Item} cannot be read and so not be written; its records stay in the journal.")]
    private partial void LogItemNotWritten(Exception exception, string item);

    [LoggerMessage(Level = LogLevel.Error, Message = "The totals of item shard {Shard} cannot be read; they are counted anew.")]
    private partial void LogTotalsNotRead(Exception exception, int shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {Item} cannot be read and so not be counted.")]
    private partial void LogItemNotCounted(Exception exception, string item);
}
