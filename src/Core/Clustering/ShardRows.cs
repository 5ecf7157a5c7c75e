using System.Buffers;
using System.Runtime.InteropServices;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// One shard's rows for one job. Its methods are the steps of a fit: each takes what all shards share and returns a small partial result
/// that <c>Reduce</c> adds to the others'. No result depends on the steps before (what is kept between them only saves work), so a shard
/// that was lost and built anew gives the same bits. Not safe for several threads at once. What it holds are the standardised rows, in memory
/// that <see cref="Dispose"/> frees; the raw ones, which few steps need, are read from where they are kept, each time anew.
/// </summary>
public sealed partial class ShardRows : IDisposable
{
    // So many rows are hashed together.
    private const int HashedAtOnce = 256;

    // The sum of so many squares of what has up to GridBits bits has a place in 63.
    private const int SquaresAtOnce = 1 << (62 - (2 * Scale.GridBits));

    private readonly IEnumerable<ReadOnlyMemory<double>> _raw;
    private readonly ulong[] _rowIds;
    private readonly IAssignmentKernel _kernel;
    private readonly bool _bounds;
    private Scale? _scale;
    private TileMemory? _tiles;

    /// <summary>A shard of raw rows.</summary>
    /// <param name="raw">
    /// Blocks of whole rows, row by row; NaN is a missing value. They are gone through several times, and are the same each time; a block is
    /// not looked at any more when the next one is asked for.
    /// </param>
    /// <param name="columns">Columns of a row, at least 1.</param>
    /// <param name="rowIds">
    /// For each row an id of its own among all rows of the job, the same wherever the row is; any random choice hangs on it. Where two rows
    /// have one all the same, their values decide between them.
    /// </param>
    /// <param name="kernel">What labels the rows; the fastest one where none is given.</param>
    /// <param name="bounds">Whether steps may leave rows out whose label bounds of distances tell, where that pays (<see cref="HamerlyBounds"/>).</param>
    public ShardRows(IEnumerable<ReadOnlyMemory<double>> raw, int columns, ulong[] rowIds, IAssignmentKernel? kernel = null, bool bounds = true)
    {
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Columns = columns;
        _raw = raw;
        _rowIds = rowIds;
        _kernel = kernel ?? AssignmentKernels.Default;
        _bounds = bounds;
    }

    /// <summary>A shard of raw rows that are in memory.</summary>
    /// <param name="values">Row by row; NaN is a missing value. The shard keeps the array and does not change it.</param>
    /// <param name="columns">Columns of a row, at least 1.</param>
    /// <param name="rowIds">For each row an id of its own.</param>
    /// <param name="kernel">What labels the rows.</param>
    /// <param name="bounds">Whether steps may leave rows out.</param>
    /// <exception cref="ArgumentException">A value is infinite or beyond 1e150, or the lengths do not fit.</exception>
    public ShardRows(double[] values, int columns, ulong[] rowIds, IAssignmentKernel? kernel = null, bool bounds = true)
        : this([(ReadOnlyMemory<double>)values], columns, rowIds, kernel, bounds)
    {
        if (values.Length != (long)rowIds.Length * columns)
            throw new ArgumentException($"{values.Length} values are not {rowIds.Length} rows of {columns} columns.", nameof(values));
        CheckMagnitudes(values, 0);
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
    /// <exception cref="ArgumentException">A value is infinite or beyond 1e150.</exception>
    public ColumnExtremes Extremes()
    {
        var result = new ColumnExtremes(Count, new long[Columns], new double[Columns], new double[Columns]);
        Array.Fill(result.Min, double.PositiveInfinity);
        Array.Fill(result.Max, double.NegativeInfinity);
        foreach (var (first, block) in Raw())
        {
            var values = block.Span;
            CheckMagnitudes(values, first);
            for (var at = 0; at < values.Length; at += Columns)
            {
                for (var c = 0; c < Columns; c++)
                {
                    var value = values[at + c];
                    if (double.IsNaN(value))
                        continue;
                    result.Present[c]++;
                    result.Min[c] = Math.Min(result.Min[c], value);
                    result.Max[c] = Math.Max(result.Max[c], value);
                }
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
        foreach (var (_, block) in Raw())
        {
            var values = block.Span;
            for (var at = 0; at < values.Length; at += Columns)
            {
                for (var c = 0; c < Columns; c++)
                {
                    var value = values[at + c];
                    if (!double.IsNaN(value))
                        sums[c] += FixedPoint.ToFixed(value, factors[c]);
                }
            }
        }

        return ExactSums.Of(sums);
    }

    /// <summary>How many columns' digits are counted in one pass, at 256 KB each.</summary>
    private const int MostCounted = 16;

    /// <summary>Counts the next digits of the values' keys (see <see cref="DigitQuery"/>).</summary>
    public DigitCounts Digits(DigitQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var shift = 48 - (16 * query.Round);
        var targets = Enumerable.Range(0, query.Columns.Length).Select(t => (Column: query.Columns[t], Prefix: query.Round == 0 ? 0 : query.Prefixes[t])).ToArray();
        var builder = new DigitCounts.Builder(targets.Length);
        var counts = ArrayPool<int>.Shared.Rent(Math.Min(targets.Distinct().Count(), MostCounted) * OrderKey.Digits);
        try
        {
            for (var from = 0; from < targets.Length;)
            {
                // The two middle values of a column mostly begin alike, and are counted once.
                var different = new List<(int Column, ulong Prefix)>();
                var to = from;
                for (; to < targets.Length; to++)
                {
                    if (different.Contains(targets[to]))
                        continue;
                    if (different.Count == MostCounted)
                        break;
                    different.Add(targets[to]);
                }

                Array.Clear(counts, 0, different.Count * OrderKey.Digits);
                CountInto(CollectionsMarshal.AsSpan(different));
                for (; from < to; from++)
                    builder.Take<int>(Of(different.IndexOf(targets[from])));
            }

            return builder.Build();
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
        }

        Span<int> Of(int target) => counts.AsSpan(target * OrderKey.Digits, OrderKey.Digits);

        void CountInto(ReadOnlySpan<(int Column, ulong Prefix)> different)
        {
            foreach (var (_, block) in Raw())
            {
                for (var row = block.Span; row.Length > 0; row = row[Columns..])
                {
                    for (var t = 0; t < different.Length; t++)
                    {
                        var (column, prefix) = different[t];
                        var value = row[column];
                        var key = OrderKey.Of(value) >> shift;
                        if (key >> 16 == prefix && !double.IsNaN(value))
                            counts[(t * OrderKey.Digits) + (int)(key & 0xFFFF)]++;
                    }
                }
            }
        }
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
        foreach (var (_, block) in Raw())
        {
            var values = block.Span;
            for (var at = 0; at < values.Length; at += Columns)
            {
                for (var c = 0; c < Columns; c++)
                {
                    var value = values[at + c];
                    var part = ((double.IsNaN(value) ? fill[c] : value) - mean[c]) * factors[c];
                    sums[c] += FixedPoint.ToFixed(part * part, one);
                }
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
        foreach (var (first, block) in Raw())
        {
            var values = block.Span;
            for (var c = 0; c < Columns; c++)
            {
                var transform = scale.Of(c);
                var perUnit = 1 / scale.Unit(c);
                for (int from = 0, rows = values.Length / Columns; from < rows; from += SquaresAtOnce)
                {
                    var sum = 0L;
                    for (var r = from; r < Math.Min(rows, from + SquaresAtOnce); r++)
                    {
                        var value = transform.Of(values[(r * Columns) + c]);
                        var units = value * perUnit;
                        if (Math.Abs(units) > 1 << Scale.GridBits)
                            throw new ArgumentException(
                                $"Row {first + r} has {values[(r * Columns) + c]} in column {c}, outside of the range that the scale was made from.",
                                nameof(scale));
                        sum += (long)(units * units);
                        tiles.Values[Tiles.Index(first + r, c, Columns)] = value;
                    }

                    squares[c] += sum;
                }
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
        if (Count == 0 || count == 0)
            return Pick([], _ => 0);
        // Of rows with one id all have to be there for their values to decide.
        var of = new RowHashes(seed, 0);
        var last = count < Count ? Smallest(of, count) : ulong.MaxValue;
        var rows = new List<int>(Math.Min(count, Count));
        Span<ulong> room = stackalloc ulong[HashedAtOnce];
        for (var first = 0; first < Count; first += HashedAtOnce)
        {
            var hashes = Hashes(of, first, room);
            for (var i = 0; i < hashes.Length; i++)
            {
                if (hashes[i] <= last)
                    rows.Add(first + i);
            }
        }

        return RowSet.SmallestHash([Pick(CollectionsMarshal.AsSpan(rows), _ => 0)], seed, count);
    }

    /// <summary>The hash that so many rows' are at most.</summary>
    private ulong Smallest(RowHashes of, int count)
    {
        // Hashes are spread evenly: below a share of their range lies about that share of them, and only where ids are not each row's own are there fewer by so much.
        var share = (count + (6 * Math.Sqrt(count)) + 16) / Count;
        var lowest = share < 1 ? HashesUpTo(of, (ulong)(share * ulong.MaxValue)) : [];
        if (lowest.Count < count)
            lowest = HashesUpTo(of, ulong.MaxValue);
        lowest.Sort();
        return lowest[count - 1];
    }

    private List<ulong> HashesUpTo(RowHashes of, ulong limit)
    {
        var lowest = new List<ulong>();
        Span<ulong> room = stackalloc ulong[HashedAtOnce];
        for (var first = 0; first < Count; first += HashedAtOnce)
        {
            foreach (var hash in Hashes(of, first, room))
            {
                if (hash <= limit)
                    lowest.Add(hash);
            }
        }

        return lowest;
    }

    /// <summary>The hashes of the rows from one on, as many as there is room for.</summary>
    private ReadOnlySpan<ulong> Hashes(RowHashes of, int first, Span<ulong> room)
    {
        var hashes = room[..Math.Min(room.Length, Count - first)];
        of.Of(_rowIds.AsSpan(first, hashes.Length), hashes);
        return hashes;
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

    /// <summary>The raw rows, and of each block which row is its first.</summary>
    private IEnumerable<(int First, ReadOnlyMemory<double> Block)> Raw()
    {
        var first = 0;
        foreach (var block in _raw)
        {
            if (block.Length % Columns != 0 || first + (block.Length / Columns) > Count)
                throw new InvalidOperationException($"{block.Length} values from row {first} on are not some of {Count} rows of {Columns} columns.");
            yield return (first, block);
            first += block.Length / Columns;
        }

        if (first != Count)
            throw new InvalidOperationException($"There are {first} rows where there were {Count}.");
    }

    private void CheckMagnitudes(ReadOnlySpan<double> values, int firstRow)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (Math.Abs(values[i]) > Scaling.MaxMagnitude)
                throw new ArgumentException(
                    $"Row {firstRow + (i / Columns)} has {values[i]} in column {i % Columns}; values must lie within ±{Scaling.MaxMagnitude}.");
        }
    }

    private void CheckWidth<T>(T[] values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        if (values.Length != Columns)
            throw new ArgumentException($"{values.Length} values where the rows have {Columns} columns.", name);
    }
}
