namespace Auie.Core.Ranking;

/// <summary>
/// The weighted mean of several forests over the same columns: what is trained, judged, published and served. Each is taken in the unit of log odds: log odds and scores as they are, shares
/// through the logarithm of their odds.
/// </summary>
public sealed class ForestBlend : IRanker
{
    /// <summary>So that a share of none or all has odds.</summary>
    private const float LeastShare = 1e-6f;

    private readonly ForestPredictor[] _predictors;
    private readonly float[] _parts;

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
        var sum = weights.Sum();
        _parts = Array.ConvertAll(weights, weight => weight / sum);
    }

    public Forest[] Forests { get; }

    public float[] Weights { get; }

    public RankingColumn[] Columns => Forests[0].Columns;

    /// <summary>How many trees there are in all forests.</summary>
    public int Trees => Forests.Sum(forest => forest.Trees.Length);

    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        var columns = Columns.Length;
        // Laid once for all forests.
        var tile = columns * ForestPredictor.Block <= ForestPredictor.LargestTile ? stackalloc float[columns * ForestPredictor.Block] : new float[columns * ForestPredictor.Block];
        Span<float> sums = stackalloc float[ForestPredictor.Block];
        scores.Clear();
        for (var from = 0; from < scores.Length; from += ForestPredictor.Block)
        {
            var some = scores.Slice(from, Math.Min(ForestPredictor.Block, scores.Length - from));
            var laid = rows.Slice(from * columns, some.Length * columns);
            ForestPredictor.Lay(laid, columns, tile);
            for (var i = 0; i < _predictors.Length; i++)
            {
                _predictors[i].Predict(laid, tile, sums[..some.Length]);
                var isShare = Forests[i].Output == ForestOutput.Share;
                for (var row = 0; row < some.Length; row++)
                    some[row] += _parts[i] * (isShare ? LogOdds(sums[row]) : sums[row]);
            }
        }
    }

    private static float LogOdds(float share)
    {
        share = Math.Clamp(share, LeastShare, 1 - LeastShare);
        return MathF.Log(share / (1 - share));
    }
}
