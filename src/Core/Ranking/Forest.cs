namespace Auie.Core.Ranking;

/// <summary>What a forest's sum of leaves means.</summary>
public enum ForestOutput
{
    /// <summary>A score, of which only the order means something.</summary>
    Score,

    /// <summary>The log odds that a row is relevant.</summary>
    LogOdds,

    /// <summary>The share of relevant rows among those alike.</summary>
    Share,
}

/// <summary>A sum of trees over named columns: what boosting or a random forest has learnt.</summary>
public sealed record Forest(RankingColumn[] Columns, ForestOutput Output, float Start, RegressionTree[] Trees)
{
    /// <summary>The sum of one row's leaves, in the order of trees; <see cref="ForestPredictor"/> gives the same bits for many rows.</summary>
    public float Predict(ReadOnlySpan<float> row)
    {
        if (row.Length != Columns.Length) throw new ArgumentException($"A row must have {Columns.Length} values, not {row.Length}.", nameof(row));
        var sum = Start;
        foreach (var tree in Trees) sum += tree.Predict(row);
        return sum;
    }

    /// <exception cref="InvalidDataException">Its trees are none, or of other columns.</exception>
    public void Check()
    {
        if (Columns.Length == 0) throw new InvalidDataException("A forest has no columns.");
        if (!float.IsFinite(Start)) throw new InvalidDataException("A forest's start is no number.");
        foreach (var tree in Trees) tree.Check(Columns.Length);
    }
}
