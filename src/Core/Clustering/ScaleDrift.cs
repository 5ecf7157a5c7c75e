namespace Auie.Core.Clustering;

/// <summary>
/// How far a column has gone from the scale that some centroids were found under.
/// </summary>
/// <param name="Column">Which column.</param>
/// <param name="Mean">By how many of the scale's deviations the mean has moved.</param>
/// <param name="Deviation">By what share of itself the deviation has changed.</param>
/// <param name="IsOutside">
/// Whether the scale cannot take the rows at all: a value is outside of its grid, or a column is no longer constant.
/// </param>
public sealed record ScaleDrift(int Column, double Mean, double Deviation, bool IsOutside)
{
    /// <summary>The greater of both; infinite where the scale cannot take the rows.</summary>
    public double Size => IsOutside ? double.PositiveInfinity : Math.Max(Mean, Deviation);

    /// <summary>The column that has gone farthest; of equal ones the first.</summary>
    /// <param name="kept">The scale that is to be kept.</param>
    /// <param name="now">The scale that the rows of now would have.</param>
    /// <param name="extremes">The extremes of the rows of now.</param>
    public static ScaleDrift Largest(Scale kept, Scale now, ColumnExtremes extremes)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(extremes);
        if (now.Columns != kept.Columns || extremes.Present.Length != kept.Columns)
            throw new ArgumentException($"{now.Columns} and {extremes.Present.Length} columns cannot be compared with a scale of {kept.Columns}.", nameof(now));
        return Enumerable.Range(0, kept.Columns).Select(Of).MaxBy(drift => drift.Size)!;

        ScaleDrift Of(int c)
        {
            // A constant column is 0 under its scale whatever comes, so what came since would be left out of account.
            if (kept.Constant[c])
                return new(c, 0, 0, !now.Constant[c] || now.Mean[c] != kept.Mean[c]);
            var largest = Math.ScaleB(1, kept.Exponent[c]);
            var outside = extremes.Present[c] > 0
                && (Math.Abs(kept.Transform(extremes.Min[c], c)) > largest || Math.Abs(kept.Transform(extremes.Max[c], c)) > largest);
            return new(c, Math.Abs(now.Mean[c] - kept.Mean[c]) / kept.Deviation[c], Math.Abs((now.Constant[c] ? 0 : now.Deviation[c]) - kept.Deviation[c]) / kept.Deviation[c], outside);
        }
    }
}
