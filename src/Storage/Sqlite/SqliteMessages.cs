using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// The messages that partitions know. Their keys are hashes: put in their places one by one, each would have a page of its own written anew. So they are kept as a
/// log-structured merge tree has it (O'Neil et al.: The Log-Structured Merge-Tree, 1996): appended to a log, which is in memory too; sorted into a run when there are
/// enough of them; and runs of one size merged into a larger one, a few entries with each transaction. Those of one run are forgotten together.
/// </summary>
internal sealed class SqliteMessages : IDisposable
{
    /// <summary>How many messages of a partition lie in the log before they become a run.</summary>
    private const int RunLength = 2048;

    /// <summary>How many runs of one day and level become one of the next.</summary>
    private const int MergedRuns = 8;

    /// <summary>How many runs of a day that is over become one at the most.</summary>
    private const int MostMerged = 64;

    /// <summary>How many entries are merged with one transaction at the least, and how many for each that it adds: more than there are levels.</summary>
    private const int FewestMerged = 4096, MergedForEach = 8;

    /// <summary>How many dead pages are removed with one transaction at the least; as many more as were written.</summary>
    private const int FewestRemoved = 128;

    /// <summary>How many keys a row of the log has at the most; a longer one would spill over onto a page of its own.</summary>
    private const int RowLength = 26;

    private readonly SqliteTail _tail;
    private readonly SqliteStatement _readLog, _append, _clear;
    private readonly MessageRuns _runs;
    private readonly Dictionary<long, Partition> _partitions = [];
    private Dictionary<(ulong Sender, UInt128 Message), long> _seen = [];
    private readonly Queue<long> _dead = [];
    private readonly HashSet<Partition> _full = [];
    private readonly HashSet<Partition> _ripe = [];
    private MessageMerge? _merge;
    private int _added;
    private bool _mistrusted = true;

    public SqliteMessages(SqliteConnection connection, SqliteTail tail)
    {
        _tail = tail;
        _readLog = new(connection, "SELECT number, entries FROM message_log WHERE partition = ?1 ORDER BY number");
        _append = new(connection, "INSERT INTO message_log VALUES (?1, ?2, ?3)");
        _clear = new(connection, "DELETE FROM message_log WHERE partition = ?1");
        _runs = new(connection);
    }

    /// <summary>How often anything was changed.</summary>
    public long Changes { get; private set; }

    /// <summary>What is in memory is not what the file has, since something was undone; it is read anew before it is used.</summary>
    public void Mistrust() => _mistrusted = true;

    /// <summary>The messages that the partition knows, or that are in the call twice; null where there are none, which is the rule.</summary>
    public KnownMessage[]? Find(long partition, IReadOnlyList<MessageKey> keys)
    {
        List<KnownMessage>? known = null;
        var here = Of(partition);
        // A table that an import made large is slow to clear.
        if (_seen.Count > RunLength)
            _seen = [];
        else
            _seen.Clear();
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            if (here.Log.TryGetValue((key.Sender, key.Message), out var logged))
                (known ??= []).Add(new KnownMessage(i, logged.Digest));
            else if (FindInRuns(here, key) is { } digest)
                (known ??= []).Add(new KnownMessage(i, digest));
            else if (!_seen.TryAdd((key.Sender, key.Message), key.Digest))
                (known ??= []).Add(new KnownMessage(i, _seen[(key.Sender, key.Message)]));
        }
        return known?.ToArray();
    }

    private long? FindInRuns(Partition here, in MessageKey key)
    {
        foreach (var run in here.Runs)
        {
            if (_runs.Find(run, key.Sender, key.Message) is { } digest)
                return digest;
        }
        return null;
    }

    /// <summary>Keys as the log has them.</summary>
    public static byte[] Encode(IReadOnlyList<MessageKey> keys)
    {
        var bytes = new byte[keys.Count * LogSize];
        for (var i = 0; i < keys.Count; i++)
        {
            var entry = bytes.AsSpan(i * LogSize, LogSize);
            new MessageEntry(keys[i].Sender, keys[i].Message, keys[i].Digest).Write(entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[MessageEntry.Size..], keys[i].ForgetAfter);
        }
        return bytes;
    }

    /// <summary>Writes keys that have been added into the log.</summary>
    public void Write(long partition, ReadOnlySpan<byte> keys)
    {
        if (keys.IsEmpty)
            return;
        var here = Of(partition);
        Changes++;
        for (; keys.Length > 0; keys = keys[Math.Min(keys.Length, RowLength * LogSize)..])
            _append.Run(partition, ++here.LastNumber, keys[..Math.Min(keys.Length, RowLength * LogSize)].ToArray());
    }

    /// <summary>
    /// Adds messages that the partition does not know, and that are in the tail, or are written at once; the last thing that a write does, so that nothing is kept in memory of one that
    /// fails.
    /// </summary>
    public void Add(long partition, IReadOnlyList<MessageKey> keys)
    {
        if (keys.Count == 0)
            return;
        var here = Of(partition);
        Changes++;
        foreach (var key in keys)
            here.Log[(key.Sender, key.Message)] = (key.Digest, key.ForgetAfter);
        _added += keys.Count;
        if (here.Log.Count >= RunLength)
            _full.Add(here);
    }

    /// <summary>The bytes of a key in the log.</summary>
    public const int LogSize = MessageEntry.Size + sizeof(int);

    /// <summary>Whether some log is to become a run with the next transaction that tidies up; nothing may be in the tail by then.</summary>
    public bool IsFull => _full.Count > 0;

    /// <summary>
    /// Does a little of what there is to do at the end of a transaction, in proportion to what it added: makes runs of what lies in full logs, goes on with merging, and removes
    /// pages of runs that are none any more.
    /// </summary>
    public void Tidy()
    {
        Trust();
        foreach (var full in _full)
            EndLog(full);
        _full.Clear();
        var entries = Math.Max(FewestMerged, MergedForEach * _added);
        var pages = Math.Max(FewestRemoved, entries / MessageRuns.PageEntries);
        _added = 0;
        while (entries > 0 && (_merge ??= NextMerge()) is { } merge)
            Merge(merge, ref entries);
        while (pages > 0 && _dead.TryPeek(out var run))
        {
            Changes++;
            if (!_runs.RemovePages(run, ref pages))
                break;
            _dead.Dequeue();
        }
    }

    /// <summary>Forgets those of a partition whose day is past. Their pages are removed later.</summary>
    /// <returns>How many they were.</returns>
    public long Forget(long partition, int today)
    {
        var here = Of(partition);
        if (here.Log.Values.Any(logged => logged.Day > 0 && logged.Day < today))
            EndLog(here);
        var forgotten = 0L;
        foreach (var past in here.Runs.FindAll(run => run.Day > 0 && run.Day < today))
        {
            Changes++;
            GiveUpMerge(past);
            _runs.Drop(past);
            here.Runs.Remove(past);
            _dead.Enqueue(past.Id);
            forgotten += past.Count;
        }
        return forgotten;
    }

    /// <summary>Removes all of some senders.</summary>
    public void RemoveSenders(long partition, IEnumerable<ulong> senders)
    {
        var sorted = senders.Order().ToArray();
        if (sorted.Length == 0)
            return;
        var here = Of(partition);
        EndLog(here);
        for (var i = 0; i < here.Runs.Count; i++)
        {
            if (_runs.Without(here.Runs[i], sorted) is not { } changed)
                continue;
            Changes++;
            GiveUpMerge(here.Runs[i]);
            here.Runs[i] = changed;
        }
    }

    /// <summary>Has no page left of what was removed; in a transaction of its own.</summary>
    public void RemoveDead()
    {
        Trust();
        Changes++;
        if (_merge is { } merge)
            GiveUpMerge(merge.Sources[0]);
        while (_dead.TryDequeue(out var run))
        {
            var all = int.MaxValue;
            _runs.RemovePages(run, ref all);
        }
    }

    /// <summary>Makes runs of what lies in the log, one for each day.</summary>
    private void EndLog(Partition here)
    {
        if (here.Log.Count == 0)
            return;
        Changes++;
        foreach (var day in here.Log.GroupBy(logged => logged.Value.Day))
        {
            var entries = day.Select(logged => new MessageEntry(logged.Key.Sender, logged.Key.Message, logged.Value.Digest)).ToArray();
            Array.Sort(entries);
            var writer = _runs.Begin(here.Id, day.Key, 0, entries.Length);
            foreach (var entry in entries)
                writer.Add(entry);
            here.Runs.Add(writer.End());
        }
        _clear.Run(here.Id);
        here.Log.Clear();
        _ripe.Add(here);
    }

    /// <summary>A merge of some partition that has runs for one; null where none has.</summary>
    private MessageMerge? NextMerge()
    {
        while (_ripe.FirstOrDefault() is { } here)
        {
            if (RunsToMerge(here) is { } runs)
            {
                Changes++;
                return new MessageMerge(_runs, runs);
            }
            _ripe.Remove(here);
        }
        return null;
    }

    /// <summary>Runs of one day that are to become one: enough of a level, or, once the day is over, whatever there is.</summary>
    private static MessageRun[]? RunsToMerge(Partition here)
    {
        var newest = here.Runs.Count == 0 ? 0 : here.Runs.Max(run => run.Day);
        foreach (var day in here.Runs.GroupBy(run => run.Day))
        {
            if (day.Key > 0 && day.Key < newest && day.Skip(1).Any())
                return [.. day.Take(MostMerged)];
            if (day.GroupBy(run => run.Level).FirstOrDefault(runs => runs.Count() >= MergedRuns) is { } runs)
                return [.. runs.Take(MergedRuns)];
        }
        return null;
    }

    private void Merge(MessageMerge merge, ref int entries)
    {
        Changes++;
        if (merge.Step(ref entries) is not { } merged)
            return;
        var here = Of(merged.Partition);
        foreach (var source in merge.Sources)
        {
            here.Runs.Remove(source);
            _dead.Enqueue(source.Id);
        }
        here.Runs.Add(merged);
        _merge = null;
    }

    /// <summary>Ends the merge that a run is part of; what it wrote is dead.</summary>
    private void GiveUpMerge(MessageRun run)
    {
        if (_merge is null || !_merge.Sources.Contains(run))
            return;
        _dead.Enqueue(_merge.Id);
        _merge = null;
    }

    private void Trust()
    {
        if (!_mistrusted)
            return;
        _partitions.Clear();
        _dead.Clear();
        _full.Clear();
        _ripe.Clear();
        (_merge, _added) = (null, 0);
        foreach (var run in _runs.Dead())
            _dead.Enqueue(run);
        _mistrusted = false;
    }

    private Partition Of(long partition)
    {
        Trust();
        if (_partitions.TryGetValue(partition, out var known))
            return known;
        var here = new Partition(partition);
        using (var rows = _readLog.Rows(partition))
        {
            while (rows.Read())
            {
                here.LastNumber = rows.Number(0);
                here.Add(rows.Bytes(1));
            }
        }
        foreach (var keys in _tail.KeysOf(partition))
            here.Add(keys);
        here.Runs.AddRange(_runs.Of(partition));
        _ripe.Add(here);
        return _partitions[partition] = here;
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_readLog, _append, _clear])
            statement.Dispose();
        _runs.Dispose();
    }

    /// <summary>Makes runs of the messages that a file of version 3 has in the tables message and message_log_3.</summary>
    public static void TakeOver(SqliteConnection connection)
    {
        const string old =
            "(SELECT partition, sender, message, digest, forget_after FROM message UNION ALL SELECT partition, sender, message, digest, forget_after FROM message_log_3)";
        using var runs = new MessageRuns(connection);
        using var counts = new SqliteStatement(connection, $"SELECT partition, forget_after, count(*) FROM {old} GROUP BY partition, forget_after");
        // Senders are signed there.
        using var messages = new SqliteStatement(
            connection, $"SELECT sender, message, digest FROM {old} WHERE partition = ?1 AND forget_after = ?2 ORDER BY sender < 0, sender, message");
        using var groups = counts.Rows();
        while (groups.Read())
        {
            var (partition, day, count) = (groups.Number(0), groups.Number(1), groups.Number(2));
            var writer = runs.Begin(partition, (int)day, (int)Math.Log(Math.Max(1.0, (double)count / RunLength), MergedRuns), count);
            using var rows = messages.Rows(partition, day);
            while (rows.Read())
                writer.Add(new MessageEntry((ulong)rows.Number(0), BinaryPrimitives.ReadUInt128BigEndian(rows.Bytes(1)), rows.Number(2)));
            writer.End();
        }
    }

    private sealed class Partition(long id)
    {
        public long Id => id;

        public long LastNumber { get; set; }

        public Dictionary<(ulong Sender, UInt128 Message), (long Digest, int Day)> Log { get; } = [];

        public List<MessageRun> Runs { get; } = [];

        /// <summary>Takes in what a row of the log has.</summary>
        public void Add(ReadOnlySpan<byte> row)
        {
            for (; row.Length > 0; row = row[LogSize..])
            {
                var entry = MessageEntry.Read(row);
                Log[(entry.Sender, entry.Message)] = (entry.Digest, BinaryPrimitives.ReadInt32BigEndian(row[MessageEntry.Size..]));
            }
        }
    }
}
