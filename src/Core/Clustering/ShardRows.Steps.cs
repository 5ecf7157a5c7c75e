using System.Numerics;
using System.Runtime.Intrinsics;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

public sealed partial class ShardRows
{
    // So many floats of tiles stay in the nearest caches between their labelling and the moving of their rows.
    private const int RunLength = 1 << 15;

    // A shard of no more floats of tiles stays in a core's own cache from one step to the next.
    private const int CachedLength = 1 << 18;

    // Of more rows of a tile it costs less to label all where they are.
    private const int MaxGathered = 24;

    private SeedingState? _seeding;
    private StepState? _step;

    /// <summary>
    /// k-means||'s cost: the sum of the rows' squared distances to the nearest candidate, in fixed point under 4^<see
    /// cref="Scale.DistanceExponent"/>.
    /// </summary>
    public ExactSums SeedCost(float[] candidates)
    {
        var distances = Seeding(candidates).Distances;
        var factor = SquaredDistanceFactor(Scale);
        // Of up to 2^31 rows both halves are exact.
        var (highs, lows) = (Vector512<long>.Zero, Vector512<long>.Zero);
        var at = 0;
        for (; at + Vector256<float>.Count <= Count; at += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref distances[at]));
            var wholes = Vector512.ConvertToInt64(Vector512.Round(Vector512.Create(lower, upper) * factor));
            highs += wholes >> 32;
            lows += wholes & Vector512.Create((long)uint.MaxValue);
        }

        var (high, low) = (Vector512.Sum(highs), Vector512.Sum(lows));
        for (; at < Count; at++)
        {
            var whole = FixedPoint.ToFixed(distances[at], factor);
            high += whole >> 32;
            low += (uint)whole;
        }

        return ExactSums.Of([((Int128)high << 32) + low]);
    }

    /// <summary>
    /// The rows that a round of k-means|| takes as further candidates, scored by their squared distance to the nearest one so far.
    /// </summary>
    public RowSet SeedSample(float[] candidates, SeedDraw draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        var distances = Seeding(candidates).Distances;
        var taken = new List<int>();
        var hashes = draw.Hashes;
        Span<ulong> room = stackalloc ulong[HashedAtOnce];
        for (var first = 0; first < Count; first += HashedAtOnce)
        {
            var some = Hashes(hashes, first, room);
            for (var i = 0; i < some.Length; i++)
            {
                if (draw.Takes(some[i], distances[first + i]))
                    taken.Add(first + i);
            }
        }

        return Pick([.. taken], r => distances[r]);
    }

    /// <summary>For each candidate how many rows it is the nearest to.</summary>
    public long[] SeedWeights(float[] candidates)
    {
        var weights = new long[Clusters(candidates)];
        var nearest = Seeding(candidates).Nearest;
        for (var r = 0; r < Count; r++)
            weights[nearest[r]]++;
        return weights;
    }

    /// <summary>
    /// One Lloyd step: labels each row by its nearest centroid and sums the rows by label. Centroids are rounded to floats here.
    /// </summary>
    public StepSums Step(double[] centroids) => Assigned(centroids).ToStep();

    /// <summary>How many rows the last step compared with the centroids; bounds told the labels of the others.</summary>
    internal int Looked => _step?.Bounds?.Looked ?? Count;

    /// <summary>Each row's label, in the order of <see cref="RowIds"/>.</summary>
    public int[] Labels(double[] centroids)
    {
        var labels = Assigned(centroids).Labels;
        var result = new int[labels.Length];
        for (var r = 0; r < result.Length; r++)
            result[r] = labels[r];
        return result;
    }

    /// <summary>
    /// The rows farthest from their nearest centroid, no two alike, scored by the squared distance; of equal ones the lowest row id.
    /// </summary>
    public RowSet Farthest(double[] centroids, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var distances = Distances(centroids);
        var rows = Enumerable.Range(0, Count).ToArray();
        Array.Sort(rows, (a, b) =>
            distances[a] != distances[b] ? distances[b].CompareTo(distances[a])
            : _rowIds[a] != _rowIds[b] ? _rowIds[a].CompareTo(_rowIds[b])
            : CompareBits(a, b));
        // Copies of one row stand together only by chance, so the first `count` different ones are looked for from the top.
        for (var take = Math.Min(rows.Length, 4 * count); ; take = Math.Min(rows.Length, 4 * take))
        {
            var top = RowSet.Farthest([Pick(rows.AsSpan(0, take), r => distances[r])], count);
            if (top.Count == count || take == rows.Length)
                return top;
        }
    }

    private float[] Distances(double[] centroids)
    {
        _ = Clusters(centroids);
        using var tiles = Standardised();
        var distances = new float[Tiles.Count(Count) * Tiles.Rows];
        _kernel.Assign(tiles.Values, Columns, Array.ConvertAll(centroids, c => (float)c), new int[distances.Length], distances);
        return distances;
    }

    /// <summary>As <see cref="RowSet.CompareBits"/>.</summary>
    private int CompareBits(int row, int other)
    {
        using var tiles = Standardised();
        Span<float> a = new float[Columns], b = new float[Columns];
        Tiles.CopyRow(tiles.Values, row, a);
        Tiles.CopyRow(tiles.Values, other, b);
        return RowSet.CompareBits(a, b);
    }

    /// <summary>The clusters' sizes and raw sums, missing values filled as the scale says, in fixed point under 2^exponent.</summary>
    public ClusterSums Summarise(double[] centroids, int[] exponents)
    {
        CheckWidth(exponents, nameof(exponents));
        var state = Assigned(centroids);
        var sums = new Int128[state.Clusters * Columns];
        var factors = exponents.Select(FixedPoint.Factor).ToArray();
        foreach (var (first, block) in Raw())
        {
            var values = block.Span;
            for (var at = 0; at < values.Length; at += Columns)
            {
                var cluster = state.Labels[first + (at / Columns)];
                for (var c = 0; c < Columns; c++)
                    sums[(cluster * Columns) + c] += FixedPoint.ToFixed(double.IsNaN(values[at + c]) ? Scale.Fill[c] : values[at + c], factors[c]);
            }
        }

        return new ClusterSums(state.ToStep().Counts, ExactSums.Of(sums));
    }

    /// <summary>What squared distances are multiplied by to become fixed-point numbers.</summary>
    internal static double SquaredDistanceFactor(Scale scale) => FixedPoint.Factor(2 * scale.DistanceExponent);

    private int Clusters<T>(T[] centroids)
    {
        ArgumentNullException.ThrowIfNull(centroids);
        if (centroids.Length == 0 || centroids.Length % Columns != 0)
            throw new ArgumentException($"{centroids.Length} values are not centroids of {Columns} columns.", nameof(centroids));
        return centroids.Length / Columns;
    }

    /// <summary>
    /// Distances to the nearest of the candidates; candidates that continue those of the call before cost only the new ones.
    /// </summary>
    private SeedingState Seeding(float[] candidates)
    {
        _ = Clusters(candidates);
        using var tiles = Standardised();
        var state = _seeding ??= new SeedingState(Tiles.Count(Count) * Tiles.Rows);
        if (!candidates.AsSpan().StartsWith(state.Candidates))
            state.Forget();
        var known = state.Candidates.Length;
        if (known == candidates.Length)
            return state;
        _kernel.AssignFurther(tiles.Values, Columns, candidates.AsSpan(known), known / Columns, state.Nearest, state.Distances);
        state.Candidates = candidates;
        return state;
    }

    /// <summary>Labels by these centroids; what the call before labelled is the beginning, and only what differs is moved.</summary>
    private LabelledSums Assigned(double[] centroids)
    {
        var clusters = Clusters(centroids);
        using var tiles = Standardised();
        if (_step is not null && _step.Centroids.AsSpan().SequenceEqual(centroids))
            return _step.Sums;
        var rounded = Array.ConvertAll(centroids, c => (float)c);
        var groups = new CentroidGroups(rounded, Columns);
        var state = _step is not null && _step.Sums.Clusters == clusters ? _step
            : new StepState(new LabelledSums(Count, clusters, Columns), _bounds ? HamerlyBounds.For(Count, clusters, Columns) : null);
        _step = null;
        if (state.Bounds?.MoveTo(rounded, Columns, state.Sums.TileLabels) == true)
            LabelFailed(tiles, groups, state.Sums, state.Bounds);
        else
            LabelAll(tiles, groups, state);
        state.Centroids = [.. centroids];
        _step = state;
        return state.Sums;
    }

    private void LabelAll(TileMemory.Lease tiles, CentroidGroups centroids, StepState state)
    {
        var (sums, bounds) = (state.Sums, state.Bounds);
        var tileLength = Tiles.Rows * Columns;
        var longest = Math.Max(1, Math.Min(RunLength / tileLength, tiles.Norms.Length));
        var ahead = tiles.Values.Length > CachedLength;
        var labels = state.Scratch.Length == longest * Tiles.Rows ? state.Scratch : state.Scratch = new byte[longest * Tiles.Rows];
        var count = 0;
        for (var first = 0; first < tiles.Norms.Length; first += count)
        {
            count = Math.Min(longest, tiles.Norms.Length - first);
            count = bounds?.Run(first, count) ?? count;
            var values = tiles.Values.Slice(first * tileLength, count * tileLength);
            _kernel.Label(values, tiles.Norms.Slice(first, count), centroids, labels.AsSpan(0, count * Tiles.Rows), bounds is null ? default : bounds.Of(first, count), ahead);
            for (var t = 0; t < count; t++)
                sums.Relabel(first + t, values.Slice(t * tileLength, tileLength), labels.AsSpan(t * Tiles.Rows, Tiles.Rows));
        }
    }

    private void LabelFailed(TileMemory.Lease tiles, CentroidGroups centroids, LabelledSums sums, HamerlyBounds bounds)
    {
        var tileLength = Tiles.Rows * Columns;
        var gathered = new GatheredRows(_kernel, centroids, sums, bounds);
        Span<byte> labels = stackalloc byte[Tiles.Rows];
        for (int t = bounds.NextFailed(0), next; t < tiles.Norms.Length; t = next)
        {
            next = bounds.NextFailed(t + 1);
            if (next < tiles.Norms.Length)
                Memory.Prefetch(tiles.Values.Slice(next * tileLength, tileLength), bounds.Failed(next));
            var failed = bounds.Failed(t);
            var tile = tiles.Values.Slice(t * tileLength, tileLength);
            if (BitOperations.PopCount(failed) <= MaxGathered)
            {
                gathered.Add(t, tile, tiles.Norms[t], failed);
                continue;
            }

            _kernel.Label(tile, tiles.Norms.Slice(t, 1), centroids, labels, bounds.Of(t, 1));
            sums.Relabel(t, tile, labels);
        }

        gathered.Label();
    }

    private sealed class SeedingState(int rows)
    {
        public float[] Candidates { get; set; } = [];

        public float[] Distances { get; } = [.. Enumerable.Repeat(float.PositiveInfinity, rows)];

        public int[] Nearest { get; } = new int[rows];

        /// <summary>No candidate is known.</summary>
        public void Forget()
        {
            Candidates = [];
            Array.Clear(Nearest);
            Array.Fill(Distances, float.PositiveInfinity);
        }
    }

    private sealed class StepState(LabelledSums sums, HamerlyBounds? bounds)
    {
        public double[] Centroids { get; set; } = [];

        /// <summary>Labels of a run of tiles, until rows are moved by them.</summary>
        public byte[] Scratch { get; set; } = [];

        public LabelledSums Sums => sums;

        public HamerlyBounds? Bounds => bounds;
    }
}
