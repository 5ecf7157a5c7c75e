using Auie.Abstractions;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Engine;

/// <summary>From events to personas, through user grains, partitions and shards.</summary>
public sealed class SegmentationTests
{
    [Fact]
    public async Task A_demo_world_gives_the_five_personas_and_every_user_one_segment()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 3_000 }));
        var found = await engine.SucceedAsync(new JobRequest());

        found.Segments.Select(segment => segment.Persona)
            .ShouldBe(["Silent Observers", "Enthusiasts", "Social Butterflies", "Traditionalists", "Detached Critics"], ignoreOrder: true);
        found.Rows.ShouldBe(3_000);

        var members = await engine.MembersAsync(found, page: 137);
        members.Count.ShouldBe(3_000);
        foreach (var segment in found.Segments)
        {
            var now = (await engine.Client.GetSegment(found.Version, segment.Segment, CancellationToken.None)).ShouldNotBeNull();
            now.Size.ShouldBe(members.Values.Count(s => s == segment.Segment));
        }

        // A user's own turn and the shard label by one function.
        for (var user = 0; user < 3_000; user += 7)
        {
            var id = DemoWorld.UserId(user);
            var own = (await engine.Client.GetUserSegment(id, null, null, CancellationToken.None)).ShouldNotBeNull();
            own.Segment.ShouldBe(members[id]);
            own.ModelVersion.ShouldBe(found.Version);
            own.Distances.Length.ShouldBe(5);
            own.Distances[0].Segment.ShouldBe(own.Segment);
            own.Margin.ShouldBe(1 - own.Distances[0].Distance / own.Distances[1].Distance, 1e-9);
        }
    }

    [Fact]
    public async Task Names_and_ids_stay_with_their_segments_from_version_to_version()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 2_000 }));
        var first = await engine.SucceedAsync(new JobRequest { KMin = 5, KMax = 5 });
        var second = await engine.SucceedAsync(new JobRequest { KMin = 5, KMax = 5, Seed = 99 });

        second.Version.ShouldBe(first.Version + 1);
        second.Segments.ToDictionary(s => s.Id, s => s.Persona).ShouldBe(first.Segments.ToDictionary(s => s.Id, s => s.Persona), ignoreOrder: true);
    }

    [Fact]
    public async Task A_segmentation_tells_which_means_are_geometric()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 300 }));
        (await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2 })).GeometricMeans.ShouldBeEmpty();
        (await engine.SucceedAsync(new JobRequest { Features = "engagement", KMin = 2, KMax = 2 })).GeometricMeans.ShouldBe(["friends_count", "invited", "activity"]);
    }

    [Fact]
    public async Task A_user_moves_with_what_they_do()
    {
        await using var engine = await TestEngine.StartAsync();
        var world = new DemoWorld(new DemoOptions { Users = 2_000 });
        await engine.LoadAsync(world);
        var found = await engine.SucceedAsync(new JobRequest { KMin = 5, KMax = 5 });
        var silent = found.Segments.Single(s => s.Persona == "Silent Observers").Segment;
        var user = (await engine.MembersAsync(found)).First(member => member.Value == silent).Key;

        var answers = Enumerable.Range(0, 300).Select(i => new UserEvent
        {
            UserId = user,
            MessageId = $"new-{i}",
            Kind = "interested",
            At = new DateTimeOffset(2012, 12, 20, 0, 0, 0, TimeSpan.Zero).AddMinutes(i),
            Item = $"new-{i}",
        }).ToArray();
        await engine.Client.Append(answers, false, CancellationToken.None);

        var own = (await engine.Client.GetUserSegment(user, null, null, CancellationToken.None)).ShouldNotBeNull();
        own.Persona.ShouldBe("Enthusiasts");
        own.Reasons[0].Feature.ShouldBe("interested");
    }

    [Fact]
    public async Task Without_old_users_there_are_no_Traditionalists()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 3_000, Without = "Traditionalists" }));
        var found = await engine.SucceedAsync(new JobRequest());

        found.Segments.ShouldNotContain(segment => segment.Persona == "Traditionalists");
        found.Segments.ShouldContain(segment => segment.Persona == "Detached Critics");
    }

    [Fact]
    public async Task Without_users_a_job_fails_and_says_what_to_do()
    {
        await using var engine = await TestEngine.StartAsync();
        var job = await engine.RunAsync(new JobRequest());

        job.State.ShouldBe("failed");
        job.Error.ShouldNotBeNull().ShouldContain("send events first");
        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Impossible_requests_are_refused_before_they_are_queued()
    {
        await using var engine = await TestEngine.StartAsync();
        (JobRequest Request, string Field)[] wrong =
        [
            (new() { KMin = 1 }, "kMin"), (new() { KMin = 9, KMax = 3 }, "kMax"), (new() { KMax = 256 }, "kMax"), (new() { Starts = 0 }, "starts"),
            (new() { Features = "nonsense" }, "features"), (new() { Table = "none" }, "table"), (new() { Raw = true }, "raw"),
            (new() { Columns = ["a"] }, "columns"), (new() { Seed = -1 }, "seed"),
        ];
        foreach (var (request, field) in wrong)
            (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.StartJob(request, CancellationToken.None))).Field.ShouldBe(field);
        (await engine.Client.ListJobs(10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_job_publishes_nothing_and_leaves_nothing_pinned()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 2_000 }));
        var job = await engine.Client.StartJob(new JobRequest { Starts = 1_000 }, CancellationToken.None);
        await foreach (var now in engine.Client.WatchJob(job.Id, CancellationToken.None))
        {
            job = now;
            if (now.Phase.StartsWith("k =", StringComparison.Ordinal))
                await engine.Client.CancelJob(job.Id, CancellationToken.None);
        }

        job.State.ShouldBe("cancelled");
        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldBeNull();
        await foreach (var _ in engine.Store.ReadDocumentsAsync("default", $"pin/{job.Id}", CancellationToken.None))
            throw new InvalidOperationException("A pin is left.");
    }
}
