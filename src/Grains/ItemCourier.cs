using Auie.Abstractions;

namespace Auie.Grains;

/// <summary>
/// Carries what a partition has to say to items: to each item shard with one call at a time, and what comes meanwhile goes into the next one together, so that
/// a thousand answers cost a shard a few commits.
/// </summary>
internal sealed class ItemCourier(Func<int, ItemDelivery[], Task> deliver)
{
    private readonly Dictionary<int, Load> _next = [];
    private readonly HashSet<int> _underWay = [];

    /// <summary>Has a shard told; ends when it has taken it, and fails with the call that was to bring it.</summary>
    public Task SendAsync(int shard, IEnumerable<ItemDelivery> deliveries)
    {
        if (!_next.TryGetValue(shard, out var next))
            _next.Add(shard, next = new Load());
        next.Deliveries.AddRange(deliveries);
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
                await deliver(shard, [.. load.Deliveries]);
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
        public List<ItemDelivery> Deliveries { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
