namespace Auie.Core.Statistics;

/// <summary>Quantiles of the standard normal distribution, to about seven digits (Wichura, Applied Statistics 37, 1988: AS 241, PPND7).</summary>
public static class NormalQuantile
{
    /// <summary>What a normal variable is within, on both sides of its mean and in its deviations, with a probability.</summary>
    /// <param name="confidence">The probability, from 0 up to 0.999999.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is out of range.</exception>
    public static double TwoSided(double confidence) => confidence is >= 0 and <= 0.999999
        ? Of((1 + confidence) / 2)
        : throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A probability must be from 0 to 0.999999 here.");

    private static double Of(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return q * (((((((59.109374720 * r) + 159.29113202) * r) + 50.434271938) * r) + 3.3871327179)
                / ((((((67.187563600 * r) + 78.757757664) * r) + 17.895169469) * r) + 1));
        }

        var tail = Math.Sqrt(-Math.Log(q < 0 ? p : 1 - p)) - 1.6;
        return Math.Sign(q) * (((((((0.17023821103 * tail) + 1.3067284816) * tail) + 2.7568153900) * tail) + 1.4234372777)
            / ((((0.12021132975 * tail) + 0.73700164250) * tail) + 1));
    }
}
