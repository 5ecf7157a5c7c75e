namespace Auie.Core.Statistics;

/// <summary>
/// How far an estimate is off, where rows come in clusters: what one user did hangs together, and a thousand rows of ten users say little more
/// than ten rows. An estimate's error is about a sum of its influence over rows, and only clusters are taken as independent (Liang and Zeger,
/// Biometrika 1986).
/// </summary>
internal static class Clusters
{
    /// <summary>The standard deviation of the sum of influences, and the number of clusters less one.</summary>
    /// <param name="influence">Of each row on the estimate.</param>
    /// <param name="clusters">The cluster of each row, by numbers that lie close; empty where each row is its own.</param>
    public static (double Deviation, int Freedom) Deviation(ReadOnlySpan<double> influence, ReadOnlySpan<int> clusters)
    {
        var (sum, count) = (0.0, influence.Length);
        if (clusters.IsEmpty)
        {
            foreach (var one in influence) sum += one * one;
        }
        else
        {
            // Numbers, not a dictionary: this is most of what a matrix of correlations costs.
            var (least, greatest) = (int.MaxValue, int.MinValue);
            foreach (var cluster in clusters) (least, greatest) = (Math.Min(least, cluster), Math.Max(greatest, cluster));
            var (sums, isThere) = (new double[influence.Length == 0 ? 0 : greatest - least + 1], new bool[influence.Length == 0 ? 0 : greatest - least + 1]);
            for (var i = 0; i < influence.Length; i++)
            {
                sums[clusters[i] - least] += influence[i];
                isThere[clusters[i] - least] = true;
            }

            foreach (var one in sums) sum += one * one;
            count = isThere.AsSpan().Count(true);
        }

        return count < 2 ? (double.NaN, 0) : (Math.Sqrt(sum * count / (count - 1)), count - 1);
    }

    /// <summary>
    /// The same of a slope. Of few clusters, or where one has much of what there is to learn from, influences are too small, since each has bent the estimate its own way: what each does is reckoned
    /// as if it had been left out (the jackknife: MacKinnon, Nielsen and Webb, Journal of Econometrics 2023). The freedom is of as many clusters of equal weight as these are worth (Satterthwaite's),
    /// where half of what is done hangs together.
    /// </summary>
    /// <param name="feature">Less its mean.</param>
    /// <param name="residuals">What the slope leaves of the outcome.</param>
    /// <returns>No freedom where one cluster has all that there is to learn from.</returns>
    public static (double Deviation, double Freedom) OfSlope(ReadOnlySpan<double> feature, ReadOnlySpan<double> residuals, ReadOnlySpan<int> clusters)
    {
        var influence = new double[feature.Length];
        for (var i = 0; i < influence.Length; i++) influence[i] = feature[i] * residuals[i];
        var (sums, all) = Sums.Of(influence, clusters, feature, residuals);
        return Jackknife(sums, one =>
        {
            var others = all.Rows - one.Rows;
            var left = one.First.Left(others, all.First);
            return ((one.Influence + (one.First.Sum * one.Second.Sum / others)) / all.First.Squares / left, left, one.First.Weight, left, one.First.Weight);
        });
    }

    /// <summary>The same of an estimate of how two columns go together, alike in both.</summary>
    /// <param name="first">The first column, less its mean.</param>
    /// <param name="second">The second, less its mean.</param>
    public static (double Deviation, double Freedom) OfPair(ReadOnlySpan<double> influence, ReadOnlySpan<int> clusters, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (clusters.IsEmpty) return Deviation(influence, clusters);
        var (sums, all) = Sums.Of(influence, clusters, first, second);
        return Jackknife(sums, one =>
        {
            var others = all.Rows - one.Rows;
            var (left, right) = (one.First.Left(others, all.First), one.Second.Left(others, all.Second));
            return (one.Influence * all.Rows / others / Math.Sqrt(left * right), left, one.First.Weight, right, one.Second.Weight);
        });
    }

    /// <param name="without">How far the estimate moves without a cluster; and of either column what is then left to learn from, and the cluster's weight.</param>
    private static (double Deviation, double Freedom) Jackknife(Sums[] sums, Func<Sums, (double Moved, double Left, double LeftWeight, double Right, double RightWeight)> without)
    {
        var (squares, count, first, second) = (0.0, 0, default(Weights), default(Weights));
        foreach (var one in sums)
        {
            if (one.Rows == 0) continue;
            var (moved, left, leftWeight, right, rightWeight) = without(one);
            if (!(left > Nothing && right > Nothing)) return (double.NaN, 0);
            squares += moved * moved;
            count++;
            first.Add(leftWeight / left);
            second.Add(rightWeight / right);
        }

        return count < 2 ? (double.NaN, 0) : (Math.Sqrt(squares * (count - 1) / count), Math.Max(1, Math.Min(first.Worth, second.Worth) - 1));
    }

    /// <summary>What rounding may leave of a column in which nothing is left.</summary>
    private const double Nothing = 1e-9;

    private struct Sums
    {
        public int Rows;
        public double Influence;
        public Column First, Second;

        /// <summary>Of each cluster, and of all.</summary>
        public static (Sums[] Each, Sums All) Of(ReadOnlySpan<double> influence, ReadOnlySpan<int> clusters, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
        {
            var (least, greatest) = (int.MaxValue, int.MinValue);
            foreach (var cluster in clusters) (least, greatest) = (Math.Min(least, cluster), Math.Max(greatest, cluster));
            var (each, all) = (new Sums[greatest - least + 1], default(Sums));
            for (var i = 0; i < influence.Length; i++)
            {
                ref var one = ref each[clusters[i] - least];
                one.Rows++;
                one.Influence += influence[i];
                one.First = one.First.With(first[i]);
                one.Second = one.Second.With(second[i]);
            }

            foreach (ref readonly var one in each.AsSpan())
            {
                all.Rows += one.Rows;
                all.First += one.First;
                all.Second += one.Second;
            }

            return (each, all);
        }
    }

    private readonly record struct Column(double Sum, double Squares)
    {
        /// <summary>How the variance of an estimate weighs a cluster whose errors are half its own and half its rows'.</summary>
        public double Weight => Squares + (Sum * Sum);

        public Column With(double value) => new(Sum + value, Squares + (value * value));

        /// <summary>The share of all squares that is left without this cluster.</summary>
        public double Left(int others, Column all) => 1 - ((Squares + (Sum * Sum / others)) / all.Squares);

        public static Column operator +(Column one, Column other) => new(one.Sum + other.Sum, one.Squares + other.Squares);
    }

    private struct Weights
    {
        private double _sum, _squares;

        public readonly double Worth => _sum * _sum / _squares;

        public void Add(double weight)
        {
            _sum += weight;
            _squares += weight * weight;
        }
    }
}
