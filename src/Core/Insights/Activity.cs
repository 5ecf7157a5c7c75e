using System.Globalization;
using System.Runtime.InteropServices;

namespace Auie.Core.Insights;

/// <summary>How much was done when, counted: merged over parts in any order, never found by a scan.</summary>
public sealed class Activity
{
    public const int HoursOfDay = 24, DaysOfWeek = 7;

    private readonly Dictionary<DateOnly, long> _days = [];
    private readonly Dictionary<DateOnly, long[]> _hours = [];

    public long Total { get; private set; }

    /// <summary>By hour of the day, from midnight.</summary>
    public long[] Hours { get; } = new long[HoursOfDay];

    /// <summary>By day of the week, from Monday.</summary>
    public long[] Weekdays { get; } = new long[DaysOfWeek];

    public IReadOnlyDictionary<DateOnly, long> Days => _days;

    /// <param name="at">On the clock by which hours and days are told.</param>
    /// <param name="count">How much was done; negative to take it back.</param>
    public void Add(DateTime at, long count)
    {
        Total += count;
        Hours[at.Hour] += count;
        Weekdays[WeekdayOf(at.DayOfWeek)] += count;
        Add(DateOnly.FromDateTime(at), count);
        HoursOf(DateOnly.FromDateTime(at))[at.Hour] += count;
    }

    public void Merge(Activity others)
    {
        Total += others.Total;
        for (var hour = 0; hour < HoursOfDay; hour++) Hours[hour] += others.Hours[hour];
        for (var day = 0; day < DaysOfWeek; day++) Weekdays[day] += others.Weekdays[day];
        foreach (var (day, count) in others._days) Add(day, count);
        foreach (var (day, hours) in others._hours)
        {
            var own = HoursOf(day);
            for (var hour = 0; hour < HoursOfDay; hour++) own[hour] += hours[hour];
        }
    }

    /// <summary>The hour of the day with most, and those that are not told from it by how days differ, most first.</summary>
    public int[] BusiestHours() => Busiest.Of(_hours.Values, HoursOfDay);

    /// <summary>The weekday with most, and those that are not told from it by how weeks differ, most first.</summary>
    public int[] BusiestWeekdays() =>
        Busiest.Of([.. _days.GroupBy(day => MondayOf(day.Key), (_, week) => week.Aggregate(new long[DaysOfWeek], (counts, day) =>
        {
            counts[WeekdayOf(day.Key.DayOfWeek)] += day.Value;
            return counts;
        }))], DaysOfWeek);

    /// <summary>From the first day to the last, none left out.</summary>
    public (DateOnly First, long[] Counts) DaySeries()
    {
        if (_days.Count == 0) return (default, []);
        var (first, last) = (_days.Keys.Min(), _days.Keys.Max());
        var counts = new long[last.DayNumber - first.DayNumber + 1];
        foreach (var (day, count) in _days) counts[day.DayNumber - first.DayNumber] += count;
        return (first, counts);
    }

    /// <summary>From the first ISO week, by its Monday, to the last, none left out.</summary>
    public (DateOnly First, long[] Counts) WeekSeries()
    {
        if (_days.Count == 0) return (default, []);
        var (first, last) = (MondayOf(_days.Keys.Min()), MondayOf(_days.Keys.Max()));
        var counts = new long[((last.DayNumber - first.DayNumber) / DaysOfWeek) + 1];
        foreach (var (day, count) in _days) counts[(day.DayNumber - first.DayNumber) / DaysOfWeek] += count;
        return (first, counts);
    }

    /// <summary>The week's name as in 2012-W44.</summary>
    public static string WeekName(DateOnly day)
    {
        var at = day.ToDateTime(TimeOnly.MinValue);
        return string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(at)}-W{ISOWeek.GetWeekOfYear(at):00}");
    }

    public static int WeekdayOf(DayOfWeek day) => ((int)day + 6) % DaysOfWeek;

    private static DateOnly MondayOf(DateOnly day) => day.AddDays(-WeekdayOf(day.DayOfWeek));

    private long[] HoursOf(DateOnly day) => CollectionsMarshal.GetValueRefOrAddDefault(_hours, day, out _) ??= new long[HoursOfDay];

    private void Add(DateOnly day, long count)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_days, day, out _);
        sum += count;
        if (sum == 0) _days.Remove(day);
    }
}
