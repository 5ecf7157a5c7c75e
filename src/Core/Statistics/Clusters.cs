namespace Auie.Core.Statistics;

/// <summary>
/// How far an estimate is off, where rows come in clusters: what one user did hangs together, and a thousand rows of ten users say little more
/// than ten rows. An estimate's error is about a sum of its influence over rows, and only clusters are taken as independent (Liang and Zeger,
/// Biometrika 1986).
/// </summary>
internal static class Clusters
{
    /// <summary>The standard deviation of the sum of influences, and the number of clusters less one.</summary>
    /// <param name="influence">Of each row on the estimate.</param>
    /// <param name="clusters">The cluster of each row, by numbers that lie close; empty where each row is its own.</param>
    public static (double Deviation, int Freedom) Deviation(ReadOnlySpan<double> influence, ReadOnlySpan<int> clusters)
    {
        var (sum, count) = (0.0, influence.Length);
        if (clusters.IsEmpty)
        {
            foreach (var one in influence) sum += one * one;
        }
        else
        {
            // Numbers, not a dictionary: this is most of what a matrix of correlations costs.
            var (least, greatest) = (int.MaxValue, int.MinValue);
            foreach (var cluster in clusters) (least, greatest) = (Math.Min(least, cluster), Math.Max(greatest, cluster));
            var (sums, isThere) = (new double[influence.Length == 0 ? 0 : greatest - least + 1], new bool[influence.Length == 0 ? 0 : greatest - least + 1]);
            for (var i = 0; i < influence.Length; i++)
            {
                sums[clusters[i] - least] += influence[i];
                isThere[clusters[i] - least] = true;
            }

            foreach (var one in sums) sum += one * one;
            count = isThere.AsSpan().Count(true);
        }

        return count < 2 ? (double.NaN, 0) : (Math.Sqrt(sum * count / (count - 1)), count - 1);
    }
}
