using Auie.Abstractions;
using Auie.Core;
using Auie.Core.Clustering;
using Auie.Core.Segments;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Engine;

/// <summary>Jobs that go on from the published model.</summary>
public sealed class IncrementalTests
{
    [Fact]
    public async Task One_ends_in_the_bits_of_a_full_run_from_the_same_start_over_1_2_and_7_partitions()
    {
        var world = new DemoWorld(new DemoOptions { Users = 600 });
        var outcomes = new List<byte[]>();
        foreach (var partitions in new[] { 1, 2, 7 })
        {
            await using var engine = await TestEngine.StartAsync(partitions: partitions);
            await engine.LoadAsync(world);
            var first = await ModelAsync(engine, await engine.SucceedAsync(new JobRequest { KMin = 4, KMax = 4, Starts = 2 }));
            await ChangeAsync(engine);

            var job = await engine.RunAsync(new JobRequest { Incremental = true });

            (job.State, job.FullBecause).ShouldBe(("succeeded", null));
            var bytes = await BytesAsync(engine, job.Result!);
            var model = SegmentModelCodec.Decode(bytes);
            (model.Version, model.Segments.Length, model.Features).ShouldBe((first.Version + 1, 4, first.Features));
            model.Scale.SameAs(first.Scale with { Rows = model.Scale.Rows, Missing = model.Scale.Missing }).ShouldBeTrue();
            model.Centroids.ShouldNotBe(first.Centroids);
            (await RefinedAsync(engine, first, model)).Order().ShouldBe(model.Centroids.Order());
            outcomes.Add(bytes);
        }

        foreach (var outcome in outcomes)
            outcome.ShouldBe(outcomes[0]);
    }

    [Fact]
    public async Task Where_users_have_changed_too_much_or_no_model_is_there_it_runs_in_full_and_says_so()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, "Engine:MaxIncrementalDrift=0.0001");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 400 }));
        var first = await engine.RunAsync(new JobRequest { Incremental = true, KMin = 3, KMax = 4, Starts = 2 });
        (first.State, first.FullBecause).ShouldBe(("succeeded", "no model is published"));
        first.Result!.Scores.Select(score => score.K).ShouldBe([3, 4]);

        var again = await engine.RunAsync(new JobRequest { Incremental = true, KMin = 3, KMax = 4, Starts = 2 });
        (again.FullBecause, again.Result!.Scores.Length).ShouldBe((null, 1));
        again.Request.Incremental.ShouldBeTrue();

        await ChangeAsync(engine);
        var full = await engine.RunAsync(new JobRequest { Incremental = true, KMin = 3, KMax = 4, Starts = 2 });
        full.State.ShouldBe("succeeded");
        full.FullBecause.ShouldNotBeNull().ShouldContain("since model version 2");
        full.Result!.Scores.Select(score => score.K).ShouldBe([3, 4]);

        var other = await engine.RunAsync(new JobRequest { Incremental = true, Features = "engagement", KMin = 3, KMax = 3, Starts = 1 });
        other.FullBecause.ShouldNotBeNull().ShouldContain("not of 'engagement'");
        await engine.MakeTableAsync("t", ["a"], 1, [1, 2, 3]);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.StartJob(new JobRequest { Table = "t", Incremental = true }, CancellationToken.None)))
            .Field.ShouldBe("incremental");
    }

    /// <summary>Lloyd's iteration by Core alone, from the centroids of before under the scale of before, over all rows.</summary>
    private static async Task<double[]> RefinedAsync(TestEngine engine, SegmentModel before, SegmentModel after)
    {
        var (ids, values) = (new List<ulong>(), new List<double>());
        for (var shard = 0; shard < engine.Store.Partitions; shard++)
        {
            var page = await engine.Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard("default", "users", shard))
                .ReadRows(before.Features.Name, after.AsOf, null, 10_000, CancellationToken.None);
            ids.AddRange(page.Ids.Select(StableHash.OfKey));
            values.AddRange(page.Values);
        }

        using var rows = new LocalShards([new ShardRows([.. values], before.Features.Count, [.. ids])]);
        var input = await StandardisedShards.WithScaleAsync(rows, before.Scale, CancellationToken.None);
        return (await KMeans.RefineAsync(input, [.. before.Centroids], new KMeansOptions { K = before.Segments.Length })).Centroids;
    }

    /// <summary>Some answer, and some come anew.</summary>
    private static async Task ChangeAsync(TestEngine engine)
    {
        await engine.Client.Append([.. Enumerable.Range(0, 60).SelectMany(user => Enumerable.Range(0, 3).Select(i => new UserEvent
        {
            UserId = user < 50 ? DemoWorld.UserId(user) : $"new-{user}",
            MessageId = $"{user}-{i}",
            Kind = "interested",
            Item = $"item-{i}",
            At = new DateTimeOffset(2012, 11, 1, 12, 0, 0, TimeSpan.Zero),
        }))], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
    }

    private static async Task<SegmentModel> ModelAsync(TestEngine engine, SegmentationView found) => SegmentModelCodec.Decode(await BytesAsync(engine, found));

    private static async Task<byte[]> BytesAsync(TestEngine engine, SegmentationView found) =>
        (await engine.Store.ReadDocumentAsync("default", "model", found.Version.ToString("D19"), CancellationToken.None)).ShouldNotBeNull();
}
