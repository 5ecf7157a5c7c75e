using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Core.Statistics;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

/// <summary>K-means, which knows neither the kinds nor their number, against what is planted.</summary>
public sealed class DemoClusteringTests
{
    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 10).Select(seed => (long)seed)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Clusters_are_as_many_as_kinds_and_nearly_as_good_as_the_best_assignment(long seed)
    {
        var world = new DemoWorld(new() { Users = 4_000, Seed = seed });
        var table = world.FeatureTable();
        var best = world.BayesAssignment();

        var (fit, labels, personas) = await Cluster(table, table.Values, seed);

        fit.K.ShouldBe(5);
        var reached = AdjustedRandIndex.Of(labels, table.Kinds);
        reached.ShouldBeGreaterThan(AdjustedRandIndex.Of(best, table.Kinds) - .05);
        AdjustedRandIndex.Of(labels, best).ShouldBeGreaterThan(.94);
        personas.Order().ShouldBe(world.Truth.Kinds.Select(kind => kind.Name).Order());
        for (var row = 0; row < personas.Length; row++)
            KindMostCommonIn(row, labels, world).ShouldBe(personas[row]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task With_every_column_shuffled_the_kinds_are_gone(long seed)
    {
        var table = new DemoWorld(new() { Users = 4_000, Seed = seed }).FeatureTable();
        var random = new Random((int)seed);
        double[] Column(int column) => [.. Enumerable.Range(0, table.Rows).Select(row => table.Values[(row * 4) + column])];
        var columns = Enumerable.Range(0, 4).Select(Column).ToArray();
        foreach (var column in columns) random.Shuffle(column);
        var shuffled = Enumerable.Range(0, table.Values.Length).Select(place => columns[place % 4][place / 4]).ToArray();

        var (_, labels, _) = await Cluster(table, shuffled, seed);

        AdjustedRandIndex.Of(labels, table.Kinds).ShouldBeLessThan(.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Without_Traditionalists_the_other_four_are_found_and_none_has_their_name(long seed)
    {
        var table = new DemoWorld(new() { Users = 4_000, Seed = seed, Without = DemoKind.Traditionalists }).FeatureTable();

        var (_, _, personas) = await Cluster(table, table.Values, seed);

        personas.Order().ShouldBe(["Detached Critics", "Enthusiasts", "Silent Observers", "Social Butterflies"]);
    }

    private static async Task<(KMeansFit Fit, int[] Labels, string[] Personas)> Cluster(DemoTable table, double[] values, long seed)
    {
        var shards = LocalShards.Split(values, table.Columns.Count);
        var options = new SweepOptions { Seed = (ulong)seed, ExactSilhouetteRows = 1_500, SampleRows = 1_500 };
        var sweep = await Sweep.RunAsync(shards, options, cancellationToken: CancellationToken.None);
        var fit = sweep.Chosen.Fit;
        var profiles = fit.Sizes.Select((size, cluster) =>
        {
            var centroid = fit.Centroids[(cluster * table.Columns.Count)..((cluster + 1) * table.Columns.Count)];
            return new ClusterProfile(size, [.. centroid.Select((value, column) => sweep.Scale.ToRaw(value, column))], [.. centroid]);
        });
        var naming = new SegmentNaming(Archetypes.BuiltIn);
        var named = naming.Name(FeatureSets.BuiltIn.Default, [.. profiles], withheld: false, earlier: null);
        return (fit, await shards.LabelsAsync(fit.Centroids, CancellationToken.None), [.. named.Segments.Select(segment => segment.Persona)]);
    }

    private static string KindMostCommonIn(int cluster, int[] labels, DemoWorld world)
    {
        var members = Enumerable.Range(0, world.Users).Where(user => labels[user] == cluster);
        return members.CountBy(user => world.KindOf(user).Name).MaxBy(kind => kind.Value).Key;
    }
}
