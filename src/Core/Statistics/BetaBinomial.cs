namespace Auie.Core.Statistics;

/// <summary>How many of a number of trials will succeed, where the rate of success is known from other trials only.</summary>
public static class BetaBinomial
{
    private const double Tail = 0.025;

    /// <summary>
    /// The middle 95 % of what comes of <paramref name="trials"/>, of what is known now: the rate has Jeffreys' posterior of what was seen, at the n that is left after the
    /// design effect, and trials are independent beside it. All there is where nothing was seen.
    /// </summary>
    public static Interval Interval(long trials, Rate seen)
    {
        if (trials == 0 || seen.N == 0) return new Interval(0, trials);
        var worth = Worth(seen.Value, seen.Interval, seen.N);
        return Interval(trials, (seen.Value * worth) + 0.5, ((1 - seen.Value) * worth) + 0.5);
    }

    /// <summary>The least count that at most 2.5 % stay below, and the greatest that at most 2.5 % go beyond.</summary>
    public static Interval Interval(long trials, double alpha, double beta)
    {
        var log = LogBeta(alpha, trials + beta) - LogBeta(alpha, beta);
        var (sum, low) = (0.0, -1L);
        for (var k = 0L; k <= trials; k++)
        {
            sum += Math.Exp(log);
            if (low < 0 && sum > Tail) low = k;
            if (sum >= 1 - Tail) return new Interval(Math.Max(low, 0), k);
            log += Math.Log((trials - k) * (k + alpha) / ((k + 1) * (trials - k - 1 + beta)));
        }

        return new Interval(Math.Max(low, 0), trials);
    }

    /// <summary>How many independent trials a rate's interval is worth: n over the design effect, read back from Wilson's interval of n and the design effect.</summary>
    internal static double Worth(double value, Interval interval, long most)
    {
        // Of none, or all, Wilson's interval has only one side, which gives its n at once.
        if (value is 0 or 1)
        {
            var side = value == 0 ? interval.High : 1 - interval.Low;
            return Math.Min(most, Rate.Z * Rate.Z * (1 - side) / side);
        }

        // The reach of Wilson's interval falls with n; it is looked for where it is as wide as this one.
        var wide = interval.High - interval.Low;
        var (low, high) = (1e-9, (double)most);
        for (var i = 0; i < 200; i++)
        {
            var middle = Math.Sqrt(low * high);
            var of = Rate.Wilson(value, middle);
            if (of.High - of.Low > wide) low = middle;
            else high = middle;
        }

        return high;
    }

    private static double LogBeta(double a, double b) => IncompleteBeta.LogGamma(a) + IncompleteBeta.LogGamma(b) - IncompleteBeta.LogGamma(a + b);
}
