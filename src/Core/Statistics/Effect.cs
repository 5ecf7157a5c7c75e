using System.Runtime.InteropServices;

namespace Auie.Core.Statistics;

/// <summary>How much an outcome rises with a feature: over all rows, or among the rows of a group only, so that what differs between groups cannot pass for it.</summary>
/// <param name="Slope">The outcome's rise for a rise of the feature by 1; of a feature that is 0 or 1, the difference of the rates. NaN where the feature varies within no group.</param>
/// <param name="N">Rows in which both are known, of groups of two or more.</param>
/// <param name="P">How often so large an effect would come by chance where there is none; not corrected for other tests.</param>
public readonly record struct Effect(double Slope, int N, Interval Interval, double P)
{
    /// <summary>What rounding may make of no deviation.</summary>
    private const double Nothing = 1e-12;

    /// <summary>Over all rows.</summary>
    /// <param name="intervals">How many such effects' intervals are to hold at once (<see cref="Student.Reach"/>).</param>
    public static Effect Raw(ReadOnlySpan<double> feature, ReadOnlySpan<double> outcome, ReadOnlySpan<int> clusters, int intervals = 1) =>
        Within(feature, outcome, new int[feature.Length], clusters, intervals);

    /// <summary>Within groups: each group's own means are taken off both (fixed effects), and the deviation counts clusters as independent.</summary>
    /// <param name="groups">The group of each row, by numbers from 0.</param>
    /// <param name="clusters">The cluster of each row; a group lies within a cluster.</param>
    /// <param name="intervals">How many such effects' intervals are to hold at once (<see cref="Student.Reach"/>).</param>
    /// <exception cref="ArgumentException">The columns differ in length.</exception>
    public static Effect Within(ReadOnlySpan<double> feature, ReadOnlySpan<double> outcome, ReadOnlySpan<int> groups, ReadOnlySpan<int> clusters, int intervals = 1)
    {
        if (outcome.Length != feature.Length || groups.Length != feature.Length || clusters.Length != feature.Length)
            throw new ArgumentException($"Columns of {feature.Length}, {outcome.Length}, {groups.Length} and {clusters.Length} rows do not fit each other.", nameof(outcome));
        var greatest = -1;
        foreach (var group in groups) greatest = Math.Max(greatest, group);
        var sums = new (double X, double Y, double First, bool Varies, int Count)[greatest + 1];
        for (var i = 0; i < feature.Length; i++)
        {
            if (double.IsNaN(feature[i]) || double.IsNaN(outcome[i])) continue;
            var sum = sums[groups[i]];
            var known = sum.Count > 0;
            sums[groups[i]] = (sum.X + feature[i], sum.Y + outcome[i], known ? sum.First : feature[i], sum.Varies || (known && feature[i] != sum.First), sum.Count + 1);
        }

        var (x, y, of, n) = (new List<double>(feature.Length), new List<double>(feature.Length), new List<int>(feature.Length), 0);
        for (var i = 0; i < feature.Length; i++)
        {
            if (double.IsNaN(feature[i]) || double.IsNaN(outcome[i]) || sums[groups[i]].Count < 2) continue;
            n++;
            var sum = sums[groups[i]];
            // A group in which the feature is the same all over says nothing of it; rounding must not make it.
            if (!sum.Varies) continue;
            x.Add(feature[i] - (sum.X / sum.Count));
            y.Add(outcome[i] - (sum.Y / sum.Count));
            of.Add(clusters[i]);
        }

        var (squares, products, ofOutcome) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Count; i++) (squares, products, ofOutcome) = (squares + (x[i] * x[i]), products + (x[i] * y[i]), ofOutcome + (y[i] * y[i]));
        if (squares == 0) return new Effect(double.NaN, n, Interval.Unknown, double.NaN);
        var slope = products / squares;
        var residuals = new double[x.Count];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = y[i] - (slope * x[i]);
        var (deviation, freedom) = Clusters.OfSlope(CollectionsMarshal.AsSpan(x), residuals, CollectionsMarshal.AsSpan(of));
        return Of(slope, n, deviation, freedom, ofOutcome / squares, intervals);
    }

    /// <summary>An effect with its deviation. Where that is nothing but rounding, as of an outcome that is always the same or that the feature tells without a rest, or where nothing tells it, it has no interval: three of three say nothing of the fourth.</summary>
    /// <param name="most">The square of the largest slope that there could be.</param>
    internal static Effect Of(double slope, int n, double deviation, double freedom, double most, int intervals = 1)
    {
        if (freedom == 0 || !(deviation > Nothing * Math.Sqrt(most))) return new Effect(slope, n, Interval.Unknown, double.NaN);
        var reach = Student.Reach(freedom, intervals) * deviation;
        return new Effect(slope, n, new Interval(slope - reach, slope + reach), Student.TwoSided(slope / deviation, freedom));
    }
}
