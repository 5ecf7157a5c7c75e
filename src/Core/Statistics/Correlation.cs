namespace Auie.Core.Statistics;

/// <summary>How far two columns rise together.</summary>
/// <param name="R">From -1 to 1; NaN where a column has but one value.</param>
/// <param name="N">Rows in which both are known.</param>
/// <param name="P">How often so strong a correlation would come by chance where there is none; not corrected for other tests.</param>
public readonly record struct Correlation(double R, int N, Interval Interval, double P)
{
    private const int Fewest = 4;

    /// <summary>What rounding may make of no deviation.</summary>
    private const double Nothing = 1e-12;

    /// <summary>Pearson's correlation: how far they lie on a line. NaN stands for a missing value.</summary>
    /// <param name="clusters">The cluster of each row, where rows hang together; empty where each is its own.</param>
    /// <exception cref="ArgumentException">The columns differ in length.</exception>
    public static Correlation Pearson(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<int> clusters = default)
    {
        var (x, y, of) = Known(first, second, clusters);
        if (x.Length < Fewest) return None(x.Length);
        var (vx, vy) = (Centre(x), Centre(y));
        if (vx == 0 || vy == 0) return None(x.Length);
        var (dx, dy) = (Math.Sqrt(vx), Math.Sqrt(vy));
        var r = Mean(x, y) / (dx * dy);
        var influence = new double[x.Length];
        for (var i = 0; i < influence.Length; i++)
        {
            var (u, v) = (x[i] / dx, y[i] / dy);
            influence[i] = (u * v) - (r * ((u * u) + (v * v)) / 2);
        }

        return Of(r, influence, of, x, y);
    }

    /// <summary>
    /// Spearman's correlation: how far they rise together, on a line or not; ties share their mean rank. The interval's width counts that ranks
    /// themselves are drawn (Croux and Dehon, Statistical Methods and Applications 2010, here with ties and clusters).
    /// </summary>
    /// <inheritdoc cref="Pearson"/>
    public static Correlation Spearman(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<int> clusters = default) =>
        Spearman(new OrderedColumn(first.ToArray()), new OrderedColumn(second.ToArray()), clusters);

    /// <summary>The same of columns that are ordered already, as for many pairs.</summary>
    /// <inheritdoc cref="Pearson"/>
    public static Correlation Spearman(OrderedColumn first, OrderedColumn second, ReadOnlySpan<int> clusters = default)
    {
        var (x, y, of) = Known(first.Values, second.Values, clusters);
        if (x.Length < Fewest) return None(x.Length);
        var (byX, byY) = (first.Among(second.Values, x), second.Among(first.Values, y));
        var (u, v) = (byX.Ranks(), byY.Ranks());
        var (vx, vy) = (Centre(u), Centre(v));
        if (vx == 0 || vy == 0) return None(x.Length);
        var covariance = Mean(u, v);
        var r = covariance / Math.Sqrt(vx * vy);
        var (vAboveX, uAboveX) = (byX.MeanAbove(v), byX.MeanAbove(u));
        var (uAboveY, vAboveY) = (byY.MeanAbove(u), byY.MeanAbove(v));
        var influence = new double[x.Length];
        for (var i = 0; i < influence.Length; i++)
        {
            var together = (u[i] * v[i]) + vAboveX[i] + uAboveY[i] - (3 * covariance);
            var (alone, other) = ((u[i] * u[i]) + (2 * uAboveX[i]) - (3 * vx), (v[i] * v[i]) + (2 * vAboveY[i]) - (3 * vy));
            influence[i] = (together / Math.Sqrt(vx * vy)) - (r / 2 * ((alone / vx) + (other / vy)));
        }

        return Of(r, influence, of, u, v);
    }

    private static Correlation None(int n) => new(double.NaN, n, Interval.Unknown, double.NaN);

    /// <summary>On Fisher's scale, where the interval is about even and stays within -1 and 1.</summary>
    private static Correlation Of(double r, double[] influence, int[] clusters, double[] first, double[] second)
    {
        r = Math.Clamp(r, -1, 1);
        var (deviation, freedom) = Clusters.OfPair(influence, clusters, first, second);
        // Of what lies on a line without a rest nobody knows how far the next is from it.
        if (freedom == 0 || !(1 - Math.Abs(r) > Nothing) || !(deviation > Nothing * influence.Length)) return new Correlation(r, influence.Length, Interval.Unknown, double.NaN);
        var (z, error) = (Math.Atanh(r), deviation / influence.Length / (1 - (r * r)));
        var reach = Student.Reach(freedom) * error;
        return new Correlation(r, influence.Length, new Interval(Math.Tanh(z - reach), Math.Tanh(z + reach)), Student.TwoSided(z / error, freedom));
    }

    private static (double[] X, double[] Y, int[] Clusters) Known(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<int> clusters)
    {
        if (first.Length != second.Length || (!clusters.IsEmpty && clusters.Length != first.Length))
            throw new ArgumentException($"Columns of {first.Length} and {second.Length} rows, with {clusters.Length} clusters, do not fit each other.", nameof(second));
        var (x, y, of) = (new List<double>(first.Length), new List<double>(first.Length), new List<int>(clusters.Length));
        for (var i = 0; i < first.Length; i++)
        {
            if (double.IsNaN(first[i]) || double.IsNaN(second[i])) continue;
            x.Add(first[i]);
            y.Add(second[i]);
            if (!clusters.IsEmpty) of.Add(clusters[i]);
        }

        return ([.. x], [.. y], [.. of]);
    }

    /// <summary>Takes the mean off; gives the variance.</summary>
    private static double Centre(double[] values)
    {
        if (Array.TrueForAll(values, value => value == values[0])) return 0;
        var mean = values.Average();
        for (var i = 0; i < values.Length; i++) values[i] -= mean;
        return Mean(values, values);
    }

    private static double Mean(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++) sum += first[i] * second[i];
        return sum / first.Length;
    }
}
