using Auie.Core.Codecs;
using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>An item's traits, and what the engine reads in them.</summary>
public sealed class ItemTraits : Traits
{
    internal ItemTraits()
    {
    }

    private ItemTraits(ItemTraits other) : base(other)
    {
    }

    /// <summary>The trait that names who made the item.</summary>
    public const string Creator = "creator";

    /// <summary>An ISO 8601 date or instant from 1900 to 2200; without an offset it is in UTC.</summary>
    public DateTimeOffset? Start => Instant("start");

    /// <summary>As <see cref="Start"/>: when the item is over.</summary>
    public DateTimeOffset? End => Instant("end");

    /// <summary>The earliest instant at which a trait that is held was set; null where one has no date, or there are none: then it may have been there ever since.</summary>
    public DateTimeOffset? KnownSince => All.Count > 0 && All.Min(trait => trait.Stamp.Ticks) is var ticks && ticks > EntryValidation.Undated.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    internal ItemTraits Copy() => new(this);
}

/// <summary>All of an item's state but who said what: traits, and how many people said it.</summary>
public sealed class ItemHead
{
    internal ItemHead() : this(new ItemTraits(), new RowTally())
    {
    }

    internal ItemHead(ItemTraits traits, RowTally people)
    {
        Traits = traits;
        People = people;
    }

    internal RowTally People { get; }

    /// <summary>The offset of the last record that is folded in; 0 for none.</summary>
    public long Offset { get; internal set; }

    public ItemTraits Traits { get; }

    /// <summary>How many people said yes last, how many maybe, and how many no.</summary>
    public int Yes => People.Second(ItemState.SaidYes);

    public int Maybe => People.Second(ItemState.SaidMaybe);

    public int No => People.Second(ItemState.SaidNo);

    /// <summary>How many people were invited, whatever they answered.</summary>
    public int Invited => People.First(ItemState.IsInvited);

    internal ItemHead Copy() => new(Traits.Copy(), People.Copy()) { Offset = Offset };
}

/// <summary>
/// The bytes of an <see cref="ItemHead"/>. Version 1: the version; the offset; the traits (<see cref="TraitsCodec"/>); the tally of people.
/// </summary>
public static class ItemHeadCodec
{
    private const byte Version = 1;
    private const string What = "An item's head";

    public static byte[] Encode(ItemHead head)
    {
        var writer = new ByteWriter();
        writer.Byte(Version);
        writer.Varint((ulong)head.Offset);
        TraitsCodec.Write(writer, new NameTable(UsualNames.OfItems), head.Traits);
        head.People.Write(writer);
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no head, or one of a newer version.</exception>
    public static ItemHead Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var offset = reader.Varint() is <= long.MaxValue and var value ? (long)value : throw reader.Fail("the offset is out of range");
        var traits = new ItemTraits();
        TraitsCodec.Read(ref reader, new NameTable(UsualNames.OfItems), traits);
        var head = new ItemHead(traits, RowTally.Read(ref reader)) { Offset = offset };
        reader.End();
        return head;
    }
}
