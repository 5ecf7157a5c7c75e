using System.Numerics;

namespace Auie.Core.Items;

/// <summary>Items by how much they have of something, the most first; of those that are not in it nothing is held. An item is known by its place in the index.</summary>
internal sealed class RankedSlots
{
    /// <summary>An open table, as a look-up is mostly waiting for memory: it reads one place, and nothing else.</summary>
    private Held[] _held = new Held[16];

    private int _count;

    /// <summary>The items in their order.</summary>
    public SlotOrder Order { get; } = new();

    public double this[int slot] => PlaceOf(_held, slot).Amount;

    public void Set(int slot, double amount)
    {
        ref var held = ref PlaceOf(_held, slot);
        if (held.IsFree)
        {
            if (3 * ++_count > 2 * _held.Length)
            {
                Grow();
                held = ref PlaceOf(_held, slot);
            }
        }
        else
            Order.Remove(KeyOf(held.Amount), slot);

        held = new Held(slot + 1, amount);
        Order.Add(KeyOf(amount), slot);
    }

    /// <summary>Puts an item back into the order, if it was taken out of it.</summary>
    public void Restore(int slot)
    {
        if (PlaceOf(_held, slot) is { IsFree: false } held)
            Order.Add(KeyOf(held.Amount), slot);
    }

    public void Add(int slot, double amount) => Set(slot, this[slot] + amount);

    /// <summary>Where an amount stands in the order: numbers that grow as it falls.</summary>
    private static long KeyOf(double amount)
    {
        var bits = BitConverter.DoubleToInt64Bits(amount);
        return ~(bits < 0 ? bits ^ long.MaxValue : bits);
    }

    /// <summary>The place of an item, or the free one that would be its own.</summary>
    private static ref Held PlaceOf(Held[] all, int slot)
    {
        // The upper bits of a product by the golden ratio: what comes together in the index is spread (Knuth, The Art of Computer Programming 3, 6.4).
        var place = (int)((uint)slot * 2654435769u >> (32 - BitOperations.Log2((uint)all.Length)));
        while (!all[place].IsFree && all[place].Number != slot + 1)
            place = (place + 1) & (all.Length - 1);
        return ref all[place];
    }

    private void Grow()
    {
        var grown = new Held[2 * _held.Length];
        foreach (var held in _held)
        {
            if (!held.IsFree)
                PlaceOf(grown, held.Number - 1) = held;
        }

        _held = grown;
    }

    /// <param name="Number">The item's place in the index and one; 0 where nothing is held.</param>
    private readonly record struct Held(int Number, double Amount)
    {
        public bool IsFree => Number == 0;
    }
}
