using System.Buffers.Binary;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>
/// A frame on a connection: four bytes that say how many follow, little-endian like all numbers, a byte for the kind, and the body. Calls, and what is about one, begin
/// with the call's number in eight bytes; a call goes on with four bytes for the milliseconds that are left for it, a byte of flags, and its message.
/// </summary>
internal readonly ref struct Frame
{
    public const int HeaderSize = 5, NumberSize = 8, CallHeaderSize = NumberSize + 5;

    // Flags of a call.
    public const byte Cancellable = 1;

    /// <summary>The caller's slot is being handed over.</summary>
    public const byte HandingOver = 2;

    public required FrameKind Kind { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>The number of the call that the frame is about.</summary>
    public ulong Number => Body.Length >= NumberSize
        ? BinaryPrimitives.ReadUInt64LittleEndian(Body)
        : throw new WireFormatException($"A frame of the kind {Kind} has no number of a call.");

    /// <summary>What follows the number.</summary>
    public ReadOnlySpan<byte> AfterNumber => Body[NumberSize..];

    /// <summary>How long a call may take.</summary>
    public TimeSpan TimeLeft => TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(CallHeader[NumberSize..]));

    public bool IsCancellable => (CallHeader[^1] & Cancellable) != 0;

    public bool IsOfHandingOver => (CallHeader[^1] & HandingOver) != 0;

    public ReadOnlySpan<byte> Message => Body[CallHeader.Length..];

    private ReadOnlySpan<byte> CallHeader => Body.Length >= CallHeaderSize
        ? Body[..CallHeaderSize]
        : throw new WireFormatException("A frame of a call is cut short.");

    /// <summary>Reads the first frame of some bytes.</summary>
    /// <param name="limit">How many bytes its body may have.</param>
    /// <param name="size">How many bytes it has, or will have.</param>
    /// <returns>False where it is not there in full.</returns>
    /// <exception cref="WireFormatException">These bytes begin no frame, or one that is too large.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int limit, out Frame frame, out int size)
    {
        frame = default;
        size = HeaderSize;
        if (bytes.Length < sizeof(uint))
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length == 0 || length - 1 > (uint)limit)
            throw new WireFormatException($"A frame of {length} bytes is announced, of at most {limit}.");
        size = sizeof(uint) + (int)length;
        if (bytes.Length < size)
            return false;
        frame = new() { Kind = (FrameKind)bytes[sizeof(uint)], Body = bytes[HeaderSize..size] };
        return true;
    }

    /// <summary>Writes what is before the body.</summary>
    public static void WriteHeader(Span<byte> to, FrameKind kind, int bodyLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)bodyLength + 1);
        to[sizeof(uint)] = (byte)kind;
    }

    /// <summary>Writes what is between the header and the message of a call.</summary>
    public static void WriteCallHeader(Span<byte> to, ulong number, uint millisecondsLeft, byte flags)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[NumberSize..], millisecondsLeft);
        to[CallHeaderSize - 1] = flags;
    }

    /// <summary>A whole frame.</summary>
    public static byte[] Of(FrameKind kind, ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeaderSize + body.Length];
        WriteHeader(frame, kind, body.Length);
        body.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }
}
