using Auie.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>A ranker is trained by a whole engine on what its users did, published, served, and rolled back to.</summary>
public sealed class TrainingTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Begin.AddDays(60);
    private static readonly string[] Words = ["music", "film", "food", "sport"];

    private static readonly JobRequest Train = new() { Kind = JobRequest.Training, Seed = 5 };

    [Fact]
    public async Task What_is_learnt_ranks_every_user_at_once_and_can_be_taken_back()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            string[] ranked;
            await using (var engine = await StartAsync(folder))
            {
                await FillAsync(engine);
                var before = await RecommendAsync(engine);
                before.Ranker.ShouldBe("baseline");
                (await engine.Client.GetRankers(CancellationToken.None)).ShouldBeEquivalentTo(new RankerList(0, []));

                var job = await engine.RunAsync(Train);
                job.State.ShouldBe("succeeded", job.Error);
                var figures = job.Trained.ShouldNotBeNull().Figures.ShouldNotBeNull();
                (job.Trained.Version, figures.Published, job.Result).ShouldBe((1, null, null));
                figures.OverBaseline.Low.ShouldBeGreaterThan(-.005);
                figures.Rows.ShouldBeGreaterThan(1_000);

                var after = await RecommendAsync(engine);
                after.Ranker.ShouldBe("ranker-1");
                ranked = Ids(after);
                ranked.ShouldNotBe(Ids(before));
                var group = (await engine.Client.RecommendToGroup(["u1", "u2"], new RecommendationRequest { At = Now }, CancellationToken.None)).ShouldNotBeNull();
                group.Items.ShouldNotBeEmpty();

                // The same past gives the same ranker; against itself it is not worse, and so becomes the next version.
                var again = await engine.RunAsync(Train);
                again.State.ShouldBe("succeeded", again.Error);
                again.Trained!.Figures!.OverPublished.ShouldBe(new DifferenceView(0, 0, 0));
                Ids(await RecommendAsync(engine)).ShouldBe(ranked);

                (await engine.Client.RollBackRanker(9, CancellationToken.None)).ShouldBeNull();
                var list = (await engine.Client.RollBackRanker(0, CancellationToken.None)).ShouldNotBeNull();
                list.Rankers.Select(ranker => (ranker.Version, ranker.IsPublished)).ShouldBe([(2, false), (1, false)]);
                Ids(await RecommendAsync(engine)).ShouldBe(Ids(before));
                (await RecommendAsync(engine, "ranker-2")).Ranker.ShouldBe("ranker-2");
                (await Should.ThrowAsync<InvalidRequestException>(() => RecommendAsync(engine, "ranker-7"))).Field.ShouldBe("ranker");
                (await engine.Client.RollBackRanker(1, CancellationToken.None)).ShouldNotBeNull().Published.ShouldBe(1);
            }

            await using (var engine = await StartAsync(folder))
            {
                var restarted = await RecommendAsync(engine);
                (restarted.Ranker, (await engine.Client.GetRankers(CancellationToken.None)).Published).ShouldBe(("ranker-1", 1));
                restarted.Items.ShouldNotBeEmpty();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Of_too_little_nothing_is_learnt_and_the_job_says_so()
    {
        await using var engine = await TestEngine.StartAsync(null, 2);
        await engine.SendAsync(Did("ann", "shown", "i1", Begin), Did("ann", "interested", "i1", Begin.AddMinutes(1)));
        var job = await engine.RunAsync(Train);
        (job.State, job.Trained).ShouldBe(("kept", new TrainingView(null, null)));
        job.Error.ShouldNotBeNull().ShouldContain("200 are needed");
        job.Progress.ShouldBe(1);
        (await engine.Client.ListJobs(10, CancellationToken.None)).ShouldHaveSingleItem().Request.Kind.ShouldBe("train");
        (await engine.Client.Recommend("ann", new RecommendationRequest { Record = false }, null, CancellationToken.None))!.Ranker.ShouldBe("baseline");
    }

    [Fact]
    public async Task A_training_that_was_interrupted_begins_again_and_one_that_is_cancelled_publishes_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            string id;
            await using (var engine = await StartAsync(folder))
            {
                await FillAsync(engine);
                id = (await engine.Client.StartJob(Train, CancellationToken.None)).Id;
            }

            await using (var engine = await StartAsync(folder))
            {
                var job = (await engine.Client.GetJob(id, CancellationToken.None)).ShouldNotBeNull();
                await foreach (var now in engine.Client.WatchJob(id, CancellationToken.None))
                    job = now;
                job.State.ShouldBe("succeeded", job.Error);

                var next = await engine.Client.StartJob(Train with { Seed = 6 }, CancellationToken.None);
                (await engine.Client.CancelJob(next.Id, CancellationToken.None)).ShouldNotBeNull();
                await foreach (var now in engine.Client.WatchJob(next.Id, CancellationToken.None))
                    next = now;
                (next.State, next.Trained).ShouldBe(("cancelled", null));
                (await engine.Client.GetRankers(CancellationToken.None)).Rankers.ShouldHaveSingleItem().Version.ShouldBe(1);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_ranker_that_learnt_from_somebody_who_is_erased_is_marked_and_by_its_deadline_learnt_anew_or_dropped()
    {
        var time = new ShiftedTime();
        await using var engine = await TestEngine.StartWithAsync(
            services => services.AddSingleton<TimeProvider>(time), null, 2, "Engine:LeastTrainingOccasions=60", "Engine:ErasureRebuild=Deadline", "Engine:ErasureDeadlineDays=10",
            "Engine:RetryInterval=00:00:00.05");
        var coordinator = engine.Grains.GetGrain<ICoordinatorGrain>("default");
        await FillAsync(engine);
        (await engine.RunAsync(Train)).State.ShouldBe("succeeded");
        var receipt = await engine.EraseAsync("u3");
        var marked = (await engine.Client.GetRankers(CancellationToken.None)).Rankers.ShouldHaveSingleItem();
        (marked.ContainsErased, marked.RebuildBy).ShouldBe((true, receipt.RebuildBy));
        receipt.RankerStates.ShouldBe([new MarkedModel { Version = 1, State = "waiting", DroppedBy = marked.RebuildBy }]);
        receipt.Remains.ShouldContain(sentence => sentence.StartsWith("ranker-1 learnt from the user too", StringComparison.Ordinal));
        (await RecommendAsync(engine)).Ranker.ShouldBe("ranker-1");

        time.Advance(TimeSpan.FromDays(11));
        await coordinator.KeepDeadlines(CancellationToken.None);
        (await engine.Client.GetRankers(CancellationToken.None)).ShouldBeEquivalentTo(new RankerList(0, []));
        (await RecommendAsync(engine)).Ranker.ShouldBe("baseline");

        // An erasure leaves a training what people answered alone; they go on.
        await FillAsync(engine, 60, 3);
        (await engine.RunAsync(Train)).Trained!.Version.ShouldBe(2, "the number of one that is gone is not given again");
        receipt = await engine.EraseAsync("u4");
        await FillAsync(engine, 120, 3, 4);
        time.Advance(TimeSpan.FromDays(9.5));
        await coordinator.KeepDeadlines(CancellationToken.None);
        var id = (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull().RankerStates.ShouldHaveSingleItem().Job;
        JobView? again = null;
        await foreach (var now in engine.Client.WatchJob(id.ShouldNotBeNull(), CancellationToken.None))
            again = now;
        (again.ShouldNotBeNull().State, again.Request.Seed).ShouldBe(("succeeded", Train.Seed), again.Error);
        again.Trained!.Figures!.Published.ShouldBeNull("what goes anyway is no yardstick");
        (await engine.Client.GetRankers(CancellationToken.None)).Rankers.Select(ranker => (ranker.Version, ranker.IsPublished, ranker.ContainsErased)).ShouldBe([(3, true, false), (2, false, true)]);
        (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull().RankerStates.ShouldHaveSingleItem().State.ShouldBe("rebuilt");
    }

    [Fact]
    public async Task What_a_training_does_not_take_is_refused()
    {
        await using var engine = await TestEngine.StartAsync(null, 1);
        foreach (var (request, field) in new[]
        {
            (Train with { Features = "interest" }, "features"), (Train with { Table = "t" }, "table"), (Train with { AsOf = Now }, "asOf"), (Train with { Seed = -1 }, "seed"),
            (Train with { Kind = "guess" }, "kind"),
        })
            (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.StartJob(request, CancellationToken.None))).Field.ShouldBe(field);
    }

    private static Task<TestEngine> StartAsync(string folder) => TestEngine.StartAsync(folder, 2, "Engine:LeastTrainingOccasions=60");

    private static async Task<Recommendations> RecommendAsync(TestEngine engine, string? ranker = null) =>
        (await engine.Client.Recommend("u1", new RecommendationRequest { At = Now, Record = false, Count = 30, Ranker = ranker }, null, CancellationToken.None)).ShouldNotBeNull();

    private static string[] Ids(Recommendations recommended) => [.. recommended.Items.Select(item => item.Id)];

    /// <summary>People who come every six days, are shown some things, look at what they like, and want it once they are shown it again.</summary>
    private static async Task FillAsync(TestEngine engine, int fromDay = 0, params int[] except)
    {
        const int items = 60, people = 60, visits = 8, onPage = 8;
        var random = new Random(7);
        (await engine.Client.ImportItems(
        [
            .. Enumerable.Range(0, items).Select(i => new ItemEvent
            {
                ItemId = $"i{i}", MessageId = "traits", At = Begin, Traits = new Dictionary<string, string> { ["kind"] = "product", ["category"] = Words[i % Words.Length] },
            }),
        ], CancellationToken.None)).ShouldAllBe(result => result.Refused.Length == 0);
        for (var person = 0; person < people; person++)
        {
            var (liked, seen, events) = (random.Next(Words.Length), new HashSet<int>(), new List<UserEvent>());
            for (var visit = 0; visit < visits; visit++)
            {
                var at = Begin.AddDays(fromDay + 6 * visit).AddMinutes(random.Next(4_000));
                foreach (var item in Enumerable.Range(0, items).OrderBy(_ => random.Next()).Take(onPage))
                {
                    at = at.AddSeconds(20);
                    events.Add(Did($"u{person}", "shown", $"i{item}", at));
                    var isNew = seen.Add(item);
                    if (item % Words.Length == liked)
                        events.Add(Did($"u{person}", isNew ? "viewed" : "interested", $"i{item}", at.AddSeconds(7)));
                }
            }

            if (!except.Contains(person))
                await engine.SendAsync([.. events]);
        }
    }

    private static UserEvent Did(string user, string kind, string item, DateTimeOffset at) =>
        new() { UserId = user, MessageId = $"{kind}-{item}-{at.UtcTicks}", Kind = kind, Item = item, At = at, Platform = "web" };
}
