namespace Auie.Core.Ranking;

/// <summary>
/// Logistic regression with a quadratic penalty, a linear baseline. A number enters as the logarithm of its magnitude with its sign, standardised, with
/// its mean where it is missing and a one of its own that says so; a category as a one for each of the most frequent.
/// </summary>
public sealed class LogisticRanker : IRanker
{
    private const int MostCategories = 20, MostSteps = 50;

    private readonly Term[] _terms;
    private readonly double[] _weights;

    private LogisticRanker(RankingColumn[] columns, Term[] terms, double[] weights) => (Columns, _terms, _weights) = (columns, terms, weights);

    public RankingColumn[] Columns { get; }

    /// <summary>Fits by Newton's method.</summary>
    /// <param name="penalty">How much half the sum of squared weights counts beside the sum of the rows' losses.</param>
    /// <exception cref="ArgumentException">There are no rows, or the penalty is not above 0.</exception>
    public static LogisticRanker Fit(RankingRows rows, double penalty = 1)
    {
        if (rows.Count == 0) throw new ArgumentException("There is nothing to learn from.", nameof(rows));
        if (!(penalty > 0)) throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "Without a penalty the weights may have no end.");
        var terms = TermsOf(rows);
        var width = terms.Length + 1;
        var inputs = new double[rows.Count][];
        for (var row = 0; row < inputs.Length; row++) inputs[row] = Inputs(terms, rows.Row(row));
        var weights = new double[width];
        for (var step = 0; step < MostSteps; step++)
        {
            var (gradient, hessian) = (new double[width], new double[width, width]);
            for (var i = 0; i < width; i++)
            {
                // The last is the intercept, which is free.
                gradient[i] = i == width - 1 ? 0 : penalty * weights[i];
                hessian[i, i] = i == width - 1 ? 1e-9 : penalty;
            }

            for (var row = 0; row < inputs.Length; row++)
            {
                var x = inputs[row];
                var p = LogisticLoss.Probability(Dot(weights, x));
                var (wrong, curve) = (p - (rows.Labels[row] > 0 ? 1 : 0), p * (1 - p));
                for (var i = 0; i < width; i++)
                {
                    if (x[i] == 0) continue;
                    gradient[i] += wrong * x[i];
                    for (var j = 0; j <= i; j++) hessian[i, j] += curve * x[i] * x[j];
                }
            }

            var change = Solve(hessian, gradient);
            // Far from the best a whole step may leap over it.
            var longest = change.Max(Math.Abs);
            var share = Math.Min(1, 5 / Math.Max(longest, 1e-300));
            for (var i = 0; i < width; i++) weights[i] -= share * change[i];
            if (longest < 1e-9) break;
        }

        return new LogisticRanker(rows.Columns, terms, weights);
    }

    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (rows.Length != scores.Length * Columns.Length)
            throw new ArgumentException($"{scores.Length} rows of {Columns.Length} columns have {rows.Length} values.", nameof(rows));
        for (var row = 0; row < scores.Length; row++)
        {
            var sum = _weights[^1];
            for (var i = 0; i < _terms.Length; i++) sum += _weights[i] * _terms[i].Of(rows.Slice(row * Columns.Length, Columns.Length));
            scores[row] = (float)sum;
        }
    }

    private static Term[] TermsOf(RankingRows rows)
    {
        var terms = new List<Term>();
        for (var column = 0; column < rows.Columns.Length; column++)
        {
            var known = new List<float>();
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.Row(row)[column] is var value && !float.IsNaN(value)) known.Add(value);
            }

            if (known.Count == 0) continue;
            if (rows.Columns[column].IsCategorical)
            {
                terms.AddRange(known.GroupBy(code => code).OrderByDescending(same => same.Count()).ThenBy(same => same.Key).Take(MostCategories)
                    .Select(same => new Term(column, TermKind.Category, same.Key, 1)));
                continue;
            }

            var mean = known.Sum(Term.Log) / known.Count;
            var deviation = Math.Sqrt(known.Sum(value => Math.Pow(Term.Log(value) - mean, 2)) / known.Count);
            if (deviation > 0) terms.Add(new Term(column, TermKind.Number, mean, deviation));
            if (known.Count < rows.Count) terms.Add(new Term(column, TermKind.Missing, 0, 1));
        }

        return [.. terms];
    }

    private static double[] Inputs(Term[] terms, ReadOnlySpan<float> row)
    {
        var inputs = new double[terms.Length + 1];
        for (var i = 0; i < terms.Length; i++) inputs[i] = terms[i].Of(row);
        inputs[^1] = 1;
        return inputs;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Solves a x = b by Cholesky's method; a is positive definite, and only its lower half is read.</summary>
    private static double[] Solve(double[,] a, double[] b)
    {
        var n = b.Length;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++) sum -= a[i, k] * a[j, k];
                a[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / a[j, j];
            }
        }

        var x = (double[])b.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) x[i] -= a[i, k] * x[k];
            x[i] /= a[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= a[k, i] * x[k];
            x[i] /= a[i, i];
        }

        return x;
    }

    private enum TermKind
    {
        Number,
        Missing,
        Category,
    }

    private readonly record struct Term(int Column, TermKind Kind, double Mean, double Deviation)
    {
        public static double Log(float value) => Math.CopySign(Math.Log(1 + Math.Abs((double)value)), value);

        public double Of(ReadOnlySpan<float> row)
        {
            var value = row[Column];
            return Kind switch
            {
                TermKind.Missing => float.IsNaN(value) ? 1 : 0,
                TermKind.Category => value == Mean ? 1 : 0,
                _ => float.IsNaN(value) ? 0 : (Log(value) - Mean) / Deviation,
            };
        }
    }
}
