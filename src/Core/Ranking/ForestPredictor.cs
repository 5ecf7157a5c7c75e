using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Ranking;

/// <summary>
/// A forest laid out to score many rows fast. Of a tree with up to <see cref="TreeOptions.FastLeaves"/> leaves every split is asked, for sixteen rows at
/// once, and takes from each row's set of possible leaves those that the row cannot reach; the first that is left is the row's (QuickScorer: Lucchese
/// et al., SIGIR 2015). Nothing is guessed and no row waits for another's memory. Larger trees are walked. Either way the sum is
/// <see cref="Forest.Predict"/>'s, bit for bit. It holds nothing of a call, and may be used by many threads.
/// </summary>
public sealed class ForestPredictor
{
    private const int Lanes = 16;

    private readonly Forest _forest;
    private readonly FastTree?[] _trees;

    public ForestPredictor(Forest forest)
    {
        forest.Check();
        _forest = forest;
        _trees = Array.ConvertAll(forest.Trees, tree => tree.Leaves.Length is > 1 and <= TreeOptions.FastLeaves ? FastTree.Of(tree) : null);
    }

    /// <summary>How many values a row has.</summary>
    public int Columns => _forest.Columns.Length;

    /// <summary>Scores rows.</summary>
    /// <param name="rows">Row by row; NaN where a value is missing.</param>
    /// <param name="scores">One a row.</param>
    public void Predict(ReadOnlySpan<float> rows, Span<float> scores)
    {
        if (rows.Length != scores.Length * Columns)
            throw new ArgumentException($"{scores.Length} rows of {Columns} columns have {rows.Length} values.", nameof(rows));
        const int largestTile = 1 << 12;
        var tile = Columns * Lanes <= largestTile ? stackalloc float[Columns * Lanes] : new float[Columns * Lanes];
        Span<float> sums = stackalloc float[Lanes];
        for (var from = 0; from < scores.Length; from += Lanes)
        {
            var count = Math.Min(Lanes, scores.Length - from);
            var some = rows.Slice(from * Columns, count * Columns);
            for (var row = 0; row < count; row++)
            {
                for (var column = 0; column < Columns; column++) tile[(column * Lanes) + row] = some[(row * Columns) + column];
            }

            sums.Fill(_forest.Start);
            for (var tree = 0; tree < _trees.Length; tree++)
            {
                if (_trees[tree] is { } fast) fast.Add(tile, sums);
                else for (var row = 0; row < count; row++) sums[row] += _forest.Trees[tree].Predict(some.Slice(row * Columns, Columns));
            }

            sums[..count].CopyTo(scores[from..]);
        }
    }

    /// <summary>Splits of numbers in two runs, by where missing values go, then those of categories.</summary>
    private sealed record FastTree(FastSplit[] Numbers, int MissingLeft, CategorySplit[] Categories, float[] Leaves)
    {
        public static FastTree Of(RegressionTree tree)
        {
            var order = new List<int>();
            var (missingLeft, missingRight, categories) = (new List<FastSplit>(), new List<FastSplit>(), new List<CategorySplit>());
            Visit(0);
            var leaves = new float[TreeOptions.FastLeaves];
            for (var leaf = 0; leaf < order.Count; leaf++) leaves[leaf] = tree.Leaves[order[leaf]];
            return new FastTree([.. missingLeft, .. missingRight], missingLeft.Count, [.. categories], leaves);

            // Leaves are numbered from left to right; gives the set of those below.
            uint Visit(int at)
            {
                if (at < 0)
                {
                    order.Add(~at);
                    return 1U << (order.Count - 1);
                }

                var node = tree.Nodes[at];
                var left = Visit(node.Left);
                var split = new FastSplit(node.Column * Lanes, node.Threshold, left);
                if (node.Codes is not null) categories.Add(new CategorySplit(node, left));
                else (node.MissingLeft ? missingLeft : missingRight).Add(split);
                return left | Visit(node.Right);
            }
        }

        public void Add(ReadOnlySpan<float> tile, Span<float> sums)
        {
            ref var values = ref MemoryMarshal.GetReference(tile);
            var gone = Vector512<uint>.Zero;
            foreach (ref readonly var split in Numbers.AsSpan(0, MissingLeft))
            {
                var right = Vector512.GreaterThan(Vector512.LoadUnsafe(ref values, (nuint)split.Offset), Vector512.Create(split.Threshold));
                gone |= right.AsUInt32() & Vector512.Create(split.Left);
            }

            foreach (ref readonly var split in Numbers.AsSpan(MissingLeft))
            {
                var left = Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref values, (nuint)split.Offset), Vector512.Create(split.Threshold));
                gone |= Vector512.AndNot(Vector512.Create(split.Left), left.AsUInt32());
            }

            Unsafe.SkipInit(out Sets sets);
            gone.StoreUnsafe(ref sets[0]);
            foreach (var split in Categories)
            {
                for (var lane = 0; lane < Lanes; lane++)
                {
                    if (!split.Node.GoesLeft(tile[(split.Node.Column * Lanes) + lane])) sets[lane] |= split.Left;
                }
            }

            ref var leaf = ref MemoryMarshal.GetArrayDataReference(Leaves);
            for (var lane = 0; lane < Lanes; lane++) sums[lane] += Unsafe.Add(ref leaf, BitOperations.TrailingZeroCount(~sets[lane]) & (TreeOptions.FastLeaves - 1));
        }
    }

    [InlineArray(Lanes)]
    private struct Sets
    {
        private uint _first;
    }

    /// <summary>A split of numbers: where its column begins in the tile, and which leaves are lost to a row that goes right.</summary>
    private readonly record struct FastSplit(int Offset, float Threshold, uint Left);

    private sealed record CategorySplit(TreeNode Node, uint Left);
}
