namespace Auie.Core.Statistics;

/// <summary>How many of how many, with Wilson's interval (JASA 1927), which holds for few and for rates near 0 and 1 too.</summary>
/// <param name="Value">NaN of none.</param>
public readonly record struct Rate(double Value, long Hits, long N, Interval Interval)
{
    internal const double Z = 1.959963984540054;

    /// <param name="designEffect">By how much the variance is larger than of independent rows; see <see cref="DesignEffect"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">More hits than rows, or fewer than none.</exception>
    public static Rate Of(long hits, long n, double designEffect = 1)
    {
        if (n < 0 || hits < 0 || hits > n) throw new ArgumentOutOfRangeException(nameof(hits), $"{hits} of {n} is no rate.");
        if (n == 0) return new Rate(double.NaN, 0, 0, new Interval(0, 1));
        var (p, worth) = ((double)hits / n, n / designEffect);
        var interval = Wilson(p, worth);
        return new Rate(p, hits, n, new Interval(hits == 0 ? 0 : interval.Low, hits == n ? 1 : interval.High));
    }

    /// <summary>The interval that a share would have of so many independent rows.</summary>
    /// <param name="z">How many deviations it reaches; left out, those of 95 %.</param>
    public static Interval Wilson(double share, double n, double z = Z)
    {
        var widened = 1 + (z * z / n);
        var centre = (share + (z * z / (2 * n))) / widened;
        var reach = z / widened * Math.Sqrt((share * (1 - share) / n) + (z * z / (4 * n * n)));
        return new Interval(Math.Max(0, centre - reach), Math.Min(1, centre + reach));
    }

    /// <summary>The rate of an outcome that is 0 or 1, over the rows where it is known, rows of one cluster hanging together.</summary>
    public static Rate Of(ReadOnlySpan<double> outcome, ReadOnlySpan<int> clusters)
    {
        var (hits, n) = (0L, 0L);
        foreach (var one in outcome)
        {
            if (double.IsNaN(one)) continue;
            n++;
            if (one > 0) hits++;
        }

        return Of(hits, n, DesignEffect(outcome, clusters));
    }

    /// <summary>By how much the variance of the mean is larger than if rows of one cluster did not hang together (Kish 1965); 1 at least.</summary>
    public static double DesignEffect(ReadOnlySpan<double> outcome, ReadOnlySpan<int> clusters)
    {
        var (known, of) = (new List<double>(outcome.Length), new List<int>(outcome.Length));
        for (var i = 0; i < outcome.Length; i++)
        {
            if (double.IsNaN(outcome[i])) continue;
            known.Add(outcome[i]);
            of.Add(clusters[i]);
        }

        if (known.Count == 0) return 1;
        var mean = known.Average();
        // Where all are alike nothing is known of how clusters differ: each is worth one row.
        if (mean is 0 or 1) return of.CountBy(cluster => cluster).Sum(cluster => (double)cluster.Value * cluster.Value) / known.Count;
        var (deviation, freedom) = Clusters.Deviation([.. known.Select(one => one - mean)], [.. of]);
        // Of a single cluster nothing is known of how clusters differ: it is worth one row.
        return freedom == 0 ? known.Count : Math.Max(1, deviation * deviation / (known.Count * mean * (1 - mean)));
    }
}
