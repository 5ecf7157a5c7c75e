namespace Auie.Core.Clustering;

/// <summary>
/// k-means|| (Bahmani et al., VLDB 2012): a random row, then rounds that each take about 2k more with probability proportional to their
/// squared distance from those taken; these candidates, weighted by the rows they are nearest to, are reduced to k by
/// <see cref="CandidateReduction"/>. Rounds go on until there are k different candidates or every row is one.
/// </summary>
public static class ParallelSeeding
{
    /// <summary>Rounds of a seeding, where k candidates are found in so many.</summary>
    public const int Rounds = 5;

    /// <summary>At most k initial centroids, row by row; fewer where there are fewer different rows.</summary>
    /// <param name="thorough">As in <see cref="CandidateReduction"/>.</param>
    public static async Task<double[]> SeedAsync(
        StandardisedShards input, int k, ulong seed, bool thorough, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (shards, columns) = (input.Shards, input.Scale.Columns);
        var candidates = (await shards.SampleAsync(seed, 1, cancellationToken)).Values;
        for (var round = 1; round <= Rounds || candidates.Length < k * columns; round++)
        {
            var exact = await shards.SeedCostAsync(candidates, cancellationToken);
            var cost = FixedPoint.ToDouble(exact[0], 2 * input.Scale.DistanceExponent);
            if (cost == 0)
                break;
            var drawn = await shards.SeedSampleAsync(candidates, new SeedDraw(seed, round, 2.0 * k, cost), cancellationToken);
            candidates = WithoutCopies(candidates, drawn, columns);
        }

        var weights = await shards.SeedWeightsAsync(candidates, cancellationToken);
        return CandidateReduction.Choose(candidates, weights, k, StableHash.Derive(seed, ulong.MaxValue), thorough);
    }

    private static float[] WithoutCopies(float[] candidates, RowSet drawn, int columns)
    {
        // No drawn row equals an earlier candidate (its distance would be 0); only those of one draw can be alike.
        var fresh = new List<float>(candidates);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < drawn.Count; i++)
        {
            if (seen.Add(Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(drawn.Row(i)))))
                fresh.AddRange(drawn.Row(i));
        }

        return [.. fresh];
    }
}
