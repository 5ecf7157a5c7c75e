namespace Auie.Core.Clustering;

/// <summary>
/// Initial centroids made of those that a fit of one cluster fewer ended with, and one row more: of some rows drawn with probability
/// proportional to their squared distance from these centroids, the one that leaves the least sum of squared distances (greedy k-means++).
/// A draw is by the hash of (seed, row id), so that no choice depends on where the row is.
/// </summary>
public static class WarmSeeding
{
    /// <summary>About how many rows are tried.</summary>
    public const int Trials = 8;

    /// <summary>The centroids, row by row; null where no row is away from those given.</summary>
    /// <param name="centroids">Those of the other fit, row by row.</param>
    public static async Task<double[]?> SeedAsync(StandardisedShards input, double[] centroids, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(centroids);
        var (shards, known) = (input.Shards, Array.ConvertAll(centroids, c => (float)c));
        var cost = FixedPoint.ToDouble((await shards.SeedCostAsync(known, cancellationToken))[0], 2 * input.Scale.DistanceExponent);
        if (cost == 0)
            return null;
        var drawn = await shards.SeedSampleAsync(known, new SeedDraw(seed, 0, Trials, cost), cancellationToken);
        if (drawn.Count == 0)
            drawn = await shards.FarthestAsync(centroids, 1, cancellationToken);
        var (best, least) = (0, Int128.MaxValue);
        for (var trial = 0; drawn.Count > 1 && trial < drawn.Count; trial++)
        {
            var left = (await shards.SeedCostAsync([.. known, .. drawn.Row(trial)], cancellationToken))[0];
            if (left < least)
                (best, least) = (trial, left);
        }

        return [.. centroids, .. Array.ConvertAll(drawn.Row(best).ToArray(), x => (double)x)];
    }
}
