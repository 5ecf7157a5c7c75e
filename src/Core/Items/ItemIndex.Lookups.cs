using System.Collections;
using System.Runtime.InteropServices;
using Auie.Core.Recommendation;

namespace Auie.Core.Items;

/// <summary>How candidates are found.</summary>
public sealed partial class ItemIndex
{
    /// <summary>Of what is looked through from the top, how many may be passed over for each that is wanted, because they may not be shown.</summary>
    private const int PassedOver = 40;

    /// <summary>How long ago something has to be past before it is left out of orders.</summary>
    private static readonly long RetiredAfter = TimeSpan.FromDays(30).Ticks;

    /// <summary>How far ahead something still starts soon.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(45);

    /// <summary>What is known of an item, who (some of them) wanted it and how many did; null where it is not known.</summary>
    public (ItemFacts Facts, IReadOnlyList<ulong> People, int Wanted)? Describe(string item) =>
        _slots.TryGetValue(item, out var slot) ? (_items[slot].Facts, _items[slot].People, _items[slot].Wanted) : null;

    /// <summary>Where a place is, by items that are there: a city's name, or a text of several parts of which one is a city's.</summary>
    public GeoPoint? Locate(string place)
    {
        foreach (var name in PlaceNames(place))
        {
            if (_cities.TryGetValue(name, out var found))
                return found;
        }

        return null;
    }

    /// <summary>The names that a text for a place may be known by: the whole of it, then its parts.</summary>
    public static IEnumerable<string> PlaceNames(string place) =>
        place.Split([",", "  "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Prepend(place).Select(PlaceName);

    /// <summary>The candidates of this shard, each of the sources' budgets.</summary>
    public CandidateList Find(CandidateQuery query) => Find(query, static found => new CandidateList([.. found.Candidates], [.. found.Overall], [.. found.InSegment]));

    /// <summary>As <see cref="Find(CandidateQuery)"/>, told of at once and copied nowhere.</summary>
    /// <param name="tell">Makes something of what was found, which is there until it returns.</param>
    public T Find<T>(CandidateQuery query, Func<CandidateList, T> tell)
    {
        var search = _search ??= new Search(this);
        search.Begin(query);
        search.Friends();
        if (query.Only is { } only)
        {
            search.CoAnswered();
            search.Keep(only);
            return tell(search.Result());
        }

        search.Viewed();
        search.CoAnswered();
        search.Alike();
        search.NearAndSoon();
        search.FromTheTop(CandidateSources.Segment, search.Ranks.Segment?.Order);
        search.FromTheTop(CandidateSources.Place, search.Ranks.Place?.Order);
        search.FromTheTop(CandidateSources.Locale, search.Ranks.Locale?.Order);
        search.FromTheTop(CandidateSources.Platform, search.Ranks.Platform?.Order);
        search.FromTheTop(CandidateSources.Trending, _trending.Order);
        search.FromTheTop(CandidateSources.Popular, query.Category is { } category ? _words.GetValueOrDefault(category)?.MostWanted : _popular);
        search.Also(query.Also);
        return tell(search.Result());
    }

    private Search? _search;

    private RankedSlots? RanksOf(char of, string name) => _wantedBy.GetValueOrDefault((of, name));

    /// <summary>One query's way through the index. What it needs room for is kept for the next.</summary>
    private sealed class Search(ItemIndex index) : IReadOnlyList<Candidate>
    {
        /// <summary>The cells of a degree around a place, with its own.</summary>
        private const int Around = 9;

        /// <summary>How many look-ups ahead memory is asked for.</summary>
        private const int Ahead = 8;

        private CandidateQuery _query = null!;
        private long _at;
        private bool _isNarrow;
        private readonly HashSet<int> _excluded = [];
        private readonly Dictionary<int, CandidateSources> _found = [];
        private readonly Dictionary<int, (int Yes, int Interested, int Declined)> _friends = [];
        private readonly Dictionary<int, float> _coAnswered = [];
        private readonly HashSet<int> _made = [];
        private readonly List<ulong> _ranked = [];
        private readonly List<(long Key, int Slot)> _retired = [];
        private readonly List<SlotOrder.Cursor> _cells = new(Around);
        private ulong[] _known = [];
        private readonly List<WordCounts> _words = [];
        private readonly List<WordTally> _overall = [], _inSegment = [];
        private long _number;
        private (int Slot, CandidateSources Sources)[] _slots = [];
        private IndexedItem[] _items = [];
        private double[] _amounts = [];

        /// <summary>What those are wanted by who are like the user.</summary>
        public (RankedSlots? Segment, RankedSlots? Locale, RankedSlots? Place, RankedSlots? Platform) Ranks { get; private set; }

        public void Begin(CandidateQuery query)
        {
            (_query, _at) = (query, query.At.UtcTicks);
            _isNarrow = query.Kind is not null || query.Category is not null || query.From is not null || query.To is not null;
            _excluded.Clear();
            _found.Clear();
            _friends.Clear();
            _coAnswered.Clear();
            _made.Clear();
            foreach (var item in query.Excluded)
            {
                if (index._slots.TryGetValue(item, out var slot))
                    _excluded.Add(slot);
            }

            var audience = query.Audience;
            Ranks = (audience.Segment < 0 ? null : index.RanksOf('s', NameOf(audience.Segment)), index.RanksOf('l', audience.Locale),
                index.RanksOf('c', audience.Place), index.RanksOf('p', audience.Platform));
        }

        public void Friends()
        {
            if (_known.Length < _query.Friends.Length)
                _known = new ulong[2 * _query.Friends.Length];
            ReadOnlySpan<ulong> known = _known.AsSpan(0, index._known.Among(_query.Friends, _known));
            for (var i = 0; i < known.Length; i++)
            {
                FetchAhead(known, i);
                if (index._makers.MayHave(known[i]) && index._madeBy.TryGetValue(known[i], out var made))
                    _made.UnionWith(made);
                foreach (var did in index._said.Of(known[i]))
                {
                    var (slot, reaction) = ReactionTable.Unpack(did);
                    ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_friends, slot, out _);
                    if (reaction >= Reaction.Yes)
                        held.Yes++;
                    else if (reaction.IsWant())
                        held.Interested++;
                    else
                        held.Declined++;
                }
            }

            _ranked.Clear();
            foreach (var (slot, answers) in _friends)
            {
                if (answers.Yes + answers.Interested > 0)
                    _ranked.Add(RankOf(3 * answers.Yes + answers.Interested, slot));
            }

            TakeRanked(CandidateSources.FriendsAnswers);
            _ranked.Clear();
            foreach (var slot in _made)
                _ranked.Add(RankOf(index._items[slot].Wanted, slot));
            TakeRanked(CandidateSources.FriendsCreated);
        }

        /// <summary>Leaves of what was found what is among these, and adds those of them that were not found.</summary>
        public void Keep(string[] only)
        {
            var slots = only.Where(index._slots.ContainsKey).Select(item => index._slots[item]).ToHashSet();
            foreach (var slot in _found.Keys.Where(slot => !slots.Contains(slot)).ToArray())
                _found.Remove(slot);
            foreach (var slot in slots)
                Add(CandidateSources.None, slot);
        }

        public void Also(string[] items)
        {
            foreach (var item in items)
            {
                if (index._slots.TryGetValue(item, out var slot))
                    Add(CandidateSources.None, slot);
            }
        }

        public void Viewed()
        {
            var left = BudgetOf(CandidateSources.Viewed);
            foreach (var item in _query.Viewed)
            {
                if (index._slots.TryGetValue(item, out var slot) && Add(CandidateSources.Viewed, slot) && --left == 0)
                    break;
            }
        }

        public void CoAnswered()
        {
            for (var i = 0; i < _query.Neighbours.Length; i++)
            {
                FetchAhead(_query.Neighbours, i);
                foreach (var did in index._said.Of(_query.Neighbours[i]))
                {
                    var (slot, reaction) = ReactionTable.Unpack(did);
                    if (reaction.IsWant())
                        CollectionsMarshal.GetValueRefOrAddDefault(_coAnswered, slot, out _) += _query.Weights[i];
                }
            }

            _ranked.Clear();
            foreach (var (slot, weight) in _coAnswered)
                _ranked.Add(RankOf(weight, slot));
            TakeRanked(CandidateSources.CoAnswered);
        }

        public void Alike()
        {
            if (_query.Words.Length == 0)
                return;
            var each = Math.Max(1, BudgetOf(CandidateSources.Alike) / _query.Words.Length);
            foreach (var word in _query.Words)
                FromTheTop(CandidateSources.Alike, index._words.GetValueOrDefault(word)?.MostWanted, each);
        }

        public void NearAndSoon()
        {
            var from = Math.Max((_query.From ?? _query.At).UtcTicks, _query.At.UtcTicks);
            var to = (_query.To ?? _query.From ?? _query.At).UtcTicks + (_query.To is null ? Soon.Ticks : 0);
            if (from > to)
                return;
            var budget = BudgetOf(CandidateSources.NearAndSoon);
            if (_query.Near is { } near)
            {
                _cells.Clear();
                var (latitude, longitude) = CellOf(near);
                for (var north = -1; north <= 1; north++)
                {
                    for (var east = -1; east <= 1; east++)
                    {
                        if (index._startsByCell.TryGetValue((latitude + north, longitude + east), out var cell))
                            Enter(cell.From(from), to);
                    }
                }

                for (var left = budget; left > 0 && _cells.Count > 0; left--)
                {
                    var first = 0;
                    for (var cell = 1; cell < _cells.Count; cell++)
                    {
                        if ((_cells[cell].Key, _cells[cell].Slot).CompareTo((_cells[first].Key, _cells[first].Slot)) < 0)
                            first = cell;
                    }

                    var next = _cells[first];
                    _cells.RemoveAt(first);
                    Add(CandidateSources.NearAndSoon, next.Slot);
                    Enter(next, to);
                }
            }

            // A time that was asked for may be one in which nothing near, nor anything much wanted, takes place.
            if (_query.From is null && _query.To is null)
                return;
            var starts = index._starts.From(from);
            for (int seen = 0, taken = 0; seen < budget * PassedOver && taken < budget && starts.MoveNext() && starts.Key <= to; seen++)
            {
                if (Add(CandidateSources.NearAndSoon, starts.Slot))
                    taken++;
            }
        }

        public void FromTheTop(CandidateSources source, SlotOrder? order) => FromTheTop(source, order, BudgetOf(source));

        /// <summary>What was found, as it is until the next search begins.</summary>
        public CandidateList Result()
        {
            // One thing of all candidates after the other: each is a wait for memory, and those of a short loop are waited for together.
            var count = _found.Count;
            if (_slots.Length < count)
                (_slots, _items, _amounts) = (new (int, CandidateSources)[2 * count], new IndexedItem[2 * count], new double[2 * count * AmountsEach]);
            var next = 0;
            foreach (var (slot, sources) in _found)
                _slots[next++] = (slot, sources);
            for (var i = 0; i < count; i++)
                _items[i] = index._items[_slots[i].Slot];
            Gather(0, index._trending, count);
            Gather(1, Ranks.Segment, count);
            Gather(2, Ranks.Locale, count);
            Gather(3, Ranks.Place, count);
            Gather(4, Ranks.Platform, count);
            _words.Clear();
            _number++;
            for (var i = 0; i < count; i++)
                Note(_items[i].Words);

            _overall.Clear();
            _inSegment.Clear();
            var inSegment = index._segments.GetValueOrDefault(_query.Audience.Segment)?.ByWord;
            foreach (var word in _words)
            {
                _overall.Add(new WordTally(word.Word, word.Wanted, word.Seen));
                if (inSegment is not null && inSegment.TryGetValue(word.Word, out var counts))
                    _inSegment.Add(new WordTally(word.Word, counts.Wanted, counts.Seen));
            }

            return new CandidateList(this, _overall, _inSegment);
        }

        public int Count => _found.Count;

        public Candidate this[int place]
        {
            get
            {
                var (item, (slot, sources)) = (_items[place], _slots[place]);
                _friends.TryGetValue(slot, out var friends);
                _coAnswered.TryGetValue(slot, out var coAnswered);
                var amounts = _amounts.AsSpan(place * AmountsEach, AmountsEach);
                return new Candidate
                {
                    Item = item.Id,
                    Facts = item.Facts,
                    Sources = sources,
                    Seen = item.Seen,
                    Wanted = item.Wanted,
                    Yes = item.Yes,
                    Declined = item.Declined,
                    FriendsYes = friends.Yes,
                    FriendsInterested = friends.Interested,
                    FriendsDeclined = friends.Declined,
                    CreatorIsFriend = _made.Contains(slot),
                    WantedInSegment = (int)amounts[1],
                    WantedInLocale = (int)amounts[2],
                    WantedInPlace = (int)amounts[3],
                    WantedOnPlatform = (int)amounts[4],
                    CoAnswered = coAnswered,
                    // What comes after the instant that is asked about is not of late yet.
                    Trending = amounts[0] == 0 ? 0 : Math.Pow(2, Math.Min(amounts[0] - _at / (double)HalfLife.Ticks, 12)),
                };
            }
        }

        public IEnumerator<Candidate> GetEnumerator()
        {
            for (var place = 0; place < Count; place++)
                yield return this[place];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>Of a candidate: what is trending, and how many of the segment, the locale, the place and the platform want it.</summary>
        private const int AmountsEach = 5;

        private void Gather(int which, RankedSlots? ranks, int count)
        {
            for (var i = 0; i < count; i++)
                // What nobody wants nobody of one kind wants.
                _amounts[i * AmountsEach + which] = ranks is null || (which > 0 && _items[i].Wanted == 0) ? 0 : ranks[_slots[i].Slot];
        }

        /// <summary>Notes the words of an item, each once in a search.</summary>
        private void Note(WordSet set)
        {
            if (set.SearchedBy == _number)
                return;
            set.SearchedBy = _number;
            foreach (var word in set.Counts)
            {
                if (word.SearchedBy == _number)
                    continue;
                word.SearchedBy = _number;
                _words.Add(word);
            }
        }

        /// <summary>Has memory fetch what those did who come next, while somebody is looked up: first where it stands, then itself.</summary>
        private void FetchAhead(ReadOnlySpan<ulong> people, int i)
        {
            if (i == 0)
            {
                for (var first = 0; first < Math.Min(2 * Ahead, people.Length); first++)
                    index._said.Prefetch(people[first]);
            }

            if (i + 2 * Ahead < people.Length)
                index._said.Prefetch(people[i + 2 * Ahead]);
            if (i + Ahead < people.Length)
                index._said.PrefetchDid(people[i + Ahead]);
        }

        /// <summary>Goes on in a cell to what may be shown next, if it starts in time.</summary>
        private void Enter(SlotOrder.Cursor cell, long to)
        {
            while (cell.MoveNext() && cell.Key <= to)
            {
                if (!Admits(cell.Slot))
                    continue;
                _cells.Add(cell);
                return;
            }
        }

        private void FromTheTop(CandidateSources source, SlotOrder? order, int budget)
        {
            if (order is null)
                return;
            _retired.Clear();
            var items = order.FromTheTop();
            for (int seen = 0, taken = 0; seen < budget * PassedOver && taken < budget && items.MoveNext(); seen++)
            {
                var slot = items.Slot;
                if (Add(source, slot))
                    taken++;
                else if (index._shownUntil[slot] <= _at && index.Now.UtcTicks - index._items[slot].Facts.PastAt > RetiredAfter)
                    _retired.Add((items.Key, slot));
            }

            // Past for so long, they would only be passed over; they come in again when they change.
            foreach (var (key, slot) in _retired)
                order.Remove(key, slot);
        }

        /// <summary>Takes those that were ranked, the lowest rank first: a heap of them, since few of many are taken.</summary>
        private void TakeRanked(CandidateSources source)
        {
            var ranks = CollectionsMarshal.AsSpan(_ranked);
            for (var place = ranks.Length / 2 - 1; place >= 0; place--)
                SiftDown(ranks, place);
            for (var left = BudgetOf(source); left > 0 && ranks.Length > 0;)
            {
                if (Add(source, (int)(uint)ranks[0]))
                    left--;
                ranks[0] = ranks[^1];
                ranks = ranks[..^1];
                SiftDown(ranks, 0);
            }
        }

        /// <summary>Puts what stands at a place of a heap below what is less.</summary>
        private static void SiftDown(Span<ulong> heap, int place)
        {
            for (int below; (below = 2 * place + 1) < heap.Length; place = below)
            {
                if (below + 1 < heap.Length && heap[below + 1] < heap[below])
                    below++;
                if (heap[place] <= heap[below])
                    return;
                (heap[place], heap[below]) = (heap[below], heap[place]);
            }
        }

        /// <summary>A number that puts the largest of amounts not below 0 first, and of equals the lowest slot.</summary>
        private static ulong RankOf(float amount, int slot) => (ulong)~BitConverter.SingleToUInt32Bits(amount) << 32 | (uint)slot;

        private bool Add(CandidateSources source, int slot)
        {
            if (!Admits(slot))
                return false;
            CollectionsMarshal.GetValueRefOrAddDefault(_found, slot, out _) |= source;
            return true;
        }

        private bool Admits(int slot) => index._shownUntil[slot] > _at && !_excluded.Contains(slot) && (!_isNarrow || _query.Admits(index._items[slot].Facts));

        private int BudgetOf(CandidateSources source) => CandidateSourceList.BudgetOf(CandidateSourceList.BudgetOf(source), _query.Shards);
    }
}
