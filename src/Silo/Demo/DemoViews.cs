namespace Auie.Silo.Demo;

/// <summary>
/// How often one user looks at what they were shown: the first time while it is on the page, before any answer, then coming back over days,
/// by any platform. The mean is the kind's (<see cref="DemoKind.Views"/>) times the user's own factor, a Pareto variate of index 2 and mean
/// 1, so that a few users make a large part of all views; given the mean, the views of one item are geometric.
/// </summary>
internal sealed class DemoViews
{
    private const double LargestFactor = 15;
    private const double WhereInterested = 2;
    private const double MeanDaysToReturn = 4;

    private static readonly long End = DemoCalendar.TicksAt(DemoCalendar.ActiveDays, 0);

    private readonly double mean;
    private DemoRandom random;

    public DemoViews(long seed, int user, DemoKind kind)
    {
        random = new DemoRandom(seed, DemoStream.Views, user);
        mean = kind.Views * Math.Min(LargestFactor, .5 * PortableMath.Exp(.5 * random.NextExponential()));
    }

    /// <summary>Adds the views of an item that the user was shown.</summary>
    /// <param name="first">When the user looks for the first time, if at all, in UTC ticks.</param>
    public void Add(in DemoInteraction shown, long first, bool interested, List<DemoInteraction> done)
    {
        var expected = mean * (interested ? WhereInterested : 1);
        var views = (int)(random.NextExponential() / PortableMath.Log((1 + expected) / expected));
        if (views > 0) done.Add(shown with { Ticks = first, Kind = "viewed" });
        for (var again = 1; again < views; again++)
        {
            var back = first + (long)(random.NextExponential() * MeanDaysToReturn * TimeSpan.TicksPerDay);
            if (back >= End) back = first + ((1 + random.Below(1_800)) * TimeSpan.TicksPerSecond);
            done.Add(shown with { Ticks = back, Kind = "viewed", Platform = DemoPlatforms.Draw(ref random) });
        }
    }
}
