namespace Auie.Core.Statistics;

/// <summary>A part of a curve: the rate of an outcome where a feature is from <paramref name="From"/> up to, not including, <paramref name="To"/>.</summary>
public sealed record CurveBin(double From, double To, Rate Rate);

/// <summary>How often an outcome is, along a feature.</summary>
public static class BinnedCurve
{
    /// <summary>Bins of about as many rows each; equal values stay together, so there may be fewer.</summary>
    public static CurveBin[] OfEqualCounts(ReadOnlySpan<double> feature, ReadOnlySpan<double> outcome, ReadOnlySpan<int> clusters, int bins)
    {
        var sorted = feature.ToArray().Where(value => !double.IsNaN(value)).Order().ToArray();
        if (sorted.Length == 0) return [];
        // A value that fills a bin alone begins one, and so does what follows it.
        var edges = new SortedSet<double> { sorted[0] };
        for (var bin = 1; bin < bins; bin++)
        {
            var at = (int)((long)sorted.Length * bin / bins);
            edges.Add(sorted[at]);
        }

        return Of(feature, outcome, clusters, [.. edges.Where((edge, _) => edge > sorted[0]), double.PositiveInfinity], sorted[0]);
    }

    /// <summary>Bins with given edges; rows below <paramref name="first"/> are in none.</summary>
    /// <param name="ends">Where each bin ends, ascending.</param>
    public static CurveBin[] Of(ReadOnlySpan<double> feature, ReadOnlySpan<double> outcome, ReadOnlySpan<int> clusters, double[] ends, double first = double.NegativeInfinity)
    {
        if (outcome.Length != feature.Length || clusters.Length != feature.Length)
            throw new ArgumentException($"Columns of {feature.Length}, {outcome.Length} and {clusters.Length} rows do not fit each other.", nameof(outcome));
        var (values, of) = (new List<double>[ends.Length], new List<int>[ends.Length]);
        for (var bin = 0; bin < ends.Length; bin++) (values[bin], of[bin]) = ([], []);
        for (var i = 0; i < feature.Length; i++)
        {
            if (!(feature[i] >= first)) continue;
            // The first end above the value; an end that equals it belongs to the bin before.
            var at = Array.BinarySearch(ends, feature[i]);
            var bin = at >= 0 ? at + 1 : ~at;
            if (bin == ends.Length) continue;
            values[bin].Add(outcome[i]);
            of[bin].Add(clusters[i]);
        }

        return [.. ends.Select((end, bin) => new CurveBin(bin == 0 ? first : ends[bin - 1], end, Rate.Of([.. values[bin]], [.. of[bin]])))];
    }
}
