namespace Auie.Core.Segments;

/// <summary>Which clusters of a new model are those of the one before it, judged by who is in them.</summary>
public static class Continuity
{
    /// <summary>The share of rows in both, of those in either, from which on a cluster is the earlier one.</summary>
    public const double MinimumJaccard = 0.5;

    /// <summary>
    /// For each new cluster the earlier segment that it continues, or -1: the optimal assignment over the Jaccard index (Jaccard 1912).
    /// </summary>
    /// <param name="overlap">Row counts [earlier segment, new cluster] over the rows that both models label.</param>
    public static int[] Match(long[,] overlap)
    {
        var earlier = overlap.GetLength(0);
        var now = overlap.GetLength(1);
        var earlierSizes = new long[earlier];
        var sizes = new long[now];
        for (var i = 0; i < earlier; i++)
        {
            for (var j = 0; j < now; j++)
            {
                earlierSizes[i] += overlap[i, j];
                sizes[j] += overlap[i, j];
            }
        }

        var jaccard = new double[now, earlier];
        for (var i = 0; i < earlier; i++)
        {
            for (var j = 0; j < now; j++)
            {
                var either = earlierSizes[i] + sizes[j] - overlap[i, j];
                jaccard[j, i] = either == 0 ? double.NaN : (double)overlap[i, j] / either;
            }
        }

        return OptimalAssignment.Maximise(jaccard, MinimumJaccard);
    }
}
