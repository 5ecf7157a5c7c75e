using System.Globalization;
using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>Differences of shares in percentage points, as they are told before people.</summary>
public static class Points
{
    private const int MostDigits = 4;

    /// <summary>One digit behind the point, or as many as show that an interval without 0 has none.</summary>
    public static int DigitsOf(Interval interval)
    {
        if (!(interval.Low > 0 || interval.High < 0)) return 1;
        var nearest = 100 * Math.Min(Math.Abs(interval.Low), Math.Abs(interval.High));
        var digits = 1;
        while (digits < MostDigits && Math.Round(nearest, digits) == 0) digits++;
        return digits;
    }

    /// <summary>With its sign, which what rounds to nothing has not.</summary>
    public static string Of(double share, int digits = 1)
    {
        var form = $"0.{new string('0', digits)}";
        return (100 * share).ToString($"+{form};-{form};{form}", CultureInfo.InvariantCulture);
    }
}
