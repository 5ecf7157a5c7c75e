namespace Auie.Core.Clustering;

/// <summary>
/// The sum of squared distances of rows to the centroids of their labels. It is computed from a labelling's exact sums, afresh each time:
/// around the clusters' means it is (sum of squares) - sum over clusters (sum^2 / size), in whole numbers so that nothing cancels; each
/// centroid's squared distance from its cluster's mean, times the size, comes on top.
/// </summary>
public static class Inertia
{
    /// <summary>The inertia, in standardised units squared.</summary>
    /// <param name="scale">The rows' scale.</param>
    /// <param name="squares">What <see cref="ShardRows.Standardise"/> gave.</param>
    /// <param name="labelled">The sums of the rows by label.</param>
    /// <param name="centroids">The centroids of the labels, row by row.</param>
    public static double Of(Scale scale, ExactSums squares, StepSums labelled, ReadOnlySpan<double> centroids)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentNullException.ThrowIfNull(squares);
        ArgumentNullException.ThrowIfNull(labelled);
        var inertia = 0.0;
        for (var c = 0; c < scale.Columns; c++)
        {
            var unit = scale.Unit(c);
            var whole = squares[c];
            var fraction = 0.0;
            var shift = 0.0;
            for (var k = 0; k < labelled.Counts.Length; k++)
            {
                var size = labelled.Counts[k];
                if (size == 0)
                    continue;
                var sum = labelled.Sums[(k * scale.Columns) + c];
                // The square of the sum over the size, as a whole number and a fraction: with sum = quotient x size + rest no number is large.
                var (quotient, rest) = Math.DivRem((long)(sum / unit), size);
                var (ofRest, left) = Math.DivRem(rest * rest, size);
                whole -= ((Int128)(quotient * quotient) * size) + (2 * (Int128)quotient * rest) + ofRest;
                fraction += (double)left / size;
                var away = (sum / size) - centroids[(k * scale.Columns) + c];
                shift += away * away * size;
            }

            inertia += (((double)whole - fraction) * unit * unit) + shift;
        }

        return inertia;
    }
}
