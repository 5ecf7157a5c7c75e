namespace Auie.Core.Items;

/// <summary>
/// Says of a 64-bit hash that it is not among those that were added, or that it may be: a table of bits, eight at the least for each hash, of which it sets two in one word, so that of the others
/// all but one in twenty, or so, are told apart by one read of memory that stays in the cache (Bloom, CACM 1970).
/// </summary>
internal sealed class HashFilter
{
    private const int BitsEach = 8, BitsOfWord = 64;

    private ulong[] _words = new ulong[16];
    private readonly List<ulong> _added = [];

    public void Add(ulong hash)
    {
        _added.Add(hash);
        if (_added.Count * BitsEach <= _words.Length * BitsOfWord)
        {
            WordOf(_words, hash) |= BitsOf(hash);
            return;
        }

        _words = new ulong[2 * _words.Length];
        foreach (var one in _added)
            WordOf(_words, one) |= BitsOf(one);
    }

    public bool MayHave(ulong hash) => MayHave(_words, hash);

    /// <summary>Writes those of many hashes that may be among what was added, and gives how many they are. Nothing is guessed, whichever they are.</summary>
    public int Among(ReadOnlySpan<ulong> hashes, Span<ulong> found)
    {
        var (words, count) = (_words, 0);
        foreach (var hash in hashes)
        {
            found[count] = hash;
            count += MayHave(words, hash) ? 1 : 0;
        }

        return count;
    }

    private static bool MayHave(ulong[] words, ulong hash) => (WordOf(words, hash) & BitsOf(hash)) == BitsOf(hash);

    private static ref ulong WordOf(ulong[] words, ulong hash) => ref words[(int)(hash >> 20) & (words.Length - 1)];

    private static ulong BitsOf(ulong hash) => 1UL << (int)(hash >> 58) | 1UL << (int)(hash >> 52);
}
