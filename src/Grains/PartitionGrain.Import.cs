using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// Bulk imports. A user of whom the store has nothing is a stranger: their first record is kept here, and the next flush folds it and
/// writes the state without making the user live.
/// </summary>
/// <remarks>
/// No read is stale for it. Who is made live after the commit reads the record from the store, written or not. Who was live before it knew
/// nothing of the user, for there was nothing, and a user grain that knows nothing asks the journal before each answer and before it folds
/// what it is told. And a second record, whoever brings it, is told to the user grain together with the offset of the one before; from then
/// on the user grain gives its own state to the flush. A user grain that was made live between the commit and the flush gives chunks again
/// at its next flush that are written by then: the same names, as chunks begin where their keys say.
/// </remarks>
public sealed partial class PartitionGrain
{
    /// <summary>Strangers' records: of each the only one there is.</summary>
    private readonly Dictionary<string, byte[]> _unfolded = [];

    private long _unfoldedBytes;

    public async Task<ImportResult> Import(UserEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var records = new List<JournalRecord>();
        var strangers = new HashSet<string>();
        var (added, known) = (0, 0);
        foreach (var (user, entries) in ByUser(events, refused))
        {
            var stored = await store.ReadUserAsync(_partition, user, 0, cancellationToken).OrUnavailable();
            if (stored.Length == 0)
                strangers.Add(user);
            Arrivals arrivals;
            try
            {
                arrivals = new Arrivals(stored.SelectMany(record => EntryCodec.Decode(record.Payload)));
            }
            catch (CodecException e)
            {
                // One damaged user does not keep all others from being imported.
                refused.AddRange(entries.Select(at => new Refusal(at.Index, "userId", $"names a user whose journal is damaged: {e.Message}")));
                continue;
            }

            foreach (var (index, entry) in entries)
            {
                switch (arrivals.Add(entry))
                {
                    case Arrival.New:
                        added++;
                        break;
                    case Arrival.Known:
                        known++;
                        break;
                    default:
                        refused.Add(new Refusal(index, "messageId", "came before with another content"));
                        break;
                }
            }

            if (arrivals.New.Count > 0)
                records.Add(new JournalRecord(user, EntryCodec.Encode(arrivals.New)));
        }

        await CommitAsync(records, strangers, cancellationToken);
        if (_unfoldedBytes > options.Value.MaxUnfoldedBytes)
            await Flush(cancellationToken);
        return new ImportResult(_partition.Number, _lastOffset, added, known, [.. refused.OrderBy(refusal => refusal.Index)]);
    }

    private void KeepUnfolded(string user, byte[] record)
    {
        _unfolded.Add(user, record);
        _unfoldedBytes += record.Length;
    }

    /// <summary>Keeps nothing of a user to be folded here any more; false where nothing was kept.</summary>
    private bool LeaveToUser(string user)
    {
        if (!_unfolded.Remove(user, out var record))
            return false;
        _unfoldedBytes -= record.Length;
        return true;
    }

    private static UserSnapshot Fold(string user, long offset, byte[] record)
    {
        var state = new UserState();
        state.ApplyRecord(offset, record);
        return Snapshots.Of(user, state);
    }
}
