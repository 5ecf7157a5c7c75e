using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering;

/// <summary>
/// The labels of a shard's rows, and the sizes and sums by label, which follow the labels: only rows whose label changes are moved between
/// the sums, which are exact either way.
/// </summary>
internal sealed unsafe class LabelledSums
{
    // No centroid has this index.
    private const byte None = byte.MaxValue;

    // Columns that are added at once.
    private const int Step = 8;

    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stride;
    private readonly byte[] _labels;
    private readonly long[] _counts;
    private readonly Memory<double> _sums;
    private readonly double* _firstSum;

    /// <summary>No row has a label yet.</summary>
    public LabelledSums(int rows, int clusters, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + Step - 1) / Step * Step;
        _labels = new byte[Tiles.Count(rows) * Tiles.Rows];
        _labels.AsSpan().Fill(None);
        (_counts, _sums) = (new long[clusters], Kernels.Memory.Aligned<double>(clusters * _stride));
        // They never move.
        _firstSum = (double*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_sums.Span));
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
            _sums.Span.Slice(k * _stride, _columns).CopyTo(sums.AsSpan(k * _columns));
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
        for (; moved != 0; moved &= moved - 1)
        {
            var r = BitOperations.TrailingZeroCount(moved);
            Move(ref old[r], labels[r], tile, r);
        }
    }

    /// <summary>Gives a label to one row.</summary>
    /// <param name="row">Which.</param>
    /// <param name="tile">A tile that it stands in.</param>
    /// <param name="lane">Where in it.</param>
    /// <param name="label">The label.</param>
    public void Relabel(int row, ReadOnlySpan<float> tile, int lane, byte label)
    {
        if (_labels[row] != label)
            Move(ref _labels[row], label, tile, lane);
    }

    private void Move(ref byte label, byte to, ReadOnlySpan<float> tile, int lane)
    {
        ref var row = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), lane);
        var target = Sums(to);
        _counts[to]++;
        if (label == None)
        {
            for (var column = 0; column < _columns; column += Step)
                (Vector512.Load(target + column) + Values(ref row, column)).Store(target + column);
        }
        else
        {
            var source = Sums(label);
            _counts[label]--;
            for (var column = 0; column < _columns; column += Step)
            {
                var values = Values(ref row, column);
                (Vector512.Load(source + column) - values).Store(source + column);
                (Vector512.Load(target + column) + values).Store(target + column);
            }
        }

        label = to;
    }

    private double* Sums(byte label) => _firstSum + (label * _stride);

    /// <summary>A row's values in some columns, which are a tile's width apart; zeros beyond the last column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> Values(ref float row, int column)
    {
        ref var first = ref Unsafe.Add(ref row, column * Tiles.Rows);
        // One by one takes fewer cycles than to gather them.
        var floats = column + Step <= _columns
            ? Vector256.Create(
                Vector128.Create(first, Unsafe.Add(ref first, Tiles.Rows), Unsafe.Add(ref first, 2 * Tiles.Rows), Unsafe.Add(ref first, 3 * Tiles.Rows)),
                Vector128.Create(Unsafe.Add(ref first, 4 * Tiles.Rows), Unsafe.Add(ref first, 5 * Tiles.Rows), Unsafe.Add(ref first, 6 * Tiles.Rows), Unsafe.Add(ref first, 7 * Tiles.Rows)))
            : Last(ref first, _columns - column);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Double(floats);
        var (lower, upper) = Vector256.Widen(floats);
        return Vector512.Create(lower, upper);
    }

    private static Vector256<float> Last(ref float first, int columns)
    {
        return Vector256.Create(At(ref first, 0), At(ref first, 1), At(ref first, 2), At(ref first, 3), At(ref first, 4), At(ref first, 5), At(ref first, 6), 0);

        float At(ref float first, int column) => column < columns ? Unsafe.Add(ref first, column * Tiles.Rows) : 0;
    }

    private static ulong Different(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        ~Vector512.Equals(Vector512.Create(one), Vector512.Create(other)).ExtractMostSignificantBits();
}
