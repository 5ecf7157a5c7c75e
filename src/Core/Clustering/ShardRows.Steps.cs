namespace Auie.Core.Clustering;

public sealed partial class ShardRows
{
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
        Int128 sum = 0;
        for (var r = 0; r < Count; r++)
            sum += FixedPoint.ToFixed(distances[r], factor);
        return ExactSums.Of([sum]);
    }

    /// <summary>
    /// The rows that a round of k-means|| takes as further candidates, scored by their squared distance to the nearest one so far.
    /// </summary>
    public RowSet SeedSample(float[] candidates, SeedDraw draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        var distances = Seeding(candidates).Distances;
        var taken = new List<int>();
        for (var r = 0; r < Count; r++)
        {
            if (draw.Takes(_rowIds[r], distances[r]))
                taken.Add(r);
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
    public StepSums Step(double[] centroids)
    {
        var state = Assigned(centroids);
        return new StepSums([.. state.Counts], [.. state.Sums]);
    }

    /// <summary>Each row's label, in the order of <see cref="RowIds"/>.</summary>
    public int[] Labels(double[] centroids) => Assigned(centroids).Labels.AsSpan(0, Count).ToArray();

    /// <summary>
    /// The rows farthest from their nearest centroid, no two alike, scored by the squared distance; of equal ones the lowest row id.
    /// </summary>
    public RowSet Farthest(double[] centroids, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var distances = Assigned(centroids).Distances;
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

    /// <summary>As <see cref="RowSet.CompareBits"/>.</summary>
    private int CompareBits(int row, int other)
    {
        Span<float> a = new float[Columns], b = new float[Columns];
        Tiles.CopyRow(_tiles, row, a);
        Tiles.CopyRow(_tiles, other, b);
        return RowSet.CompareBits(a, b);
    }

    /// <summary>The clusters' sizes and raw sums, missing values filled as the scale says, in fixed point under 2^exponent.</summary>
    public ClusterSums Summarise(double[] centroids, int[] exponents)
    {
        CheckWidth(exponents, nameof(exponents));
        var state = Assigned(centroids);
        var sums = new Int128[state.Counts.Length * Columns];
        var factors = exponents.Select(FixedPoint.Factor).ToArray();
        for (var r = 0; r < Count; r++)
        {
            for (var c = 0; c < Columns; c++)
            {
                var value = _raw[(r * Columns) + c];
                sums[(state.Labels[r] * Columns) + c] += FixedPoint.ToFixed(double.IsNaN(value) ? Scale.Fill[c] : value, factors[c]);
            }
        }

        return new ClusterSums([.. state.Counts], ExactSums.Of(sums));
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
        _ = Scale;
        if (_seeding is null || !candidates.AsSpan().StartsWith(_seeding.Candidates))
            _seeding = new SeedingState(Tiles.Count(Count) * Tiles.Rows);
        var state = _seeding;
        var known = state.Candidates.Length;
        if (known == candidates.Length)
            return state;
        _kernel.Assign(_tiles, Columns, candidates.AsSpan(known), state.NewNearest, state.NewDistances);
        for (var r = 0; r < Count; r++)
        {
            if (state.NewDistances[r] < state.Distances[r])
            {
                state.Distances[r] = state.NewDistances[r];
                state.Nearest[r] = state.NewNearest[r] + (known / Columns);
            }
        }

        state.Candidates = candidates;
        return state;
    }

    /// <summary>
    /// Labels by these centroids. Only rows whose label changed since the call before are moved between the sums, which are exact either
    /// way.
    /// </summary>
    private StepState Assigned(double[] centroids)
    {
        var clusters = Clusters(centroids);
        _ = Scale;
        if (_step is not null && _step.Centroids.AsSpan().SequenceEqual(centroids))
            return _step;
        if (_step is null || _step.Counts.Length != clusters)
            _step = new StepState(Tiles.Count(Count) * Tiles.Rows, clusters, Columns);
        var state = _step;
        for (var i = 0; i < centroids.Length; i++)
            state.Rounded[i] = (float)centroids[i];
        _kernel.Assign(_tiles, Columns, state.Rounded, state.NewLabels, state.Distances);
        for (var start = 0; start < Count; start += Tiles.Rows)
        {
            var length = Math.Min(Tiles.Rows, Count - start);
            if (!state.NewLabels.AsSpan(start, length).SequenceEqual(state.Labels.AsSpan(start, length)))
                Move(state, start, start + length);
        }

        state.Centroids = [.. centroids];
        return state;
    }

    private void Move(StepState state, int start, int end)
    {
        for (var r = start; r < end; r++)
        {
            var (from, to) = (state.Labels[r], state.NewLabels[r]);
            if (from == to)
                continue;
            var at = Tiles.Index(r, 0, Columns);
            if (from >= 0)
            {
                state.Counts[from]--;
                for (var c = 0; c < Columns; c++)
                    state.Sums[(from * Columns) + c] -= _tiles[at + (c * Tiles.Rows)];
            }

            state.Counts[to]++;
            for (var c = 0; c < Columns; c++)
                state.Sums[(to * Columns) + c] += _tiles[at + (c * Tiles.Rows)];
            state.Labels[r] = to;
        }
    }

    private sealed class SeedingState
    {
        public SeedingState(int rows)
        {
            (Distances, NewDistances, Nearest, NewNearest) = (new float[rows], new float[rows], new int[rows], new int[rows]);
            Array.Fill(Distances, float.PositiveInfinity);
        }

        public float[] Candidates { get; set; } = [];

        public float[] Distances { get; }

        public int[] Nearest { get; }

        public float[] NewDistances { get; }

        public int[] NewNearest { get; }
    }

    private sealed class StepState
    {
        public StepState(int rows, int clusters, int columns)
        {
            (Labels, NewLabels, Distances) = (new int[rows], new int[rows], new float[rows]);
            (Counts, Sums, Rounded) = (new long[clusters], new double[clusters * columns], new float[clusters * columns]);
            Array.Fill(Labels, -1);
        }

        public double[] Centroids { get; set; } = [];

        public float[] Rounded { get; }

        public int[] Labels { get; }

        public int[] NewLabels { get; }

        public float[] Distances { get; }

        public long[] Counts { get; }

        public double[] Sums { get; }
    }
}
