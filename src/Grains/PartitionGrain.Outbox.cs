using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>
/// How other users and items are told of what concerns them. The journal is the outbox: what a record has to say to others follows from it
/// (<see cref="Outbox"/>, <see cref="AnswersToItems"/>), the checkpoint never passes a record whose messages are not delivered, and after a restart those of the records past
/// the checkpoint are delivered again. Users who get them know them by their keys, and items' states take what comes again as what came, so that they take effect once.
/// </summary>
public sealed partial class PartitionGrain
{
    /// <summary>Records whose messages are to be delivered, by offset, with the delivery that is under way, and whether any goes to a user.</summary>
    private readonly SortedDictionary<long, (string User, byte[] Payload, bool ToUsers, Task? UnderWay)> _owed = [];

    private ItemCourier? _courier;

    private long FirstUndelivered => _owed.Count == 0 ? long.MaxValue : _owed.First().Key;

    public async Task Reach(long offset, CancellationToken cancellationToken)
    {
        // Another activation, of which this one does not know yet, may have come farther.
        if (offset > _lastOffset && offset > (await store.OpenPartitionAsync(_partition, cancellationToken).OrUnavailable()).LastOffset)
            throw new InvalidRequestException("atLeast", $"'{UserViews.Version(_partition, offset)}' is no version that this engine has given: its journal has not come so far");
    }

    /// <summary>Waits until what was committed up to an offset has reached everybody whom it concerns.</summary>
    public async Task Settle(long offset, CancellationToken cancellationToken)
    {
        await Reach(offset, cancellationToken);
        foreach (var owed in _owed.TakeWhile(owed => owed.Key <= offset).Select(owed => owed.Key).ToArray())
            await DeliverAsync(owed);
    }

    private async Task FindUndeliveredAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in store.ReadJournalAsync(_partition, _checkpoint, cancellationToken).OrUnavailable())
        {
            try
            {
                Owe(record.User, record.Offset, EntryCodec.DecodeRecord(record.Payload), record.Payload);
            }
            catch (CodecException e)
            {
                // One damaged record does not keep all others from being delivered.
                LogRecordNotRead(e, record.Offset, record.User);
            }
        }
    }

    private void Owe(string user, long offset, UserRecord record, byte[] payload)
    {
        var toUsers = Outbox.Of(user, record).Any();
        if (toUsers || AnswersToItems.MayTell(record))
            _owed[offset] = (user, payload, toUsers, null);
    }

    /// <summary>
    /// Begins to deliver what records owe. Ends when users have what concerns them; items are told meanwhile, unless so much is owed that those who send are to be slowed down.
    /// </summary>
    /// <param name="all">Whether to wait for the items as well: who passed it on settles when all of it is where it belongs.</param>
    private Task DeliverAsync(List<PlannedRecord> records, bool all)
    {
        List<Task>? waited = null;
        foreach (var record in _owed.Count == 0 ? [] : records)
        {
            if (!_owed.TryGetValue(record.Offset, out var owed))
                continue;
            var delivered = DeliverAsync(record);
            if (all || owed.ToUsers || _owed.Count > options.Value.MaxOwed)
                (waited ??= []).Add(delivered);
        }

        return waited is null ? Task.CompletedTask : Task.WhenAll(waited);
    }

    private async Task DeliverAsync(PlannedRecord record) => record.PassedOnAs = await TryDeliverAsync(record.Offset);

    private Task RedeliverAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(_ended.Task, Task.WhenAll(_owed.Where(owed => owed.Value.UnderWay is null).Select(owed => owed.Key).ToArray().Select(TryDeliverAsync)));

    private async Task<string?> TryDeliverAsync(long offset)
    {
        try
        {
            return await DeliverAsync(offset);
        }
        catch (Exception e)
        {
            // It is on disk, and so will be delivered; who reads with the version that they got waits for it.
            LogNotDelivered(e, offset, options.Value.RetryInterval);
            return null;
        }
    }

    /// <summary>Delivers a record's messages, once at a time.</summary>
    /// <returns>The version that a passed-on record got where it went; null where it has other messages.</returns>
    private async Task<string?> DeliverAsync(long offset)
    {
        if (!_owed.TryGetValue(offset, out var owed))
            return null;
        if (owed.UnderWay is not Task<string?> delivery)
        {
            delivery = owed.ToUsers ? SendAsync(owed.User, offset, EntryCodec.DecodeRecord(owed.Payload)) : TellItemsAloneAsync(owed.User, EntryCodec.DecodeRecord(owed.Payload));
            _owed[offset] = owed with { UnderWay = delivery };
        }

        try
        {
            var passedOnAs = await delivery;
            _owed.Remove(offset);
            return passedOnAs;
        }
        catch
        {
            if (_owed.TryGetValue(offset, out var now) && ReferenceEquals(now.UnderWay, delivery))
                _owed[offset] = owed with { UnderWay = null };
            throw;
        }
    }

    private async Task<string?> SendAsync(string user, long offset, UserRecord record)
    {
        var messages = Outbox.Of(user, record).ToList();
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Entry is { Kind: EntryKind.Adopt, State: null } adopt)
                messages[i] = messages[i] with { Entry = adopt with { State = await User(user).GetHistory(offset, CancellationToken.None) } };
        }

        var items = TellItemsAsync(user, record);
        var users = Task.WhenAll(messages.GroupBy(message => Partitioning.PartitionOf(_tenant, message.Target, store.Partitions)).Select(part =>
            GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, part.Key)).Deliver(
            [
                .. part.GroupBy(message => (message.Target, message.Sender))
                    .Select(to => new Delivery(to.Key.Target, to.Key.Sender, EntryCodec.Encode([.. to.Select(message => message.Entry)]))),
            ], CancellationToken.None)));
        await Task.WhenAll(users, items);
        return record.PassedOnTo is null ? null : $"{(await users)[0].Partition}.{(await users)[0].Offset}";
    }

    private async Task<string?> TellItemsAloneAsync(string user, UserRecord record)
    {
        await TellItemsAsync(user, record);
        return null;
    }

    private Task TellItemsAsync(string user, UserRecord record)
    {
        _courier ??= new ItemCourier((shard, deliveries) =>
            GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, shard)).Deliver(deliveries, CancellationToken.None));
        var told = new List<Task>(1);
        foreach (var (item, entry) in AnswersToItems.Of(user, record))
        {
            var loaded = _courier.SendAsync(Partitioning.PartitionOf(_tenant, item, store.Partitions), item, entry);
            if (!told.Contains(loaded))
                told.Add(loaded);
        }

        return told.Count == 1 ? told[0] : Task.WhenAll(told);
    }
}
