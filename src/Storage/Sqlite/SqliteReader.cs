using System.Text;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>One reading connection with its statements.</summary>
internal sealed class SqliteReader(SqliteConnection connection, SqliteRecordChains chains) : IDisposable
{
    private readonly SqliteStatement _begin = new(connection, "BEGIN");
    private readonly SqliteStatement _end = new(connection, "COMMIT");

    private readonly SqliteStatement _partition =
        new(connection, "SELECT id, last_offset, checkpoint FROM partition WHERE tenant = ?1 AND number = ?2");

    private readonly SqliteStatement _pending =
        new(connection, "SELECT user, max(place) FROM journal WHERE place BETWEEN ?1 AND ?2 GROUP BY user ORDER BY user");

    private readonly SqliteStatement _record = new(connection, "SELECT payload FROM journal WHERE place = ?1 AND user = ?2");

    private readonly SqliteStatement _searched =
        new(connection, "SELECT place, payload FROM journal WHERE user = ?1 AND place BETWEEN ?2 AND ?3 ORDER BY place");

    private readonly SqliteStatement _head =
        new(connection, "SELECT offset, head FROM user_head WHERE partition = ?1 AND user = ?2");

    private readonly SqliteStatement _chunks =
        new(connection, "SELECT map, first_key, data FROM user_chunk WHERE partition = ?1 AND user = ?2 ORDER BY map, first_key");

    private readonly SqliteStatement _heads =
        new(connection, "SELECT user, offset, head FROM user_head WHERE partition = ?1 AND user > ?2 ORDER BY user LIMIT ?3");

    private readonly SqliteStatement _document =
        new(connection, "SELECT data FROM document WHERE tenant = ?1 AND kind = ?2 AND key = ?3");

    private readonly SqliteStatement _documents =
        new(connection, "SELECT key, data FROM document WHERE tenant = ?1 AND kind = ?2 AND key > ?3 ORDER BY key LIMIT ?4");

    private readonly SqliteStatement _hasHead = new(connection, "SELECT 1 FROM user_head WHERE partition = ?1 AND user = ?2");

    private readonly SqliteStatement _journal =
        new(connection, "SELECT place, user, payload FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3");

    private readonly SqliteStatement _tail = new(connection, $"SELECT {SqliteTail.Columns} FROM tail ORDER BY number");

    private readonly SqliteStatement _inTail = new(connection, $"SELECT {SqliteTail.Columns} FROM tail WHERE number = ?1");

    /// <summary>Rows of the tail that were read on the state of the store that is read now.</summary>
    private readonly Dictionary<long, TailAppend?> _tailRows = [];

    private const long LargestOffset = SqliteSchema.LargestOffset;

    public PartitionPosition Position(PartitionId partition) => Consistent(() =>
    {
        if (Find(partition) is not { } found)
            return new PartitionPosition(0, 0, []);
        var last = new Dictionary<string, long>(StringComparer.Ordinal);
        using (var rows = _pending.Rows(SqliteWriter.Place(found.Id, found.Checkpoint + 1), SqliteWriter.Place(found.Id, LargestOffset)))
        {
            while (rows.Read())
                last[rows.Text(0)] = rows.Number(1) & LargestOffset;
        }
        foreach (var record in Tail(found.Id, found.Checkpoint))
            last[record.User] = record.Offset;
        var pending = last.Select(user => new PendingUser(user.Key, user.Value)).ToArray();
        Array.Sort(Array.ConvertAll(pending, user => Encoding.UTF8.GetBytes(user.User)), pending, Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)));
        return new PartitionPosition(found.LastOffset, found.Checkpoint, pending);
    });

    /// <summary>A partition's records in the tail after an offset, in their order: behind all that are in the journal.</summary>
    private List<StoredRecord> Tail(long partition, long after)
    {
        var records = new List<StoredRecord>();
        using var rows = _tail.Rows();
        while (rows.Read())
        {
            if (rows.Number(1) >> SqliteSchema.OffsetBits != partition)
                continue;
            var append = SqliteTail.Read(rows);
            for (var i = 0; i < append.Records.Count; i++)
            {
                if (append.First + i > after)
                    records.Add(new StoredRecord(append.First + i, append.Records[i].User, append.Records[i].Payload));
            }
        }
        return records;
    }

    public StoredRecord[] Records(PartitionId partition, IReadOnlyList<(string User, long After)> users)
    {
        var offsets = users.Select(user => chains.Find(partition, user.User, user.After)).ToArray();
        return Consistent(() =>
        {
            var records = new List<StoredRecord>();
            if (Find(partition) is not { } found)
                return [];
            for (var i = 0; i < users.Count; i++)
                ReadRecords(found.Id, users[i].User, users[i].After, offsets[i], records);
            return records.ToArray();
        });
    }

    /// <param name="offsets">Where the records after <paramref name="after"/> lie, as the chains have it; null where they do not know.</param>
    private void ReadRecords(long partition, string user, long after, (long Offset, long InTail)[]? offsets, List<StoredRecord> records)
    {
        if (offsets is null)
        {
            using var rows = _searched.Rows(user, SqliteWriter.Place(partition, after + 1), SqliteWriter.Place(partition, LargestOffset));
            while (rows.Read())
                records.Add(new StoredRecord(rows.Number(0) & LargestOffset, user, rows.Bytes(1)));
            records.AddRange(Tail(partition, after).Where(record => record.User == user));
            return;
        }

        foreach (var (offset, inTail) in offsets)
        {
            // What is not there any more was cut off, behind a state that includes it, or erased.
            if (offset > after && (InTail(inTail, partition, offset) ?? _record.Bytes(SqliteWriter.Place(partition, offset), user)) is { } payload)
                records.Add(new StoredRecord(offset, user, payload));
        }
    }

    /// <summary>The record at an offset, if the tail has it in a row; another append may have the row by now.</summary>
    private byte[]? InTail(long number, long partition, long offset)
    {
        if (number == 0)
            return null;
        if (!_tailRows.TryGetValue(number, out var append))
        {
            using var rows = _inTail.Rows(number);
            _tailRows[number] = append = rows.Read() ? SqliteTail.Read(rows) : null;
        }
        return append is not null && append.Partition == partition && offset >= append.First && offset < append.First + append.Records.Count
            ? append.Records[(int)(offset - append.First)].Payload
            : null;
    }

    public HashSet<string> Find(PartitionId partition, IReadOnlyList<string> users)
    {
        var offsets = users.Select(user => chains.Find(partition, user, 0)).ToArray();
        return Consistent(() =>
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            if (Find(partition) is not { } found)
                return known;
            for (var i = 0; i < users.Count; i++)
            {
                if (_hasHead.Number(found.Id, users[i]) is not null || HasRecords(found.Id, users[i], offsets[i]))
                    known.Add(users[i]);
            }
            return known;
        });
    }

    private bool HasRecords(long partition, string user, (long Offset, long InTail)[]? offsets)
    {
        var records = new List<StoredRecord>();
        ReadRecords(partition, user, 0, offsets, records);
        return records.Count > 0;
    }

    public List<StoredRecord> Journal(PartitionId partition, long after, int count) => Consistent(() =>
    {
        var records = new List<StoredRecord>(count);
        if (Find(partition) is not { } found)
            return records;
        using (var rows = _journal.Rows(SqliteWriter.Place(found.Id, after + 1), SqliteWriter.Place(found.Id, LargestOffset), count))
        {
            while (rows.Read())
                records.Add(new StoredRecord(rows.Number(0) & LargestOffset, rows.Text(1), rows.Bytes(2)));
        }
        if (records.Count < count)
            records.AddRange(Tail(found.Id, after).Take(count - records.Count));
        return records;
    });

    /// <summary>The states of the users after one, whole.</summary>
    public StoredUser[] Users(PartitionId partition, string after, int count) => Consistent(() =>
    {
        if (Find(partition) is not { } found)
            return [];
        var users = new List<string>(count);
        using (var rows = _heads.Rows(found.Id, after, count))
        {
            while (rows.Read())
                users.Add(rows.Text(0));
        }
        return users.Select(user => User(found.Id, user)!).ToArray();
    });

    public StoredUser[] Users(PartitionId partition, IReadOnlyList<string> users) => Consistent(() =>
    {
        var states = new List<StoredUser>();
        if (Find(partition) is not { } found)
            return [];
        foreach (var user in users)
        {
            if (User(found.Id, user) is { } state)
                states.Add(state);
        }
        return states.ToArray();
    });

    public OpenedUser Open(PartitionId partition, string user)
    {
        var offsets = chains.Find(partition, user, 0);
        return Consistent(() =>
        {
            if (Find(partition) is not { } found)
                return new OpenedUser(null, []);
            var state = User(found.Id, user);
            var records = new List<StoredRecord>();
            ReadRecords(found.Id, user, state?.Offset ?? 0, offsets, records);
            return new OpenedUser(state, [.. records]);
        });
    }

    private StoredUser? User(long partition, string user)
    {
        long offset;
        byte[] head;
        using (var rows = _head.Rows(partition, user))
        {
            if (!rows.Read())
                return null;
            offset = rows.Number(0);
            head = rows.Bytes(1);
        }
        var chunks = new List<StoredChunk>();
        using (var rows = _chunks.Rows(partition, user))
        {
            while (rows.Read())
                chunks.Add(new StoredChunk((byte)rows.Number(0), rows.Text(1), rows.Bytes(2)));
        }
        return new StoredUser(user, offset, head, [.. chunks]);
    }

    public List<StoredHead> Heads(PartitionId partition, string after, int count)
    {
        var heads = new List<StoredHead>(count);
        if (Find(partition) is not { } found)
            return heads;
        using var rows = _heads.Rows(found.Id, after, count);
        while (rows.Read())
            heads.Add(new StoredHead(rows.Text(0), rows.Number(1), rows.Bytes(2)));
        return heads;
    }

    public T? Document<T>(string tenant, string kind, string key, Func<ReadOnlySpan<byte>, T> read)
        where T : class
    {
        using var rows = _document.Rows(tenant, kind, key);
        return rows.Read() ? read(rows.Blob(0)) : null;
    }

    public List<(string Key, byte[] Data)> Documents(string tenant, string kind, string after, int count)
    {
        var documents = new List<(string, byte[])>(count);
        using var rows = _documents.Rows(tenant, kind, after, count);
        while (rows.Read())
            documents.Add((rows.Text(0), rows.Bytes(1)));
        return documents;
    }

    private (long Id, long LastOffset, long Checkpoint)? Find(PartitionId partition)
    {
        using var rows = _partition.Rows(partition.Tenant, partition.Number);
        return rows.Read() ? (rows.Number(0), rows.Number(1), rows.Number(2)) : null;
    }

    /// <summary>Runs several statements on one state of the store.</summary>
    private T Consistent<T>(Func<T> read)
    {
        _begin.Run();
        try
        {
            return read();
        }
        finally
        {
            _tailRows.Clear();
            _end.Run();
        }
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_begin, _end, _partition, _pending, _record, _searched, _head, _chunks, _heads, _document, _documents, _hasHead, _journal, _tail, _inTail])
            statement.Dispose();
        connection.Dispose();
    }
}
