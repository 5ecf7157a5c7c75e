using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Grains;

/// <summary>When users are active, as messages.</summary>
internal static class Rhythms
{
    public static RhythmPart Of(RhythmScan scan) => new(
        scan.All.Sums.ToArray(), scan.Groups.ToDictionary(group => group.Key, group => group.Value.ToDictionary(one => one.Key, one => one.Value.Sums.ToArray())), scan.Zones);

    public static RhythmScan Merge(IEnumerable<RhythmPart> parts)
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
            [.. profile.Peaks.Select(peak => new DayPeakView(
                peak.From, peak.To, peak.Highest, peak.Count, peak.Expected, new EstimateView(peak.Excess, peak.ExcessInterval.Low, peak.ExcessInterval.High), peak.Q,
                [.. peak.MadeBy.Select(maker => new PeriodView(maker.Name, maker.Count))]))]);
    }

    public static SendingTimeView View(SendingTime time) =>
        new(time.Weekday, time.From, time.To, time.Basis.ToString().ToLowerInvariant(), Rate(time.Share), Lift(time.Lift));

    public static SendWindowView View(SendWindow window) => new(window.From, window.To, Rate(window.Rate), Lift(window.Lift), window.Q);

    public static LiftView Lift(Effect effect) => new(effect.Slope, effect.Interval.Low, effect.Interval.High);

    public static RateView Rate(Rate rate) => new(rate.Value, rate.Hits, rate.N, rate.Interval.Low, rate.Interval.High);
}
