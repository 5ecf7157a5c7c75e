using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Auie.Runtime.Serialization;

/// <summary>Reads what <see cref="WireWriter"/> wrote. Whatever the bytes are, it ends, allocates no more than a small multiple of their number, and
/// fails with <see cref="WireFormatException"/>.</summary>
public ref struct WireReader
{
    /// <summary>How deep objects and collections may be nested in each other.</summary>
    public const int MaxDepth = 100;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest;
    private int _depth;

    public WireReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>How many bytes are left, of the block that is being read.</summary>
    public readonly int Remaining => _rest.Length;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads the tag of the next field; false at the end of the block.</summary>
    public bool TryReadTag(out uint number, out WireType type)
    {
        if (_rest.IsEmpty)
        {
            (number, type) = (0, default);
            return false;
        }

        var tag = ReadVarint();
        if (tag >> 3 > uint.MaxValue)
            throw new WireFormatException($"The field number {tag >> 3} is out of range.");
        (number, type) = ((uint)(tag >> 3), (WireType)(tag & 7));
        return true;
    }

    /// <summary>Reads a field's value: null where it is marked so.</summary>
    public T ReadField<T>(WireType type, Codec<T> codec)
    {
        if (type == WireType.Null)
            return default(T) is null ? default! : throw new WireFormatException($"A {typeof(T).Name} cannot be null.");
        if (type != codec.WireType)
            throw new WireFormatException($"A {typeof(T).Name} cannot be read from the wire type {type}.");
        return codec.Read(ref this);
    }

    /// <summary>Passes over a field that the reader does not know.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Null: break;
            case WireType.Varint: ReadVarint(); break;
            case WireType.Fixed32: Take(4); break;
            case WireType.Fixed64: Take(8); break;
            case WireType.Length: ReadBytes(); break;
            default: throw new WireFormatException($"There is no wire type {(int)type}.");
        }
    }

    public byte ReadByte() => Take(1)[0];

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadByte();
            if (shift == 63 && next > 1)
                break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new WireFormatException("A varint is longer than 64 bits.");
    }

    public long ReadZigZag()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadLength());

    public string ReadString() => Text(ReadBytes());

    /// <summary>The text that bytes are.</summary>
    /// <exception cref="WireFormatException">They are not valid UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (ArgumentException invalid)
        {
            throw new WireFormatException("A text is not valid UTF-8.", invalid);
        }
    }

    public T[] ReadBlittable<T>() where T : unmanaged
    {
        var bytes = ReadBytes();
        var size = Marshal.SizeOf<T>();
        if (bytes.Length % size != 0)
            throw new WireFormatException($"{bytes.Length} bytes are not a whole number of {typeof(T).Name}.");
        var values = new T[bytes.Length / size];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Reads how many elements follow; each takes at least one byte, so that a garbled count cannot ask for more memory than there are bytes.</summary>
    public int ReadCount()
    {
        var count = ReadVarint();
        return count <= (ulong)_rest.Length ? (int)count : throw new WireFormatException($"{count} elements cannot follow in {_rest.Length} bytes.");
    }

    /// <summary>Enters a block: what is read from here on is of it alone.</summary>
    /// <returns>What <see cref="LeaveBlock"/> has to be given.</returns>
    public ReadOnlySpan<byte> EnterBlock()
    {
        if (++_depth > MaxDepth)
            throw new WireFormatException($"The value is nested more than {MaxDepth} deep.");
        var length = ReadLength();
        var after = _rest[length..];
        _rest = _rest[..length];
        return after;
    }

    public void LeaveBlock(ReadOnlySpan<byte> after)
    {
        if (!_rest.IsEmpty)
            throw new WireFormatException($"{_rest.Length} bytes of a block were not read.");
        _depth--;
        _rest = after;
    }

    private int ReadLength()
    {
        var length = ReadVarint();
        return length <= (ulong)_rest.Length ? (int)length : throw new WireFormatException($"{length} bytes are announced and {_rest.Length} are left.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new WireFormatException($"The message is cut short: {count} bytes are needed and {_rest.Length} are left.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
