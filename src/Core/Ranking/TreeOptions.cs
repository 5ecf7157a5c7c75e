namespace Auie.Core.Ranking;

/// <summary>Which leaf is split next.</summary>
public enum TreeGrowth
{
    /// <summary>The one whose split gains most, anywhere in the tree.</summary>
    LeafWise,

    /// <summary>All of a level, before any of the next.</summary>
    DepthWise,
}

/// <summary>How one tree is grown.</summary>
public sealed record TreeOptions
{
    /// <summary>Trees of more leaves than this are predicted slowly (<see cref="ForestPredictor"/>).</summary>
    public const int FastLeaves = 32;

    public TreeGrowth Growth { get; init; } = TreeGrowth.LeafWise;

    /// <summary>The most leaves, from 2 to 4,096.</summary>
    public int MaxLeaves { get; init; } = 31;

    /// <summary>The most splits from the root to a leaf.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>The fewest rows of a leaf.</summary>
    public int MinLeafRows { get; init; } = 20;

    /// <summary>The least sum of second derivatives of a leaf.</summary>
    public double MinLeafHessian { get; init; } = 1e-3;

    /// <summary>Added to a leaf's sum of second derivatives: the larger, the smaller the leaves' values.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Added to it where a split of categories is chosen and valued, since there are so many more of these to choose from.</summary>
    public double CategoricalL2 { get; init; } = 10;

    /// <summary>What a split has to lower the loss by.</summary>
    public double MinGain { get; init; }

    /// <summary>The share of columns that a tree sees, and of these the share that each of its splits sees; drawn by hash.</summary>
    public double ColumnShare { get; init; } = 1;

    public double SplitColumnShare { get; init; } = 1;

    /// <summary>Names of columns of numbers with which no value of a tree rises: of two rows that differ in such a column alone, the one that has more of it has not the greater value.</summary>
    public IReadOnlyList<string> Falling { get; init; } = [];

    internal void Check()
    {
        if (MaxLeaves is < 2 or > 4096) throw new ArgumentOutOfRangeException(nameof(MaxLeaves), MaxLeaves, "The most leaves must be from 2 to 4,096.");
        if (MaxDepth < 1) throw new ArgumentOutOfRangeException(nameof(MaxDepth), MaxDepth, "A tree must have a depth of 1 at least.");
        if (MinLeafRows < 1) throw new ArgumentOutOfRangeException(nameof(MinLeafRows), MinLeafRows, "A leaf must have a row at least.");
        foreach (var (name, value) in new[] { (nameof(MinLeafHessian), MinLeafHessian), (nameof(L2), L2), (nameof(CategoricalL2), CategoricalL2), (nameof(MinGain), MinGain) })
        {
            if (!(value >= 0) || double.IsInfinity(value)) throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number from 0.");
        }

        foreach (var (name, value) in new[] { (nameof(ColumnShare), ColumnShare), (nameof(SplitColumnShare), SplitColumnShare) })
        {
            if (!(value is > 0 and <= 1)) throw new ArgumentOutOfRangeException(name, value, $"{name} must be above 0 and at most 1.");
        }
    }
}
