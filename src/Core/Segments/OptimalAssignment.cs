namespace Auie.Core.Segments;

/// <summary>
/// The one-to-one matching of rows and columns with the greatest total weight: the Hungarian method by shortest augmenting paths
/// (Jonker and Volgenant, Computing 38, 1987), O(rows² · columns).
/// </summary>
public static class OptimalAssignment
{
    /// <summary>
    /// For each row the column that it is matched with, or -1. Only pairs whose weight passes <paramref name="minimum"/> are matched, and rows
    /// and columns may stay alone: among all such matchings the total weight above the minimum is the greatest.
    /// </summary>
    /// <param name="weights">Finite, or NaN for a pair that must not be.</param>
    /// <param name="minimum">What a pair has to reach.</param>
    public static int[] Maximise(double[,] weights, double minimum)
    {
        var rows = weights.GetLength(0);
        var columns = weights.GetLength(1);

        // Each row gets a column of its own that stands for staying alone, at no gain; so a full matching always exists.
        var costs = new double[rows, columns + rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                costs[row, column] = weights[row, column] >= minimum ? minimum - weights[row, column] - AloneIsWorse : Never;
            for (var other = 0; other < rows; other++)
                costs[row, columns + other] = other == row ? 0 : Never;
        }

        var matched = Minimise(costs);
        for (var row = 0; row < rows; row++)
        {
            if (matched[row] >= columns)
                matched[row] = -1;
        }

        return matched;
    }

    /// <summary>A pair exactly at the minimum gains nothing; it is still to be preferred to none.</summary>
    private const double AloneIsWorse = 1e-9;

    /// <summary>Far above any sum of weights, yet small enough not to swallow their digits.</summary>
    private const double Never = 1e6;

    /// <summary>For each row its column in the full matching of least total cost; there are at least as many columns as rows.</summary>
    private static int[] Minimise(double[,] costs)
    {
        var rows = costs.GetLength(0);
        var columns = costs.GetLength(1);
        var rowPotential = new double[rows + 1];
        var columnPotential = new double[columns + 1];
        var rowOf = new int[columns + 1]; // 1-based; column 0 holds the row that is being placed
        var cameFrom = new int[columns + 1];

        for (var row = 1; row <= rows; row++)
        {
            var shortest = new double[columns + 1];
            Array.Fill(shortest, double.PositiveInfinity);
            var visited = new bool[columns + 1];
            rowOf[0] = row;
            var column = 0;
            do
            {
                visited[column] = true;
                var from = rowOf[column];
                var step = double.PositiveInfinity;
                var next = 0;
                for (var j = 1; j <= columns; j++)
                {
                    if (visited[j])
                        continue;
                    var reduced = costs[from - 1, j - 1] - rowPotential[from] - columnPotential[j];
                    if (reduced < shortest[j])
                    {
                        shortest[j] = reduced;
                        cameFrom[j] = column;
                    }

                    if (shortest[j] < step)
                    {
                        step = shortest[j];
                        next = j;
                    }
                }

                for (var j = 0; j <= columns; j++)
                {
                    if (visited[j])
                    {
                        rowPotential[rowOf[j]] += step;
                        columnPotential[j] -= step;
                    }
                    else
                    {
                        shortest[j] -= step;
                    }
                }

                column = next;
            }
            while (rowOf[column] != 0);

            for (; column != 0; column = cameFrom[column])
                rowOf[column] = rowOf[cameFrom[column]];
        }

        var matched = new int[rows];
        for (var j = 1; j <= columns; j++)
        {
            if (rowOf[j] != 0)
                matched[rowOf[j] - 1] = j - 1;
        }

        return matched;
    }
}
