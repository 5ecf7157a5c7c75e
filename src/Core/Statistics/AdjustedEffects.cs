namespace Auie.Core.Statistics;

/// <summary>
/// How much an outcome rises with one feature after others are taken into account: one regression on all at once, over all rows or within groups. What comes with a feature only because it goes together with another
/// is the other's. Others count along a line and its square, or by their bins, so that what is left of them is little; where a feature is not known its mean stands in, and that it is not known counts beside it.
/// </summary>
public sealed class AdjustedEffects
{
    /// <summary>What rounding may leave of a column that the others tell.</summary>
    private const double Nothing = 1e-8;

    private const double Little = 0.01;

    private readonly int[] _rows, _groups, _clusters;
    private readonly int _groupCount;
    private readonly double[] _outcome;

    // By feature, its columns; less their groups' means.
    private readonly double[][][] _blocks;
    private readonly int[][] _rowsOfClusters;

    private AdjustedEffects(int[] rows, int[] groups, int groupCount, int[] clusters, double[] outcome, double[][][] blocks)
    {
        (_rows, _groups, _groupCount, _clusters, _outcome, _blocks) = (rows, groups, groupCount, clusters, outcome, blocks);
        _rowsOfClusters = [.. Enumerable.Range(0, rows.Length).GroupBy(i => clusters[i]).Select(of => of.ToArray())];
    }

    /// <param name="features">Each feature's values, NaN where one is not known, and where the bins end in which it counts; null for a line and its square.</param>
    /// <param name="marks">What is taken into account besides, by yes or no (1 or 0), and has no effect that is asked for.</param>
    /// <param name="groups">The group of each row, by numbers from 0; rows whose group has no other row say nothing.</param>
    /// <param name="clusters">The cluster of each row; a group lies within a cluster, or there is one for all.</param>
    public static AdjustedEffects Of(IReadOnlyList<(double[] Values, double[]? Edges)> features, IReadOnlyList<double[]> marks, double[] outcome, int[] groups, int[] clusters)
    {
        var sizes = new int[groups.Length == 0 ? 0 : groups.Max() + 1];
        for (var i = 0; i < groups.Length; i++) sizes[groups[i]] += double.IsNaN(outcome[i]) ? 0 : 1;
        int[] rows = [.. Enumerable.Range(0, groups.Length).Where(i => !double.IsNaN(outcome[i]) && sizes[groups[i]] > 1)];
        int[] of = [.. rows.Select(row => groups[row])];
        return new AdjustedEffects(
            rows, of, sizes.Length, [.. rows.Select(row => clusters[row])], Centred([.. rows.Select(row => outcome[row])], of, sizes.Length),
            [
                .. features.Select(feature => Columns([.. rows.Select(row => feature.Values[row])], feature.Edges).Select(column => Centred(column, of, sizes.Length)).ToArray()),
                [.. marks.Select(mark => Centred([.. rows.Select(row => mark[row])], of, sizes.Length))],
            ]);
    }

    /// <summary>The effect of each of some columns of a feature (its values, or whether they are in a bin), after all other features.</summary>
    public Effect[] Of(int feature, IReadOnlyList<double[]> columns)
    {
        double[][] own = [.. columns.Select(values => Array.ConvertAll(_rows, row => values[row]))];
        // That the feature is not known is no effect of its values.
        double[] unknown = [.. own[0].Select(value => double.IsNaN(value) ? 1.0 : 0)];
        var others = new Others([.. _blocks.Where((_, block) => block != feature).SelectMany(block => block), Centred(unknown, _groups, _groupCount)], _rowsOfClusters);
        var outcome = others.LeftOf(_outcome);
        return Array.ConvertAll(own, values => Of(others, Centred(Filled(values), _groups, _groupCount), outcome));
    }

    private Effect Of(Others others, double[] feature, double[] outcome)
    {
        var left = others.LeftOf(feature);
        var (before, squares, products) = (0.0, 0.0, 0.0);
        for (var i = 0; i < left.Length; i++) (before, squares, products) = (before + (feature[i] * feature[i]), squares + (left[i] * left[i]), products + (left[i] * outcome[i]));
        if (!(squares > Nothing * Math.Max(before, Nothing)) || before == 0) return new Effect(double.NaN, left.Length, Interval.Unknown, double.NaN);
        var slope = products / squares;
        var residuals = new double[left.Length];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = outcome[i] - (slope * left[i]);
        // Each cluster has bent the others' part its own way, too.
        var (deviation, freedom) = Clusters.OfSlope(left, others.AsIfLeftOut(residuals), _clusters);
        if (freedom == 0) return new Effect(slope, left.Length, Interval.Unknown, double.NaN);
        var reach = Student.Reach(freedom) * deviation;
        return new Effect(slope, left.Length, new Interval(slope - reach, slope + reach), Student.TwoSided(slope / deviation, freedom));
    }

    /// <summary>What a feature counts by: its line and square, or its bins, and whether it is known.</summary>
    private static IEnumerable<double[]> Columns(double[] values, double[]? edges)
    {
        yield return [.. values.Select(value => double.IsNaN(value) ? 1.0 : 0)];
        var filled = Filled(values);
        yield return filled;
        if (edges is null)
        {
            var mean = filled.Length == 0 ? 0 : filled.Average();
            yield return [.. filled.Select(value => (value - mean) * (value - mean))];
            yield break;
        }

        foreach (var edge in edges) yield return [.. filled.Select(value => value < edge ? 1.0 : 0)];
    }

    private static double[] Filled(double[] values)
    {
        var mean = values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Average();
        return Array.ConvertAll(values, value => double.IsNaN(value) ? mean : value);
    }

    private static double[] Centred(double[] values, int[] groups, int groupCount)
    {
        var (sums, counts) = (new double[groupCount], new int[groupCount]);
        var (firsts, varies) = (new double[groupCount], new bool[groupCount]);
        for (var i = 0; i < values.Length; i++)
        {
            var group = groups[i];
            if (counts[group] == 0) firsts[group] = values[i];
            varies[group] |= values[i] != firsts[group];
            sums[group] += values[i];
            counts[group]++;
        }

        // Rounding must not make a column vary where it does not.
        return [.. values.Select((value, i) => varies[groups[i]] ? value - (sums[groups[i]] / counts[groups[i]]) : 0)];
    }

    /// <summary>Columns that are made to stand at right angles, one after another, so that what they tell can be taken off any other.</summary>
    private sealed class Others
    {
        private readonly List<double[]> _columns = [];
        private readonly int[][] _clusters;
        private readonly double[]?[] _left;

        public Others(IEnumerable<double[]> columns, int[][] clusters)
        {
            _clusters = clusters;
            foreach (var column in columns)
            {
                var squares = Product(column, column);
                if (squares == 0) continue;
                var left = LeftOf(column);
                var remaining = Product(left, left);
                // Where little is left, much of it is rounding; twice is enough (Giraud and others, 2005).
                if (remaining < Little * squares)
                {
                    left = LeftOf(left);
                    remaining = Product(left, left);
                }

                if (remaining <= Nothing * squares) continue;
                var length = Math.Sqrt(remaining);
                for (var i = 0; i < left.Length; i++) left[i] /= length;
                _columns.Add(left);
            }

            _left = [.. clusters.Select(LeftWithout)];
        }

        /// <summary>What the columns leave of each cluster's rows if they are fitted to the other clusters only (the jackknife), of what they leave if they are fitted to all.</summary>
        public double[] AsIfLeftOut(double[] residuals)
        {
            var (left, told) = (residuals.AsSpan().ToArray(), new double[_columns.Count]);
            for (var cluster = 0; cluster < _clusters.Length; cluster++)
            {
                if (_left[cluster] is not { } factor) continue;
                for (var column = 0; column < told.Length; column++)
                {
                    var sum = 0.0;
                    foreach (var row in _clusters[cluster]) sum += _columns[column][row] * residuals[row];
                    told[column] = sum;
                }

                Solve(factor, told);
                for (var column = 0; column < told.Length; column++)
                {
                    foreach (var row in _clusters[cluster]) left[row] += _columns[column][row] * told[column];
                }
            }

            return left;
        }

        /// <summary>How much of each column is left without a cluster, as a lower triangle whose product with itself it is (Cholesky); null where it alone has all of some column, which nothing else then tells.</summary>
        private double[]? LeftWithout(int[] rows)
        {
            var (count, factor) = (_columns.Count, new double[_columns.Count * _columns.Count]);
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var (first, second, sum) = (_columns[i], _columns[j], i == j ? 1.0 : 0);
                    foreach (var row in rows) sum -= first[row] * second[row];
                    for (var k = 0; k < j; k++) sum -= factor[(i * count) + k] * factor[(j * count) + k];
                    if (i == j && sum <= Nothing) return null;
                    factor[(i * count) + j] = i == j ? Math.Sqrt(sum) : sum / factor[(j * count) + j];
                }
            }

            return factor;
        }

        private static void Solve(double[] factor, double[] told)
        {
            var count = told.Length;
            for (var i = 0; i < count; i++)
            {
                for (var k = 0; k < i; k++) told[i] -= factor[(i * count) + k] * told[k];
                told[i] /= factor[(i * count) + i];
            }

            for (var i = count - 1; i >= 0; i--)
            {
                for (var k = i + 1; k < count; k++) told[i] -= factor[(k * count) + i] * told[k];
                told[i] /= factor[(i * count) + i];
            }
        }

        public double[] LeftOf(double[] values)
        {
            var left = values.AsSpan().ToArray();
            foreach (var column in _columns)
            {
                var share = Product(column, left);
                for (var i = 0; i < left.Length; i++) left[i] -= share * column[i];
            }

            return left;
        }

        private static double Product(double[] a, double[] b)
        {
            // Four sums side by side: one waits for itself at each step.
            var (first, second, third, fourth, i) = (0.0, 0.0, 0.0, 0.0, 0);
            for (; i + 3 < a.Length; i += 4)
            {
                first += a[i] * b[i];
                second += a[i + 1] * b[i + 1];
                third += a[i + 2] * b[i + 2];
                fourth += a[i + 3] * b[i + 3];
            }

            for (; i < a.Length; i++) first += a[i] * b[i];
            return first + second + third + fourth;
        }
    }
}
