namespace Auie.Core.Segments;

/// <summary>
/// Who is in which segment of one model at an instant that moves on: labels, sums and members, kept up as users change (<see cref="LiveUsers"/>) and as time passes
/// (<see cref="Advance"/>, which looks only at those whom time alone may have moved). At every moment it is what labelling everybody anew would give.
/// </summary>
public sealed class LiveSegments
{
    /// <summary>The label of a user who has no row by the model's features.</summary>
    public const int None = -1;

    private const long Never = long.MaxValue;

    private readonly LiveUsers _users;
    private readonly DueTime _dueTime;
    private readonly double[] _sources;
    private readonly PriorityQueue<int, long> _queue = new();
    private short[] _labels = [];
    private long[] _due = [];
    private int _entered;
    private RowOrder[]? _members;

    internal LiveSegments(LiveUsers users, SegmentModel model, DateTimeOffset asOf)
    {
        _users = users;
        _dueTime = new DueTime(model);
        _sources = new double[model.Features.Count];
        Model = model;
        AsOf = asOf;
        Sums = new LiveSums(model);
    }

    public SegmentModel Model { get; }

    /// <summary>The instant that everything here is as of.</summary>
    public DateTimeOffset AsOf { get; private set; }

    /// <summary>Sizes and sums of the segments; for reading, and only until somebody changes.</summary>
    public LiveSums Sums { get; }

    /// <summary>The segment of a row, or <see cref="None"/>.</summary>
    public int Label(int row) => _labels[row];

    /// <summary>Goes on to an instant; one that has passed changes nothing. Returns how many users were looked at.</summary>
    public int Advance(DateTimeOffset asOf)
    {
        if (asOf <= AsOf)
            return 0;
        var before = AsOf;
        AsOf = asOf;
        var looked = 0;
        while (_queue.TryPeek(out var row, out var due) && due <= asOf.UtcTicks)
        {
            _queue.Dequeue();
            if (_due[row] != due)
                continue;
            Relabel(row, before);
            looked++;
        }

        return looked;
    }

    /// <summary>The ids of a segment's members after one (null: from the first), in the order of ids; to be read before anything changes.</summary>
    public IEnumerable<string> Members(int segment, string? after)
    {
        if (_members is null)
        {
            var bySegment = _users.Rows.ToLookup(row => (int)_labels[row]);
            _members = [.. Enumerable.Range(0, Model.Segments.Length).Select(number =>
            {
                var order = new RowOrder(_users.User);
                order.Fill(bySegment[number]);
                return order;
            })];
        }

        return _members[segment].After(after).Select(_users.User);
    }

    /// <summary>Counts a row in, by the facts that it has now.</summary>
    internal void Enter(int row)
    {
        _entered++;
        EnsureRoom(row);
        var label = Read(row, out var due);
        Sums.Add(label, _sources, AsOf);
        Set(row, label, due);
        if (label != None)
            _members?[label].Add(row);
    }

    /// <summary>Takes a row out whose facts are still those that it was counted in with.</summary>
    internal void Leave(int row)
    {
        _entered--;
        var label = _labels[row];
        Sources(row);
        Sums.Take(label, _sources, AsOf);
        if (label != None)
            _members?[label].Remove(row);
        _labels[row] = None;
        _due[row] = Never;
    }

    private void Relabel(int row, DateTimeOffset before)
    {
        var old = _labels[row];
        Sources(row);
        Sums.Take(old, _sources, before);
        var label = Read(row, out var due);
        Sums.Add(label, _sources, AsOf);
        Set(row, label, due);
        if (label == old || _members is null)
            return;
        _members[old].Remove(row);
        _members[label].Add(row);
    }

    private bool Sources(int row)
    {
        var facts = _users.Facts(row);
        if (Model.Features.RowsOf(facts) == 0)
            return false;
        Model.Features.Sources(facts, _sources);
        return true;
    }

    private int Read(int row, out long due)
    {
        due = Never;
        if (!Sources(row))
            return None;
        var label = Model.Label(_sources, AsOf, out var standardised);
        if (_dueTime.After(_sources, standardised, label, AsOf) is { } at)
            due = at.UtcTicks;
        return label;
    }

    private void Set(int row, int label, long due)
    {
        _labels[row] = (short)label;
        _due[row] = due;
        if (due == Never)
            return;
        // What a row was due at before stays in the queue until it is reached; where there is more of that than of rows, it is thrown out.
        if (_queue.Count >= 2 * _entered + 64)
        {
            _queue.Clear();
            for (var each = 0; each < _due.Length; each++)
            {
                if (_due[each] != Never && each != row)
                    _queue.Enqueue(each, _due[each]);
            }
        }

        _queue.Enqueue(row, due);
    }

    private void EnsureRoom(int row)
    {
        var length = _labels.Length;
        if (row < length)
            return;
        Array.Resize(ref _labels, Math.Max(64, 2 * (row + 1)));
        Array.Resize(ref _due, _labels.Length);
        _labels.AsSpan(length).Fill(None);
        _due.AsSpan(length).Fill(Never);
    }
}
