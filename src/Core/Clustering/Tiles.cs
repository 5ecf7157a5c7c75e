using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering;

/// <summary>
/// The layout of standardised rows: tiles of 64 rows, within a tile column by column, so that neighbouring lanes of a vector are
/// neighbouring rows. The last tile is padded with zeros.
/// </summary>
public static class Tiles
{
    /// <summary>Rows in a tile.</summary>
    public const int Rows = 64;

    /// <summary>How many tiles some rows need.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>How many floats the tiles of some rows hold.</summary>
    public static int Length(int rows, int columns) => checked(Count(rows) * Rows * columns);

    /// <summary>Where a row's value in a column stands.</summary>
    public static int Index(int row, int column, int columns) => ((row / Rows * columns) + column) * Rows + (row % Rows);

    /// <summary>Row-major values as tiles.</summary>
    public static float[] FromRows(ReadOnlySpan<float> values, int columns)
    {
        var rows = values.Length / columns;
        var tiles = new float[Length(rows, columns)];
        for (var row = 0; row < rows; row++)
        {
            var at = Index(row, 0, columns);
            for (var c = 0; c < columns; c++, at += Rows)
                tiles[at] = values[(row * columns) + c];
        }

        return tiles;
    }

    /// <summary>Copies one row out of its tile.</summary>
    public static void CopyRow(ReadOnlySpan<float> tiles, int row, Span<float> destination)
    {
        var at = Index(row, 0, destination.Length);
        for (var c = 0; c < destination.Length; c++, at += Rows)
            destination[c] = tiles[at];
    }

    /// <summary>Copies all rows out of one tile.</summary>
    /// <param name="tile">One tile.</param>
    /// <param name="columns">Columns of a row.</param>
    /// <param name="rows">Gets the rows, <paramref name="stride"/> apart.</param>
    /// <param name="stride">At least <paramref name="columns"/>.</param>
    public static void CopyRows(ReadOnlySpan<float> tile, int columns, Span<float> rows, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tile.Length, Rows * columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, Rows * stride);
        ref var from = ref MemoryMarshal.GetReference(tile);
        ref var to = ref MemoryMarshal.GetReference(rows);
        var column = 0;
        for (; column + 4 <= columns && (Sse.IsSupported || AdvSimd.Arm64.IsSupported); column += 4)
        {
            for (var row = 0; row < Rows; row += 4)
                CopySquare(ref Unsafe.Add(ref from, (column * Rows) + row), ref Unsafe.Add(ref to, (row * stride) + column), (nuint)stride);
        }

        for (; column < columns; column++)
        {
            for (var row = 0; row < Rows; row++)
                rows[(row * stride) + column] = tile[(column * Rows) + row];
        }
    }

    /// <summary>Four columns of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySquare(ref float from, ref float to, nuint stride)
    {
        var (a, b) = (Vector128.LoadUnsafe(ref from), Vector128.LoadUnsafe(ref from, Rows));
        var (c, d) = (Vector128.LoadUnsafe(ref from, 2 * Rows), Vector128.LoadUnsafe(ref from, 3 * Rows));
        var (ac, bd) = (Lower(a, c), Lower(b, d));
        Lower(ac, bd).StoreUnsafe(ref to);
        Upper(ac, bd).StoreUnsafe(ref to, stride);
        (ac, bd) = (Upper(a, c), Upper(b, d));
        Lower(ac, bd).StoreUnsafe(ref to, 2 * stride);
        Upper(ac, bd).StoreUnsafe(ref to, 3 * stride);

        // The lower, or upper, halves of two vectors by turns.
        static Vector128<float> Lower(Vector128<float> one, Vector128<float> other) =>
            Sse.IsSupported ? Sse.UnpackLow(one, other) : AdvSimd.Arm64.ZipLow(one, other);

        static Vector128<float> Upper(Vector128<float> one, Vector128<float> other) =>
            Sse.IsSupported ? Sse.UnpackHigh(one, other) : AdvSimd.Arm64.ZipHigh(one, other);
    }
}
