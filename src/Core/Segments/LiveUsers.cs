using System.Numerics;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Users;

namespace Auie.Core.Segments;

/// <summary>
/// Users' facts as they are now, a row each, who are counted and put into segments as they come, change and go. A row's number stays with its user; that of one who
/// went is given to the next who comes, so nothing may depend on the order of rows. Not safe for several threads at once.
/// </summary>
public sealed class LiveUsers
{
    private static readonly int FactCount = FactCatalogue.All.Count;

    private readonly List<string?> _users = [];
    private readonly Dictionary<string, int> _rowOf = [];
    private readonly List<long> _offsets = [];
    private readonly TextColumn _locales = new();
    private readonly TextColumn _places = new();
    private readonly List<byte[]> _rhythms = [];
    private readonly List<byte[]> _trails = [];
    private readonly List<long> _historyOffsets = [];
    private readonly Stack<int> _free = [];
    private readonly UserCounts _counts = new();
    private readonly long[] _withStep = new long[EntryKinds.All.Count + 1];
    private readonly List<LiveSegments> _segmentations = [];
    private Dictionary<string, long> _gone = [];
    private Dictionary<string, long> _goneEarlier = [];
    private RowOrder? _order;
    private bool _lastEventLeft;
    private double[] _facts = [];

    public int Count => _rowOf.Count;

    /// <summary>Grows whenever somebody comes, changes or goes.</summary>
    public long Changes { get; private set; }

    /// <summary>Everybody counted.</summary>
    public UserCounts Counts
    {
        get
        {
            if (_lastEventLeft)
                _counts.LastEventIs(Rows.Select(row => Facts(row)[Fact.LastSeen]));
            _lastEventLeft = false;
            return _counts;
        }
    }

    /// <summary>By kind of step, how many users' latest steps, of which it is known when they were, have one.</summary>
    public IReadOnlyDictionary<EntryKind, long> StepsKept => EntryKinds.All.Where(kind => _withStep[(int)kind] > 0).ToDictionary(kind => kind, kind => _withStep[(int)kind]);

    /// <summary>The rows that are somebody's.</summary>
    public IEnumerable<int> Rows
    {
        get
        {
            for (var row = 0; row < _users.Count; row++)
            {
                if (_users[row] is not null)
                    yield return row;
            }
        }
    }

    public string User(int row) => _users[row] ?? throw new ArgumentException($"Row {row} is nobody's.", nameof(row));

    /// <summary>The row of a user; null where they have none.</summary>
    public int? Find(string user) => _rowOf.TryGetValue(user, out var row) ? row : null;

    /// <summary>The locale of a row's user; empty for none.</summary>
    public string Locale(int row) => _locales[row];

    /// <summary>What rows of the same locale have in common, as long as no user comes, changes or goes; 0 for none.</summary>
    internal int LocaleCode(int row) => _locales.Code(row);

    /// <summary>Where a row's user lives (<see cref="Users.UserTraits.Place"/>); empty where it is not known.</summary>
    public string Place(int row) => _places[row];

    /// <summary>What rows of the same place have in common, as long as no user comes, changes or goes; 0 where it is not known.</summary>
    internal int PlaceCode(int row) => _places.Code(row);

    /// <summary>Above the code of every place.</summary>
    internal int PlaceCodes => _places.Codes;

    internal string PlaceOf(int code) => _places.TextOf(code);

    /// <summary>When a row's user is active, as <see cref="Users.Rhythm"/> encodes it.</summary>
    public ReadOnlySpan<byte> Rhythm(int row) => _rhythms[row];

    /// <summary>The latest steps of a row's user, as <see cref="Users.Trail"/> encodes them.</summary>
    public ReadOnlySpan<byte> Trail(int row) => _trails[row];

    /// <summary>How many rows there are, with those that are nobody's.</summary>
    internal int RowCount => _users.Count;

    internal bool IsTaken(int row) => _users[row] is not null;

    /// <summary>One fact of a row's user.</summary>
    internal double Value(int row, Fact fact) => _facts[(row * FactCount) + (int)fact];

    public IFacts Facts(int row) => new FactRow(_facts, row);

    /// <summary>The rows of the users after an id (null: from the first), in the order of ids.</summary>
    public IEnumerable<int> After(string? user)
    {
        if (_order is null)
        {
            _order = new RowOrder(User);
            _order.Fill(Rows);
        }

        return _order.After(user);
    }

    /// <summary>Takes a user's facts, in the order of the catalogue, as of an offset; none that are not later than what was known.</summary>
    /// <param name="amended">Whether they hold over those of the same offset, too.</param>
    /// <param name="rhythm">When the user is active; kept as it is. Null for what was known before. It may be older than the facts, and takes the place of an older one.</param>
    /// <param name="trail">The user's latest steps; null where <paramref name="rhythm"/> is.</param>
    /// <param name="place">Where the user lives; null where it is not known.</param>
    public void Put(string user, long offset, ReadOnlySpan<double> facts, string? locale, bool amended = false, byte[]? rhythm = null, byte[]? trail = null, string? place = null)
    {
        if (facts.Length != FactCount)
            throw new ArgumentException($"A user has {FactCount} facts; {facts.Length} were given.", nameof(facts));
        if (WentAt(user) is { } went && offset <= went)
            return;
        if (!_rowOf.TryGetValue(user, out var row))
        {
            row = Take(user);
            _order?.Add(row);
        }
        else if (offset < _offsets[row] || (offset == _offsets[row] && !amended))
        {
            PutHistory(row, offset, rhythm, trail);
            return;
        }
        else
        {
            TakeOut(row);
        }

        Changes++;
        facts.CopyTo(_facts.AsSpan(row * FactCount, FactCount));
        _locales[row] = locale ?? "";
        _places[row] = place ?? "";
        PutHistory(row, offset, rhythm, trail);
        _offsets[row] = offset;
        _counts.Add(Facts(row), _locales[row]);
        _lastEventLeft &= !(facts[(int)Fact.LastSeen] >= _counts.LastEvent);
        foreach (var segmentation in _segmentations)
            segmentation.Enter(row);
    }

    /// <summary>Removes a user who has no row any more as of an offset; what is known of a later one stays.</summary>
    public void Remove(string user, long offset)
    {
        if (_rowOf.TryGetValue(user, out var row) && offset < _offsets[row])
            return;
        _gone[user] = Math.Max(offset, WentAt(user) ?? 0);
        if (!_rowOf.Remove(user))
            return;
        Changes++;
        TakeOut(row);
        _order?.Remove(row);
        _users[row] = null;
        (_locales[row], _places[row]) = ("", "");
        CountSteps(row, -1);
        (_rhythms[row], _trails[row], _historyOffsets[row]) = ([], [], 0);
        _free.Push(row);
    }

    /// <summary>
    /// Forgets of whom it was known, at the call before this one, that they went: facts of them that are older than that have arrived by now. Called from time to time, at
    /// intervals longer than a message may take.
    /// </summary>
    public void ForgetGone() => (_goneEarlier, _gone) = (_gone, []);

    /// <summary>Puts everybody into the segments of a model as of an instant, and from here on keeps it so.</summary>
    public LiveSegments Follow(SegmentModel model, DateTimeOffset asOf)
    {
        var segmentation = new LiveSegments(this, model, asOf);
        foreach (var row in Rows)
            segmentation.Enter(row);
        _segmentations.Add(segmentation);
        return segmentation;
    }

    public void Unfollow(LiveSegments segmentation) => _segmentations.Remove(segmentation);

    private long? WentAt(string user) =>
        _gone.TryGetValue(user, out var offset) || _goneEarlier.TryGetValue(user, out offset) ? offset : null;

    private int Take(string user)
    {
        if (!_free.TryPop(out var row))
        {
            row = _users.Count;
            _users.Add(null);
            _offsets.Add(0);
            _locales.AddRow();
            _places.AddRow();
            _rhythms.Add([]);
            _trails.Add([]);
            _historyOffsets.Add(0);
            if (_facts.Length < (row + 1) * FactCount)
                Array.Resize(ref _facts, Math.Max(64, 2 * row) * FactCount);
        }

        _users[row] = user;
        _rowOf[user] = row;
        return row;
    }

    private void PutHistory(int row, long offset, byte[]? rhythm, byte[]? trail)
    {
        if (rhythm is null || offset < _historyOffsets[row])
            return;
        CountSteps(row, -1);
        (_rhythms[row], _trails[row], _historyOffsets[row]) = (rhythm, trail ?? [], offset);
        CountSteps(row, 1);
    }

    private void CountSteps(int row, int by)
    {
        for (var kinds = Users.Trail.KindsOf(_trails[row]); kinds > 0; kinds &= kinds - 1)
            _withStep[BitOperations.TrailingZeroCount(kinds)] += by;
    }

    private void TakeOut(int row)
    {
        foreach (var segmentation in _segmentations)
            segmentation.Leave(row);
        _lastEventLeft |= Facts(row)[Fact.LastSeen] >= _counts.LastEvent;
        _counts.Remove(Facts(row), _locales[row]);
    }

    /// <summary>One user's facts where they lie.</summary>
    private sealed class FactRow(double[] facts, int row) : IFacts
    {
        public double this[Fact fact] => facts[row * FactCount + (int)fact];
    }
}
