using System.Numerics;
using System.Text;

namespace Auie.Core.Codecs;

/// <summary>Writes the primitives of all stored codecs into a buffer that grows; integers are LEB128.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private byte[] _bytes = new byte[capacity];

    /// <summary>A buffer that has become larger is not kept for the next use.</summary>
    private const int LargestKept = 1 << 16;

    [ThreadStatic]
    private static ByteWriter? _ofThread;

    /// <summary>This thread's writer, empty: for bytes that are done with before anything else on the thread asks for it.</summary>
    internal static ByteWriter OfThread
    {
        get
        {
            if (_ofThread is null || _ofThread._bytes.Length > LargestKept)
                _ofThread = new ByteWriter();
            _ofThread.Clear();
            return _ofThread;
        }
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => Length = 0;

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>An unsigned integer, seven bits a byte, the lowest first.</summary>
    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    /// <summary>A signed integer, in zigzag: small magnitudes are short.</summary>
    public void Zigzag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Text as UTF-8 after its length in bytes.</summary>
    /// <exception cref="EncoderFallbackException">The text holds half a surrogate pair.</exception>
    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Text(value.AsSpan());
    }

    /// <inheritdoc cref="Text(string)"/>
    public void Text(ReadOnlySpan<char> value)
    {
        var length = Utf8.GetByteCount(value);
        Varint((ulong)length);
        Utf8.GetBytes(value, Reserve(length));
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(Length + count)));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
