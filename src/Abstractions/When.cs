namespace Auie.Abstractions;

/// <summary>When users are active and interested, on their own clocks, as of the last flush.</summary>
/// <param name="Users">How many the request is about.</param>
/// <param name="ModelVersion">The segmentation whose personas are told; 0 where there is none.</param>
/// <param name="Zones">From what users' zones are known.</param>
/// <param name="Groups">Everybody first, then locales and personas, the most active users first.</param>
/// <param name="Days">Everybody's activity by day.</param>
[GenerateSerializer, Immutable, Alias("auie.when-view")]
public sealed record WhenView(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] long Users, [property: Id(2)] long ModelVersion, [property: Id(3)] ZonesView Zones, [property: Id(4)] GroupRhythmView[] Groups,
    [property: Id(5)] DaysView Days)
{
    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(6)] public string? Nobody { get; init; }

    /// <summary>Where no segmentation is published, so that there is none to tell of (the version is 0), that in words; null where one is.</summary>
    [Id(7)] public string? NoSegmentation { get; init; }
}

/// <summary>What users did by day, on their own clocks, of the last 400 days up to that of the as-of.</summary>
/// <param name="From">The first day on which anything was done, as in 2012-10-31; "" where nothing was.</param>
/// <param name="Counts">From that day on, to the last on which anything was done.</param>
/// <param name="TopWeeks">The ISO weeks with most.</param>
/// <param name="Peaks">Days that stand out above what their weekday and the weeks around lead one to expect, the largest first.</param>
/// <param name="WeekPeaks">The same of ISO weeks, as 2012-W44, which stand out above the weeks around.</param>
[GenerateSerializer, Immutable, Alias("auie.days-view")]
public sealed record DaysView(
    [property: Id(0)] string From, [property: Id(1)] long[] Counts, [property: Id(2)] PeriodView[] TopWeeks, [property: Id(3)] DayPeakView[] Peaks, [property: Id(4)] DayPeakView[] WeekPeaks);

/// <summary>A week, and how much was done in it.</summary>
[GenerateSerializer, Immutable, Alias("auie.period-view")]
public sealed record PeriodView([property: Id(0)] string When, [property: Id(1)] long Count);

/// <summary>A stretch of days, or of weeks, that stands out, and how many times as much was done on its highest one as expected.</summary>
/// <param name="From">Its first day, or week.</param>
/// <param name="To">Its last.</param>
/// <param name="Highest">The one that is the most times as much as is expected of it.</param>
/// <param name="Count">On the highest.</param>
/// <param name="Expected">Of the highest.</param>
/// <param name="Q">Corrected for all days, or weeks.</param>
/// <param name="MadeBy">The locales and personas that did most on all of them.</param>
[GenerateSerializer, Immutable, Alias("auie.day-peak-view")]
public sealed record DayPeakView(
    [property: Id(0)] string From, [property: Id(1)] string To, [property: Id(2)] string Highest, [property: Id(3)] long Count, [property: Id(4)] double Expected, [property: Id(5)] EstimateView Excess,
    [property: Id(6)] double Q, [property: Id(7)] PeriodView[] MadeBy)
{
    /// <summary>How many days, or weeks, it lasts.</summary>
    [Id(8)] public int Lasts { get; init; } = 1;

    /// <summary>On all of them together.</summary>
    [Id(9)] public long Total { get; init; }

    /// <summary>What was expected of all of them together.</summary>
    [Id(10)] public double TotalExpected { get; init; }
}

/// <summary>Of how many users the zone is known from their profile, taken from their locale's country, and not known, so that UTC stands in.</summary>
[GenerateSerializer, Immutable, Alias("auie.zones-view")]
public sealed record ZonesView([property: Id(0)] long Profile, [property: Id(1)] long Locale, [property: Id(2)] long Unknown);

/// <summary>When a group is active, and when it is best sent something.</summary>
/// <param name="Category">locale or persona; "" for everybody.</param>
/// <param name="Users">Who did anything that was counted.</param>
/// <param name="Events">What they did.</param>
/// <param name="Hours">Of what they did, by hour from midnight.</param>
/// <param name="Weekdays">Of what they did, by day from Monday.</param>
/// <param name="Windows">Three hours each, one beginning at every hour, in which 50 things at the least were shown; interest in these against the group's other hours.</param>
[GenerateSerializer, Immutable, Alias("auie.group-rhythm-view")]
public sealed record GroupRhythmView(
    [property: Id(0)] string Category, [property: Id(1)] string Value, [property: Id(2)] long Users, [property: Id(3)] long Events, [property: Id(4)] long[] Hours,
    [property: Id(5)] long[] Weekdays, [property: Id(6)] SendWindowView[] Windows, [property: Id(7)] SendingTimeView Best)
{
    /// <summary>The hour of the day with most, and those that are not told from it by more than chance, most first.</summary>
    [Id(8)] public int[] BusiestHours { get; init; } = [];

    /// <summary>The same of weekdays, from Monday, 0: more than one, where none stands out.</summary>
    [Id(9)] public int[] BusiestWeekdays { get; init; } = [];
}

/// <summary>Interest in three hours of the day, and how much higher it is than in the group's other hours.</summary>
/// <param name="To">The hour at which they end; of those that pass midnight it is of the next day.</param>
/// <param name="Q">Corrected for all windows of all groups; "found" means .05 at the most.</param>
[GenerateSerializer, Immutable, Alias("auie.send-window-view")]
public sealed record SendWindowView([property: Id(0)] int From, [property: Id(1)] int To, [property: Id(2)] RateView Rate, [property: Id(3)] LiftView Lift, [property: Id(4)] double Q);

/// <summary>A difference of two rates, with an interval in which the truth lies in 95 of 100 cases; NaN where it cannot be told.</summary>
[GenerateSerializer, Immutable, Alias("auie.lift-view")]
public sealed record LiftView([property: Id(0)] double Value, [property: Id(1)] double Low, [property: Id(2)] double High);

/// <summary>The hours, and the weekday, in which a group is best sent something, on each user's own clock.</summary>
/// <param name="Weekday">From Monday, 0: the one on which the group does most.</param>
/// <param name="To">The hour at which they end; of those that pass midnight it is of the next day.</param>
/// <param name="Basis">interest (it is higher then), activity (most is done then), or default (nothing is known).</param>
/// <param name="Share">Of all that is done, in these hours of any day.</param>
/// <param name="Lift">Of interest, against the other hours.</param>
[GenerateSerializer, Immutable, Alias("auie.sending-time-view")]
public sealed record SendingTimeView(
    [property: Id(0)] int Weekday, [property: Id(1)] int From, [property: Id(2)] int To, [property: Id(3)] string Basis, [property: Id(4)] RateView Share, [property: Id(5)] LiftView Lift);

/// <summary>Core.Insights.RhythmScan, as a message: sums of all and by group, and users by what their zone is known from.</summary>
[GenerateSerializer, Immutable, Alias("auie.rhythm-part")]
public sealed record RhythmPart([property: Id(0)] long[] All, [property: Id(1)] Dictionary<string, Dictionary<string, long[]>> Groups, [property: Id(2)] long[] Zones);
