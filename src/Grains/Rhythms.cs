using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Grains;

/// <summary>When users are active: as the shards tell it, and as messages.</summary>
internal static class Rhythms
{
    /// <summary>How many locales a shard tells of when it is asked for those with most users.</summary>
    private const int LocalesOfShard = 1_000;

    /// <summary>What everybody whom a query means did, when, by locale and segment, too. Who asks the same is told the same, whatever for.</summary>
    public static async Task<RhythmScan> ReadAsync(IReadOnlyList<IFeatureShardGrain> shards, AudienceQuery query, DateOnly firstDay, CancellationToken cancellationToken)
    {
        var locales = await LocalesAsync(shards, query, RhythmProfile.Listed, cancellationToken);
        return Merge(await Task.WhenAll(shards.Select(shard => shard.GetRhythmByDay(query, locales, firstDay.DayNumber, cancellationToken))));
    }

    /// <summary>The locales of most users of whom any activity is known. A locale is whatever profiles say, so that there may be as many as users.</summary>
    private static async Task<string[]> LocalesAsync(IReadOnlyList<IFeatureShardGrain> shards, AudienceQuery query, int most, CancellationToken cancellationToken)
    {
        // One that is among the largest of all is among many of a shard's, where it is of any account.
        var counts = await Task.WhenAll(shards.Select(shard => shard.GetActiveLocales(query, LocalesOfShard, cancellationToken)));
        return AudienceParts.Largest(counts, most);
    }

    public static RhythmPart Of(RhythmScan scan) => new(
        scan.All.Sums.ToArray(), scan.Groups.ToDictionary(group => group.Key, group => group.Value.ToDictionary(one => one.Key, one => one.Value.Sums.ToArray())), scan.Zones);

    private static RhythmScan Merge(IEnumerable<RhythmPart> parts)
    {
        var all = new RhythmScan();
        foreach (var part in parts)
            all.Merge(new RhythmTally(part.All), part.Groups.ToDictionary(group => group.Key, group => group.Value.ToDictionary(one => one.Key, one => new RhythmTally(one.Value))), part.Zones);
        return all;
    }

    public static ZonesView Zones(ReadOnlySpan<long> zones) => new(zones[(int)ZoneSource.Profile], zones[(int)ZoneSource.Locale], zones[(int)ZoneSource.None]);

    public static DaysView Days(RhythmScan scan, DateOnly firstDay, ActivityProfile profile)
    {
        var counts = scan.All.Days;
        var (first, last) = (counts.IndexOfAnyExcept(0), counts.LastIndexOfAnyExcept(0));
        return new DaysView(
            first < 0 ? "" : firstDay.AddDays(first).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), first < 0 ? [] : counts[first..(last + 1)].ToArray(),
            [.. profile.TopWeeks.Select(week => new PeriodView(week.When, week.Count))],
            Array.ConvertAll(profile.Peaks, View), Array.ConvertAll(profile.WeekPeaks, View));
    }

    private static DayPeakView View(ActivityPeak peak) => new(
        peak.From, peak.To, peak.Highest, peak.Count, peak.Expected, new EstimateView(peak.Excess, peak.ExcessInterval.Low, peak.ExcessInterval.High), peak.Q,
        [.. peak.MadeBy.Select(maker => new PeriodView(maker.Name, maker.Count))]) { Lasts = peak.Lasts, Total = peak.Total, TotalExpected = peak.TotalExpected };

    public static SendingTimeView View(SendingTime time) =>
        new(time.Weekday, time.From, time.To, time.Basis.ToString().ToLowerInvariant(), Rate(time.Share), Lift(time.Lift));

    public static SendWindowView View(SendWindow window) => new(window.From, window.To, Rate(window.Rate), Lift(window.Lift), window.Q);

    public static LiftView Lift(Effect effect) => new(effect.Slope, effect.Interval.Low, effect.Interval.High);

    public static RateView Rate(Rate rate) => new(rate.Value, rate.Hits, rate.N, rate.Interval.Low, rate.Interval.High);
}
