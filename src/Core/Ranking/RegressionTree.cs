namespace Auie.Core.Ranking;

/// <summary>
/// A tree of splits with a value at each leaf. A node is a split; a child below zero is the leaf of its complement. The root is node 0; a tree
/// without nodes is its one leaf.
/// </summary>
public sealed record RegressionTree(TreeNode[] Nodes, float[] Leaves)
{
    /// <summary>The value of the leaf that a row ends in.</summary>
    public float Predict(ReadOnlySpan<float> row) => Leaves[Leaf(row)];

    public int Leaf(ReadOnlySpan<float> row)
    {
        if (Nodes.Length == 0) return 0;
        var at = 0;
        while (at >= 0)
        {
            ref var node = ref Nodes[at];
            at = node.GoesLeft(row[node.Column]) ? node.Left : node.Right;
        }

        return ~at;
    }

    /// <summary>Checks that the nodes are one tree over a number of columns, and its leaves numbers.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public void Check(int columns)
    {
        if (Leaves.Length != Nodes.Length + 1) throw new InvalidDataException($"A tree of {Nodes.Length} splits has {Leaves.Length} leaves.");
        if (Leaves.Any(leaf => !float.IsFinite(leaf))) throw new InvalidDataException("A leaf's value is no number.");
        var (seenNodes, seenLeaves) = (new bool[Nodes.Length], new bool[Leaves.Length]);
        for (var at = 0; at < Nodes.Length; at++)
        {
            var node = Nodes[at];
            if (node.Column < 0 || node.Column >= columns) throw new InvalidDataException($"A split is by column {node.Column} of {columns}.");
            if (float.IsNaN(node.Threshold)) throw new InvalidDataException("A split's threshold is no number.");
            foreach (var child in new[] { node.Left, node.Right })
            {
                // Children after their parents: then there is no way round.
                var seen = child < 0 ? seenLeaves : seenNodes;
                var index = child < 0 ? ~child : child;
                if (index >= seen.Length || (child >= 0 && child <= at) || seen[index]) throw new InvalidDataException("The splits are no tree.");
                seen[index] = true;
            }
        }
    }
}

/// <summary>A split of a tree.</summary>
/// <param name="Threshold">A number goes left if it does not exceed this.</param>
/// <param name="MissingLeft">Where a missing value goes.</param>
/// <param name="Codes">Null for numbers. The categories that go the other way than missing values and categories not known, ascending.</param>
public readonly record struct TreeNode(int Column, float Threshold, bool MissingLeft, int[]? Codes, int Left, int Right)
{
    public bool GoesLeft(float value)
    {
        if (float.IsNaN(value)) return MissingLeft;
        return Codes is null ? value <= Threshold : MissingLeft != Array.BinarySearch(Codes, (int)value) >= 0;
    }
}
