using System.Runtime.InteropServices;

namespace Auie.Core.Insights;

/// <summary>When a shard's users are active and interested, by group, read from its columns. Parts add up over shards.</summary>
public sealed class RhythmScan
{
    /// <summary>What users are told apart by here.</summary>
    private static readonly string[] Categories = [Audience.Locale, AudienceRow.Segment];

    public RhythmTally All { get; } = new();

    /// <summary>By what users are told apart by, and value.</summary>
    public Dictionary<string, Dictionary<string, RhythmTally>> Groups { get; } = Categories.ToDictionary(name => name, _ => new Dictionary<string, RhythmTally>());

    /// <summary>How many users' zones are known from what, by <see cref="ZoneSource"/>.</summary>
    public long[] Zones { get; } = new long[Enum.GetValues<ZoneSource>().Length];

    public static RhythmScan Of(IEnumerable<AudienceRow> rows, int year)
    {
        var scan = new RhythmScan();
        foreach (var row in rows)
        {
            var zone = UserZone.Of(row.Facts, row.Locale);
            scan.Zones[(int)zone.Source]++;
            if (row.Rhythm.IsEmpty) continue;
            scan.All.Add(row.Rhythm, zone.Minutes);
            foreach (var category in Categories)
            {
                foreach (var value in row.Values(category, year)) scan.Group(category, value).Add(row.Rhythm, zone.Minutes);
            }
        }

        return scan;
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
        CollectionsMarshal.GetValueRefOrAddDefault(Groups[category], value, out _) ??= new RhythmTally();
}
