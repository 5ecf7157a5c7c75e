using Auie.Core.Ranking;

namespace Auie.Core.Recommendation;

/// <summary>
/// Ranks where nothing was learnt yet: a sum of terms in the unit of log odds, with weights set by hand (docs/recommendations.md lists them). What is not known
/// counts as the middling case, so that a fact may speak for an item as well as against it.
/// </summary>
public sealed class LinearBaseline : IRanker
{
    private const double MiddlingKm = 300, MiddlingDays = 14, MiddlingPrice = 40;
    private const int MostFriends = 3;

    public static LinearBaseline Instance { get; } = new();

    public RankingColumn[] Columns => RecommendationFeatures.Columns;

    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        var width = Columns.Length;
        for (var i = 0; i < scores.Length; i++)
            scores[i] = (float)Score(rows.Slice(i * width, width));
    }

    private static double Score(ReadOnlySpan<float> row) =>
        Of(row, RecommendationColumn.WantedRate, 0)
        + .15 * Math.Log(1 + Of(row, RecommendationColumn.Wanted, 0))
        + 1.2 * Of(row, RecommendationColumn.Taste, 0)
        + .9 * Of(row, RecommendationColumn.SegmentTaste, 0)
        + .08 * Math.Log(1 + Of(row, RecommendationColumn.SegmentWanted, 0))
        + .08 * Math.Log(1 + Of(row, RecommendationColumn.LocaleWanted, 0))
        + .15 * Math.Log(1 + Of(row, RecommendationColumn.PlaceWanted, 0))
        + .02 * Math.Log(1 + Of(row, RecommendationColumn.PlatformWanted, 0))
        + .8 * Math.Min(Of(row, RecommendationColumn.FriendsYes, 0), MostFriends)
        + .3 * Math.Min(Of(row, RecommendationColumn.FriendsInterested, 0), MostFriends)
        + .4 * Of(row, RecommendationColumn.CreatorIsFriend, 0)
        + .6 * Of(row, RecommendationColumn.Invited, 0)
        + .3 * Math.Exp(-Math.Max(0, Of(row, RecommendationColumn.DaysToStart, MiddlingDays)) / 7)
        - .25 * Math.Log(1 + Of(row, RecommendationColumn.DistanceKm, MiddlingKm) / 30)
        + .3 * Of(row, RecommendationColumn.SamePlace, 0)
        - .1 * Math.Log(1 + Of(row, RecommendationColumn.Price, MiddlingPrice) / MiddlingPrice)
        - .1 * Math.Abs(Math.Log(Of(row, RecommendationColumn.PriceOfUsual, 1)))
        + .3 * Math.Log(1 + Of(row, RecommendationColumn.CoAnswered, 0))
        + .5 * Of(row, RecommendationColumn.Alike, 0)
        + .05 * Math.Log(1 + Of(row, RecommendationColumn.Trending, 0))
        + .4 * Math.Log(1 + Of(row, RecommendationColumn.Viewed, 0))
        - .45 * Math.Log(1 + Of(row, RecommendationColumn.Shown, 0));

    private static double Of(ReadOnlySpan<float> row, RecommendationColumn column, double otherwise) => row[(int)column] is var value && float.IsNaN(value) ? otherwise : value;
}
