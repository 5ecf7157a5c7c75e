using System.Runtime.InteropServices;

namespace Auie.Core.Clustering;

/// <summary>
/// A few standardised rows: their ids, their values row by row, and a score each where the step gives one (else 0). Where two rows have one
/// id, their values decide which comes first, so that no order depends on where a row was.
/// </summary>
public sealed record RowSet(ulong[] RowIds, float[] Values, float[] Scores)
{
    /// <summary>How many rows.</summary>
    public int Count => RowIds.Length;

    /// <summary>The values of one row.</summary>
    public ReadOnlySpan<float> Row(int index)
    {
        var columns = Values.Length / RowIds.Length;
        return Values.AsSpan(index * columns, columns);
    }

    /// <summary>All rows of all shards, by row id.</summary>
    public static RowSet Union(IReadOnlyList<RowSet> parts) =>
        Take(parts, int.MaxValue, (id, _) => id, distinct: false);

    /// <summary>The <paramref name="count"/> rows whose hash of (seed, id) is smallest, in that order.</summary>
    public static RowSet SmallestHash(IReadOnlyList<RowSet> parts, ulong seed, int count) =>
        Take(parts, count, (id, _) => (StableHash.OfRow(seed, id, 0), id), distinct: false);

    /// <summary>The <paramref name="count"/> rows with the highest score, no two alike; of equal scores the lowest id first.</summary>
    public static RowSet Farthest(IReadOnlyList<RowSet> parts, int count) =>
        Take(parts, count, (id, score) => (-score, id), distinct: true);

    /// <summary>Some order of rows by the bits of their values, the same everywhere.</summary>
    internal static int CompareBits(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        MemoryMarshal.Cast<float, int>(a).SequenceCompareTo(MemoryMarshal.Cast<float, int>(b));

    private static RowSet Take<TKey>(IReadOnlyList<RowSet> parts, int count, Func<ulong, float, TKey> key, bool distinct)
        where TKey : IComparable<TKey>
    {
        ArgumentNullException.ThrowIfNull(parts);
        var all = new List<(TKey Key, RowSet Part, int Index)>(parts.Sum(part => part.Count));
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Count; i++)
                all.Add((key(part.RowIds[i], part.Scores[i]), part, i));
        }

        all.Sort((a, b) => a.Key.CompareTo(b.Key) is var first and not 0 ? first : CompareBits(a.Part.Row(a.Index), b.Part.Row(b.Index)));
        var ids = new List<ulong>();
        var scores = new List<float>();
        var values = new List<float>();
        for (var i = 0; i < all.Count && ids.Count < count; i++)
        {
            var (_, part, index) = all[i];
            var row = part.Row(index);
            if (distinct && Holds(values, row))
                continue;
            ids.Add(part.RowIds[index]);
            scores.Add(part.Scores[index]);
            values.AddRange(row);
        }

        return new RowSet([.. ids], [.. values], [.. scores]);
    }

    /// <summary>Whether the row stands among the values already.</summary>
    private static bool Holds(List<float> values, ReadOnlySpan<float> row)
    {
        var rows = CollectionsMarshal.AsSpan(values);
        for (var at = 0; at < rows.Length; at += row.Length)
        {
            if (rows.Slice(at, row.Length).SequenceEqual(row))
                return true;
        }

        return false;
    }
}
