using Auie.Core.Statistics;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// When users are active and interested, on their own clocks, as whole sums that add up over parts in any order: by hour of the week, and by windows of three hours,
/// one beginning at every hour of the day, with what intervals need where what one user does hangs together.
/// </summary>
public sealed class RhythmTally
{
    /// <summary>Windows a day, one beginning at every hour, so that a window's number is the hour at which it begins; and how long each is.</summary>
    public const int Windows = Rhythm.DayHours, WindowHours = 3;

    private const int Users = 0, ShownUsers = 1, Events = 2, EventSquares = 3, FirstHour = 4;

    // Sums over users of what was shown to each and of interest at any time (s, i), and of their products.
    private const int S = FirstHour + Rhythm.WeekHours, I = S + 1, Ss = S + 2, Si = S + 3, Ii = S + 4, FirstWindow = S + 5;

    // Of one window: sums over users of what was shown and of interest inside it (a, b), of their products with each other and with those at any time, and of activity inside (x) and at any time (t).
    private const int A = 0, B = 1, Aa = 2, Ab = 3, Bb = 4, Sa = 5, Sb = 6, Ia = 7, Ib = 8, X = 9, Xx = 10, Xt = 11, PerWindow = 12;
    private const int Length = FirstWindow + (Windows * PerWindow);

    private readonly long[] _sums;

    /// <param name="days">Of how many days counts are kept, too (<see cref="UserRhythm.Read"/> says from which).</param>
    public RhythmTally(int days = 0) => _sums = new long[Length + days];

    /// <summary>Sums that were made elsewhere.</summary>
    /// <exception cref="ArgumentException">They are not as many as a tally has.</exception>
    public RhythmTally(long[] sums) => _sums = sums.Length >= Length ? sums : throw new ArgumentException($"{sums.Length} sums are no rhythm; it has {Length} and those of days.", nameof(sums));

    public ReadOnlySpan<long> Sums => _sums;

    /// <summary>Who did anything of their own.</summary>
    public long ActiveUsers => _sums[Users];

    /// <summary>What they did.</summary>
    public long Activity => _sums[Events];

    /// <summary>By hour of the week on the users' own clocks, from Monday 00:00.</summary>
    public ReadOnlySpan<long> WeekHours => _sums.AsSpan(FirstHour, Rhythm.WeekHours);

    /// <summary>By hour of the day.</summary>
    public long[] Hours() => [.. Enumerable.Range(0, Rhythm.DayHours).Select(hour => Enumerable.Range(0, Insights.Activity.DaysOfWeek).Sum(day => _sums[FirstHour + (day * Rhythm.DayHours) + hour]))];

    /// <summary>By day of the week, from Monday.</summary>
    public long[] Weekdays() => [.. Enumerable.Range(0, Insights.Activity.DaysOfWeek).Select(day => Enumerable.Range(0, Rhythm.DayHours).Sum(hour => _sums[FirstHour + (day * Rhythm.DayHours) + hour]))];

    /// <summary>The hour of the day with most, and those that are not told from it by more than chance, most first.</summary>
    public int[] BusiestHours() => Busiest.Of(Hours(), Together);

    /// <summary>The same of weekdays.</summary>
    public int[] BusiestWeekdays() => Busiest.Of(Weekdays(), Together);

    /// <summary>By day from the first that is told, on the users' own clocks; none where no days are.</summary>
    public ReadOnlySpan<long> Days => _sums.AsSpan(Length);

    public void Add(UserRhythm user)
    {
        if (user.IsEmpty) return;
        foreach (var (hour, count) in user.WeekHours) _sums[FirstHour + hour] += count;
        foreach (var (day, count) in user.Days)
        {
            if (day < _sums.Length - Length) _sums[Length + day] += count;
        }

        var (allShown, allInterested, events) = (user.AllShown, user.AllInterested, user.Events);
        _sums[Users] += events > 0 ? 1 : 0;
        _sums[ShownUsers] += allShown > 0 ? 1 : 0;
        _sums[Events] += events;
        _sums[EventSquares] += events * events;
        _sums[S] += allShown;
        _sums[I] += allInterested;
        _sums[Ss] += allShown * allShown;
        _sums[Si] += allShown * allInterested;
        _sums[Ii] += allInterested * allInterested;
        for (var window = 0; window < Windows; window++)
        {
            var (a, b, x) = (user.Shown[window], user.Interested[window], user.Active[window]);
            // Most people do nothing in most windows.
            if ((a | b | x) == 0) continue;
            var sums = _sums.AsSpan(FirstWindow + (window * PerWindow), PerWindow);
            sums[A] += a;
            sums[B] += b;
            sums[Aa] += a * a;
            sums[Ab] += a * b;
            sums[Bb] += b * b;
            sums[Sa] += allShown * a;
            sums[Sb] += allShown * b;
            sums[Ia] += allInterested * a;
            sums[Ib] += allInterested * b;
            sums[X] += x;
            sums[Xx] += x * x;
            sums[Xt] += x * events;
        }
    }

    /// <exception cref="ArgumentException">They have not as many days.</exception>
    public void Merge(RhythmTally others)
    {
        if (others._sums.Length != _sums.Length) throw new ArgumentException($"They have {others.Days.Length} days and these {Days.Length}.", nameof(others));
        for (var i = 0; i < _sums.Length; i++) _sums[i] += others._sums[i];
    }

    /// <summary>The share of all activity that falls into a window; users, not events, are independent.</summary>
    public Rate ActiveIn(int window)
    {
        var sums = Of(window);
        return new InterestTally(_sums[Users], _sums[Events], sums[X], 0, _sums[EventSquares], sums[Xt], sums[Xx]).Rate;
    }

    /// <summary>How often what was shown in a window was of interest. An answer counts in the window in which what it answers was shown.</summary>
    public Rate InterestIn(int window)
    {
        var sums = Of(window);
        return new InterestTally(_sums[ShownUsers], sums[A], sums[B], 0, sums[Aa], sums[Ab], sums[Bb]).Rate;
    }

    /// <summary>
    /// By how much interest is higher inside a window than outside it. Not <see cref="Effect.Raw"/>, which leaves out each user in turn: sums that add up over parts do not have the users any more. What each bends
    /// by themselves is reckoned from how many users of equal weight the showings inside, and those outside, are worth.
    /// </summary>
    /// <param name="comparedWith">From among how many windows it is chosen: the interval then holds whichever of them it is (Bonferroni).</param>
    public Effect LiftIn(int window, int comparedWith = 1)
    {
        var sums = Of(window);
        // Outside is all less inside: of what was shown (c) and was of interest (d), and so are the products of these with each other and with what is inside.
        long aa = sums[Aa], ab = sums[Ab], bb = sums[Bb], ac = sums[Sa] - aa, ad = sums[Ia] - ab, bc = sums[Sb] - ab, bd = sums[Ib] - bb;
        long cc = _sums[Ss] - sums[Sa] - ac, cd = _sums[Si] - sums[Sb] - ad, dd = _sums[Ii] - sums[Ib] - bd;
        double a = sums[A], c = _sums[S] - sums[A];
        var n = (int)Math.Min(int.MaxValue, _sums[S]);
        if (a == 0 || c == 0) return new Effect(double.NaN, n, Interval.Unknown, double.NaN);
        var (p, q, users) = (sums[B] / a, (_sums[I] - sums[B]) / c, _sums[ShownUsers]);
        var (here, elsewhere) = (a * a / aa, c * c / cc);
        // One user alone has no spread.
        if (!(here > 1 && elsewhere > 1)) return new Effect(p - q, n, Interval.Unknown, double.NaN);
        var inside = (bb - (2 * p * ab) + (p * p * aa)) / (a * a) * here / (here - 1);
        var outside = (dd - (2 * q * cd) + (q * q * cc)) / (c * c) * elsewhere / (elsewhere - 1);
        var both = (bd - (q * bc) - (p * ad) + (p * q * ac)) / (a * c) * users / (users - 1);
        var variance = inside + outside - (2 * both);
        if (!(variance > 0)) return new Effect(p - q, n, Interval.Unknown, double.NaN);
        var (deviation, freedom) = (Math.Sqrt(variance), Math.Max(1, Math.Min(here, elsewhere) - 1));
        var reach = Student.Reach(freedom, comparedWith) * deviation;
        return new Effect(p - q, n, new Interval(p - q - reach, p - q + reach), Student.TwoSided((p - q) / deviation, freedom));
    }

    /// <summary>The hour at which a window ends; of one that passes midnight it is of the next day.</summary>
    public static int EndOf(int window) => window + WindowHours <= Rhythm.DayHours ? window + WindowHours : window + WindowHours - Rhythm.DayHours;

    /// <summary>How many events are worth one, if all that a user did were of one hour: they hang together no more than that.</summary>
    private double Together => Activity == 0 ? 1 : (double)_sums[EventSquares] / Activity;

    private ReadOnlySpan<long> Of(int window) => _sums.AsSpan(FirstWindow + (window * PerWindow), PerWindow);
}
