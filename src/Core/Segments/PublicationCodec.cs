using System.Buffers.Binary;

namespace Auie.Core.Segments;

/// <summary>When a model was published, as bytes: the format's version, and the instant in ticks of UTC as an int64, little-endian.</summary>
public static class PublicationCodec
{
    private const byte FormatVersion = 1;
    private const int Length = 1 + sizeof(long);

    public static byte[] Encode(DateTimeOffset publishedAt)
    {
        var bytes = new byte[Length];
        bytes[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), publishedAt.UtcTicks);
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no such instant, or of a later format.</exception>
    public static DateTimeOffset Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || bytes[0] != FormatVersion)
            throw new InvalidDataException("When a model was published is written in a format that this program does not read.");
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new InvalidDataException("When a model was published is no instant of the calendar.");
    }
}
