using Auie.Abstractions;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>Compares users with the members of all segments, wherever these are.</summary>
internal static class SegmentComparison
{
    public static string Method(bool exact) => exact ? "exact" : "sampled-members";

    /// <summary>The silhouettes of some users.</summary>
    /// <param name="users">Who they are, and their segments.</param>
    /// <param name="rows">Their rows, standardised, one after the other.</param>
    public static async Task<PointSilhouette[]> OfAsync(
        IGrainFactory grains, string tenant, int shards, SegmentModel model, (string User, int Segment)[] users, float[] rows, double confidence,
        CancellationToken cancellationToken)
    {
        var without = Array.ConvertAll(users, user => user.User);
        var parts = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard =>
            grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(tenant, DataSets.Users, shard)).Compare(model.Version, rows, without, cancellationToken)));
        var distances = Array.ConvertAll(parts, part => part.ToCore());
        return [.. users.Select((user, point) => PointSilhouette.Of(distances, point, user.Segment, model.Segments.Length, confidence))];
    }
}
