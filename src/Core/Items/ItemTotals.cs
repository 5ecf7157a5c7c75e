using Auie.Core.Codecs;

namespace Auie.Core.Items;

/// <summary>How many items there are, how many of them have a known start, and how many answers and invitations there are to all of them.</summary>
public readonly record struct ItemTotals(long Items, long WithStart, long Yes, long Maybe, long No, long Invited)
{
    private const byte Version = 1;

    /// <summary>What one item adds to the totals; nothing where no record of it is folded in.</summary>
    public static ItemTotals Of(ItemHead head) => head.Offset == 0
        ? default
        : new ItemTotals(1, head.Traits.Start is null ? 0 : 1, head.Yes, head.Maybe, head.No, head.Invited);

    public static ItemTotals operator +(ItemTotals a, ItemTotals b) =>
        new(a.Items + b.Items, a.WithStart + b.WithStart, a.Yes + b.Yes, a.Maybe + b.Maybe, a.No + b.No, a.Invited + b.Invited);

    public static ItemTotals operator -(ItemTotals a, ItemTotals b) =>
        new(a.Items - b.Items, a.WithStart - b.WithStart, a.Yes - b.Yes, a.Maybe - b.Maybe, a.No - b.No, a.Invited - b.Invited);

    /// <summary>Version 1: the version; the six numbers.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Version);
        foreach (var number in (ReadOnlySpan<long>)[Items, WithStart, Yes, Maybe, No, Invited])
            writer.Varint((ulong)number);
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no totals, or some of a newer version.</exception>
    public static ItemTotals Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "The items' totals");
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"they have version {version}, this program knows version {Version}");
        var totals = new ItemTotals(Read(ref reader), Read(ref reader), Read(ref reader), Read(ref reader), Read(ref reader), Read(ref reader));
        reader.End();
        return totals;
    }

    private static long Read(ref ByteReader reader) =>
        reader.Varint() is <= long.MaxValue and var value ? (long)value : throw reader.Fail("a number is out of range");
}
