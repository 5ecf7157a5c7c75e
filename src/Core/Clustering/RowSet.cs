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
        InOrder(parts, int.MaxValue, id => id);

    /// <summary>The <paramref name="count"/> rows whose hash of (seed, id) is smallest, in that order.</summary>
    public static RowSet SmallestHash(IReadOnlyList<RowSet> parts, ulong seed, int count) =>
        InOrder(parts, count, new RowHashes(seed, 0).Of);

    /// <summary>The <paramref name="count"/> rows with the highest score, no two alike; of equal scores the lowest id first.</summary>
    public static RowSet Farthest(IReadOnlyList<RowSet> parts, int count)
    {
        var all = Together(parts);
        var places = Enumerable.Range(0, all.Count).ToArray();
        Array.Sort(places, (a, b) =>
            all.Scores[a] != all.Scores[b] ? all.Scores[b].CompareTo(all.Scores[a])
            : all.RowIds[a] != all.RowIds[b] ? all.RowIds[a].CompareTo(all.RowIds[b])
            : CompareBits(all.Row(a), all.Row(b)));
        var taken = new List<int>();
        foreach (var place in places)
        {
            if (taken.Count == count)
                break;
            if (!taken.Exists(other => all.Row(other).SequenceEqual(all.Row(place))))
                taken.Add(place);
        }

        return all.At(CollectionsMarshal.AsSpan(taken));
    }

    /// <summary>Some order of rows by the bits of their values, the same everywhere.</summary>
    internal static int CompareBits(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        MemoryMarshal.Cast<float, int>(a).SequenceCompareTo(MemoryMarshal.Cast<float, int>(b));

    /// <summary>The rows with the lowest keys, in the order of these. Rows have one key only where they have one id.</summary>
    private static RowSet InOrder(IReadOnlyList<RowSet> parts, int count, Func<ulong, ulong> key)
    {
        var all = Together(parts);
        var keys = Array.ConvertAll(all.RowIds, id => key(id));
        var places = Enumerable.Range(0, all.Count).ToArray();
        Array.Sort(keys, places);
        for (int from = 0, to; from < keys.Length; from = to)
        {
            for (to = from + 1; to < keys.Length && keys[to] == keys[from];)
                to++;
            if (to > from + 1)
                places.AsSpan(from, to - from).Sort((a, b) => CompareBits(all.Row(a), all.Row(b)));
        }

        return all.At(places.AsSpan(0, Math.Min(count, places.Length)));
    }

    private static RowSet Together(IReadOnlyList<RowSet> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts is [var only] ? only : new RowSet(
            Joined(parts, part => part.RowIds), Joined(parts, part => part.Values), Joined(parts, part => part.Scores));
    }

    private static T[] Joined<T>(IReadOnlyList<RowSet> parts, Func<RowSet, T[]> of)
    {
        var all = new T[parts.Sum(part => of(part).Length)];
        var at = 0;
        foreach (var part in parts)
        {
            of(part).CopyTo(all, at);
            at += of(part).Length;
        }

        return all;
    }

    private RowSet At(ReadOnlySpan<int> places)
    {
        var columns = Count == 0 ? 0 : Values.Length / Count;
        var result = new RowSet(new ulong[places.Length], new float[places.Length * columns], new float[places.Length]);
        for (var i = 0; i < places.Length; i++)
        {
            result.RowIds[i] = RowIds[places[i]];
            result.Scores[i] = Scores[places[i]];
            Row(places[i]).CopyTo(result.Values.AsSpan(i * columns));
        }

        return result;
    }
}
