using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// Reduces weighted candidates to k centroids by k-means++ (Arthur and Vassilvitskii, SODA 2007: each is drawn by weight times squared
/// distance). Thoroughly, each centroid is the best of 2 + ln k so drawn, and local search follows (Lattanzi and Sohler, ICML 2019: a
/// candidate so drawn takes the place of the centroid whose loss it best makes up for, where that lowers the cost).
/// </summary>
public static class CandidateReduction
{
    private const int Swaps = 25;

    /// <summary>Chooses k of the candidates (row by row, no two alike), or as many as there are with a weight.</summary>
    public static double[] Choose(float[] candidates, long[] weights, int k, ulong seed, bool thorough)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(weights);
        var columns = candidates.Length / weights.Length;
        var chosen = Greedy(candidates, columns, weights, k, StableHash.Derive(seed, 0), thorough ? 2 + (int)Math.Log(k) : 1);
        if (thorough && chosen.Count > 1)
            LocalSearch(candidates, columns, weights, chosen, StableHash.Derive(seed, 1));
        return [.. chosen.SelectMany(i => candidates[(i * columns)..((i + 1) * columns)]).Select(x => (double)x)];
    }

    private static List<int> Greedy(float[] candidates, int columns, long[] weights, int k, ulong seed, int trials)
    {
        var nearest = new double[weights.Length];
        Array.Fill(nearest, 1);
        var chosen = new List<int>();
        for (var n = 0; n < k; n++)
        {
            var (best, bestCost, bestPick) = (nearest, double.PositiveInfinity, -1);
            for (var trial = 0; trial < (n == 0 ? 1 : trials); trial++)
            {
                var pick = Draw(nearest, weights, StableHash.ToUnit(StableHash.OfRow(seed, (ulong)trial, n)));
                if (pick < 0)
                    return chosen;
                var distances = Distances(candidates, columns, pick);
                var cost = 0.0;
                for (var i = 0; i < distances.Length; i++)
                {
                    distances[i] = n == 0 ? distances[i] : Math.Min(nearest[i], distances[i]);
                    cost += distances[i] * weights[i];
                }

                if (cost < bestCost)
                    (best, bestCost, bestPick) = (distances, cost, pick);
            }

            nearest = best;
            chosen.Add(bestPick);
        }

        return chosen;
    }

    private static void LocalSearch(float[] candidates, int columns, long[] weights, List<int> chosen, ulong seed)
    {
        var nearest = new double[weights.Length];
        var second = new double[weights.Length];
        var owner = new int[weights.Length];
        var losses = new double[chosen.Count];
        FindNearest();
        for (var swap = 0; swap < Swaps; swap++)
        {
            var pick = Draw(nearest, weights, StableHash.ToUnit(StableHash.OfRow(seed, 0, swap)));
            if (pick < 0)
                return;

            // With the pick added, the cost is `kept`; taking centroid c away as well costs losses[c] more.
            var distances = Distances(candidates, columns, pick);
            var (cost, kept) = (0.0, 0.0);
            Array.Clear(losses);
            for (var i = 0; i < distances.Length; i++)
            {
                var now = Math.Min(nearest[i], distances[i]);
                cost += nearest[i] * weights[i];
                kept += now * weights[i];
                losses[owner[i]] += (Math.Min(second[i], distances[i]) - now) * weights[i];
            }

            var least = 0;
            for (var c = 1; c < losses.Length; c++)
                least = losses[c] < losses[least] ? c : least;
            if (kept + losses[least] >= cost)
                continue;
            chosen[least] = pick;
            FindNearest();
        }

        void FindNearest()
        {
            Array.Fill(nearest, double.PositiveInfinity);
            Array.Fill(second, double.PositiveInfinity);
            for (var c = 0; c < chosen.Count; c++)
            {
                var distances = Distances(candidates, columns, chosen[c]);
                for (var i = 0; i < distances.Length; i++)
                {
                    if (distances[i] < nearest[i])
                        (second[i], nearest[i], owner[i]) = (nearest[i], distances[i], c);
                    else if (distances[i] < second[i])
                        second[i] = distances[i];
                }
            }
        }
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

    private static double[] Distances(float[] candidates, int columns, int pick)
    {
        var distances = new double[candidates.Length / columns];
        var to = candidates.AsSpan(pick * columns, columns);
        for (var i = 0; i < distances.Length; i++)
            distances[i] = ScalarAssignmentKernel.SquaredDistance(candidates.AsSpan(i * columns, columns), to);
        return distances;
    }
}
