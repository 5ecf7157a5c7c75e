namespace Auie.Storage;

/// <summary>Looking messages up.</summary>
public static class KnownMessages
{
    /// <summary>Which of some messages, none of them twice, a partition knows. Nothing is written.</summary>
    /// <param name="keys">One at the least.</param>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    public static async Task<KnownMessage[]> FindMessagesAsync(
        this IEngineStore store, PartitionId partition, long epoch, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        // A call that has one of them twice appends nothing, and tells which are known.
        var answer = await store.AppendAsync(partition, epoch, [], [.. keys, keys[0]], cancellationToken);
        return Array.FindAll(answer.Known, known => known.Index < keys.Count);
    }
}
