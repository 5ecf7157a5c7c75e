using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// k-means|| (Bahmani et al., VLDB 2012): a random row, then rounds that each take about 2k more with probability proportional to their
/// squared distance from those taken; these candidates, weighted by the rows they are nearest to, are reduced to k by
/// <see cref="GreedyPlusPlus"/>. Rounds go on until there are k different candidates or every row is one.
/// </summary>
public static class ParallelSeeding
{
    /// <summary>Rounds of a seeding, where k candidates are found in so many.</summary>
    public const int Rounds = 5;

    /// <summary>At most k initial centroids, row by row; fewer where there are fewer different rows.</summary>
    public static async Task<double[]> SeedAsync(StandardisedShards input, int k, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (shards, columns) = (input.Shards, input.Scale.Columns);
        var candidates = (await shards.SampleAsync(seed, 1, cancellationToken)).Values;
        for (var round = 1; round <= Rounds || candidates.Length < k * columns; round++)
        {
            var cost = FixedPoint.ToDouble((await shards.SeedCostAsync(candidates, cancellationToken))[0], 2 * input.Scale.DistanceExponent);
            if (cost == 0)
                break;
            var drawn = await shards.SeedSampleAsync(candidates, new SeedDraw(seed, round, 2.0 * k, cost), cancellationToken);
            candidates = WithoutCopies(candidates, drawn, columns);
        }

        var weights = await shards.SeedWeightsAsync(candidates, cancellationToken);
        return GreedyPlusPlus.Choose(candidates, weights, k, StableHash.Derive(seed, ulong.MaxValue));
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

/// <summary>Weighted greedy k-means++ (Arthur and Vassilvitskii, SODA 2007): each centroid is the best of 2 + ln k drawn candidates.</summary>
public static class GreedyPlusPlus
{
    /// <summary>Chooses k of the candidates (all different, row by row), or all where there are fewer with a weight.</summary>
    public static double[] Choose(float[] candidates, long[] weights, int k, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(weights);
        var columns = candidates.Length / weights.Length;
        var trials = 2 + (int)Math.Log(k);
        var nearest = new double[weights.Length];
        Array.Fill(nearest, 1);
        var chosen = new List<double>();
        for (var n = 0; n < k; n++)
        {
            var (best, bestCost) = (Array.Empty<double>(), double.PositiveInfinity);
            for (var trial = 0; trial < (n == 0 ? 1 : trials); trial++)
            {
                var pick = Draw(nearest, weights, StableHash.ToUnit(StableHash.OfRow(seed, (ulong)trial, n)));
                if (pick < 0)
                    return [.. chosen];
                var distances = Distances(candidates, columns, pick, n == 0 ? null : nearest);
                var cost = 0.0;
                for (var i = 0; i < distances.Length; i++)
                    cost += distances[i] * weights[i];
                if (cost < bestCost)
                {
                    (best, bestCost) = (distances, cost);
                    if (trial > 0)
                        chosen.RemoveRange(chosen.Count - columns, columns);
                    for (var c = 0; c < columns; c++)
                        chosen.Add(candidates[(pick * columns) + c]);
                }
            }

            nearest = best;
        }

        return [.. chosen];
    }

    /// <summary>A candidate by weight times squared distance; -1 where all of these are 0.</summary>
    private static int Draw(double[] nearest, long[] weights, double unit)
    {
        var total = 0.0;
        for (var i = 0; i < nearest.Length; i++)
            total += nearest[i] * weights[i];
        var left = unit * total;
        var last = -1;
        for (var i = 0; i < nearest.Length; i++)
        {
            var share = nearest[i] * weights[i];
            if (share == 0)
                continue;
            last = i;
            if (left < share)
                return i;
            left -= share;
        }

        return last;
    }

    private static double[] Distances(float[] candidates, int columns, int pick, double[]? nearest)
    {
        var distances = new double[candidates.Length / columns];
        var to = candidates.AsSpan(pick * columns, columns);
        for (var i = 0; i < distances.Length; i++)
        {
            var distance = ScalarAssignmentKernel.SquaredDistance(candidates.AsSpan(i * columns, columns), to);
            distances[i] = nearest is null ? distance : Math.Min(nearest[i], distance);
        }

        return distances;
    }
}
