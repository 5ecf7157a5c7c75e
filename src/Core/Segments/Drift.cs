namespace Auie.Core.Segments;

/// <summary>How far users have moved since a model was made.</summary>
/// <param name="Columns">By column, today's mean less that when it was made, in standard deviations of then (the standardised mean difference).</param>
/// <param name="Stability">
/// The population stability index of the segments' shares, the sum of (now - then) ln(now / then); NaN where the model is of answers, whose segments counted rows and not users.
/// </param>
public sealed record Drift(double[] Columns, double Stability)
{
    /// <summary>From here on a mean has moved: a small effect by Cohen's convention.</summary>
    public const double ColumnTrigger = 0.2;

    /// <summary>From here on shares have moved, by the usual convention for this index.</summary>
    public const double StabilityTrigger = 0.2;

    /// <summary>Whether the model should be made anew.</summary>
    public bool IsFar => Columns.Any(column => Math.Abs(column) >= ColumnTrigger) || Stability >= StabilityTrigger;

    public static Drift Of(SegmentModel model, PersonaScan now)
    {
        var columns = Array.ConvertAll(now.Sums, sum => now.Rows == 0 ? double.NaN : sum / now.Rows);
        if (model.Features.RowsAre == Features.RowKind.Answer) return new Drift(columns, double.NaN);
        return new Drift(columns, StabilityOf([.. model.Segments.Select(segment => segment.Profile.Size)], now.Sizes));
    }

    /// <summary>The index of two counts of the same classes; half a member stands in for none.</summary>
    public static double StabilityOf(long[] then, long[] now)
    {
        var (before, after) = (then.Sum(), now.Sum());
        if (before == 0 || after == 0) return double.NaN;
        var index = 0.0;
        for (var i = 0; i < then.Length; i++)
        {
            var (a, b) = (Math.Max(then[i], 0.5) / before, Math.Max(now[i], 0.5) / after);
            index += (b - a) * Math.Log(b / a);
        }

        return index;
    }
}
