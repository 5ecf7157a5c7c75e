using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// The store's only writing connection and its statements. Each method is one write inside the transaction that the commit loop has
/// begun; it checks the epoch before it changes anything.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _begin, _commit, _rollback, _savepoint, _release, _rollbackToSavepoint;
    private readonly SqliteStatement _claimEpoch, _readEpoch;
    private readonly SqliteStatement _readPartition, _insertPartition, _advancePartition, _checkpoint;
    private readonly SqliteStatement _insertRecord, _writeHead, _writeChunk, _removeChunk;
    private readonly SqliteStatement _writeDocument, _removeDocument, _removeKind;

    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _savepoint = Prepare("SAVEPOINT write");
        _release = Prepare("RELEASE write");
        _rollbackToSavepoint = Prepare("ROLLBACK TO write");
        _claimEpoch = Prepare("INSERT INTO epoch VALUES (?1, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
        _readEpoch = Prepare("SELECT epoch FROM epoch WHERE owner = ?1");
        _readPartition = Prepare("SELECT id, last_offset FROM partition WHERE tenant = ?1 AND number = ?2");
        _insertPartition = Prepare("INSERT INTO partition VALUES (NULL, ?1, ?2, 0, 0) RETURNING id");
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
    }

    private SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(_connection, sql);
        _statements.Add(statement);
        return statement;
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Undoes the transaction, if SQLite has not done so by itself.</summary>
    public void RollBack()
    {
        if (InTransaction)
            _rollback.Run();
    }

    /// <summary>Whether a transaction is open; after a grave error SQLite has ended it by itself.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Runs one write so that, where it throws, nothing of it stays and the writes before it in the transaction do.</summary>
    public object? Isolated(Func<SqliteWriter, object?> write)
    {
        _savepoint.Run();
        try
        {
            var result = write(this);
            _release.Run();
            return result;
        }
        catch when (InTransaction)
        {
            _rollbackToSavepoint.Run();
            _release.Run();
            throw;
        }
    }

    public long ClaimEpoch(string owner) => _claimEpoch.Number(owner)!.Value;

    public long Append(PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var (id, last) = Partition(partition);
        var place = Place(id, last);
        foreach (var record in records)
            _insertRecord.Run(++place, record.User, record.Payload);
        _advancePartition.Run(id, last + records.Count);
        return last + 1;
    }

    public void Flush(PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint)
    {
        CheckEpoch(StoreOwners.Partition(partition), epoch);
        var (id, last) = Partition(partition);
        if (checkpoint > last)
            throw new ArgumentException($"The checkpoint {checkpoint} is past the last offset {last} of {partition}.", nameof(checkpoint));
        foreach (var user in users)
        {
            if (_writeHead.Run(id, user.User, user.Offset, user.Head) == 0)
                continue; // what is stored already includes this offset
            foreach (var chunk in user.Chunks)
            {
                if (chunk.Data is null)
                    _removeChunk.Run(id, user.User, chunk.Map, chunk.FirstKey);
                else
                    _writeChunk.Run(id, user.User, chunk.Map, chunk.FirstKey, chunk.Data);
            }
        }
        _checkpoint.Run(id, checkpoint);
    }

    public void WriteDocuments(string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents)
    {
        CheckEpoch(owner, epoch);
        foreach (var document in documents)
        {
            if (document.Data is null)
                _removeDocument.Run(tenant, document.Kind, document.Key);
            else
                _writeDocument.Run(tenant, document.Kind, document.Key, document.Data);
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

    private (long Id, long LastOffset) Partition(PartitionId partition)
    {
        using (var rows = _readPartition.Rows(partition.Tenant, partition.Number))
        {
            if (rows.Read())
                return (rows.Number(0), rows.Number(1));
        }
        return (_insertPartition.Number(partition.Tenant, partition.Number)!.Value, 0);
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }
}
