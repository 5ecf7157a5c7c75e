using Auie.Core.Clustering;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Clustering;

public sealed class KMeansTests
{
    [Theory]
    [InlineData(12, 5, 1.0)]
    [InlineData(4, 3, 3.0)]
    public async Task Inertia_is_that_of_Lloyd_in_doubles_on_the_way_and_at_convergence(int columns, int k, double spread)
    {
        var values = TestRows.Groups(3000, columns, k, seed: 11, spread);
        await SameAsLloyd(values, columns, k);
    }

    [Fact]
    public async Task Inertia_is_that_of_Lloyd_on_log_normal_data_too() => await SameAsLloyd(TestRows.LogNormal(3000, 4, seed: 12), 4, 6);

    private static async Task SameAsLloyd(double[] values, int columns, int k)
    {
        var input = await TestRows.Standardised(values, columns);
        var points = TestRows.Points(values, input.Scale);
        var start = await ParallelSeeding.SeedAsync(input, k, seed: 5, true, default);
        foreach (var assignments in new[] { 1, 2, 7, 1000 })
        {
            var fit = await KMeans.RefineAsync(input, start, new KMeansOptions { K = k, MaxIterations = assignments });
            var expected = Definition.Inertia(points, Definition.Lloyd(points, [.. start.Chunk(columns)], assignments));
            fit.Inertia.ShouldBe(expected, (assignments == 1000 ? 1e-9 : 2e-6) * expected);
            if (assignments == 1000)
                fit.Converged.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Clear_groups_are_found()
    {
        var values = Enumerable.Range(0, 400).SelectMany(i => new[] { (i % 4 * 10) + (i % 7 * 0.01), (i % 2 * 20) + (i % 5 * 0.01) }).ToArray();
        var input = await TestRows.Standardised(values, 2);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = 4, Starts = 3 });
        fit.Sizes.ShouldBe([100, 100, 100, 100]);
        fit.Converged.ShouldBeTrue();
    }

    [Fact]
    public async Task The_best_of_several_starts_is_kept()
    {
        var input = await TestRows.Standardised(TestRows.Groups(800, 3, 12, seed: 2, spread: 4), 3);
        var singles = new List<KMeansFit>();
        await KMeans.FitAsync(input, new KMeansOptions { K = 9, Starts = 6 }, onProgress: (at, _) =>
        {
            if (at.Best is { } best && at.Centroids.Length == 0)
                singles.Add(best);
            return ValueTask.CompletedTask;
        });
        singles.Count.ShouldBe(6);
        singles.Zip(singles.Skip(1)).ShouldAllBe(pair => pair.Second.Inertia <= pair.First.Inertia);
        singles[^1].Inertia.ShouldBeLessThan(singles[0].Inertia);
    }

    [Fact]
    public async Task A_tolerance_ends_a_start_earlier()
    {
        var input = await TestRows.Standardised(TestRows.Groups(2000, 3, 3, seed: 6, spread: 4), 3);
        var exact = await KMeans.FitAsync(input, new KMeansOptions { K = 6, Starts = 1 });
        var loose = await KMeans.FitAsync(input, new KMeansOptions { K = 6, Starts = 1, Tolerance = 1e-3 });
        loose.Converged.ShouldBeTrue();
        loose.Iterations.ShouldBeLessThan(exact.Iterations);
        loose.Inertia.ShouldBeInRange(exact.Inertia, 1.05 * exact.Inertia);
    }

    [Fact]
    public async Task An_empty_cluster_moves_to_the_farthest_row_and_another_assignment_follows()
    {
        double[] values = [0, 0.1, 0.2, 10, 10.1, 50];
        var input = await TestRows.Standardised(values, 1);
        double Place(double raw) => input.Scale.Transform([raw])[0];
        var fit = await KMeans.RefineAsync(input, [Place(5), Place(5), Place(5)], new KMeansOptions { K = 3 });
        fit.K.ShouldBe(3);
        fit.Converged.ShouldBeTrue();
        fit.Sizes.Order().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task An_empty_cluster_that_no_row_can_fill_is_given_up()
    {
        var input = await TestRows.Standardised([0, 0, 0, 8, 8], 1);
        var fit = await KMeans.RefineAsync(input, [-1, 1, 1, 7], new KMeansOptions { K = 4 });
        fit.K.ShouldBe(2);
        fit.Converged.ShouldBeTrue();
        fit.Inertia.ShouldBe(0, 1e-12);
    }

    [Fact]
    public async Task Clusters_left_empty_when_iterations_run_out_are_not_returned()
    {
        var input = await TestRows.Standardised([0, 1, 2, 3], 1);
        var fit = await KMeans.RefineAsync(input, [0, 0, 0], new KMeansOptions { K = 3, MaxIterations = 1 });
        fit.Sizes.ShouldBe([4]);
        fit.Centroids.ShouldBe([0]);
        fit.RequestedK.ShouldBe(3);
        fit.Converged.ShouldBeFalse();
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(5, 3)]
    [InlineData(200, 3)]
    public async Task There_are_no_more_clusters_than_different_rows(int k, int expected)
    {
        var values = Enumerable.Range(0, 100).Select(i => i == 7 ? 5.0 : i == 8 ? 900 : 4).ToArray();
        var input = await TestRows.Standardised(values, 1);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = k, Starts = 2 });
        fit.K.ShouldBe(expected);
        fit.RequestedK.ShouldBe(k);
        if (expected == 3)
            fit.Inertia.ShouldBe(0);
    }

    [Fact]
    public async Task Rows_that_are_all_alike_are_one_cluster_of_inertia_0()
    {
        var input = await TestRows.Standardised([.. Enumerable.Repeat(3.25, 40)], 2);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = 4, Starts = 2 });
        fit.Sizes.ShouldBe([20]);
        fit.Inertia.ShouldBe(0);
        (await input.SummariseAsync(fit.Centroids, default)).Means.ShouldBe([3.25, 3.25]);
    }

    [Fact]
    public async Task One_row_is_one_cluster()
    {
        var input = await TestRows.Standardised([1, 2, 3], 3);
        (await KMeans.FitAsync(input, new KMeansOptions { K = 3 })).Sizes.ShouldBe([1]);
    }

    [Fact]
    public async Task Options_out_of_range_are_refused_by_name()
    {
        var input = await TestRows.Standardised([1, 2, 3], 1);
        foreach (var (options, name) in new (KMeansOptions, string)[]
        {
            (new() { K = 0 }, "K"), (new() { K = 256 }, "K"), (new() { K = 2, Starts = 0 }, "Starts"),
            (new() { K = 2, MaxIterations = 0 }, "MaxIterations"), (new() { K = 2, Tolerance = -1 }, "Tolerance"),
            (new() { K = 2, Tolerance = double.NaN }, "Tolerance"),
        })
        {
            (await Should.ThrowAsync<ArgumentOutOfRangeException>(() => KMeans.FitAsync(input, options))).ParamName.ShouldBe(name);
        }

        await Should.ThrowAsync<ArgumentException>(() => KMeans.RefineAsync(input, [1, 2, 3], new KMeansOptions { K = 2 }));
    }

    [Fact]
    public async Task Steps_before_standardising_are_refused() =>
        await Should.ThrowAsync<InvalidOperationException>(() => TestRows.Spread([1, 2, 3], 1, 2).StepAsync([0], default));

    [Fact]
    public async Task A_cancelled_fit_ends()
    {
        var input = await TestRows.Standardised(TestRows.Groups(500, 2, 3, seed: 1), 2);
        using var source = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => KMeans.FitAsync(
            input, new KMeansOptions { K = 3 }, onProgress: (_, _) => new ValueTask(source.CancelAsync()), cancellationToken: source.Token));
    }

    [Fact]
    public async Task The_summary_is_in_raw_units_with_missing_values_filled()
    {
        double[] values = [1, 100, 3, 100, 2, double.NaN, 1001, 300, 1003, 100];
        var input = await TestRows.Standardised(values, 2);
        var fit = await KMeans.RefineAsync(input, [-1, 0, 1, 0], new KMeansOptions { K = 2 });
        var summary = await input.SummariseAsync(fit.Centroids, default);
        summary.Sizes.ShouldBe([3, 2]);
        summary.Means.ShouldBe([2, 100, 1002, 200]);
    }

    [Fact]
    public void Duplicating_the_rows_doubles_inertia_and_moves_no_centroid() => ForAll(async table =>
    {
        var twice = (double[])[.. table.Values, .. table.Values];
        var input = await TestRows.Standardised(table.Values, table.Columns);
        var doubled = await TestRows.Standardised(twice, table.Columns);
        var start = await ParallelSeeding.SeedAsync(input, table.K, table.Seed, true, default);
        var options = new KMeansOptions { K = start.Length / table.Columns };
        var one = await KMeans.RefineAsync(input, start, options);
        var two = await KMeans.RefineAsync(doubled, start, options);
        two.Inertia.ShouldBe(2 * one.Inertia, (1e-12 * one.Inertia) + 1e-12);
        two.Centroids.ShouldBe(one.Centroids);
        two.Sizes.ShouldBe(one.Sizes.Select(n => 2 * n));
    });

    [Fact]
    public void Permuting_the_centroids_permutes_the_answer() => ForAll(async table =>
    {
        var input = await TestRows.Standardised(table.Values, table.Columns);
        var start = (await ParallelSeeding.SeedAsync(input, table.K, table.Seed, true, default)).Chunk(table.Columns).ToArray();
        var order = Enumerable.Range(0, start.Length).ToArray();
        new Random((int)table.Seed).Shuffle(order);
        var options = new KMeansOptions { K = start.Length, MaxIterations = 1 };
        var straight = await KMeans.RefineAsync(input, [.. start.SelectMany(c => c)], options);
        var permuted = await KMeans.RefineAsync(input, [.. order.SelectMany(k => start[k])], options);
        permuted.Inertia.ShouldBe(straight.Inertia, (1e-12 * straight.Inertia) + 1e-12);
        permuted.Centroids.ShouldBe(order.SelectMany(k => straight.Centroids.Chunk(table.Columns).ElementAt(k)));
    });

    [Fact]
    public void No_step_raises_inertia() => ForAll(async table =>
    {
        var input = await TestRows.Standardised(table.Values, table.Columns);
        var centroids = Enumerable.Range(0, table.K).SelectMany(k => table.Values.Take(table.Columns).Select((_, c) => (k * 0.37) - c)).ToArray();
        var before = double.PositiveInfinity;
        for (var i = 0; i < 15; i++)
        {
            var step = await input.Shards.StepAsync(centroids, default);
            var inertia = Inertia.Of(input.Scale, input.Squares, step, centroids);
            inertia.ShouldBeLessThanOrEqualTo(before * (1 + 1e-7));
            before = inertia;
            centroids = step.Means(centroids);
        }
    });

    [Fact]
    public void A_fit_is_its_own_labels_inertia_sizes_and_means() => ForAll(async table =>
    {
        var input = await TestRows.Standardised(table.Values, table.Columns);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = table.K, Seed = table.Seed, Starts = 2 });
        var points = TestRows.Points(table.Values, input.Scale);
        var centroids = fit.Centroids.Chunk(table.Columns).ToArray();
        var expected = Definition.Inertia(points, centroids);
        fit.Inertia.ShouldBe(expected, (1e-6 * expected) + 1e-9);
        fit.Sizes.Sum().ShouldBe(points.Length);
        fit.Sizes.ShouldAllBe(n => n > 0);
        fit.K.ShouldBeLessThanOrEqualTo(Math.Min(table.K, points.Select(p => string.Join(' ', p)).Distinct().Count()));
    });

    private sealed record Table(double[] Values, int Columns, int K, ulong Seed);

    /// <summary>Small tables of few different values, so that ties, duplicates and constant columns come up.</summary>
    private static void ForAll(Func<Table, Task> holds)
    {
        var value = Gen.Frequency(
            (5, Gen.Choose(-4, 4).Select(v => (double)v)), (2, Gen.Choose(0, 9).Select(v => Math.Exp(v))), (1, Gen.Constant(0.1)));
        var tables =
            from columns in Gen.Choose(1, 3)
            from rows in Gen.Choose(1, 80)
            from k in Gen.Choose(1, 7)
            from seed in Gen.Choose(0, 1000)
            from values in Gen.ArrayOf(value, rows * columns)
            select new Table(values, columns, k, (ulong)seed);
        Prop.ForAll(Arb.From(tables), table => holds(table).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20130101UL, 77UL));
    }
}
