using Auie.Core.Statistics;

namespace Auie.Core.Campaigns;

/// <summary>The mean of people's own rates, each weighing the same however much was shown to them, with how far it may be off.</summary>
/// <param name="People">Of whom a rate is known.</param>
public readonly record struct MemberRate(double Value, Interval Interval, long People)
{
    public static MemberRate Unknown { get; } = new(double.NaN, new Interval(0, 1), 0);

    /// <summary>Of how many answers of how many chances each gave. The interval is Wilson's, of as many independent people as the spread of their rates makes them worth.</summary>
    public static MemberRate Of(IEnumerable<(long Hits, long Chances)> people)
    {
        var (sum, squares, count) = (0.0, 0.0, 0L);
        foreach (var (hits, chances) in people)
        {
            if (chances <= 0) continue;
            var own = Math.Min(1, (double)hits / chances);
            (sum, squares, count) = (sum + own, squares + (own * own), count + 1);
        }

        return count == 0 ? Unknown : new MemberRate(sum / count, Rate.Wilson(sum / count, Worth(sum / count, squares, count)), count);
    }

    /// <summary>How many of so many will give the answer, if each is asked once: the middle 95 %, for the rate is uncertain, and so is who answers.</summary>
    public Interval Answers(long asked)
    {
        if (asked == 0 || People == 0) return new Interval(0, asked);
        var worth = BetaBinomial.Worth(Value, Interval, long.MaxValue);
        return BetaBinomial.Interval(asked, (Value * worth) + 0.5, ((1 - Value) * worth) + 0.5);
    }

    private static double Worth(double mean, double squares, long count)
    {
        // Where all are alike, or there is one, nothing is known of how people differ: each is worth one.
        if (count < 2 || mean is <= 0 or >= 1) return count;
        var spread = (squares - (count * mean * mean)) / (count - 1);
        return spread <= 0 ? count : Math.Max(count, count * mean * (1 - mean) / spread);
    }
}
