using Auie.Abstractions;
using Auie.Core;
using Auie.Core.Codecs;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>A bulk as it is compared with the journal, one user or item after the other: what becomes of its entries, and the records to append.</summary>
/// <param name="field">The field of an event that names the user or item.</param>
/// <param name="refused">Takes in what is refused, by its place in the bulk.</param>
internal sealed class Bulk<TEntry>(
    string field, Func<TEntry, string> messageId, Func<byte[], TEntry[]> decode, Func<IReadOnlyList<TEntry>, byte[]> encode, List<Refusal> refused)
{
    /// <summary>What is new, one record a user or item.</summary>
    public List<JournalRecord> Records { get; } = [];

    public int Added { get; private set; }

    public int Known { get; private set; }

    /// <param name="id">Whom the entries are about.</param>
    /// <param name="entries">With their places in the bulk.</param>
    /// <param name="journal">What the journal has of that user or item.</param>
    public void Add(string id, IReadOnlyList<(int Index, TEntry Entry)> entries, IEnumerable<StoredRecord> journal)
    {
        Arrivals<TEntry> arrivals;
        try
        {
            arrivals = new(journal.SelectMany(record => decode(record.Payload)), messageId, entry => encode([entry]));
        }
        catch (CodecException e)
        {
            // One damaged journal does not keep all others from being imported.
            refused.AddRange(entries.Select(at => new Refusal(at.Index, field, $"has a journal that is damaged: {e.Message}")));
            return;
        }

        foreach (var (index, entry) in entries)
        {
            switch (arrivals.Add(entry))
            {
                case Arrival.New:
                    Added++;
                    break;
                case Arrival.Known:
                    Known++;
                    break;
                default:
                    refused.Add(new Refusal(index, "messageId", "came before with another content"));
                    break;
            }
        }

        if (arrivals.New.Count > 0)
            Records.Add(new JournalRecord(id, encode(arrivals.New)));
    }
}
