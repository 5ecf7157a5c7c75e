using System.Collections.Immutable;

namespace Auie.Core.Segments;

/// <summary>How far a row is from a segment's centroid, in standard deviations of the features.</summary>
public readonly record struct CentroidDistance(int Segment, double Distance);

/// <summary>
/// What one feature says for the segment and against the runner-up.
/// </summary>
/// <param name="Feature">Its name.</param>
/// <param name="Value">The row's value as people read it; null where it is missing (and the missing rule decided in its place).</param>
/// <param name="Centroid">The mean of the segment.</param>
/// <param name="RunnerUp">The mean of the runner-up.</param>
/// <param name="Share">
/// By how much the row is nearer to the segment in this feature (squared distance to the runner-up less that to the segment), as a share of
/// what it is in all. Shares sum to 1; one is negative where a feature speaks for the runner-up. All are 0 on the border.
/// </param>
public sealed record Reason(string Feature, double? Value, double Centroid, double RunnerUp, double Share);

/// <summary>Where a row belongs under a model, how clearly, and why.</summary>
public sealed record SegmentAssignment
{
    /// <summary>The segment's index in the model.</summary>
    public required int Segment { get; init; }

    /// <summary>Every segment, the row's own first, the others nearest first.</summary>
    public required ImmutableArray<CentroidDistance> Distances { get; init; }

    /// <summary>1 less the distance to the segment over that to the runner-up: 0 on the border, 1 at the centroid.</summary>
    public required double Margin { get; init; }

    /// <summary>The features by their share of the decision, the weightiest first; none where there is no runner-up.</summary>
    public required ImmutableArray<Reason> Reasons { get; init; }

    /// <summary>Explains a label that was found already.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sources">The row as it is held.</param>
    /// <param name="asOf">The as-of that it was evaluated at.</param>
    /// <param name="row">The row standardised.</param>
    /// <param name="label">The label.</param>
    internal static SegmentAssignment Explain(SegmentModel model, ReadOnlySpan<double> sources, DateTimeOffset asOf, ReadOnlySpan<float> row, int label)
    {
        var distances = new CentroidDistance[model.Segments.Length];
        for (var i = 0; i < distances.Length; i++)
            distances[i] = new CentroidDistance(i, Distance(row, model.Rounded(i)));
        // The label comes first even where two centroids are equally far but for the last bit of a float.
        Array.Sort(distances, (a, b) => (a.Segment != label, a.Distance, a.Segment).CompareTo((b.Segment != label, b.Distance, b.Segment)));

        if (distances.Length < 2)
            return new SegmentAssignment { Segment = label, Distances = [.. distances], Margin = 1, Reasons = [] };
        var (nearest, runnerUp) = (distances[0].Distance, distances[1].Distance);
        return new SegmentAssignment
        {
            Segment = label,
            Distances = [.. distances],
            Margin = runnerUp == 0 ? 0 : Math.Max(0, 1 - nearest / runnerUp),
            Reasons = Explain(model, sources, asOf, row, label, distances[1].Segment),
        };
    }

    private static ImmutableArray<Reason> Explain(
        SegmentModel model, ReadOnlySpan<double> sources, DateTimeOffset asOf, ReadOnlySpan<float> row, int label, int runnerUp)
    {
        var nearer = new double[row.Length];
        for (var i = 0; i < row.Length; i++)
            nearer[i] = Square(row[i] - (double)model.Rounded(runnerUp)[i]) - Square(row[i] - (double)model.Rounded(label)[i]);
        var total = nearer.Sum();

        var reasons = new Reason[row.Length];
        for (var i = 0; i < row.Length; i++)
        {
            var feature = model.Features.Features[i];
            var value = feature.Evaluate(sources[i], asOf);
            reasons[i] = new Reason(
                feature.Name,
                double.IsNaN(value) ? null : feature.InUnit(value),
                model.Segments[label].Profile.Means[i],
                model.Segments[runnerUp].Profile.Means[i],
                total > 0 ? nearer[i] / total : 0);
        }

        return [.. reasons.OrderByDescending(reason => reason.Share)];
    }

    private static double Distance(ReadOnlySpan<float> row, ReadOnlySpan<float> centroid)
    {
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
            sum += Square(row[i] - (double)centroid[i]);
        return Math.Sqrt(sum);
    }

    private static double Square(double value) => value * value;
}
