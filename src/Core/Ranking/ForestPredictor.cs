using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Ranking;

/// <summary>
/// A forest laid out to score many rows fast. Of a tree with up to <see cref="TreeOptions.FastLeaves"/> leaves every split is asked, for four times sixteen
/// rows at once, and takes from each row's set of possible leaves those that the row cannot reach; the first that is left is the row's (QuickScorer: Lucchese
/// et al., SIGIR 2015), and its value is read from registers that hold all of the tree's. Nothing is guessed and no row waits for another's memory. Larger
/// trees are walked. Either way the sum is <see cref="Forest.Predict"/>'s, bit for bit. It holds nothing of a call, and may be used by many threads.
/// </summary>
public sealed class ForestPredictor
{
    private const int Lanes = 16, Groups = 4;

    /// <summary>How many rows are scored at once.</summary>
    internal const int Block = Lanes * Groups;

    /// <summary>How many values are laid on the stack at the most.</summary>
    internal const int LargestTile = 1 << 12;

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
        var tile = Columns * Block <= LargestTile ? stackalloc float[Columns * Block] : new float[Columns * Block];
        for (var from = 0; from < scores.Length; from += Block)
        {
            var count = Math.Min(Block, scores.Length - from);
            var some = rows.Slice(from * Columns, count * Columns);
            Lay(some, Columns, tile);
            Predict(some, tile, scores.Slice(from, count));
        }
    }

    /// <summary>Lays up to <see cref="Block"/> rows column by column, as forests of these columns read them.</summary>
    internal static void Lay(ReadOnlySpan<float> rows, int columns, Span<float> tile)
    {
        var count = rows.Length / columns;
        var width = WidthOf(count);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < columns; column++) tile[(column * width) + row] = rows[(row * columns) + column];
        }
    }

    /// <summary>Scores up to <see cref="Block"/> rows that were laid.</summary>
    /// <param name="tile">What <see cref="Lay"/> made of them.</param>
    internal void Predict(ReadOnlySpan<float> rows, ReadOnlySpan<float> tile, Span<float> scores)
    {
        Span<float> sums = stackalloc float[Block];
        sums.Fill(_forest.Start);
        var isBlock = WidthOf(scores.Length) == Block;
        for (var tree = 0; tree < _trees.Length; tree++)
        {
            if (_trees[tree] is not { } fast)
            {
                for (var row = 0; row < scores.Length; row++) sums[row] += _forest.Trees[tree].Predict(rows.Slice(row * Columns, Columns));
            }
            else if (isBlock) fast.AddBlock(tile, sums);
            else fast.AddGroup(tile, sums);
        }

        sums[..scores.Length].CopyTo(scores);
    }

    /// <summary>How wide rows are laid: a few by themselves do not pay for a whole block.</summary>
    private static int WidthOf(int count) => count > Lanes ? Block : Lanes;

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
                var split = new FastSplit(node.Column, node.Threshold, left);
                if (node.Codes is not null) categories.Add(new CategorySplit(node, left));
                else (node.MissingLeft ? missingLeft : missingRight).Add(split);
                return left | Visit(node.Right);
            }
        }

        /// <summary>Adds the leaves of a block of rows, whose values stand column by column.</summary>
        public void AddBlock(ReadOnlySpan<float> tile, Span<float> sums)
        {
            ref var values = ref MemoryMarshal.GetReference(tile);
            ref var sum = ref MemoryMarshal.GetReference(sums);
            if (Categories.Length > 0)
            {
                // Apart, so that without categories nothing is called, and all sets stay in registers.
                for (var group = 0; group < Block; group += Lanes) AddGroup(ref Unsafe.Add(ref values, group), Block, ref Unsafe.Add(ref sum, group));
                return;
            }

            var (gone0, gone1, gone2, gone3) = (Vector512<uint>.Zero, Vector512<uint>.Zero, Vector512<uint>.Zero, Vector512<uint>.Zero);
            foreach (ref readonly var split in Numbers.AsSpan(0, MissingLeft))
            {
                var (threshold, left) = (Vector512.Create(split.Threshold), Vector512.Create(split.Left));
                ref var column = ref Unsafe.Add(ref values, split.Column * Block);
                gone0 = Lost(Vector512.GreaterThan(Vector512.LoadUnsafe(ref column), threshold), gone0, left);
                gone1 = Lost(Vector512.GreaterThan(Vector512.LoadUnsafe(ref column, Lanes), threshold), gone1, left);
                gone2 = Lost(Vector512.GreaterThan(Vector512.LoadUnsafe(ref column, 2 * Lanes), threshold), gone2, left);
                gone3 = Lost(Vector512.GreaterThan(Vector512.LoadUnsafe(ref column, 3 * Lanes), threshold), gone3, left);
            }

            foreach (ref readonly var split in Numbers.AsSpan(MissingLeft))
            {
                var (threshold, left) = (Vector512.Create(split.Threshold), Vector512.Create(split.Left));
                ref var column = ref Unsafe.Add(ref values, split.Column * Block);
                gone0 = Lost(~Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref column), threshold), gone0, left);
                gone1 = Lost(~Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref column, Lanes), threshold), gone1, left);
                gone2 = Lost(~Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref column, 2 * Lanes), threshold), gone2, left);
                gone3 = Lost(~Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref column, 3 * Lanes), threshold), gone3, left);
            }

            AddLeaves(gone0, ref sum);
            AddLeaves(gone1, ref Unsafe.Add(ref sum, Lanes));
            AddLeaves(gone2, ref Unsafe.Add(ref sum, 2 * Lanes));
            AddLeaves(gone3, ref Unsafe.Add(ref sum, 3 * Lanes));
        }

        /// <summary>As <see cref="AddBlock"/>, of sixteen rows.</summary>
        public void AddGroup(ReadOnlySpan<float> tile, Span<float> sums) => AddGroup(ref MemoryMarshal.GetReference(tile), Lanes, ref MemoryMarshal.GetReference(sums));

        /// <param name="stride">How many values lie between a row's value of one column and that of the next.</param>
        private void AddGroup(ref float values, int stride, ref float sums)
        {
            var gone = Categories.Length > 0 ? GoneByCategories(ref values, stride) : Vector512<uint>.Zero;
            foreach (ref readonly var split in Numbers.AsSpan(0, MissingLeft))
                gone = Lost(Vector512.GreaterThan(Vector512.LoadUnsafe(ref values, (nuint)(split.Column * stride)), Vector512.Create(split.Threshold)), gone, Vector512.Create(split.Left));
            foreach (ref readonly var split in Numbers.AsSpan(MissingLeft))
                gone = Lost(~Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref values, (nuint)(split.Column * stride)), Vector512.Create(split.Threshold)), gone, Vector512.Create(split.Left));
            AddLeaves(gone, ref sums);
        }

        /// <summary>The leaves that are gone, with those to the left of a split for the rows that go right.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<uint> Lost(Vector512<float> goesRight, Vector512<uint> gone, Vector512<uint> left) => Vector512.ConditionalSelect(goesRight.AsUInt32(), gone | left, gone);

        /// <summary>Adds to the sums of sixteen rows the first leaf of each that is not gone.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void AddLeaves(Vector512<uint> gone, ref float sums)
        {
            ref var leaves = ref MemoryMarshal.GetArrayDataReference(Leaves);
            if (Avx512CD.IsSupported)
            {
                var first = Avx512CD.LeadingZeroCount(Vector512.AndNot(gone + Vector512<uint>.One, gone));
                // From 31 less a number of 0 to 31: the same bits turned round.
                var leaf = (first ^ Vector512.Create(31u)).AsInt32();
                var value = Avx512F.PermuteVar16x32x2(Vector512.LoadUnsafe(ref leaves), leaf, Vector512.LoadUnsafe(ref leaves, Lanes));
                (Vector512.LoadUnsafe(ref sums) + value).StoreUnsafe(ref sums);
                return;
            }

            Unsafe.SkipInit(out Sets sets);
            gone.StoreUnsafe(ref sets[0]);
            for (var lane = 0; lane < Lanes; lane++) Unsafe.Add(ref sums, lane) += Unsafe.Add(ref leaves, BitOperations.TrailingZeroCount(~sets[lane]) & (TreeOptions.FastLeaves - 1));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private Vector512<uint> GoneByCategories(ref float values, int stride)
        {
            Sets sets = default;
            foreach (var split in Categories)
            {
                for (var lane = 0; lane < Lanes; lane++)
                {
                    if (!split.Node.GoesLeft(Unsafe.Add(ref values, (split.Node.Column * stride) + lane))) sets[lane] |= split.Left;
                }
            }

            return Vector512.LoadUnsafe(ref sets[0]);
        }
    }

    [InlineArray(Lanes)]
    private struct Sets
    {
        private uint _first;
    }

    /// <summary>A split of numbers: of which column, and which leaves are lost to a row that goes right.</summary>
    private readonly record struct FastSplit(int Column, float Threshold, uint Left);

    private sealed record CategorySplit(TreeNode Node, uint Left);
}
