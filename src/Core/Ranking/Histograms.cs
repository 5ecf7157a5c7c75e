using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Ranking;

/// <summary>
/// Sums of gradients by bin. One block's histogram is its eight columns one after another, <see cref="BinnedRows.Stride"/> bins each, two words a bin.
/// </summary>
internal static class Histograms
{
    /// <summary>Words of a block's histogram.</summary>
    public static int Length(int stride) => BinnedRows.ColumnsPerBlock * stride * 2;

    /// <summary>Adds some rows of a block.</summary>
    /// <param name="rows">Which rows, in ascending order.</param>
    /// <param name="gradients">Two words for each of <paramref name="rows"/>.</param>
    public static void Add(ReadOnlySpan<ulong> block, ReadOnlySpan<int> rows, ReadOnlySpan<long> gradients, int stride, Span<long> histogram)
    {
        CheckRoom(gradients, rows.Length, stride, histogram);
        ref var word = ref MemoryMarshal.GetReference(block);
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var sums = ref MemoryMarshal.GetReference(histogram);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if ((uint)row >= (uint)block.Length) throw new ArgumentOutOfRangeException(nameof(rows), row, "There is no such row.");
            Add(ref sums, Unsafe.Add(ref word, row), Vector128.LoadUnsafe(ref gradient, (nuint)(2 * i)), (nuint)stride * 2);
        }
    }

    /// <summary>Adds rows of a block that lie together.</summary>
    public static void Add(ReadOnlySpan<ulong> rowsOfBlock, ReadOnlySpan<long> gradients, int stride, Span<long> histogram)
    {
        CheckRoom(gradients, rowsOfBlock.Length, stride, histogram);
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var sums = ref MemoryMarshal.GetReference(histogram);
        for (var i = 0; i < rowsOfBlock.Length; i++)
            Add(ref sums, rowsOfBlock[i], Vector128.LoadUnsafe(ref gradient, (nuint)(2 * i)), (nuint)stride * 2);
    }

    /// <summary>Turns the histogram of a node into that of its larger child.</summary>
    public static void Subtract(Span<long> parent, ReadOnlySpan<long> smaller)
    {
        var count = Vector512<long>.Count;
        ref var to = ref MemoryMarshal.GetReference(parent);
        ref var from = ref MemoryMarshal.GetReference(smaller);
        for (nuint i = 0; i < (nuint)smaller.Length; i += (nuint)count)
            (Vector512.LoadUnsafe(ref to, i) - Vector512.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
    }

    // A bin is a byte, and less than the stride, so that room for eight columns is room for whatever a word says.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref long sums, ulong bins, Vector128<long> gradient, nuint column)
    {
        Add(ref sums, (nuint)(bins & 255) * 2, gradient);
        Add(ref sums, column + (nuint)((bins >> 8) & 255) * 2, gradient);
        Add(ref sums, (2 * column) + (nuint)((bins >> 16) & 255) * 2, gradient);
        Add(ref sums, (3 * column) + (nuint)((bins >> 24) & 255) * 2, gradient);
        Add(ref sums, (4 * column) + (nuint)((bins >> 32) & 255) * 2, gradient);
        Add(ref sums, (5 * column) + (nuint)((bins >> 40) & 255) * 2, gradient);
        Add(ref sums, (6 * column) + (nuint)((bins >> 48) & 255) * 2, gradient);
        Add(ref sums, (7 * column) + (nuint)(bins >> 56) * 2, gradient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref long sums, nuint at, Vector128<long> gradient) =>
        (Vector128.LoadUnsafe(ref sums, at) + gradient).StoreUnsafe(ref sums, at);

    private static void CheckRoom(ReadOnlySpan<long> gradients, int rows, int stride, Span<long> histogram)
    {
        if (gradients.Length < 2 * (long)rows) throw new ArgumentException("Each row needs its two words.", nameof(gradients));
        if (histogram.Length < Length(stride)) throw new ArgumentException("The histogram is too short.", nameof(histogram));
    }
}
