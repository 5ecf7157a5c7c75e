namespace Auie.Core.Users;

/// <summary>What an entry is to a journal that may have it already.</summary>
public enum Arrival
{
    New,

    /// <summary>It came before, with the same content.</summary>
    Known,

    /// <summary>Its message id came before with another content.</summary>
    Contradictory,
}

/// <summary>
/// Tells of one user's entries, as they arrive, which are new, so that what was sent before may be sent again and changes nothing. An entry
/// is told by its message id; two are the same where they are encoded in the same bytes, whatever the order of their friends.
/// </summary>
public sealed class Arrivals
{
    private readonly ILookup<string, Entry> _journal;
    private readonly Dictionary<string, Entry> _newById = [];
    private readonly List<Entry> _new = [];

    /// <param name="journal">The user's entries so far.</param>
    public Arrivals(IEnumerable<Entry> journal) => _journal = journal.ToLookup(entry => entry.MessageId);

    /// <summary>The entries that were new, in the order in which they arrived.</summary>
    public IReadOnlyList<Entry> New => _new;

    /// <summary>Says what an entry without errors (<see cref="EntryValidation"/>) is, and keeps a new one.</summary>
    public Arrival Add(Entry entry)
    {
        // Of one message id the journal may hold several: only an import looks at what is there.
        Entry[] before = _newById.TryGetValue(entry.MessageId, out var arrived) ? [arrived] : [.. _journal[entry.MessageId]];
        if (before.Length == 0)
        {
            _newById.Add(entry.MessageId, entry);
            _new.Add(entry);
            return Arrival.New;
        }

        var bytes = EntryCodec.Encode(entry);
        return before.Any(one => bytes.AsSpan().SequenceEqual(EntryCodec.Encode(one))) ? Arrival.Known : Arrival.Contradictory;
    }
}
