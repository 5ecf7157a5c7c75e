using Auie.Core.Items;

namespace Auie.Core.Tests.Items;

public sealed class RankedSlotsTests
{
    [Theory, InlineData(1, 30), InlineData(2, 1_000), InlineData(3, 100_000)]
    public void It_tells_each_amount_and_has_the_most_first(int seed, int slots)
    {
        var (random, ranked, expected) = (new Random(seed), new RankedSlots(), new Dictionary<int, double>());
        for (var step = 0; step < 4_000; step++)
        {
            var (slot, amount) = (random.Next(slots), random.Next(5));
            ranked.Add(slot, amount);
            expected[slot] = expected.GetValueOrDefault(slot) + amount;
        }

        for (var slot = 0; slot < Math.Min(slots, 5_000); slot++)
            ranked[slot].ShouldBe(expected.GetValueOrDefault(slot));
        var (order, inOrder) = (ranked.Order.FromTheTop(), new List<int>());
        while (order.MoveNext())
            inOrder.Add(order.Slot);
        inOrder.ShouldBe(expected.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Select(one => one.Key));
    }
}
