using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a <see cref="UserHead"/>. Version 1: the version; the offset; the traits (<see cref="TraitsCodec"/>); which kinds were counted and
/// how often; the platforms; the sum spent; first and last instant seen; anonymous ids (<see cref="KeyList"/>); the tallies of friends and items.
/// </summary>
public static class UserHeadCodec
{
    private const byte Version = 1;
    private const string What = "A user's head";

    public static byte[] Encode(UserHead head)
    {
        var writer = new ByteWriter();
        var names = new NameTable(UsualNames.OfUsers);
        writer.Byte(Version);
        writer.Varint((ulong)head.Offset);
        TraitsCodec.Write(writer, names, head.Traits);
        WriteCounts(writer, head.Counts);
        writer.Varint((ulong)head.PlatformCounts.Count);
        foreach (var (name, count) in head.PlatformCounts)
        {
            names.Write(writer, name);
            writer.Varint((ulong)count);
        }
        writer.Varint((ulong)head.SpentSum);
        writer.Zigzag((long)(head.SpentSum >> 64));
        WriteSeen(writer, head);
        var anonymous = new Keys();
        foreach (var id in head.Anonymous)
            anonymous.Add(id);
        KeyList.Write(writer, ref anonymous, 0, anonymous.Count);
        head.FriendTally.Write(writer);
        head.ItemTally.Write(writer);
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no head, or one of a newer version.</exception>
    public static UserHead Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var names = new NameTable(UsualNames.OfUsers);
        var offset = ReadLong(ref reader);
        var traits = new UserTraits();
        TraitsCodec.Read(ref reader, names, traits);
        var counts = ReadCounts(ref reader);
        var platforms = new (string, long)[reader.Count(2)];
        for (var i = 0; i < platforms.Length; i++)
            platforms[i] = (names.Read(ref reader), ReadLong(ref reader));
        var spent = (Int128)reader.Varint() + ((Int128)reader.Zigzag() << 64);
        var (first, last) = ReadSeen(ref reader);
        var anonymous = new Keys();
        KeyList.Read(ref reader, ref anonymous);
        var head = new UserHead(traits, RowTally.Read(ref reader), RowTally.Read(ref reader))
        {
            Offset = offset,
            SpentSum = spent,
            FirstSeen = first,
            LastSeen = last,
        };
        counts.CopyTo(head.Counts, 0);
        head.PlatformCounts.AddRange(platforms);
        for (var i = 0; i < anonymous.Count; i++)
            head.Anonymous.Add(anonymous.Text(i, ref reader));
        reader.End();
        return head;
    }

    private static void WriteCounts(ByteWriter writer, long[] counts)
    {
        var present = 0UL;
        for (var i = 0; i < counts.Length; i++)
            present |= counts[i] > 0 ? 1UL << i : 0;
        writer.Varint(present);
        foreach (var count in counts)
        {
            if (count > 0)
                writer.Varint((ulong)count);
        }
    }

    private static long[] ReadCounts(ref ByteReader reader)
    {
        var counts = new long[UserHead.Kinds];
        var present = reader.Varint();
        if (present >> counts.Length != 0)
            throw reader.Fail("it counts kinds that this program does not know");
        for (var i = 0; i < counts.Length; i++)
            counts[i] = (present >> i & 1) == 1 ? ReadLong(ref reader) : 0;
        return counts;
    }

    private static void WriteSeen(ByteWriter writer, UserHead head)
    {
        if (head.FirstSeen is not { } first || head.LastSeen is not { } last)
        {
            writer.Byte(0);
            return;
        }
        var unit = Instants.Coarsest(Instants.Coarsest(Instants.Seconds, first.UtcTicks), last.UtcTicks);
        writer.Byte((byte)(unit + 1));
        writer.Zigzag((first.UtcTicks - Instants.Epoch) / Instants.Ticks(unit));
        writer.Zigzag((last.UtcTicks - first.UtcTicks) / Instants.Ticks(unit));
        writer.Zigzag(first.TotalOffsetMinutes);
        writer.Zigzag(last.TotalOffsetMinutes - first.TotalOffsetMinutes);
    }

    private static (DateTimeOffset? First, DateTimeOffset? Last) ReadSeen(ref ByteReader reader)
    {
        var unit = reader.Bounded(Instants.Seconds + 1) - 1;
        if (unit < 0)
            return (null, null);
        var first = Instants.Add(ref reader, Instants.Epoch, reader.Zigzag(), unit);
        var last = Instants.Add(ref reader, first, reader.Zigzag(), unit);
        Int128 firstOffset = reader.Zigzag();
        var lastOffset = firstOffset + reader.Zigzag();
        return (Instants.At(ref reader, first, firstOffset), Instants.At(ref reader, last, lastOffset));
    }

    private static long ReadLong(ref ByteReader reader) =>
        reader.Varint() is <= long.MaxValue and var value ? (long)value : throw reader.Fail("a number is out of range");
}
