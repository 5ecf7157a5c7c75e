using Auie.Core.Statistics;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// When users are active and interested, on their own clocks, as whole sums that add up over parts in any order: by hour of the week, and by windows of three hours with what
/// intervals need where what one user does hangs together.
/// </summary>
public sealed class RhythmTally
{
    /// <summary>Windows a day, and how long each is.</summary>
    public const int Windows = 8, WindowHours = 3;

    private const int Users = 0, ShownUsers = 1, Events = 2, EventSquares = 3, FirstHour = 4, FirstWindow = FirstHour + Rhythm.WeekHours;

    // Of one window: sums over users of what was shown and of interest inside it (a, b) and outside (c, d), of their products, and of activity inside (x) and at any time (t).
    private const int A = 0, B = 1, C = 2, D = 3, Aa = 4, Ab = 5, Bb = 6, Cc = 7, Cd = 8, Dd = 9, Ac = 10, Ad = 11, Bc = 12, Bd = 13, X = 14, Xx = 15, Xt = 16, PerWindow = 17;
    private const int Length = FirstWindow + (Windows * PerWindow);

    private readonly long[] _sums;

    public RhythmTally() => _sums = new long[Length];

    /// <summary>Sums that were made elsewhere.</summary>
    /// <exception cref="ArgumentException">They are not as many as a tally has.</exception>
    public RhythmTally(long[] sums) => _sums = sums.Length == Length ? sums : throw new ArgumentException($"{sums.Length} sums are no rhythm; it has {Length}.", nameof(sums));

    public ReadOnlySpan<long> Sums => _sums;

    /// <summary>Who did anything.</summary>
    public long ActiveUsers => _sums[Users];

    /// <summary>What they did.</summary>
    public long Activity => _sums[Events];

    /// <summary>By hour of the week on the users' own clocks, from Monday 00:00.</summary>
    public ReadOnlySpan<long> WeekHours => _sums.AsSpan(FirstHour, Rhythm.WeekHours);

    /// <summary>By hour of the day.</summary>
    public long[] Hours() => [.. Enumerable.Range(0, Rhythm.DayHours).Select(hour => Enumerable.Range(0, Insights.Activity.DaysOfWeek).Sum(day => _sums[FirstHour + (day * Rhythm.DayHours) + hour]))];

    /// <summary>By day of the week, from Monday.</summary>
    public long[] Weekdays() => [.. Enumerable.Range(0, Insights.Activity.DaysOfWeek).Select(day => Enumerable.Range(0, Rhythm.DayHours).Sum(hour => _sums[FirstHour + (day * Rhythm.DayHours) + hour]))];

    /// <param name="rhythm">As <see cref="Rhythm.Encode"/> gave it.</param>
    /// <param name="zoneMinutes">The user's offset from UTC. Of a zone off the whole hour, an hour counts where it begins.</param>
    public void Add(ReadOnlySpan<byte> rhythm, int zoneMinutes)
    {
        if (rhythm.IsEmpty) return;
        Span<int> counts = stackalloc int[Rhythm.Slots];
        Rhythm.Read(rhythm, counts);
        var shift = (int)Math.Floor(zoneMinutes / 60.0);
        Span<long> active = stackalloc long[Windows], shown = stackalloc long[Windows], interested = stackalloc long[Windows], answered = stackalloc long[Windows];
        var events = 0L;
        var activity = Rhythm.ActivityOf(counts);
        for (var hour = 0; hour < activity.Length; hour++)
        {
            if (activity[hour] == 0) continue;
            var local = (hour + shift + Rhythm.WeekHours) % Rhythm.WeekHours;
            _sums[FirstHour + local] += activity[hour];
            active[local % Rhythm.DayHours / WindowHours] += activity[hour];
            events += activity[hour];
        }

        for (var hour = 0; hour < Rhythm.DayHours; hour++)
        {
            var window = (hour + shift + Rhythm.DayHours) % Rhythm.DayHours / WindowHours;
            shown[window] += Rhythm.ShownOf(counts)[hour];
            interested[window] += Rhythm.InterestedOf(counts)[hour];
            answered[window] += Rhythm.InterestedOf(counts)[hour] + Rhythm.NotInterestedOf(counts)[hour];
        }

        var (allShown, allInterested) = (0L, 0L);
        for (var window = 0; window < Windows; window++)
        {
            // What was answered was shown, whether or not anybody said so.
            shown[window] = Math.Max(shown[window], answered[window]);
            allShown += shown[window];
            allInterested += interested[window];
        }

        _sums[Users]++;
        _sums[ShownUsers] += allShown > 0 ? 1 : 0;
        _sums[Events] += events;
        _sums[EventSquares] += events * events;
        for (var window = 0; window < Windows; window++)
        {
            var (a, b, x) = (shown[window], interested[window], active[window]);
            var (c, d) = (allShown - a, allInterested - b);
            var sums = _sums.AsSpan(FirstWindow + (window * PerWindow), PerWindow);
            sums[A] += a;
            sums[B] += b;
            sums[C] += c;
            sums[D] += d;
            sums[Aa] += a * a;
            sums[Ab] += a * b;
            sums[Bb] += b * b;
            sums[Cc] += c * c;
            sums[Cd] += c * d;
            sums[Dd] += d * d;
            sums[Ac] += a * c;
            sums[Ad] += a * d;
            sums[Bc] += b * c;
            sums[Bd] += b * d;
            sums[X] += x;
            sums[Xx] += x * x;
            sums[Xt] += x * events;
        }
    }

    public void Merge(RhythmTally others)
    {
        for (var i = 0; i < Length; i++) _sums[i] += others._sums[i];
    }

    /// <summary>The share of all activity that falls into a window; users, not events, are independent.</summary>
    public Rate ActiveIn(int window)
    {
        var sums = Of(window);
        return new InterestTally(_sums[Users], _sums[Events], sums[X], 0, _sums[EventSquares], sums[Xt], sums[Xx]).Rate;
    }

    /// <summary>How often what was shown in a window was of interest. An answer counts in the window in which it came.</summary>
    public Rate InterestIn(int window)
    {
        var sums = Of(window);
        return new InterestTally(_sums[ShownUsers], sums[A], sums[B], 0, sums[Aa], sums[Ab], sums[Bb]).Rate;
    }

    /// <summary>By how much interest is higher inside a window than outside it.</summary>
    public Effect LiftIn(int window)
    {
        var sums = Of(window);
        double a = sums[A], c = sums[C];
        var n = (int)Math.Min(int.MaxValue, sums[A] + sums[C]);
        if (a == 0 || c == 0) return new Effect(double.NaN, n, Interval.Unknown, double.NaN);
        var (p, q, users) = (sums[B] / a, sums[D] / c, _sums[ShownUsers]);
        if (users < 2) return new Effect(p - q, n, Interval.Unknown, double.NaN);
        var inside = sums[Bb] - (2 * p * sums[Ab]) + (p * p * sums[Aa]);
        var outside = sums[Dd] - (2 * q * sums[Cd]) + (q * q * sums[Cc]);
        var both = sums[Bd] - (q * sums[Bc]) - (p * sums[Ad]) + (p * q * sums[Ac]);
        var variance = ((inside / (a * a)) + (outside / (c * c)) - (2 * both / (a * c))) * users / (users - 1);
        if (!(variance > 0)) return new Effect(p - q, n, Interval.Unknown, double.NaN);
        var deviation = Math.Sqrt(variance);
        var reach = Student.Reach(users - 1) * deviation;
        return new Effect(p - q, n, new Interval(p - q - reach, p - q + reach), Student.TwoSided((p - q) / deviation, users - 1));
    }

    private ReadOnlySpan<long> Of(int window) => _sums.AsSpan(FirstWindow + (window * PerWindow), PerWindow);
}
