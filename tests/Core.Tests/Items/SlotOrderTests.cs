using Auie.Core.Items;

namespace Auie.Core.Tests.Items;

public sealed class SlotOrderTests
{
    public static TheoryData<int, int, int> Ways => new() { { 1, 20, 3 }, { 2, 3_000, 2 }, { 3, 3_000, 100_000 }, { 4, 40, 1 } };

    [Theory, MemberData(nameof(Ways))]
    public void It_holds_what_was_added_and_not_removed_in_order(int seed, int slots, int keys)
    {
        var (random, order, expected) = (new Random(seed), new SlotOrder(), new SortedSet<(long Key, int Slot)>());
        for (var step = 0; step < 4 * slots; step++)
        {
            var (key, slot) = (random.Next(keys) - keys / 2L, random.Next(slots));
            // What was added twice is there once, and what is not there can be removed.
            if (random.Next(5) < (step < 2 * slots ? 4 : 1))
            {
                order.Add(key, slot);
                expected.Add((key, slot));
            }
            else
            {
                if (expected.Count > 0 && random.Next(2) == 0)
                    (key, slot) = expected.GetViewBetween((key, slot), (long.MaxValue, 0)).FirstOrDefault(expected.Min);
                order.Remove(key, slot);
                expected.Remove((key, slot));
            }

            if (step % slots == 0)
                All(order.FromTheTop()).ShouldBe(expected);
        }

        foreach (var from in new[] { long.MinValue, -1L, 0, keys / 4, long.MaxValue })
            All(order.From(from)).ShouldBe(expected.Where(one => one.Key >= from));
    }

    [Fact]
    public void What_comes_in_order_stays_in_order_and_can_go_again()
    {
        var order = new SlotOrder();
        for (var slot = 0; slot < 1_000; slot++)
            order.Add(0, slot);
        All(order.FromTheTop()).Select(one => one.Slot).ShouldBe(Enumerable.Range(0, 1_000));
        for (var slot = 0; slot < 1_000; slot++)
            order.Remove(0, slot);
        All(order.FromTheTop()).ShouldBeEmpty();
        order.Add(1, 7);
        All(order.From(0)).ShouldBe([(1L, 7)]);
    }

    private static List<(long Key, int Slot)> All(SlotOrder.Cursor cursor)
    {
        var all = new List<(long, int)>();
        while (cursor.MoveNext())
            all.Add((cursor.Key, cursor.Slot));
        return all;
    }
}
