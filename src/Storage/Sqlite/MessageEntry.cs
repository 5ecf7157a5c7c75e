using System.Buffers.Binary;

namespace Auie.Storage.Sqlite;

/// <summary>A known message as it is stored: sender and message, in whose order entries lie, and the digest; 8, 16 and 8 bytes, each the highest first.</summary>
internal readonly record struct MessageEntry(ulong Sender, UInt128 Message, long Digest) : IComparable<MessageEntry>
{
    public const int Size = 32;

    /// <summary>By sender and message; digests make no difference.</summary>
    public int CompareTo(MessageEntry other) => Sender != other.Sender ? Sender.CompareTo(other.Sender) : Message.CompareTo(other.Message);

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Sender);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], Message);
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], Digest);
    }

    public static MessageEntry Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), BinaryPrimitives.ReadInt64BigEndian(bytes[24..]));

    /// <summary>The entry at a place of a stretch of them.</summary>
    public static MessageEntry At(ReadOnlySpan<byte> entries, int place) => Read(entries[(place * Size)..]);
}
