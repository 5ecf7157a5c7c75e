using Auie.Core.Ranking;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Ranking;

public sealed class TreeGrowerTests
{
    [Fact]
    public void A_histogram_is_the_sum_of_its_rows_one_by_one()
    {
        var rows = SomeRows.Make(700, seed: 1);
        var (binned, gradients) = (BinnedRows.Of(rows, 64, 1, default), Derivatives(rows, seed: 2));
        var some = Enumerable.Range(0, rows.Count).Where(row => row % 3 != 1).ToArray();
        var gathered = some.SelectMany(row => new[] { gradients.Words[2 * row], gradients.Words[(2 * row) + 1] }).ToArray();
        for (var block = 0; block < binned.Blocks.Length; block++)
        {
            long[] all = new long[Histograms.Length(binned.Stride)], part = new long[all.Length], naive = new long[all.Length], naivePart = new long[all.Length];
            Histograms.Add(binned.Blocks[block], gradients.Words, binned.Stride, all);
            Histograms.Add(binned.Blocks[block], some, gathered, binned.Stride, part);
            for (var row = 0; row < rows.Count; row++)
            {
                for (var column = 0; column < 8; column++)
                {
                    var at = 2 * ((column * binned.Stride) + (int)((binned.Blocks[block][row] >> (8 * column)) & 255));
                    for (var word = 0; word < 2; word++)
                    {
                        naive[at + word] += gradients.Words[(2 * row) + word];
                        if (row % 3 != 1) naivePart[at + word] += gradients.Words[(2 * row) + word];
                    }
                }
            }

            all.ShouldBe(naive);
            part.ShouldBe(naivePart);
            Histograms.Subtract(all, part);
            all.ShouldBe([.. naive.Zip(naivePart, (a, b) => a - b)]);
        }
    }

    [Fact]
    public void With_a_falling_column_no_tree_rises_whatever_else_a_row_has() => Prop.ForAll<int>(seed =>
    {
        var rows = SomeRows.Make(600, seed);
        var options = new BoostingOptions
        {
            Trees = 12, Threads = 1, Objective = seed % 2 == 0 ? RankingObjective.Logistic : RankingObjective.LambdaMart,
            Tree = new TreeOptions { MaxLeaves = 24, MinLeafRows = 4, Falling = ["a", "few"], Growth = seed % 3 == 0 ? TreeGrowth.DepthWise : TreeGrowth.LeafWise },
        };
        var forest = GradientBoosting.Fit(rows, options);
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var row = rows.Row(random.Next(rows.Count)).ToArray();
            foreach (var column in new[] { 0, 3 })
            {
                var more = row.ToArray();
                row[column] = float.IsNaN(row[column]) ? 0 : row[column];
                more[column] = row[column] + (float)(random.NextDouble() * 8);
                foreach (var tree in forest.Trees) tree.Predict(more).ShouldBeLessThanOrEqualTo(tree.Predict(row));
            }
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20).WithReplay(3, 3));

    // The oracle tries every value of every column as a bound, with missing values on either side, over the rows themselves.
    [Fact]
    public void The_first_split_gains_as_much_as_the_best_that_an_exact_search_finds() =>
        Prop.ForAll<int>(seed => CheckFirstSplit(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(1, 1));

    private static void CheckFirstSplit(int seed)
    {
        var rows = WithoutCategories(SomeRows.Make(150 + (Math.Abs(seed % 7) * 20), seed));
        var options = new TreeOptions { MaxLeaves = 2, MinLeafRows = 1 + Math.Abs(seed % 9), MinLeafHessian = seed % 2 == 0 ? 0.5 : 0, L2 = 0.7 };
        var (gradients, derivatives) = (new Gradients(rows.Count), Draw(rows.Count, seed));
        gradients.Bound(1, 0.25);
        for (var row = 0; row < rows.Count; row++) gradients.Set(row, derivatives[row].G, derivatives[row].H);
        var tree = Grow(rows, gradients, options).Tree;

        var best = ExactBestGain(rows, derivatives, options);
        if (tree.Nodes.Length == 0)
        {
            best.ShouldBeLessThan(1e-6);
            return;
        }

        var left = Enumerable.Range(0, rows.Count).Where(row => tree.Nodes[0].GoesLeft(rows.Row(row)[tree.Nodes[0].Column])).ToHashSet();
        Gain(derivatives, left, options.L2).ShouldBe(best, 1e-6 * (1 + best));
    }

    [Theory]
    [InlineData(TreeGrowth.LeafWise)]
    [InlineData(TreeGrowth.DepthWise)]
    public void Every_leaf_has_the_value_of_just_the_rows_that_end_in_it(TreeGrowth growth)
    {
        var rows = SomeRows.Make(900, seed: 5);
        var derivatives = Draw(rows.Count, 6);
        var gradients = Derivatives(rows, 6);
        var options = new TreeOptions { Growth = growth, MaxLeaves = 25, MaxDepth = 6, MinLeafRows = 7, L2 = 2 };
        var tree = Grow(rows, gradients, options).Tree;

        tree.Leaves.Length.ShouldBeGreaterThan(10);
        tree.Leaves.Length.ShouldBeLessThanOrEqualTo(25);
        for (var leaf = 0; leaf < tree.Leaves.Length; leaf++)
        {
            var of = Enumerable.Range(0, rows.Count).Where(row => tree.Leaf(rows.Row(row)) == leaf).ToArray();
            of.Length.ShouldBeGreaterThanOrEqualTo(7);
            ((double)tree.Leaves[leaf]).ShouldBe(-of.Sum(row => derivatives[row].G) / (of.Sum(row => derivatives[row].H) + 2), 1e-5);
        }

        DepthOf(tree, 0).ShouldBeLessThanOrEqualTo(6);
    }

    [Fact]
    public void Leaf_wise_growth_splits_the_leaf_that_gains_most_and_depth_wise_growth_the_next_level()
    {
        var rows = SomeRows.Make(2_000, seed: 8);
        var gradients = Derivatives(rows, 8);
        for (var leaves = 3; leaves < 12; leaves++)
        {
            var (leafWise, depthWise) = (Loss(TreeGrowth.LeafWise), Loss(TreeGrowth.DepthWise));
            leafWise.ShouldBeLessThanOrEqualTo(depthWise + 1e-9);

            double Loss(TreeGrowth growth)
            {
                var tree = Grow(rows, gradients, new TreeOptions { Growth = growth, MaxLeaves = leaves, MinLeafRows = 1, L2 = 1 }).Tree;
                tree.Leaves.Length.ShouldBe(leaves);
                if (growth == TreeGrowth.DepthWise) DepthOf(tree, 0).ShouldBe((int)Math.Ceiling(Math.Log2(leaves)));
                var derivatives = Draw(rows.Count, 8);
                return Enumerable.Range(0, rows.Count).GroupBy(row => tree.Leaf(rows.Row(row)))
                    .Sum(leaf => -Math.Pow(leaf.Sum(row => derivatives[row].G), 2) / (leaf.Sum(row => derivatives[row].H) + 1) / 2);
            }
        }
    }

    // Twenty columns are three blocks, of which a tree that draws one column sees one.
    [Fact]
    public void Where_the_columns_that_are_drawn_part_nothing_nothing_is_split()
    {
        var rows = new RankingRows([.. Enumerable.Range(0, 20).Select(column => new RankingColumn($"x{column}"))], new float[20 * 100], [.. Enumerable.Range(0, 100).Select(row => row % 2f)], [0, 100]);
        var forest = GradientBoosting.Fit(rows, new BoostingOptions { Trees = 5, Tree = new TreeOptions { MinLeafRows = 1, ColumnShare = 0.05 } });

        forest.Trees.Length.ShouldBe(5);
        forest.Trees.ShouldAllBe(tree => tree.Nodes.Length == 0);
    }

    [Fact]
    public void Categories_are_parted_in_any_two_sets_and_one_that_was_not_known_goes_with_the_missing()
    {
        var kinds = Enumerable.Range(0, 400).Select(row => row % 8).ToArray();
        var labels = kinds.Select(kind => kind is 1 or 4 or 6 ? 1f : 0f).ToArray();
        var values = kinds.Select((kind, row) => row % 50 == 7 ? float.NaN : kind).ToArray();
        var rows = new RankingRows([new("kind", IsCategorical: true)], [.. values.Select(value => (float)value)], labels, [0, 400]);
        var forest = GradientBoosting.Fit(rows, new BoostingOptions { Trees = 1, Tree = new TreeOptions { MaxLeaves = 2, MinLeafRows = 1 } });

        var node = forest.Trees[0].Nodes.ShouldHaveSingleItem();
        var apart = node.Codes!;
        (apart.SequenceEqual([1, 4, 6]) || apart.SequenceEqual([0, 2, 3, 5, 7])).ShouldBeTrue(string.Join(',', apart));
        node.GoesLeft(99).ShouldBe(node.GoesLeft(float.NaN));
        node.GoesLeft(1).ShouldNotBe(node.GoesLeft(0));
    }

    [Fact]
    public void Bins_keep_the_order_of_numbers_and_each_of_few_values_has_its_own()
    {
        var rows = SomeRows.Make(3_000, seed: 3);
        foreach (var most in new[] { 4, 17, 256 })
        {
            for (var column = 0; column < rows.Columns.Length; column++)
            {
                var bins = FeatureBins.Of(rows, column, most);
                bins.Count.ShouldBeLessThanOrEqualTo(most);
                var values = Enumerable.Range(0, rows.Count).Select(row => rows.Row(row)[column]).Distinct().Order().ToArray();
                if (rows.Columns[column].IsCategorical) continue;
                for (var i = 0; i < values.Length; i++)
                {
                    var bin = bins.Bin(values[i]);
                    if (float.IsNaN(values[i])) bin.ShouldBe((byte)0);
                    else bin.ShouldBe((byte)(1 + bins.Bounds.Count(bound => bound < values[i])));
                }

                if (values.Count(value => !float.IsNaN(value)) < most) values.Select(bins.Bin).Distinct().Count().ShouldBe(values.Length);
            }
        }
    }

    private static GrownTree Grow(RankingRows rows, Gradients gradients, TreeOptions options) =>
        new TreeGrower(BinnedRows.Of(rows, 256, 1, default), rows.Columns, options, 1, default)
            .Grow(gradients, Enumerable.Range(0, rows.Count).ToArray(), sums => -sums.Gradient / (sums.Hessian + options.L2), 1);

    private static (double G, double H)[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => ((random.NextDouble() * 2) - 1, random.NextDouble() / 4))];
    }

    private static Gradients Derivatives(RankingRows rows, int seed)
    {
        var gradients = new Gradients(rows.Count);
        gradients.Bound(1, 0.25);
        var derivatives = Draw(rows.Count, seed);
        for (var row = 0; row < rows.Count; row++) gradients.Set(row, derivatives[row].G, derivatives[row].H);
        return gradients;
    }

    private static RankingRows WithoutCategories(RankingRows rows) =>
        new([.. rows.Columns.Select(column => column with { IsCategorical = false })], rows.Values, rows.Labels, rows.GroupStarts);

    private static double ExactBestGain(RankingRows rows, (double G, double H)[] derivatives, TreeOptions options)
    {
        var best = 0.0;
        for (var column = 0; column < rows.Columns.Length; column++)
        {
            foreach (var bound in Enumerable.Range(0, rows.Count).Select(row => rows.Row(row)[column]).Where(value => !float.IsNaN(value)).Distinct())
            {
                foreach (var missingLeft in new[] { false, true })
                {
                    var left = Enumerable.Range(0, rows.Count)
                        .Where(row => rows.Row(row)[column] is var value && (float.IsNaN(value) ? missingLeft : value <= bound)).ToHashSet();
                    var hessian = left.Sum(row => derivatives[row].H);
                    if (left.Count < options.MinLeafRows || rows.Count - left.Count < options.MinLeafRows
                        || hessian < options.MinLeafHessian || derivatives.Sum(one => one.H) - hessian < options.MinLeafHessian)
                        continue;
                    best = Math.Max(best, Gain(derivatives, left, options.L2));
                }
            }
        }

        return best;
    }

    private static double Gain((double G, double H)[] derivatives, HashSet<int> left, double l2)
    {
        var (g, h) = (left.Sum(row => derivatives[row].G), left.Sum(row => derivatives[row].H));
        var (allG, allH) = (derivatives.Sum(one => one.G), derivatives.Sum(one => one.H));
        return ((g * g / (h + l2)) + ((allG - g) * (allG - g) / (allH - h + l2)) - (allG * allG / (allH + l2))) / 2;
    }

    private static int DepthOf(RegressionTree tree, int at) =>
        at < 0 || tree.Nodes.Length == 0 ? 0 : 1 + Math.Max(DepthOf(tree, tree.Nodes[at].Left), DepthOf(tree, tree.Nodes[at].Right));
}
