using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a record of the journal: one or more entries of one user, which take effect together. Version 2: the version; a byte of whether
/// the entries are passed on (1) and whether another user sent them (2), and these users' ids; the unit of instants; the count; then each entry:
/// kind, which fields it has, instant and offset as differences to the entry before, the message id and the item as what differs from those before,
/// names by <see cref="NameTable"/>, friends by <see cref="KeyList"/>. Version 1 had no users' ids, and a byte for the fields.
/// </summary>
/// <remarks>Digests of messages are stored and are of version 2 (<see cref="MessageIdentity"/>): a later one keeps the means to write it.</remarks>
public static class EntryCodec
{
    private const byte Version = 2;
    private const string What = "A record of the journal";
    private const int SmallestEntry = 6;

    [Flags]
    private enum Fields
    {
        None = 0,
        AnonymousId = 1,
        Item = 2,
        Platform = 4,
        Amount = 8,
        Traits = 16,
        FriendsAdded = 32,
        FriendsRemoved = 64,
        AllOfVersion1 = 127,
        Channel = 128,
        Name = 256,
        Mutual = 512,
        Consent = 1024,
        Other = 2048,
        State = 4096,
        All = 8191,
    }

    [Flags]
    private enum Header : byte
    {
        None = 0,
        PassedOnTo = 1,
        Sender = 2,
        All = 3,
    }

    [ThreadStatic]
    private static NameTable? _names;

    /// <summary>Encodes entries that <see cref="EntryValidation"/> found no error in.</summary>
    public static byte[] Encode(params IReadOnlyList<Entry> entries) => Encode(entries, null, null);

    /// <summary>
    /// As <see cref="Encode(IReadOnlyList{Entry})"/>, of entries that are passed on or that came in another user's messages (<see cref="UserRecord"/>). A record of which
    /// everything was erased has no entry.
    /// </summary>
    public static byte[] Encode(IReadOnlyList<Entry> entries, string? passedOnTo, string? sender)
    {
        var writer = ByteWriter.OfThread;
        var unit = Instants.Seconds;
        for (var i = 0; i < entries.Count; i++)
            unit = Instants.Coarsest(unit, entries[i].At.UtcTicks);
        WriteHeader(writer, passedOnTo, sender, unit, entries.Count);
        var names = Names();
        var before = new Previous();
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Write(writer, names, entry, entry.At, before, unit);
            before = new Previous(entry.At, entry.MessageId, entry.Item ?? before.Item);
        }
        return writer.ToArray();
    }

    /// <summary>This thread's table, without names.</summary>
    private static NameTable Names()
    {
        var names = _names ??= new NameTable(UsualNames.OfUsers);
        names.Clear();
        return names;
    }

    /// <summary>Writes what <see cref="Encode(IReadOnlyList{Entry})"/> gives of one entry, were it of another instant.</summary>
    internal static void Write(ByteWriter writer, Entry entry, DateTimeOffset at)
    {
        var unit = Instants.Coarsest(Instants.Seconds, at.UtcTicks);
        WriteHeader(writer, null, null, unit, 1);
        Write(writer, Names(), entry, at, new Previous(), unit);
    }

    /// <summary>The entries of a record; friends come in the order of UTF-8.</summary>
    /// <exception cref="CodecException">The bytes are no record, or one of a newer version.</exception>
    public static Entry[] Decode(ReadOnlySpan<byte> record) => DecodeRecord(record).Entries;

    /// <summary>A record whole; friends come in the order of UTF-8.</summary>
    /// <exception cref="CodecException">The bytes are no record, or one of a newer version.</exception>
    public static UserRecord DecodeRecord(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record, What);
        var version = reader.Byte();
        if (version is < 1 or > Version)
            throw reader.Fail($"it has version {version}, this program knows versions up to {Version}");
        var header = version > 1 ? (Header)reader.Bounded((int)Header.All) : Header.None;
        var passedOnTo = header.HasFlag(Header.PassedOnTo) ? reader.Text() : null;
        var sender = header.HasFlag(Header.Sender) ? reader.Text() : null;
        var unit = Instants.ReadUnit(ref reader);
        var entries = new Entry[reader.Count(SmallestEntry)];
        var names = Names();
        var before = new Previous();
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = Read(ref reader, version, names, unit, before);
            entries[i] = entry;
            before = new Previous(entry.At, entry.MessageId, entry.Item ?? before.Item);
        }
        reader.End();
        return new UserRecord(entries, passedOnTo, sender);
    }

    private static void WriteHeader(ByteWriter writer, string? passedOnTo, string? sender, int unit, int count)
    {
        writer.Byte(Version);
        writer.Byte((byte)((passedOnTo is null ? Header.None : Header.PassedOnTo) | (sender is null ? Header.None : Header.Sender)));
        if (passedOnTo is not null)
            writer.Text(passedOnTo);
        if (sender is not null)
            writer.Text(sender);
        writer.Varint((ulong)unit);
        writer.Varint((ulong)count);
    }

    private static void Write(ByteWriter writer, NameTable names, Entry entry, DateTimeOffset at, in Previous before, int unit)
    {
        writer.Byte((byte)entry.Kind);
        writer.Varint((ulong)FieldsOf(entry));
        EntryParts.WriteAt(writer, at, before.At, unit);
        EntryParts.WriteDifference(writer, before.MessageId, entry.MessageId);
        WriteFields(writer, names, entry, before.Item);
    }

    private static Fields FieldsOf(Entry entry) =>
        (entry.AnonymousId is null ? Fields.None : Fields.AnonymousId)
        | (entry.Item is null ? Fields.None : Fields.Item)
        | (entry.Platform is null ? Fields.None : Fields.Platform)
        | (entry.Amount is null ? Fields.None : Fields.Amount)
        | (entry.Traits is null ? Fields.None : Fields.Traits)
        | (entry.FriendsAdded is null ? Fields.None : Fields.FriendsAdded)
        | (entry.FriendsRemoved is null ? Fields.None : Fields.FriendsRemoved)
        | (entry.Channel is null ? Fields.None : Fields.Channel)
        | (entry.Name is null ? Fields.None : Fields.Name)
        | (entry.Mutual ? Fields.Mutual : Fields.None)
        | (entry.Tracking is null && entry.Personalisation is null ? Fields.None : Fields.Consent)
        | (entry.Other is null ? Fields.None : Fields.Other)
        | (entry.State is null ? Fields.None : Fields.State);

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
        if (entry.Channel is { } channel)
            names.Write(writer, channel);
        if (entry.Name is { } name)
            names.Write(writer, name);
        if (entry.Tracking is not null || entry.Personalisation is not null)
            writer.Byte((byte)(3 * Answer(entry.Tracking) + Answer(entry.Personalisation)));
        if (entry.Other is { } other)
            writer.Text(other);
        if (entry.State is { } state)
        {
            writer.Varint((ulong)state.Length);
            writer.Bytes(state);
        }
    }

    private static int Answer(bool? said) => said switch { null => 0, false => 1, true => 2 };

    private static bool? ReadAnswer(int answer) => answer == 0 ? null : answer == 2;

    private static Entry Read(ref ByteReader reader, byte version, NameTable names, int unit, in Previous before)
    {
        var kind = (EntryKind)reader.Byte();
        if (!Enum.IsDefined(kind))
            throw reader.Fail($"{(byte)kind} is no kind of event");
        var known = version > 1 ? Fields.All : Fields.AllOfVersion1;
        var fields = version > 1 ? (Fields)reader.Bounded(int.MaxValue) : (Fields)reader.Byte();
        if ((fields & ~known) != Fields.None)
            throw reader.Fail("an entry has fields that this program does not know");
        var at = EntryParts.ReadAt(ref reader, before.At, unit);
        var messageId = EntryParts.ReadDifference(ref reader, before.MessageId);
        var entry = new Entry
        {
            Kind = kind,
            At = at,
            MessageId = messageId,
            AnonymousId = (fields & Fields.AnonymousId) != Fields.None ? names.Read(ref reader) : null,
            Item = (fields & Fields.Item) != Fields.None ? EntryParts.ReadDifference(ref reader, before.Item) : null,
            Platform = (fields & Fields.Platform) != Fields.None ? names.Read(ref reader) : null,
            Amount = (fields & Fields.Amount) != Fields.None ? reader.Zigzag() : null,
            Traits = (fields & Fields.Traits) != Fields.None ? EntryParts.ReadTraits(ref reader, names) : null,
            FriendsAdded = (fields & Fields.FriendsAdded) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
            FriendsRemoved = (fields & Fields.FriendsRemoved) != Fields.None ? EntryParts.ReadSet(ref reader) : null,
            Channel = (fields & Fields.Channel) != Fields.None ? names.Read(ref reader) : null,
            Name = (fields & Fields.Name) != Fields.None ? names.Read(ref reader) : null,
            Mutual = (fields & Fields.Mutual) != Fields.None,
        };
        if (fields <= (Fields.Consent - 1))
            return entry;
        var consent = (fields & Fields.Consent) != Fields.None ? reader.Bounded(8) : 0;
        return entry with
        {
            Tracking = ReadAnswer(consent / 3),
            Personalisation = ReadAnswer(consent % 3),
            Other = (fields & Fields.Other) != Fields.None ? reader.Text() : null,
            State = (fields & Fields.State) != Fields.None ? reader.Bytes(reader.Count()).ToArray() : null,
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
