using System.Buffers;
using System.Numerics;

namespace Auie.Core.Clustering;

/// <summary>
/// How many rows there are, and for each column how many of them have a value, the least and the greatest (infinite where none has).
/// </summary>
public sealed record ColumnExtremes(long Rows, long[] Present, double[] Min, double[] Max)
{
    /// <summary>For each column the exponent of a power of two above all its magnitudes, for sums in fixed point.</summary>
    public int[] Exponents()
    {
        var exponents = new int[Present.Length];
        for (var c = 0; c < exponents.Length; c++)
            exponents[c] = Present[c] == 0 ? 0 : FixedPoint.Exponent(Math.Max(Math.Abs(Min[c]), Math.Abs(Max[c])));
        return exponents;
    }

    /// <summary>The extremes over all shards.</summary>
    public static ColumnExtremes Reduce(IReadOnlyList<ColumnExtremes> parts)
    {
        var columns = Parts.Length(parts, p => p.Present.Length);
        var total = new ColumnExtremes(parts.Sum(p => p.Rows), new long[columns], new double[columns], new double[columns]);
        Array.Fill(total.Min, double.PositiveInfinity);
        Array.Fill(total.Max, double.NegativeInfinity);
        foreach (var part in parts)
        {
            for (var c = 0; c < columns; c++)
            {
                total.Present[c] += part.Present[c];
                total.Min[c] = Math.Min(total.Min[c], part.Min[c]);
                total.Max[c] = Math.Max(total.Max[c], part.Max[c]);
            }
        }

        return total;
    }
}

/// <summary>
/// One round of a search for order statistics: for each target (a column and the leading digits found so far of a value's key), count the
/// keys that begin so by their next 16-bit digit. Rounds run from 0 to 3.
/// </summary>
public sealed record DigitQuery(int Round, int[] Columns, ulong[] Prefixes);

/// <summary>
/// For each target of a <see cref="DigitQuery"/> the digits that occur, ascending, and how often: target t's are [Starts[t], Starts[t+1]).
/// </summary>
public sealed record DigitCounts(int[] Starts, int[] Digits, long[] Counts)
{
    /// <summary>The counts over all shards.</summary>
    public static DigitCounts Reduce(IReadOnlyList<DigitCounts> parts)
    {
        var targets = Parts.Length(parts, p => p.Starts.Length) - 1;
        var builder = new Builder(targets);
        var counts = ArrayPool<long>.Shared.Rent(OrderKey.Digits);
        try
        {
            Array.Clear(counts);
            for (var t = 0; t < targets; t++)
            {
                foreach (var part in parts)
                {
                    for (var i = part.Starts[t]; i < part.Starts[t + 1]; i++)
                        counts[part.Digits[i]] += part.Counts[i];
                }

                builder.Take<long>(counts.AsSpan(0, OrderKey.Digits));
                // Few digits occur, and only theirs are cleared.
                foreach (var part in parts)
                {
                    for (var i = part.Starts[t]; i < part.Starts[t + 1]; i++)
                        counts[part.Digits[i]] = 0;
                }
            }

            return builder.Build();
        }
        finally
        {
            ArrayPool<long>.Shared.Return(counts);
        }
    }

    /// <summary>Gathers one target's counts after the other.</summary>
    internal sealed class Builder(int targets)
    {
        private readonly List<int> _starts = new(targets + 1) { 0 };
        private readonly List<int> _digits = [];
        private readonly List<long> _counts = [];

        /// <summary>Takes the next target's counts.</summary>
        public void Take<TCount>(ReadOnlySpan<TCount> counts)
            where TCount : IBinaryInteger<TCount>
        {
            for (int digit = 0, skipped; (skipped = counts[digit..].IndexOfAnyExcept(TCount.Zero)) >= 0;)
            {
                digit += skipped;
                _digits.Add(digit);
                _counts.Add(long.CreateChecked(counts[digit]));
                digit++;
            }

            _starts.Add(_digits.Count);
        }

        public DigitCounts Build() => new([.. _starts], [.. _digits], [.. _counts]);
    }
}

/// <summary>Doubles as unsigned integers in the same order.</summary>
internal static class OrderKey
{
    public const int Digits = 1 << 16;

    public static ulong Of(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0.0 : value);
        return (bits & (1UL << 63)) != 0 ? ~bits : bits | (1UL << 63);
    }

    public static double ToDouble(ulong key) =>
        BitConverter.UInt64BitsToDouble((key & (1UL << 63)) != 0 ? key ^ (1UL << 63) : ~key);
}
