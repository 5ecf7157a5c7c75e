using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Tests.Clustering;

/// <summary>The same rows, ids and options give the same bits, however the work is spread and whatever interrupts it.</summary>
public sealed class SameBitsTests
{
    private const int Columns = 5;
    private static readonly double[] Values = TestRows.LogNormal(1500, Columns, seed: 21, missing: 0.03);
    private static readonly SweepOptions Options = new() { KMin = 3, KMax = 5, Seed = 9, Starts = 3, MaxIterations = 40 };

    [Fact]
    public void Plain_sums_of_this_data_do_depend_on_the_order()
    {
        var column = Values.Where((v, i) => i % Columns == 1 && !double.IsNaN(v)).ToArray();
        column.Order().Sum().ShouldNotBe(column.OrderDescending().Sum());
    }

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(2, false, 2)]
    [InlineData(7, false, 4)]
    [InlineData(32, false, 2)]
    [InlineData(1, true, 4)]
    [InlineData(2, true, 1)]
    [InlineData(7, true, 2)]
    [InlineData(32, true, 4)]
    [InlineData(64, true, 2)]
    public async Task For_any_number_of_shards_and_threads_and_any_order(int shards, bool shuffled, int threads)
    {
        var expected = await Run(TestRows.Spread(Values, Columns, 1, threads: 1));
        var actual = await Run(TestRows.Spread(Values, Columns, shards, shuffled ? shards : null, threads));
        Convert.ToHexString(actual.Model).ShouldBe(Convert.ToHexString(expected.Model));
        actual.Labels.ShouldBe(expected.Labels);
        actual.Means.ShouldBe(expected.Means);
    }

    [Theory]
    [InlineData("scalar")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("512")]
    public async Task For_every_kernel(string name)
    {
        IAssignmentKernel kernel = name switch
        {
            "128" => AssignmentKernels.Of(KernelWidth.Vector128),
            "256" => AssignmentKernels.Of(KernelWidth.Vector256),
            "512" => AssignmentKernels.Of(KernelWidth.Vector512),
            _ => new ScalarAssignmentKernel(),
        };
        var expected = await Run(TestRows.Spread(Values, Columns, 1));
        var actual = await Run(TestRows.Spread(Values, Columns, 3, kernel: kernel));
        Convert.ToHexString(actual.Model).ShouldBe(Convert.ToHexString(expected.Model));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(7, 3)]
    [InlineData(32, 4)]
    public async Task Of_a_sampled_silhouette_too(int shards, int? shuffle)
    {
        var options = Options with { ExactSilhouetteRows = 100, SampleRows = 300, KMax = 3 };
        var expected = await Sweep.RunAsync(TestRows.Spread(Values, Columns, 2), options, compute: OnThisThread);
        var actual = await Sweep.RunAsync(TestRows.Spread(Values, Columns, shards, shuffle), options);
        actual.Fits[0].Score.ShouldBe(expected.Fits[0].Score);
        actual.Fits[0].SilhouetteRows.ShouldBe(300);
        actual.Fits[0].Score.Method.ShouldBe(SilhouetteMethod.SampledRows);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 2)]
    [InlineData(32, 3)]
    public async Task Where_rows_share_their_ids_too(int shards, int shuffle)
    {
        var options = Options with { ExactSilhouetteRows = 100, SampleRows = 301, KMax = 4 };
        var expected = await Sweep.RunAsync(TestRows.Spread(Values, Columns, 1, rowsOfAnId: 3), options);
        var actual = await Sweep.RunAsync(TestRows.Spread(Values, Columns, shards, shuffle, rowsOfAnId: 3), options);
        for (var i = 0; i < expected.Fits.Length; i++)
        {
            actual.Fits[i].Fit.Centroids.ShouldBe(expected.Fits[i].Fit.Centroids);
            actual.Fits[i].Score.ShouldBe(expected.Fits[i].Score);
        }

        // All rows have one id: only their values tell which are taken.
        var (together, apart) = (TestRows.Spread(Values, Columns, 1, rowsOfAnId: 1500), TestRows.Spread(Values, Columns, shards, shuffle, rowsOfAnId: 1500));
        await together.StandardiseAsync(expected.Scale, default);
        await apart.StandardiseAsync(expected.Scale, default);
        foreach (var count in new[] { 1, 40 })
            (await apart.SampleAsync(5, count, default)).Values.ShouldBe((await together.SampleAsync(5, count, default)).Values);
    }

    [Fact]
    public async Task After_going_on_from_any_checkpoint_on_shards_built_anew()
    {
        var values = TestRows.LogNormal(400, Columns, seed: 22);
        var options = Options with { KMax = 4, Starts = 2, MaxIterations = 12 };
        var checkpoints = new List<byte[]>();
        await Sweep.RunAsync(TestRows.Spread(values, Columns, 3), options, onProgress: (at, _) =>
        {
            checkpoints.Add(SweepCheckpointCodec.Encode(at));
            return ValueTask.CompletedTask;
        });
        checkpoints.Count.ShouldBeGreaterThan(20);
        checkpoints.Select(c => SweepCheckpointCodec.Decode(c).Phase).Distinct().Count().ShouldBe(4);
        for (var i = 0; i < checkpoints.Count; i++)
        {
            var last = checkpoints[i];
            await Sweep.RunAsync(TestRows.Spread(values, Columns, 1 + (i % 4), i), options, SweepCheckpointCodec.Decode(last), (at, _) =>
            {
                last = SweepCheckpointCodec.Encode(at);
                return ValueTask.CompletedTask;
            });
            Convert.ToHexString(last).ShouldBe(Convert.ToHexString(checkpoints[^1]), $"from checkpoint {i}");
        }
    }

    [Fact]
    public async Task After_a_shard_was_lost_in_the_middle_of_a_fit()
    {
        var expected = await Run(TestRows.Spread(Values, Columns, 4));
        var shards = TestRows.Spread(Values, Columns, 4);
        var steps = 0;
        Scale? scale = null;
        SweepCheckpoint? last = null;
        await Sweep.RunAsync(shards, Options, onProgress: (at, _) =>
        {
            (scale, last) = (at.Scale, at);
            // A shard that is standardised anew has forgotten all that it kept between steps.
            shards.Shards[++steps % 4].Standardise(scale);
            return ValueTask.CompletedTask;
        });
        Convert.ToHexString(SweepCheckpointCodec.Encode(last!)).ShouldBe(Convert.ToHexString(expected.Model));
    }

    [Fact]
    public async Task A_different_seed_or_other_row_ids_choose_differently()
    {
        var input = await TestRows.Standardised(Values, Columns);
        var one = await ParallelSeeding.SeedAsync(input, 5, 1, true, default);
        (await ParallelSeeding.SeedAsync(input, 5, 2, true, default)).ShouldNotBe(one);
        (await ParallelSeeding.SeedAsync(input, 5, 1, true, default)).ShouldBe(one);
    }

    private static Task OnThisThread(Action work, CancellationToken cancellationToken)
    {
        work();
        return Task.CompletedTask;
    }

    private static async Task<(byte[] Model, int[] Labels, double[] Means)> Run(LocalShards shards)
    {
        SweepCheckpoint? last = null;
        var result = await Sweep.RunAsync(shards, Options, onProgress: (at, _) =>
        {
            last = at;
            return ValueTask.CompletedTask;
        });
        var centroids = result.Chosen.Fit.Centroids;
        var input = await StandardisedShards.WithScaleAsync(shards, result.Scale, default);
        var summary = await input.SummariseAsync(centroids, default);
        return (SweepCheckpointCodec.Encode(last!), await TestRows.LabelsById(shards, centroids), summary.Means);
    }
}
