using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>
/// Interest of a group of users, as whole sums that add up over parts in any order: enough for the rate, and for how far what one user did hangs together.
/// </summary>
public readonly record struct InterestTally(
    long Users, long Shown, long Interested, long NotInterested, long ShownSquares, long ShownTimesInterested, long InterestedSquares)
{
    /// <summary>One user.</summary>
    public static InterestTally Of(long shown, long interested, long notInterested) =>
        new(1, shown, interested, notInterested, shown * shown, shown * interested, interested * interested);

    public static InterestTally operator +(InterestTally a, InterestTally b) => new(
        a.Users + b.Users, a.Shown + b.Shown, a.Interested + b.Interested, a.NotInterested + b.NotInterested,
        a.ShownSquares + b.ShownSquares, a.ShownTimesInterested + b.ShownTimesInterested, a.InterestedSquares + b.InterestedSquares);

    /// <summary>How often what was shown was of interest; users, not showings, are independent.</summary>
    public Rate Rate
    {
        get
        {
            if (Shown == 0) return Rate.Of(0, 0);
            var rate = (double)Interested / Shown;
            if (rate is 0 or 1) return Rate.Of(Interested, Shown);
            // Of a single user nothing is known of how users differ: all that they were shown is worth one row.
            if (Users < 2) return Rate.Of(Interested, Shown, Shown);
            var squares = InterestedSquares - (2 * rate * ShownTimesInterested) + (rate * rate * ShownSquares);
            return Rate.Of(Interested, Shown, Math.Max(1, squares * Users / (Users - 1) / (Shown * rate * (1 - rate))));
        }
    }

    /// <summary>How often it was turned down. How that hangs together by user is not kept: the interval takes each user for one row of many, and is wide.</summary>
    public Rate TurnedDown => Shown == 0 ? Rate.Of(0, 0) : Rate.Of(NotInterested, Shown, Math.Max(1, (double)ShownSquares / Shown));
}
