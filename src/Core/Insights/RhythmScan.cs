using System.Runtime.InteropServices;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>When a shard's users are active and interested, by group, read from its columns. Parts add up over shards.</summary>
public sealed class RhythmScan
{
    /// <summary>Of how many days counts are told, the last of which is that of the as-of.</summary>
    public const int DaysTold = 400;

    /// <summary>What users are told apart by here.</summary>
    private static readonly string[] Categories = [Audience.Locale, AudienceRow.Segment];

    public RhythmTally All { get; } = new(DaysTold);

    /// <summary>By what users are told apart by, and value.</summary>
    public Dictionary<string, Dictionary<string, RhythmTally>> Groups { get; } = Categories.ToDictionary(name => name, _ => new Dictionary<string, RhythmTally>());

    /// <summary>How many users' zones are known from what, by <see cref="ZoneSource"/>.</summary>
    public long[] Zones { get; } = new long[Enum.GetValues<ZoneSource>().Length];

    /// <summary>How far ahead of UTC a clock may be.</summary>
    private static readonly TimeSpan Farthest = TimeSpan.FromHours(14);

    /// <summary>The first day of those that are told as of an instant; the last is that of any clock then.</summary>
    public static DateOnly FirstDay(DateTimeOffset asOf) => DateOnly.FromDayNumber(Math.Max(0,
        (int)Math.Min(DateOnly.MaxValue.DayNumber, (asOf.UtcTicks + Farthest.Ticks) / TimeSpan.TicksPerDay) + 1 - DaysTold));

    /// <param name="locales">Those that are told apart. A locale is whatever profiles say, and a tally is large: so there is one for these only.</param>
    public static RhythmScan Of(IEnumerable<AudienceRow> rows, IReadOnlyCollection<string> locales, DateOnly firstDay)
    {
        var (scan, user) = (new RhythmScan(), new UserRhythm(firstDay.DayNumber));
        foreach (var locale in locales) scan.Group(Audience.Locale, locale);
        var ofLocales = scan.Groups[Audience.Locale];
        var ofSegments = new Dictionary<int, RhythmTally>();
        foreach (var row in rows)
        {
            var zone = UserZone.Of(row.Facts, row.Locale);
            scan.Zones[(int)zone.Source]++;
            if (row.Rhythm.IsEmpty && row.Trail.IsEmpty) continue;
            user.Read(row.Rhythm, row.Trail, zone.Minutes);
            scan.All.Add(user);
            if (ofLocales.TryGetValue(row.Locale, out var ofLocale)) ofLocale.Add(user);
            if (row.SegmentNumber >= 0) (CollectionsMarshal.GetValueRefOrAddDefault(ofSegments, row.SegmentNumber, out _) ??= new RhythmTally(DaysTold)).Add(user);
        }

        foreach (var (segment, tally) in ofSegments) scan.Groups[AudienceRow.Segment].Add(AudienceRow.NameOf(segment), tally);
        return scan;
    }

    /// <summary>How many of these users of whom any activity is known each locale has, of the locales that have most.</summary>
    public static Dictionary<string, long> Locales(IEnumerable<AudienceRow> rows, int most)
    {
        var counts = new Dictionary<string, long>();
        foreach (var row in rows)
        {
            if (row.Locale.Length > 0 && Rhythm.HasActivity(row.Rhythm)) CollectionsMarshal.GetValueRefOrAddDefault(counts, row.Locale, out _)++;
        }

        return AudienceRow.Largest(counts, most);
    }

    /// <summary>Adds a part that was made elsewhere.</summary>
    public void Merge(RhythmTally all, IReadOnlyDictionary<string, Dictionary<string, RhythmTally>> groups, ReadOnlySpan<long> zones)
    {
        All.Merge(all);
        foreach (var (category, values) in groups)
        {
            foreach (var (value, tally) in values) Group(category, value).Merge(tally);
        }

        for (var i = 0; i < zones.Length; i++) Zones[i] += zones[i];
    }

    private RhythmTally Group(string category, string value) =>
        CollectionsMarshal.GetValueRefOrAddDefault(Groups[category], value, out _) ??= new RhythmTally(DaysTold);
}
