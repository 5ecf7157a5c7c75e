namespace Auie.Core.Ranking;

/// <summary>The baseline of one column: what most said yes to comes first, and what nobody is known to have answered last.</summary>
public sealed class PopularityRanker : IRanker
{
    private readonly int _column;

    /// <exception cref="ArgumentException">There is no such column.</exception>
    public PopularityRanker(RankingColumn[] columns, string column = "yes")
    {
        _column = Array.FindIndex(columns, one => one.Name == column);
        if (_column < 0) throw new ArgumentException($"There is no column {column}.", nameof(column));
        Columns = columns;
    }

    public RankingColumn[] Columns { get; }

    public void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        for (var row = 0; row < scores.Length; row++)
        {
            var value = rows[(row * Columns.Length) + _column];
            scores[row] = float.IsNaN(value) ? -1 : value;
        }
    }
}
