using Auie.Core.Codecs;
using Auie.Core.Ranking;
using Auie.Core.Tests.Users;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Ranking;

public sealed class ForestTests
{
    // The version as it was first written; it must stay readable for ever.
    private const string Golden1 =
        "010205686F7572730007636F756E747279010200000040010000C0BF0202000100004841020501020203BC0501030000803E"
        + "000000BF0000803F000000003E0000803F020000000001010000000040C003010000003F0000403F";

    private static readonly ForestBlend Small = new(
        [
            new Forest([new("hours"), new("country", IsCategorical: true)], ForestOutput.LogOdds, -1.5f,
            [
                new RegressionTree([new(0, 12.5f, true, null, 1, ~2), new(1, 0, false, [3, 700], ~0, ~1)], [0.25f, -0.5f, 1]),
                new RegressionTree([], [0.125f]),
            ]),
            new Forest([new("hours"), new("country", IsCategorical: true)], ForestOutput.Share, 0, [new RegressionTree([new(0, -3, false, null, ~1, ~0)], [0.5f, 0.75f])]),
        ], [2, 1]);

    public static TheoryData<int, TreeGrowth, int> Shapes => new()
    {
        { 2, TreeGrowth.LeafWise, 40 }, { 17, TreeGrowth.LeafWise, 7 }, { 32, TreeGrowth.LeafWise, 500 }, { 32, TreeGrowth.DepthWise, 1 }, { 60, TreeGrowth.DepthWise, 33 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Many_rows_at_once_score_as_each_row_walked_by_itself_bit_for_bit(int leaves, TreeGrowth growth, int count)
    {
        var forest = GradientBoosting.Fit(SomeRows.Make(3_000, seed: leaves), new BoostingOptions
        {
            Trees = 25, Threads = 2, Tree = new TreeOptions { MaxLeaves = leaves, Growth = growth, MinLeafRows = 2, SplitColumnShare = 0.5 },
        });
        forest.Trees.ShouldContain(tree => tree.Leaves.Length == leaves);
        var rows = SomeRows.Make(count, seed: 99);
        // What no row of the training had: another category, numbers at and beyond the bounds.
        var values = (float[])rows.Values.Clone();
        for (var row = 0; row < count; row += 3)
        {
            values[(row * 10) + 4] = 77;
            values[row * 10] = 1e30f;
            values[(row * 10) + 1] = forest.Trees.SelectMany(tree => tree.Nodes).First(node => node.Codes is null).Threshold;
        }

        var scores = new float[count];
        new ForestPredictor(forest).Predict(values, scores);
        for (var row = 0; row < count; row++) scores[row].ShouldBe(forest.Predict(values.AsSpan(row * 10, 10)), $"row {row}");
    }

    [Fact]
    public void A_row_goes_where_its_splits_say()
    {
        var forest = Small.Forests[0];
        forest.Predict([12.5f, 3]).ShouldBe(-1.5f + 0.25f + 0.125f);
        forest.Predict([12.5f, 4]).ShouldBe(-1.5f - 0.5f + 0.125f);
        forest.Predict([float.NaN, float.NaN]).ShouldBe(-1.5f - 0.5f + 0.125f);
        forest.Predict([13, 3]).ShouldBe(-1.5f + 1 + 0.125f);
    }

    [Fact]
    public void A_blend_is_the_weighted_mean_of_its_forests_log_odds()
    {
        var scores = new float[2];
        Small.Score([13, 3, -3, 3], scores);
        // A share of a half has even odds; of three quarters, three to one.
        ((double)scores[0]).ShouldBe(((2 * -0.375) + 0) / 3, 1e-6);
        ((double)scores[1]).ShouldBe(((2 * (-1.5 + 0.25 + 0.125)) + Math.Log(3)) / 3, 1e-6);
        Small.Trees.ShouldBe(3);
    }

    [Fact]
    public void A_blend_of_one_scores_as_its_forest_bit_for_bit()
    {
        var forest = GradientBoosting.Fit(SomeRows.Make(500, seed: 8), new BoostingOptions { Trees = 10 });
        var rows = SomeRows.Make(300, seed: 9);
        var scores = new float[rows.Count];
        new ForestBlend([forest], [3]).Score(rows.Values, scores);
        for (var row = 0; row < rows.Count; row++) scores[row].ShouldBe(forest.Predict(rows.Row(row)));
    }

    [Fact]
    public void The_bytes_of_a_blend_are_those_on_record()
    {
        Convert.ToHexString(ForestCodec.Encode(Small)).ShouldBe(Golden1);
        var read = ForestCodec.Decode(Convert.FromHexString(Golden1));
        ForestCodec.Encode(read).ShouldBe(Convert.FromHexString(Golden1));
        read.Weights.ShouldBe([2, 1]);
        read.Forests[0].Trees[0].Nodes[1].Codes.ShouldBe([3, 700]);
        read.Forests[1].Output.ShouldBe(ForestOutput.Share);
    }

    [Fact]
    public void What_was_learnt_comes_back_whole()
    {
        var forest = GradientBoosting.Fit(SomeRows.Make(2_000, seed: 4), new BoostingOptions { Trees = 20 });
        var read = ForestCodec.Decode(SomeRows.Bytes(forest)).Forests.ShouldHaveSingleItem();
        var rows = SomeRows.Make(200, seed: 5);
        for (var row = 0; row < rows.Count; row++) read.Predict(rows.Row(row)).ShouldBe(forest.Predict(rows.Row(row)));
    }

    [Fact]
    public void Damaged_bytes_are_refused_in_words_and_never_ask_for_memory()
    {
        var bytes = SomeRows.Bytes(GradientBoosting.Fit(SomeRows.Make(300, seed: 4), new BoostingOptions { Trees = 3, Tree = new TreeOptions { MaxLeaves = 6, MinLeafRows = 5 } }));
        Prop.ForAll(Damage.Any.ToArbitrary(), damage => Damage.Reads(damage(bytes), some => ForestCodec.Decode(some))).QuickCheckThrowOnFailure();
        Should.Throw<CodecException>(() => ForestCodec.Decode([9, .. bytes[1..]])).Message.ShouldContain("version 9");
    }

    [Fact]
    public void Splits_that_are_no_tree_are_refused()
    {
        RegressionTree[] wrong =
        [
            new([new(0, 1, true, null, 0, ~0)], [1, 2]), new([new(0, 1, true, null, ~0, ~0)], [1, 2]), new([new(5, 1, true, null, ~0, ~1)], [1, 2]),
            new([new(0, float.NaN, true, null, ~0, ~1)], [1, 2]), new([new(0, 1, true, null, ~0, ~1)], [1]), new([new(0, 1, true, null, ~0, ~1)], [1, float.NaN]),
        ];
        foreach (var tree in wrong) Should.Throw<InvalidDataException>(() => new ForestPredictor(new Forest([new("x")], ForestOutput.Score, 0, [tree])));
    }
}
