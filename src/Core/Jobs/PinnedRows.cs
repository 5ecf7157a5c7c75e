using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Auie.Core.Jobs;

/// <summary>
/// One shard's rows as a job pinned them: ids, values row by row (NaN: missing), and for each row the segment that it had in the version
/// before (-1: none). Layout, little-endian: version, columns and rows as int32; the ids; the values; the segments as int32.
/// </summary>
public sealed record PinnedRows(int Columns, ulong[] RowIds, double[] Values, int[] Previous)
{
    private const int CurrentVersion = 1;
    private const int HeaderLength = 12;

    public byte[] Encode()
    {
        var bytes = new byte[Length(RowIds.Length, Columns)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, CurrentVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Columns);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), RowIds.Length);
        var rest = Put(MemoryMarshal.AsBytes<ulong>(RowIds), bytes.AsSpan(HeaderLength));
        rest = Put(MemoryMarshal.AsBytes<double>(Values), rest);
        Put(MemoryMarshal.AsBytes<int>(Previous), rest);
        return bytes;
    }

    /// <exception cref="FormatException">The bytes are not pinned rows of a version that this code knows.</exception>
    public static PinnedRows Decode(ReadOnlySpan<byte> bytes)
    {
        var (columns, rows) = Header(bytes);
        var result = new PinnedRows(columns, new ulong[rows], new double[rows * columns], new int[rows]);
        var rest = bytes[HeaderLength..];
        rest = Take(rest, MemoryMarshal.AsBytes(result.RowIds.AsSpan()));
        rest = Take(rest, MemoryMarshal.AsBytes(result.Values.AsSpan()));
        Take(rest, MemoryMarshal.AsBytes(result.Previous.AsSpan()));
        return result;
    }

    /// <summary>Of some of the rows the values alone.</summary>
    /// <exception cref="FormatException">The bytes are not pinned rows of a version that this code knows.</exception>
    public static double[] DecodeValues(ReadOnlySpan<byte> bytes, Range part)
    {
        var (columns, rows) = Header(bytes);
        var (first, count) = part.GetOffsetAndLength(rows);
        var values = new double[count * columns];
        Take(bytes[(HeaderLength + (rows * sizeof(ulong)) + (first * columns * sizeof(double)))..], MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static (int Columns, int Rows) Header(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadInt32LittleEndian(bytes) != CurrentVersion)
            throw new FormatException("Pinned rows have a layout that this version does not read.");
        var columns = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var rows = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        return columns < 1 || rows < 0 || bytes.Length != Length(rows, columns)
            ? throw new FormatException($"Pinned rows of {columns} columns and {rows} rows do not take {bytes.Length} bytes.")
            : (columns, rows);
    }

    private static long Length(long rows, long columns) => HeaderLength + rows * (sizeof(ulong) + columns * sizeof(double) + sizeof(int));

    private static Span<byte> Put(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return to[from.Length..];
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from[..to.Length].CopyTo(to);
        return from[to.Length..];
    }
}
