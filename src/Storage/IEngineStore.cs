namespace Auie.Storage;

/// <summary>
/// One part of a journal and of whom it is about: <paramref name="Number"/> runs from 0 to the store's count of partitions less one. A tenant
/// has two journals: the one of its users, under its own name, and <see cref="OfItems"/>. What is said of users here holds for items alike.
/// </summary>
public readonly record struct PartitionId(string Tenant, int Number)
{
    /// <summary>The part of a tenant's items; a tenant's own name holds no '/', so that it is nobody's part of users.</summary>
    public static PartitionId OfItems(string tenant, int number) => new($"{tenant}/items", number);

    /// <summary>Whose documents go with the part: those of the tenant itself, also where the part is of its items.</summary>
    internal string DocumentsTenant => Tenant.Split('/')[0];
}

/// <summary>A record to append: the user that it is about, and its entries, encoded by Core.</summary>
public sealed record JournalRecord(string User, byte[] Payload);

/// <summary>A record of the journal with its offset in the partition.</summary>
public sealed record StoredRecord(long Offset, string User, byte[] Payload);

/// <summary>
/// What a message is known by, so that it takes effect once however often it is sent: hashes of whoever sent it and of its id; a digest of its
/// content; and the day until which it is remembered (days since 1970; 0: for ever).
/// </summary>
public readonly record struct MessageKey(ulong Sender, UInt128 Message, long Digest, int ForgetAfter);

/// <summary>One of the keys of an append that the partition has already, by its place in the call, and the digest that it has it with.</summary>
public readonly record struct KnownMessage(int Index, long Digest);

/// <summary>
/// What came of an append: the offset of its first record (0 where it had none); or, where some of its messages were known, which these are,
/// and nothing was appended.
/// </summary>
public sealed record Appended(long First, KnownMessage[] Known);

/// <summary>
/// What is taken out of a partition, or put in place of what was there, in one transaction: whole users (their records, states and
/// the message keys of these senders), single records and states whose content changes but not their offset, and documents of the tenant.
/// </summary>
public sealed record Amendment
{
    /// <summary>Users of whom nothing is to be left: records, head, chunks.</summary>
    public IReadOnlyList<string> RemoveUsers { get; init; } = [];

    /// <summary>Senders (<see cref="MessageKey.Sender"/>) whose message keys go.</summary>
    public IReadOnlyList<ulong> RemoveSenders { get; init; } = [];

    /// <summary>Records by offset with their new content; no content removes one.</summary>
    public IReadOnlyList<(long Offset, byte[]? Payload)> Records { get; init; } = [];

    /// <summary>States that are written over those of the same offset; others are passed over.</summary>
    public IReadOnlyList<UserWrite> States { get; init; } = [];

    public IReadOnlyList<DocumentWrite> Documents { get; init; } = [];

    /// <summary>About how many bytes it writes.</summary>
    internal long Bytes =>
        Records.Sum(record => (long)(record.Payload?.Length ?? 0)) + Documents.Sum(document => (long)(document.Data?.Length ?? 0))
        + States.Sum(user => user.Head.Length + user.Chunks.Sum(chunk => (long)(chunk.Data?.Length ?? 0)));
}

/// <summary>A user with records after the partition's checkpoint, and the offset of the last one.</summary>
public sealed record PendingUser(string User, long LastOffset);

/// <summary>
/// Where a partition stands: the offset of its last record (0: none), the offset up to which every user's state has been written, and
/// the users with records after that, in the order of their ids.
/// </summary>
public sealed record PartitionPosition(long LastOffset, long Checkpoint, PendingUser[] Pending);

/// <summary>A user's state as last written: the offset that it includes, its head, and its chunks in the order of map and first key.</summary>
public sealed record StoredUser(string User, long Offset, byte[] Head, StoredChunk[] Chunks);

/// <summary>All that there is of a user: the state as last written, or null, and the records after it.</summary>
public sealed record OpenedUser(StoredUser? State, StoredRecord[] Records);

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

    /// <summary>Whether other processes may have it open too.</summary>
    bool IsShared { get; }

    /// <summary>Claims the next epoch of a key; every write under an earlier one is refused from now on.</summary>
    Task<long> ClaimEpochAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Where the partition stands.</summary>
    Task<PartitionPosition> OpenPartitionAsync(PartitionId partition, CancellationToken cancellationToken);

    /// <summary>
    /// Appends records and remembers the messages that they came of, in one transaction; on disk when it returns. Offsets are dense and begin at
    /// 1. Where a message is known to the partition, or is twice in the call, nothing is appended and the answer says which.
    /// </summary>
    /// <param name="keys">The messages; may be empty, as may the records, but not both.</param>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task<Appended> AppendAsync(
        PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>Which of these users the partition has anything of: a state or a record.</summary>
    Task<HashSet<string>> FindUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken);

    /// <summary>Removes the records up to an offset, and no farther than the checkpoint: the states hold what they said.</summary>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task TruncateAsync(PartitionId partition, long epoch, long upTo, CancellationToken cancellationToken);

    /// <summary>Forgets messages whose day is past (<see cref="MessageKey.ForgetAfter"/> from 1 up to, not including, <paramref name="today"/>).</summary>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task<int> ForgetMessagesAsync(PartitionId partition, long epoch, int today, CancellationToken cancellationToken);

    /// <summary>Takes out, and puts in place of what was there, in one transaction.</summary>
    /// <exception cref="FencedException">The epoch is not the current one of the partition.</exception>
    Task AmendAsync(PartitionId partition, long epoch, Amendment amendment, CancellationToken cancellationToken);

    /// <summary>
    /// Has nothing left in the store's files of what was removed before the call, as far as that is in the program's hands; writes wait meanwhile.
    /// </summary>
    /// <returns>What is left for an operator to do, in a sentence; null where nothing is.</returns>
    Task<string?> ScrubAsync(CancellationToken cancellationToken);

    /// <summary>Writes a copy of the store, as of one instant, to a new file while everything goes on.</summary>
    /// <exception cref="StoreException">The file cannot be written, or the store is copied by its own server's tools (the message says which).</exception>
    Task BackupAsync(string file, CancellationToken cancellationToken);

    /// <summary>Every user's state of the partition after one (null: from the first), whole, in the order of the ids; each as it is when it is read.</summary>
    IAsyncEnumerable<StoredUser> ReadUserStatesAsync(PartitionId partition, string? after, CancellationToken cancellationToken);

    /// <summary>The records of the partition after an offset, in their order.</summary>
    IAsyncEnumerable<StoredRecord> ReadJournalAsync(PartitionId partition, long after, CancellationToken cancellationToken);

    /// <summary>The user's records after an offset, in the order of the journal.</summary>
    Task<StoredRecord[]> ReadUserAsync(PartitionId partition, string user, long after, CancellationToken cancellationToken);

    /// <summary>As <see cref="ReadUserAsync"/>, of many users at once: the users in the order in which they are asked for.</summary>
    Task<StoredRecord[]> ReadUsersAsync(PartitionId partition, IReadOnlyList<(string User, long After)> users, CancellationToken cancellationToken);

    /// <summary>The user's state as last written, or null.</summary>
    Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken);

    /// <summary>The user's state as last written, if there is one, and the records after it, both as of one instant.</summary>
    Task<OpenedUser> OpenUserAsync(PartitionId partition, string user, CancellationToken cancellationToken);

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

    /// <summary>What is read from the document, or null where there is none: for large ones that many passes go through.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="kind">Of which kind.</param>
    /// <param name="key">Which of it.</param>
    /// <param name="read">Gets the document's bytes, on a thread of the store's; they are the store's again when it returns. What it throws comes through.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<T?> ReadDocumentAsync<T>(string tenant, string kind, string key, Func<ReadOnlySpan<byte>, T> read, CancellationToken cancellationToken)
        where T : class;

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
