using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// The silhouette (Rousseeuw 1987) by Euclidean distance: the mean over rows of (b - a) / max(a, b), a being the mean distance to the other
/// rows of the own cluster, b the smallest mean distance to another cluster's rows; 0 for a row that is alone in its cluster, and for all
/// where there is but one. Distances are summed as integers of 30 bits under 2^exponent (<see cref="Scale.DistanceExponent"/>), so that the
/// result has the same bits however the work is cut.
/// </summary>
/// <remarks>
/// Distances do not depend on the number of clusters, and are computed once for several fits: rows that all of these label alike form a
/// group (<see cref="LabelGroups"/>), every cluster is a union of groups, and what a pass over the pairs of rows sums is each row's
/// distances to each group.
/// </remarks>
public static class Silhouette
{
    private const int BlockRows = 1024;

    // So many pairs of blocks at the most are one piece of work, a few milliseconds, and there are so many pieces if there can be.
    private const int MostPairs = 8;
    private const int Pieces = 64;

    /// <summary>The mean silhouettes over some rows, as if they were all there is, by one pass over their pairs.</summary>
    /// <param name="fits">The centroids of each fit, row by row; a row is labelled by the nearest.</param>
    /// <param name="compute">Runs a part of the work wherever computing is done; on the thread pool where none is given.</param>
    /// <param name="onProgress">Called with how many fits' worth of the pass is done; what it throws ends the pass.</param>
    /// <returns>One for each of the first fits, of as many as suit one pass, which is one at least.</returns>
    public static async Task<double[]> OfFirstAsync(
        RowSet rows,
        IReadOnlyList<double[]> fits,
        int exponent,
        Func<Action, CancellationToken, Task>? compute = null,
        Func<double, ValueTask>? onProgress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fits);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count);
        ArgumentOutOfRangeException.ThrowIfZero(fits.Count);
        compute ??= Task.Run;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var (groups, blocks) = await Compute(() =>
            {
                var groups = LabelGroups.OfFirst(rows, fits);
                return (groups, groups.Blocks(rows, BlockRows, Factor(exponent)));
            });
            var sums = blocks.Select(block => new long[groups.Clusters * block.Stride]).ToArray();

            // Each diagonal names every block twice at the most, so that those at work seldom wait for each other's sums.
            var pairs = (from apart in Enumerable.Range(0, blocks.Length) from i in Enumerable.Range(0, blocks.Length - apart) select (i, j: i + apart)).ToArray();
            var work = pairs.Chunk(Math.Clamp(pairs.Length / Pieces, 1, MostPairs)).Select(piece => compute(() => AddPairs(piece), stop.Token)).ToArray();
            for (var done = 0; done < work.Length; done++)
            {
                await work[done];
                if (onProgress is not null)
                    await onProgress(groups.Fits * (done + 1.0) / work.Length);
            }

            var totals = await Task.WhenAll(blocks.Select((block, b) => Compute(() => groups.Scores(block, sums[b]))));
            return [.. Enumerable.Range(0, groups.Fits).Select(fit =>
                FixedPoint.ToDouble(totals.Aggregate((Int128)0, (sum, of) => sum + of[fit]), 0, rows.Count))];

            void AddPairs((int, int)[] piece)
            {
                foreach (var (i, j) in piece)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    AddPair(groups, blocks, sums, i, j);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        async Task<T> Compute<T>(Func<T> part)
        {
            T? result = default;
            await compute(() => result = part(), stop.Token);
            return result!;
        }
    }

    /// <summary>What values are multiplied by, exactly, for distances to be below 2^30.</summary>
    internal static float Factor(int exponent) => (float)Math.ScaleB(1, 30 - exponent);

    /// <summary>
    /// For each group of <paramref name="other"/> the sums of the distances of <paramref name="block"/>'s rows to its rows, and the other
    /// way round; the blocks may be one and the same.
    /// </summary>
    internal static void Sum(SilhouetteBlock block, SilhouetteBlock other, Span<long> sums, Span<long> otherSums)
    {
        if (Vector512.IsHardwareAccelerated)
            SilhouetteKernel<Lanes512, Vector512<float>>.Run(block, other, sums, otherSums);
        else if (Vector256.IsHardwareAccelerated)
            SilhouetteKernel<Lanes256, Vector256<float>>.Run(block, other, sums, otherSums);
        else
            SilhouetteKernel<Lanes128, Vector128<float>>.Run(block, other, sums, otherSums);
    }

    private static void AddPair(LabelGroups groups, SilhouetteBlock[] blocks, long[][] sums, int i, int j)
    {
        var (one, other) = (blocks[i], blocks[j]);
        var (length, otherLength) = (other.Groups * one.Stride, i == j ? 0 : one.Groups * other.Stride);
        var rented = ArrayPool<long>.Shared.Rent(length + otherLength);
        try
        {
            var oneSums = rented.AsSpan(0, length);
            var otherSums = rented.AsSpan(length, otherLength);
            oneSums.Clear();
            otherSums.Clear();
            Sum(one, other, oneSums, i == j ? oneSums : otherSums);
            groups.AddByCluster(oneSums, other, one.Stride, sums[i]);
            if (i != j)
                groups.AddByCluster(otherSums, one, other.Stride, sums[j]);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }
}

/// <summary>
/// Some standardised rows, multiplied by <see cref="Silhouette.Factor"/>, those of a group next to each other: the block's group g is [Starts[g], Starts[g+1]), and is group First + g of
/// all. Sums over a block's rows stand group by group (of whatever is summed to), <see cref="Stride"/> apart.
/// </summary>
internal sealed class SilhouetteBlock(float[] values, int columns, int[] starts, int first)
{
    public float[] Values => values;

    public Memory<float> Tiled { get; } = Kernels.Memory.Aligned<float>(Tiles.FromRows(values, columns));

    public int Columns => columns;

    public int[] Starts => starts;

    public int First => first;

    public int Rows => starts[^1];

    public int Groups => starts.Length - 1;

    /// <summary>The rows with those that fill up the last tile.</summary>
    public int Stride => Tiles.Count(Rows) * Tiles.Rows;
}

/// <summary>Some rows under several labellings at once: rows that share all labels are a group.</summary>
internal sealed class LabelGroups
{
    // A pass costs more with more groups, for then fewer rows of one group stand together, and memory goes with the clusters and the rows.
    private const int MaxGroups = 512;
    private const int MaxClusters = 512;
    private const long MaxBytes = 64 << 20;

    private readonly List<int> _counts = [];
    private readonly List<long[]> _sizes = [];
    private int[][] _labels = [[]];
    private int[] _groupOf;

    private LabelGroups(int rows) => _groupOf = new int[rows];

    /// <summary>How many labellings.</summary>
    public int Fits => _counts.Count;

    /// <summary>How many clusters all of them have together.</summary>
    public int Clusters => _counts.Sum();

    /// <summary>How many groups.</summary>
    public int Count => _labels.Length;

    /// <summary>The groups under the first fits, of as many as stay within the limits.</summary>
    public static LabelGroups OfFirst(RowSet rows, IReadOnlyList<double[]> fits)
    {
        var columns = rows.Values.Length / rows.Count;
        var tiles = Tiles.FromRows(rows.Values, columns);
        var length = Tiles.Count(rows.Count) * Tiles.Rows;
        var (labels, distances) = (new int[length], new float[length]);
        var groups = new LabelGroups(rows.Count);
        foreach (var centroids in fits)
        {
            AssignmentKernels.Default.Assign(tiles, columns, Array.ConvertAll(centroids, c => (float)c), labels, distances);
            if (!groups.TryAdd(labels.AsSpan(0, rows.Count), centroids.Length / columns))
                break;
        }

        return groups;
    }

    /// <summary>Adds sums to a block's groups to those of all clusters.</summary>
    /// <param name="sums">For each of <paramref name="to"/>'s groups the sums of some rows.</param>
    /// <param name="total">For each cluster the sums of the same rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddByCluster(ReadOnlySpan<long> sums, SilhouetteBlock to, int stride, long[] total)
    {
        lock (total)
        {
            // A tile's totals stay in the first cache while those of all groups are added.
            for (var tile = 0; tile < stride; tile += Tiles.Rows)
            {
                for (var g = 0; g < to.Groups; g++)
                {
                    var (labels, first) = (_labels[to.First + g], 0);
                    var ofGroup = sums.Slice((g * stride) + tile, Tiles.Rows);
                    for (var fit = 0; fit < labels.Length; first += _counts[fit++])
                        Add(ofGroup, total.AsSpan(((first + labels[fit]) * stride) + tile, Tiles.Rows));
                }
            }
        }
    }

    /// <summary>For each fit the sum of the rows' silhouettes, in fixed point under 1.</summary>
    /// <param name="sums">For each cluster the sums of the block's rows.</param>
    public Int128[] Scores(SilhouetteBlock block, long[] sums)
    {
        var totals = new Int128[Fits];
        var one = FixedPoint.Factor(0);
        var first = 0;
        for (var fit = 0; fit < Fits; first += _counts[fit++])
        {
            var ofFit = sums.AsSpan(first * block.Stride, _counts[fit] * block.Stride);
            for (var g = 0; g < block.Groups; g++)
            {
                for (var r = block.Starts[g]; r < block.Starts[g + 1]; r++)
                    totals[fit] += FixedPoint.ToFixed(OfRow(ofFit[r..], block.Stride, _sizes[fit], _labels[block.First + g][fit]), one);
            }
        }

        return totals;
    }

    /// <summary>The rows in the order of their groups, cut into blocks.</summary>
    public SilhouetteBlock[] Blocks(RowSet rows, int blockRows, float factor)
    {
        var columns = rows.Values.Length / rows.Count;
        var places = new int[Count + 1];
        foreach (var group in _groupOf)
            places[group + 1]++;
        for (var g = 0; g < Count; g++)
            places[g + 1] += places[g];
        var (order, sorted) = (new int[rows.Count], new int[rows.Count]);
        for (var r = 0; r < order.Length; r++)
        {
            var place = places[_groupOf[r]]++;
            (order[place], sorted[place]) = (r, _groupOf[r]);
        }

        return [.. Enumerable.Range(0, (order.Length + blockRows - 1) / blockRows).Select(Cut)];

        SilhouetteBlock Cut(int block)
        {
            var (from, to) = (block * blockRows, Math.Min(order.Length, (block + 1) * blockRows));
            var values = new float[(to - from) * columns];
            var starts = new int[sorted[to - 1] - sorted[from] + 2];
            for (var i = from; i < to; i++)
            {
                var row = rows.Row(order[i]);
                for (var c = 0; c < columns; c++)
                    values[((i - from) * columns) + c] = row[c] * factor;
                starts[sorted[i] - sorted[from] + 1] = i - from + 1;
            }

            return new SilhouetteBlock(values, columns, starts, sorted[from]);
        }
    }

    /// <summary>The silhouette of a row.</summary>
    /// <param name="sums">For each cluster, <paramref name="stride"/> apart, the sum of its distances to the cluster's rows.</param>
    internal static double OfRow(ReadOnlySpan<long> sums, int stride, long[] sizes, int own)
    {
        var b = double.PositiveInfinity;
        for (var k = 0; k < sizes.Length; k++)
        {
            if (k != own && sizes[k] > 0)
                b = Math.Min(b, (double)sums[k * stride] / sizes[k]);
        }

        if (sizes[own] == 1 || double.IsInfinity(b))
            return 0;
        var a = (double)sums[own * stride] / (sizes[own] - 1);
        return a == b ? 0 : (b - a) / Math.Max(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ReadOnlySpan<long> from, Span<long> to)
    {
        var sources = MemoryMarshal.Cast<long, Vector512<long>>(from);
        var targets = MemoryMarshal.Cast<long, Vector512<long>>(to);
        for (var i = 0; i < sources.Length; i++)
            targets[i] += sources[i];
    }

    private bool TryAdd(ReadOnlySpan<int> labels, int clusters)
    {
        var sizes = new long[clusters];
        var of = new int[labels.Length];
        // For each group and label the number of their rows' new group, from 1.
        var numbers = new int[Count * clusters];
        var made = new List<int[]>();
        for (var r = 0; r < of.Length; r++)
        {
            sizes[labels[r]]++;
            ref var number = ref numbers[(_groupOf[r] * clusters) + labels[r]];
            if (number == 0)
            {
                made.Add([.. _labels[_groupOf[r]], labels[r]]);
                number = made.Count;
            }

            of[r] = number - 1;
        }

        var all = Clusters + clusters;
        if (Fits > 0 && (made.Count > MaxGroups || all > MaxClusters || (long)all * labels.Length * sizeof(long) > MaxBytes))
            return false;
        _labels = [.. made];
        _groupOf = of;
        _counts.Add(clusters);
        _sizes.Add(sizes);
        return true;
    }
}
