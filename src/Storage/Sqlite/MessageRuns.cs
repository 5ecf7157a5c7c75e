using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Some messages of one partition and one last day, in the order of their keys, in pages of the table message_page. In memory are the filter and the pages' first entries:
/// about 14 bits a message.
/// </summary>
/// <param name="Id">The pages' numbers begin at <see cref="MessageRuns.Place"/> of it.</param>
/// <param name="Day">The last day on which they are remembered; 0: for ever.</param>
/// <param name="Level">How often they were merged with others.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Firsts">Each page's first entry.</param>
internal sealed record MessageRun(long Id, long Partition, int Day, int Level, long Count, MessageFilter Filter, MessageEntry[] Firsts);

/// <summary>The statements that keep runs. Each method is part of a transaction.</summary>
internal sealed class MessageRuns : IDisposable
{
    /// <summary>Entries of one page: as many as fit into a page of the file.</summary>
    public const int PageEntries = 120;

    private const int PageNumberBits = 24;

    private readonly SqliteStatement _readRuns, _newId, _insertRun, _removeRun, _replaceRun, _insertPage, _readPage, _replacePage, _removePages, _dead, _markDead, _forgetDead;

    public MessageRuns(SqliteConnection connection)
    {
        _readRuns = new(connection, "SELECT id, day, level, count, filter, firsts FROM message_run WHERE partition = ?1 ORDER BY id");
        _newId = new(connection, "UPDATE setting SET value = value + 1 WHERE name = 'message_run' RETURNING value");
        _insertRun = new(connection, "INSERT INTO message_run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _removeRun = new(connection, "DELETE FROM message_run WHERE id = ?1");
        _replaceRun = new(connection, "UPDATE message_run SET count = ?2, firsts = ?3, filter = ?4 WHERE id = ?1");
        _insertPage = new(connection, "INSERT INTO message_page VALUES (?1, ?2)");
        _readPage = new(connection, "SELECT entries FROM message_page WHERE place = ?1");
        _replacePage = new(connection, "UPDATE message_page SET entries = ?2 WHERE place = ?1");
        _removePages = new(connection, "DELETE FROM message_page WHERE place IN (SELECT place FROM message_page WHERE place BETWEEN ?1 AND ?2 LIMIT ?3)");
        _dead = new(connection, "SELECT id FROM message_dead ORDER BY id");
        _markDead = new(connection, "INSERT INTO message_dead VALUES (?1)");
        _forgetDead = new(connection, "DELETE FROM message_dead WHERE id = ?1");
    }

    /// <summary>Where a page lies.</summary>
    public static long Place(long run, int page) => (run << PageNumberBits) | (long)page;

    public List<MessageRun> Of(long partition)
    {
        var runs = new List<MessageRun>();
        using var rows = _readRuns.Rows(partition);
        while (rows.Read())
        {
            var firsts = rows.Bytes(5);
            runs.Add(new MessageRun(rows.Number(0), partition, (int)rows.Number(1), (int)rows.Number(2), rows.Number(3), MessageFilter.Read(rows.Bytes(4)),
                [.. Enumerable.Range(0, firsts.Length / MessageEntry.Size).Select(page => MessageEntry.At(firsts, page))]));
        }
        return runs;
    }

    /// <summary>The digest that a run has a message with, or null.</summary>
    public long? Find(MessageRun run, ulong sender, UInt128 message)
    {
        if (!run.Filter.MayHold(message))
            return null;
        var wanted = new MessageEntry(sender, message, 0);
        var page = PageOf(run, wanted);
        if (page < 0)
            return null;
        var entries = Page(run, page);
        var (low, high) = (0, entries.Length / MessageEntry.Size);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var entry = MessageEntry.At(entries, middle);
            var order = entry.CompareTo(wanted);
            if (order == 0)
                return entry.Digest;
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return null;
    }

    public byte[] Page(MessageRun run, int page) => _readPage.Bytes(Place(run.Id, page))
        ?? throw new StoreException($"Page {page} of run {run.Id} of messages is not in the store: it is damaged.");

    /// <summary>A run without the messages of some senders, of whom nothing is left in it; null where it has none of theirs.</summary>
    /// <param name="senders">In ascending order.</param>
    public MessageRun? Without(MessageRun run, ulong[] senders)
    {
        var pages = new Dictionary<int, MessageEntry[]>();
        var removed = 0;
        for (var page = 0; page < run.Firsts.Length; page++)
        {
            var next = Array.BinarySearch(senders, run.Firsts[page].Sender);
            next = next < 0 ? ~next : next;
            if (next == senders.Length || (page + 1 < run.Firsts.Length && senders[next] > run.Firsts[page + 1].Sender))
                continue;
            var entries = Entries(run, page);
            var left = Array.FindAll(entries, entry => Array.BinarySearch(senders, entry.Sender) < 0);
            if (left.Length == entries.Length)
                continue;
            removed += entries.Length - left.Length;
            pages[page] = left;
        }
        if (removed == 0)
            return null;

        // From the last page on: one that is left empty begins where the next one does, and so is never looked at; at the end there is none.
        var firsts = run.Firsts.ToList();
        foreach (var (page, left) in pages.OrderByDescending(page => page.Key))
        {
            if (left.Length > 0)
                firsts[page] = left[0];
            else if (page + 1 < firsts.Count)
                firsts[page] = firsts[page + 1];
            else
                firsts.RemoveAt(page);
            _replacePage.Run(Place(run.Id, page), Bytes(left));
        }

        // No bit of the old filter tells of theirs.
        var filter = new MessageFilter(run.Count - removed);
        for (var page = 0; page < firsts.Count; page++)
        {
            foreach (var entry in pages.GetValueOrDefault(page) ?? Entries(run, page))
                filter.Add(entry.Message);
        }
        var changed = run with { Firsts = [.. firsts], Count = run.Count - removed, Filter = filter };
        _replaceRun.Run(run.Id, changed.Count, Bytes(changed.Firsts), filter.ToBytes());
        return changed;
    }

    private MessageEntry[] Entries(MessageRun run, int page)
    {
        var bytes = Page(run, page);
        return [.. Enumerable.Range(0, bytes.Length / MessageEntry.Size).Select(place => MessageEntry.At(bytes, place))];
    }

    private static byte[] Bytes(MessageEntry[] entries)
    {
        var bytes = new byte[entries.Length * MessageEntry.Size];
        for (var place = 0; place < entries.Length; place++)
            entries[place].Write(bytes.AsSpan(place * MessageEntry.Size));
        return bytes;
    }

    /// <summary>The last page that begins at or before an entry: where it lies if the run has it; -1 where there is none.</summary>
    private static int PageOf(MessageRun run, MessageEntry entry)
    {
        var (low, high) = (0, run.Firsts.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (run.Firsts[middle].CompareTo(entry) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    /// <summary>A new run, which is none yet: until it ends its pages count as dead.</summary>
    public MessageRunWriter Begin(long partition, int day, int level, long most)
    {
        var id = _newId.Number()!.Value;
        _markDead.Run(id);
        return new MessageRunWriter(this, id, partition, day, level, most);
    }

    internal void WritePage(long run, int page, byte[] entries) => _insertPage.Run(Place(run, page), entries);

    internal void End(MessageRun run)
    {
        _insertRun.Run(run.Id, run.Partition, (long)run.Day, (long)run.Level, run.Count, run.Filter.ToBytes(), Bytes(run.Firsts));
        _forgetDead.Run(run.Id);
    }

    /// <summary>Ends a run; its pages are removed later.</summary>
    public void Drop(MessageRun run)
    {
        _removeRun.Run(run.Id);
        _markDead.Run(run.Id);
    }

    /// <summary>The runs whose pages are to be removed.</summary>
    public List<long> Dead()
    {
        var dead = new List<long>();
        using var rows = _dead.Rows();
        while (rows.Read())
            dead.Add(rows.Number(0));
        return dead;
    }

    /// <summary>Removes some of a dead run's pages, no more than may be, which are fewer by then; whether none is left.</summary>
    public bool RemovePages(long run, ref int most)
    {
        most -= _removePages.Run(Place(run, 0), Place(run + 1, 0) - 1, (long)most);
        if (most == 0)
            return false;
        _forgetDead.Run(run);
        return true;
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])
            [_readRuns, _newId, _insertRun, _removeRun, _replaceRun, _insertPage, _readPage, _replacePage, _removePages, _dead, _markDead, _forgetDead])
            statement.Dispose();
    }
}

/// <summary>Writes a run, entry by entry in their order.</summary>
internal sealed class MessageRunWriter(MessageRuns runs, long id, long partition, int day, int level, long most)
{
    private readonly MessageFilter _filter = new(most);
    private readonly List<MessageEntry> _firsts = [];
    private readonly byte[] _page = new byte[MessageRuns.PageEntries * MessageEntry.Size];
    private int _onPage;
    private long _count;

    public long Id => id;

    public void Add(in MessageEntry entry)
    {
        if (_onPage == 0)
            _firsts.Add(entry);
        entry.Write(_page.AsSpan(_onPage * MessageEntry.Size));
        _filter.Add(entry.Message);
        _count++;
        if (++_onPage == MessageRuns.PageEntries)
            EndPage();
    }

    /// <summary>The run, from now on one.</summary>
    public MessageRun End()
    {
        if (_onPage > 0)
            EndPage();
        var run = new MessageRun(id, partition, day, level, _count, _filter, [.. _firsts]);
        runs.End(run);
        return run;
    }

    private void EndPage()
    {
        runs.WritePage(id, _firsts.Count - 1, _page.AsSpan(0, _onPage * MessageEntry.Size).ToArray());
        _onPage = 0;
    }
}
