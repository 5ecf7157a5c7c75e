namespace Auie.Core.Ranking;

/// <summary>How to grow a random forest.</summary>
public sealed record RandomForestOptions
{
    public int Trees { get; init; } = 300;

    public TreeOptions Tree { get; init; } = new() { MaxLeaves = 4096, MinLeafRows = 5, MinLeafHessian = 0, L2 = 0, CategoricalL2 = 10, SplitColumnShare = 0.3 };

    public int MaxBins { get; init; } = 256;

    public ulong Seed { get; init; } = 1;

    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>
/// A random forest (Breiman, Machine Learning 2001): the mean of deep trees, each of rows drawn with replacement, with each split of columns drawn
/// anew. Its output is the share of relevant rows (labels above 0).
/// </summary>
public static class RandomForest
{
    /// <exception cref="ArgumentException">The rows are none, or an option is out of its range.</exception>
    public static Forest Fit(RankingRows rows, RandomForestOptions options, CancellationToken cancellationToken = default)
    {
        if (rows.Count == 0) throw new ArgumentException("There is nothing to learn from.", nameof(rows));
        if (options.Trees < 1) throw new ArgumentOutOfRangeException(nameof(options), options.Trees, "There must be one tree at least.");
        var bins = BinnedRows.Of(rows, options.MaxBins, options.Threads, cancellationToken);
        var grower = new TreeGrower(bins, rows.Columns, options.Tree, options.Threads, cancellationToken);
        var gradients = new Gradients(rows.Count);
        gradients.Bound(MostTimes, MostTimes);
        var (trees, sample) = (new RegressionTree[options.Trees], new int[rows.Count]);
        for (var tree = 0; tree < trees.Length; tree++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seed = StableHash.Derive(options.Seed, (ulong)tree);
            var count = 0;
            for (var row = 0; row < rows.Count; row++)
            {
                var times = Times(StableHash.ToUnit(StableHash.Derive(seed, rows.Ids[row])));
                // The root of a squared loss from 0: its leaves are means.
                gradients.Set(row, rows.Labels[row] > 0 ? -times : 0, times);
                if (times > 0) sample[count++] = row;
            }

            if (count == 0)
            {
                gradients.Set(0, rows.Labels[0] > 0 ? -1 : 0, 1);
                sample[count++] = 0;
            }

            trees[tree] = grower.Grow(gradients, sample.AsMemory(0, count), sums => -sums.Gradient / (sums.Hessian + options.Tree.L2 + 1e-12) / trees.Length, seed).Tree;
        }

        return new Forest(rows.Columns, ForestOutput.Share, 0, trees);
    }

    private const int MostTimes = 8;

    /// <summary>How often a row is drawn: by Poisson's law with mean 1, which drawing with replacement tends to.</summary>
    private static int Times(double unit)
    {
        var (times, probability) = (0, Math.Exp(-1));
        for (var below = probability; unit >= below && times < MostTimes; below += probability) probability /= ++times;
        return times;
    }
}
