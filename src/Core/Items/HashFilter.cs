namespace Auie.Core.Items;

/// <summary>
/// Says of a 64-bit hash that it is not among those that were added, or that it may be: a table of bits, eight at the least for each hash, so that of the others some seven in eight are told apart by
/// one read of memory that stays in the cache (Bloom, CACM 1970).
/// </summary>
internal sealed class HashFilter
{
    private const int BitsEach = 8, BitsOfWord = 64;

    private ulong[] _bits = new ulong[16];
    private readonly List<ulong> _added = [];

    public void Add(ulong hash)
    {
        _added.Add(hash);
        if (_added.Count * BitsEach <= _bits.Length * BitsOfWord)
        {
            Set(hash);
            return;
        }

        _bits = new ulong[2 * _bits.Length];
        foreach (var one in _added)
            Set(one);
    }

    public bool MayHave(ulong hash)
    {
        var place = Place(hash);
        return (_bits[place / BitsOfWord] >> (int)(place % BitsOfWord) & 1) != 0;
    }

    private void Set(ulong hash)
    {
        var place = Place(hash);
        _bits[place / BitsOfWord] |= 1UL << (int)(place % BitsOfWord);
    }

    private uint Place(ulong hash) => (uint)(hash >> 20) & (uint)(_bits.Length * BitsOfWord - 1);
}
