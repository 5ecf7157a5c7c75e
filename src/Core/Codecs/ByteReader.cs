using System.Text;

namespace Auie.Core.Codecs;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Whatever the bytes are, it either returns a value or throws <see cref="CodecException"/>,
/// and never makes room for more than the bytes that are there could hold.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes, string what)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public readonly CodecException Fail(string reason) => new(what, Position, reason);

    public byte Byte() => Bytes(1)[0];

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining)
            throw Fail($"{count} bytes are wanted and {Remaining} are left");
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1)
                break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw Fail("an integer is longer than 64 bits");
    }

    public long Zigzag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>What <see cref="ByteWriter.Varint"/> wrote, as a signed integer.</summary>
    public long NonNegative() => Varint() is <= long.MaxValue and var value ? (long)value : throw Fail("a number is out of range");

    /// <summary>An integer from 0 to <paramref name="maximum"/>.</summary>
    public int Bounded(int maximum)
    {
        var value = Varint();
        return value <= (ulong)maximum ? (int)value : throw Fail($"{value} is out of the range up to {maximum}");
    }

    /// <summary>How many elements follow, each of which takes at least <paramref name="bytesEach"/> bytes.</summary>
    public int Count(int bytesEach = 1) => Bounded(Remaining / bytesEach);

    public string Text() => Text("");

    /// <summary>Text, after what it begins with.</summary>
    public string Text(ReadOnlySpan<char> beginning)
    {
        const int small = 512;
        var text = Bytes(Count());
        try
        {
            if (beginning.IsEmpty)
                return Utf8.GetString(text);
            var most = beginning.Length + text.Length;
            Span<char> whole = most <= small ? stackalloc char[small] : new char[most];
            beginning.CopyTo(whole);
            return new string(whole[..(beginning.Length + Utf8.GetChars(text, whole[beginning.Length..]))]);
        }
        catch (DecoderFallbackException)
        {
            throw Fail("text is not UTF-8");
        }
    }

    /// <summary>Checks that nothing is left.</summary>
    public readonly void End()
    {
        if (Remaining > 0)
            throw Fail($"{Remaining} bytes are left over");
    }
}
