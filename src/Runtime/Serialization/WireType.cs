namespace Auie.Runtime.Serialization;

/// <summary>How a field's value lies in the bytes, so that a reader which does not know the field can skip it. The numbers are those of Protocol
/// Buffers, with <see cref="Null"/> in the place of a type that it no longer uses.</summary>
public enum WireType
{
    /// <summary>7 bits a byte, the lowest first, the high bit set on all but the last byte; at most 10 bytes.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little-endian.</summary>
    Fixed64 = 1,

    /// <summary>A varint length, and as many bytes.</summary>
    Length = 2,

    /// <summary>No bytes: the value is null.</summary>
    Null = 4,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 5,
}
