using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Clustering;

/// <summary>
/// The labels of a shard's rows, and the sizes and sums by label, which follow the labels: only rows whose label changes are moved between
/// the sums, which are exact either way.
/// </summary>
internal sealed class LabelledSums
{
    // No centroid has this index.
    private const byte None = byte.MaxValue;

    // Rows of a tile that move at most one by one; above, the whole tile is turned into rows first.
    private const int MaxSingly = 12;

    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stride;
    private readonly byte[] _labels;
    private readonly long[] _counts;
    private readonly double[] _sums;
    private readonly float[] _moving;

    /// <summary>No row has a label yet.</summary>
    public LabelledSums(int rows, int clusters, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        _labels = new byte[Tiles.Count(rows) * Tiles.Rows];
        _labels.AsSpan().Fill(None);
        (_counts, _sums) = (new long[clusters], new double[clusters * _stride]);
        _moving = new float[Tiles.Rows * _stride];
    }

    /// <summary>How many clusters.</summary>
    public int Clusters => _counts.Length;

    /// <summary>Each row's label.</summary>
    public ReadOnlySpan<byte> Labels => _labels.AsSpan(0, _rows);

    /// <summary>Each row's label, and of the rows that fill up the last tile none.</summary>
    public ReadOnlySpan<byte> TileLabels => _labels;

    /// <summary>Copies of the sizes and sums.</summary>
    public StepSums ToStep()
    {
        var sums = new double[Clusters * _columns];
        for (var k = 0; k < Clusters; k++)
            _sums.AsSpan(k * _stride, _columns).CopyTo(sums.AsSpan(k * _columns));
        return new StepSums([.. _counts], sums);
    }

    /// <summary>Gives labels to the rows of one tile.</summary>
    public void Relabel(int tileIndex, ReadOnlySpan<float> tile, ReadOnlySpan<byte> labels)
    {
        var start = tileIndex * Tiles.Rows;
        var old = _labels.AsSpan(start, Tiles.Rows);
        var moved = Different(old, labels);
        if (_rows - start < Tiles.Rows)
            moved &= (1UL << (_rows - start)) - 1;
        if (moved == 0)
            return;
        var singly = BitOperations.PopCount(moved) <= MaxSingly;
        if (!singly)
            Tiles.CopyRows(tile, _columns, _moving, _stride);
        for (; moved != 0; moved &= moved - 1)
        {
            var r = BitOperations.TrailingZeroCount(moved);
            var row = _moving.AsSpan(singly ? 0 : r * _stride, _stride);
            if (singly)
                Tiles.CopyRow(tile, r, row[.._columns]);
            Move(ref old[r], labels[r], row);
        }
    }

    /// <summary>Gives a label to one row.</summary>
    /// <param name="row">Which.</param>
    /// <param name="tile">A tile that it stands in.</param>
    /// <param name="lane">Where in it.</param>
    /// <param name="label">The label.</param>
    public void Relabel(int row, ReadOnlySpan<float> tile, int lane, byte label)
    {
        if (_labels[row] == label)
            return;
        Tiles.CopyRow(tile, lane, _moving.AsSpan(0, _columns));
        Move(ref _labels[row], label, _moving.AsSpan(0, _stride));
    }

    private void Move(ref byte label, byte to, ReadOnlySpan<float> row)
    {
        if (label != None)
        {
            _counts[label]--;
            Subtract(row, _sums.AsSpan(label * _stride, _stride));
        }

        _counts[to]++;
        Add(row, _sums.AsSpan(to * _stride, _stride));
        label = to;
    }

    private static ulong Different(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var same = 0UL;
        for (var at = 0; at < Tiles.Rows; at += Vector128<byte>.Count)
            same |= (ulong)Vector128.Equals(Vector128.Create(one[at..]), Vector128.Create(other[at..])).ExtractMostSignificantBits() << at;
        return ~same;
    }

    private static void Add(ReadOnlySpan<float> row, Span<double> sums)
    {
        var to = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var from = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var i = 0; i < from.Length; i++)
        {
            Vector.Widen(from[i], out var low, out var high);
            to[2 * i] += low;
            to[(2 * i) + 1] += high;
        }
    }

    private static void Subtract(ReadOnlySpan<float> row, Span<double> sums)
    {
        var to = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var from = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var i = 0; i < from.Length; i++)
        {
            Vector.Widen(from[i], out var low, out var high);
            to[2 * i] -= low;
            to[(2 * i) + 1] -= high;
        }
    }
}
