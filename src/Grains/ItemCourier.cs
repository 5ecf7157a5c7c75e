using Auie.Abstractions;
using Auie.Core.Items;

namespace Auie.Grains;

/// <summary>
/// Carries what a partition has to say to items: to each item shard with one call at a time, and what comes meanwhile goes into the next one together, so that
/// a thousand answers cost a shard a few commits.
/// </summary>
/// <param name="deliver">Brings a shard what is for it.</param>
/// <param name="ended">Is told of each load when the shard has it, or why it has not; before <see cref="ItemLoad.Ended"/> ends.</param>
internal sealed class ItemCourier(Func<int, ItemDelivery[], Task> deliver, Action<ItemLoad, Exception?> ended)
{
    private readonly Dictionary<int, ItemLoad> _next = [];
    private readonly HashSet<int> _underWay = [];

    /// <summary>Has an item's shard told, by the load that is returned.</summary>
    public ItemLoad Send(int shard, string item, ItemEntry entry)
    {
        if (!_next.TryGetValue(shard, out var next))
            _next.Add(shard, next = new ItemLoad());
        next.Add(item, entry);
        if (_underWay.Add(shard))
            _ = CarryAsync(shard);
        return next;
    }

    private async Task CarryAsync(int shard)
    {
        // What the same turn has to say comes along.
        await Task.Yield();
        while (_next.Remove(shard, out var load))
        {
            Exception? failure = null;
            try
            {
                await deliver(shard, load.ToDeliveries());
            }
            catch (Exception e)
            {
                failure = e;
            }

            ended(load, failure);
            load.End();
        }

        _underWay.Remove(shard);
    }
}

/// <summary>What goes to an item shard with one call, and the records that it is of.</summary>
internal sealed class ItemLoad
{
    private readonly List<(string Item, ItemEntry Entry)> _entries = [];
    private readonly List<OwedRecord> _records = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<OwedRecord> Records => _records;

    /// <summary>Ends with the call, whatever came of it.</summary>
    public Task Ended => _ended.Task;

    public void Add(string item, ItemEntry entry) => _entries.Add((item, entry));

    /// <summary>Takes a record along; false where it comes along already. A record's entries come one after the other.</summary>
    public bool Take(OwedRecord record)
    {
        if (_records.Count > 0 && ReferenceEquals(_records[^1], record))
            return false;
        _records.Add(record);
        return true;
    }

    public void End() => _ended.SetResult();

    /// <summary>Everything for one item together, in the order in which it was said.</summary>
    public ItemDelivery[] ToDeliveries()
    {
        var byItem = new Dictionary<string, List<ItemEntry>>(_entries.Count);
        foreach (var (item, entry) in _entries)
        {
            if (!byItem.TryGetValue(item, out var entries))
                byItem.Add(item, entries = new List<ItemEntry>(1));
            entries.Add(entry);
        }

        var deliveries = new ItemDelivery[byItem.Count];
        var i = 0;
        foreach (var (item, entries) in byItem)
            deliveries[i++] = new ItemDelivery(item, ItemEntryCodec.Encode(entries));
        return deliveries;
    }
}
