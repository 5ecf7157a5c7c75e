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
    /// <param name="clusters">The cluster of each row, by any numbers; empty where each row is its own.</param>
    public static (double Deviation, int Freedom) Deviation(ReadOnlySpan<double> influence, ReadOnlySpan<int> clusters)
    {
        var (sum, count) = (0.0, influence.Length);
        if (clusters.IsEmpty)
        {
            foreach (var one in influence) sum += one * one;
        }
        else
        {
            var sums = new Dictionary<int, double>();
            for (var i = 0; i < influence.Length; i++) sums[clusters[i]] = sums.GetValueOrDefault(clusters[i]) + influence[i];
            foreach (var one in sums.Values) sum += one * one;
            count = sums.Count;
        }

        return count < 2 ? (double.NaN, 0) : (Math.Sqrt(sum * count / (count - 1)), count - 1);
    }
}
