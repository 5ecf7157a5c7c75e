using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Where each user's records lie in the journal: in memory, for an index in the file would write a page anew for about every event, and what the
/// journal holds at a time is little, being cut short behind the states. A reader asks here before it begins to read: what it then sees holds these
/// records, or states that include them. Safe for all threads.
/// </summary>
internal sealed class SqliteRecordChains
{
    private readonly Lock _lock = new();

    /// <summary>The records in the journal's tail.</summary>
    private readonly List<(Chains Chains, long Offset)> _inTail = [];
    private Dictionary<PartitionId, Chains> _partitions = [];
    private bool _trusted;

    /// <summary>
    /// The offsets of a user's records after one, in order, each with the row of the tail where it lies, or lay when this was said, else 0; null where that is not known here, and the journal
    /// has to be searched.
    /// </summary>
    public (long Offset, long InTail)[]? Find(PartitionId partition, string user, long after)
    {
        lock (_lock)
        {
            if (!_trusted)
                return null;
            return _partitions.TryGetValue(partition, out var chains) ? chains.Find(user, after) : [];
        }
    }

    /// <summary>Takes in records that are committed.</summary>
    /// <param name="inTail">The row of the tail where they lie; 0 where they lie in the journal.</param>
    public void Add(PartitionId partition, long first, IReadOnlyList<JournalRecord> records, long inTail)
    {
        lock (_lock)
            Add(Of(_partitions, partition), first, records, inTail, _inTail);
    }

    private static void Add(Chains chains, long first, IReadOnlyList<JournalRecord> records, long inTail, List<(Chains, long)> all)
    {
        for (var i = 0; i < records.Count; i++)
        {
            chains.Add(first + i, records[i].User, inTail);
            if (inTail > 0)
                all.Add((chains, first + i));
        }
    }

    /// <summary>What was in the tail is in the journal now.</summary>
    public void Settled()
    {
        lock (_lock)
        {
            foreach (var (chains, offset) in _inTail)
                chains.Settle(offset);
            _inTail.Clear();
        }
    }

    /// <summary>Forgets the records up to an offset, which are cut off.</summary>
    public void RemoveUpTo(PartitionId partition, long offset)
    {
        lock (_lock)
            Of(_partitions, partition).RemoveUpTo(offset);
    }

    /// <summary>What is here may not be what the journal holds; until it is read anew nothing is said.</summary>
    public void Mistrust()
    {
        lock (_lock)
            _trusted = false;
    }

    /// <summary>Reads where everything lies, unless that is known; for the writer, outside of its transactions.</summary>
    public void EnsureRead(SqliteConnection connection)
    {
        lock (_lock)
        {
            if (_trusted)
                return;
        }

        var read = new Dictionary<PartitionId, Chains>();
        using (var statement = new SqliteStatement(
            connection, $"SELECT tenant, number, place, user FROM journal JOIN partition ON partition.id = place >> {SqliteSchema.OffsetBits} ORDER BY place"))
        using (var rows = statement.Rows())
        {
            while (rows.Read())
                Of(read, new PartitionId(rows.Text(0), (int)rows.Number(1))).Add(rows.Number(2) & SqliteSchema.LargestOffset, rows.Text(3), 0);
        }

        var inTail = new List<(Chains, long)>();
        using (var statement = new SqliteStatement(
            connection, $"SELECT {SqliteTail.Columns}, tenant, partition.number FROM tail JOIN partition ON partition.id = place >> {SqliteSchema.OffsetBits} ORDER BY tail.number"))
        using (var rows = statement.Rows())
        {
            while (rows.Read())
            {
                var append = SqliteTail.Read(rows);
                Add(Of(read, new PartitionId(rows.Text(4), (int)rows.Number(5))), append.First, append.Records, append.Number, inTail);
            }
        }

        lock (_lock)
        {
            (_partitions, _trusted) = (read, true);
            _inTail.Clear();
            _inTail.AddRange(inTail);
        }
    }

    private static Chains Of(Dictionary<PartitionId, Chains> partitions, PartitionId partition)
    {
        if (!partitions.TryGetValue(partition, out var chains))
            partitions[partition] = chains = new Chains();
        return chains;
    }

    /// <summary>
    /// The records of a partition by offset, each with the offset of the one before it of the same user, and the row of the tail where it lies; and everybody's last one.
    /// </summary>
    private sealed class Chains
    {
        private const int FewestDropped = 1024;

        private readonly List<(string? User, long Previous, long InTail)> _records = [];
        private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
        private long _base;
        private int _dropped;

        public void Add(long offset, string user, long inTail)
        {
            if (_records.Count == 0)
                _base = offset;
            // Erasures take records out of the midst.
            while (_base + _records.Count < offset)
                _records.Add((null, 0, 0));
            _records.Add((user, _last.GetValueOrDefault(user), inTail));
            _last[user] = offset;
        }

        public void Settle(long offset)
        {
            if (offset >= _base + _dropped)
                CollectionsMarshal.AsSpan(_records)[(int)(offset - _base)].InTail = 0;
        }

        public (long Offset, long InTail)[] Find(string user, long after)
        {
            var first = Math.Max(after + 1, _base + _dropped);
            if (!_last.TryGetValue(user, out var last) || last < first)
                return [];
            var count = 0;
            for (var offset = last; offset >= first; offset = _records[(int)(offset - _base)].Previous)
                count++;
            var found = new (long Offset, long InTail)[count];
            for (var offset = last; offset >= first; offset = _records[(int)(offset - _base)].Previous)
                found[--count] = (offset, _records[(int)(offset - _base)].InTail);
            return found;
        }

        public void RemoveUpTo(long offset)
        {
            for (; _dropped < _records.Count && _base + _dropped <= offset; _dropped++)
            {
                if (_records[_dropped].User is { } user && _last.GetValueOrDefault(user) == _base + _dropped)
                    _last.Remove(user);
            }

            if (_dropped < FewestDropped || 2 * _dropped < _records.Count)
                return;
            _records.RemoveRange(0, _dropped);
            _base += _dropped;
            _dropped = 0;
        }
    }
}
