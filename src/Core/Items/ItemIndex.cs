using System.Runtime.InteropServices;
using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>
/// The items of one shard in memory, so that candidates for somebody are found by look-ups and never by a scan: by who answered or made them, by time and
/// place, by word, and by how much they are wanted, by everybody and by segment, locale, place and platform. It holds what people's reactions are now,
/// so that being told of one again changes nothing. Not for several threads at once.
/// </summary>
public sealed partial class ItemIndex
{
    /// <summary>After how long something wanted counts half for what is trending.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromDays(3);

    /// <summary>By how much a sender's clock may be ahead.</summary>
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromHours(1);

    /// <summary>How many of those who wanted an item are held with it, the latest.</summary>
    private const int MostPeopleOfItem = 64;

    private readonly List<IndexedItem> _items = [];

    /// <summary>Of each item until when it may be shown, in ticks.</summary>
    private readonly List<long> _shownUntil = [];

    private readonly Dictionary<string, int> _slots = [];
    private readonly Dictionary<ulong, Person> _people = [];

    /// <summary>What people only saw, and what they answered, bought or came to: candidates are looked for by the second alone, the smaller part of what people do.</summary>
    private readonly ReactionTable _seen = new();
    private readonly ReactionTable _said = new();
    private readonly Dictionary<ulong, List<int>> _madeBy = [];

    /// <summary>Who said something, or made something; and who made something.</summary>
    private readonly HashFilter _known = new();
    private readonly HashFilter _makers = new();
    private readonly Dictionary<Audience, AudienceCounts> _audiences = [];
    private readonly Dictionary<(char Of, string Name), RankedSlots> _wantedBy = [];
    private readonly Dictionary<int, SegmentCounts> _segments = [];
    private readonly Dictionary<string, WordCounts> _words = [];
    private readonly Dictionary<IReadOnlyList<string>, WordSet> _wordSets = new(SameWords.Instance);
    private readonly Dictionary<string, string> _texts = [];
    private readonly WordSet _noWords = new([], []);
    private readonly Dictionary<string, GeoPoint> _cities = [];
    private readonly Dictionary<(int Latitude, int Longitude), SlotOrder> _startsByCell = [];
    private readonly SlotOrder _starts = new();
    private readonly SlotOrder _popular = new();
    private readonly RankedSlots _trending = new();

    /// <summary>Of which segmentation the segments are that people were put into; 0 for none.</summary>
    public long ModelVersion { get; init; }

    /// <summary>The instant that it is now: what was past long before it is left out of the orders from then on. That somebody asks about another instant changes nothing.</summary>
    public DateTimeOffset Now { get; set; } = DateTimeOffset.MinValue;

    /// <summary>How many items there are.</summary>
    public int Items => _items.Count;

    /// <summary>Takes in what is known of an item, in place of what was.</summary>
    public void Put(string item, ItemFacts facts)
    {
        var slot = SlotOf(item);
        var held = _items[slot];
        // Many items have the same few texts, which are held once.
        var words = WordSetOf(facts.Words);
        facts = facts with { Kind = Shared(facts.Kind), City = Shared(facts.City), Country = Shared(facts.Country), Words = words.Words };
        if (held.Facts == facts)
            return;
        // Who was passed over as past may not be so any more.
        var mayBeOut = _shownUntil[slot] <= Now.UtcTicks && facts.ShownUntil > _shownUntil[slot];
        Unlist(slot, held);
        (held.Facts, held.Words, _shownUntil[slot]) = (facts, words, facts.ShownUntil);
        List(slot, held);
        if (!mayBeOut)
            return;
        _popular.Add(-held.Wanted, slot);
        _trending.Restore(slot);
        foreach (var ranked in _wantedBy.Values)
            ranked.Restore(slot);
    }

    /// <summary>Takes in what somebody's reaction to an item is now.</summary>
    /// <param name="at">When it was, for what is trending; null where nobody knows.</param>
    public void React(ulong person, string item, Reaction reaction, DateTimeOffset? at)
    {
        var slot = SlotOf(item);
        var before = ReactionOf(person, slot);
        if (before == reaction)
            return;
        (reaction > Reaction.Seen ? _seen : _said).Remove(person, slot);
        if (reaction <= Reaction.Seen)
            _seen.Set(person, slot, reaction);
        else if (_said.Set(person, slot, reaction))
            _known.Add(person);
        var audience = _people.GetValueOrDefault(person).Audience;
        Count(slot, audience, before, -1);
        Count(slot, audience, reaction, 1);
        if (before.IsWant() && !reaction.IsWant())
            _items[slot].Remove(person);
        if (before.IsWant() || !reaction.IsWant())
            return;
        _items[slot].Add(person);
        if (at is { } instant && IsKnownBy(instant, Now))
        {
            var added = Math.Min(instant.UtcTicks, Now == DateTimeOffset.MinValue ? long.MaxValue : Now.UtcTicks) / (double)HalfLife.Ticks;
            var held = _trending[slot];
            // The logarithm of a sum of powers of two, so that time alone changes no order.
            _trending.Set(slot, held == 0 ? added : Math.Max(held, added) + Math.Log2(1 + Math.Pow(2, -Math.Abs(held - added))));
        }
    }

    /// <summary>Whether what is dated so may count as of late: what claims to come from farther ahead than clocks differ does not, or it would be trending until then.</summary>
    private static bool IsKnownBy(DateTimeOffset at, DateTimeOffset now) => now == DateTimeOffset.MinValue || at - now <= ClocksDiffer;

    /// <summary>Takes in something more that somebody did with an item.</summary>
    public void React(ulong person, string item, EntryKind kind, DateTimeOffset? at) => React(person, item, Reactions.After(ReactionOf(person, item), kind), at);

    /// <summary>As <see cref="React(ulong, string, Reaction, DateTimeOffset?)"/>, of what an item's list of answers says: it holds where it says more than what is known of the person.</summary>
    public void Answer(ulong person, string item, Reaction reaction)
    {
        if (reaction > ReactionOf(person, item))
            React(person, item, reaction, null);
    }

    /// <summary>Keeps the id of somebody, so that they can be named.</summary>
    public void Name(ulong person, string id) => CollectionsMarshal.GetValueRefOrAddDefault(_people, person, out _).Id = id;

    /// <summary>The id of somebody who was named, or null.</summary>
    public string? NameOf(ulong person) => _people.GetValueOrDefault(person).Id;

    /// <summary>Takes in what somebody belongs to now; what they did counts there from now on.</summary>
    public void Place(ulong person, Audience audience)
    {
        var counts = CountsOf(audience);
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_people, person, out _);
        if (ReferenceEquals(known.Audience, counts))
            return;
        Move(_seen.Of(person), known.Audience, counts);
        Move(_said.Of(person), known.Audience, counts);
        known.Audience = counts;
    }

    private void Move(ReadOnlySpan<int> done, AudienceCounts? from, AudienceCounts? to)
    {
        foreach (var did in done)
        {
            var (slot, reaction) = ReactionTable.Unpack(did);
            CountIn(slot, from, reaction, -1);
            CountIn(slot, to, reaction, 1);
        }
    }

    private Reaction ReactionOf(ulong person, string item) => _slots.TryGetValue(item, out var slot) ? ReactionOf(person, slot) : Reaction.None;

    private Reaction ReactionOf(ulong person, int slot) => _said.Of(person, slot) is > Reaction.None and var said ? said : _seen.Of(person, slot);

    private int SlotOf(string item)
    {
        if (!_slots.TryGetValue(item, out var slot))
        {
            slot = _items.Count;
            _slots.Add(item, slot);
            _items.Add(new IndexedItem(item, _noWords));
            _shownUntil.Add(ItemFacts.Unknown.ShownUntil);
            _popular.Add(0, slot);
        }

        return slot;
    }

    private void Count(int slot, AudienceCounts? audience, Reaction reaction, int by)
    {
        if (reaction == Reaction.None)
            return;
        var item = _items[slot];
        var before = (item.Wanted, item.Seen);
        item.Seen += by;
        if (reaction.IsWant())
            item.Wanted += by;
        if (reaction >= Reaction.Yes)
            item.Yes += by;
        if (reaction.IsDecline())
            item.Declined += by;
        if (item.Wanted != before.Wanted)
        {
            _popular.Remove(-before.Wanted, slot);
            _popular.Add(-item.Wanted, slot);
        }

        foreach (var word in item.Words.Counts)
            word.Change(slot, before, (item.Wanted, item.Seen));

        CountIn(slot, audience, reaction, by);
    }

    private void CountIn(int slot, AudienceCounts? audience, Reaction reaction, int by)
    {
        if (audience is null || reaction == Reaction.None)
            return;
        if (reaction.IsWant())
        {
            foreach (var wanted in audience.Wanted)
                wanted.Add(slot, by);
        }

        audience.Segment?.Count(_items[slot].Facts.Words, reaction, by);
    }

    private AudienceCounts CountsOf(Audience audience)
    {
        if (_audiences.TryGetValue(audience, out var counts))
            return counts;
        var wanted = new List<RankedSlots>();
        Add('l', audience.Locale);
        Add('c', audience.Place);
        Add('p', audience.Platform);
        Add('s', audience.Segment < 0 ? "" : NameOf(audience.Segment));
        var segment = audience.Segment < 0 ? null : _segments.TryGetValue(audience.Segment, out var known) ? known : _segments[audience.Segment] = new SegmentCounts();
        return _audiences[audience] = new AudienceCounts([.. wanted], segment);

        void Add(char of, string name)
        {
            if (name.Length > 0)
                wanted.Add(_wantedBy.TryGetValue((of, name), out var held) ? held : _wantedBy[(of, name)] = new RankedSlots());
        }
    }

    private static string NameOf(int segment) => segment.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string? Shared(string? text)
    {
        if (text is null)
            return null;
        if (!_texts.TryGetValue(text, out var held))
            _texts.Add(text, held = text);
        return held;
    }

    private WordSet WordSetOf(IReadOnlyList<string> words)
    {
        if (!_wordSets.TryGetValue(words, out var set))
        {
            set = new WordSet([.. words], [.. words.Select(CountsOf)]);
            _wordSets.Add(set.Words, set);
        }

        return set;
    }

    private WordCounts CountsOf(string word)
    {
        if (!_words.TryGetValue(word, out var counts))
            _words.Add(word, counts = new WordCounts(word));
        return counts;
    }

    private void List(int slot, IndexedItem item)
    {
        ref readonly var facts = ref item.Facts;
        if (facts.Creator is { } creator && StableHash.OfKey(creator) is var maker)
        {
            if (!_madeBy.TryGetValue(maker, out var made))
            {
                _madeBy.Add(maker, made = []);
                _makers.Add(maker);
                _known.Add(maker);
            }

            made.Add(slot);
        }

        if (facts.Start is { } start)
        {
            _starts.Add(start.UtcTicks, slot);
            if (facts.Point is { } point)
            {
                if (!_startsByCell.TryGetValue(CellOf(point), out var cell))
                    _startsByCell.Add(CellOf(point), cell = new SlotOrder());
                cell.Add(start.UtcTicks, slot);
            }
        }

        if (facts is { City: { } city, Point: { } at })
            _cities.TryAdd(PlaceName(city), at);
        foreach (var word in item.Words.Counts)
            word.Add(slot, item.Wanted, item.Seen);
    }

    private void Unlist(int slot, IndexedItem item)
    {
        ref readonly var facts = ref item.Facts;
        if (facts.Creator is { } creator)
            _madeBy[StableHash.OfKey(creator)].Remove(slot);
        if (facts.Start is { } start)
        {
            _starts.Remove(start.UtcTicks, slot);
            if (facts.Point is { } point && _startsByCell.TryGetValue(CellOf(point), out var cell))
                cell.Remove(start.UtcTicks, slot);
        }

        foreach (var word in item.Words.Counts)
            word.Remove(slot, item.Wanted, item.Seen);
    }

    private static (int Latitude, int Longitude) CellOf(GeoPoint point) => ((int)Math.Floor(point.Latitude), (int)Math.Floor(point.Longitude));

    /// <summary>A place's name as it is looked up by.</summary>
    public static string PlaceName(string text) => text.Trim().ToLowerInvariant();

    private sealed class IndexedItem(string id, WordSet words)
    {
        /// <summary>A field, as it is large and lies here: who reads one thing of it copies no more.</summary>
        public ItemFacts Facts;

        private int _next;

        public string Id => id;
        public WordSet Words { get; set; } = words;
        public int Seen { get; set; }
        public int Wanted { get; set; }
        public int Yes { get; set; }
        public int Declined { get; set; }

        /// <summary>Some of those who wanted it.</summary>
        public IReadOnlyList<ulong> People => _people ?? [];

        private List<ulong>? _people;

        public void Add(ulong person)
        {
            _people ??= [];
            if (_people.Contains(person))
                return;
            if (_people.Count < MostPeopleOfItem)
                _people.Add(person);
            else
                _people[_next++ % MostPeopleOfItem] = person;
        }

        public void Remove(ulong person) => _people?.Remove(person);
    }

    private record struct Person(string? Id, AudienceCounts? Audience);

    /// <summary>Where what people of one audience want is counted.</summary>
    private sealed record AudienceCounts(RankedSlots[] Wanted, SegmentCounts? Segment);

    private sealed class SegmentCounts
    {
        public Dictionary<string, (long Wanted, long Seen)> ByWord { get; } = [];

        public void Count(IReadOnlyList<string> words, Reaction reaction, int by)
        {
            foreach (var word in words)
            {
                var (wanted, seen) = ByWord.GetValueOrDefault(word);
                ByWord[word] = (wanted + (reaction.IsWant() ? by : 0), seen + by);
            }
        }
    }
}
