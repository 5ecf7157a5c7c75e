namespace Auie.Core.Statistics;

/// <summary>
/// Rates of groups, drawn towards the rate of all by as much as few rows can be trusted: empirical Bayes with a beta prior by moments (Kleinman,
/// JASA 1973). A group of three does not lead because all three were interested.
/// </summary>
/// <param name="Mean">The rate of all.</param>
/// <param name="Strength">How many rows the rate of all counts for; infinite where groups differ by no more than chance.</param>
public sealed record ShrunkRates(double Mean, double Strength)
{
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static ShrunkRates Fit(ReadOnlySpan<long> hits, ReadOnlySpan<long> n)
    {
        if (hits.Length != n.Length) throw new ArgumentException($"There are hits of {hits.Length} groups and rows of {n.Length}.", nameof(n));
        var (allHits, all, squares, groups) = (0.0, 0.0, 0.0, 0);
        for (var i = 0; i < n.Length; i++)
        {
            if (n[i] == 0) continue;
            groups++;
            (allHits, all, squares) = (allHits + hits[i], all + n[i], squares + ((double)n[i] * n[i]));
        }

        if (all == 0) return new ShrunkRates(double.NaN, double.PositiveInfinity);
        var mean = allHits / all;
        var spread = 0.0;
        for (var i = 0; i < n.Length; i++)
        {
            if (n[i] > 0) spread += n[i] * Math.Pow(((double)hits[i] / n[i]) - mean, 2);
        }

        var binomial = mean * (1 - mean);
        var between = (spread - (binomial * (groups - 1))) / (binomial * (all - (squares / all) - (groups - 1)));
        return new ShrunkRates(mean, between > 0 ? Math.Max(0, (1 / between) - 1) : double.PositiveInfinity);
    }

    /// <summary>The rate that a group is expected to have.</summary>
    public double Of(long hits, long n) => double.IsInfinity(Strength) ? Mean : (hits + (Strength * Mean)) / (n + Strength);

    /// <summary>In which the group's rate lies with 95 %, of what is known now (the posterior's middle): who leads by its lower end does not lead for having few.</summary>
    public Interval IntervalOf(long hits, long n)
    {
        if (double.IsInfinity(Strength) || double.IsNaN(Mean) || Mean is 0 or 1) return new Interval(Mean, Mean);
        var (a, b) = (hits + (Strength * Mean), n - hits + (Strength * (1 - Mean)));
        return new Interval(Quantile(a, b, 0.025), Quantile(a, b, 0.975));
    }

    private static double Quantile(double a, double b, double share)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 50; i++)
        {
            var middle = (low + high) / 2;
            if (IncompleteBeta.Regularised(a, b, middle) < share) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}
