using Auie.Core.Statistics;
using FsCheck;
using FsCheck.Fluent;
using Interval = Auie.Core.Statistics.Interval;

namespace Auie.Core.Tests.Statistics;

public sealed class CorrelationTests
{
    // Anscombe's first set: r = .81642, classic p = .00217. Its ranks by hand: 1 - 6 * 40 / (11 * 120).
    private static readonly double[] X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

    [Fact]
    public void Known_values()
    {
        Correlation.Pearson(X, Y).R.ShouldBe(.81642, 5e-6);
        Correlation.Spearman(X, Y).R.ShouldBe(1 - (6 * 40 / (11.0 * 120)), 1e-12);
        Correlation.Pearson(X, Y).P.ShouldBeLessThan(.05);
    }

    [Fact]
    public void It_is_the_naive_formula_whatever_the_columns_are()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<(sbyte, sbyte)[]>(), rows =>
        {
            double[] x = [.. rows.Select(row => (double)row.Item1)], y = [.. rows.Select(row => (double)row.Item2)];
            Same(Correlation.Pearson(x, y).R, Naive(x, y));
            Same(Correlation.Spearman(x, y).R, Naive(NaiveRanks(x), NaiveRanks(y)));
            // Ranks do not know how far apart values are; the other way round the sign turns.
            Same(Correlation.Spearman([.. x.Select(one => Math.Exp(one / 20))], y).R, Correlation.Spearman(x, y).R);
            Same(Correlation.Spearman([.. x.Select(one => -one)], y).R, -Correlation.Spearman(x, y).R);
        }).QuickCheckThrowOnFailure();

        static void Same(double actual, double expected)
        {
            if (double.IsNaN(expected)) actual.ShouldBe(double.NaN);
            else actual.ShouldBe(expected, 1e-9);
        }
    }

    [Fact]
    public void What_is_missing_is_left_out_and_a_column_of_one_value_has_no_correlation()
    {
        var n = double.NaN;
        var known = Correlation.Pearson([.. X, n, 1], [.. Y, 3, n]);
        (known.N, known.R).ShouldBe((11, Correlation.Pearson(X, Y).R));
        Correlation.Pearson([1, 1, 1, 1, 1], [1, 2, 3, 4, 5]).ShouldBe(new Correlation(n, 5, Interval.Unknown, n));
        Correlation.Spearman([0.1, 0.1, 0.1, 0.1, 0.1], [1, 2, 3, 4, 5]).R.ShouldBe(n);
        Correlation.Pearson([1, 2], [1, 2]).R.ShouldBe(n);
        Should.Throw<ArgumentException>(() => Correlation.Pearson([1, 2], [1]));
    }

    // Of normal columns with correlation r, Spearman's is 6 / pi * asin(r / 2). Rows of a user share half of their variance.
    [Theory]
    [InlineData(0.5, false)]
    [InlineData(0.5, true)]
    [InlineData(0.0, true)]
    public void Intervals_cover_what_was_planted_in_95_of_100_cases_even_where_rows_of_a_user_hang_together(double planted, bool together)
    {
        const int runs = 400;
        var (pearson, spearman, claimed) = (0, 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var random = new Random(run);
            var (x, y, users) = (new List<double>(), new List<double>(), new List<int>());
            for (var user = 0; user < 120; user++)
            {
                var (userX, userY) = (Normal(random), Normal(random));
                for (var row = 0; row < 5; row++)
                {
                    var share = together ? Math.Sqrt(.5) : 1;
                    var a = (share * Normal(random)) + (Math.Sqrt(1 - (share * share)) * userX);
                    var noise = (share * Normal(random)) + (Math.Sqrt(1 - (share * share)) * userY);
                    var b = (planted * a) + (Math.Sqrt(1 - (planted * planted)) * noise);
                    x.Add(a);
                    y.Add(b);
                    users.Add(user);
                }
            }

            var (p, s) = (Correlation.Pearson(x.ToArray(), y.ToArray(), users.ToArray()), Correlation.Spearman(x.ToArray(), y.ToArray(), users.ToArray()));
            if (p.Interval.Covers(planted)) pearson++;
            if (s.Interval.Covers(6 / Math.PI * Math.Asin(planted / 2))) spearman++;
            if (p.P < .05) claimed++;
        }

        (pearson / (double)runs).ShouldBeInRange(0.92, 0.985);
        (spearman / (double)runs).ShouldBeInRange(0.92, 0.985);
        if (planted == 0) (claimed / (double)runs).ShouldBeInRange(0.015, 0.08);
        else claimed.ShouldBe(runs);
    }

    [Fact]
    public void With_ties_and_an_outcome_of_0_and_1_the_interval_is_as_wide_as_correlations_vary()
    {
        var (found, widths) = (new List<double>(), new List<double>());
        for (var run = 0; run < 300; run++)
        {
            var random = new Random(run);
            var x = Enumerable.Range(0, 400).Select(_ => (double)random.Next(5)).ToArray();
            var y = x.Select(one => random.NextDouble() < 0.1 + (0.15 * one) ? 1.0 : 0).ToArray();
            var one = Correlation.Spearman(x, y);
            found.Add(one.R);
            widths.Add((one.Interval.High - one.Interval.Low) / (2 * 1.96));
        }

        var mean = found.Average();
        var deviation = Math.Sqrt(found.Average(one => (one - mean) * (one - mean)));
        widths.Average().ShouldBe(deviation, 0.1 * deviation);
    }

    internal static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Naive(double[] x, double[] y)
    {
        if (x.Length < 4 || x.Distinct().Count() == 1 || y.Distinct().Count() == 1) return double.NaN;
        double n = x.Length, sx = x.Sum(), sy = y.Sum(), sxy = x.Zip(y, (a, b) => a * b).Sum(), sxx = x.Sum(a => a * a), syy = y.Sum(b => b * b);
        return ((n * sxy) - (sx * sy)) / Math.Sqrt(((n * sxx) - (sx * sx)) * ((n * syy) - (sy * sy)));
    }

    private static double[] NaiveRanks(double[] values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) + 1) / 2.0))];
}
