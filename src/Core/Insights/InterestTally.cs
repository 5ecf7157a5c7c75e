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
            // Where all are alike, or there is one, nothing is known of how users differ: each is worth one row.
            if (rate is 0 or 1 || Users < 2) return Rate.Of(Interested, Shown, (double)ShownSquares / Shown);
            return Rate.Of(Interested, Shown, Math.Max(1, Squares / (Shown * rate * (1 - rate))));
        }
    }

    /// <summary>The variance of how many were of interest, users taken as independent.</summary>
    private double Squares
    {
        get
        {
            var rate = (double)Interested / Shown;
            return (InterestedSquares - (2 * rate * ShownTimesInterested) + (rate * rate * ShownSquares)) * Users / (Users - 1);
        }
    }

    /// <summary>How alike what one user does is, from 0, as if showings were independent, to 1, as if all were one: the correlation within users, of all groups together, since most have too few users to tell.</summary>
    public static double LikenessWithinUsers(IEnumerable<InterestTally> groups)
    {
        var (above, most) = (0.0, 0.0);
        foreach (var group in groups)
        {
            if (group.Users < 2 || group.Shown == 0) continue;
            var binomial = (double)group.Interested / group.Shown * (1 - ((double)group.Interested / group.Shown));
            above += group.Squares - (binomial * group.Shown);
            most += binomial * (group.ShownSquares - group.Shown);
        }

        return most == 0 ? 0 : Math.Clamp(above / most, 0, 1);
    }

    /// <summary>How many independent showings the group's are worth, if what one user does is so alike; of few users it is taken for no less alike than one of so many, for one of them may be odd.</summary>
    public double Worth(double likeness) => Shown == 0 ? 0 : Shown / (1 + (Math.Max(likeness, 1.0 / Users) * (((double)ShownSquares / Shown) - 1)));

    /// <summary>How often it was turned down. How that hangs together by user is not kept: the interval takes each user for one row of many, and is wide.</summary>
    public Rate TurnedDown => Shown == 0 ? Rate.Of(0, 0) : Rate.Of(NotInterested, Shown, Math.Max(1, (double)ShownSquares / Shown));
}
