using Auie.Abstractions;
using Auie.Core.Items;

namespace Auie.Grains;

/// <summary>
/// Carries what a partition has to say to items: to each item shard with one call at a time, and what comes meanwhile goes into the next one together, so that
/// a thousand answers cost a shard a few commits.
/// </summary>
internal sealed class ItemCourier(Func<int, ItemDelivery[], Task> deliver)
{
    private readonly Dictionary<int, Load> _next = [];
    private readonly HashSet<int> _underWay = [];

    /// <summary>Has an item's shard told; ends when it has taken it, and fails with the call that was to bring it. What goes with one call has one task.</summary>
    public Task SendAsync(int shard, string item, ItemEntry entry)
    {
        if (!_next.TryGetValue(shard, out var next))
            _next.Add(shard, next = new Load());
        next.Add(item, entry);
        if (_underWay.Add(shard))
            _ = CarryAsync(shard);
        return next.Done.Task;
    }

    private async Task CarryAsync(int shard)
    {
        // What the same turn has to say comes along.
        await Task.Yield();
        while (_next.Remove(shard, out var load))
        {
            try
            {
                await deliver(shard, load.ToDeliveries());
                load.Done.SetResult();
            }
            catch (Exception e)
            {
                load.Done.SetException(e);
            }
        }

        _underWay.Remove(shard);
    }

    private sealed class Load
    {
        private readonly Dictionary<string, List<ItemEntry>> _entries = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(string item, ItemEntry entry)
        {
            if (!_entries.TryGetValue(item, out var entries))
                _entries.Add(item, entries = new List<ItemEntry>(1));
            entries.Add(entry);
        }

        public ItemDelivery[] ToDeliveries()
        {
            var deliveries = new ItemDelivery[_entries.Count];
            var i = 0;
            foreach (var (item, entries) in _entries)
                deliveries[i++] = new ItemDelivery(item, ItemEntryCodec.Encode(entries));
            return deliveries;
        }
    }
}
