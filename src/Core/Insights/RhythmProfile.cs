using Auie.Core.Statistics;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>By what a time to send is chosen.</summary>
public enum SendingBasis
{
    /// <summary>Nothing is known: what is usual.</summary>
    Default,

    /// <summary>When most is done.</summary>
    Activity,

    /// <summary>When interest is higher than at other hours, by a test that was corrected for all windows.</summary>
    Interest,
}

/// <summary>The hours and the weekday in which a group is best sent something, on each user's own clock.</summary>
/// <param name="Weekday">From Monday, 0: the one on which the group does most, whatever the hour; others may have as much (<see cref="RhythmTally.BusiestWeekdays"/>).</param>
/// <param name="To">The hour at which they end; of those that pass midnight it is of the next day.</param>
/// <param name="Share">Of all activity, in these hours of any day.</param>
/// <param name="Lift">Of interest; unknown where there is none to compare. Its interval is wide enough for any of the group's windows to be the best.</param>
public sealed record SendingTime(int Weekday, int From, int To, SendingBasis Basis, Rate Share, Effect Lift)
{
    /// <summary>The early evening: of whom nothing is known.</summary>
    private const int DefaultWindow = 18;

    /// <summary>Of fewer events nothing is told of when most is done.</summary>
    public const int FewestEvents = 50;

    /// <param name="windows">The group's windows with corrected tests; those of everybody else may be among those that it was corrected for.</param>
    /// <param name="fromHour">No earlier in the day.</param>
    /// <param name="toHour">No later.</param>
    public static SendingTime Of(RhythmTally tally, IReadOnlyCollection<SendWindow> windows, int fromHour = 0, int toHour = Rhythm.DayHours)
    {
        // Of the whole day windows may pass midnight.
        var isWholeDay = toHour - fromHour == Rhythm.DayHours;
        int[] allowed = [.. Enumerable.Range(0, RhythmTally.Windows).Where(window => isWholeDay || (window >= fromHour && window + RhythmTally.WindowHours <= toHour))];
        var best = windows.Where(window => allowed.Contains(window.From) && window.StandsOut && window.Lift.Slope > 0).MaxBy(window => window.Lift.Interval.Low);
        var busiest = allowed.MaxBy(window => tally.ActiveIn(window).Hits);
        var (chosen, basis) = best is not null ? (best.From, SendingBasis.Interest)
            : tally.Activity >= FewestEvents ? (busiest, SendingBasis.Activity) : (allowed.MinBy(window => Math.Abs(window - DefaultWindow)), SendingBasis.Default);
        var weekdays = tally.Weekdays();
        return new SendingTime(Array.IndexOf(weekdays, weekdays.Max()), chosen, RhythmTally.EndOf(chosen), basis, tally.ActiveIn(chosen), tally.LiftIn(chosen, Math.Max(1, windows.Count)));
    }
}

/// <summary>When a group is active, and when it is best sent something.</summary>
/// <param name="Category">What it is told apart by; "" for everybody.</param>
public sealed record GroupRhythm(string Category, string Value, RhythmTally Tally, SendWindow[] Windows, SendingTime Best);

/// <summary>When users are active and interested, of everybody and of the largest groups, on their own clocks.</summary>
public static class RhythmProfile
{
    /// <summary>How many locales, and how many personas, are told.</summary>
    public const int Listed = 10;

    /// <summary>Windows of fewer showings are left out: their spread cannot be told.</summary>
    private const int Fewest = 50;

    public static GroupRhythm[] Of(RhythmScan scan)
    {
        var groups = new List<(string Category, string Value, RhythmTally Tally)> { ("", "", scan.All) };
        foreach (var (category, values) in scan.Groups)
        {
            groups.AddRange(values.OrderByDescending(one => one.Value.ActiveUsers).ThenBy(one => one.Key, StringComparer.Ordinal).Take(Listed)
                .Select(one => (category, one.Key, one.Value)));
        }

        var windows = groups.Select(group => WindowsOf(group.Value, group.Tally)).ToArray();
        var q = FalseDiscoveries.Adjust([.. windows.SelectMany(of => of.Select(window => window.Lift.P))]);
        var at = 0;
        return
        [
            .. groups.Zip(windows, (group, of) =>
            {
                SendWindow[] corrected = [.. of.Select(window => window with { Q = q[at++] })];
                return new GroupRhythm(group.Category, group.Value, group.Tally, corrected, SendingTime.Of(group.Tally, corrected));
            }),
        ];
    }

    /// <summary>Activity by day, on the users' own clocks, with the days that stand out as peaks, and which locales and personas made them.</summary>
    /// <param name="firstDay">The first day that the scan's tallies tell of.</param>
    /// <param name="name">The name of a group, from what it is told apart by and its value.</param>
    public static ActivityProfile DaysOf(RhythmScan scan, DateOnly firstDay, DateTimeOffset asOf, Func<string, string, string> name)
    {
        var activity = new Activity();
        for (var day = 0; day < scan.All.Days.Length; day++)
        {
            if (scan.All.Days[day] > 0) activity.Add(firstDay.AddDays(day).ToDateTime(TimeOnly.MinValue), scan.All.Days[day]);
        }

        return ActivityProfile.Of("activity", $"what users did by day, on their own clocks, of the last {RhythmScan.DaysTold} days", activity, asOf, day => scan.Groups
            .SelectMany(category => category.Value.Select(group => new PeakMaker(name(category.Key, group.Key), CountOn(group.Value, day))))
            .Where(maker => maker.Count > 0));

        // A week may begin before the first day that is told, and end after the last.
        long CountOn(RhythmTally tally, DateOnly day) => day >= firstDay && day.DayNumber - firstDay.DayNumber < tally.Days.Length ? tally.Days[day.DayNumber - firstDay.DayNumber] : 0;
    }

    private static SendWindow[] WindowsOf(string group, RhythmTally tally) =>
    [
        .. Enumerable.Range(0, RhythmTally.Windows).Where(window => tally.InterestIn(window).N >= Fewest)
            .Select(window => new SendWindow(group, window, RhythmTally.EndOf(window), tally.InterestIn(window), tally.LiftIn(window), double.NaN)),
    ];
}
