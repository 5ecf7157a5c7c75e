namespace Auie.Silo.Demo;

/// <summary>The demo's year: when people join, when they are active, when events take place.</summary>
internal sealed class DemoCalendar
{
    public static readonly DateOnly FirstDay = new(2012, 4, 1);

    /// <summary>Days of activity: April to December 2012.</summary>
    public const int ActiveDays = 275;

    /// <summary>Events start on days from the first to this one: into the February after.</summary>
    public const int EventDays = ActiveDays + 45;

    /// <summary>The last joining is on 12 December 2012.</summary>
    private const int JoiningDays = 256;

    private static readonly double[] JoiningByMonth = [.009, .034, .027, .024, .021, .093, .486, .290, .016];
    private static readonly double[] ActivityByHour = [2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 7, 6, 6, 6, 7, 8, 10, 12, 12, 9, 5];

    private readonly DiscreteDistribution activity;
    private readonly DiscreteDistribution joining;
    private readonly DiscreteDistribution hours = new(ActivityByHour);

    public DemoCalendar(DemoTruth truth)
    {
        activity = new(Enumerable.Range(0, ActiveDays).Select(day => IsPeak(truth, day) ? truth.PeakFactor : 1));
        joining = new(Enumerable.Range(0, JoiningDays).Select(day =>
        {
            var date = FirstDay.AddDays(day);
            var days = date.Month == 12 ? 12 : DateTime.DaysInMonth(date.Year, date.Month);
            return JoiningByMonth[date.Month - 4] / days;
        }));
    }

    private static long FirstTick => FirstDay.ToDateTime(TimeOnly.MinValue).Ticks;

    public static long TicksAt(int day, long ticksOfDay) => FirstTick + (day * TimeSpan.TicksPerDay) + ticksOfDay;

    public static int DayOf(long ticks) => (int)((ticks - FirstTick) / TimeSpan.TicksPerDay);

    /// <summary>An instant of joining, in UTC ticks.</summary>
    public long DrawJoining(ref DemoRandom random) =>
        TicksAt(joining.Draw(ref random), random.Below(86_400_000) * TimeSpan.TicksPerMillisecond);

    /// <summary>An instant of activity after <paramref name="from"/>, in UTC ticks, mostly when people at this offset are awake.</summary>
    public long DrawActivity(ref DemoRandom random, long from, int timezone)
    {
        var day = activity.Draw(ref random, DayOf(from), ActiveDays - 1);
        var local = (hours.Draw(ref random) * TimeSpan.TicksPerHour) + (random.Below(3_600_000) * TimeSpan.TicksPerMillisecond);
        var ticks = TicksAt(day, local - (timezone * TimeSpan.TicksPerMinute));
        return ticks > from ? ticks : from + ((1 + random.Below(720)) * TimeSpan.TicksPerMinute);
    }

    private static bool IsPeak(DemoTruth truth, int day)
    {
        var date = FirstDay.AddDays(day);
        return truth.PeakWeeks.Any(monday => date >= monday && date < monday.AddDays(7));
    }
}
