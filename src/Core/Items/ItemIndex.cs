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

    /// <summary>How many of those who wanted an item are held with it, the latest.</summary>
    private const int MostPeopleOfItem = 64;

    private readonly List<IndexedItem> _items = [];
    private readonly Dictionary<string, int> _slots = [];
    private readonly Dictionary<ulong, Person> _people = [];
    private readonly HashFilter _known = new();
    private readonly Dictionary<Audience, AudienceCounts> _audiences = [];
    private readonly Dictionary<(char Of, string Name), RankedSlots> _wantedBy = [];
    private readonly Dictionary<int, SegmentCounts> _segments = [];
    private readonly Dictionary<string, WordCounts> _words = [];
    private readonly Dictionary<string, GeoPoint> _cities = [];
    private readonly Dictionary<(int Latitude, int Longitude), SortedSet<(long Start, int Slot)>> _startsByCell = [];
    private readonly SortedSet<(long Start, int Slot)> _starts = [];
    private readonly RankedSlots _popular = new();
    private readonly RankedSlots _trending = new();

    /// <summary>Of which segmentation the segments are that people were put into; 0 for none.</summary>
    public long ModelVersion { get; init; }

    /// <summary>How many items there are.</summary>
    public int Items => _items.Count;

    /// <summary>Takes in what is known of an item, in place of what was.</summary>
    public void Put(string item, ItemFacts facts)
    {
        var slot = SlotOf(item);
        var held = _items[slot];
        if (held.Facts == facts)
            return;
        Unlist(slot, held.Facts);
        held.Facts = facts;
        List(slot, facts);
        // Who was passed over as past may not be so any more.
        _popular.Set(slot, held.Wanted);
    }

    /// <summary>Takes in what somebody's reaction to an item is now.</summary>
    /// <param name="at">When it was, for what is trending; null where nobody knows.</param>
    public void React(ulong person, string item, Reaction reaction, DateTimeOffset? at)
    {
        var slot = SlotOf(item);
        var known = PersonOf(person);
        var place = known.Find(slot);
        var before = place < 0 ? Reaction.None : known.Reactions[place].Reaction;
        if (before == reaction)
            return;
        if (place < 0)
            known.Reactions.Add((slot, reaction));
        else
            known.Reactions[place] = (slot, reaction);
        Count(slot, known.Audience, before, -1);
        Count(slot, known.Audience, reaction, 1);
        if (reaction < Reaction.Interested || before >= Reaction.Interested)
            return;
        _items[slot].Add(person);
        if (at is { } instant)
        {
            var added = instant.UtcTicks / (double)HalfLife.Ticks;
            var held = _trending[slot];
            // The logarithm of a sum of powers of two, so that time alone changes no order.
            _trending.Set(slot, held == 0 ? added : Math.Max(held, added) + Math.Log2(1 + Math.Pow(2, -Math.Abs(held - added))));
        }
    }

    /// <summary>Takes in something more that somebody did with an item.</summary>
    public void React(ulong person, string item, EntryKind kind, DateTimeOffset? at) => React(person, item, Reactions.After(ReactionOf(person, item), kind), at);

    /// <summary>As <see cref="React(ulong, string, Reaction, DateTimeOffset?)"/>, of what an item's list of answers says: it holds where it says more than what is known of the person.</summary>
    public void Answer(ulong person, string item, Reaction reaction)
    {
        if (reaction > ReactionOf(person, item))
            React(person, item, reaction, null);
    }

    /// <summary>Keeps the id of somebody, so that they can be named.</summary>
    public void Name(ulong person, string id) => PersonOf(person).Id = id;

    /// <summary>The id of somebody who was named, or null.</summary>
    public string? NameOf(ulong person) => _people.GetValueOrDefault(person)?.Id;

    /// <summary>Takes in what somebody belongs to now; what they did counts there from now on.</summary>
    public void Place(ulong person, Audience audience)
    {
        var known = PersonOf(person);
        var counts = CountsOf(audience);
        if (ReferenceEquals(known.Audience, counts))
            return;
        foreach (var (slot, reaction) in known.Reactions)
        {
            CountIn(slot, known.Audience, reaction, -1);
            CountIn(slot, counts, reaction, 1);
        }

        known.Audience = counts;
    }

    private Reaction ReactionOf(ulong person, string item) =>
        _slots.TryGetValue(item, out var slot) && _people.TryGetValue(person, out var known) && known.Find(slot) is >= 0 and var place
            ? known.Reactions[place].Reaction : Reaction.None;

    private int SlotOf(string item)
    {
        if (!_slots.TryGetValue(item, out var slot))
        {
            slot = _items.Count;
            _slots.Add(item, slot);
            _items.Add(new IndexedItem(item));
            _popular.Set(slot, 0);
        }

        return slot;
    }

    private Person PersonOf(ulong person)
    {
        if (!_people.TryGetValue(person, out var known))
        {
            _people.Add(person, known = new Person());
            _known.Add(person);
        }

        return known;
    }

    /// <summary>Somebody of whom something is known; most friends are nobody's, and told so without a look-up.</summary>
    private Person? Find(ulong person) => _known.MayHave(person) ? _people.GetValueOrDefault(person) : null;

    private void Count(int slot, AudienceCounts? audience, Reaction reaction, int by)
    {
        if (reaction == Reaction.None)
            return;
        var item = _items[slot];
        item.Seen += by;
        if (reaction >= Reaction.Interested)
        {
            item.Wanted += by;
            _popular.Set(slot, item.Wanted);
        }

        foreach (var word in item.Facts.Words)
            _words[word].Count(slot, reaction, by);
        CountIn(slot, audience, reaction, by);
    }

    private void CountIn(int slot, AudienceCounts? audience, Reaction reaction, int by)
    {
        if (audience is null || reaction == Reaction.None)
            return;
        if (reaction >= Reaction.Interested)
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

    private void List(int slot, ItemFacts facts)
    {
        var item = _items[slot];
        if (facts.Creator is { } creator)
            PersonOf(StableHash.OfKey(creator)).Made.Add(slot);
        if (facts.Start is { } start)
        {
            _starts.Add((start.UtcTicks, slot));
            if (facts.Point is { } point)
            {
                if (!_startsByCell.TryGetValue(CellOf(point), out var cell))
                    _startsByCell.Add(CellOf(point), cell = []);
                cell.Add((start.UtcTicks, slot));
            }
        }

        if (facts is { City: { } city, Point: { } at })
            _cities.TryAdd(PlaceName(city), at);
        foreach (var word in facts.Words)
        {
            if (!_words.TryGetValue(word, out var counts))
                _words.Add(word, counts = new WordCounts());
            counts.Add(slot, item.Wanted, item.Seen);
        }
    }

    private void Unlist(int slot, ItemFacts facts)
    {
        var item = _items[slot];
        if (facts.Creator is { } creator)
            PersonOf(StableHash.OfKey(creator)).Made.Remove(slot);
        if (facts.Start is { } start)
        {
            _starts.Remove((start.UtcTicks, slot));
            if (facts.Point is { } point && _startsByCell.TryGetValue(CellOf(point), out var cell))
                cell.Remove((start.UtcTicks, slot));
        }

        foreach (var word in facts.Words)
            _words[word].Remove(slot, item.Wanted, item.Seen);
    }

    private static (int Latitude, int Longitude) CellOf(GeoPoint point) => ((int)Math.Floor(point.Latitude), (int)Math.Floor(point.Longitude));

    /// <summary>A place's name as it is looked up by.</summary>
    public static string PlaceName(string text) => text.Trim().ToLowerInvariant();

    private sealed class IndexedItem(string id)
    {
        private int _next;

        public string Id => id;
        public ItemFacts Facts
        {
            get;
            set => (field, ShownUntil) = (value, value.ShownUntil);
        } = ItemFacts.Unknown;

        /// <summary>That of the facts, at hand.</summary>
        public long ShownUntil { get; private set; } = ItemFacts.Unknown.ShownUntil;

        public int Seen { get; set; }
        public int Wanted { get; set; }

        /// <summary>Some of those who wanted it.</summary>
        public List<ulong> People { get; } = [];

        public void Add(ulong person)
        {
            if (People.Count < MostPeopleOfItem)
                People.Add(person);
            else
                People[_next++ % MostPeopleOfItem] = person;
        }
    }

    private sealed class Person
    {
        public string? Id { get; set; }
        public AudienceCounts? Audience { get; set; }
        public List<(int Slot, Reaction Reaction)> Reactions { get; } = [];
        public List<int> Made { get; } = [];

        public int Find(int slot) => Reactions.FindIndex(one => one.Slot == slot);
    }

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
                ByWord[word] = (wanted + (reaction >= Reaction.Interested ? by : 0), seen + by);
            }
        }
    }

    private sealed class WordCounts
    {
        public RankedSlots Wanted { get; } = new();
        public long AllWanted { get; private set; }
        public long AllSeen { get; private set; }

        public void Add(int slot, int wanted, int seen)
        {
            Wanted.Set(slot, wanted);
            AllWanted += wanted;
            AllSeen += seen;
        }

        public void Remove(int slot, int wanted, int seen)
        {
            Wanted.Remove(slot);
            AllWanted -= wanted;
            AllSeen -= seen;
        }

        public void Count(int slot, Reaction reaction, int by)
        {
            AllSeen += by;
            if (reaction < Reaction.Interested)
                return;
            AllWanted += by;
            Wanted.Add(slot, by);
        }
    }
}
