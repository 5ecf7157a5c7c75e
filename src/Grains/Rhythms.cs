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

    public static SendingTimeView View(SendingTime time) =>
        new(time.Weekday, time.From, time.To, time.Basis.ToString().ToLowerInvariant(), Rate(time.Share), Lift(time.Lift));

    public static SendWindowView View(SendWindow window) => new(window.From, window.To, Rate(window.Rate), Lift(window.Lift), window.Q);

    public static LiftView Lift(Effect effect) => new(effect.Slope, effect.Interval.Low, effect.Interval.High);

    public static RateView Rate(Rate rate) => new(rate.Value, rate.Hits, rate.N, rate.Interval.Low, rate.Interval.High);
}
