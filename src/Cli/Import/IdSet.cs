namespace Auie.Cli.Import;

/// <summary>A set of ids at 11 to 22 bytes each: a table of slots, a power of two, at most three quarters full.</summary>
internal sealed class IdSet
{
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private ulong[] _slots = new ulong[16];
    private int _mask = 15, _used;
    private bool _hasZero;

    public long Count => _used + (_hasZero ? 1 : 0);

    /// <summary>Empties the set and makes room, at a cost that depends on the room alone and not on what the set held before.</summary>
    public void Clear(int expected)
    {
        var size = Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)expected * 2));
        if (size > _slots.Length) _slots = new ulong[size];
        else Array.Clear(_slots, 0, size);
        (_mask, _used, _hasZero) = (size - 1, 0, false);
    }

    /// <summary>Adds an id; false where it is there already.</summary>
    public bool Add(ulong id)
    {
        if (id == 0)
        {
            var added = !_hasZero;
            _hasZero = true;
            return added;
        }

        if (!Put(id)) return false;
        if (++_used > (_mask + 1) / 4 * 3) Grow();
        return true;
    }

    private bool Put(ulong id)
    {
        // The product's upper half: its lower bits would keep what ids have in common there.
        for (var slot = (int)((id * Spread) >> 32) & _mask; ; slot = (slot + 1) & _mask)
        {
            if (_slots[slot] == id) return false;
            if (_slots[slot] != 0) continue;
            _slots[slot] = id;
            return true;
        }
    }

    private void Grow()
    {
        var (old, size) = (_slots, (_mask + 1) * 2);
        _slots = new ulong[size];
        var before = _mask + 1;
        _mask = size - 1;
        for (var slot = 0; slot < before; slot++)
        {
            if (old[slot] != 0) Put(old[slot]);
        }
    }
}
