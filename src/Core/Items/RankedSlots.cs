namespace Auie.Core.Items;

/// <summary>Items by how much they have of something, the most first; of those that are not in it nothing is held. An item is known by its place in the index.</summary>
internal sealed class RankedSlots
{
    private readonly Dictionary<int, double> _amounts = [];

    /// <summary>The items in their order.</summary>
    public SlotOrder Order { get; } = new();

    public double this[int slot] => _amounts.GetValueOrDefault(slot);

    public void Set(int slot, double amount)
    {
        if (_amounts.TryGetValue(slot, out var before))
            Order.Remove(KeyOf(before), slot);
        _amounts[slot] = amount;
        Order.Add(KeyOf(amount), slot);
    }

    /// <summary>Puts an item back into the order, if it was taken out of it.</summary>
    public void Restore(int slot)
    {
        if (_amounts.TryGetValue(slot, out var amount))
            Order.Add(KeyOf(amount), slot);
    }

    public void Add(int slot, double amount) => Set(slot, this[slot] + amount);

    /// <summary>Where an amount stands in the order: numbers that grow as it falls.</summary>
    private static long KeyOf(double amount)
    {
        var bits = BitConverter.DoubleToInt64Bits(amount);
        return ~(bits < 0 ? bits ^ long.MaxValue : bits);
    }
}
