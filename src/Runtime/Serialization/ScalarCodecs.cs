using System.Runtime.CompilerServices;

namespace Auie.Runtime.Serialization;

/// <summary>The codecs of simple values. Signed numbers are zigzag varints; dates keep their kind or offset.</summary>
public static class ScalarCodecs
{
    public static Codec<bool> Boolean { get; } = new VarintCodec<bool>(static v => v ? 1UL : 0UL, static v => v switch
    {
        0 => false,
        1 => true,
        _ => throw new WireFormatException($"{v} is not a truth value."),
    });

    public static Codec<byte> Byte { get; } = new VarintCodec<byte>(static v => v, static v => Narrow<byte>(v, byte.MaxValue));
    public static Codec<ushort> UInt16 { get; } = new VarintCodec<ushort>(static v => v, static v => Narrow<ushort>(v, ushort.MaxValue));
    public static Codec<uint> UInt32 { get; } = new VarintCodec<uint>(static v => v, static v => Narrow<uint>(v, uint.MaxValue));
    public static Codec<ulong> UInt64 { get; } = new VarintCodec<ulong>(static v => v, static v => v);
    public static Codec<char> Char { get; } = new VarintCodec<char>(static v => v, static v => (char)Narrow<ushort>(v, char.MaxValue));
    public static Codec<sbyte> SByte { get; } = new VarintCodec<sbyte>(static v => ZigZag(v), static v => (sbyte)Signed(v, sbyte.MinValue, sbyte.MaxValue));
    public static Codec<short> Int16 { get; } = new VarintCodec<short>(static v => ZigZag(v), static v => (short)Signed(v, short.MinValue, short.MaxValue));
    public static Codec<int> Int32 { get; } = new VarintCodec<int>(static v => ZigZag(v), static v => (int)Signed(v, int.MinValue, int.MaxValue));
    public static Codec<long> Int64 { get; } = new VarintCodec<long>(static v => ZigZag(v), static v => Signed(v, long.MinValue, long.MaxValue));
    public static Codec<TimeSpan> TimeSpan { get; } = new VarintCodec<TimeSpan>(static v => ZigZag(v.Ticks), static v => new(Signed(v, long.MinValue, long.MaxValue)));
    public static Codec<DateOnly> DateOnly { get; } = new VarintCodec<DateOnly>(
        static v => (ulong)v.DayNumber,
        static v => v <= (ulong)System.DateOnly.MaxValue.DayNumber ? System.DateOnly.FromDayNumber((int)v) : throw OutOfRange(v));
    public static Codec<TimeOnly> TimeOnly { get; } = new VarintCodec<TimeOnly>(
        static v => (ulong)v.Ticks,
        static v => v <= (ulong)System.TimeOnly.MaxValue.Ticks ? new((long)v) : throw OutOfRange(v));
    public static Codec<float> Single { get; } = new SingleCodec();
    public static Codec<double> Double { get; } = new DoubleCodec();
    public static Codec<decimal> Decimal { get; } = new DecimalCodec();
    public static Codec<Guid> Guid { get; } = new GuidCodec();
    public static Codec<DateTime> DateTime { get; } = new DateTimeCodec();
    public static Codec<DateTimeOffset> DateTimeOffset { get; } = new DateTimeOffsetCodec();
    public static Codec<string> String { get; } = new StringCodec();
    public static Codec<Uri> Uri { get; } = new UriCodec();
    public static Codec<Exception> Exception { get; } = new ExceptionCodec();

    internal static ulong ZigZag(long value) => ((ulong)value << 1) ^ (ulong)(value >> 63);

    internal static long Signed(ulong value, long min, long max)
    {
        var signed = (long)(value >> 1) ^ -(long)(value & 1);
        return signed >= min && signed <= max ? signed : throw OutOfRange(value);
    }

    private static TNumber Narrow<TNumber>(ulong value, ulong max) where TNumber : unmanaged, System.Numerics.INumber<TNumber> =>
        value <= max ? TNumber.CreateTruncating(value) : throw OutOfRange(value);

    private static WireFormatException OutOfRange(ulong value) => new($"{value} is out of the range of the value's type.");

    private sealed class SingleCodec : Codec<float>
    {
        public override WireType WireType => WireType.Fixed32;
        public override void Write(WireWriter writer, float value) => writer.WriteFixed32(BitConverter.SingleToUInt32Bits(value));
        public override float Read(ref WireReader reader) => BitConverter.UInt32BitsToSingle(reader.ReadFixed32());
    }

    private sealed class DoubleCodec : Codec<double>
    {
        public override WireType WireType => WireType.Fixed64;
        public override void Write(WireWriter writer, double value) => writer.WriteFixed64(BitConverter.DoubleToUInt64Bits(value));
        public override double Read(ref WireReader reader) => BitConverter.UInt64BitsToDouble(reader.ReadFixed64());
    }

    private sealed class DecimalCodec : Codec<decimal>
    {
        public override WireType WireType => WireType.Length;

        public override void Write(WireWriter writer, decimal value)
        {
            Span<int> parts = stackalloc int[4];
            decimal.GetBits(value, parts);
            writer.WriteBlittable<int>(parts);
        }

        public override decimal Read(ref WireReader reader)
        {
            var parts = reader.ReadBlittable<int>();
            try
            {
                return new decimal(parts);
            }
            catch (ArgumentException invalid)
            {
                throw new WireFormatException("The bytes are not a decimal number.", invalid);
            }
        }
    }

    private sealed class GuidCodec : Codec<Guid>
    {
        public override WireType WireType => WireType.Length;

        public override void Write(WireWriter writer, Guid value)
        {
            Span<byte> bytes = stackalloc byte[16];
            value.TryWriteBytes(bytes, bigEndian: true, out _);
            writer.WriteBytes(bytes);
        }

        public override Guid Read(ref WireReader reader)
        {
            var bytes = reader.ReadBytes();
            return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : throw new WireFormatException($"A GUID has 16 bytes, not {bytes.Length}.");
        }
    }

    private sealed class DateTimeCodec : Codec<DateTime>
    {
        public override WireType WireType => WireType.Fixed64;

        // Ticks and kind, never the zone of the machine that wrote them.
        public override void Write(WireWriter writer, DateTime value) => writer.WriteFixed64((ulong)value.Ticks | ((ulong)value.Kind << 62));

        public override DateTime Read(ref WireReader reader)
        {
            var bits = reader.ReadFixed64();
            var (ticks, kind) = ((long)(bits & 0x3FFF_FFFF_FFFF_FFFF), (DateTimeKind)(bits >> 62));
            return ticks <= System.DateTime.MaxValue.Ticks && kind <= DateTimeKind.Local ? new DateTime(ticks, kind) : throw OutOfRange(bits);
        }
    }

    private sealed class DateTimeOffsetCodec : Codec<DateTimeOffset>
    {
        public override WireType WireType => WireType.Length;

        public override void Write(WireWriter writer, DateTimeOffset value)
        {
            var block = writer.BeginBlock();
            writer.WriteZigZag(value.Ticks);
            writer.WriteZigZag(value.TotalOffsetMinutes);
            writer.EndBlock(block);
        }

        public override DateTimeOffset Read(ref WireReader reader)
        {
            var after = reader.EnterBlock();
            var (ticks, minutes) = (reader.ReadZigZag(), reader.ReadZigZag());
            reader.LeaveBlock(after);
            if (ticks < 0 || ticks > System.DateTime.MaxValue.Ticks || Math.Abs((decimal)minutes) > 14 * 60)
                throw new WireFormatException("The bytes are not an instant.");
            try
            {
                return new DateTimeOffset(ticks, System.TimeSpan.FromMinutes(minutes));
            }
            catch (ArgumentException invalid)
            {
                throw new WireFormatException("The bytes are not an instant.", invalid);
            }
        }
    }

    private sealed class StringCodec : Codec<string>
    {
        public override WireType WireType => WireType.Length;
        public override void Write(WireWriter writer, string value) => writer.WriteString(value);
        public override string Read(ref WireReader reader) => reader.ReadString();
    }

    private sealed class UriCodec : Codec<Uri>
    {
        public override WireType WireType => WireType.Length;
        public override void Write(WireWriter writer, Uri value) => writer.WriteString(value.OriginalString);

        public override Uri Read(ref WireReader reader) =>
            System.Uri.TryCreate(reader.ReadString(), UriKind.RelativeOrAbsolute, out var uri) ? uri : throw new WireFormatException("The text is not a URI.");
    }
}

/// <summary>The codec of a value that is written as one unsigned varint.</summary>
internal sealed class VarintCodec<T>(Func<T, ulong> encode, Func<ulong, T> decode) : Codec<T>
{
    public override WireType WireType => WireType.Varint;
    public override void Write(WireWriter writer, T value) => writer.WriteVarint(encode(value));
    public override T Read(ref WireReader reader) => decode(reader.ReadVarint());
}

/// <summary>The codec of an enumeration: its number, whether or not the reader has a name for it.</summary>
public sealed class EnumCodec<TEnum> : Codec<TEnum> where TEnum : unmanaged, Enum
{
    private static readonly bool IsSigned = Enum.GetUnderlyingType(typeof(TEnum)) is var type
        && (type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(sbyte));

    public override WireType WireType => WireType.Varint;

    public override void Write(WireWriter writer, TEnum value)
    {
        if (IsSigned)
            writer.WriteZigZag(Unsafe.SizeOf<TEnum>() switch
            {
                1 => Unsafe.BitCast<TEnum, sbyte>(value),
                2 => Unsafe.BitCast<TEnum, short>(value),
                4 => Unsafe.BitCast<TEnum, int>(value),
                _ => Unsafe.BitCast<TEnum, long>(value),
            });
        else
            writer.WriteVarint(Unsafe.SizeOf<TEnum>() switch
            {
                1 => Unsafe.BitCast<TEnum, byte>(value),
                2 => Unsafe.BitCast<TEnum, ushort>(value),
                4 => Unsafe.BitCast<TEnum, uint>(value),
                _ => Unsafe.BitCast<TEnum, ulong>(value),
            });
    }

    public override TEnum Read(ref WireReader reader)
    {
        var bits = IsSigned ? (ulong)reader.ReadZigZag() : reader.ReadVarint();
        var value = Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.BitCast<byte, TEnum>((byte)bits),
            2 => Unsafe.BitCast<ushort, TEnum>((ushort)bits),
            4 => Unsafe.BitCast<uint, TEnum>((uint)bits),
            _ => Unsafe.BitCast<ulong, TEnum>(bits),
        };
        return value;
    }
}

/// <summary>The codec of a nullable value.</summary>
public sealed class NullableCodec<T>(Codec<T> inner) : Codec<T?> where T : struct
{
    public override WireType WireType => inner.WireType;
    public override bool IsImmutable => inner.IsImmutable;
    public override void Write(WireWriter writer, T? value) => inner.Write(writer, value.GetValueOrDefault());
    public override T? Read(ref WireReader reader) => inner.Read(ref reader);
    public override T? Copy(T? value) => value is { } present ? inner.Copy(present) : null;
}

/// <summary>The codec of a value that its sender promises not to change.</summary>
public sealed class ImmutableCodec<T>(Codec<T> inner) : Codec<Immutable<T>>
{
    public override WireType WireType => WireType.Length;

    public override void Write(WireWriter writer, Immutable<T> value)
    {
        var block = writer.BeginBlock();
        inner.WriteElement(writer, value.Value);
        writer.EndBlock(block);
    }

    public override Immutable<T> Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = new Immutable<T>(inner.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }
}
