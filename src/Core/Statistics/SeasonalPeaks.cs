namespace Auie.Core.Statistics;

/// <summary>A stretch of a series that stands out above what its neighbours and its season lead one to expect.</summary>
/// <param name="At">Where it is the most times as much as that.</param>
/// <param name="From">Its first place.</param>
/// <param name="To">Its last.</param>
/// <param name="Count">At its height.</param>
/// <param name="Expected">At its height.</param>
/// <param name="Q">The share of false ones among all peaks with this q or a smaller one.</param>
public sealed record Peak(int At, int From, int To, double Count, double Expected, Interval ExpectedInterval, double Q)
{
    /// <summary>In all of its places together.</summary>
    public double Total { get; init; }

    /// <summary>What was expected in all of them together.</summary>
    public double TotalExpected { get; init; }
}

/// <summary>
/// Peaks of counts over time. What is expected is a running median with a season, on a scale of logarithms, both of medians so that the peaks
/// themselves do not lift it; what deviates is measured by the running median deviation, where there is no season by one of all places that are tested, and tested with a correction for as many places.
/// </summary>
public static class SeasonalPeaks
{
    /// <summary>Half of the window: in seasons, and in places where there is no season.</summary>
    private const int SeasonsBeside = 2, PlacesBeside = 4;

    /// <summary>A median deviation of normal values times this is their standard deviation.</summary>
    private const double ToDeviation = 1.4826;

    /// <summary>
    /// Crowds have heavier tails than the normal distribution: Student's with this freedom stands in. Where there is no season, as of weeks, places are few, and deviations from a median of nine are
    /// smaller than from the truth: heavier ones, with which of 200 years where nothing is planted 5 in 100 claim something.
    /// </summary>
    private const double Freedom = 10, FreedomOfFew = 4;

    /// <summary>Where less is expected there is nothing to stand out above, and nothing is tested.</summary>
    private const double FewestExpected = 5;

    private const double Z = 1.959963984540054;

    /// <param name="counts">Of each day, hour or week in turn.</param>
    /// <param name="season">After how many places the season comes again: 7 for days; 1 for none.</param>
    /// <returns>Significant ones, in the order of the series.</returns>
    public static Peak[] Find(ReadOnlySpan<long> counts, int season)
    {
        var logs = new double[counts.Length];
        for (var i = 0; i < logs.Length; i++) logs[i] = Math.Log(1.0 + counts[i]);
        var (half, freedom) = season > 1 ? (SeasonsBeside * season, Freedom) : (PlacesBeside, FreedomOfFew);
        var seasonal = new double[season];
        var expected = new double[logs.Length];
        for (var round = 0; round < 3; round++)
        {
            var trend = RunningMedian([.. logs.Select((log, i) => log - seasonal[i % season])], half);
            for (var phase = 0; phase < season; phase++)
                seasonal[phase] = Median([.. logs.Select((log, i) => (log, i)).Where(one => one.i % season == phase).Select(one => one.log - trend[one.i])]);
            var level = seasonal.Average();
            for (var phase = 0; phase < season; phase++) seasonal[phase] -= level;
            for (var i = 0; i < expected.Length; i++) expected[i] = trend[i] + seasonal[i % season];
        }

        double[] off = [.. logs.Select((log, i) => Math.Abs(log - expected[i]))];
        // Places without a season are few, and share one spread: of those alone that are tested, for where next to nothing is expected nothing deviates.
        double[] spread = season > 1 ? RunningMedian(off, 2 * half) : [.. Enumerable.Repeat(Median([.. off.Where((_, i) => IsTested(i))]), off.Length)];
        var (scale, p) = (new double[logs.Length], new double[logs.Length]);
        for (var i = 0; i < p.Length; i++)
        {
            // Counts of independent people vary by their root even where the deviations around are none.
            scale[i] = Math.Sqrt(Math.Pow(ToDeviation * spread[i], 2) + Math.Exp(-expected[i]));
            p[i] = IsTested(i) ? Student.Above((logs[i] - expected[i]) / scale[i], freedom) : double.NaN;
        }

        var q = FalseDiscoveries.Adjust(p);
        var peaks = new List<Peak>();
        for (var from = 0; from < q.Length; from++)
        {
            if (!(q[from] <= FalseDiscoveries.Level)) continue;
            var (to, at) = (from, from);
            for (; to < q.Length && q[to] <= FalseDiscoveries.Level; to++) at = counts[to] / Expected(to, 0) > counts[at] / Expected(at, 0) ? to : at;
            var (total, totalExpected) = (0.0, 0.0);
            for (var place = from; place < to; place++) (total, totalExpected) = (total + counts[place], totalExpected + Expected(place, 0));
            peaks.Add(new Peak(at, from, to - 1, counts[at], Expected(at, 0), new Interval(Expected(at, -Z), Expected(at, Z)), q[at]) { Total = total, TotalExpected = totalExpected });
            from = to;
        }

        return [.. peaks];

        bool IsTested(int at) => Math.Exp(expected[at]) - 1 >= FewestExpected;

        double Expected(int at, double deviations) => Math.Max(0, Math.Exp(expected[at] + (deviations * scale[at])) - 1);
    }

    /// <summary>At the ends the window is cut.</summary>
    private static double[] RunningMedian(double[] values, int half)
    {
        var medians = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            medians[i] = Median(values[Math.Max(0, i - half)..Math.Min(values.Length, i + half + 1)]);
        return medians;
    }

    private static double Median(double[] values)
    {
        if (values.Length == 0) return 0;
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
