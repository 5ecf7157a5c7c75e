namespace Auie.Core.Ranking;

/// <summary>Scores rows, the higher the more relevant to their user. It may be used by many threads.</summary>
public interface IRanker
{
    /// <summary>The columns that a row must have, in this order.</summary>
    RankingColumn[] Columns { get; }

    /// <param name="rows">Row by row; NaN where a value is missing.</param>
    /// <param name="scores">One a row; comparable among the rows of a call.</param>
    void Score(ReadOnlySpan<float> rows, Span<float> scores);
}
