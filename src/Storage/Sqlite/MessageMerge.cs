namespace Auie.Storage.Sqlite;

/// <summary>Some runs that become one, a few entries at a time.</summary>
internal sealed class MessageMerge
{
    private readonly MessageRuns _runs;
    private readonly MessageRunWriter _writer;
    private readonly Cursor[] _cursors;

    /// <param name="sources">Runs of one partition and day.</param>
    public MessageMerge(MessageRuns runs, MessageRun[] sources)
    {
        _runs = runs;
        Sources = sources;
        _cursors = Array.ConvertAll(sources, source => new Cursor(runs, source));
        _writer = runs.Begin(sources[0].Partition, sources[0].Day, sources.Max(source => source.Level) + 1, sources.Sum(source => source.Count));
    }

    public MessageRun[] Sources { get; }

    public long Id => _writer.Id;

    /// <summary>Goes on by no more entries than may be, which are fewer by then; the new run when the sources are through, which then are none any more.</summary>
    public MessageRun? Step(ref int entries)
    {
        for (; entries > 0; entries--)
        {
            Cursor? least = null;
            foreach (var cursor in _cursors)
            {
                if (cursor.HasEntry && (least is null || cursor.Entry.CompareTo(least.Entry) < 0))
                    least = cursor;
            }
            if (least is null)
            {
                foreach (var source in Sources)
                    _runs.Drop(source);
                return _writer.End();
            }
            _writer.Add(least.Entry);
            least.Next();
        }
        return null;
    }

    private sealed class Cursor
    {
        private readonly MessageRuns _runs;
        private readonly MessageRun _run;
        private byte[] _entries = [];
        private int _page = -1;
        private int _place;

        public Cursor(MessageRuns runs, MessageRun run)
        {
            (_runs, _run) = (runs, run);
            Next();
        }

        public bool HasEntry { get; private set; }

        public MessageEntry Entry { get; private set; }

        public void Next()
        {
            while (++_place * MessageEntry.Size >= _entries.Length)
            {
                if (++_page >= _run.Firsts.Length)
                {
                    HasEntry = false;
                    return;
                }
                (_entries, _place) = (_runs.Page(_run, _page), -1);
            }
            (HasEntry, Entry) = (true, MessageEntry.At(_entries, _place));
        }
    }
}
