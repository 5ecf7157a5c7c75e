using Auie.Core.Ranking;

namespace Auie.Core.Recommendation.Training;

/// <summary>
/// What a ranker learns from, what chooses how, and what it is judged on: rows of <see cref="RecommendationFeatures"/>, a group an occasion. In time each part lies behind the one before,
/// and no label of one is of the time of the next.
/// </summary>
/// <param name="Train">Of the first part: what was shown or wanted, and some others.</param>
/// <param name="Validation">Of the second part what candidates had brought, by which is chosen.</param>
/// <param name="Late">The second part in the way of the first: once the choice is made, it is learnt from too.</param>
/// <param name="HeldOut">Of the last part what candidates had brought, as it would have been served.</param>
/// <param name="HeldOutFound">Of each of its groups the share of the best gain that was among what they brought: more than that no ranker reaches.</param>
/// <param name="HeldOutUsers">Of each of these groups the hash of the user's id.</param>
/// <param name="AsOf">The last instant that anything is known of.</param>
public sealed record Examples(RankingRows Train, RankingRows Validation, RankingRows Late, RankingRows HeldOut, double[] HeldOutFound, ulong[] HeldOutUsers, DateTimeOffset AsOf)
{
    /// <summary>What is learnt from once it is chosen how, put together anew each time.</summary>
    public RankingRows ToLearn() => Train.And(Late);

    /// <summary>How many occasions there are in all three.</summary>
    public int Occasions => Train.Groups + Validation.Groups + HeldOut.Groups;

    /// <summary>How many rows there are in all three.</summary>
    public int Rows => Train.Count + Validation.Count + HeldOut.Count;
}

/// <summary>Rows that become <see cref="RankingRows"/>, group by group.</summary>
internal sealed class ExampleRows
{
    private readonly List<float> _values = [];
    private readonly List<float> _labels = [];
    private readonly List<ulong> _ids = [];
    private readonly List<int> _starts = [0];

    public void Add(ReadOnlySpan<float> row, float label, ulong id)
    {
        _values.AddRange(row);
        _labels.Add(label);
        _ids.Add(id);
    }

    public void EndGroup() => _starts.Add(_labels.Count);

    public RankingRows Rows() => new(RecommendationFeatures.Columns, [.. _values], [.. _labels], [.. _starts], [.. _ids]);
}
