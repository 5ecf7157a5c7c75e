using System.Runtime.InteropServices;
using Auie.Core.Clustering;
using Auie.Core.Features;

namespace Auie.Core.Insights;

/// <summary>
/// Who a shard's users are, and how interested they are by group, read from its columns: no user is asked. Parts add up over shards, to the same counts whatever order users came in.
/// </summary>
public sealed class AudienceScan
{
    private const int PlatformSets = 8;

    private readonly Dictionary<string, Dictionary<string, InterestTally>> _groups = AudienceRow.Names.ToDictionary(name => name, _ => new Dictionary<string, InterestTally>());

    public Audience Audience { get; private set; } = new();

    /// <summary>Of everybody.</summary>
    public InterestTally Interest { get; private set; }

    /// <summary>By what users are told apart by, and value, of places with <see cref="Audience.Rest"/> for any other; who has no value is in <see cref="AudienceRow.Unknown"/>.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, InterestTally>> Groups => _groups;

    /// <param name="year">The year at which ages are told.</param>
    /// <param name="mostPlaces">Of how many places each is told by itself: those with most users.</param>
    public static AudienceScan Of(IEnumerable<AudienceRow> rows, int year, int mostPlaces)
    {
        var (everybody, male, female) = (new Cell(), new Cell(), new Cell());
        var (ofNoGender, ofNoLocale, ofNoPlace, ofNoAge, ofNoSegment) = (new Cell(), new Cell(), new Cell(), new Cell(), new Cell());
        var (platforms, segments) = (Cells(PlatformSets), Cells(KMeansOptions.MaxK));
        var (locales, born) = (new Dictionary<string, Cell>(), new Dictionary<int, Cell>());
        var (joined, friends, places) = (new Dictionary<int, long>(), new Dictionary<int, long>(), new Dictionary<int, Cell>());
        var zones = new Dictionary<int, long>();
        AudienceRow? any = null;
        foreach (var row in rows)
        {
            var (shown, yes, no) = ((long)row[Fact.Impressions], (long)row[Fact.ImpressionsInterested], (long)row[Fact.ImpressionsNotInterested]);
            everybody.Add(shown, yes, no);
            (row[Fact.GenderMale] switch { 1 => male, 0 => female, _ => ofNoGender }).Add(shown, yes, no);
            (row.Locale is { Length: > 0 } locale ? CollectionsMarshal.GetValueRefOrAddDefault(locales, locale, out _) ??= new Cell() : ofNoLocale).Add(shown, yes, no);
            (row.Born is { } year0 ? CollectionsMarshal.GetValueRefOrAddDefault(born, year0, out _) ??= new Cell() : ofNoAge).Add(shown, yes, no);
            platforms[row.PlatformSet].Add(shown, yes, no);
            (row.SegmentNumber >= 0 ? segments[row.SegmentNumber] : ofNoSegment).Add(shown, yes, no);
            if (row.JoinedMonth is { } month) CollectionsMarshal.GetValueRefOrAddDefault(joined, month, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(friends, row.Friends, out _)++;
            (row.PlaceCode is > 0 and var place ? CollectionsMarshal.GetValueRefOrAddDefault(places, place, out _) ??= new Cell() : ofNoPlace).Add(shown, yes, no);
            if (row[Fact.Timezone] is var zone && !double.IsNaN(zone)) CollectionsMarshal.GetValueRefOrAddDefault(zones, (int)zone, out _)++;
            any = row;
        }

        var scan = new AudienceScan { Interest = everybody.Interest };
        var (genders, seenOn) = (new Dictionary<string, long>(), new Dictionary<string, long>());
        foreach (var (name, cell) in new[] { ("male", male), ("female", female) })
        {
            if (cell.Users > 0) genders[name] = cell.Users;
            scan.Add(Audience.Gender, name, cell.Interest);
        }

        foreach (var (name, cell) in new[]
        {
            (Audience.Gender, ofNoGender), (Audience.Locale, ofNoLocale), (Audience.Place, ofNoPlace), (AudienceRow.AgeBand, ofNoAge), (Audience.Platform, platforms[0]), (AudienceRow.Segment, ofNoSegment),
        })
        {
            scan.Add(name, AudienceRow.Unknown, cell.Interest);
        }

        foreach (var (locale, cell) in locales) scan.Add(Audience.Locale, locale, cell.Interest);
        var atPlaces = Most([.. places.Select(one => (any!.PlaceOf(one.Key), one.Value))], mostPlaces);
        foreach (var (place, cell) in atPlaces) scan.Add(Audience.Place, place, cell.Interest);
        foreach (var (of, cell) in born) scan.Add(AudienceRow.AgeBand, AudienceProfile.AgeBandOf(year - of), cell.Interest);
        for (var segment = 0; segment < segments.Length; segment++) scan.Add(AudienceRow.Segment, AudienceRow.NameOf(segment), segments[segment].Interest);
        for (var set = 1; set < PlatformSets; set++)
        {
            foreach (var name in AudienceRow.PlatformsOf(set))
            {
                scan.Add(Audience.Platform, name, platforms[set].Interest);
                if (platforms[set].Users > 0) CollectionsMarshal.GetValueRefOrAddDefault(seenOn, name, out _) += platforms[set].Users;
            }
        }

        scan.Audience = new Audience(
            everybody.Users, everybody.Users - platforms[0].Users,
            new Dictionary<string, Dictionary<string, long>>
            {
                [Audience.Gender] = genders, [Audience.Locale] = locales.ToDictionary(one => one.Key, one => one.Value.Users),
                [Audience.Place] = atPlaces.ToDictionary(one => one.Key, one => one.Value.Users), [Audience.Platform] = seenOn,
            },
            new Dictionary<string, Dictionary<int, long>> { [Audience.BirthYear] = born.ToDictionary(one => one.Key, one => one.Value.Users), [Audience.JoinedMonth] = joined, [Audience.Friends] = friends, [Audience.Timezone] = zones });
        return scan;
    }

    /// <summary>A part that was made elsewhere.</summary>
    public void Merge(Audience audience, InterestTally interest, IReadOnlyDictionary<string, Dictionary<string, InterestTally>> groups)
    {
        Audience.Merge(audience);
        Interest += interest;
        foreach (var (name, tallies) in groups)
        {
            foreach (var (value, tally) in tallies) Add(name, value, tally);
        }
    }

    /// <summary>Those with most users by themselves, and all others as <see cref="Audience.Rest"/>.</summary>
    private static Dictionary<string, Cell> Most((string Value, Cell Of)[] cells, int most)
    {
        if (cells.Length <= most) return cells.ToDictionary(one => one.Value, one => one.Of);
        var rest = new Cell();
        var ordered = cells.OrderByDescending(one => one.Of.Users).ThenBy(one => one.Value, StringComparer.Ordinal).ToArray();
        foreach (var (_, cell) in ordered.AsSpan(most)) rest.Add(cell);
        return ordered.Take(most).Append((Value: Audience.Rest, Of: rest)).ToDictionary(one => one.Value, one => one.Of);
    }

    private static Cell[] Cells(int count) => [.. Enumerable.Range(0, count).Select(_ => new Cell())];

    /// <summary>A group is of those to whom something was shown.</summary>
    private void Add(string name, string value, InterestTally tally)
    {
        if (tally.Users > 0) CollectionsMarshal.GetValueRefOrAddDefault(_groups[name], value, out _) += tally;
    }

    /// <summary>How many there are, and the interest of those of them to whom something was shown: its sums as they stand, for they change with every row.</summary>
    private sealed class Cell
    {
        private long _shownTo, _shown, _interested, _notInterested, _shownSquares, _shownTimesInterested, _interestedSquares;

        public long Users { get; private set; }

        public InterestTally Interest => new(_shownTo, _shown, _interested, _notInterested, _shownSquares, _shownTimesInterested, _interestedSquares);

        public void Add(long shown, long interested, long notInterested)
        {
            Users++;
            if (shown == 0) return;
            _shownTo++;
            _shown += shown;
            _interested += interested;
            _notInterested += notInterested;
            _shownSquares += shown * shown;
            _shownTimesInterested += shown * interested;
            _interestedSquares += interested * interested;
        }

        public void Add(Cell other)
        {
            Users += other.Users;
            _shownTo += other._shownTo;
            _shown += other._shown;
            _interested += other._interested;
            _notInterested += other._notInterested;
            _shownSquares += other._shownSquares;
            _shownTimesInterested += other._shownTimesInterested;
            _interestedSquares += other._interestedSquares;
        }
    }
}
