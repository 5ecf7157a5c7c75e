namespace Auie.Silo.Demo;

/// <summary>
/// Exponential and logarithm from the four operations alone, which IEEE 754 fixes to the last bit: a demo world is the same on every
/// machine, while the runtime's own Exp and Log are the platform's C library's. Both are right to about 1e-15, relatively.
/// </summary>
internal static class PortableMath
{
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm of a positive normal number.</summary>
    public static double Log(double x)
    {
        if (!(double.IsNormal(x) && x > 0)) throw new ArgumentOutOfRangeException(nameof(x), x, "A positive normal number is needed.");
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // log m = 2 artanh((m - 1) / (m + 1)); |s| <= 0.1716, so that the twelfth term is below 1e-18.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var power = 23; power >= 1; power -= 2) sum = (sum * square) + (1.0 / power);
        return (exponent * Ln2High) + ((2 * s * sum) + (exponent * Ln2Low));
    }

    /// <summary>e to the power of x; 0 below -700, where the result would leave the normal numbers.</summary>
    public static double Exp(double x)
    {
        if (x < -700) return 0;
        if (!(x <= 700)) throw new ArgumentOutOfRangeException(nameof(x), x, "At most 700.");
        var exponent = (int)Math.Floor((x * 1.4426950408889634) + 0.5);
        var rest = x - (exponent * Ln2High) - (exponent * Ln2Low);
        var sum = 1.0;
        for (var term = 17; term >= 1; term--) sum = 1 + (sum * rest / term);
        return sum * BitConverter.Int64BitsToDouble((exponent + 1023L) << 52);
    }

    public static double Logistic(double x) => 1 / (1 + Exp(-x));
}
