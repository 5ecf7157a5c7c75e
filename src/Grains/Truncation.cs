using Auie.Storage;

namespace Auie.Grains;

/// <summary>Cuts a part of the journal short behind its checkpoint, in stretches, so that no write waits long for it.</summary>
/// <param name="kept">How many records before the checkpoint are kept.</param>
internal sealed class Truncation(IEngineStore store, int stretch, int kept)
{
    /// <summary>Nothing is kept up to this offset; null while that is not known.</summary>
    private long? _cutTo;

    /// <param name="stepDown">What the writer does when its epoch is over.</param>
    public async Task RunAsync(PartitionId partition, long epoch, long checkpoint, Action stepDown, CancellationToken cancellationToken)
    {
        _cutTo ??= await CutToAsync(partition, checkpoint, cancellationToken);
        while (checkpoint - kept - _cutTo >= stretch)
        {
            var upTo = _cutTo.Value + stretch;
            await store.TruncateAsync(partition, epoch, upTo, cancellationToken).OrUnavailable(stepDown);
            _cutTo = upTo;
        }
    }

    private async Task<long> CutToAsync(PartitionId partition, long checkpoint, CancellationToken cancellationToken)
    {
        await foreach (var record in store.ReadJournalAsync(partition, 0, cancellationToken).OrUnavailable())
            return Math.Min(record.Offset - 1, checkpoint);
        return checkpoint;
    }
}
