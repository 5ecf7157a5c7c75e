namespace Auie.Core.Statistics;

/// <summary>Student's distribution, for tests and intervals of estimates whose spread is estimated too.</summary>
public static class Student
{
    private const double Level = 0.95;

    /// <summary>The chance of being at least so far from 0, on either side.</summary>
    public static double TwoSided(double t, double freedom) =>
        double.IsNaN(t) ? double.NaN : IncompleteBeta.Regularised(freedom / 2, 0.5, freedom / (freedom + (t * t)));

    /// <summary>The chance of being above <paramref name="t"/>.</summary>
    public static double Above(double t, double freedom) => t > 0 ? TwoSided(t, freedom) / 2 : 1 - (TwoSided(t, freedom) / 2);

    /// <summary>How far from 0 the middle 95 % reach, or, of several intervals that are all to hold at once in 95 of 100 cases, each one's middle (Bonferroni).</summary>
    public static double Reach(double freedom, int intervals = 1)
    {
        var (outside, z) = ((1 - Level) / intervals, NormalQuantile.TwoSided(1 - ((1 - Level) / intervals)));
        // Near the normal distribution's, with the first terms by which it differs; the rest by the secant, which needs few of the costly looks.
        var near = z + ((Math.Pow(z, 3) + z) / (4 * freedom)) + (((5 * Math.Pow(z, 5)) + (16 * Math.Pow(z, 3)) + (3 * z)) / (96 * freedom * freedom));
        var (low, high) = (0.0, near);
        while (Off(high) > 0) (low, high) = (high, 2 * high);
        var (at, off, last, lastOff) = (near, Off(near), near * 1.001, Off(near * 1.001));
        for (var i = 0; i < 60; i++)
        {
            (low, high) = off > 0 ? (Math.Max(low, at), high) : (low, Math.Min(high, at));
            var next = at - (off * (at - last) / (off - lastOff));
            if (!(next > low && next < high)) next = (low + high) / 2;
            if (Math.Abs(next - at) <= 1e-12 * at) return next;
            (last, lastOff, at) = (at, off, next);
            off = Off(at);
        }

        return at;

        double Off(double t) => TwoSided(t, freedom) - outside;
    }
}
