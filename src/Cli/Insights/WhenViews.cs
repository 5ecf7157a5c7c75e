using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How it looks to a person when users are active: in words, then by group, hour and weekday.</summary>
internal static class WhenViews
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static IEnumerable<IRenderable> Of(WhenView view)
    {
        var everybody = view.Groups[0];
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}; {everybody.Users:N0} of {view.Users:N0} users did {everybody.Events:N0} things that are counted by hour.{(view.ModelVersion > 0 ? $" Personas of version {view.ModelVersion}." : "")} "
            + $"Hours are on each user's own clock: the zone is of the profile of {view.Zones.Profile:N0}, of the locale's country of {view.Zones.Locale:N0}, not known of {view.Zones.Unknown:N0} (UTC). Intervals are of 95 %, users taken as independent.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        if (view.NoSegmentation is { } none) yield return InsightsViews.NoSegmentation(none);
        if (everybody.Events == 0) yield break;
        yield return Views.Line($"{(InsightsViews.Most(everybody.BusiestWeekdays, Day) is { } weekday ? $"{weekday} has most" : "No weekday stands out")}; {(InsightsViews.Most(everybody.BusiestHours, Hour) is { } busiest ? $"of the hours that from {busiest}" : "no hour stands out")}. Best sent: {Sent(everybody)}. "
            + "One weekday, or hour, is named alone only where it is told from the next by more than chance, whatever one user did taken as one.");
        var groups = Views.Grid("Whom", "Users", "Events", "Busiest hour", "Busiest day", "Best sent", "Why", "Interest then, less other hours");
        foreach (var group in view.Groups)
        {
            groups.AddRow(Views.Cells(group.Category.Length == 0 ? "everybody" : $"{group.Category} {group.Value}", $"{group.Users:N0}", $"{group.Events:N0}", InsightsViews.Most(group.BusiestHours, Hour) ?? "none stands out",
                InsightsViews.Most(group.BusiestWeekdays, Day) ?? "none stands out", Sent(group), Why(group.Best), Lift(group.Best.Lift)));
        }

        yield return groups;
        var hours = Views.Grid("Hour", "Events", "Share");
        for (var hour = 0; hour < everybody.Hours.Length; hour++) hours.AddRow(Views.Cells($"{hour}:00", $"{everybody.Hours[hour]:N0}", Share(everybody.Hours[hour], everybody.Events)));
        yield return hours;
        var days = Views.Grid("Day", "Events", "Share");
        for (var day = 0; day < everybody.Weekdays.Length; day++) days.AddRow(Views.Cells(Days[day], $"{everybody.Weekdays[day]:N0}", Share(everybody.Weekdays[day], everybody.Events)));
        yield return days;
        if (view.Days.Counts.Length == 0) yield break;
        yield return Views.Line($"By day, on their own clocks, from {view.Days.From}: {(view.Days.Peaks.Length == 0 ? "no day stands out above what its weekday and the weeks around lead one to expect" : "days that stand out above what their weekday and the weeks around lead one to expect")}. Weeks with most: "
            + $"{string.Join(", ", view.Days.TopWeeks.Select(week => $"{week.When} ({week.Count:N0})"))}.");
        if (view.Days.WeekPeaks.Length > 0) yield return Views.Line("Weeks stand out, too, above the weeks around.");
        if (view.Days.Peaks.Length + view.Days.WeekPeaks.Length == 0) yield break;
        yield return Views.Line(InsightsViews.TwoExpectations);
        var peaks = Views.Grid("Peak", "Lasts", "Events", "Expected", "Top day or week", "Events on it", "Expected", "Times as many [95 %]", InsightsViews.ByChance, "Made most by");
        foreach (var (peak, lasts) in view.Days.Peaks.Select(peak => (peak, InsightsViews.Lasts(peak.Lasts, "day"))).Concat(view.Days.WeekPeaks.Select(peak => (peak, InsightsViews.Lasts(peak.Lasts, "week")))))
        {
            peaks.AddRow(Views.Cells(peak.From == peak.To ? peak.From : $"{peak.From} to {peak.To}", lasts, $"{peak.Total:N0}", $"{peak.TotalExpected:N0}", peak.Highest, $"{peak.Count:N0}", $"{peak.Expected:N0}",
                string.Create(CultureInfo.InvariantCulture, $"{peak.Excess.Value:0.0} [{peak.Excess.Low:0.0}, {(double.IsFinite(peak.Excess.High) ? $"{peak.Excess.High:0.0}" : "any")}]"), InsightsViews.Q(peak.Q),
                string.Join(", ", peak.MadeBy.Select(maker => $"{maker.When} {maker.Count:N0}"))));
        }

        yield return peaks;
    }

    public static string Sending(SendingTimeView time) => $"{Day(time.Weekday)}, {time.From}:00 to {time.To}:00";

    public static string Why(SendingTimeView time) => time.Basis switch
    {
        "interest" => "interest is higher then",
        "activity" => $"{time.Share.Value.ToString("P1", CultureInfo.InvariantCulture)} of what they do is then",
        _ => "too little is known; the early evening is usual",
    };

    /// <summary>A difference of two shares, in percentage points.</summary>
    public static string Lift(LiftView lift)
    {
        if (double.IsNaN(lift.Value) || double.IsNaN(lift.Low)) return "not known";
        var digits = Points.DigitsOf(new Interval(lift.Low, lift.High));
        return $"{Points.Of(lift.Value, digits)} points ({Points.Of(lift.Low, digits)} to {Points.Of(lift.High, digits)})";
    }

    /// <summary>When a group is best sent something. Which day is not sure where others may have as much.</summary>
    private static string Sent(GroupRhythmView group) => Sending(group.Best) + (group.BusiestWeekdays.Length > 1 ? " (another day may be as good)" : "");

    private static string Day(int day) => Days[day];

    private static string Hour(int hour) => $"{hour}:00";

    private static string Share(long part, long all) => ((double)part / all).ToString("P1", CultureInfo.InvariantCulture);
}
