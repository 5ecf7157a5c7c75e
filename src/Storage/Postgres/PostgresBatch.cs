using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// A write that waits for its transaction: the keys and rows that have to be locked and read for it, and what it does to a batch.
/// </summary>
/// <param name="Owner">The key whose epoch it is under, or that it claims.</param>
/// <param name="Apply">Checks the write, and only then has it take effect in the batch; returns what its caller is told.</param>
internal sealed record PostgresWrite(string Owner, Func<PostgresBatch, object?> Apply)
{
    public bool Claims { get; init; }

    /// <summary>What it may overtake.</summary>
    public WriteTurn Turn { get; init; }

    public PartitionId? Partition { get; init; }

    /// <summary>The users whose states it writes.</summary>
    public IReadOnlyList<UserWrite> Users { get; init; } = [];

    /// <summary>The messages that it came of.</summary>
    public IReadOnlyList<MessageKey> Keys { get; init; } = [];

    /// <summary>What it does after it was checked, in a transaction that it has to itself; returns what its caller is told.</summary>
    public Func<NpgsqlConnection, PostgresBatch, Task<object?>>? Alone { get; init; }
}

/// <summary>
/// One transaction of several writes. What they depend on was locked and read before; each write is then checked and takes effect here, in
/// its turn, so that one that is refused leaves nothing behind; and the rows that come of all together are written at once.
/// </summary>
internal sealed class PostgresBatch
{
    private readonly Dictionary<string, long> _epochs = [];
    private readonly Dictionary<PartitionId, PostgresPartition> _partitions = [];
    private readonly Dictionary<(PartitionId, string User), long> _offsets = [];

    private readonly Dictionary<PartitionId, Dictionary<(ulong Sender, UInt128 Message), long>> _known = [];

    private readonly HashSet<string> _claimed = [];
    private readonly List<(PostgresPartition Partition, long Offset, JournalRecord Record)> _records = [];
    private readonly List<(PostgresPartition Partition, MessageKey Key)> _messages = [];
    private readonly Dictionary<(PostgresPartition Partition, string User), UserWrite> _heads = [];
    private readonly Dictionary<(PostgresPartition Partition, string User, byte Map, string FirstKey), byte[]?> _chunks = [];
    private readonly HashSet<(string Tenant, string Kind)> _removedKinds = [];
    private readonly Dictionary<(string Tenant, string Kind, string Key), byte[]?> _documents = [];

    public IEnumerable<(string Owner, long Epoch)> Claimed => _claimed.Select(owner => (owner, _epochs[owner]));

    /// <summary>The partitions that something is written to.</summary>
    public IEnumerable<PostgresPartition> Partitions => _partitions.Values.Where(partition => partition.Changed);

    public List<(PostgresPartition Partition, long Offset, JournalRecord Record)> Records => _records;

    public List<(PostgresPartition Partition, MessageKey Key)> Messages => _messages;

    public Dictionary<(PostgresPartition Partition, string User), UserWrite> Heads => _heads;

    /// <summary>No bytes: the chunk is removed.</summary>
    public Dictionary<(PostgresPartition Partition, string User, byte Map, string FirstKey), byte[]?> Chunks => _chunks;

    /// <summary>Removed before <see cref="Documents"/> are written.</summary>
    public HashSet<(string Tenant, string Kind)> RemovedKinds => _removedKinds;

    /// <summary>No bytes: the document is removed.</summary>
    public Dictionary<(string Tenant, string Kind, string Key), byte[]?> Documents => _documents;

    /// <summary>Takes in an epoch that was found.</summary>
    public void Found(string owner, long epoch) => _epochs[owner] = epoch;

    /// <summary>Takes in a partition that was found.</summary>
    public void Found(PartitionId partition, int row, long lastOffset, long checkpoint, long truncated) =>
        _partitions[partition] = new PostgresPartition(partition, row, lastOffset, checkpoint, truncated);

    /// <summary>Takes in the offset of a user's state that was found.</summary>
    public void Found(PartitionId partition, string user, long offset) => _offsets[(partition, user)] = offset;

    /// <summary>Takes in a message that was found, and the digest that it is known with.</summary>
    public void Found(PartitionId partition, MessageKey key, long digest) => Known(partition)[(key.Sender, key.Message)] = digest;

    public long ClaimEpoch(string owner)
    {
        _claimed.Add(owner);
        return _epochs[owner] += 1;
    }

    public Appended Append(PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var to = Partition(partition);
        if (Remember(partition, keys) is { } known)
            return new Appended(0, known);
        foreach (var key in keys)
            _messages.Add((to, key));
        var first = to.LastOffset + 1;
        foreach (var record in records)
            _records.Add((to, ++to.LastOffset, record));
        to.Changed = true;
        return new Appended(records.Count == 0 ? 0 : first, []);
    }

    /// <summary>Adds messages to those that are known, or, where some are known already, none of them, and returns which.</summary>
    private KnownMessage[]? Remember(PartitionId partition, IReadOnlyList<MessageKey> keys)
    {
        if (keys.Count == 0)
            return null;
        var known = Known(partition);
        List<KnownMessage>? before = null;
        for (var i = 0; i < keys.Count; i++)
        {
            var key = (keys[i].Sender, keys[i].Message);
            if (!known.TryAdd(key, keys[i].Digest))
                (before ??= []).Add(new KnownMessage(i, known[key]));
        }
        if (before is null)
            return null;
        var added = Enumerable.Range(0, keys.Count).Except(before.Select(message => message.Index));
        foreach (var i in added)
            known.Remove((keys[i].Sender, keys[i].Message));
        return [.. before];
    }

    private Dictionary<(ulong Sender, UInt128 Message), long> Known(PartitionId partition)
    {
        if (!_known.TryGetValue(partition, out var known))
            _known[partition] = known = [];
        return known;
    }

    /// <summary>Removes a bounded number of records, the first ones first.</summary>
    /// <returns>Whether more are to be removed.</returns>
    public bool Truncate(PartitionId partition, long epoch, long upTo)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var of = Partition(partition);
        var last = Math.Min(upTo, of.Checkpoint);
        if (last <= of.Truncated)
            return false;
        of.Truncated = Math.Min(last, of.Truncated + StoreSlices.Records);
        of.Changed = true;
        return of.Truncated < last;
    }

    /// <summary>Checks an amendment, and has its documents written; the rest it does by itself.</summary>
    public void Amend(PartitionId partition, long epoch, Amendment amendment)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        StoreChecks.Offsets(partition, amendment, Row(partition)?.LastOffset ?? 0);
        foreach (var document in amendment.Documents)
            _documents[(partition.DocumentsTenant, document.Kind, document.Key)] = document.Data;
    }

    /// <summary>The partition, if it has a row.</summary>
    public PostgresPartition? Row(PartitionId partition) => _partitions.GetValueOrDefault(partition);

    public void Flush(PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var to = Partition(partition);
        if (checkpoint > to.LastOffset)
            throw new ArgumentException($"The checkpoint {checkpoint} is past the last offset {to.LastOffset} of {partition}.", nameof(checkpoint));
        foreach (var user in users)
        {
            if (_offsets.TryGetValue((partition, user.User), out var stored) && stored >= user.Offset)
                continue; // what is stored already includes this offset
            _offsets[(partition, user.User)] = user.Offset;
            _heads[(to, user.User)] = user;
            foreach (var chunk in user.Chunks)
                _chunks[(to, user.User, chunk.Map, chunk.FirstKey)] = chunk.Data;
        }
        to.Checkpoint = Math.Max(to.Checkpoint, checkpoint);
        to.Changed = true;
    }

    public void WriteDocuments(string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents)
    {
        CheckEpoch(owner, epoch);
        foreach (var document in documents)
            _documents[(tenant, document.Kind, document.Key)] = document.Data;
    }

    public void DeleteDocuments(string tenant, string owner, long epoch, string kind)
    {
        CheckEpoch(owner, epoch);
        foreach (var document in _documents.Keys.Where(document => document.Tenant == tenant && document.Kind == kind).ToArray())
            _documents.Remove(document);
        _removedKinds.Add((tenant, kind));
    }

    public void CheckEpoch(string owner, long epoch)
    {
        var current = _epochs.GetValueOrDefault(owner);
        if (epoch != current || epoch == 0)
            throw new FencedException(owner, epoch, current);
    }

    /// <summary>The partition, which has a row from its first write on.</summary>
    private PostgresPartition Partition(PartitionId partition)
    {
        if (!_partitions.TryGetValue(partition, out var found))
            _partitions[partition] = found = new PostgresPartition(partition, null, 0, 0, 0);
        return found;
    }
}

/// <summary>A partition that is locked: the number of its row, unless it has none yet, and where it stands.</summary>
internal sealed class PostgresPartition(PartitionId id, int? row, long lastOffset, long checkpoint, long truncated)
{
    public PartitionId Id { get; } = id;

    public int? Row { get; set; } = row;

    public long LastOffset { get; set; } = lastOffset;

    public long Checkpoint { get; set; } = checkpoint;

    /// <summary>Up to where its records were removed before this transaction.</summary>
    public long WasTruncated { get; } = truncated;

    public long Truncated { get; set; } = truncated;

    public bool Changed { get; set; }
}
