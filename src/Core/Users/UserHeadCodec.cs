using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a <see cref="UserHead"/>. Version 7: the version; the offset; the traits (<see cref="TraitsCodec"/>); which kinds were counted and
/// how often; the platforms; the sum spent; first and last instant seen; anonymous ids (<see cref="KeyList"/>); the tallies of friends and items;
/// whether there is an owner, and who; what was adopted (<see cref="KeyList"/>); both permissions; channels; names of others; the rhythm; the trail; on which kinds of platforms anything was spent (a bit of each) and how much. Version 1 ended
/// with the tallies, version 2 with the names of others, version 3 with the hours of the rhythm; version 4 had days in place of hours of the calendar; up to version 5 a trail had no marks of items, and version 6 ended with the trail and counted in the rhythm as activity what was shown, too.
/// </summary>
public static class UserHeadCodec
{
    private const byte Version = 7;
    private const string What = "A user's head";

    public static byte[] Encode(UserHead head)
    {
        var writer = ByteWriter.OfThread;
        var names = new NameTable(UsualNames.OfUsers);
        writer.Byte(Version);
        writer.Varint((ulong)head.Offset);
        TraitsCodec.Write(writer, names, head.Traits);
        WriteCounts(writer, head.Counts);
        head.PlatformCounts.Write(writer, names);
        WriteSum(writer, head.SpentSum);
        WriteSeen(writer, head);
        head.Anonymous.Write(writer);
        head.FriendTally.Write(writer);
        head.ItemTally.Write(writer);
        writer.Byte(head.Owner is null ? (byte)0 : (byte)1);
        if (head.Owner is { } owner)
            writer.Text(owner);
        head.Adopted.Write(writer);
        Permission.Write(writer, head.TrackingSaid);
        Permission.Write(writer, head.PersonalisationSaid);
        head.ChannelCounts.Write(writer, names);
        head.NamesOfOthers.Write(writer, names);
        head.Rhythm.Write(writer);
        head.Trail.Write(writer);
        WriteSpent(writer, head.SpentByPlatform);
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no head, or one of a newer version.</exception>
    public static UserHead Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        var version = reader.Byte();
        if (version is < 1 or > Version)
            throw reader.Fail($"it has version {version}, this program knows versions up to {Version}");
        var names = new NameTable(UsualNames.OfUsers);
        var offset = reader.NonNegative();
        var traits = new UserTraits();
        TraitsCodec.Read(ref reader, names, traits);
        var counts = ReadCounts(ref reader);
        var platforms = new NameCounts();
        platforms.Read(ref reader, names);
        var spent = ReadSum(ref reader);
        var (first, last) = ReadSeen(ref reader);
        var anonymous = new IdSet(UserHead.MostAnonymousIds);
        anonymous.Read(ref reader);
        var head = new UserHead(traits, RowTally.Read(ref reader), RowTally.Read(ref reader))
        {
            Offset = offset,
            SpentSum = spent,
            FirstSeen = first,
            LastSeen = last,
        };
        counts.CopyTo(head.Counts, 0);
        head.PlatformCounts.Merge(platforms);
        head.Anonymous.Merge(anonymous);
        if (version > 1)
        {
            head.Owner = reader.Bounded(1) == 1 ? reader.Text() : null;
            head.Adopted.Read(ref reader);
            head.TrackingSaid = Permission.Read(ref reader);
            head.PersonalisationSaid = Permission.Read(ref reader);
            head.ChannelCounts.Read(ref reader, names);
            head.NamesOfOthers.Read(ref reader, names);
        }
        if (version > 2)
            head.Rhythm.Read(ref reader, version switch { 3 => DatedRhythm.None, 4 => DatedRhythm.Days, _ => DatedRhythm.Hours });
        if (version > 3)
            head.Trail.Read(ref reader);
        if (version > 6)
            ReadSpent(ref reader, head.SpentByPlatform);
        reader.End();
        return head;
    }

    private static void WriteSum(ByteWriter writer, Int128 sum)
    {
        writer.Varint((ulong)sum);
        writer.Zigzag((long)(sum >> 64));
    }

    private static Int128 ReadSum(ref ByteReader reader) => (Int128)reader.Varint() + ((Int128)reader.Zigzag() << 64);

    private static void WriteSpent(ByteWriter writer, Int128[] spent)
    {
        var present = 0;
        for (var i = 0; i < spent.Length; i++)
            present |= spent[i] != 0 ? 1 << i : 0;
        writer.Byte((byte)present);
        foreach (var sum in spent)
        {
            if (sum != 0)
                WriteSum(writer, sum);
        }
    }

    private static void ReadSpent(ref ByteReader reader, Int128[] spent)
    {
        var present = reader.Bounded((1 << PlatformKinds.Count) - 1);
        for (var i = 0; i < spent.Length; i++)
            spent[i] = (present >> i & 1) == 1 ? ReadSum(ref reader) : 0;
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
            counts[i] = (present >> i & 1) == 1 ? reader.NonNegative() : 0;
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
}
