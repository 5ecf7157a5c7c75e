using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// The messages that partitions know, in two tables: those that came last in the order in which they came (message_log), all others by their keys
/// (message). Keys are hashes: put in their places one by one, each would have a page of its own written anew. So they are appended, kept
/// in memory too, and moved a partition at a time when there are enough of them to share pages, in the order of their keys.
/// </summary>
internal sealed class SqliteMessages : IDisposable
{
    /// <summary>How many messages lie in the log at about the most, over all partitions.</summary>
    private const int MostInLog = 1 << 16;

    /// <summary>How many of one partition are worth moving.</summary>
    private const int FewestMoved = 256;

    private readonly SqliteStatement _read, _insert, _append, _clear, _all;
    private readonly Dictionary<long, Dictionary<(long Sender, UInt128 Message), (long Digest, int ForgetAfter)>> _log = [];
    private readonly Dictionary<long, long> _lastNumber = [];
    private readonly int _moveAfter;

    public SqliteMessages(SqliteConnection connection, int partitions)
    {
        // Items have partitions of their own.
        _moveAfter = Math.Max(FewestMoved, MostInLog / (2 * partitions));
        _read = new(connection, "SELECT digest FROM message WHERE partition = ?1 AND sender = ?2 AND message = ?3");
        _insert = new(connection, "INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5)");
        _append = new(connection, "INSERT INTO message_log VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _clear = new(connection, "DELETE FROM message_log WHERE partition = ?1");
        _all = new(connection, "SELECT partition, number, sender, message, digest, forget_after FROM message_log");
        Reload();
    }

    /// <summary>How often anything was added or moved.</summary>
    public long Changes { get; private set; }

    /// <summary>What is in memory is not what the log has, since something was undone; it is read anew before it is used.</summary>
    public void Mistrust() => _mistrusted = true;

    private bool _mistrusted;

    private void Reload()
    {
        _mistrusted = true;
        _log.Clear();
        _lastNumber.Clear();
        using var rows = _all.Rows();
        while (rows.Read())
        {
            var partition = rows.Number(0);
            LogOf(partition)[(rows.Number(2), BinaryPrimitives.ReadUInt128BigEndian(rows.Bytes(3)))] = (rows.Number(4), (int)rows.Number(5));
            _lastNumber[partition] = Math.Max(_lastNumber.GetValueOrDefault(partition), rows.Number(1));
        }
        _mistrusted = false;
    }

    /// <summary>The messages that the partition knows, or that are in the call twice; null where there are none, which is the rule.</summary>
    public KnownMessage[]? Find(long partition, IReadOnlyList<MessageKey> keys)
    {
        Trust();
        List<KnownMessage>? known = null;
        var log = LogOf(partition);
        var seen = new Dictionary<(long, UInt128), long>(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var id = (Sender: unchecked((long)key.Sender), key.Message);
            if (log.TryGetValue(id, out var logged))
                (known ??= []).Add(new KnownMessage(i, logged.Digest));
            else if (_read.Number(partition, id.Sender, id.Message) is { } digest)
                (known ??= []).Add(new KnownMessage(i, digest));
            else if (!seen.TryAdd(id, key.Digest))
                (known ??= []).Add(new KnownMessage(i, seen[id]));
        }
        return known?.ToArray();
    }

    /// <summary>Adds messages that the partition does not know; the last thing that a write does, so that nothing is kept in memory of one that fails.</summary>
    public void Add(long partition, IReadOnlyList<MessageKey> keys)
    {
        Trust();
        Changes++;
        var log = LogOf(partition);
        var number = _lastNumber.GetValueOrDefault(partition);
        foreach (var key in keys)
            _append.Run(partition, ++number, unchecked((long)key.Sender), key.Message, key.Digest, key.ForgetAfter);
        _lastNumber[partition] = number;
        foreach (var key in keys)
            log[(unchecked((long)key.Sender), key.Message)] = (key.Digest, key.ForgetAfter);
    }

    /// <summary>Moves the messages of one partition to their places, if one has enough of them; so that a transaction never moves more than those.</summary>
    public void MoveSome()
    {
        Trust();
        foreach (var (partition, log) in _log)
        {
            if (log.Count < _moveAfter)
                continue;
            Move(partition);
            return;
        }
    }

    /// <summary>Moves the messages of a partition to their places.</summary>
    public void Move(long partition)
    {
        Trust();
        var log = LogOf(partition);
        if (log.Count == 0)
            return;
        Changes++;
        var keys = log.Keys.ToArray();
        Array.Sort(keys);
        foreach (var key in keys)
            _insert.Run(partition, key.Sender, key.Message, log[key].Digest, log[key].ForgetAfter);
        _clear.Run(partition);
        log.Clear();
        _lastNumber.Remove(partition);
    }

    private void Trust()
    {
        if (_mistrusted)
            Reload();
    }

    private Dictionary<(long Sender, UInt128 Message), (long Digest, int ForgetAfter)> LogOf(long partition)
    {
        if (!_log.TryGetValue(partition, out var log))
            _log[partition] = log = [];
        return log;
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_read, _insert, _append, _clear, _all])
            statement.Dispose();
    }
}
