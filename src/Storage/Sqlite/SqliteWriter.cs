using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Sqlite;

/// <summary>
/// The store's only writing connection and its statements. Each method is one write inside the transaction that the commit loop has
/// begun; it checks the epoch before it changes anything.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>Pages of documents are written and not looked at again: after so many bytes the cache is emptied, lest it holds nothing else.</summary>
    private const long ForgottenBytes = 8 << 20;

    private readonly SqliteConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _begin, _commit, _rollback, _savepoint, _release, _rollbackToSavepoint;
    private readonly SqliteStatement _claimEpoch, _readEpoch;
    private readonly SqliteStatement _readPartition, _insertPartition, _advancePartition, _checkpoint;
    private readonly SqliteStatement _insertRecord, _writeHead, _writeChunk, _removeChunk;
    private readonly SqliteStatement _writeDocument, _removeDocument, _removeKind;
    private readonly SqliteTail _tail;
    private readonly int _longTail, _longAppend;
    private readonly long _largeTail, _largeAppend;
    private readonly SqliteMessages _messages;
    private readonly SqliteRecordChains _chains;
    private readonly List<Action<SqliteRecordChains>> _onCommit = [];
    private readonly Lock _passing;
    private readonly long _pageSize;
    private long _written, _documentBytes;
    private readonly SqliteStatement _removeRecords, _setTruncated;
    private readonly SqliteStatement _removeRecordsOf, _removeHead, _removeChunks, _replaceRecord, _replaceHead;

    public SqliteWriter(SqliteConnection connection, SqliteRecordChains chains, Lock passing, SqliteStoreOptions options)
    {
        (_longTail, _longAppend) = (options.TailLimit, options.TailLimit / 8);
        (_largeTail, _largeAppend) = (options.TailBytes, options.TailBytes / 16);
        _passing = passing;
        _connection = connection;
        _chains = chains;
        chains.EnsureRead(connection);
        _pageSize = SqliteSchema.Scalar(connection, "PRAGMA page_size");
        _tail = new SqliteTail(connection);
        _messages = new SqliteMessages(connection, _tail);
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _savepoint = Prepare("SAVEPOINT write");
        _release = Prepare("RELEASE write");
        _rollbackToSavepoint = Prepare("ROLLBACK TO write");
        _claimEpoch = Prepare("INSERT INTO epoch VALUES (?1, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
        _readEpoch = Prepare("SELECT epoch FROM epoch WHERE owner = ?1");
        _readPartition = Prepare("SELECT id, last_offset, checkpoint, truncated FROM partition WHERE tenant = ?1 AND number = ?2");
        _insertPartition = Prepare("INSERT INTO partition (tenant, number, last_offset, checkpoint) VALUES (?1, ?2, 0, 0) RETURNING id");
        _advancePartition = Prepare("UPDATE partition SET last_offset = ?2 WHERE id = ?1");
        _checkpoint = Prepare("UPDATE partition SET checkpoint = max(checkpoint, ?2) WHERE id = ?1");
        _insertRecord = Prepare("INSERT INTO journal VALUES (?1, ?2, ?3)");
        _writeHead = Prepare("""
            INSERT INTO user_head VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET offset = excluded.offset, head = excluded.head WHERE excluded.offset > offset
            """);
        _writeChunk = Prepare("INSERT INTO user_chunk VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET data = excluded.data");
        _removeChunk = Prepare("DELETE FROM user_chunk WHERE partition = ?1 AND user = ?2 AND map = ?3 AND first_key = ?4");
        _writeDocument = Prepare("INSERT INTO document VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET data = excluded.data");
        _removeDocument = Prepare("DELETE FROM document WHERE tenant = ?1 AND kind = ?2 AND key = ?3");
        _removeKind = Prepare("DELETE FROM document WHERE tenant = ?1 AND kind = ?2");
        _removeRecords = Prepare("DELETE FROM journal WHERE place BETWEEN ?1 AND ?2");
        _setTruncated = Prepare("UPDATE partition SET truncated = ?2 WHERE id = ?1");
        _removeRecordsOf = Prepare("DELETE FROM journal WHERE user = ?1 AND place BETWEEN ?2 AND ?3");
        _removeHead = Prepare("DELETE FROM user_head WHERE partition = ?1 AND user = ?2");
        _removeChunks = Prepare("DELETE FROM user_chunk WHERE partition = ?1 AND user = ?2");
        _replaceRecord = Prepare("UPDATE journal SET payload = ?2 WHERE place = ?1");
        _replaceHead = Prepare("UPDATE user_head SET head = ?4 WHERE partition = ?1 AND user = ?2 AND offset = ?3");
    }

    private SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(_connection, sql);
        _statements.Add(statement);
        return statement;
    }

    public void Begin()
    {
        _chains.EnsureRead(_connection);
        _begin.Run();
    }

    public void Commit()
    {
        _commit.Run();
        foreach (var change in _onCommit)
            change(_chains);
        _onCommit.Clear();
        if (_documentBytes >= ForgottenBytes)
            ForgetPages();
    }

    private void ForgetPages()
    {
        _documentBytes = 0;
        try
        {
            // It acts while it is prepared, and so is each time.
            SqliteSchema.Execute(_connection, "PRAGMA shrink_memory");
        }
        catch (SqliteException)
        {
            // The transaction is committed: its writers are not told otherwise for that.
        }
    }

    /// <summary>Whether <see cref="SqliteLog.PassBytes"/> were written since it last was so.</summary>
    public bool HasLogGrown()
    {
        raw.sqlite3_db_status(_connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        _written += pages * _pageSize;
        if (_written < SqliteLog.PassBytes)
            return false;
        _written = 0;
        return true;
    }

    /// <summary>Brings the rest of the log into the file, so that the next transaction begins it anew; where somebody reads an old state from it, a later one does.</summary>
    public object? EmptyLog()
    {
        raw.sqlite3_wal_checkpoint_v2(_connection.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        return null;
    }

    /// <summary>Undoes the transaction, if SQLite has not done so by itself.</summary>
    public void RollBack()
    {
        _tail.Mistrust();
        _messages.Mistrust();
        // Of a commit that failed it may not be known whether it happened.
        _chains.Mistrust();
        _onCommit.Clear();
        if (InTransaction)
            _rollback.Run();
    }

    /// <summary>Puts the tail in its places when it is long, and tidies up among the messages a little; at the end of a transaction.</summary>
    public void Tidy()
    {
        if (_messages.IsFull || _tail.IsLong(_longTail, _largeTail))
            Settle();
        _messages.Tidy();
    }

    /// <summary>Puts what the tail has in its places; before anything there is read, changed or taken out.</summary>
    private void Settle()
    {
        if (_tail.Settle(Put))
            _onCommit.Add(chains => chains.Settled());

        void Put(long partition, IEnumerable<TailAppend> appends)
        {
            foreach (var append in appends)
                WriteRecords(append.Place, append.Records);
            _messages.Write(partition, appends.SelectMany(append => append.Keys).ToArray());
        }
    }

    private void WriteRecords(long place, IReadOnlyList<JournalRecord> records)
    {
        foreach (var record in records)
            _insertRecord.Run(place++, record.User, record.Payload);
    }

    /// <summary>Whether a transaction is open; after a grave error SQLite has ended it by itself.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Runs one write so that, where it throws, nothing of it stays and the writes before it in the transaction do.</summary>
    public object? Isolated(Func<SqliteWriter, object?> write)
    {
        var (before, changes) = (_messages.Changes + _tail.Changes, _onCommit.Count);
        _savepoint.Run();
        try
        {
            var result = write(this);
            _release.Run();
            return result;
        }
        catch when (InTransaction)
        {
            if (_messages.Changes + _tail.Changes != before)
            {
                _tail.Mistrust();
                _messages.Mistrust();
            }
            _onCommit.RemoveRange(changes, _onCommit.Count - changes);
            _rollbackToSavepoint.Run();
            _release.Run();
            throw;
        }
    }

    /// <summary>
    /// Writes the whole file anew, and empties the log. Removed bytes lie about where pages were split, and in pages that are free; SQLite's
    /// secure_delete leaves those of rows that were moved before they were removed.
    /// </summary>
    /// <returns>Whether nothing of the log is left; else somebody reads a state from before.</returns>
    public bool Scrub()
    {
        Begin();
        _messages.RemoveDead();
        Commit();
        // A pass of the log holds SQLite's own lock, which truncating does not wait for.
        lock (_passing)
        {
            SqliteSchema.Execute(_connection, "VACUUM");
            using var truncate = new SqliteStatement(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return truncate.Number() == 0;
        }
    }

    public long ClaimEpoch(string owner) => _claimEpoch.Number(owner)!.Value;

    public Appended Append(PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var at = Partition(partition);
        if (_messages.Find(at.Id, keys) is { } known)
            return new Appended(0, known);
        var (place, encoded) = (Place(at.Id, at.LastOffset + 1), SqliteMessages.Encode(keys));
        var isLong = Math.Max(records.Count, keys.Count) >= _longAppend || records.Sum(record => (long)record.Payload.Length) >= _largeAppend;
        var number = 0L;
        if (isLong)
        {
            if (_tail.Holds(at.Id))
                Settle();
            WriteRecords(place, records);
            _messages.Write(at.Id, encoded);
        }
        else
            number = _tail.Add(place, records, encoded);
        if (records.Count > 0)
        {
            _advancePartition.Run(at.Id, at.LastOffset + records.Count);
            _onCommit.Add(chains => chains.Add(partition, at.LastOffset + 1, records, number));
        }
        _messages.Add(at.Id, keys);
        return new Appended(records.Count > 0 ? at.LastOffset + 1 : 0, []);
    }

    /// <summary>Removes a bounded number of records, the first ones first.</summary>
    /// <returns>Whether more are to be removed.</returns>
    public bool Truncate(PartitionId partition, long epoch, long upTo)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var at = Partition(partition);
        var last = Math.Min(upTo, at.Checkpoint);
        if (last <= at.Truncated)
            return false;
        var until = Math.Min(last, at.Truncated + StoreSlices.Records);
        if (_tail.Holds(at.Id, until))
            Settle();
        _removeRecords.Run(Place(at.Id, at.Truncated + 1), Place(at.Id, until));
        _setTruncated.Run(at.Id, until);
        _onCommit.Add(chains => chains.RemoveUpTo(partition, until));
        return until < last;
    }

    /// <summary>Forgets the messages whose day is past.</summary>
    public int Forget(PartitionId partition, long epoch, int today)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        Settle();
        return (int)Math.Min(int.MaxValue, _messages.Forget(Partition(partition).Id, today));
    }

    public void Amend(PartitionId partition, long epoch, Amendment amendment)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var (id, last, _, _) = Partition(partition);
        StoreChecks.Offsets(partition, amendment, last);
        Settle();
        foreach (var user in amendment.RemoveUsers)
        {
            _removeRecordsOf.Run(user, Place(id, 0), Place(id, SqliteSchema.LargestOffset));
            _removeHead.Run(id, user);
            _removeChunks.Run(id, user);
        }
        _messages.RemoveSenders(id, amendment.RemoveSenders);
        foreach (var (offset, payload) in amendment.Records)
        {
            if (payload is null)
                _removeRecords.Run(Place(id, offset), Place(id, offset));
            else
                _replaceRecord.Run(Place(id, offset), payload);
        }
        foreach (var user in amendment.States)
        {
            if (_replaceHead.Run(id, user.User, user.Offset, user.Head) > 0)
                WriteChunks(id, user);
        }
        Write(partition.DocumentsTenant, amendment.Documents);
    }

    public void Flush(PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var at = Partition(partition);
        if (checkpoint > at.LastOffset)
            throw new ArgumentException($"The checkpoint {checkpoint} is past the last offset {at.LastOffset} of {partition}.", nameof(checkpoint));
        foreach (var user in users)
        {
            // Where no row changes, what is stored already includes this offset.
            if (_writeHead.Run(at.Id, user.User, user.Offset, user.Head) > 0)
                WriteChunks(at.Id, user);
        }
        _checkpoint.Run(at.Id, checkpoint);
    }

    private void WriteChunks(long partition, UserWrite user)
    {
        foreach (var chunk in user.Chunks)
        {
            if (chunk.Data is null)
                _removeChunk.Run(partition, user.User, chunk.Map, chunk.FirstKey);
            else
                _writeChunk.Run(partition, user.User, chunk.Map, chunk.FirstKey, chunk.Data);
        }
    }

    public void WriteDocuments(string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents)
    {
        CheckEpoch(owner, epoch);
        Write(tenant, documents);
    }

    private void Write(string tenant, IReadOnlyList<DocumentWrite> documents)
    {
        foreach (var document in documents)
        {
            if (document.Data is null)
                _removeDocument.Run(tenant, document.Kind, document.Key);
            else
            {
                _writeDocument.Run(tenant, document.Kind, document.Key, document.Data);
                _documentBytes += document.Data.Length;
            }
        }
    }

    public void DeleteDocuments(string tenant, string owner, long epoch, string kind)
    {
        CheckEpoch(owner, epoch);
        _removeKind.Run(tenant, kind);
    }

    /// <summary>Where a record lies: see <see cref="SqliteSchema.OffsetBits"/>.</summary>
    public static long Place(long partition, long offset) => (partition << SqliteSchema.OffsetBits) | offset;

    private void CheckEpoch(string owner, long epoch)
    {
        var current = _readEpoch.Number(owner) ?? 0;
        if (epoch != current || epoch == 0)
            throw new FencedException(owner, epoch, current);
    }

    private (long Id, long LastOffset, long Checkpoint, long Truncated) Partition(PartitionId partition)
    {
        using (var rows = _readPartition.Rows(partition.Tenant, partition.Number))
        {
            if (rows.Read())
                return (rows.Number(0), rows.Number(1), rows.Number(2), rows.Number(3));
        }
        return (_insertPartition.Number(partition.Tenant, partition.Number)!.Value, 0, 0, 0);
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _messages.Dispose();
        _tail.Dispose();
        _connection.Dispose();
    }
}
