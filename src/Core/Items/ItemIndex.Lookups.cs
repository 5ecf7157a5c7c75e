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
        if (_cities.TryGetValue(PlaceName(place), out var whole))
            return whole;
        foreach (var part in place.Split([",", "  "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (_cities.TryGetValue(PlaceName(part), out var found))
                return found;
        }

        return null;
    }

    /// <summary>The candidates of this shard, each of the sources' budgets.</summary>
    public CandidateList Find(CandidateQuery query)
    {
        var search = new Search(this, query);
        search.Friends();
        if (query.Only is { } only)
        {
            search.CoAnswered();
            search.Keep(only);
            return search.Result();
        }

        search.Viewed();
        search.CoAnswered();
        search.Alike();
        search.NearAndSoon();
        if (query.Audience.Segment >= 0)
            search.FromTheTop(CandidateSources.Segment, RanksOf('s', NameOf(query.Audience.Segment)));
        search.FromTheTop(CandidateSources.Place, RanksOf('c', query.Audience.Place));
        search.FromTheTop(CandidateSources.Locale, RanksOf('l', query.Audience.Locale));
        search.FromTheTop(CandidateSources.Platform, RanksOf('p', query.Audience.Platform));
        search.FromTheTop(CandidateSources.Trending, _trending);
        search.FromTheTop(CandidateSources.Popular, query.Category is { } category ? _words.GetValueOrDefault(category)?.Wanted : _popular);
        search.Also(query.Also);
        return search.Result();
    }

    private RankedSlots? RanksOf(char of, string name) => _wantedBy.GetValueOrDefault((of, name));

    /// <summary>One query's way through the index.</summary>
    private sealed class Search
    {
        private readonly ItemIndex _index;
        private readonly CandidateQuery _query;
        private readonly long _at;
        private readonly HashSet<int> _excluded = [];
        private readonly Dictionary<int, CandidateSources> _found = [];
        private readonly Dictionary<int, (int Yes, int Interested)> _friends = [];
        private readonly Dictionary<int, float> _coAnswered = [];
        private readonly HashSet<int> _made = [];

        public Search(ItemIndex index, CandidateQuery query)
        {
            (_index, _query, _at) = (index, query, query.At.UtcTicks);
            foreach (var item in query.Excluded)
            {
                if (index._slots.TryGetValue(item, out var slot))
                    _excluded.Add(slot);
            }
        }

        public void Friends()
        {
            foreach (var friend in _query.Friends)
            {
                if (_index.Find(friend) is not { } person)
                    continue;
                foreach (var (slot, reaction) in CollectionsMarshal.AsSpan(person.Reactions))
                {
                    if (reaction < Reaction.Interested)
                        continue;
                    ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_friends, slot, out _);
                    held = reaction >= Reaction.Yes ? (held.Yes + 1, held.Interested) : (held.Yes, held.Interested + 1);
                }

                _made.UnionWith(person.Made);
            }

            Take(CandidateSources.FriendsAnswers, _friends, static answers => 3 * answers.Yes + answers.Interested);
            Take(CandidateSources.FriendsCreated, _made.OrderByDescending(slot => _index._items[slot].Wanted).ThenBy(slot => slot));
        }

        /// <summary>Leaves of what was found what is among these, and adds those of them that were not found.</summary>
        public void Keep(string[] only)
        {
            var slots = only.Where(_index._slots.ContainsKey).Select(item => _index._slots[item]).ToHashSet();
            foreach (var slot in _found.Keys.Where(slot => !slots.Contains(slot)).ToArray())
                _found.Remove(slot);
            foreach (var slot in slots)
                Add(CandidateSources.None, slot);
        }

        public void Also(string[] items)
        {
            foreach (var item in items)
            {
                if (_index._slots.TryGetValue(item, out var slot))
                    Add(CandidateSources.None, slot);
            }
        }

        public void Viewed() => Take(CandidateSources.Viewed, _query.Viewed.Where(_index._slots.ContainsKey).Select(item => _index._slots[item]));

        public void CoAnswered()
        {
            foreach (var (neighbour, weight) in _query.Neighbours)
            {
                if (_index.Find(neighbour) is not { } person)
                    continue;
                foreach (var (slot, reaction) in CollectionsMarshal.AsSpan(person.Reactions))
                {
                    if (reaction >= Reaction.Interested)
                        CollectionsMarshal.GetValueRefOrAddDefault(_coAnswered, slot, out _) += weight;
                }
            }

            Take(CandidateSources.CoAnswered, _coAnswered, static weight => weight);
        }

        public void Alike()
        {
            if (_query.Words.Length == 0)
                return;
            var each = Math.Max(1, BudgetOf(CandidateSources.Alike) / _query.Words.Length);
            foreach (var word in _query.Words)
                FromTheTop(CandidateSources.Alike, _index._words.GetValueOrDefault(word)?.Wanted, each);
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
                var (latitude, longitude) = CellOf(near);
                var soon = new List<(long Start, int Slot)>();
                for (var north = -1; north <= 1; north++)
                {
                    for (var east = -1; east <= 1; east++)
                    {
                        if (_index._startsByCell.TryGetValue((latitude + north, longitude + east), out var cell))
                            soon.AddRange(Between(cell).Where(one => Admits(one.Slot)).Take(budget));
                    }
                }

                Take(CandidateSources.NearAndSoon, soon.Order().Select(one => one.Slot));
            }

            // A time that was asked for may be one in which nothing near, nor anything much wanted, takes place.
            if (_query.From is not null || _query.To is not null)
                Take(CandidateSources.NearAndSoon, Between(_index._starts).Take(budget * PassedOver).Select(one => one.Slot));

            IEnumerable<(long Start, int Slot)> Between(SortedSet<(long Start, int Slot)> starts) => starts.GetViewBetween((from, 0), (to, int.MaxValue));
        }

        public void FromTheTop(CandidateSources source, RankedSlots? ranks) => FromTheTop(source, ranks, BudgetOf(source));

        public CandidateList Result()
        {
            var words = new HashSet<string>();
            var candidates = new Candidate[_found.Count];
            var now = _query.At.UtcTicks / (double)HalfLife.Ticks;
            var (segment, locale, place, platform) = (_query.Audience.Segment < 0 ? null : _index.RanksOf('s', NameOf(_query.Audience.Segment)),
                _index.RanksOf('l', _query.Audience.Locale), _index.RanksOf('c', _query.Audience.Place), _index.RanksOf('p', _query.Audience.Platform));
            var next = 0;
            foreach (var (slot, sources) in _found)
            {
                var item = _index._items[slot];
                words.UnionWith(item.Facts.Words);
                var (yes, interested) = _friends.GetValueOrDefault(slot);
                var trend = _index._trending[slot];
                candidates[next++] = new Candidate
                {
                    Item = item.Id,
                    Facts = item.Facts,
                    Sources = sources,
                    Seen = item.Seen,
                    Wanted = item.Wanted,
                    FriendsYes = yes,
                    FriendsInterested = interested,
                    CreatorIsFriend = _made.Contains(slot),
                    WantedInSegment = (int)(segment?[slot] ?? 0),
                    WantedInLocale = (int)(locale?[slot] ?? 0),
                    WantedInPlace = (int)(place?[slot] ?? 0),
                    WantedOnPlatform = (int)(platform?[slot] ?? 0),
                    CoAnswered = _coAnswered.GetValueOrDefault(slot),
                    // What comes after the instant that is asked about is not of late yet.
                    Trending = trend == 0 ? 0 : Math.Pow(2, Math.Min(trend - now, 12)),
                };
            }

            var inSegment = _index._segments.GetValueOrDefault(_query.Audience.Segment)?.ByWord;
            return new CandidateList(
                candidates,
                [.. words.Select(word => new WordTally(word, _index._words[word].AllWanted, _index._words[word].AllSeen))],
                inSegment is null ? [] : [.. words.Where(inSegment.ContainsKey).Select(word => new WordTally(word, inSegment[word].Wanted, inSegment[word].Seen))]);
        }

        private void FromTheTop(CandidateSources source, RankedSlots? ranks, int budget)
        {
            if (ranks is null)
                return;
            var retired = new List<int>();
            var taken = 0;
            foreach (var slot in ranks.FromTheTop.Take(budget * PassedOver))
            {
                if (Add(source, slot))
                {
                    if (++taken == budget)
                        break;
                }
                else if (_query.At.UtcTicks - _index._items[slot].Facts.PastAt > RetiredAfter)
                    retired.Add(slot);
            }

            foreach (var slot in retired)
                ranks.Retire(slot);
        }

        private void Take(CandidateSources source, IEnumerable<int> slots)
        {
            var left = BudgetOf(source);
            foreach (var slot in slots)
            {
                if (Add(source, slot) && --left == 0)
                    break;
            }
        }

        /// <summary>Takes those with the most of something, of equals the first.</summary>
        private void Take<T>(CandidateSources source, Dictionary<int, T> found, Func<T, float> amountOf)
        {
            var (amounts, slots) = (new float[found.Count], new int[found.Count]);
            var next = 0;
            foreach (var (slot, value) in found)
                (amounts[next], slots[next++]) = (-amountOf(value), slot);
            Array.Sort(amounts, slots);
            for (var from = 0; from < slots.Length;)
            {
                var to = from + 1;
                while (to < slots.Length && amounts[to] == amounts[from])
                    to++;
                Array.Sort(slots, from, to - from);
                from = to;
            }

            Take(source, slots);
        }

        private bool Add(CandidateSources source, int slot)
        {
            if (!Admits(slot))
                return false;
            _found[slot] = _found.GetValueOrDefault(slot) | source;
            return true;
        }

        private bool Admits(int slot) => _index._items[slot] is var item && item.ShownUntil > _at && !_excluded.Contains(slot) && _query.Admits(item.Facts);

        private int BudgetOf(CandidateSources source) =>
            CandidateSourceList.BudgetOf(CandidateSourceList.All.First(one => one.Source == source).Budget, _query.Shards);
    }
}
