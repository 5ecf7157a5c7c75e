using Auie.Abstractions;
using Auie.Core;
using Auie.Core.Clustering;
using Auie.Core.Jobs;
using Auie.Core.Segments;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Engine;

/// <summary>The same job gives the same bits over any number of shards: model, labels, silhouettes.</summary>
public sealed class SameBitsTests
{
    private const int Rows = 3_000;
    private const int Columns = 4;

    [Fact]
    public async Task A_table_of_log_normal_numbers_gives_the_same_model_and_labels_over_1_2_7_and_32_shards()
    {
        var values = LogNormal();
        var outcomes = new List<(byte[] Model, int[] Labels)>();
        foreach (var shards in new[] { 1, 2, 7, 32 })
        {
            await using var engine = await TestEngine.StartAsync(partitions: 1);
            await engine.MakeTableAsync("t", ["a", "b", "c", "d"], shards, values, rowsAtOnce: 500);
            await engine.SucceedAsync(new JobRequest { Table = "t", KMin = 2, KMax = 6, Starts = 4 });

            outcomes.Add((await engine.TableModelAsync(), await engine.TableLabelsAsync("t")));
        }

        foreach (var (model, labels) in outcomes)
        {
            model.ShouldBe(outcomes[0].Model);
            labels.ShouldBe(outcomes[0].Labels);
        }

        outcomes[0].Labels.Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Silhouettes_that_are_estimated_have_the_same_bits_over_1_2_and_7_shards_and_tell_their_errors()
    {
        var outcomes = new List<KScore[]>();
        foreach (var shards in new[] { 1, 2, 7 })
        {
            await using var engine = await TestEngine.StartAsync(
                null, 1, "Engine:ExactSilhouetteRows=2999", "Engine:SilhouetteSampleRows=400", "Engine:SilhouetteConfidence=0.9");
            await engine.MakeTableAsync("t", ["a", "b", "c", "d"], shards, LogNormal());
            outcomes.Add((await engine.SucceedAsync(new JobRequest { Table = "t", KMin = 2, KMax = 4, Starts = 2 })).Scores);
        }

        outcomes.ShouldAllBe(scores => scores.SequenceEqual(outcomes[0]));
        outcomes[0].Length.ShouldBe(3);
        foreach (var score in outcomes[0])
        {
            (score.SilhouetteMethod, score.SilhouetteRows, score.SilhouetteConfidence).ShouldBe(("sampled-rows", 400, 0.9));
            score.SilhouettePracticalError!.Value.ShouldBeInRange(1e-4, 0.05);
            score.SilhouetteError!.Value.ShouldBeInRange(score.SilhouettePracticalError.Value, 0.2);
        }
    }

    [Fact]
    public async Task A_table_whose_rows_have_ids_gives_the_same_model_in_any_order_of_its_rows()
    {
        var values = LogNormal();
        var ids = Enumerable.Range(0, Rows).Select(row => $"row/{row}").ToArray();
        var models = new List<byte[]>();
        foreach (var (shards, seed) in new[] { (1, 0), (3, 1), (7, 2) })
        {
            var order = Enumerable.Range(0, Rows).ToArray();
            if (seed > 0)
                new Random(seed).Shuffle(order);
            await using var engine = await TestEngine.StartAsync(partitions: 1);
            await engine.MakeTableAsync("t", ["a", "b", "c", "d"], shards, [.. order.SelectMany(row => values[(row * Columns)..((row + 1) * Columns)])],
                rowsAtOnce: 700, ids: [.. order.Select(row => ids[row])]);
            await engine.SucceedAsync(new JobRequest { Table = "t", KMin = 2, KMax = 6, Starts = 4 });
            models.Add(await engine.TableModelAsync());
        }

        foreach (var model in models)
            model.ShouldBe(models[0]);
    }

    [Fact]
    public async Task Users_give_the_same_model_and_members_over_1_2_7_and_32_partitions()
    {
        var world = new DemoWorld(new DemoOptions { Users = 1_200 });
        var outcomes = new List<(byte[] Model, Dictionary<string, int> Members)>();
        foreach (var partitions in new[] { 1, 2, 7, 32 })
        {
            await using var engine = await TestEngine.StartAsync(partitions: partitions);
            await engine.LoadAsync(world);
            var found = await engine.SucceedAsync(new JobRequest { KMax = 6, Starts = 4 });
            var model = (await engine.Store.ReadDocumentAsync("default", "model", found.Version.ToString("D19"), CancellationToken.None)).ShouldNotBeNull();
            outcomes.Add((model, await engine.MembersAsync(found)));
        }

        foreach (var (model, members) in outcomes)
        {
            model.ShouldBe(outcomes[0].Model);
            members.OrderBy(m => m.Key, StringComparer.Ordinal).ShouldBe(outcomes[0].Members.OrderBy(m => m.Key, StringComparer.Ordinal));
        }
    }

    /// <summary>exp of a sum of 12 uniforms less 6, twice that in half of the rows: skewed over several orders of magnitude, some missing.</summary>
    private static double[] LogNormal()
    {
        var values = new double[Rows * Columns];
        for (var i = 0; i < values.Length; i++)
        {
            var normal = -6.0;
            for (var draw = 0; draw < 12; draw++)
                normal += StableHash.ToUnit(StableHash.OfRow(7, (ulong)i, draw));
            values[i] = i % 97 == 0 ? double.NaN : Math.Exp(i / Columns % 2 == 0 ? normal : 2 * normal + 1);
        }

        return values;
    }
}
