using Auie.Core.Ranking;

namespace Auie.Core.Recommendation;

/// <summary>Ranks by a forest's sums as they are: in the unit of log odds, as <see cref="LinearBaseline"/> does, of relevance or of coming first.</summary>
public sealed class ForestRanker : IRanker
{
    private readonly ForestPredictor _predictor;

    /// <exception cref="ArgumentException">The forest is over other columns than <see cref="RecommendationFeatures.Columns"/>.</exception>
    public ForestRanker(Forest forest)
    {
        if (!forest.Columns.SequenceEqual(RecommendationFeatures.Columns))
            throw new ArgumentException("The forest is over other columns than recommendations have.", nameof(forest));
        _predictor = new ForestPredictor(forest);
    }

    public RankingColumn[] Columns => RecommendationFeatures.Columns;

    public void Score(ReadOnlySpan<float> rows, Span<float> scores) => _predictor.Predict(rows, scores);
}
