namespace Auie.Core.Items;

/// <summary>Items by how much they have of something, the most first. An item is known by its place in the index.</summary>
internal sealed class RankedSlots
{
    private readonly Dictionary<int, double> _amounts = [];
    private readonly SortedSet<(double Amount, int Slot)> _order = new(Comparer<(double Amount, int Slot)>.Create(
        static (a, b) => a.Amount != b.Amount ? b.Amount.CompareTo(a.Amount) : a.Slot.CompareTo(b.Slot)));

    public double this[int slot] => _amounts.GetValueOrDefault(slot);

    public IEnumerable<int> FromTheTop => _order.Select(entry => entry.Slot);

    public void Set(int slot, double amount)
    {
        if (_amounts.TryGetValue(slot, out var before))
            _order.Remove((before, slot));
        _amounts[slot] = amount;
        _order.Add((amount, slot));
    }

    public void Add(int slot, double amount) => Set(slot, this[slot] + amount);

    public void Remove(int slot)
    {
        if (_amounts.Remove(slot, out var before))
            _order.Remove((before, slot));
    }

    /// <summary>Leaves an item out of the order until its amount is set again: it is past, and would only be passed over.</summary>
    public void Retire(int slot)
    {
        if (_amounts.TryGetValue(slot, out var amount))
            _order.Remove((amount, slot));
    }
}
