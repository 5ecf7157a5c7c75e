using Auie.Abstractions;
using Auie.Core.Segments;
using Auie.Core.Statistics;
using Auie.Engine.Tests.Engine;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

/// <summary>The default job over demo worlds, through the whole engine, against what is planted.</summary>
public sealed class DemoJobTests
{
    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 10).Select(seed => (long)seed)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task The_job_finds_the_five_kinds_nearly_as_well_as_can_be(long seed)
    {
        var world = new DemoWorld(new() { Users = 4_000, Seed = seed });
        int[] kinds = [.. world.Truth.KindOfUser];
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(world);

        var found = await engine.SucceedAsync(new JobRequest());

        found.K.ShouldBe(5);
        found.NamesWithheld.ShouldBeNull();
        found.Segments.Select(segment => segment.Persona).Order().ShouldBe(world.Truth.Kinds.Select(kind => kind.Name).Order());
        var members = await engine.MembersAsync(found);
        int[] labels = [.. Enumerable.Range(0, world.Users).Select(user => members[DemoWorld.UserId(user)])];
        var best = AdjustedRandIndex.Of(world.BayesAssignment(), kinds);
        best.ShouldBeInRange(.90, .97);
        AdjustedRandIndex.Of(labels, kinds).ShouldBe(best, .05);
        foreach (var segment in found.Segments)
        {
            var own = Enumerable.Range(0, world.Users).Where(user => labels[user] == segment.Segment);
            own.CountBy(user => world.KindOf(user).Name).MaxBy(kind => kind.Value).Key.ShouldBe(segment.Persona);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task With_every_column_shuffled_the_kinds_are_gone_and_no_archetypes_name_is_given(long seed)
    {
        var table = new DemoWorld(new() { Users = 4_000, Seed = seed }).FeatureTable();
        await using var engine = await TestEngine.StartAsync(partitions: 1);
        await engine.MakeTableAsync("shuffled", [.. table.Columns], 4, Shuffled(table, seed));

        var found = await engine.SucceedAsync(new JobRequest { Table = "shuffled" });

        AdjustedRandIndex.Of(await engine.TableLabelsAsync("shuffled"), table.Kinds).ShouldBeLessThan(.1);
        found.NamesWithheld.ShouldNotBeNullOrEmpty();
        found.Segments.ShouldAllBe(segment => Archetypes.BuiltIn.Find(segment.Persona) == null);
    }

    /// <summary>Every column in an order of its own: each is distributed as before, and none has to do with another.</summary>
    private static double[] Shuffled(DemoTable table, long seed)
    {
        var random = new Random((int)seed);
        var columns = table.Columns.Count;
        var values = new double[table.Values.Length];
        for (var column = 0; column < columns; column++)
        {
            var order = Enumerable.Range(0, table.Rows).ToArray();
            random.Shuffle(order);
            for (var row = 0; row < table.Rows; row++) values[(row * columns) + column] = table.Values[(order[row] * columns) + column];
        }

        return values;
    }
}
