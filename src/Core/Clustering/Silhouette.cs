using Auie.Core.Clustering.Kernels;
using System.Runtime.Intrinsics;

namespace Auie.Core.Clustering;

/// <summary>
/// Some standardised rows sorted by cluster: cluster k's are [Starts[k], Starts[k+1]). What shards show each other for the silhouette.
/// </summary>
public sealed record SilhouetteBlock(float[] Values, int Columns, int[] Starts)
{
    /// <summary>How many rows.</summary>
    public int Rows => Starts[^1];

    /// <summary>How many clusters.</summary>
    public int Clusters => Starts.Length - 1;

    /// <summary>Labels rows (row by row) by their nearest centroid and sorts them by it.</summary>
    public static SilhouetteBlock Of(ReadOnlySpan<float> values, int columns, ReadOnlySpan<int> labels, int clusters)
    {
        var starts = new int[clusters + 1];
        foreach (var label in labels)
            starts[label + 1]++;
        for (var k = 0; k < clusters; k++)
            starts[k + 1] += starts[k];
        var next = starts.AsSpan(0, clusters).ToArray();
        var sorted = new float[values.Length];
        for (var r = 0; r < labels.Length; r++)
            values.Slice(r * columns, columns).CopyTo(sorted.AsSpan(next[labels[r]]++ * columns, columns));
        return new SilhouetteBlock(sorted, columns, starts);
    }
}

/// <summary>
/// The silhouette (Rousseeuw 1987) by Euclidean distance: the mean over rows of (b - a) / max(a, b), a being the mean distance to the other
/// rows of the own cluster, b the smallest mean distance to another cluster's rows; 0 for a row that is alone in its cluster, and for all
/// where there is but one. Distances are summed as integers of 30 bits under 2^exponent (<see cref="Scale.DistanceExponent"/>), so that the
/// result has the same bits however the rows are spread.
/// </summary>
public static class Silhouette
{
    /// <summary>What distances are multiplied by to become integers of 30 bits.</summary>
    internal static float Factor(int exponent) => (float)Math.ScaleB(1, 30 - exponent);

    /// <summary>Adds to <paramref name="sums"/> (row by row, a sum for each cluster) the distances among a block's own rows.</summary>
    public static void Within(SilhouetteBlock block, int exponent, Span<long> sums)
    {
        ArgumentNullException.ThrowIfNull(block);
        Check(block, sums);
        Run(block, block, exponent, sums, [], within: true);
    }

    /// <summary>Adds the distances between two blocks' rows: to the one's sums and to the other's.</summary>
    public static void Between(SilhouetteBlock block, SilhouetteBlock other, int exponent, Span<long> sums, Span<long> otherSums)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(other);
        Check(block, sums);
        Check(other, otherSums);
        if (block.Columns != other.Columns || block.Clusters != other.Clusters)
            throw new ArgumentException(
                $"The blocks have {block.Columns} and {other.Columns} columns, {block.Clusters} and {other.Clusters} clusters.",
                nameof(other));
        Run(block, other, exponent, sums, otherSums, within: false);
    }

    /// <summary>Each row's silhouette, in the block's order, from its sums and the sizes of the clusters over all rows.</summary>
    public static double[] PerRow(SilhouetteBlock block, ReadOnlySpan<long> sums, ReadOnlySpan<long> sizes)
    {
        ArgumentNullException.ThrowIfNull(block);
        var scores = new double[block.Rows];
        for (var own = 0; own < block.Clusters; own++)
        {
            for (var r = block.Starts[own]; r < block.Starts[own + 1]; r++)
            {
                var row = sums.Slice(r * block.Clusters, block.Clusters);
                var b = double.PositiveInfinity;
                for (var k = 0; k < row.Length; k++)
                {
                    if (k != own && sizes[k] > 0)
                        b = Math.Min(b, (double)row[k] / sizes[k]);
                }

                if (sizes[own] == 1 || double.IsInfinity(b))
                    continue;
                var a = (double)row[own] / (sizes[own] - 1);
                scores[r] = a == b ? 0 : (b - a) / Math.Max(a, b);
            }
        }

        return scores;
    }

    /// <summary>For each cluster the sum of its rows' silhouettes, in fixed point under 1.</summary>
    public static ExactSums Scores(SilhouetteBlock block, ReadOnlySpan<long> sums, ReadOnlySpan<long> sizes)
    {
        var scores = PerRow(block, sums, sizes);
        var totals = new Int128[block.Clusters];
        var one = FixedPoint.Factor(0);
        for (var k = 0; k < totals.Length; k++)
        {
            for (var r = block.Starts[k]; r < block.Starts[k + 1]; r++)
                totals[k] += FixedPoint.ToFixed(scores[r], one);
        }

        return ExactSums.Of(totals);
    }

    /// <summary>The mean silhouette over all rows.</summary>
    public static double Mean(ExactSums scores, long rows)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Int128 total = 0;
        for (var k = 0; k < scores.Count; k++)
            total += scores[k];
        return FixedPoint.ToDouble(total, 0, rows);
    }

    /// <summary>The scores' sums over some blocks, every two compared, on a number of threads.</summary>
    /// <param name="sizes">The clusters' sizes over all blocks.</param>
    public static Task<ExactSums> SumAsync(
        IReadOnlyList<SilhouetteBlock> blocks, long[] sizes, int exponent, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        return Task.Run(() => Sum(blocks, sizes, exponent, threads, cancellationToken), cancellationToken);
    }

    /// <summary>The silhouette of a sample by these centroids, as if it were all there is.</summary>
    public static async Task<double> OfSampleAsync(
        RowSet sample, double[] centroids, int exponent, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(centroids);
        ArgumentOutOfRangeException.ThrowIfZero(sample.Count);
        var columns = sample.Values.Length / sample.Count;
        var clusters = centroids.Length / columns;
        var rounded = Array.ConvertAll(centroids, c => (float)c);
        var labels = new int[sample.Count];
        var sizes = new long[clusters];
        for (var r = 0; r < labels.Length; r++)
            sizes[labels[r] = ScalarAssignmentKernel.Nearest(sample.Row(r), rounded, out _)]++;
        const int chunk = 2048;
        var blocks = Enumerable.Range(0, (labels.Length + chunk - 1) / chunk).Select(i =>
        {
            var (from, to) = (i * chunk, Math.Min(labels.Length, (i + 1) * chunk));
            var values = sample.Values.AsSpan(from * columns, (to - from) * columns);
            return SilhouetteBlock.Of(values, columns, labels.AsSpan(from, to - from), clusters);
        });
        return Mean(await SumAsync([.. blocks], sizes, exponent, threads, cancellationToken), sample.Count);
    }

    private static ExactSums Sum(
        IReadOnlyList<SilhouetteBlock> blocks, long[] sizes, int exponent, int threads, CancellationToken cancellationToken)
    {
        var sums = blocks.Select(b => new long[b.Rows * b.Clusters]).ToArray();
        var pairs = (from i in Enumerable.Range(0, blocks.Count) from j in Enumerable.Range(i, blocks.Count - i) select (i, j)).ToArray();
        ParallelSteps.Run(
            pairs.Length,
            threads,
            p =>
            {
                var (i, j) = pairs[p];
                var (own, other) = (new long[sums[i].Length], new long[i == j ? 0 : sums[j].Length]);
                if (i == j)
                    Within(blocks[i], exponent, own);
                else
                    Between(blocks[i], blocks[j], exponent, own, other);
                Add(own, sums[i]);
                Add(other, sums[j]);
            },
            cancellationToken);
        return ExactSums.Reduce([.. blocks.Select((b, i) => Scores(b, sums[i], sizes))]);
    }

    private static void Add(long[] from, long[] to)
    {
        lock (to)
        {
            for (var i = 0; i < from.Length; i++)
                to[i] += from[i];
        }
    }

    private static void Check(SilhouetteBlock block, Span<long> sums)
    {
        if (sums.Length != block.Rows * block.Clusters)
            throw new ArgumentException(
                $"{sums.Length} sums are not one for each of {block.Rows} rows and {block.Clusters} clusters.", nameof(sums));
    }

    private static void Run(
        SilhouetteBlock lanes, SilhouetteBlock scalars, int exponent, Span<long> sums, Span<long> otherSums, bool within)
    {
        var factor = Factor(exponent);
        if (Vector512.IsHardwareAccelerated)
            SilhouetteKernel<Lanes512>.Run(lanes, scalars, factor, sums, otherSums, within);
        else if (Vector256.IsHardwareAccelerated)
            SilhouetteKernel<Lanes256>.Run(lanes, scalars, factor, sums, otherSums, within);
        else
            SilhouetteKernel<Lanes128>.Run(lanes, scalars, factor, sums, otherSums, within);
    }
}
