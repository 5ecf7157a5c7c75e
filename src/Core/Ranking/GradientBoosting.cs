using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>How to boost.</summary>
public sealed record BoostingOptions
{
    public RankingObjective Objective { get; init; } = RankingObjective.Logistic;

    /// <summary>The most trees.</summary>
    public int Trees { get; init; } = 200;

    /// <summary>By how much of its value each tree counts.</summary>
    public double LearningRate { get; init; } = 0.1;

    public TreeOptions Tree { get; init; } = new();

    /// <summary>The most bins of a column, with that of missing values; from 3 to 256.</summary>
    public int MaxBins { get; init; } = 256;

    /// <summary>The share of rows that each tree is grown on, drawn by hash of their ids.</summary>
    public double RowShare { get; init; } = 1;

    /// <summary>Of LambdaMART: places beyond this do not count.</summary>
    public int Truncation { get; init; } = 30;

    /// <summary>Stops when as many trees have not bettered the loss on the validation rows, and keeps those up to the best; 0 never stops.</summary>
    public int StopAfter { get; init; }

    /// <summary>What all random choices hang on.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many threads work; the result does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal void Check()
    {
        Tree.Check();
        if (Trees < 1) throw new ArgumentOutOfRangeException(nameof(Trees), Trees, "There must be one tree at least.");
        if (!(LearningRate is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(LearningRate), LearningRate, "The learning rate must be above 0 and at most 1.");
        if (MaxBins is < 3 or > FeatureBins.Most) throw new ArgumentOutOfRangeException(nameof(MaxBins), MaxBins, "Bins must be from 3 to 256.");
        if (!(RowShare is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(RowShare), RowShare, "The share of rows must be above 0 and at most 1.");
        if (Truncation < 1) throw new ArgumentOutOfRangeException(nameof(Truncation), Truncation, "One place at least must count.");
        if (StopAfter < 0) throw new ArgumentOutOfRangeException(nameof(StopAfter), StopAfter, "After how many trees to stop cannot be negative.");
        if (Threads < 1) throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "There must be one thread at least.");
    }
}

/// <summary>
/// Gradient boosted trees (Friedman, Annals of Statistics 2001) by second-order steps (Chen and Guestrin, KDD 2016), on histograms. The same rows give
/// the same forest, bit for bit, for any number of threads.
/// </summary>
public static class GradientBoosting
{
    /// <summary>Learns from some rows.</summary>
    /// <param name="validation">Other rows of the same columns, which <see cref="BoostingOptions.StopAfter"/> is judged on.</param>
    /// <exception cref="ArgumentException">The rows are none, or an option is out of its range.</exception>
    public static Forest Fit(RankingRows rows, BoostingOptions options, RankingRows? validation = null, CancellationToken cancellationToken = default) =>
        Grow(new Booster(rows, options, validation, cancellationToken));

    /// <summary>Grows all trees that there are to grow.</summary>
    public static Forest Grow(Booster booster)
    {
        while (booster.Grow())
        {
        }

        return booster.Forest;
    }
}

/// <summary>Boosting tree by tree, for whoever has more to do than to wait for it.</summary>
public sealed class Booster
{
    private readonly RankingRows _rows;
    private readonly BoostingOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly TreeGrower _grower;
    private readonly Loss _loss;
    private readonly Gradients _gradients;
    private readonly double[] _scores;
    private readonly EarlyStop? _stop;
    private readonly int[] _sample;
    private readonly List<RegressionTree> _trees = [];
    private bool _isDone;

    /// <inheritdoc cref="GradientBoosting.Fit"/>
    public Booster(RankingRows rows, BoostingOptions options, RankingRows? validation = null, CancellationToken cancellationToken = default)
    {
        options.Check();
        if (options.StopAfter > 0 && validation is null) throw new ArgumentException("To stop early there must be rows to validate on.", nameof(validation));
        if (rows.Count == 0) throw new ArgumentException("There is nothing to learn from.", nameof(rows));
        if (validation is not null && !validation.Columns.SequenceEqual(rows.Columns)) throw new ArgumentException("The columns are others.", nameof(validation));
        (_rows, _options, _cancellationToken) = (rows, options, cancellationToken);
        var bins = BinnedRows.Of(rows, options.MaxBins, options.Threads, cancellationToken);
        _grower = new TreeGrower(bins, rows.Columns, options.Tree, options.Threads, cancellationToken);
        _loss = Loss.Of(rows, options, cancellationToken);
        _gradients = new Gradients(rows.Count);
        (_scores, _sample) = (new double[rows.Count], new int[rows.Count]);
        Array.Fill(_scores, (float)_loss.Start);
        _stop = options.StopAfter > 0 ? new EarlyStop(validation!, options, (float)_loss.Start) : null;
    }

    /// <summary>How many trees have been grown.</summary>
    public int Trees => _trees.Count;

    /// <summary>What has been learnt by now.</summary>
    public Forest Forest => new(
        _rows.Columns, _options.Objective == RankingObjective.Logistic ? ForestOutput.LogOdds : ForestOutput.Score, (float)_loss.Start, [.. _stop is null ? _trees : _trees.Take(_stop.Best)]);

    /// <summary>Grows a tree; whether there are more to grow.</summary>
    public bool Grow()
    {
        if (_isDone) return false;
        _cancellationToken.ThrowIfCancellationRequested();
        var seed = StableHash.Derive(_options.Seed, (ulong)_trees.Count);
        _loss.Differentiate(_scores, _gradients);
        var count = RowSample.Draw(_rows.Ids, _options.RowShare, seed, _sample);
        var grown = _grower.Grow(_gradients, _sample.AsMemory(0, count), sums => -_options.LearningRate * sums.Gradient / (sums.Hessian + _options.Tree.L2 + 1e-12), seed);
        AddToScores(_rows, grown, _sample.AsSpan(0, count), _scores, _options.Threads, _cancellationToken);
        _trees.Add(grown.Tree);
        _stop?.Add(grown.Tree);
        // Where nothing is split nothing will be, unless other rows are drawn.
        _isDone = _trees.Count == _options.Trees || _stop?.IsDone == true
            || (grown.Tree.Nodes.Length == 0 && _options is { RowShare: 1, Tree: { ColumnShare: 1, SplitColumnShare: 1 } });
        return !_isDone;
    }

    private static void AddToScores(
        RankingRows rows, GrownTree grown, ReadOnlySpan<int> sample, double[] scores, int threads, CancellationToken cancellationToken)
    {
        const int rowsPerStep = 1 << 14;
        var tree = grown.Tree;
        if (sample.Length == rows.Count)
        {
            for (var leaf = 0; leaf < tree.Leaves.Length; leaf++)
            {
                foreach (var row in sample[grown.LeafStarts[leaf]..grown.LeafStarts[leaf + 1]]) scores[row] += tree.Leaves[leaf];
            }

            return;
        }

        ParallelSteps.Run((rows.Count + rowsPerStep - 1) / rowsPerStep, threads, step =>
        {
            var end = Math.Min(rows.Count, (step + 1) * rowsPerStep);
            for (var row = step * rowsPerStep; row < end; row++) scores[row] += tree.Predict(rows.Row(row));
        }, cancellationToken);
    }

    /// <summary>The loss on rows that are not learnt from, tree by tree.</summary>
    private sealed class EarlyStop(RankingRows rows, BoostingOptions options, float start)
    {
        private readonly double[] _scores = [.. Enumerable.Repeat((double)start, rows.Count)];
        private double _least = double.PositiveInfinity;
        private int _trees;

        /// <summary>With how many trees the loss was least; one at least.</summary>
        public int Best { get; private set; } = 1;

        public bool IsDone => _trees - Best >= options.StopAfter;

        public void Add(RegressionTree tree)
        {
            for (var row = 0; row < _scores.Length; row++) _scores[row] += tree.Predict(rows.Row(row));
            _trees++;
            var loss = options.Objective == RankingObjective.Logistic
                ? RankingMetrics.LogLoss(rows.Labels, _scores)
                : -RankingMetrics.Mean(rows, _scores, new RankingMetric(RankingMetricKind.Ndcg, options.Truncation));
            if (loss >= _least) return;
            (_least, Best) = (loss, _trees);
        }
    }
}

/// <summary>Rows drawn by hash of their ids.</summary>
internal static class RowSample
{
    /// <summary>Writes the numbers of the rows drawn, ascending, and gives how many they are; one at least.</summary>
    public static int Draw(ulong[] ids, double share, ulong seed, Span<int> sample)
    {
        var count = 0;
        for (var row = 0; row < ids.Length; row++)
        {
            if (share >= 1 || StableHash.ToUnit(StableHash.Derive(seed, ids[row])) < share) sample[count++] = row;
        }

        if (count == 0) sample[count++] = 0;
        return count;
    }
}
