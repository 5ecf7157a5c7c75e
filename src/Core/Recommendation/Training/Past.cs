using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Recommendation.Training;

/// <summary>
/// What users did with items, in the order of time, as far as it can be known when it was: of the journal each entry at its own time; of what the journal does not have any more,
/// but the user's state has, an answer at its time, and counts not before the user was last seen, so that nothing is known earlier than it was.
/// </summary>
public sealed class Past(TrainingLimits limits, ulong seed)
{
    /// <summary>After how long without doing anything somebody is taken to come back.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly Dictionary<string, int> _items = [];
    private readonly List<string> _itemIds = [];
    private readonly List<PastPerson> _people = [];
    private readonly PriorityQueue<int, ulong> _learners = new(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
    private readonly Dictionary<string, ItemFacts> _facts = [];
    private readonly Dictionary<string, long> _since = [];
    private readonly PriorityQueue<string, ulong> _others = new(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
    private List<Happening> _happenings = [];
    private long _from = long.MinValue;

    /// <summary>How many things happened that are known of.</summary>
    public int Count => _happenings.Count;

    /// <summary>Takes in a user.</summary>
    /// <param name="state">What is known of them now.</param>
    /// <param name="records">What the journal has of them, in its order; may have more than the state, or less.</param>
    /// <param name="segmentAt">In which segment somebody of whom so much is known is at an instant; -1 for none. Null where there are no segments.</param>
    public void Add(string user, UserState state, IEnumerable<UserRecord> records, Func<UserHead, DateTimeOffset, int>? segmentAt)
    {
        var head = state.Head;
        var number = _people.Count;
        var hash = StableHash.OfKey(user);
        _people.Add(new PastPerson(hash, head));
        var entries = records.Where(record => record.PassedOnTo is null).SelectMany(record => record.Entries).TakeLast(limits.EntriesOfUser).ToArray();
        var lastSeen = head.LastSeen?.UtcTicks ?? 0;
        var isWhole = !AddWhatIsOlder(number, state, entries, lastSeen) && head.Sources.Count == 0
            && entries.Count(entry => entry.Other is null && !entry.Kind.IsEnginesOwn()) == head.Entries;
        foreach (var entry in entries)
        {
            if (entry.Item is { } item && entry.Kind.IsStep())
                Add(entry.At == EntryValidation.Undated ? lastSeen : entry.At.UtcTicks, number, item, 1, entry.Kind, entry.At != EntryValidation.Undated);
        }

        // Of whom a part is known the segment of then is not.
        if (isWhole && segmentAt is not null)
            AddSegments(number, entries, segmentAt);
        Draw(number, hash, state);
    }

    /// <summary>Takes in what is known of an item, after all users: of those that nothing happened to as many are kept as fit, whose ids hash lowest.</summary>
    /// <param name="since">Since when it is known of; null for ever since. What something happened to before was there by then.</param>
    public void AddItem(string item, ItemFacts facts, DateTimeOffset? since = null)
    {
        if (!_items.ContainsKey(item))
        {
            _others.Enqueue(item, StableHash.Derive(seed, StableHash.OfKey(item)));
            if (_others.Count > Math.Max(0, limits.Items - _items.Count) && _others.Dequeue() is var left)
            {
                _facts.Remove(left);
                _since.Remove(left);
                if (left == item)
                    return;
            }
        }

        // Whether something was cancelled or sold out then is not known; what is so now says nothing of then.
        _facts[item] = facts with { IsCancelled = false, Stock = null };
        if (since is { } instant)
            _since[item] = instant.UtcTicks;
    }

    /// <summary>What is known of items that may be candidates.</summary>
    internal IReadOnlyDictionary<string, ItemFacts> Facts => _facts;

    /// <summary>Since when an item may be a candidate, in ticks; of one that is not in it ever since.</summary>
    internal IReadOnlyDictionary<string, long> Since => _since;

    /// <summary>Puts persons in the order of their hashes, items in that of their ids, and what happened in that of time, so that the order in which they came decides nothing.</summary>
    internal (PastPerson[] People, string[] Items, Happening[] Happenings) InOrder()
    {
        LeaveLatest();
        var people = Enumerable.Range(0, _people.Count).OrderBy(person => _people[person].Hash).ToArray();
        var items = Enumerable.Range(0, _itemIds.Count).OrderBy(item => _itemIds[item], StringComparer.Ordinal).ToArray();
        var (placeOfPerson, placeOfItem) = (Inverse(people), Inverse(items));
        var happenings = new Happening[_happenings.Count];
        for (var i = 0; i < happenings.Length; i++)
            happenings[i] = _happenings[i] with { Person = placeOfPerson[_happenings[i].Person], Item = _happenings[i].Item < 0 ? -1 : placeOfItem[_happenings[i].Item] };
        Array.Sort(happenings, Happening.Compare);
        return (Array.ConvertAll(people, person => _people[person]), Array.ConvertAll(items, item => _itemIds[item]), happenings);

        static int[] Inverse(int[] order)
        {
            var places = new int[order.Length];
            for (var place = 0; place < order.Length; place++)
                places[order[place]] = place;
            return places;
        }
    }

    /// <summary>Takes in what the state knows beyond these entries; whether there was any.</summary>
    private bool AddWhatIsOlder(int person, UserState state, Entry[] entries, long lastSeen)
    {
        var known = new Dictionary<string, int[]>();
        foreach (var entry in entries)
        {
            if (entry.Item is not { } item || !entry.Kind.IsStep())
                continue;
            if (!known.TryGetValue(item, out var counts))
                known.Add(item, counts = new int[(int)EntryKind.Came + 1]);
            counts[(int)entry.Kind]++;
        }

        var any = false;
        foreach (var (answer, interestAt, attendanceAt) in state.ItemsDated())
        {
            var counts = known.GetValueOrDefault(answer.Item);
            foreach (var (kind, times) in (ReadOnlySpan<(EntryKind, long)>)[
                (EntryKind.Shown, answer.Shown), (EntryKind.Viewed, answer.Viewed), (EntryKind.Invited, answer.Invited), (EntryKind.Purchased, answer.Purchased), (EntryKind.Came, answer.Came)])
            {
                if (times > (counts?[(int)kind] ?? 0))
                    AddOlder(answer.Item, kind, times - (counts?[(int)kind] ?? 0), null);
            }

            // What was said before something else was said is not known any more.
            if (answer.Interest is { } interest && (counts is null || counts[(int)EntryKind.Interested] + counts[(int)EntryKind.NotInterested] == 0))
                AddOlder(answer.Item, interest, 1, interestAt);
            if (answer.Attendance is { } attendance && (counts is null || counts[(int)EntryKind.Yes] + counts[(int)EntryKind.Maybe] + counts[(int)EntryKind.No] == 0))
                AddOlder(answer.Item, attendance, 1, attendanceAt);
        }

        return any;

        void AddOlder(string item, EntryKind kind, long times, DateTimeOffset? at)
        {
            any = true;
            Add(at?.UtcTicks ?? lastSeen, person, item, (int)Math.Min(times, int.MaxValue), kind, at is not null);
        }
    }

    private void AddSegments(int person, Entry[] entries, Func<UserHead, DateTimeOffset, int> segmentAt)
    {
        var ordered = entries.Where(entry => entry.At != EntryValidation.Undated).OrderBy(entry => entry.At).ToArray();
        var (state, from, segment) = (new UserState(), 0, -1);
        for (var i = 1; i < ordered.Length; i++)
        {
            if (ordered[i].At - ordered[i - 1].At < Pause)
                continue;
            state.Apply(ordered.AsSpan(from, i - from));
            from = i;
            if (segmentAt(state.Head, ordered[i].At) is var now && now == segment)
                continue;
            segment = now;
            Add(new Happening(ordered[i].At.UtcTicks - 1, person, -1, segment, Happening.Segment, true));
        }
    }

    /// <summary>Whose friends are held: of those whose ids hash lowest.</summary>
    private void Draw(int person, ulong hash, UserState state)
    {
        var rank = StableHash.Derive(seed, hash);
        if (_learners.Count == limits.Learners)
        {
            _learners.TryPeek(out var last, out var highest);
            if (rank >= highest)
                return;
            _learners.Dequeue();
            _people[last].Friends = null;
        }

        _learners.Enqueue(person, rank);
        _people[person].Friends = [.. state.FriendsDated().Select(friend => (StableHash.OfKey(friend.Id), friend.Since?.UtcTicks ?? 0))];
    }

    private void Add(long ticks, int person, string item, int count, EntryKind kind, bool isDated)
    {
        if (!_items.TryGetValue(item, out var place))
        {
            place = _itemIds.Count;
            _items.Add(item, place);
            _itemIds.Add(item);
        }

        Add(new Happening(ticks, person, place, count, kind, isDated));
    }

    private void Add(Happening happening)
    {
        if (happening.Ticks <= 0 || happening.Ticks < _from)
            return;
        _happenings.Add(happening);
        if (_happenings.Count > limits.Happenings + limits.Happenings / 4)
            LeaveLatest();
    }

    /// <summary>Leaves the latest, as many as the limit says and those of the same instant as the first of them.</summary>
    private void LeaveLatest()
    {
        if (_happenings.Count <= limits.Happenings)
            return;
        var all = _happenings.ConvertAll(one => one.Ticks);
        all.Sort();
        _from = all[all.Count - limits.Happenings];
        _happenings = _happenings.FindAll(one => one.Ticks >= _from);
    }
}

/// <summary>A person as they are told of now: traits, and since when they have which friends.</summary>
internal sealed class PastPerson(ulong hash, UserHead head)
{
    public ulong Hash => hash;
    public Audience Audience { get; } = UserAudience.Of(head, -1);
    public GeoPoint? Point { get; } = UserAudience.PointOf(head.Traits);
    public string? Place { get; } = head.Traits.Place;
    public int TimezoneMinutes { get; } = head.Traits.TimezoneMinutes ?? 0;

    /// <summary>The hashes of friends, and since when they are, in ticks; null where the person is not learnt from.</summary>
    public (ulong Friend, long Since)[]? Friends { get; set; }
}
