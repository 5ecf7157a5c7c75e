using System.Globalization;
using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>A day or a week, and how much was done in it.</summary>
/// <param name="When">A date, or a week as in 2012-W44.</param>
public sealed record Period(string When, long Count);

/// <summary>What took part in a peak, and with how much.</summary>
public sealed record PeakMaker(string Name, long Count);

/// <summary>A stretch of days that stands out above what its weekday and the weeks around lead one to expect; or of weeks, above the weeks around.</summary>
/// <param name="Highest">The day, or week, that is the most times as much as is expected of it.</param>
/// <param name="Count">On the highest.</param>
/// <param name="Expected">Of the highest.</param>
/// <param name="Excess">How many times as much as expected, on the highest.</param>
/// <param name="ExcessInterval">The same against the interval of what is expected.</param>
/// <param name="MadeBy">What took part in most of all its days, or weeks.</param>
public sealed record ActivityPeak(string From, string To, string Highest, long Count, double Expected, double Excess, Interval ExcessInterval, double Q, PeakMaker[] MadeBy)
{
    /// <summary>How many days, or weeks, it lasts.</summary>
    public int Lasts { get; init; } = 1;

    /// <summary>On all of them together.</summary>
    public long Total { get; init; }

    /// <summary>What was expected of all of them together.</summary>
    public double TotalExpected { get; init; }
}

/// <summary>When something is done: by hour, weekday, day and week, with its peaks.</summary>
/// <param name="Definition">What is counted, and on whose clock.</param>
/// <param name="Hours">From midnight.</param>
/// <param name="Weekdays">From Monday.</param>
/// <param name="TopDays">The days with most.</param>
/// <param name="TopWeeks">The ISO weeks with most.</param>
/// <param name="Peaks">Days that stand out, most of all first: a day may have most and not stand out, or stand out on a quiet month.</param>
/// <param name="WeekPeaks">ISO weeks that stand out, whose days may each do so too little to be told from chance.</param>
public sealed record ActivityProfile(
    string Name, string Definition, long Total, DateTimeOffset AsOf, long[] Hours, long[] Weekdays, Period[] TopDays, Period[] TopWeeks, ActivityPeak[] Peaks, ActivityPeak[] WeekPeaks)
{
    private const int Listed = 5, PeaksListed = 10, MakersListed = 3;

    /// <summary>The hour of the day with most, and those that are not told from it by how days differ, most first.</summary>
    public int[] BusiestHours { get; init; } = [];

    /// <summary>The weekday with most, from Monday, and those that are not told from it by how weeks differ, most first.</summary>
    public int[] BusiestWeekdays { get; init; } = [];

    /// <param name="madeBy">What a day is made of, by name; null where that is not known.</param>
    public static ActivityProfile Of(string name, string definition, Activity activity, DateTimeOffset asOf, Func<DateOnly, IEnumerable<PeakMaker>>? madeBy = null)
    {
        var (first, counts) = activity.DaySeries();
        var weeks = activity.WeekSeries();
        return new ActivityProfile(name, definition, activity.Total, asOf, activity.Hours, activity.Weekdays,
            Top(counts, place => DateOf(first.AddDays(place))), Top(weeks.Counts, place => Activity.WeekName(weeks.First.AddDays(Activity.DaysOfWeek * place))),
            Of(counts, Activity.DaysOfWeek, place => DateOf(first.AddDays(place)), (from, to) => Makers(first.AddDays(from), to - from + 1)),
            Of(weeks.Counts, 1, place => Activity.WeekName(weeks.First.AddDays(Activity.DaysOfWeek * place)), (from, to) => Makers(weeks.First.AddDays(Activity.DaysOfWeek * from), Activity.DaysOfWeek * (to - from + 1))))
        {
            BusiestHours = activity.BusiestHours(), BusiestWeekdays = activity.BusiestWeekdays(),
        };

        PeakMaker[] Makers(DateOnly from, int days) => madeBy is null ? [] :
        [
            .. Enumerable.Range(0, days).SelectMany(day => madeBy(from.AddDays(day))).GroupBy(maker => maker.Name).Select(same => new PeakMaker(same.Key, same.Sum(maker => maker.Count)))
                .OrderByDescending(maker => maker.Count).ThenBy(maker => maker.Name, StringComparer.Ordinal).Take(MakersListed),
        ];
    }

    private static ActivityPeak[] Of(long[] counts, int season, Func<int, string> name, Func<int, int, PeakMaker[]> makers) =>
        [.. SeasonalPeaks.Find(counts, season).OrderByDescending(peak => peak.Total - peak.TotalExpected).Take(PeaksListed).Select(peak => new ActivityPeak(
            name(peak.From), name(peak.To), name(peak.At), (long)peak.Count, peak.Expected, peak.Count / peak.Expected,
            new Interval(peak.Count / peak.ExpectedInterval.High, peak.Count / peak.ExpectedInterval.Low), peak.Q, makers(peak.From, peak.To))
            {
                Lasts = peak.To - peak.From + 1, Total = (long)peak.Total, TotalExpected = peak.TotalExpected,
            })];

    private static Period[] Top(long[] counts, Func<int, string> name) =>
        [.. Enumerable.Range(0, counts.Length).Where(place => counts[place] > 0).OrderByDescending(place => counts[place]).ThenBy(place => place).Take(Listed)
            .Select(place => new Period(name(place), counts[place]))];

    private static string DateOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
