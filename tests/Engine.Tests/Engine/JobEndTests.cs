using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Silo.Demo;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>What is kept of jobs that end while something else is done with them or with what they publish, or cannot be freed of what they pinned.</summary>
public sealed class JobEndTests
{
    private static readonly JobRequest Order = new() { KMin = 2, KMax = 2, Starts = 1 };

    [Fact]
    public async Task A_job_that_is_to_be_cancelled_while_its_end_is_written_has_ended()
    {
        var (ends, mayEnd, mayCancel) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await TestEngine.StartWithAsync(
            GatedStore.Before((call, arguments) =>
            {
                if (call != nameof(IEngineStore.WriteDocumentsAsync) || arguments[3] is not IReadOnlyList<DocumentWrite> documents || JobIn(documents) is not { } job)
                    return Task.CompletedTask;
                if (job.Ended)
                {
                    ends.TrySetResult();
                    return mayEnd.Task;
                }

                return job.CancelRequested ? mayCancel.Task : Task.CompletedTask;
            }),
            null, 2);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
        var id = (await engine.Client.StartJob(Order, CancellationToken.None)).Id;
        await ends.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var cancelled = engine.Client.CancelJob(id, CancellationToken.None);
        // Calls of a grain begin in their order: this has, once one that was made after it is answered.
        await engine.Client.ListJobs(0, CancellationToken.None);
        mayEnd.SetResult();
        JobView? job = null;
        await foreach (var now in engine.Client.WatchJob(id, CancellationToken.None))
            job = now;
        job.ShouldNotBeNull().State.ShouldBe("succeeded");
        mayCancel.SetResult();
        (await cancelled).ShouldNotBeNull().State.ShouldBe("succeeded");

        await foreach (var (_, bytes) in engine.Store.ReadDocumentsAsync(engine.Client.Tenant, "job", CancellationToken.None))
            SegmentationJob.Decode(bytes).State.ShouldBe(JobState.Succeeded, "whoever takes the jobs over reads this");
    }

    [Fact]
    public async Task A_job_is_not_forgotten_before_it_is_freed_of_what_it_pinned_and_that_waits_for_no_other_job()
    {
        var isStuck = true;
        await using var engine = await TestEngine.StartWithAsync(
            GatedStore.Before((call, arguments) => call == nameof(IEngineStore.WriteDocumentsAsync) && Volatile.Read(ref isStuck)
                && arguments[3] is IReadOnlyList<DocumentWrite> documents && documents.Any(document => document is { Data: null, Kind: "pin/j1" })
                ? Task.FromException(new StoreException("It is down.")) : Task.CompletedTask),
            null, 2, "Engine:MaxJobHistory=1");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
        (await engine.RunAsync(Order)).State.ShouldBe("succeeded");
        (await engine.RunAsync(Order)).State.ShouldBe("succeeded");
        (await engine.Client.GetJob("j1", CancellationToken.None)).ShouldNotBeNull("what it pinned is still there");

        Volatile.Write(ref isStuck, false);
        (await engine.RunAsync(Order)).State.ShouldBe("succeeded");
        while (await PinnedAsync())
            await engine.Client.ListJobs(0, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

        async Task<bool> PinnedAsync()
        {
            await foreach (var _ in engine.Store.ReadDocumentsAsync(engine.Client.Tenant, "pin/j1", CancellationToken.None))
                return true;
            return false;
        }
    }

    [Fact]
    public async Task What_is_published_while_models_are_dropped_stays_published()
    {
        var time = new ShiftedTime();
        var (drops, mayDrop) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await TestEngine.StartWithAsync(
            services =>
            {
                GatedStore.Before((call, arguments) =>
                {
                    if (call != nameof(IEngineStore.WriteDocumentsAsync) || arguments[3] is not IReadOnlyList<DocumentWrite> documents)
                        return Task.CompletedTask;
                    if (JobIn(documents) is { Id: "j3", State: JobState.Running, Pinned: not null })
                        return drops.Task;
                    if (!documents.Any(document => document is { Kind: "model-mark", Data: null }))
                        return Task.CompletedTask;
                    drops.TrySetResult();
                    return mayDrop.Task;
                })(services);
                services.AddSingleton<TimeProvider>(time);
            },
            null, 2, "Engine:RetryInterval=00:00:00.02", "Engine:ErasureRebuild=Deadline", "Engine:ErasureDeadlineDays=10");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
        await engine.SucceedAsync(Order);
        (await engine.SucceedAsync(Order)).Version.ShouldBe(2);
        await engine.EraseAsync((await engine.Client.GetMembers(1, 0, null, 1, CancellationToken.None)).ShouldNotBeNull().Members.Single());
        time.Advance(TimeSpan.FromDays(11));

        // The third job goes on when the first model is being dropped, and the second, which was published until then, is to be dropped next.
        await engine.Client.StartJob(Order, CancellationToken.None);
        var kept = engine.Grains.GetGrain<ICoordinatorGrain>(engine.Client.Tenant).KeepDeadlines(CancellationToken.None);
        async Task<JobView> JobAsync() => (await engine.Client.ListJobs(1, CancellationToken.None)).Single();
        await drops.Task.WaitAsync(TimeSpan.FromSeconds(60));
        // It has nothing left to do but to publish, and some time for that.
        for (var looks = 0; looks < 200 && await JobAsync() is { Ended: false } job;)
            looks += job.Progress >= .97 ? 1 : 0;

        mayDrop.SetResult();
        await kept;
        while (!(await JobAsync()).Ended)
        {
        }

        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(3);
    }

    private static SegmentationJob? JobIn(IReadOnlyList<DocumentWrite> documents) =>
        documents.FirstOrDefault(document => document is { Kind: "job", Data: not null }) is { Data: { } data } ? SegmentationJob.Decode(data) : null;
}
