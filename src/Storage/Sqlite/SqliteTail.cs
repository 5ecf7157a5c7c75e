using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>One append as the tail has it: where its first record lies, its records, and the keys of its messages as the log of messages has them.</summary>
internal sealed record TailAppend(long Number, long Place, IReadOnlyList<JournalRecord> Records, byte[] Keys)
{
    public long Partition => Place >> SqliteSchema.OffsetBits;

    /// <summary>The offset of the first record.</summary>
    public long First => Place & SqliteSchema.LargestOffset;
}

/// <summary>
/// The appends of late, one row each at the end of one table: a commit writes the few pages that its bytes fill. Put where they belong at once, they would have the last page of
/// every partition's journal and log of messages written anew with every commit. When there are enough of them, they are put there together. For the writer alone.
/// </summary>
internal sealed class SqliteTail(SqliteConnection connection) : IDisposable
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = "tail.number, place, records, keys";

    private readonly SqliteStatement _rows = new(connection, $"SELECT {Columns} FROM tail ORDER BY number");
    private readonly SqliteStatement _insert = new(connection, "INSERT INTO tail VALUES (?1, ?2, ?3, ?4)");
    private readonly SqliteStatement _clear = new(connection, "DELETE FROM tail");
    private List<TailAppend> _appends = [];
    private int _length;
    private long _bytes, _lastNumber;
    private bool _mistrusted = true;

    /// <summary>How often anything was changed.</summary>
    public long Changes { get; private set; }

    /// <summary>What is in memory is not what the file has, since something was undone; it is read anew before it is used.</summary>
    public void Mistrust() => _mistrusted = true;

    /// <summary>Whether there are so many records and keys, or so many bytes, that they are to be put in their places.</summary>
    public bool IsLong(int length, long bytes)
    {
        Trust();
        return _length >= length || _bytes >= bytes;
    }

    /// <returns>The number of its row.</returns>
    public long Add(long place, IReadOnlyList<JournalRecord> records, byte[] keys)
    {
        Trust();
        var append = new TailAppend(_lastNumber + 1, place, records, keys);
        var encoded = Encode(records);
        Changes++;
        _insert.Run(append.Number, place, encoded, keys);
        Keep(append);
        return append.Number;
    }

    /// <summary>Whether something of a partition is here.</summary>
    public bool Holds(long partition)
    {
        Trust();
        return _appends.Exists(append => append.Partition == partition);
    }

    /// <summary>Whether some of a partition's records up to an offset are here.</summary>
    public bool Holds(long partition, long upTo)
    {
        Trust();
        return _appends.Exists(append => append.Partition == partition && append.Place <= SqliteWriter.Place(partition, upTo) && append.Records.Count > 0);
    }

    /// <summary>The keys of a partition's messages.</summary>
    public IEnumerable<byte[]> KeysOf(long partition)
    {
        Trust();
        return _appends.Where(append => append.Partition == partition).Select(append => append.Keys);
    }

    /// <summary>
    /// Puts all that there is in its places, each partition's in its order. It leaves the file first, so that what it takes there has room where it lay, and memory last, for the messages are
    /// looked up there.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    public bool Settle(Action<long, IEnumerable<TailAppend>> put)
    {
        Trust();
        if (_appends.Count == 0)
            return false;
        Changes++;
        _clear.Run();
        foreach (var of in _appends.GroupBy(append => append.Partition))
            put(of.Key, of);
        Forget();
        return true;
    }

    private void Forget() => (_appends, _length, _bytes) = ([], 0, 0);

    private void Trust()
    {
        if (!_mistrusted)
            return;
        Forget();
        using (var rows = _rows.Rows())
        {
            while (rows.Read())
                Keep(Read(rows));
        }
        _mistrusted = false;
    }

    private void Keep(TailAppend append)
    {
        _appends.Add(append);
        _lastNumber = append.Number;
        _length += append.Records.Count + (append.Keys.Length / SqliteMessages.LogSize);
        _bytes += append.Records.Sum(record => (long)record.Payload.Length);
    }

    /// <summary>The append of a row that begins with <see cref="Columns"/>.</summary>
    public static TailAppend Read(SqliteRows rows) => new(rows.Number(0), rows.Number(1), Decode(rows.Bytes(2)), rows.Bytes(3));

    /// <summary>Of each record the user and the payload, each behind its length in four bytes, the highest first.</summary>
    private static byte[] Encode(IReadOnlyList<JournalRecord> records)
    {
        var bytes = new byte[records.Sum(record => 2 * sizeof(int) + SqliteStatement.Utf8.GetByteCount(record.User) + record.Payload.Length)];
        var left = bytes.AsSpan();
        foreach (var record in records)
        {
            var user = SqliteStatement.Utf8.GetBytes(record.User, left[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(left, user);
            left = left[(sizeof(int) + user)..];
            BinaryPrimitives.WriteInt32BigEndian(left, record.Payload.Length);
            record.Payload.CopyTo(left[sizeof(int)..]);
            left = left[(sizeof(int) + record.Payload.Length)..];
        }
        return bytes;
    }

    private static List<JournalRecord> Decode(ReadOnlySpan<byte> bytes)
    {
        var records = new List<JournalRecord>();
        while (bytes.Length > 0)
        {
            var user = SqliteStatement.Utf8.GetString(Part(ref bytes));
            records.Add(new JournalRecord(user, Part(ref bytes).ToArray()));
        }
        return records;

        static ReadOnlySpan<byte> Part(ref ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < sizeof(int) || BinaryPrimitives.ReadInt32BigEndian(bytes) is var length && (length < 0 || length > bytes.Length - sizeof(int)))
                throw new StoreException("A row of the journal's tail ends in the midst of a record: the store is damaged.");
            var part = bytes.Slice(sizeof(int), length);
            bytes = bytes[(sizeof(int) + length)..];
            return part;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_rows, _insert, _clear])
            statement.Dispose();
    }
}
