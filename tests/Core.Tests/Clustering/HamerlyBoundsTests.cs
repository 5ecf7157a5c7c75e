using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Clustering;

public sealed class HamerlyBoundsTests
{
    [Theory]
    [InlineData(KernelWidth.Scalar, 1)]
    [InlineData(KernelWidth.Vector128, 3)]
    [InlineData(KernelWidth.Vector256, 17)]
    [InlineData(KernelWidth.Vector512, 64)]
    public async Task Steps_that_bounds_cut_short_give_the_bits_of_steps_that_compare_all(KernelWidth width, int shards)
    {
        foreach (var values in new[] { TestRows.Groups(5_000, 12, 30, seed: 3), TestRows.LogNormal(5_000, 12, seed: 4, missing: 0.05) })
        {
            var warm = TestRows.Spread(values, 12, shards, shuffleSeed: shards, kernel: AssignmentKernels.Of(width));
            var input = await StandardisedShards.PrepareAsync(warm, new ScaleOptions(), default);
            var centroids = (await warm.SampleAsync(1, 30, default)).Values.Select(v => (double)v).ToArray();
            var (few, all) = (0, 0);
            for (var i = 0; i < 80; i++)
            {
                var cold = TestRows.Spread(values, 12, 1);
                await cold.StandardiseAsync(input.Scale, default);
                var (step, expected) = (await warm.StepAsync(centroids, default), await cold.StepAsync(centroids, default));
                step.Counts.ShouldBe(expected.Counts);
                step.Sums.ShouldBe(expected.Sums);
                (await TestRows.LabelsById(warm, centroids)).ShouldBe(await TestRows.LabelsById(cold, centroids));
                var looked = warm.Shards.Sum(shard => shard.Looked);
                few += looked < 1_000 ? 1 : 0;
                all += looked == 5_000 ? 1 : 0;
                centroids = step.Means(centroids);
            }

            all.ShouldBeGreaterThanOrEqualTo(2);
            few.ShouldBeGreaterThan(3);
        }
    }

    [Fact]
    public async Task Centroids_that_jump_are_followed_too()
    {
        var values = TestRows.Groups(2_000, 10, 30, seed: 5);
        var (warm, cold) = (TestRows.Spread(values, 10, 1), TestRows.Spread(values, 10, 1));
        var input = await StandardisedShards.PrepareAsync(warm, new ScaleOptions(), default);
        await cold.StandardiseAsync(input.Scale, default);
        var centroids = (await warm.SampleAsync(1, 30, default)).Values.Select(v => (double)v).ToArray();
        var random = new Random(6);
        var looked = new HashSet<int>();
        for (var i = 0; i < 60; i++)
        {
            // Long steps of one centroid among tiny ones of all.
            for (var c = 0; c < centroids.Length; c++)
                centroids[c] += 1e-4 * TestRows.Normal(random);
            if (i % 13 == 12)
                centroids[random.Next(30) * 10] += 10;
            var step = await warm.StepAsync(centroids, default);
            // Other numbers of centroids in between make the shard forget.
            await cold.StepAsync(centroids[..10], default);
            step.Sums.ShouldBe((await cold.StepAsync(centroids, default)).Sums);
            looked.Add(warm.Shards[0].Looked);
        }

        looked.ShouldContain(2_000);
        looked.Min().ShouldBeLessThan(200);
    }

    [Fact]
    public void No_distance_is_outside_of_the_bounds_that_kernels_take_down() =>
        Prop.ForAll(Arb.From(
            from columns in Gen.Choose(1, 20)
            from k in Gen.Choose(2, 30)
            from far in Gen.Elements(0, 0, 3, 1000)
            from seed in Gen.Choose(0, int.MaxValue)
            select (columns, k, far, seed)), t =>
        {
            var random = new Random(t.seed);
            float[] centroids = [.. Enumerable.Range(0, t.k * t.columns).Select(_ => (float)TestRows.Normal(random) + t.far)];
            float[] rows = [.. Enumerable.Range(0, 64 * t.columns).Select(_ => (float)Math.Exp(TestRows.Normal(random)) + t.far)];
            using var memory = new TileMemory(64, t.columns);
            using var tile = memory.Use();
            Tiles.FromRows(rows, t.columns).CopyTo(tile.Values);
            tile.SetNorms(t.columns);
            var (labels, upper, lower) = (new byte[64], new float[64], new float[64]);
            foreach (var width in Enum.GetValues<KernelWidth>())
            {
                AssignmentKernels.Of(width).Label(tile.Values, tile.Norms, new CentroidGroups(centroids, t.columns), labels, new LabelBounds(upper, lower));
                for (var r = 0; r < 64; r++)
                {
                    var distances = centroids.Chunk(t.columns)
                        .Select(c => Math.Sqrt(c.Zip(rows[(r * t.columns)..], (x, y) => ((double)x - y) * ((double)x - y)).Sum())).ToArray();
                    ((double)upper[r]).ShouldBeGreaterThanOrEqualTo(distances[labels[r]]);
                    ((double)lower[r]).ShouldBeLessThanOrEqualTo(distances.Where((_, k) => k != labels[r]).Min());
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20130101UL, 77UL));
}
