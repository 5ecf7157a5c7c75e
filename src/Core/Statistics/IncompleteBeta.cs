namespace Auie.Core.Statistics;

/// <summary>The regularised incomplete beta function, by its continued fraction (Lentz, Applied Optics 1976), to about 1e-13.</summary>
internal static class IncompleteBeta
{
    private const double Tiny = 1e-300, Close = 1e-15;
    private const int MostTerms = 10_000;

    public static double Regularised(double a, double b, double x)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        // The fraction converges fast only on this side.
        return x < (a + 1) / (a + b + 2) ? front * Fraction(a, b, x) / a : 1 - (front * Fraction(b, a, 1 - x) / b);
    }

    private static double Fraction(double a, double b, double x)
    {
        var (c, d) = (1.0, 1 / NotZero(1 - ((a + b) * x / (a + 1))));
        var product = d;
        for (var m = 1; m <= MostTerms; m++)
        {
            Step(m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m))));
            var factor = Step(-(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1)));
            if (Math.Abs(factor - 1) < Close) break;
        }

        return product;

        double Step(double term)
        {
            d = 1 / NotZero(1 + (term * d));
            c = NotZero(1 + (term / c));
            product *= c * d;
            return c * d;
        }
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;

    /// <summary>Stirling's series, far enough out to be exact to double precision.</summary>
    internal static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++) shift += Math.Log(x);
        var square = x * x;
        var series = (1 / 12.0 - ((1 / 360.0 - ((1 / 1260.0 - (1 / 1680.0 / square)) / square)) / square)) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
