namespace Auie.Core.Clustering;

/// <summary>
/// Computes a <see cref="Scale"/> from shards by exact reductions, so that it has the same bits however the rows are spread.
/// </summary>
public static class Scaling
{
    /// <summary>Magnitudes from here on are refused: their squares would leave the range of a double.</summary>
    public const double MaxMagnitude = 1e150;

    /// <summary>
    /// With <see cref="ScaleOptions.Raw"/>, spreads of a column from here on are refused: squared distances would leave the range of a
    /// float.
    /// </summary>
    public const int MaxRawExponent = 50;

    private const int LeastExponent = -40;

    /// <summary>Extremes, then sums, medians and deviations.</summary>
    /// <exception cref="ArgumentException">
    /// There is no row, there are more than <see cref="Scale.MaxRows"/>, a column has no value at all (unless allowed), or a raw column is
    /// too wide.
    /// </exception>
    public static async Task<Scale> ComputeAsync(IFeatureShards shards, ScaleOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(options);
        var extremes = await shards.ExtremesAsync(cancellationToken);
        var columns = extremes.Present.Length;
        Check(extremes, options);

        var exponents = extremes.Exponents();
        var sums = await shards.SumsAsync(exponents, cancellationToken);
        var fill = await MediansAsync(shards, extremes, cancellationToken);

        var mean = new double[columns];
        var constant = new bool[columns];
        var spread = new int[columns];
        for (var c = 0; c < columns; c++)
        {
            constant[c] = extremes.Present[c] == 0 || extremes.Min[c] == extremes.Max[c];
            mean[c] = constant[c] ? fill[c] : Mean(sums[c], extremes.Rows, extremes.Rows - extremes.Present[c], fill[c], exponents[c]);
            spread[c] = constant[c] ? 0 : FixedPoint.Exponent(Reach(extremes, mean[c], c));
        }

        var moments = await shards.MomentsAsync(fill, mean, spread, cancellationToken);
        var deviation = new double[columns];
        var grid = new int[columns];
        for (var c = 0; c < columns; c++)
        {
            var population = constant[c] ? 0 : Math.ScaleB(Math.Sqrt(FixedPoint.ToDouble(moments[c], 0, extremes.Rows)), spread[c]);
            constant[c] |= population == 0;
            deviation[c] = options.Raw || constant[c] ? 1 : population;
            var reach = constant[c] ? 0 : Reach(extremes, mean[c], c) / deviation[c];
            grid[c] = Math.Max(FixedPoint.Exponent(reach), LeastExponent);
            if (options.Raw && grid[c] > MaxRawExponent)
                throw new ArgumentException(
                    $"Column {c} spreads over 2^{grid[c]}; unstandardised columns may spread over 2^{MaxRawExponent} at most.");
        }

        return new Scale
        {
            Rows = extremes.Rows,
            Raw = options.Raw,
            Missing = [.. extremes.Present.Select(p => extremes.Rows - p)],
            Fill = fill,
            Mean = mean,
            Deviation = deviation,
            Constant = constant,
            Exponent = grid,
        };
    }

    private static void Check(ColumnExtremes extremes, ScaleOptions options)
    {
        if (extremes.Rows == 0)
            throw new ArgumentException("There are no rows to cluster.");
        if (extremes.Rows > Scale.MaxRows)
            throw new ArgumentException($"There are {extremes.Rows} rows; sums are exact for at most {Scale.MaxRows}.");
        for (var c = 0; c < extremes.Present.Length; c++)
        {
            if (extremes.Present[c] == 0 && !options.AllowEmptyColumns)
                throw new ArgumentException($"Column {c} has no value in any row.");
        }
    }

    private static double Reach(ColumnExtremes extremes, double mean, int column) =>
        Math.Max(Math.Abs(extremes.Min[column] - mean), Math.Abs(extremes.Max[column] - mean));

    private static double Mean(Int128 sum, long rows, long missing, double fill, int exponent) =>
        FixedPoint.ToDouble(sum + ((Int128)missing * FixedPoint.ToFixed(fill, FixedPoint.Factor(exponent))), exponent, rows);

    /// <summary>
    /// The medians of the values present (the mean of the two middle ones where their number is even), by radix selection; 0 for an empty
    /// column.
    /// </summary>
    private static async Task<double[]> MediansAsync(IFeatureShards shards, ColumnExtremes extremes, CancellationToken cancellationToken)
    {
        // Two targets a column: the lower and the upper middle value. Each keeps the digits found so far and its rank among the keys that
        // begin so.
        var columns = Enumerable.Range(0, extremes.Present.Length).Where(c => extremes.Present[c] > 0).ToArray();
        var prefixes = new ulong[2 * columns.Length];
        var ranks = columns.SelectMany(c => new[] { (extremes.Present[c] - 1) / 2, extremes.Present[c] / 2 }).ToArray();
        var targets = columns.SelectMany(c => new[] { c, c }).ToArray();
        for (var round = 0; round < 4 && targets.Length > 0; round++)
        {
            var counts = await shards.DigitsAsync(new DigitQuery(round, targets, [.. prefixes]), cancellationToken);
            for (var t = 0; t < targets.Length; t++)
            {
                var i = counts.Starts[t];
                while (ranks[t] >= counts.Counts[i])
                    ranks[t] -= counts.Counts[i++];
                prefixes[t] = (prefixes[t] << 16) | (uint)counts.Digits[i];
            }
        }

        var medians = new double[extremes.Present.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var lower = OrderKey.ToDouble(prefixes[2 * i]);
            var upper = OrderKey.ToDouble(prefixes[(2 * i) + 1]);
            medians[columns[i]] = lower == upper ? lower : (lower + upper) / 2;
        }

        return medians;
    }
}
