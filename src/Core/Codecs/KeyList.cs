using System.Buffers.Binary;
using System.Text;

namespace Auie.Core.Codecs;

/// <summary>
/// The codec of keys in ascending order: the first whole, of each other one how many bytes it shares with the one before, and the rest.
/// Where every rest is of digits, as with numeric ids and with numbered ones ("user-17"), two digits share a byte.
/// Format: count; if any: digits (0 or 1), length and bytes of the first key; for each other key a byte of shared (high half) and rest's
/// length (low half), either 15 with the excess following as an integer; the rest.
/// </summary>
internal static class KeyList
{
    /// <summary>No key is longer, in bytes.</summary>
    public const int LongestKey = 256;

    private const int Escape = 15;

    /// <exception cref="ArgumentException">A key is longer than keys may be.</exception>
    public static void Write(ByteWriter writer, ref readonly Keys keys, int from, int to)
    {
        writer.Varint((ulong)(to - from));
        if (to == from)
            return;
        var digits = HoldsDigitsOnly(in keys, from, to);
        writer.Byte(digits ? (byte)1 : (byte)0);
        var previous = keys[from];
        CheckLength(previous);
        writer.Varint((ulong)previous.Length);
        writer.Bytes(previous);
        for (var i = from + 1; i < to; i++)
        {
            var key = keys[i];
            CheckLength(key);
            var shared = previous.CommonPrefixLength(key);
            var rest = key[shared..];
            writer.Byte((byte)((Math.Min(shared, Escape) << 4) | Math.Min(rest.Length, Escape)));
            if (shared >= Escape)
                writer.Varint((ulong)(shared - Escape));
            if (rest.Length >= Escape)
                writer.Varint((ulong)(rest.Length - Escape));
            if (digits)
                WriteDigits(writer, rest);
            else
                writer.Bytes(rest);
            previous = key;
        }
    }

    public static void Read(ref ByteReader reader, ref Keys keys)
    {
        var count = reader.Count();
        if (count == 0)
            return;
        var digits = reader.Bounded(1) == 1;
        var previous = keys.Add(reader.Bytes(reader.Bounded(LongestKey)));
        Span<byte> key = stackalloc byte[LongestKey];
        for (var i = 1; i < count; i++)
        {
            var header = reader.Byte();
            var shared = header >> 4;
            var length = header & 15;
            if (shared == Escape)
                shared += reader.Bounded(LongestKey);
            if (length == Escape)
                length += reader.Bounded(LongestKey);
            if (shared > previous.Length || shared + length > LongestKey)
                throw reader.Fail("a key is longer than it can be");
            previous[..shared].CopyTo(key);
            var rest = key.Slice(shared, length);
            if (digits)
                ReadDigits(ref reader, rest);
            else
                reader.Bytes(length).CopyTo(rest);
            if (previous[shared..].SequenceCompareTo(rest) >= 0)
                throw reader.Fail("keys are not in ascending order");
            previous = keys.Add(key[..(shared + length)]);
        }
    }

    private static bool HoldsDigitsOnly(ref readonly Keys keys, int from, int to)
    {
        var previous = keys[from];
        for (var i = from + 1; i < to; i++)
        {
            var key = keys[i];
            if (key[previous.CommonPrefixLength(key)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                return false;
            previous = key;
        }
        return true;
    }

    private static void CheckLength(ReadOnlySpan<byte> key)
    {
        if (key.Length > LongestKey)
            throw new ArgumentException($"A key of {key.Length} bytes is longer than {LongestKey}.", nameof(key));
    }

    private static void WriteDigits(ByteWriter writer, ReadOnlySpan<byte> digits)
    {
        for (var i = 0; i < digits.Length; i += 2)
            writer.Byte((byte)(((digits[i] - '0') << 4) | (i + 1 < digits.Length ? digits[i + 1] - '0' : 0)));
    }

    private static void ReadDigits(ref ByteReader reader, scoped Span<byte> digits)
    {
        var packed = reader.Bytes((digits.Length + 1) / 2);
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = i % 2 == 0 ? packed[i / 2] >> 4 : packed[i / 2] & 15;
            if (digit > 9)
                throw reader.Fail("a digit is out of range");
            digits[i] = (byte)('0' + digit);
        }
    }
}

/// <summary>Keys as UTF-8 bytes, one after the other in one buffer that is used again and again.</summary>
internal struct Keys()
{
    private const int Fewest = 4;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private byte[] _bytes = [];
    private int[] _ends = [];

    public int Count { get; private set; }

    public readonly ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }

    public void Clear() => Count = 0;

    /// <summary>Adds a key and returns where it lies now.</summary>
    public ReadOnlySpan<byte> Add(scoped ReadOnlySpan<byte> key)
    {
        var start = Count == 0 ? 0 : _ends[Count - 1];
        if (_bytes.Length - start < key.Length)
            Array.Resize(ref _bytes, Math.Max(Math.Max(Fewest * 8, 2 * _bytes.Length), start + key.Length));
        if (_ends.Length == Count)
            Array.Resize(ref _ends, Math.Max(Fewest, 2 * _ends.Length));
        key.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + key.Length;
        return _bytes.AsSpan(start, key.Length);
    }

    /// <summary>Adds text as a key.</summary>
    /// <exception cref="EncoderFallbackException">It holds half a surrogate pair.</exception>
    public void Add(string key)
    {
        var length = Utf8.GetByteCount(key);
        Span<byte> bytes = length <= KeyList.LongestKey ? stackalloc byte[KeyList.LongestKey] : new byte[length];
        Add(bytes[..Utf8.GetBytes(key, bytes)]);
    }

    /// <summary>The places of the keys in the order of their bytes, equal keys next to each other.</summary>
    public readonly int[] Order()
    {
        // By their first eight bytes as numbers, which is many times faster than comparing keys; then those alike in these.
        var prefixes = new ulong[Count];
        var places = new int[Count];
        for (var i = 0; i < places.Length; i++)
            (prefixes[i], places[i]) = (Prefix(this[i]), i);
        Array.Sort(prefixes, places);
        var keys = this;
        for (var from = 0; from < places.Length;)
        {
            var to = from + 1;
            while (to < places.Length && prefixes[to] == prefixes[from])
                to++;
            if (to - from > 1)
                places.AsSpan(from, to - from).Sort((a, b) => keys[a].SequenceCompareTo(keys[b]));
            from = to;
        }
        return places;
    }

    private static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    /// <summary>A key as text; where it is none, the reader that it came from says so.</summary>
    public readonly string Text(int index, ref ByteReader reader)
    {
        try
        {
            return Utf8.GetString(this[index]);
        }
        catch (DecoderFallbackException)
        {
            throw reader.Fail("a key is not UTF-8");
        }
    }
}
