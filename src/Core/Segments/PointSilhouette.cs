using Auie.Core.Statistics;

namespace Auie.Core.Segments;

/// <summary>
/// One row's silhouette (Rousseeuw 1987): (b - a) / max(a, b), a being its mean distance to the other members of its segment, b the smallest
/// mean distance to another segment's members; 0 for one who is alone in a segment, and where there is but one. The means are exact where all
/// members were compared, else estimated from those drawn in each part.
/// </summary>
/// <param name="Value">-1 (it belongs elsewhere) to 1 (it is where it belongs).</param>
/// <param name="Own">a; 0 where there is no other member.</param>
/// <param name="Neighbour">The segment of b; null where no other has members.</param>
/// <param name="Other">b; 0 where there is none.</param>
/// <param name="Compared">With how many members the row was compared.</param>
/// <param name="IsExact">Whether these are all.</param>
/// <param name="PracticalError">
/// How far the exact value may be off, by the normal approximation (of the means, carried on to the ratio): not proved. 0 if exact.
/// </param>
public sealed record PointSilhouette(double Value, double Own, int? Neighbour, double Other, long Compared, bool IsExact, double PracticalError)
{
    /// <summary>The silhouette of a point from what every part of the users says of it.</summary>
    /// <param name="parts">The parts; each user is in one.</param>
    /// <param name="point">Which point.</param>
    /// <param name="own">Its segment.</param>
    /// <param name="segments">How many segments there are.</param>
    /// <param name="confidence">That of the error, up to 0.999999.</param>
    public static PointSilhouette Of(IReadOnlyList<SegmentDistances> parts, int point, int own, int segments, double confidence)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var means = Enumerable.Range(0, segments).Select(segment => MeanDistance.Of(parts, (point * segments) + segment)).ToArray();
        var (compared, isExact) = (means.Sum(mean => mean.Compared), means.All(mean => mean.Compared == mean.Members));
        var others = Enumerable.Range(0, segments).Where(segment => segment != own && means[segment].Members > 0).ToArray();
        int? neighbour = others.Length == 0 ? null : others.MinBy(segment => means[segment].Value);
        var (a, b) = (means[own], neighbour is { } near ? means[near] : default);
        if (a.Members == 0 || neighbour is null || Math.Max(a.Value, b.Value) == 0)
            return new(0, a.Value, neighbour, b.Value, compared, isExact, 0);

        // The ratio of the lesser to the greater is all that is uncertain of the value.
        var (lesser, greater) = a.Value < b.Value ? (a, b) : (b, a);
        var ratio = lesser.Value / greater.Value;
        var deviation = Math.Sqrt(lesser.Variance + (ratio * ratio * greater.Variance)) / greater.Value;
        return new((b.Value - a.Value) / greater.Value, a.Value, neighbour, b.Value, compared, isExact,
            deviation == 0 ? 0 : Math.Min(2, NormalQuantile.TwoSided(confidence) * deviation));
    }

    /// <summary>A mean distance to a segment's members, each part weighing as its members do, and the variance that drawing them brings.</summary>
    private readonly record struct MeanDistance(double Value, double Variance, long Members, long Compared)
    {
        public static MeanDistance Of(IReadOnlyList<SegmentDistances> parts, int at)
        {
            var (members, compared) = (parts.Sum(part => part.Members[at]), parts.Sum(part => (long)part.Compared[at]));
            var (mean, variance) = (0.0, 0.0);
            foreach (var part in parts)
            {
                double count = part.Compared[at];
                if (count == 0)
                    continue;
                var weight = (double)part.Members[at] / members;
                mean += weight * part.Sums[at] / count;
                if (count < part.Members[at])
                {
                    var spread = Math.Max(0, part.Squares[at] - (part.Sums[at] * part.Sums[at] / count)) / (count - 1);
                    variance += weight * weight * spread / count * (1 - (count / part.Members[at]));
                }
            }

            return new(mean, variance, members, compared);
        }
    }
}
