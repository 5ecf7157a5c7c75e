namespace Auie.Core;

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
/// Tells of the entries about one user or item, as they arrive, which are new, so that what was sent before may be sent again and changes
/// nothing. An entry is told by its message id; two are the same where they are encoded in the same bytes, whatever the order of their lists.
/// </summary>
/// <param name="journal">The entries so far.</param>
public sealed class Arrivals<TEntry>(IEnumerable<TEntry> journal, Func<TEntry, string> messageId, Func<TEntry, byte[]> encode)
{
    private readonly ILookup<string, TEntry> _journal = journal.ToLookup(messageId);
    private readonly Dictionary<string, TEntry> _newById = [];
    private readonly List<TEntry> _new = [];

    /// <summary>The entries that were new, in the order in which they arrived.</summary>
    public IReadOnlyList<TEntry> New => _new;

    /// <summary>Says what an entry without errors is, and keeps a new one.</summary>
    public Arrival Add(TEntry entry)
    {
        // Of one message id the journal may hold several: only an import looks at what is there.
        var id = messageId(entry);
        var before = _newById.TryGetValue(id, out var arrived) ? [arrived] : _journal[id];
        if (!before.Any())
        {
            _newById.Add(id, entry);
            _new.Add(entry);
            return Arrival.New;
        }

        var bytes = encode(entry);
        return before.Any(one => bytes.AsSpan().SequenceEqual(encode(one))) ? Arrival.Known : Arrival.Contradictory;
    }
}
