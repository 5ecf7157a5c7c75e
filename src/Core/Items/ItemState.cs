using Auie.Core.Codecs;
using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What one person said of an item last (Yes, Maybe, No, or null where they said nothing), and whether they were invited.</summary>
public sealed record PersonsAnswer(string Person, EntryKind? Answer, bool Invited);

/// <summary>
/// The state of an item: a pure fold of the entries about it, as <see cref="UserState"/> is of a user's. The same entries in any order, and
/// states merged in any grouping, give the same state, byte for byte in its encoding; what is told twice is told once.
/// Not for several threads at once.
/// </summary>
public sealed class ItemState
{
    private const byte PeopleMap = 1, JoinedMap = 2;
    private const byte IsJoined = 1;
    internal const byte IsInvited = 1;
    internal const byte SaidYes = 1, SaidMaybe = 2, SaidNo = 3;

    [ThreadStatic]
    private static MapEdits? _edits;

    private readonly PackedMap _people;

    /// <summary>Ids that somebody else answers for; none of them is among the people.</summary>
    private readonly PackedMap _joined;
    private long _savedAt;

    /// <summary>The state of an item of which nothing is known.</summary>
    public ItemState() : this(new ItemHead())
    {
    }

    private ItemState(ItemHead head) : this(head, new PackedMap(head.People), new PackedMap(new RowTally()))
    {
    }

    private ItemState(ItemHead head, PackedMap people, PackedMap joined)
    {
        Head = head;
        _people = people;
        _joined = joined;
    }

    /// <summary>Traits and counts.</summary>
    public ItemHead Head { get; }

    /// <summary>The offset of the last record that is folded in; 0 for none.</summary>
    public long Offset => Head.Offset;

    /// <summary>Whether nothing is known of the item any more: no trait, and nobody who said anything of it.</summary>
    public bool IsEmpty => Head.Traits.All.Count == 0 && _people.ChunkCount == 0 && _joined.ChunkCount == 0;

    /// <summary>Folds in entries that <see cref="ItemEntryValidation"/> found no error in.</summary>
    public void Apply(params IReadOnlyList<ItemEntry> entries) => Apply(entries, Offset + 1);

    /// <summary>Folds in a record of the journal; one at or before <see cref="Offset"/> is in already and changes nothing.</summary>
    /// <returns>Whether it was folded in.</returns>
    /// <exception cref="CodecException">The payload is no record; the state is as it was.</exception>
    public bool ApplyRecord(long offset, ReadOnlySpan<byte> payload)
    {
        if (offset <= Offset)
            return false;
        Apply(ItemEntryCodec.Decode(payload), offset);
        Head.Offset = offset;
        return true;
    }

    private void Apply(IReadOnlyList<ItemEntry> entries, long offset)
    {
        var edits = _edits ??= new MapEdits();
        Join(edits, entries, offset);
        edits.Clear();
        foreach (var entry in entries)
            Gather(edits, entry);
        _people.Apply(edits, offset);
        foreach (var entry in entries)
            Head.Traits.Set(entry.Traits, entry.At, entry.MessageId);
    }

    private void Join(MapEdits edits, IReadOnlyList<ItemEntry> entries, long offset)
    {
        edits.Clear();
        foreach (var entry in entries.Where(entry => entry.Joined is not null))
        {
            var stamp = edits.Stamp(entry.At.UtcTicks, entry.MessageId);
            foreach (var person in entry.Joined!)
                edits.Add(person, new PackedRow { First = new Mark(IsJoined, stamp) });
        }

        if (edits.Count == 0)
            return;
        _joined.Apply(edits, offset);
        foreach (var person in entries.SelectMany(entry => entry.Joined ?? []))
            _people.Remove(person, offset);
    }

    private void Gather(MapEdits edits, ItemEntry entry)
    {
        var stamp = edits.Stamp(entry.At.UtcTicks, entry.MessageId);
        Add(entry.Yes, new PackedRow { Second = new Mark(SaidYes, stamp) });
        Add(entry.Maybe, new PackedRow { Second = new Mark(SaidMaybe, stamp) });
        Add(entry.No, new PackedRow { Second = new Mark(SaidNo, stamp) });
        Add(entry.Invited, new PackedRow { First = new Mark(IsInvited, stamp) });

        void Add(IReadOnlyList<string>? people, in PackedRow row)
        {
            foreach (var person in people ?? [])
            {
                if (_joined.ChunkCount == 0 || _joined.Find(person) is null)
                    edits.Add(person, row);
            }
        }
    }

    /// <summary>The state of both one's entries; the two stay as they are. Its offset is the greater one.</summary>
    public static ItemState Merge(ItemState a, ItemState b)
    {
        var head = a.Head.Copy();
        var merged = new ItemState(head, a._people.Copy(head.People), a._joined.Copy(new RowTally())) { _savedAt = a._savedAt };
        head.Offset = Math.Max(head.Offset, b.Offset);
        head.Traits.Merge(b.Head.Traits);
        merged._people.Merge(b._people, head.Offset + 1);
        merged._joined.Merge(b._joined, head.Offset + 1);
        foreach (var (person, _) in merged._joined.After(null))
            merged._people.Remove(person, head.Offset + 1);
        return merged;
    }

    /// <summary>Forgets whatever these people said or were asked, and that they made the item, as if no entry had ever named them. The offset stays.</summary>
    /// <returns>How many answers and invitations were forgotten; and whether anything changed.</returns>
    public (int Answers, bool Changed) Forget(IReadOnlySet<string> people)
    {
        var answers = people.Count(person => _people.Remove(person, Offset + 1));
        var joined = people.Count(person => _joined.Remove(person, Offset + 1));
        var made = Head.Traits.Remove(ItemTraits.Creator, people.Contains);
        return (answers, made || answers + joined > 0);
    }

    /// <summary>What a person said, or null where they said nothing and were asked nothing.</summary>
    public PersonsAnswer? AnswerOf(string person) => _people.Find(person) is { } row ? Answer(person, row) : null;

    /// <summary>The head, and the chunks that changed since what was last saved; all of them where nothing was.</summary>
    public StateSnapshot TakeSnapshot()
    {
        var changes = new List<UserChunk>();
        _people.Changes(PeopleMap, _savedAt, changes);
        _joined.Changes(JoinedMap, _savedAt, changes);
        return new StateSnapshot(Offset, ItemHeadCodec.Encode(Head), [.. changes]);
    }

    /// <summary>The state as it was stored: its head, and all its chunks in any order, which stay encoded until they are wanted.</summary>
    /// <exception cref="CodecException">The bytes are no state.</exception>
    public static ItemState Load(ReadOnlySpan<byte> head, IEnumerable<UserChunk> chunks)
    {
        var decoded = ItemHeadCodec.Decode(head);
        var byMap = chunks.Where(chunk => chunk.Data is not null).ToLookup(chunk => chunk.Map, chunk => chunk.Data!);
        return new ItemState(decoded, PackedMap.Load(decoded.People, byMap[PeopleMap]), PackedMap.Load(new RowTally(), byMap[JoinedMap])) { _savedAt = decoded.Offset };
    }

    /// <summary>Ids that somebody else answers for, in the order of UTF-8.</summary>
    public IEnumerable<string> JoinedIds => _joined.After(null).Select(found => found.Key);

    /// <summary>What each person said, after one (null: from the first), in the order of UTF-8.</summary>
    public IEnumerable<PersonsAnswer> AnswersAfter(string? person) => _people.After(person).Select(found => Answer(found.Key, found.Row));

    /// <summary>The same of all, with when they said it and were invited; null where they did not, or nobody knows.</summary>
    public IEnumerable<(PersonsAnswer Answer, DateTimeOffset? AnsweredAt, DateTimeOffset? InvitedAt)> AnswersDated() =>
        _people.Stamped().Select(found => (Answer(found.Key, found.Row), UserState.At(found.Second), UserState.At(found.First)));

    private static PersonsAnswer Answer(string person, in PackedRow row)
    {
        EntryKind? answer = row.Second.Value switch { SaidYes => EntryKind.Yes, SaidMaybe => EntryKind.Maybe, SaidNo => EntryKind.No, _ => null };
        return new PersonsAnswer(person, answer, row.First.Value == IsInvited);
    }
}
