using System.Runtime.ExceptionServices;
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
    /// <summary>Records whose messages are to be delivered, by offset.</summary>
    private readonly Dictionary<long, OwedRecord> _owed = [];

    /// <summary>Their offsets in order, and some of those that are delivered.</summary>
    private readonly Queue<long> _owedInOrder = [];

    private ItemCourier? _courier;

    private long FirstUndelivered
    {
        get
        {
            while (_owedInOrder.TryPeek(out var first))
            {
                if (_owed.ContainsKey(first))
                    return first;
                _owedInOrder.Dequeue();
            }

            return long.MaxValue;
        }
    }

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
        foreach (var owed in _owedInOrder.TakeWhile(owed => owed <= offset).Where(_owed.ContainsKey).ToArray())
            await DeliverAsync(owed);
    }

    private async Task FindUndeliveredAsync(CancellationToken cancellationToken)
    {
        await foreach (var record in store.ReadJournalAsync(_partition, _checkpoint, cancellationToken).OrUnavailable())
        {
            try
            {
                Owe(record.User, record.Offset, EntryCodec.DecodeRecord(record.Payload));
            }
            catch (CodecException e)
            {
                // One damaged record does not keep all others from being delivered.
                LogRecordNotRead(e, record.Offset, record.User);
            }
        }
    }

    private void Owe(string user, long offset, UserRecord record)
    {
        var toUsers = Outbox.Of(user, record).Any();
        if (!toUsers && !AnswersToItems.MayTell(record))
            return;
        _owed[offset] = new OwedRecord(offset, user, record, toUsers);
        _owedInOrder.Enqueue(offset);
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
            if (owed.ToUsers)
                (waited ??= []).Add(DeliverAsync(record));
            else if (TryTellItems(owed) && (all || _owed.Count > options.Value.MaxOwed))
                (waited ??= []).Add(owed.Told);
        }

        return waited is null ? Task.CompletedTask : Task.WhenAll(waited);
    }

    private async Task DeliverAsync(PlannedRecord record) => record.PassedOnAs = (await TryDeliverAsync(record.Offset)).PassedOnAs;

    /// <summary>Delivers what is owed and not under way. That others are out of reach is told once, whatever is owed to them, by whom the timer is of (<see cref="StoreTimers"/>).</summary>
    private async Task RedeliverAsync(CancellationToken cancellationToken)
    {
        var delivered = Task.WhenAll(_owed.Values.Where(owed => !owed.IsUnderWay).Select(owed => owed.Offset).ToArray().Select(TryDeliverAsync));
        if (await Task.WhenAny(_ended.Task, delivered) == delivered && (await delivered).FirstOrDefault(one => one.Outage is not null).Outage is { } outage)
            ExceptionDispatchInfo.Throw(outage);
    }

    /// <summary>Tries to deliver what is on disk, and so will be delivered; who reads with the version that they got waits for it.</summary>
    /// <returns>The version that a passed-on record got; why it could not be delivered, where the one whom it is for is out of reach. Any other cause is told here.</returns>
    private async Task<(string? PassedOnAs, Exception? Outage)> TryDeliverAsync(long offset)
    {
        try
        {
            return (await DeliverAsync(offset), null);
        }
        catch (Exception e) when (StoreTimers.IsOutage(e) && StoreTimers.IsOutage(_owed.GetValueOrDefault(offset)?.Failure ?? e))
        {
            return (null, e);
        }
        catch (Exception e)
        {
            LogNotDelivered(e, offset, options.Value.RetryInterval);
            return (null, null);
        }
    }

    /// <summary>Delivers a record's messages, once at a time.</summary>
    /// <returns>The version that a passed-on record got where it went; null where it has other messages.</returns>
    private async Task<string?> DeliverAsync(long offset)
    {
        if (!_owed.TryGetValue(offset, out var owed))
            return null;
        if (!owed.ToUsers)
        {
            TellItems(owed);
            await owed.Told;
            // By what is owed still: it may be under way anew, and then no failure is known.
            return _owed.TryGetValue(offset, out var still) && ReferenceEquals(still, owed)
                ? throw new UnavailableException("An item could not be told of an answer.", owed.Failure)
                : null;
        }

        var delivery = owed.UnderWay ??= SendAsync(owed);
        try
        {
            var passedOnAs = await delivery;
            Delivered(owed);
            return passedOnAs;
        }
        catch
        {
            if (ReferenceEquals(owed.UnderWay, delivery))
                owed.UnderWay = null;
            throw;
        }
    }

    private void Delivered(OwedRecord owed)
    {
        // An amendment may have put another in its place.
        if (_owed.TryGetValue(owed.Offset, out var now) && ReferenceEquals(now, owed))
            _owed.Remove(owed.Offset);
    }

    private async Task<string?> SendAsync(OwedRecord owed)
    {
        var (user, record) = (owed.User, owed.Record);
        var messages = Outbox.Of(user, record).ToList();
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Entry is { Kind: EntryKind.Adopt, State: null } adopt)
                messages[i] = messages[i] with { Entry = adopt with { State = await User(user).GetHistory(owed.Offset, CancellationToken.None) } };
        }

        SendToItems(owed);
        var users = Task.WhenAll(messages.GroupBy(message => Partitioning.PartitionOf(_tenant, message.Target, store.Partitions)).Select(part =>
            GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, part.Key)).Deliver(
            [
                .. part.GroupBy(message => (message.Target, message.Sender))
                    .Select(to => new Delivery(to.Key.Target, to.Key.Sender, EntryCodec.Encode([.. to.Select(message => message.Entry)]))),
            ], CancellationToken.None)));
        await Task.WhenAll(users, owed.Told);
        if (owed.Failure is { } failure)
            throw new UnavailableException("An item could not be told of an answer.", failure);
        return record.PassedOnTo is null ? null : $"{(await users)[0].Partition}.{(await users)[0].Offset}";
    }

    private bool TryTellItems(OwedRecord owed)
    {
        try
        {
            TellItems(owed);
            return true;
        }
        catch (CodecException e)
        {
            LogNotDelivered(e, owed.Offset, options.Value.RetryInterval);
            return false;
        }
    }

    /// <summary>Has items told of what a record says, unless that is under way. The load that brings it takes the record off what is owed (<see cref="LoadEnded"/>): many come with one, and none waits by itself.</summary>
    private void TellItems(OwedRecord owed)
    {
        if (owed.Loads > 0)
            return;
        SendToItems(owed);
        if (owed.Loads == 0)
            Delivered(owed);
    }

    private void SendToItems(OwedRecord owed)
    {
        _courier ??= new ItemCourier((shard, deliveries) =>
            GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, shard)).Deliver(deliveries, CancellationToken.None), LoadEnded);
        owed.Failure = null;
        try
        {
            foreach (var (item, entry) in AnswersToItems.Of(owed.User, owed.Record))
                owed.GoWith(_courier.Send(Partitioning.PartitionOf(_tenant, item, store.Partitions), item, entry));
        }
        catch (CodecException e)
        {
            // What goes along already says a part.
            owed.Failure = e;
            throw;
        }
    }

    private void LoadEnded(ItemLoad load, Exception? failure)
    {
        var untold = 0L;
        foreach (var owed in load.Records)
        {
            owed.Failure ??= failure;
            if (--owed.Loads > 0 || owed.ToUsers)
                continue;
            if (owed.Failure is null)
                Delivered(owed);
            else
                untold = owed.Offset;
        }

        // The timer meets an outage as well, and tells of it.
        if (failure is not null && untold > 0 && !StoreTimers.IsOutage(failure))
            LogNotDelivered(failure, untold, options.Value.RetryInterval);
    }
}
