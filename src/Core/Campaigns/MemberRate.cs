using Auie.Core.Statistics;

namespace Auie.Core.Campaigns;

/// <summary>The mean of people's own rates, each weighing the same however much was shown to them, with how far it may be off.</summary>
/// <param name="People">Of whom a rate is known.</param>
public readonly record struct MemberRate(double Value, Interval Interval, long People)
{
    public static MemberRate Unknown { get; } = new(double.NaN, new Interval(0, 1), 0);

    /// <summary>How small a share of the spread of independent answers is no more than what was rounded off.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// Of how many answers of how many chances each gave. The interval is Wilson's, of as many independent people as the spread of their rates makes them worth: no more than their chances are, and less the fewer they are, for the spread
    /// is known from them alone, as Student's distribution has it; but one each at the least.
    /// </summary>
    public static MemberRate Of(IEnumerable<(long Hits, long Chances)> people)
    {
        var (rates, sum, apart) = (new List<double>(), 0.0, 0.0);
        foreach (var (hits, chances) in people)
        {
            if (chances <= 0) continue;
            rates.Add(Math.Min(1, (double)hits / chances));
            (sum, apart) = (sum + rates[^1], apart + (1.0 / chances));
        }

        if (rates.Count == 0) return Unknown;
        var mean = sum / rates.Count;
        return new MemberRate(mean, Rate.Wilson(mean, Worth(mean, rates, apart)), rates.Count);
    }

    /// <summary>How many of so many will give the answer, if each is asked once: the middle 95 %, for the rate is uncertain, and so is who answers.</summary>
    public Interval Answers(long asked)
    {
        if (asked == 0 || People == 0) return new Interval(0, asked);
        var worth = BetaBinomial.Worth(Value, Interval, long.MaxValue);
        return BetaBinomial.Interval(asked, (Value * worth) + 0.5, ((1 - Value) * worth) + 0.5);
    }

    /// <param name="apart">The sum of one over each one's chances.</param>
    private static double Worth(double mean, List<double> rates, double apart)
    {
        var count = (double)rates.Count;
        // Where all are alike, or there is one, nothing is known of how people differ: each is worth one.
        if (count < 2 || mean is <= 0 or >= 1) return count;
        var (spread, chance) = (rates.Sum(own => (own - mean) * (own - mean)) / (count - 1), mean * (1 - mean));
        if (spread <= Rounding * chance) return count;
        // By chance alone rates of so many chances each differ so much: who differ less do so by luck.
        var worth = Math.Min(count * chance / spread, count * count / apart);
        return Math.Max(count, worth * Math.Pow(Rate.Z / Student.Reach(count - 1), 2));
    }
}
