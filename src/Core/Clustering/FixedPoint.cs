namespace Auie.Core.Clustering;

/// <summary>
/// Doubles as whole multiples of a power of two under a known bound: sums of them are exact, so that neither order nor the number of
/// partial sums matters. A value whose magnitude is below 2^exponent becomes a 62-bit integer; sums are kept in 128 bits.
/// </summary>
public static class FixedPoint
{
    /// <summary>Bits of a value under its bound.</summary>
    public const int Bits = 62;

    /// <summary>The least exponent that is told apart; smaller magnitudes share it and lose their last bits.</summary>
    public const int LeastExponent = -500;

    /// <summary>The smallest e, at least <see cref="LeastExponent"/>, with |magnitude| below 2^e.</summary>
    public static int Exponent(double magnitude)
    {
        if (!double.IsFinite(magnitude))
            throw new ArgumentOutOfRangeException(nameof(magnitude), magnitude, "A bound must be a finite number.");
        return magnitude == 0 ? LeastExponent : Math.Max(Math.ILogB(magnitude) + 1, LeastExponent);
    }

    /// <summary>What a value below 2^exponent is multiplied by to fill <see cref="Bits"/> bits.</summary>
    public static double Factor(int exponent) => Math.ScaleB(1, Bits - exponent);

    /// <summary>The value as an integer, rounded to the nearest.</summary>
    public static long ToFixed(double value, double factor) => (long)Math.Round(value * factor);

    /// <summary>A sum of fixed values, divided by <paramref name="count"/>, as a double again.</summary>
    public static double ToDouble(Int128 sum, int exponent, double count = 1) => Math.ScaleB((double)sum / count, exponent - Bits);
}

/// <summary>Some exact sums: 128-bit integers as their upper and lower halves, so that they travel as plain arrays.</summary>
public sealed record ExactSums(long[] High, ulong[] Low)
{
    /// <summary>How many sums.</summary>
    public int Count => High.Length;

    /// <summary>One of them.</summary>
    public Int128 this[int index] => new((ulong)High[index], Low[index]);

    /// <summary>The sums as they stand in <paramref name="sums"/>.</summary>
    public static ExactSums Of(ReadOnlySpan<Int128> sums)
    {
        var high = new long[sums.Length];
        var low = new ulong[sums.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            high[i] = (long)(sums[i] >> 64);
            low[i] = (ulong)(sums[i] & ulong.MaxValue);
        }

        return new ExactSums(high, low);
    }

    /// <summary>Adds the shards' partial sums, one by one.</summary>
    /// <exception cref="ArgumentException">There is no part, or they differ in length.</exception>
    public static ExactSums Reduce(IReadOnlyList<ExactSums> parts)
    {
        var sums = new Int128[Parts.Length(parts, p => p.Count)];
        foreach (var part in parts)
        {
            for (var i = 0; i < sums.Length; i++)
                sums[i] += part[i];
        }

        return Of(sums);
    }
}

internal static class Parts
{
    /// <summary>The length that all parts share.</summary>
    public static int Length<T>(IReadOnlyList<T> parts, Func<T, int> length)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0)
            throw new ArgumentException("There is no part to reduce.", nameof(parts));
        var first = length(parts[0]);
        for (var i = 1; i < parts.Count; i++)
        {
            if (length(parts[i]) != first)
                throw new ArgumentException($"Part {i} has {length(parts[i])} values where part 0 has {first}.", nameof(parts));
        }

        return first;
    }
}
