using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// A stretch of one of a user's maps as it is stored: which map (1 friends, 2 items), the key that it begins at (empty: the map's
/// beginning), its bytes; without <paramref name="Data"/> the stretch is gone.
/// </summary>
public sealed record UserChunk(byte Map, string FirstKey, byte[]? Data);

/// <summary>What has to be written so that the store holds a user as of <paramref name="Offset"/>: the head whole, the chunks that changed.</summary>
public sealed record StateSnapshot(long Offset, byte[] Head, UserChunk[] Chunks);

/// <summary>What a user did with one item: the latest answers, and how often it was shown, viewed, bought, and they were invited and came to it.</summary>
/// <param name="Interest">Interested, NotInterested, or null where neither was said.</param>
/// <param name="Attendance">Yes, Maybe, No, or null where none was said.</param>
public sealed record ItemAnswer(
    string Item, EntryKind? Interest, EntryKind? Attendance, long Shown, long Viewed, long Invited, long Purchased)
{
    /// <summary>How often the user came to it.</summary>
    public long Came { get; init; }
}

/// <summary>
/// The state of a user: a pure fold of the entries about them. The same entries in any order, and states merged in any grouping, give the
/// same state, byte for byte in its encoding: what is last set is what has the latest (instant, message id), the rest are sums, extremes
/// and sets. Only whose the id is (<see cref="UserHead.Owner"/>) follows the order of the journal. That each entry comes once is the journal's affair. Not for several threads at once.
/// </summary>
public sealed class UserState
{
    /// <summary>Of the maps that a state is written in, the one of friends.</summary>
    public const byte FriendMap = 1;

    private const byte Version = 1;
    private const byte ItemMap = 2;
    internal const byte IsFriendNow = 1, IsFriendNoLonger = 2;
    internal const byte IsInterested = 1, IsNotInterested = 2;
    internal const byte SaidYes = 1, SaidMaybe = 2, SaidNo = 3;

    [ThreadStatic]
    private static MapEdits? _friendEdits, _itemEdits;

    private static readonly List<UserState> NoStates = [];

    private readonly PackedMap _friends;
    private readonly PackedMap _items;
    private long _savedAt;

    /// <summary>The state of somebody of whom nothing is known.</summary>
    public UserState() : this(new UserHead())
    {
    }

    private UserState(UserHead head)
    {
        Head = head;
        _friends = new PackedMap(head.FriendTally);
        _items = new PackedMap(head.ItemTally);
    }

    private UserState(UserHead head, PackedMap friends, PackedMap items)
    {
        Head = head;
        _friends = friends;
        _items = items;
    }

    /// <summary>Traits, counts, sums and instants.</summary>
    public UserHead Head { get; }

    /// <summary>The offset of the last record that is folded in; 0 for none.</summary>
    public long Offset => Head.Offset;

    /// <summary>About how many bytes friends and items take in memory.</summary>
    public int MapBytes => _friends.Bytes + _items.Bytes + 40 * (_friends.ChunkCount + _items.ChunkCount);

    /// <summary>Folds in entries that <see cref="EntryValidation"/> found no error in.</summary>
    public void Apply(params ReadOnlySpan<Entry> entries) => Apply(entries, Offset + 1);

    /// <summary>
    /// Folds in a record of the journal; one at or before <see cref="Offset"/> is in already and changes nothing. Of one that is passed on
    /// only the offset is taken: what it says is folded where it belongs.
    /// </summary>
    /// <returns>Whether it was new.</returns>
    /// <exception cref="CodecException">The payload is no record; the state is as it was.</exception>
    public bool ApplyRecord(long offset, ReadOnlySpan<byte> payload)
    {
        if (offset <= Offset)
            return false;
        var record = EntryCodec.DecodeRecord(payload);
        if (record.PassedOnTo is null)
            Apply(record.Entries, offset);
        Head.Offset = offset;
        return true;
    }

    private void Apply(ReadOnlySpan<Entry> entries, long offset)
    {
        var adopted = Adopted(entries);
        var friends = _friendEdits ??= new MapEdits();
        var items = _itemEdits ??= new MapEdits();
        friends.Clear();
        items.Clear();
        foreach (var entry in entries)
        {
            GatherFriends(friends, entry);
            GatherItem(items, entry);
        }
        _friends.Apply(friends, offset);
        _items.Apply(items, offset);
        foreach (var entry in entries)
            Head.Apply(entry);
        foreach (var state in adopted)
            Absorb(state, offset);
    }

    /// <summary>The states that entries bring, all read before anything changes: where one cannot be, nothing is folded in.</summary>
    private static List<UserState> Adopted(ReadOnlySpan<Entry> entries)
    {
        List<UserState>? states = null;
        foreach (var entry in entries)
        {
            if (entry is { Kind: EntryKind.Adopt, State: { } state })
                (states ??= []).Add(Decode(state));
        }
        return states ?? NoStates;
    }

    private static void GatherFriends(MapEdits edits, Entry entry)
    {
        if (entry.FriendsAdded is not { Count: > 0 } && entry.FriendsRemoved is not { Count: > 0 })
            return;
        var stamp = edits.Stamp(entry.At.UtcTicks, entry.MessageId);
        foreach (var id in entry.FriendsAdded ?? [])
            edits.Add(id, new PackedRow { First = new Mark(IsFriendNow, stamp) });
        foreach (var id in entry.FriendsRemoved ?? [])
            edits.Add(id, new PackedRow { First = new Mark(IsFriendNoLonger, stamp) });
    }

    private static void GatherItem(MapEdits edits, Entry entry)
    {
        // Of an event that the engine has no kind for its name is counted, and nothing is known of the item by it.
        if (entry.Item is null || entry.Kind == EntryKind.Other)
            return;
        var interest = entry.Kind switch { EntryKind.Interested => IsInterested, EntryKind.NotInterested => IsNotInterested, _ => (byte)0 };
        var attendance = entry.Kind switch { EntryKind.Yes => SaidYes, EntryKind.Maybe => SaidMaybe, EntryKind.No => SaidNo, _ => (byte)0 };
        var stamp = interest + attendance > 0 ? edits.Stamp(entry.At.UtcTicks, entry.MessageId) : 0;
        edits.Add(entry.Item, new PackedRow
        {
            First = interest > 0 ? new Mark(interest, stamp) : default,
            Second = attendance > 0 ? new Mark(attendance, stamp) : default,
            Shown = entry.Kind == EntryKind.Shown ? 1u : 0,
            Viewed = entry.Kind == EntryKind.Viewed ? 1u : 0,
            Invited = entry.Kind == EntryKind.Invited ? 1u : 0,
            Purchased = entry.Kind == EntryKind.Purchased ? 1u : 0,
            Came = entry.Kind == EntryKind.Came ? 1u : 0,
        });
    }

    /// <summary>Takes over all that another state holds but its offset and its owner; the other stays as it is.</summary>
    /// <param name="offset">Where in this user's journal that stands; chunks that change are marked with it.</param>
    public void Absorb(UserState other, long offset)
    {
        Head.Absorb(other.Head);
        _friends.Merge(other._friends, offset);
        _items.Merge(other._items, offset);
    }

    /// <summary>The state of both one's entries; the two stay as they are. Its offset is the greater one, its owner the first one's.</summary>
    public static UserState Merge(UserState a, UserState b)
    {
        var head = a.Head.Copy();
        var merged = new UserState(head, a._friends.Copy(head.FriendTally), a._items.Copy(head.ItemTally)) { _savedAt = a._savedAt };
        head.Offset = Math.Max(head.Offset, b.Offset);
        merged.Absorb(b, head.Offset + 1);
        return merged;
    }

    /// <summary>
    /// Forgets whatever others' ids say here: they are no friends, were not taken over, and own nothing, as if no entry had ever named them. The offset stays;
    /// a snapshot has the chunks that changed.
    /// </summary>
    /// <returns>Whether anything changed.</returns>
    public bool Forget(IReadOnlySet<string> ids)
    {
        var forgotten = Head.Forget(ids);
        foreach (var id in ids)
            forgotten |= _friends.Remove(id, Offset + 1);
        return forgotten;
    }

    /// <summary>Everybody who is or was a friend, after one (null: from the first), in the order of UTF-8.</summary>
    public IEnumerable<(string Id, bool IsFriend)> FriendsEverAfter(string? id) =>
        _friends.After(id).Select(friend => (friend.Key, friend.Row.First.Value == IsFriendNow));

    /// <summary>The head, and the chunks that changed since what was last saved; all of them where nothing was.</summary>
    public StateSnapshot TakeSnapshot()
    {
        var changes = new List<UserChunk>();
        _friends.Changes(FriendMap, _savedAt, changes);
        _items.Changes(ItemMap, _savedAt, changes);
        return new StateSnapshot(Offset, UserHeadCodec.Encode(Head), [.. changes]);
    }

    /// <summary>Says that a snapshot as of an offset is in the store, so that later ones need not hold what it held.</summary>
    public void Saved(long offset) => _savedAt = Math.Max(_savedAt, offset);

    /// <summary>The state as it was stored: its head, and all its chunks in any order, which stay encoded until they are wanted.</summary>
    /// <exception cref="CodecException">The bytes are no state.</exception>
    public static UserState Load(ReadOnlySpan<byte> head, IEnumerable<UserChunk> chunks)
    {
        var decoded = UserHeadCodec.Decode(head);
        var byMap = chunks.Where(chunk => chunk.Data is not null).ToLookup(chunk => chunk.Map, chunk => chunk.Data!);
        return new UserState(decoded, PackedMap.Load(decoded.FriendTally, byMap[FriendMap]), PackedMap.Load(decoded.ItemTally, byMap[ItemMap]))
        {
            _savedAt = decoded.Offset,
        };
    }

    /// <summary>The whole state as bytes. Version 1: the version; the head after its length; for friends and then items the count of chunks, and each after its length.</summary>
    public byte[] Encode()
    {
        var head = UserHeadCodec.Encode(Head);
        var writer = new ByteWriter(head.Length + MapBytes + 64);
        writer.Byte(Version);
        WriteBlock(writer, head);
        foreach (var map in (ReadOnlySpan<PackedMap>)[_friends, _items])
        {
            writer.Varint((ulong)map.ChunkCount);
            foreach (var chunk in map.Chunks)
                WriteBlock(writer, chunk);
        }
        return writer.ToArray();
    }

    /// <summary>The state that <see cref="Encode"/> gave the bytes of; every part of it has been read.</summary>
    /// <exception cref="CodecException">The bytes are no state, or one of a newer version.</exception>
    public static UserState Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "A user's whole state");
        if (reader.Byte() is var version && version != Version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}");
        var head = UserHeadCodec.Decode(reader.Bytes(reader.Count()));
        var friends = ReadMap(ref reader, head.FriendTally);
        var items = ReadMap(ref reader, head.ItemTally);
        reader.End();
        return new UserState(head, friends, items);
    }

    private static PackedMap ReadMap(ref ByteReader reader, RowTally tally)
    {
        var chunks = new byte[reader.Count()][];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = reader.Bytes(reader.Count()).ToArray();
        var map = PackedMap.Load(tally, chunks);
        map.Check();
        return map;
    }

    private static void WriteBlock(ByteWriter writer, byte[] block)
    {
        writer.Varint((ulong)block.Length);
        writer.Bytes(block);
    }

    public bool IsFriend(string id) => _friends.Find(id)?.First.Value == IsFriendNow;

    /// <summary>The friends' ids after one (null: from the first), in the order of UTF-8.</summary>
    public IEnumerable<string> FriendsAfter(string? id) =>
        _friends.After(id).Where(friend => friend.Row.First.Value == IsFriendNow).Select(friend => friend.Key);

    /// <summary>What the user did with an item, or null.</summary>
    public ItemAnswer? Item(string item) => _items.Find(item) is { } row ? Answer(item, row) : null;

    /// <summary>What the user did with each item after one (null: from the first), in the order of UTF-8.</summary>
    public IEnumerable<ItemAnswer> ItemsAfter(string? item) => _items.After(item).Select(found => Answer(found.Key, found.Row));

    /// <summary>What the user answered items, and to which they were invited, each with when and by which message they answered; in the order of UTF-8.</summary>
    internal IEnumerable<(ItemAnswer Answer, Stamp? AnsweredAt)> ItemsAnswered() => _items.Stamped()
        .Where(found => found.Row.Second.Value > 0 || found.Row.Invited > 0)
        .Select(found => (Answer(found.Key, found.Row), found.Row.Second.Value == 0 ? (Stamp?)null : found.Second.ToStamp()));

    /// <summary>What the user did with each item, and when they said last whether they are interested, and whether they come; null where they did not, or nobody knows.</summary>
    public IEnumerable<(ItemAnswer Answer, DateTimeOffset? InterestAt, DateTimeOffset? AttendanceAt)> ItemsDated() =>
        _items.Stamped().Select(found => (Answer(found.Key, found.Row), At(found.First), At(found.Second)));

    /// <summary>Since when others are friends, null where nobody knows; in the order of UTF-8.</summary>
    public IEnumerable<(string Id, DateTimeOffset? Since)> FriendsDated() =>
        _friends.Stamped().Where(friend => friend.Row.First.Value == IsFriendNow).Select(friend => (friend.Key, At(friend.First)));

    /// <summary>The instant of a stamp; null where nobody knows it.</summary>
    internal static DateTimeOffset? At(PackedStamp stamp) => stamp.Ticks <= EntryValidation.Undated.UtcTicks ? null : new DateTimeOffset(stamp.Ticks, TimeSpan.Zero);

    private static ItemAnswer Answer(string item, in PackedRow row)
    {
        EntryKind? interest = row.First.Value switch { IsInterested => EntryKind.Interested, IsNotInterested => EntryKind.NotInterested, _ => null };
        EntryKind? attendance = row.Second.Value switch { SaidYes => EntryKind.Yes, SaidMaybe => EntryKind.Maybe, SaidNo => EntryKind.No, _ => null };
        return new ItemAnswer(item, interest, attendance, row.Shown, row.Viewed, row.Invited, row.Purchased) { Came = row.Came };
    }
}
