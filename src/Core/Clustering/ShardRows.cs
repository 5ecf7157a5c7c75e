using System.Runtime.InteropServices;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// One shard's rows for one job. Its methods are the steps of a fit: each takes what all shards share and returns a small partial result
/// that <c>Reduce</c> adds to the others'. No result depends on the steps before (what is kept between them only saves work), so a shard
/// that was lost and built anew gives the same bits. Not safe for several threads at once. The standardised rows are in memory that
/// <see cref="Dispose"/> frees.
/// </summary>
public sealed partial class ShardRows : IDisposable
{
    private readonly double[] _raw;
    private readonly ulong[] _rowIds;
    private readonly IAssignmentKernel _kernel;
    private readonly bool _bounds;
    private Scale? _scale;
    private TileMemory? _tiles;

    /// <summary>A shard of raw rows.</summary>
    /// <param name="values">Row by row; NaN is a missing value. The shard keeps the array and does not change it.</param>
    /// <param name="columns">Columns of a row, at least 1.</param>
    /// <param name="rowIds">
    /// For each row an id of its own among all rows of the job, the same wherever the row is; any random choice hangs on it. Where two rows
    /// have one all the same, their values decide between them.
    /// </param>
    /// <param name="kernel">What labels the rows; the fastest one where none is given.</param>
    /// <param name="bounds">Whether steps may leave rows out whose label bounds of distances tell, where that pays (<see cref="HamerlyBounds"/>).</param>
    /// <exception cref="ArgumentException">A value is infinite or beyond 1e150, or the lengths do not fit.</exception>
    public ShardRows(double[] values, int columns, ulong[] rowIds, IAssignmentKernel? kernel = null, bool bounds = true)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length != (long)rowIds.Length * columns)
            throw new ArgumentException($"{values.Length} values are not {rowIds.Length} rows of {columns} columns.", nameof(values));
        for (var i = 0; i < values.Length; i++)
        {
            if (Math.Abs(values[i]) > Scaling.MaxMagnitude)
                throw new ArgumentException(
                    $"Row {i / columns} has {values[i]} in column {i % columns}; values must lie within ±{Scaling.MaxMagnitude}.",
                    nameof(values));
        }

        Columns = columns;
        _raw = values;
        _rowIds = rowIds;
        _kernel = kernel ?? AssignmentKernels.Default;
        _bounds = bounds;
    }

    /// <summary>Columns of a row.</summary>
    public int Columns { get; }

    /// <summary>How many rows.</summary>
    public int Count => _rowIds.Length;

    /// <summary>The rows' ids, in the order of <see cref="Labels"/>.</summary>
    public IReadOnlyList<ulong> RowIds => _rowIds;

    /// <summary>The scale of the standardised rows.</summary>
    /// <exception cref="InvalidOperationException">The rows were not standardised yet.</exception>
    public Scale Scale => _scale ?? throw new InvalidOperationException("The rows are not standardised yet.");

    /// <summary>How many values each column has, and their extremes.</summary>
    public ColumnExtremes Extremes()
    {
        var result = new ColumnExtremes(Count, new long[Columns], new double[Columns], new double[Columns]);
        Array.Fill(result.Min, double.PositiveInfinity);
        Array.Fill(result.Max, double.NegativeInfinity);
        for (var at = 0; at < _raw.Length; at += Columns)
        {
            for (var c = 0; c < Columns; c++)
            {
                var value = _raw[at + c];
                if (double.IsNaN(value))
                    continue;
                result.Present[c]++;
                result.Min[c] = Math.Min(result.Min[c], value);
                result.Max[c] = Math.Max(result.Max[c], value);
            }
        }

        return result;
    }

    /// <summary>For each column the sum of the values present, in fixed point under 2^exponent.</summary>
    public ExactSums Sums(int[] exponents)
    {
        CheckWidth(exponents, nameof(exponents));
        var sums = new Int128[Columns];
        var factors = exponents.Select(FixedPoint.Factor).ToArray();
        for (var at = 0; at < _raw.Length; at += Columns)
        {
            for (var c = 0; c < Columns; c++)
            {
                var value = _raw[at + c];
                if (!double.IsNaN(value))
                    sums[c] += FixedPoint.ToFixed(value, factors[c]);
            }
        }

        return ExactSums.Of(sums);
    }

    /// <summary>Counts the next digits of the values' keys (see <see cref="DigitQuery"/>).</summary>
    public DigitCounts Digits(DigitQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var shift = 48 - (16 * query.Round);
        var builder = new DigitCounts.Builder(query.Columns.Length);
        var counts = new long[OrderKey.Digits];
        for (var t = 0; t < query.Columns.Length; t++)
        {
            for (var at = query.Columns[t]; at < _raw.Length; at += Columns)
            {
                if (double.IsNaN(_raw[at]))
                    continue;
                var key = OrderKey.Of(_raw[at]) >> shift;
                if (query.Round == 0 || key >> 16 == query.Prefixes[t])
                    counts[key & 0xFFFF]++;
            }

            builder.Take(counts);
        }

        return builder.Build();
    }

    /// <summary>For each column the sum over all rows, filled, of ((value - mean) / 2^exponent)^2 in fixed point under 1.</summary>
    public ExactSums Moments(double[] fill, double[] mean, int[] exponents)
    {
        CheckWidth(fill, nameof(fill));
        CheckWidth(mean, nameof(mean));
        CheckWidth(exponents, nameof(exponents));
        var sums = new Int128[Columns];
        var factors = exponents.Select(e => Math.ScaleB(1, -e)).ToArray();
        var one = FixedPoint.Factor(0);
        for (var at = 0; at < _raw.Length; at += Columns)
        {
            for (var c = 0; c < Columns; c++)
            {
                var value = _raw[at + c];
                var part = ((double.IsNaN(value) ? fill[c] : value) - mean[c]) * factors[c];
                sums[c] += FixedPoint.ToFixed(part * part, one);
            }
        }

        return ExactSums.Of(sums);
    }

    /// <summary>
    /// Standardises the rows; every step of a fit needs it. Returns for each column the sum of squares in units of the grid squared, whole
    /// numbers, from which <see cref="Inertia"/> is computed. The rows must be among those that the scale was made from.
    /// </summary>
    /// <exception cref="ArgumentException">A value is outside of the scale's range, where sums would no longer be exact.</exception>
    public ExactSums Standardise(Scale scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        if (scale.Columns != Columns)
            throw new ArgumentException($"The scale has {scale.Columns} columns where the rows have {Columns}.", nameof(scale));
        _tiles?.Dispose();
        (_tiles, _step, _seeding) = (new TileMemory(Count, Columns), null, null);
        using var tiles = _tiles.Use();
        var squares = new Int128[Columns];
        for (var c = 0; c < Columns; c++)
        {
            var perUnit = 1 / scale.Unit(c);
            for (var r = 0; r < Count; r++)
            {
                var value = scale.Transform(_raw[(r * Columns) + c], c);
                var units = value * perUnit;
                if (Math.Abs(units) > 1 << Scale.GridBits)
                    throw new ArgumentException(
                        $"Row {r} has {_raw[(r * Columns) + c]} in column {c}, outside of the range that the scale was made from.",
                        nameof(scale));
                squares[c] += (long)(units * units);
                tiles.Values[Tiles.Index(r, c, Columns)] = value;
            }
        }

        tiles.SetNorms(Columns);
        _scale = scale;
        return ExactSums.Of(squares);
    }

    /// <summary>The rows with the smallest hashes of (seed, row id): a sample that does not depend on how rows are spread.</summary>
    public RowSet Sample(ulong seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var of = new RowHashes(seed, 0);
        var hashes = Array.ConvertAll(_rowIds, of.Of);
        if (hashes.Length == 0 || count == 0)
            return Pick([], _ => 0);
        // Of rows with one id all have to be there for their values to decide.
        var last = hashes.Max();
        if (count == 1)
        {
            last = hashes.Min();
        }
        else if (count < hashes.Length)
        {
            var sorted = hashes.AsSpan().ToArray();
            Array.Sort(sorted);
            last = sorted[count - 1];
        }

        var rows = new List<int>(Math.Min(count, hashes.Length));
        for (var r = 0; r < hashes.Length; r++)
        {
            if (hashes[r] <= last)
                rows.Add(r);
        }

        return RowSet.SmallestHash([Pick(CollectionsMarshal.AsSpan(rows), _ => 0)], seed, count);
    }

    /// <summary>Frees the standardised rows, at once or when a step that is at work in them ends; no step comes after.</summary>
    public void Dispose() => _tiles?.Dispose();

    private TileMemory.Lease Standardised()
    {
        _ = Scale;
        return _tiles!.Use();
    }

    private RowSet Pick(ReadOnlySpan<int> rows, Func<int, float> score)
    {
        using var tiles = Standardised();
        var result = new RowSet(new ulong[rows.Length], new float[rows.Length * Columns], new float[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            result.RowIds[i] = _rowIds[rows[i]];
            result.Scores[i] = score(rows[i]);
            Tiles.CopyRow(tiles.Values, rows[i], result.Values.AsSpan(i * Columns, Columns));
        }

        return result;
    }

    private void CheckWidth<T>(T[] values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        if (values.Length != Columns)
            throw new ArgumentException($"{values.Length} values where the rows have {Columns} columns.", name);
    }
}
