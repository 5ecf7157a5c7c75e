using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Statistics;

/// <summary>
/// How much an outcome rises with one feature after others are taken into account: one regression on all at once, over all rows or within groups. What comes with a feature only because it goes together with another
/// is the other's. Others count along a line and its square, or by their bins, so that what is left of them is little; where a feature is not known its mean stands in, and that it is not known counts beside it.
/// </summary>
public sealed class AdjustedEffects
{
    /// <summary>What rounding may leave of a column that the others tell, of its squares.</summary>
    private const double Nothing = 1e-8;

    private const double Little = 0.01;

    /// <summary>How many rows are reckoned at once.</summary>
    private const int AtOnce = 8;

    private readonly int[] _rows, _groups, _clusters;
    private readonly int _groupCount;
    private readonly double[] _outcome;

    // What is taken into account: columns less their groups' means, each of length 1 and filled up by zeros to whole vectors; of which feature each is, and whether it is that this is not known; and all their products.
    private readonly double[][] _columns;
    private readonly (int Feature, bool IsUnknown)[] _features;
    private readonly double[,] _products;

    private readonly int[][] _rowsOfClusters;

    private AdjustedEffects(int[] rows, int[] groups, int groupCount, int[] clusters, double[] outcome, IEnumerable<(int Feature, bool IsUnknown, double[] Values)> columns)
    {
        (_rows, _groups, _groupCount, _clusters, _outcome) = (rows, groups, groupCount, clusters, outcome);
        _rowsOfClusters = [.. Enumerable.Range(0, rows.Length).GroupBy(i => clusters[i]).Select(of => of.ToArray())];
        var varying = columns.Where(column => column.Values.AsSpan().ContainsAnyExcept(0)).ToArray();
        _features = Array.ConvertAll(varying, column => (column.Feature, column.IsUnknown));
        _columns = Array.ConvertAll(varying, column => Whole(column.Values, Math.Sqrt(Product(column.Values, column.Values))));
        _products = new double[varying.Length, varying.Length];
        for (var i = 0; i < varying.Length; i++)
        {
            for (var j = 0; j <= i; j++) _products[i, j] = Product(_columns[i], _columns[j]);
        }

        static double[] Whole(double[] values, double length)
        {
            var whole = new double[(values.Length + AtOnce - 1) / AtOnce * AtOnce];
            for (var i = 0; i < values.Length; i++) whole[i] = values[i] / length;
            return whole;
        }
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
                .. features.SelectMany((feature, number) => Columns([.. rows.Select(row => feature.Values[row])], feature.Edges).Select((column, i) => (number, i == 0, Centred(column, of, sizes.Length)))),
                .. marks.Select(mark => (-1, false, Centred([.. rows.Select(row => mark[row])], of, sizes.Length))),
            ]);
    }

    /// <summary>The effect of each of some columns of a feature (its values, or whether they are in a bin), after all other features.</summary>
    public Effect[] Of(int feature, IReadOnlyList<double[]> columns)
    {
        double[][] own = [.. columns.Select(values => Array.ConvertAll(_rows, row => values[row]))];
        var others = new Others(this, feature);
        var outcome = others.LeftOf(_outcome);
        return Array.ConvertAll(own, values => Of(others, Centred(Filled(values), _groups, _groupCount), outcome));
    }

    private Effect Of(Others others, double[] feature, double[] outcome)
    {
        var left = others.LeftOf(feature);
        var (before, squares) = (Product(feature, feature), Product(left, left));
        if (!(squares > Nothing * Math.Max(before, Nothing)) || before == 0) return new Effect(double.NaN, left.Length, Interval.Unknown, double.NaN);
        var slope = Product(left, outcome) / squares;
        var residuals = outcome.AsSpan().ToArray();
        Add(-slope, left, residuals);
        // Each cluster has bent the others' part its own way, too.
        var (deviation, freedom) = Clusters.OfSlope(left, others.AsIfLeftOut(residuals), _clusters);
        return Effect.Of(slope, left.Length, deviation, freedom, Product(_outcome, _outcome) / squares);
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

    /// <summary>What all other features tell, and that this one is not known, which is no effect of its values: columns at right angles to one another, so that it can be taken off any other.</summary>
    private sealed class Others
    {
        private readonly int[][] _clusters;

        // Row by row.
        private readonly double[] _columns;
        private readonly int _count;

        // Of each cluster what is left without it, as a lower triangle whose product with itself it is; by its rows or by the columns, whichever are fewer.
        private readonly double[]?[] _left;

        public Others(AdjustedEffects all, int feature)
        {
            _clusters = all._rowsOfClusters;
            var (chosen, factor) = Independent(all._products, Enumerable.Range(0, all._columns.Length).Where(c => all._features[c].Feature != feature || all._features[c].IsUnknown));
            _count = chosen.Length;
            _columns = new double[all._rows.Length * _count];
            SetRows(all._columns, chosen, factor);
            _left = Array.ConvertAll(_clusters, LeftWithout);
        }

        public double[] LeftOf(double[] values)
        {
            var left = TakenOff(values);
            // Where little is left, much of it is rounding; twice is enough (Giraud and others, 2005).
            return Product(left, left) < Little * Product(values, values) ? TakenOff(left) : left;
        }

        /// <summary>What the columns leave of each cluster's rows if they are fitted to the other clusters only (the jackknife), of what they leave if they are fitted to all.</summary>
        public double[] AsIfLeftOut(double[] residuals)
        {
            var left = residuals.AsSpan().ToArray();
            var told = new double[_count];
            for (var cluster = 0; cluster < _clusters.Length; cluster++)
            {
                if (_left[cluster] is not { } factor) continue;
                var rows = _clusters[cluster];
                if (rows.Length < _count)
                {
                    double[] own = [.. rows.Select(row => residuals[row])];
                    Solve(factor, own);
                    for (var i = 0; i < own.Length; i++) left[rows[i]] = own[i];
                    continue;
                }

                Array.Clear(told);
                foreach (var row in rows) Add(residuals[row], Row(row), told);
                Solve(factor, told);
                foreach (var row in rows) left[row] += Product(Row(row), told);
            }

            return left;
        }

        private Span<double> Row(int row) => _columns.AsSpan(row * _count, _count);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double[] TakenOff(double[] values)
        {
            var told = new double[_count];
            for (var row = 0; row < values.Length; row++) Add(values[row], Row(row), told);
            var left = new double[values.Length];
            for (var row = 0; row < left.Length; row++) left[row] = values[row] - Product(Row(row), told);
            return left;
        }

        /// <summary>Null where the cluster alone has all of something, which nothing else then tells.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double[]? LeftWithout(int[] rows)
        {
            // With C the cluster's rows of the columns: 1 - CC' by rows, 1 - C'C by columns; what either leaves is the same.
            var count = Math.Min(rows.Length, _count);
            var left = new double[count * count];
            for (var i = 0; i < count; i++) left[(i * count) + i] = 1;
            if (rows.Length < _count)
            {
                for (var i = 0; i < count; i++)
                {
                    for (var j = 0; j <= i; j++) left[(i * count) + j] -= Product(Row(rows[i]), Row(rows[j]));
                }
            }
            else
            {
                foreach (var row in rows)
                {
                    var values = Row(row);
                    for (var i = 0; i < count; i++) Add(-values[i], values[..(i + 1)], left.AsSpan(i * count));
                }
            }

            return Factorise(left, count) ? left : null;
        }

        /// <summary>Those columns that the ones before do not tell wholly, and by row the lower triangle whose product with itself their products are (Cholesky).</summary>
        private static (int[] Chosen, double[][] Factor) Independent(double[,] products, IEnumerable<int> columns)
        {
            var (chosen, factor) = (new List<int>(), new List<double[]>());
            foreach (var column in columns)
            {
                var row = new double[chosen.Count + 1];
                for (var i = 0; i < chosen.Count; i++) row[i] = (products[column, chosen[i]] - Product(factor[i].AsSpan(0, i), row.AsSpan(0, i))) / factor[i][i];
                var remaining = products[column, column] - Product(row, row);
                if (remaining <= Nothing) continue;
                row[^1] = Math.Sqrt(remaining);
                chosen.Add(column);
                factor.Add(row);
            }

            return ([.. chosen], [.. factor]);
        }

        /// <summary>Of each column what those before do not tell, all of one length.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void SetRows(double[][] columns, int[] chosen, double[][] factor)
        {
            var some = new Vector256<double>[2 * chosen.Length];
            for (var first = 0; first * _count < _columns.Length; first += AtOnce)
            {
                for (var i = 0; i < chosen.Length; i++)
                {
                    var (low, high) = (Vector256.LoadUnsafe(ref columns[chosen[i]][first]), Vector256.LoadUnsafe(ref columns[chosen[i]][first + Vector256<double>.Count]));
                    var of = factor[i];
                    for (var k = 0; k < i; k++)
                    {
                        low -= some[2 * k] * of[k];
                        high -= some[(2 * k) + 1] * of[k];
                    }

                    (some[2 * i], some[(2 * i) + 1]) = (low / of[i], high / of[i]);
                }

                var values = MemoryMarshal.Cast<Vector256<double>, double>(some);
                for (var row = 0; row < AtOnce && (first + row) * _count < _columns.Length; row++)
                {
                    var to = Row(first + row);
                    for (var i = 0; i < to.Length; i++) to[i] = values[(i * AtOnce) + row];
                }
            }
        }

        /// <summary>Makes a matrix its lower triangle (Cholesky), if anything is left of each column after those before.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static bool Factorise(double[] matrix, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var row = matrix.AsSpan(i * count, i + 1);
                for (var j = 0; j < i; j++) row[j] = (row[j] - Product(row[..j], matrix.AsSpan(j * count, j))) / matrix[(j * count) + j];
                var remaining = row[i] - Product(row[..i], row[..i]);
                if (remaining <= Nothing) return false;
                row[i] = Math.Sqrt(remaining);
            }

            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Solve(double[] factor, double[] told)
        {
            var count = told.Length;
            for (var i = 0; i < count; i++) told[i] = (told[i] - Product(factor.AsSpan(i * count, i), told.AsSpan(0, i))) / factor[(i * count) + i];
            for (var i = count - 1; i >= 0; i--)
            {
                told[i] /= factor[(i * count) + i];
                Add(-told[i], factor.AsSpan(i * count, i), told);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Product(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var x = MemoryMarshal.Cast<double, Vector256<double>>(a);
        var y = MemoryMarshal.Cast<double, Vector256<double>>(b);
        var (even, odd, i) = (Vector256<double>.Zero, Vector256<double>.Zero, 0);
        for (; i + 1 < x.Length; i += 2)
        {
            even += x[i] * y[i];
            odd += x[i + 1] * y[i + 1];
        }

        if (i < x.Length) even += x[i] * y[i];
        var sum = Vector256.Sum(even + odd);
        for (i = x.Length * Vector256<double>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Adds some times one to the beginning of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double times, ReadOnlySpan<double> one, Span<double> to)
    {
        var x = MemoryMarshal.Cast<double, Vector256<double>>(one);
        var y = MemoryMarshal.Cast<double, Vector256<double>>(to);
        var factor = Vector256.Create(times);
        for (var i = 0; i < x.Length; i++) y[i] += x[i] * factor;
        for (var i = x.Length * Vector256<double>.Count; i < one.Length; i++) to[i] += times * one[i];
    }
}
