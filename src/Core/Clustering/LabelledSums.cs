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
internal sealed class LabelledSums
{
    // No centroid has this index.
    private const byte None = byte.MaxValue;

    // Rows of a tile that move at most one by one; above, the whole tile is turned into rows first.
    private const int MaxSingly = 12;

    // Floats and doubles that are added at once.
    private const int Step = 8;

    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stride;
    private readonly byte[] _labels;
    private readonly long[] _counts;
    private readonly Memory<double> _sums;
    private readonly Memory<float> _moving;

    /// <summary>No row has a label yet.</summary>
    public LabelledSums(int rows, int clusters, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + Step - 1) / Step * Step;
        _labels = new byte[Tiles.Count(rows) * Tiles.Rows];
        _labels.AsSpan().Fill(None);
        (_counts, _sums, _moving) = (new long[clusters], Kernels.Memory.Aligned<double>(clusters * _stride), Kernels.Memory.Aligned<float>(Tiles.Rows * _stride));
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
        var rows = _moving.Span;
        var singly = BitOperations.PopCount(moved) <= MaxSingly;
        if (singly)
        {
            // All are taken out before any is added, for what was just written value by value cannot be read at once as a vector.
            var at = 0;
            for (var left = moved; left != 0; left &= left - 1)
                Tiles.CopyRow(tile, BitOperations.TrailingZeroCount(left), rows.Slice(_stride * at++, _columns));
        }
        else
        {
            Tiles.CopyRows(tile, _columns, rows, _stride);
        }

        ref var row = ref MemoryMarshal.GetReference(rows);
        for (var at = 0; moved != 0; moved &= moved - 1)
        {
            var r = BitOperations.TrailingZeroCount(moved);
            Move(ref old[r], labels[r], ref Unsafe.Add(ref row, _stride * (singly ? at++ : r)));
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
        var values = _moving.Span[.._stride];
        Tiles.CopyRow(tile, lane, values[.._columns]);
        Move(ref _labels[row], label, ref MemoryMarshal.GetReference(values));
    }

    private void Move(ref byte label, byte to, ref float row)
    {
        ref var sums = ref MemoryMarshal.GetReference(_sums.Span);
        if (label != None)
        {
            _counts[label]--;
            ref var from = ref Unsafe.Add(ref sums, label * _stride);
            for (nuint at = 0; at < (nuint)_stride; at += Step)
                (Vector512.LoadUnsafe(ref from, at) - Doubles(ref row, at)).StoreUnsafe(ref from, at);
        }

        _counts[to]++;
        sums = ref Unsafe.Add(ref sums, to * _stride);
        for (nuint at = 0; at < (nuint)_stride; at += Step)
            (Vector512.LoadUnsafe(ref sums, at) + Doubles(ref row, at)).StoreUnsafe(ref sums, at);
        label = to;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Doubles(ref float row, nuint at)
    {
        var floats = Vector256.LoadUnsafe(ref row, at);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Double(floats);
        var (lower, upper) = Vector256.Widen(floats);
        return Vector512.Create(lower, upper);
    }

    private static ulong Different(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        ~Vector512.Equals(Vector512.Create(one), Vector512.Create(other)).ExtractMostSignificantBits();
}
