using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

public sealed class ShardRowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_farthest_rows_are_all_different_and_of_equals_the_lowest_id_stands_for_them(int shards)
    {
        // In id order; 20 and 0 are equally far from 10.
        double[] values = [10, 20, 20, 20, 20, 20, 20, 20, 20, 20, 0, 0, 13, 11];
        var spread = TestRows.Spread(values, 1, shards, shuffleSeed: 5);
        var input = await StandardisedShards.PrepareAsync(spread, new ScaleOptions { Raw = true }, default);
        var farthest = await spread.FarthestAsync([10 - input.Scale.Mean[0]], 3, default);
        farthest.RowIds.ShouldBe([1, 10, 12]);
        farthest.Scores.Select(s => Math.Round(s, 3)).ShouldBe([100, 100, 9]);
        (await spread.FarthestAsync([10 - input.Scale.Mean[0]], 99, default)).RowIds.ShouldBe([1, 10, 12, 13, 0]);
    }

    [Fact]
    public async Task A_sample_is_the_rows_of_the_smallest_hashes_wherever_they_are()
    {
        var values = Enumerable.Range(0, 300).Select(i => (double)i).ToArray();
        var one = await Sample(1, null);
        (await Sample(7, 3)).RowIds.ShouldBe(one.RowIds);
        one.RowIds.ShouldBe(Enumerable.Range(0, 300).Select(i => (ulong)i).OrderBy(id => StableHash.OfRow(4, id, 0)).Take(20));

        async Task<RowSet> Sample(int shards, int? shuffle)
        {
            var spread = TestRows.Spread(values, 1, shards, shuffle);
            var input = await StandardisedShards.PrepareAsync(spread, new ScaleOptions(), default);
            var sample = await spread.SampleAsync(4, 20, default);
            sample.Values.ShouldBe(sample.RowIds.Select(id => input.Scale.Transform(values[id], 0)));
            return sample;
        }
    }

    [Fact]
    public async Task Seeding_costs_and_weights_do_not_depend_on_the_calls_before()
    {
        var values = TestRows.Groups(200, 2, 4, seed: 9);
        var (warm, cold) = (TestRows.Spread(values, 2, 2), TestRows.Spread(values, 2, 2));
        await StandardisedShards.PrepareAsync(warm, new ScaleOptions(), default);
        await StandardisedShards.PrepareAsync(cold, new ScaleOptions(), default);
        await warm.SeedCostAsync([0.5f, 0.5f, 1, 1], default);
        await warm.SeedCostAsync([0.5f, 0.5f, 1, 1, 2, 2], default);
        await warm.StepAsync([9, 9, 3, 3, 1, 1], default);
        float[] candidates = [-0.5f, 0, 1, 1, 0.25f, -1];
        (await warm.SeedWeightsAsync(candidates, default)).ShouldBe(await cold.SeedWeightsAsync(candidates, default));
        (await warm.SeedCostAsync(candidates, default))[0].ShouldBe((await cold.SeedCostAsync(candidates, default))[0]);
        var (warmStep, coldStep) = (await warm.StepAsync([1, 1, -1, -1], default), await cold.StepAsync([1, 1, -1, -1], default));
        warmStep.Sums.ShouldBe(coldStep.Sums);
        warmStep.Counts.ShouldBe(coldStep.Counts);
    }

    [Fact]
    public async Task What_does_not_fit_the_rows_is_refused()
    {
        Should.Throw<ArgumentException>(() => new ShardRows([1, 2, 3], 2, [1]));
        Should.Throw<ArgumentException>(() => new LocalShards([]));
        Should.Throw<ArgumentException>(() => new LocalShards([new ShardRows([1], 1, [0]), new ShardRows([1, 2], 2, [1])]));
        var spread = TestRows.Spread([1, 2, 3, 4], 2, 1);
        await StandardisedShards.PrepareAsync(spread, new ScaleOptions(), default);
        (await Should.ThrowAsync<ArgumentException>(() => spread.StepAsync([1, 2, 3], default))).Message.ShouldContain("3 values");
        await Should.ThrowAsync<ArgumentException>(() => spread.SeedCostAsync([], default));
        await Should.ThrowAsync<ArgumentException>(() => spread.SumsAsync([1], default));
    }
}
