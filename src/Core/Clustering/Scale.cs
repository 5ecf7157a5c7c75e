namespace Auie.Core.Clustering;

/// <summary>How raw columns become the columns that K-means sees.</summary>
public sealed record ScaleOptions
{
    /// <summary>Only centre the columns (which changes no distance); do not divide them by their deviation.</summary>
    public bool Raw { get; init; }

    /// <summary>Take a column without any value as constant 0, in place of refusing it.</summary>
    public bool AllowEmptyColumns { get; init; }
}

/// <summary>
/// How a raw row becomes a standardised one: a missing value becomes the column's <see cref="Fill"/> (its median), the mean is taken off,
/// the rest is divided by the population deviation (of the filled column) and rounded to a grid of 24 bits under the column's largest
/// magnitude, so that each value is a float and sums of up to 2^29 rows are exact in double. A constant column is 0 throughout, for rows
/// that come later too. Computed by <see cref="Scaling"/>.
/// </summary>
public sealed record Scale
{
    /// <summary>Bits of a standardised value under its column's largest magnitude.</summary>
    public const int GridBits = 24;

    /// <summary>The most rows whose sums are exact.</summary>
    public const long MaxRows = 1L << 29;

    /// <summary>How many rows it was computed from.</summary>
    public required long Rows { get; init; }

    /// <summary>Whether columns are only centred, their deviation not taken out.</summary>
    public required bool Raw { get; init; }

    /// <summary>For each column, how many rows had no value.</summary>
    public required long[] Missing { get; init; }

    /// <summary>What stands in for a missing value: the median of those present, in the column's unit.</summary>
    public required double[] Fill { get; init; }

    /// <summary>The mean of the filled column, in its unit.</summary>
    public required double[] Mean { get; init; }

    /// <summary>
    /// The population deviation of the filled column, in its unit; 1 for a constant column, and for all where <see cref="Raw"/>.
    /// </summary>
    public required double[] Deviation { get; init; }

    /// <summary>Columns with one value only (or none).</summary>
    public required bool[] Constant { get; init; }

    /// <summary>All standardised magnitudes are at most 2^Exponent; the grid's unit is 2^(Exponent - 24).</summary>
    public required int[] Exponent { get; init; }

    /// <summary>How many columns.</summary>
    public int Columns => Mean.Length;

    /// <summary>The grid's unit in a column.</summary>
    public double Unit(int column) => Math.ScaleB(1, Exponent[column] - GridBits);

    /// <summary>Any two standardised rows are less than 2^DistanceExponent apart.</summary>
    public int DistanceExponent
    {
        get
        {
            var sum = 0.0;
            for (var c = 0; c < Columns; c++)
                sum += Constant[c] ? 0 : Math.ScaleB(1, 2 * (Exponent[c] + 1));
            return Math.Max(FixedPoint.Exponent(Math.Sqrt(sum)), -60);
        }
    }

    /// <summary>Standardises one value; NaN is a missing one.</summary>
    public float Transform(double value, int column) => Of(column).Of(value);

    /// <summary>What a column's values are standardised by.</summary>
    internal ColumnTransform Of(int column) => new(Constant[column], Fill[column], Mean[column], Deviation[column], Unit(column));

    /// <summary>Standardises values of one column.</summary>
    internal readonly record struct ColumnTransform(bool Constant, double Fill, double Mean, double Deviation, double Unit)
    {
        /// <summary>One value; NaN is a missing one.</summary>
        // Adding 0 makes -0 a 0, so that equal rows are equal bits.
        public float Of(double value) =>
            Constant ? 0 : (float)((Math.Round(((double.IsNaN(value) ? Fill : value) - Mean) / Deviation / Unit) * Unit) + 0.0);
    }

    /// <summary>Standardises one raw row, bit for bit as a shard does.</summary>
    /// <exception cref="ArgumentException">The row is not as wide as the scale, or holds an infinity.</exception>
    public float[] Transform(ReadOnlySpan<double> row)
    {
        if (row.Length != Columns)
            throw new ArgumentException($"The row has {row.Length} columns where the scale has {Columns}.", nameof(row));
        var result = new float[row.Length];
        for (var c = 0; c < row.Length; c++)
        {
            if (double.IsInfinity(row[c]))
                throw new ArgumentException($"Column {c} is infinite.", nameof(row));
            result[c] = Transform(row[c], c);
        }

        return result;
    }

    /// <summary>A standardised value in the column's own unit.</summary>
    public double ToRaw(double standardised, int column) => (standardised * Deviation[column]) + Mean[column];

    /// <summary>Whether two scales do the same, bit for bit.</summary>
    public bool SameAs(Scale other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Rows == other.Rows && Raw == other.Raw && Missing.AsSpan().SequenceEqual(other.Missing)
            && Fill.AsSpan().SequenceEqual(other.Fill) && Mean.AsSpan().SequenceEqual(other.Mean)
            && Deviation.AsSpan().SequenceEqual(other.Deviation) && Constant.AsSpan().SequenceEqual(other.Constant)
            && Exponent.AsSpan().SequenceEqual(other.Exponent);
    }
}
