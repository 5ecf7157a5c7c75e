using Auie.Core.Codecs;

namespace Auie.Core.Items;

/// <summary>
/// The bytes of a record of the items' journal: one or more entries of one item, which take effect together. Version 1: the version; the
/// unit of instants; the count; then each entry: which fields it has, instant and offset as differences to the entry before, the message
/// id as what differs from the one before, names by <see cref="NameTable"/>, people by <see cref="KeyList"/>.
/// </summary>
public static class ItemEntryCodec
{
    private const byte Version = 1;
    private const string What = "A record of the items' journal";
    private const int SmallestEntry = 5;

    [Flags]
    private enum Fields : byte
    {
        None = 0,
        Traits = 1,
        Yes = 2,
        Maybe = 4,
        No = 8,
        Invited = 16,
        Joined = 32,
        All = 63,
    }

    /// <summary>Encodes entries that <see cref="ItemEntryValidation"/> found no error in.</summary>
    public static byte[] Encode(params IReadOnlyList<ItemEntry> entries)
    {
        if (entries.Count == 0)
            throw new ArgumentException("A record holds at least one entry.", nameof(entries));
        var writer = new ByteWriter();
        var names = new NameTable(UsualNames.OfItems);
        var unit = Instants.Seconds;
        foreach (var entry in entries)
            unit = Instants.Coarsest(unit, entry.At.UtcTicks);
        writer.Byte(Version);
        writer.Varint((ulong)unit);
        writer.Varint((ulong)entries.Count);
        var (at, messageId) = (EntryParts.FirstAt, "");
        foreach (var entry in entries)
        {
            writer.Byte((byte)FieldsOf(entry));
            EntryParts.WriteAt(writer, entry.At, at, unit);
            EntryParts.WriteDifference(writer, messageId, entry.MessageId);
            if (entry.Traits is { } traits)
                EntryParts.WriteTraits(writer, names, traits);
            foreach (var people in (ReadOnlySpan<IReadOnlyList<string>?>)[entry.Yes, entry.Maybe, entry.No, entry.Invited, entry.Joined])
            {
                if (people is not null)
                    EntryParts.WriteSet(writer, people);
            }
            (at, messageId) = (entry.At, entry.MessageId);
        }
        return writer.ToArray();
    }

    /// <summary>The entries of a record; people come in the order of UTF-8.</summary>
    /// <exception cref="CodecException">The bytes are no record, or one of a newer version.</exception>
    public static ItemEntry[] Decode(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record, What);
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var unit = Instants.ReadUnit(ref reader);
        var entries = new ItemEntry[reader.Count(SmallestEntry)];
        var names = new NameTable(UsualNames.OfItems);
        var (at, messageId) = (EntryParts.FirstAt, "");
        for (var i = 0; i < entries.Length; i++)
        {
            var fields = (Fields)reader.Byte();
            if ((fields & ~Fields.All) != Fields.None)
                throw reader.Fail("an entry has fields that this program does not know");
            at = EntryParts.ReadAt(ref reader, at, unit);
            messageId = EntryParts.ReadDifference(ref reader, messageId);
            entries[i] = new ItemEntry
            {
                At = at,
                MessageId = messageId,
                Traits = (fields & Fields.Traits) != Fields.None ? EntryParts.ReadTraits(ref reader, names) : null,
                Yes = (fields & Fields.Yes) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
                Maybe = (fields & Fields.Maybe) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
                No = (fields & Fields.No) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
                Invited = (fields & Fields.Invited) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
                Joined = (fields & Fields.Joined) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
            };
        }
        reader.End();
        return entries;
    }

    private static Fields FieldsOf(ItemEntry entry) =>
        (entry.Traits is null ? Fields.None : Fields.Traits)
        | (entry.Yes is null ? Fields.None : Fields.Yes)
        | (entry.Maybe is null ? Fields.None : Fields.Maybe)
        | (entry.No is null ? Fields.None : Fields.No)
        | (entry.Invited is null ? Fields.None : Fields.Invited)
        | (entry.Joined is null ? Fields.None : Fields.Joined);
}
