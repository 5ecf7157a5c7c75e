namespace Auie.Core.Clustering;

/// <summary>
/// What one Lloyd step finds over some rows: for each centroid the number of rows nearest to it and, column by column, their sum. The sums
/// are whole multiples of the grid's unit and so exact: they can be added in any order.
/// </summary>
public sealed record StepSums(long[] Counts, double[] Sums)
{
    /// <summary>The sums over all shards.</summary>
    public static StepSums Reduce(IReadOnlyList<StepSums> parts)
    {
        var clusters = Parts.Length(parts, p => p.Counts.Length);
        var total = new StepSums(new long[clusters], new double[Parts.Length(parts, p => p.Sums.Length)]);
        foreach (var part in parts)
        {
            for (var k = 0; k < clusters; k++)
                total.Counts[k] += part.Counts[k];
            for (var i = 0; i < total.Sums.Length; i++)
                total.Sums[i] += part.Sums[i];
        }

        return total;
    }

    /// <summary>The means of the clusters, row by row; a cluster without rows keeps its centroid.</summary>
    public double[] Means(ReadOnlySpan<double> centroids)
    {
        var means = new double[Sums.Length];
        var columns = Sums.Length / Counts.Length;
        for (var i = 0; i < means.Length; i++)
            means[i] = Counts[i / columns] == 0 ? centroids[i] : Sums[i] / Counts[i / columns];
        return means;
    }
}

/// <summary>
/// The clusters as raw numbers: their sizes and, in each column's own unit, their means, missing values filled as the scale says.
/// </summary>
public sealed record ClusterSummary(long[] Sizes, double[] Means);

/// <summary>
/// For each cluster its size and the exact fixed-point sums of its rows' raw values, from which a <see cref="ClusterSummary"/> is made.
/// </summary>
public sealed record ClusterSums(long[] Sizes, ExactSums Sums)
{
    /// <summary>The sums over all shards.</summary>
    public static ClusterSums Reduce(IReadOnlyList<ClusterSums> parts)
    {
        var sizes = new long[Parts.Length(parts, p => p.Sizes.Length)];
        foreach (var part in parts)
        {
            for (var k = 0; k < sizes.Length; k++)
                sizes[k] += part.Sizes[k];
        }

        return new ClusterSums(sizes, ExactSums.Reduce([.. parts.Select(p => p.Sums)]));
    }

    /// <summary>The means; NaN for a cluster without rows.</summary>
    public ClusterSummary Summary(ReadOnlySpan<int> exponents)
    {
        var columns = exponents.Length;
        var means = new double[Sums.Count];
        for (var i = 0; i < means.Length; i++)
            means[i] = Sizes[i / columns] == 0 ? double.NaN : FixedPoint.ToDouble(Sums[i], exponents[i % columns], Sizes[i / columns]);
        return new ClusterSummary(Sizes, means);
    }
}
