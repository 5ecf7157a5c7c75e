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

    // Columns that are added at once.
    private const int Step = 8;

    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stride;
    private readonly byte[] _labels;
    private readonly long[] _counts;
    private readonly Memory<double> _sums;

    /// <summary>No row has a label yet.</summary>
    public LabelledSums(int rows, int clusters, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + Step - 1) / Step * Step;
        _labels = new byte[Tiles.Count(rows) * Tiles.Rows];
        _labels.AsSpan().Fill(None);
        (_counts, _sums) = (new long[clusters], Kernels.Memory.Aligned<double>(clusters * _stride));
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
        ref var target = ref Sums(to);
        _counts[to]++;
        if (label == None)
        {
            for (var column = 0; column < _columns; column += Step)
                Store(Load(ref target, column) + Values(ref row, column), ref target, column);
        }
        else
        {
            ref var source = ref Sums(label);
            _counts[label]--;
            for (var column = 0; column < _columns; column += Step)
            {
                var values = Values(ref row, column);
                Store(Load(ref source, column) - values, ref source, column);
                Store(Load(ref target, column) + values, ref target, column);
            }
        }

        label = to;
    }

    private ref double Sums(byte label) => ref Unsafe.Add(ref MemoryMarshal.GetReference(_sums.Span), label * _stride);

    private static Vector512<double> Load(ref double sums, int column) => Vector512.LoadUnsafe(ref sums, (nuint)column);

    private static void Store(Vector512<double> value, ref double sums, int column) => value.StoreUnsafe(ref sums, (nuint)column);

    /// <summary>A row's values in some columns, which are a tile's width apart; zeros beyond the last column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe Vector512<double> Values(ref float row, int column)
    {
        ref var first = ref Unsafe.Add(ref row, column * Tiles.Rows);
        Vector256<float> floats;
        if (Avx2.IsSupported)
        {
            var places = Vector256<int>.Indices * Tiles.Rows;
            fixed (float* at = &first)
            {
                floats = column + Step <= _columns ? Avx2.GatherVector256(at, places, sizeof(float))
                    : Avx2.GatherMaskVector256(default, at, places, Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(_columns - column)).AsSingle(), sizeof(float));
            }
        }
        else
        {
            Span<float> values = stackalloc float[Step];
            values.Clear();
            for (var c = 0; c < Math.Min(Step, _columns - column); c++)
                values[c] = Unsafe.Add(ref first, c * Tiles.Rows);
            floats = Vector256.Create<float>(values);
        }

        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Double(floats);
        var (lower, upper) = Vector256.Widen(floats);
        return Vector512.Create(lower, upper);
    }

    private static ulong Different(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        ~Vector512.Equals(Vector512.Create(one), Vector512.Create(other)).ExtractMostSignificantBits();
}
