namespace Auie.Core.Statistics;

/// <summary>Student's distribution, for tests and 95 % intervals of estimates whose spread is estimated too.</summary>
public static class Student
{
    private const double Level = 0.95;

    /// <summary>The chance of being at least so far from 0, on either side.</summary>
    public static double TwoSided(double t, double freedom) =>
        double.IsNaN(t) ? double.NaN : IncompleteBeta.Regularised(freedom / 2, 0.5, freedom / (freedom + (t * t)));

    /// <summary>The chance of being above <paramref name="t"/>.</summary>
    public static double Above(double t, double freedom) => t > 0 ? TwoSided(t, freedom) / 2 : 1 - (TwoSided(t, freedom) / 2);

    /// <summary>How far from 0 the middle 95 % reach.</summary>
    public static double Reach(double freedom)
    {
        var (low, high) = (0.0, 1.0);
        while (TwoSided(high, freedom) > 1 - Level) high *= 2;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, freedom) > 1 - Level) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}
