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
        Take(parts, int.MaxValue, (a, b) => a.Id.CompareTo(b.Id), distinct: false);

    /// <summary>The <paramref name="count"/> rows whose hash of (seed, id) is smallest, in that order.</summary>
    public static RowSet SmallestHash(IReadOnlyList<RowSet> parts, ulong seed, int count) =>
        Take(
            parts,
            count,
            (a, b) => (StableHash.OfRow(seed, a.Id, 0), a.Id).CompareTo((StableHash.OfRow(seed, b.Id, 0), b.Id)),
            distinct: false);

    /// <summary>The <paramref name="count"/> rows with the highest score, no two alike; of equal scores the lowest id first.</summary>
    public static RowSet Farthest(IReadOnlyList<RowSet> parts, int count) =>
        Take(parts, count, (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Id.CompareTo(b.Id), distinct: true);

    /// <summary>Some order of rows by the bits of their values, the same everywhere.</summary>
    internal static int CompareBits(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        MemoryMarshal.Cast<float, int>(a).SequenceCompareTo(MemoryMarshal.Cast<float, int>(b));

    private static RowSet Take(
        IReadOnlyList<RowSet> parts, int count, Comparison<(ulong Id, float Score, int Part, int Index)> order, bool distinct)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var all = new List<(ulong Id, float Score, int Part, int Index)>();
        for (var p = 0; p < parts.Count; p++)
        {
            for (var i = 0; i < parts[p].Count; i++)
                all.Add((parts[p].RowIds[i], parts[p].Scores[i], p, i));
        }

        all.Sort((a, b) => order(a, b) is var first and not 0 ? first : CompareBits(parts[a.Part].Row(a.Index), parts[b.Part].Row(b.Index)));
        var ids = new List<ulong>();
        var scores = new List<float>();
        var values = new List<float>();
        for (var i = 0; i < all.Count && ids.Count < count; i++)
        {
            var row = parts[all[i].Part].Row(all[i].Index);
            if (distinct && Holds(values, row))
                continue;
            ids.Add(all[i].Id);
            scores.Add(all[i].Score);
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
