namespace Auie.Core.Insights;

/// <summary>Where hashes stand in an ascending list: found by their first bits, between whose places few others lie. Safe for several threads at once.</summary>
public sealed class HashPlaces
{
    private const int MostBits = 24;

    private readonly ulong[] _hashes;

    // Where those with the same first bits begin.
    private readonly int[] _starts;
    private readonly int _shift;

    /// <param name="hashes">Ascending.</param>
    public HashPlaces(ulong[] hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        var bits = Math.Clamp((int)Math.Log2(Math.Max(1, hashes.Length)) + 1, 1, MostBits);
        (_hashes, _starts, _shift) = (hashes, new int[(1 << bits) + 1], 64 - bits);
        foreach (var hash in hashes) _starts[(hash >> _shift) + 1]++;
        for (var i = 1; i < _starts.Length; i++) _starts[i] += _starts[i - 1];
    }

    /// <summary>The place of a hash; below 0 where it is not in the list.</summary>
    public int Of(ulong hash)
    {
        var (from, to) = (_starts[hash >> _shift], _starts[(hash >> _shift) + 1]);
        if (from == to) return -1;
        var within = _hashes.AsSpan(from, to - from).BinarySearch(hash);
        return within < 0 ? -1 : from + within;
    }
}
