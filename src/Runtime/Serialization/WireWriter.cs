using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Auie.Runtime.Serialization;

/// <summary>Writes values into one growing buffer, little-endian. A field is a varint tag (number times 8, plus its <see cref="WireType"/>) and
/// the value. Not thread-safe; disposing gives the buffer back.</summary>
public sealed class WireWriter : IDisposable
{
    private const int LargestKept = 64 << 10;

    [ThreadStatic]
    private static WireWriter? t_free;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256);
    private int _length;
    private int _depth;

    /// <summary>An empty writer: this thread's own, unless that is in use. One that is not given back is lost to the thread, and no more.</summary>
    internal static WireWriter Rent()
    {
        var writer = t_free ?? new();
        t_free = null;
        return writer;
    }

    internal static void Return(WireWriter writer)
    {
        if (writer._buffer.Length > LargestKept)
        {
            writer.Dispose();
            return;
        }

        (writer._length, writer._depth) = (0, 0);
        t_free = writer;
    }

    /// <summary>What has been written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Where the writer is, to come back to if what is written next cannot be.</summary>
    internal (int Length, int Depth) Mark() => (_length, _depth);

    internal void BackTo((int Length, int Depth) mark) => (_length, _depth) = mark;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    /// <summary>Writes a field, or that it is null.</summary>
    public void WriteField<T>(uint number, Codec<T> codec, T value)
    {
        if (value is null)
        {
            WriteTag(number, WireType.Null);
            return;
        }

        WriteTag(number, codec.WireType);
        codec.Write(this, value);
    }

    public void WriteTag(uint number, WireType type) => WriteVarint(((ulong)number << 3) | (uint)type);

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteVarint(ulong value)
    {
        var span = Reserve(10, advance: false);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _length += length;
    }

    /// <summary>Writes a signed number so that small magnitudes are short.</summary>
    public void WriteZigZag(long value) => WriteVarint(((ulong)value << 1) ^ (ulong)(value >> 63));

    public void WriteFixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void WriteFixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>Writes bytes with their length before them.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Writes text as UTF-8 with its length in bytes before it.</summary>
    public void WriteString(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    /// <summary>Writes numbers as they lie in memory, with their length in bytes before them.</summary>
    public void WriteBlittable<T>(ReadOnlySpan<T> values) where T : unmanaged => WriteBytes(MemoryMarshal.AsBytes(values));

    /// <summary>Begins a block whose length is not known yet.</summary>
    /// <returns>What <see cref="EndBlock"/> has to be given.</returns>
    public int BeginBlock()
    {
        if (++_depth > WireReader.MaxDepth)
            throw new WireFormatException($"The value is nested more than {WireReader.MaxDepth} deep, or contains itself.");
        WriteByte(0);
        return _length;
    }

    /// <summary>Ends a block: writes its length before it, moving it up where that takes more than the one byte held free.</summary>
    public void EndBlock(int start)
    {
        _depth--;
        var length = _length - start;
        if (length < 0x80)
        {
            _buffer[start - 1] = (byte)length;
            return;
        }

        var extra = 0;
        for (var rest = (uint)length >> 7; rest != 0; rest >>= 7)
            extra++;
        Reserve(extra);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + extra));
        var value = (uint)length;
        for (var i = start - 1; i < start + extra; i++, value >>= 7)
            _buffer[i] = (byte)(value >= 0x80 ? value | 0x80 : value);
    }

    private Span<byte> Reserve(int count, bool advance = true)
    {
        if (_buffer.Length - _length < count)
            Grow(count);
        var span = _buffer.AsSpan(_length, count);
        if (advance)
            _length += count;
        return span;
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_length + count, (int)Math.Min((long)_buffer.Length * 2, Array.MaxLength))));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
