using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a record of the journal: one or more entries of one user, which take effect together. Version 1: the version; the unit
/// of instants; the count; then each entry: kind, which fields it has, instant and offset as differences to the entry before, the
/// message id and the item as what differs from those before, names by <see cref="NameTable"/>, friends by <see cref="KeyList"/>.
/// </summary>
public static class EntryCodec
{
    private const byte Version = 1;
    private const string What = "A record of the journal";
    private const int SmallestEntry = 6;

    [Flags]
    private enum Fields : byte
    {
        None = 0,
        AnonymousId = 1,
        Item = 2,
        Platform = 4,
        Amount = 8,
        Traits = 16,
        FriendsAdded = 32,
        FriendsRemoved = 64,
        All = 127,
    }

    /// <summary>Encodes entries that <see cref="EntryValidation"/> found no error in.</summary>
    public static byte[] Encode(params IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0)
            throw new ArgumentException("A record holds at least one entry.", nameof(entries));
        var writer = new ByteWriter();
        var names = new NameTable(UsualNames.OfUsers);
        var unit = Instants.Seconds;
        foreach (var entry in entries)
            unit = Instants.Coarsest(unit, entry.At.UtcTicks);
        writer.Byte(Version);
        writer.Varint((ulong)unit);
        writer.Varint((ulong)entries.Count);
        var before = new Previous();
        foreach (var entry in entries)
        {
            writer.Byte((byte)entry.Kind);
            writer.Byte((byte)FieldsOf(entry));
            EntryParts.WriteAt(writer, entry.At, before.At, unit);
            EntryParts.WriteDifference(writer, before.MessageId, entry.MessageId);
            WriteFields(writer, names, entry, before.Item);
            before = new Previous(entry.At, entry.MessageId, entry.Item ?? before.Item);
        }
        return writer.ToArray();
    }

    /// <summary>The entries of a record; friends come in the order of UTF-8.</summary>
    /// <exception cref="CodecException">The bytes are no record, or one of a newer version.</exception>
    public static Entry[] Decode(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record, What);
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var unit = Instants.ReadUnit(ref reader);
        var entries = new Entry[reader.Count(SmallestEntry)];
        var names = new NameTable(UsualNames.OfUsers);
        var before = new Previous();
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = Read(ref reader, names, unit, before);
            entries[i] = entry;
            before = new Previous(entry.At, entry.MessageId, entry.Item ?? before.Item);
        }
        reader.End();
        return entries;
    }

    private static Fields FieldsOf(Entry entry) =>
        (entry.AnonymousId is null ? Fields.None : Fields.AnonymousId)
        | (entry.Item is null ? Fields.None : Fields.Item)
        | (entry.Platform is null ? Fields.None : Fields.Platform)
        | (entry.Amount is null ? Fields.None : Fields.Amount)
        | (entry.Traits is null ? Fields.None : Fields.Traits)
        | (entry.FriendsAdded is null ? Fields.None : Fields.FriendsAdded)
        | (entry.FriendsRemoved is null ? Fields.None : Fields.FriendsRemoved);

    private static void WriteFields(ByteWriter writer, NameTable names, Entry entry, string previousItem)
    {
        if (entry.AnonymousId is { } anonymousId)
            names.Write(writer, anonymousId);
        if (entry.Item is { } item)
            EntryParts.WriteDifference(writer, previousItem, item);
        if (entry.Platform is { } platform)
            names.Write(writer, platform);
        if (entry.Amount is { } amount)
            writer.Zigzag(amount);
        if (entry.Traits is { } traits)
            EntryParts.WriteTraits(writer, names, traits);
        if (entry.FriendsAdded is { } added)
            EntryParts.WriteSet(writer, added);
        if (entry.FriendsRemoved is { } removed)
            EntryParts.WriteSet(writer, removed);
    }

    private static Entry Read(ref ByteReader reader, NameTable names, int unit, Previous before)
    {
        var kind = (EntryKind)reader.Byte();
        if (!Enum.IsDefined(kind))
            throw reader.Fail($"{(byte)kind} is no kind of event");
        var fields = (Fields)reader.Byte();
        if ((fields & ~Fields.All) != Fields.None)
            throw reader.Fail("an entry has fields that this program does not know");
        var at = EntryParts.ReadAt(ref reader, before.At, unit);
        var messageId = EntryParts.ReadDifference(ref reader, before.MessageId);
        return new Entry
        {
            Kind = kind,
            At = at,
            MessageId = messageId,
            AnonymousId = fields.HasFlag(Fields.AnonymousId) ? names.Read(ref reader) : null,
            Item = fields.HasFlag(Fields.Item) ? EntryParts.ReadDifference(ref reader, before.Item) : null,
            Platform = fields.HasFlag(Fields.Platform) ? names.Read(ref reader) : null,
            Amount = fields.HasFlag(Fields.Amount) ? reader.Zigzag() : null,
            Traits = fields.HasFlag(Fields.Traits) ? EntryParts.ReadTraits(ref reader, names) : null,
            FriendsAdded = fields.HasFlag(Fields.FriendsAdded) ? EntryParts.ReadSet(ref reader) : null,
            FriendsRemoved = fields.HasFlag(Fields.FriendsRemoved) ? EntryParts.ReadSet(ref reader) : null,
        };
    }

    /// <summary>What an entry is written as a difference to.</summary>
    private readonly record struct Previous(DateTimeOffset At, string MessageId, string Item)
    {
        public Previous() : this(EntryParts.FirstAt, "", "")
        {
        }
    }
}
