namespace Auie.Storage;

/// <summary>
/// One part of a journal and of whom it is about: <paramref name="Number"/> runs from 0 to the store's count of partitions less one. A tenant
/// has two journals: the one of its users, under its own name, and <see cref="OfItems"/>. What is said of users here holds for items alike.
/// </summary>
public readonly record struct PartitionId(string Tenant, int Number)
{
    /// <summary>The part of a tenant's items; a tenant's own name holds no '/', so that it is nobody's part of users.</summary>
    public static PartitionId OfItems(string tenant, int number) => new($"{tenant}/items", number);
}

/// <summary>A record to append: the user that it is about, and its entries, encoded by Core.</summary>
public sealed record JournalRecord(string User, byte[] Payload);

/// <summary>A record of the journal with its offset in the partition.</summary>
public sealed record StoredRecord(long Offset, string User, byte[] Payload);

/// <summary>A user with records after the partition's checkpoint, and the offset of the last one.</summary>
public sealed record PendingUser(string User, long LastOffset);

/// <summary>
/// Where a partition stands: the offset of its last record (0: none), the offset up to which every user's state has been written, and
/// the users with records after that, in the order of their ids.
/// </summary>
public sealed record PartitionPosition(long LastOffset, long Checkpoint, PendingUser[] Pending);

/// <summary>A user's state as last written: the offset that it includes, its head, and its chunks in the order of map and first key.</summary>
public sealed record StoredUser(string User, long Offset, byte[] Head, StoredChunk[] Chunks);

/// <summary>A stretch of one of a user's maps, named by the key that it begins at; no <paramref name="Data"/> in a write removes it.</summary>
public sealed record StoredChunk(byte Map, string FirstKey, byte[]? Data);

/// <summary>A user's state to write, as of <paramref name="Offset"/>: the head whole, of the chunks those that changed.</summary>
public sealed record UserWrite(string User, long Offset, byte[] Head, IReadOnlyList<StoredChunk> Chunks);

/// <summary>A user's head as last written.</summary>
public sealed record StoredHead(string User, long Offset, byte[] Head);

/// <summary>A document to write under a kind and a key, which is not empty; no <paramref name="Data"/> removes it.</summary>
public sealed record DocumentWrite(string Kind, string Key, byte[]? Data);

/// <summary>
/// The bytes that the engine keeps: a journal and the users' states by partition, and documents by tenant, kind and key. What the bytes
/// mean is Core's affair. A write has happened whole, and is on disk, when its task ends well; where it fails or is cancelled nothing of
/// it has happened, unless the exception says that the outcome is unknown (<see cref="StoreException.OutcomeUnknown"/>).
/// Text is kept and ordered as its UTF-8 bytes.
/// </summary>
/// <remarks>
/// Writers are fenced: each claims an epoch for its key, and each of its writes is refused with <see cref="FencedException"/> once a
/// later epoch of that key was claimed. A partition's key is <see cref="StoreOwners.Partition"/>.
/// </remarks>
public interface IEngineStore : IAsyncDisposable
{
    /// <summary>How many partitions a tenant has; fixed when the store is made.</summary>
    int Partitions { get; }

    /// <summary>Claims the next epoch of a key; every write under an earlier one is refused from now on.</summary>
    Task<long> ClaimEpochAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Where the partition stands.</summary>
    Task<PartitionPosition> OpenPartitionAsync(PartitionId partition, CancellationToken cancellationToken);

    /// <summary>Appends records; on disk when it returns. Offsets are dense and begin at 1.</summary>
    /// <returns>The offset of the first record.</returns>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task<long> AppendAsync(PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken);

    /// <summary>The user's records after an offset, in the order of the journal.</summary>
    Task<StoredRecord[]> ReadUserAsync(PartitionId partition, string user, long after, CancellationToken cancellationToken);

    /// <summary>As <see cref="ReadUserAsync"/>, of many users at once: the users in the order in which they are asked for.</summary>
    Task<StoredRecord[]> ReadUsersAsync(PartitionId partition, IReadOnlyList<(string User, long After)> users, CancellationToken cancellationToken);

    /// <summary>The user's state as last written, or null.</summary>
    Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken);

    /// <summary>As <see cref="LoadUserAsync"/>, of many users at once; those who have no state are left out.</summary>
    Task<StoredUser[]> LoadUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken);

    /// <summary>Writes users' states, each only over one of a lower offset, and moves the checkpoint, which never goes back, in one transaction.</summary>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task FlushAsync(PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// The heads of the users after one (null: from the first), in the order of the users' ids; each as it is when it is read, not all of
    /// one instant. A state under the empty id is nobody's, and is left out.
    /// </summary>
    IAsyncEnumerable<StoredHead> ReadHeadsAsync(PartitionId partition, string? after, CancellationToken cancellationToken);

    /// <summary>Writes and removes documents in one transaction.</summary>
    /// <exception cref="FencedException">The epoch is not the current one of <paramref name="owner"/>.</exception>
    Task WriteDocumentsAsync(string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken);

    /// <summary>The document, or null.</summary>
    Task<byte[]?> ReadDocumentAsync(string tenant, string kind, string key, CancellationToken cancellationToken);

    /// <summary>Every document of a kind, in the order of the keys; each as it is when it is read.</summary>
    IAsyncEnumerable<(string Key, byte[] Data)> ReadDocumentsAsync(string tenant, string kind, CancellationToken cancellationToken);

    /// <summary>Removes every document of a kind.</summary>
    /// <exception cref="FencedException">The epoch is not the current one of <paramref name="owner"/>.</exception>
    Task DeleteDocumentsAsync(string tenant, string owner, long epoch, string kind, CancellationToken cancellationToken);
}

/// <summary>The keys that epochs are claimed for.</summary>
public static class StoreOwners
{
    /// <summary>The key of a partition's only writer.</summary>
    public static string Partition(PartitionId partition) => $"partition/{partition.Tenant}/{partition.Number}";
}
