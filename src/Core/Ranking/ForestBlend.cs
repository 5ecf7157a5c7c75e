namespace Auie.Core.Ranking;

/// <summary>
/// The weighted mean of several forests over the same columns. Each is taken as a probability: log odds and scores through the logistic function, shares
/// as they are.
/// </summary>
public sealed class ForestBlend : IRanker
{
    private readonly ForestPredictor[] _predictors;

    /// <param name="weights">One a forest, from 0; they need not sum to 1.</param>
    /// <exception cref="ArgumentException">There are none, they are of different columns, or the weights are not as they have to be.</exception>
    public ForestBlend(Forest[] forests, float[]? weights = null)
    {
        if (forests.Length == 0) throw new ArgumentException("A blend must have a forest at least.", nameof(forests));
        weights ??= [.. Enumerable.Repeat(1f, forests.Length)];
        if (weights.Length != forests.Length || weights.Any(weight => !(weight >= 0 && float.IsFinite(weight))) || weights.Sum() <= 0)
            throw new ArgumentException("Each forest must have a weight from 0, and one of them a weight above it.", nameof(weights));
        if (forests.Any(forest => !forest.Columns.SequenceEqual(forests[0].Columns))) throw new ArgumentException("The forests are of different columns.", nameof(forests));
        (Forests, Weights, _predictors) = (forests, weights, Array.ConvertAll(forests, forest => new ForestPredictor(forest)));
    }

    public Forest[] Forests { get; }

    public float[] Weights { get; }

    public RankingColumn[] Columns => Forests[0].Columns;

    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        const int rowsAtOnce = 256;
        Span<float> sums = stackalloc float[rowsAtOnce];
        scores.Clear();
        for (var from = 0; from < scores.Length; from += rowsAtOnce)
        {
            var count = Math.Min(rowsAtOnce, scores.Length - from);
            for (var i = 0; i < Forests.Length; i++)
            {
                _predictors[i].Predict(rows.Slice(from * Columns.Length, count * Columns.Length), sums[..count]);
                for (var row = 0; row < count; row++)
                    scores[from + row] += Weights[i] * (Forests[i].Output == ForestOutput.Share ? sums[row] : 1 / (1 + MathF.Exp(-sums[row])));
            }
        }
    }
}
