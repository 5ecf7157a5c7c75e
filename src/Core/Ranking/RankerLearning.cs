using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>What the rows that choose have chosen: by which objective a ranker is learnt, and how many trees each of its forests has.</summary>
public sealed record LearningChoice(RankingObjective Objective, int Trees);

/// <summary>
/// How the engine learns to rank, whatever the columns are: what a training publishes and silos serve, and what is judged on an event challenge's tables. A forest is grown by each objective
/// on some rows, others choose the objective and the number of trees, and a blend of several forests of other seeds is then learnt so from all. The same rows give the same bits for any
/// number of threads. Its options were chosen by cross-validation on other folds than those that figures are reported on (docs/ranking.md).
/// </summary>
public static class RankerLearning
{
    /// <summary>How many forests a blend has, and how many trees each of them at the most.</summary>
    public const int Members = 6, Trees = 100;

    /// <summary>How often something was shown to the user before: who was shown it again is never ranked higher for that.</summary>
    public const string ShownBefore = "shown";

    private const int TreesPerStep = 20, ManyRows = 200_000;

    /// <summary>Of which share of the groups the rows choose, where no others do.</summary>
    private const double ChoosingShare = .15;

    /// <summary>By what is chosen.</summary>
    public static RankingMetric Metric { get; } = new(RankingMetricKind.Ndcg, 10);

    /// <summary>What is tried; the first is taken unless another is better by more than chance easily makes it.</summary>
    public static IReadOnlyList<RankingObjective> Objectives { get; } = [RankingObjective.Logistic, RankingObjective.LambdaMart];

    /// <summary>What each forest is grown by.</summary>
    public static BoostingOptions Options { get; } = new()
    {
        Trees = Trees,
        LearningRate = .06,
        RowShare = .8,
        Truncation = 20,
        Tree = new TreeOptions { MaxLeaves = 31, MinLeafRows = 20, L2 = 10, SplitColumnShare = .3, Falling = [ShownBefore] },
    };

    /// <summary>Begins the forest by which one objective is tried.</summary>
    public static Booster Try(RankingRows rows, RankingObjective objective, ulong seed, int threads, int trees = Trees, CancellationToken cancellationToken = default) =>
        new(rows, Options with { Trees = trees, Objective = objective, Seed = StableHash.Derive(seed, 0), Threads = threads }, cancellationToken: cancellationToken);

    /// <summary>
    /// Chooses the objective and the number of trees. Fewer trees than were grown, and another objective than the first, are taken only where they rank better by three standard errors: of what
    /// differs by less, chance would choose (by two it had the worse objective chosen in one of ten folds of an event challenge).
    /// </summary>
    /// <param name="tried">A forest by each of <see cref="Objectives"/>, in their order.</param>
    public static LearningChoice Choose(IReadOnlyList<Forest> tried, RankingRows rows)
    {
        var (chosen, best) = (0, Shorten(tried[0], rows));
        for (var i = 1; i < tried.Count; i++)
        {
            if (Shorten(tried[i], rows) is var other && IsBetter(other.ByGroup, best.ByGroup))
                (chosen, best) = (i, other);
        }

        return new LearningChoice(Objectives[chosen], best.Trees);
    }

    /// <summary>Begins one of a blend's forests.</summary>
    /// <param name="member">Which, from 0.</param>
    public static Booster Member(RankingRows rows, LearningChoice choice, int member, ulong seed, int threads, CancellationToken cancellationToken = default) => new(
        rows, Options with { Trees = choice.Trees, Objective = choice.Objective, Seed = StableHash.Derive(seed, (ulong)member + 1), Threads = threads }, cancellationToken: cancellationToken);

    /// <summary>Learns all at once; groups drawn by hash choose.</summary>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    public static ForestBlend Fit(RankingRows rows, ulong seed = 1, int? threads = null, int trees = Trees, CancellationToken cancellationToken = default)
    {
        var all = threads ?? Environment.ProcessorCount;
        // Few rows are learnt from sooner by each thread for itself.
        var each = rows.Count < ManyRows ? 1 : all;
        var (some, choosing) = Part(rows, seed);
        var choice = choosing is null
            ? new LearningChoice(Objectives[0], trees)
            : Choose(Grow(Objectives.Count, i => Try(some, Objectives[i], seed, each, trees, cancellationToken)), choosing);
        return new ForestBlend(Grow(Members, member => Member(rows, choice, member, seed, each, cancellationToken)));

        Forest[] Grow(int count, Func<int, Booster> begin)
        {
            var forests = new Forest[count];
            ParallelSteps.Run(count, each == 1 ? all : 1, i => forests[i] = GradientBoosting.Grow(begin(i)), cancellationToken);
            return forests;
        }
    }

    /// <summary>Parts whole groups by hash into those that are learnt from and those that choose; these are null where there are too few.</summary>
    private static (RankingRows Some, RankingRows? Choosing) Part(RankingRows rows, ulong seed)
    {
        var (some, choosing) = (new List<int>(), new List<int>());
        for (var group = 0; group < rows.Groups; group++)
        {
            var of = rows.GroupStarts[group]..rows.GroupStarts[group + 1];
            // Whatever the order of its rows.
            var draw = StableHash.ToUnit(StableHash.Derive(seed, rows.Ids[of].Min()));
            (draw < ChoosingShare ? choosing : some).AddRange(Enumerable.Range(of.Start.Value, of.End.Value - of.Start.Value));
        }

        return some.Count == 0 || choosing.Count == 0 ? (rows, null) : (rows.Of([.. some]), rows.Of([.. choosing]));
    }

    /// <summary>With how many of the first trees the rows are ranked best, and how well each group is.</summary>
    private static (int Trees, double[] ByGroup) Shorten(Forest forest, RankingRows rows)
    {
        var sums = new double[rows.Count];
        var some = new float[rows.Count];
        (int Trees, double[] ByGroup) best = (0, []), last = (0, []);
        for (var from = 0; from < forest.Trees.Length; from += TreesPerStep)
        {
            var to = Math.Min(forest.Trees.Length, from + TreesPerStep);
            new ForestPredictor(forest with { Start = 0, Trees = forest.Trees[from..to] }).Predict(rows.Values, some);
            for (var row = 0; row < sums.Length; row++)
                sums[row] += some[row];
            last = (to, [.. RankingMetrics.OfGroups(rows, sums, Metric).Where(value => !double.IsNaN(value))]);
            if (best.Trees == 0 || last.ByGroup.Sum() > best.ByGroup.Sum())
                best = last;
        }

        return IsBetter(best.ByGroup, last.ByGroup) ? best : last;
    }

    /// <summary>Whether the mean of one is above that of another by more than three standard errors of their difference.</summary>
    private static bool IsBetter(double[] one, double[] other)
    {
        var differences = one.Zip(other, (a, b) => a - b).ToArray();
        if (differences.Length < 2)
            return false;
        var mean = differences.Average();
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Length - 1);
        return mean > 3 * Math.Sqrt(variance / differences.Length);
    }
}
