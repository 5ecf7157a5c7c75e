using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>Which hour, or weekday, has most: the one with most, and with it all that are not told from it by more than chance, so that ten events of many thousands name none.</summary>
public static class Busiest
{
    /// <summary>Most first; none where nothing was done.</summary>
    /// <param name="together">How many events are worth one at the most, since what one user does hangs together.</param>
    public static int[] Of(long[] counts, double together) =>
        Of(counts, (first, other) => counts[first] - counts[other] > Rate.Z * Math.Sqrt(together * (counts[first] + counts[other])));

    /// <summary>By how their counts differ from one stretch of time to the next (a week, of weekdays; a day, of hours): whatever makes what is done hang together in one of these.</summary>
    public static int[] Of(IReadOnlyCollection<long[]> stretches, int kinds)
    {
        var counts = new long[kinds];
        foreach (var stretch in stretches)
        {
            for (var kind = 0; kind < kinds; kind++) counts[kind] += stretch[kind];
        }

        return Of(counts, IsTold);

        bool IsTold(int first, int other)
        {
            var n = stretches.Count;
            if (n < 2) return false;
            var mean = (double)(counts[first] - counts[other]) / n;
            var squares = stretches.Sum(stretch => Math.Pow(stretch[first] - stretch[other] - mean, 2));
            return mean > Student.Reach(n - 1) * Math.Sqrt(squares / n / (n - 1));
        }
    }

    private static int[] Of(long[] counts, Func<int, int, bool> isTold)
    {
        if (counts.All(count => count == 0)) return [];
        var first = Array.IndexOf(counts, counts.Max());
        return [.. Enumerable.Range(0, counts.Length).Where(one => one == first || !isTold(first, one)).OrderByDescending(one => counts[one]).ThenBy(one => one)];
    }
}
