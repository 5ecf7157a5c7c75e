using Auie.Abstractions;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>
/// What is different for bulks. A user of whom the store has nothing is a stranger: their first record is kept here, and the next flush folds it
/// and writes the state without making the user live. Messages of imports are remembered for ever, so that an import may be repeated at any time.
/// </summary>
/// <remarks>
/// No read is stale for it. Who is made live after the commit reads the record from the store, written or not. Who was live before it knew
/// nothing of the user, for there was nothing, and a user grain that knows nothing asks the journal before each answer. And a second record, whoever brings it, is told to the user grain together with the offset of the one before; from then
/// on the user grain gives its own state to the flush. A user grain that was made live between the commit and the flush gives chunks again
/// at its next flush that are written by then: the same names, as chunks begin where their keys say.
/// </remarks>
public sealed partial class PartitionGrain
{
    /// <summary>Strangers' records: of each the only one there is.</summary>
    private readonly Dictionary<string, byte[]> _unfolded = [];

    /// <summary>About how many bytes a stranger takes in memory besides their id and record.</summary>
    private const int BytesOfStranger = 200;

    private long _unfoldedBytes;

    public async Task<ImportResult> Import(UserEvent[] events, CancellationToken cancellationToken)
    {
        var call = Read(events, isImport: true, segments: false);
        var sent = call.Incoming.Count;
        var unreadable = call.Refused.Count;
        var result = await TakeInAsync(call, cancellationToken);
        if (_unfoldedBytes > options.Value.MaxUnfoldedBytes)
            await Flush(cancellationToken);
        var added = sent - result.Known - (result.Refused.Length - unreadable);
        return new ImportResult(_partition.Number, result.Offset, added, result.Known, result.Refused);
    }

    private void KeepUnfolded(string user, byte[] record)
    {
        _unfolded.Add(user, record);
        _unfoldedBytes += BytesOf(user, record);
    }

    /// <summary>Keeps nothing of a user to be folded here any more; false where nothing was kept.</summary>
    private bool LeaveToUser(string user)
    {
        if (!_unfolded.Remove(user, out var record))
            return false;
        _unfoldedBytes -= BytesOf(user, record);
        return true;
    }

    private static long BytesOf(string user, byte[] record) => record.Length + (long)user.Length * sizeof(char) + BytesOfStranger;

    private static UserSnapshot Fold(string user, long offset, byte[] record)
    {
        var state = new UserState();
        state.ApplyRecord(offset, record);
        return Snapshots.Of(user, state);
    }
}
