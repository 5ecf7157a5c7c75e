using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a <see cref="UserHead"/>. Version 1: the version; the offset; the stamps of traits (count, unit, and for each the distance
/// to the one before and the message id) and the traits (name, value, number of the stamp); which kinds were counted and how often; the
/// platforms; the sum spent; first and last instant seen; anonymous ids (<see cref="KeyList"/>); the tallies of friends and items.
/// </summary>
public static class UserHeadCodec
{
    private const byte Version = 1;
    private const string What = "A user's head";

    public static byte[] Encode(UserHead head)
    {
        var writer = new ByteWriter();
        var names = new NameTable();
        writer.Byte(Version);
        writer.Varint((ulong)head.Offset);
        WriteTraits(writer, names, head.Traits);
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
        var names = new NameTable();
        var offset = ReadLong(ref reader);
        var traits = ReadTraits(ref reader, names);
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

    private static void WriteTraits(ByteWriter writer, NameTable names, UserTraits traits)
    {
        var stamps = traits.All.Select(trait => trait.Stamp).Distinct().Order().ToList();
        var unit = Instants.Seconds;
        foreach (var stamp in stamps)
            unit = Instants.Coarsest(unit, stamp.Ticks);
        writer.Varint((ulong)stamps.Count);
        writer.Varint((ulong)unit);
        var before = Instants.Epoch;
        foreach (var stamp in stamps)
        {
            writer.Zigzag((stamp.Ticks - before) / Instants.Ticks(unit));
            writer.Text(stamp.MessageId);
            before = stamp.Ticks;
        }
        writer.Varint((ulong)traits.All.Count);
        foreach (var trait in traits.All)
        {
            names.Write(writer, trait.Name);
            names.Write(writer, trait.Value);
            writer.Varint((ulong)stamps.BinarySearch(trait.Stamp));
        }
    }

    private static UserTraits ReadTraits(ref ByteReader reader, NameTable names)
    {
        var stamps = new Stamp[reader.Count(2)];
        var unit = Instants.ReadUnit(ref reader);
        var before = Instants.Epoch;
        for (var i = 0; i < stamps.Length; i++)
        {
            before = Instants.Add(ref reader, before, reader.Zigzag(), unit);
            stamps[i] = new Stamp(before, reader.Text());
        }
        var traits = new UserTraits();
        for (var count = reader.Count(3); count > 0; count--)
        {
            var name = names.Read(ref reader);
            var value = names.Read(ref reader);
            if (stamps.Length == 0)
                throw reader.Fail("a trait has no stamp");
            traits.Set(new Trait(name, value, stamps[reader.Bounded(stamps.Length - 1)]));
        }
        return traits;
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
