namespace Auie.Core.Ranking;

/// <summary>A way to part a node's rows in two.</summary>
/// <param name="Gain">By how much it lowers the loss, in the second-order approximation.</param>
/// <param name="GoesLeft">Which bins go left.</param>
/// <param name="LeftFirst">The sums of the rows that go left, in the words of <see cref="Gradients"/>.</param>
internal readonly record struct Split(double Gain, int Column, BinSet GoesLeft, long LeftFirst, long LeftSecond)
{
    public static readonly Split None = new(double.NegativeInfinity, -1, default, 0, 0);

    public bool Exists => Column >= 0;
}

/// <summary>A set of bins.</summary>
internal readonly record struct BinSet(ulong A, ulong B, ulong C, ulong D)
{
    public bool this[int bin] => (((bin >> 6) switch { 0 => A, 1 => B, 2 => C, _ => D }) >> (bin & 63) & 1) != 0;

    public BinSet With(int bin)
    {
        var bit = 1UL << (bin & 63);
        return (bin >> 6) switch
        {
            0 => this with { A = A | bit },
            1 => this with { B = B | bit },
            2 => this with { C = C | bit },
            _ => this with { D = D | bit },
        };
    }

    /// <summary>All bins from 1 up to one.</summary>
    public static BinSet UpTo(int bin)
    {
        return new BinSet(Low(bin + 1) & ~1UL, Low(bin - 63), Low(bin - 127), Low(bin - 191));

        static ulong Low(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
    }
}

/// <summary>
/// The best split of a node by one column, from its histogram: of numbers at each bound, missing values on either side; of categories in the order
/// of their mean gradient, in which the best of all partitions is a cut (Fisher, JASA 1958).
/// </summary>
internal static class SplitFinder
{
    // In means of few rows, chance would order the categories.
    private const double CategorySmoothing = 10;

    /// <param name="histogram">The column's bins, two words each.</param>
    /// <param name="isFalling">Whether a split is allowed only if what is left of it, where numbers are small, has not the lesser value.</param>
    public static Split Best(
        ReadOnlySpan<long> histogram, int bins, int column, bool isCategorical, bool isFalling, long nodeFirst, long nodeSecond, Gradients scale, TreeOptions options)
    {
        var node = scale.Sums(nodeFirst, nodeSecond);
        var search = new Search(column, nodeFirst, nodeSecond, node, scale, options, options.L2 + (isCategorical ? options.CategoricalL2 : 0), isFalling);
        return isCategorical ? OfCategories(histogram, bins, search) : OfNumbers(histogram, bins, search);
    }

    private static Split OfNumbers(ReadOnlySpan<long> histogram, int bins, Search search)
    {
        var best = Split.None;
        var (missingFirst, missingSecond) = (histogram[0], histogram[1]);
        var (first, second) = (0L, 0L);
        for (var bin = 1; bin < bins; bin++)
        {
            if (histogram[(2 * bin) + 1] == 0 && bin < bins - 1) continue;
            first += histogram[2 * bin];
            second += histogram[(2 * bin) + 1];
            if (missingSecond == 0)
            {
                if (search.Gain(first, second) is var gain && gain > best.Gain)
                {
                    // A missing value that may come later goes where most rows go.
                    var left = BinSet.UpTo(bin);
                    best = search.Make(gain, search.IsMostOf(second) ? left.With(0) : left, first, second);
                }

                continue;
            }

            if (search.Gain(first, second) is var without && without > best.Gain) best = search.Make(without, BinSet.UpTo(bin), first, second);
            if (search.Gain(first + missingFirst, second + missingSecond) is var with && with > best.Gain)
                best = search.Make(with, BinSet.UpTo(bin).With(0), first + missingFirst, second + missingSecond);
        }

        return best;
    }

    private static Split OfCategories(ReadOnlySpan<long> histogram, int bins, Search search)
    {
        Span<double> means = stackalloc double[FeatureBins.Most];
        Span<byte> order = stackalloc byte[FeatureBins.Most];
        var count = 0;
        for (var bin = 0; bin < bins; bin++)
        {
            if (histogram[(2 * bin) + 1] == 0) continue;
            var sums = search.Scale.Sums(histogram[2 * bin], histogram[(2 * bin) + 1]);
            means[count] = sums.Gradient / (sums.Hessian + CategorySmoothing);
            order[count++] = (byte)bin;
        }

        means[..count].Sort(order[..count]);
        // Equal means are in no order of their own after a sort.
        for (var i = 1; i < count; i++)
        {
            for (var j = i; j > 0 && means[j] == means[j - 1] && order[j] < order[j - 1]; j--)
                (order[j], order[j - 1]) = (order[j - 1], order[j]);
        }

        var best = Split.None;
        var left = default(BinSet);
        var (first, second) = (0L, 0L);
        for (var i = 0; i < count - 1; i++)
        {
            left = left.With(order[i]);
            first += histogram[2 * order[i]];
            second += histogram[(2 * order[i]) + 1];
            if (search.Gain(first, second) is var gain && gain > best.Gain) best = search.Make(gain, left, first, second);
        }

        return best;
    }

    private readonly struct Search(
        int column, long nodeFirst, long nodeSecond, NodeSums node, Gradients scale, TreeOptions options, double l2, bool isFalling)
    {
        private readonly double _nodeScore = Score(node, l2);

        public Gradients Scale => scale;

        /// <summary>What is gained if these rows go left; minus infinity where that is not allowed.</summary>
        public double Gain(long first, long second)
        {
            var left = scale.Sums(first, second);
            var right = scale.Sums(nodeFirst - first, nodeSecond - second);
            if (left.Rows < options.MinLeafRows || right.Rows < options.MinLeafRows || left.Hessian < options.MinLeafHessian || right.Hessian < options.MinLeafHessian)
                return double.NegativeInfinity;
            if (isFalling && Slope(left, l2) > Slope(right, l2)) return double.NegativeInfinity;
            var gain = (Score(left, l2) + Score(right, l2) - _nodeScore) / 2;
            return gain > options.MinGain ? gain : double.NegativeInfinity;
        }

        public bool IsMostOf(long second) => 2 * scale.Sums(0, second).Rows >= node.Rows;

        public Split Make(double gain, BinSet left, long first, long second) => new(gain, column, left, first, second);

        /// <summary>What a leaf's value is the opposite of.</summary>
        private static double Slope(NodeSums sums, double l2) => sums.Gradient / (sums.Hessian + l2 + 1e-12);

        private static double Score(NodeSums sums, double l2) => sums.Gradient * sums.Gradient / (sums.Hessian + l2 + 1e-12);
    }
}
