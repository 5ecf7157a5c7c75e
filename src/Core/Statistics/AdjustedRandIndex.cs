namespace Auie.Core.Statistics;

/// <summary>
/// How far two labellings of the same things agree (Hubert and Arabie, Journal of Classification 1985): 1 where they are the same up to
/// names, 0 on average by chance, below 0 for less than chance.
/// </summary>
public static class AdjustedRandIndex
{
    /// <summary>The index of two labellings; labels may be any integers. 1 where neither parts anything, or both part everything.</summary>
    /// <exception cref="ArgumentException">They differ in length, or are empty.</exception>
    public static double Of(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        if (first.Length != second.Length || first.IsEmpty)
            throw new ArgumentException($"There are {first.Length} labels and {second.Length}; there must be as many, and one at least.");
        var cells = new Dictionary<(int First, int Second), long>();
        var rows = new Dictionary<int, long>();
        var columns = new Dictionary<int, long>();
        for (var i = 0; i < first.Length; i++)
        {
            cells[(first[i], second[i])] = cells.GetValueOrDefault((first[i], second[i])) + 1;
            rows[first[i]] = rows.GetValueOrDefault(first[i]) + 1;
            columns[second[i]] = columns.GetValueOrDefault(second[i]) + 1;
        }

        var together = cells.Values.Sum(Pairs);
        var inFirst = rows.Values.Sum(Pairs);
        var inSecond = columns.Values.Sum(Pairs);
        var expected = inFirst / Math.Max(Pairs(first.Length), 1) * inSecond;
        var most = (inFirst + inSecond) / 2;
        return most == expected ? 1 : (together - expected) / (most - expected);
    }

    private static double Pairs(long n) => n * (n - 1.0) / 2;
}
