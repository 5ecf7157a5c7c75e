using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Reflection;
using System.Threading.Channels;
using Auie.Abstractions;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Recommendation.Training;
using Auie.Core.Segments;
using Auie.Grains;
using Auie.Silo.Demo;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>What one silo publishes and another one over the same store goes by: who hears that it is published is answered by it everywhere.</summary>
public sealed class PublicationTests
{
    private static readonly string[] Settings = ["Runtime:ResponseTimeout=01:00:00", "Runtime:AbandonedStream=01:00:00", "Engine:RetryInterval=00:00:00.02"];

    /// <summary>Longer than what is between two steps of a test takes, and than may be set: it passes when the test says so, and no call is late by that.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(100), Passed = TimeSpan.FromSeconds(110);

    private static readonly JobRequest Order = new() { KMin = 2, KMax = 2, Starts = 1 };

    [Fact]
    public async Task That_a_job_has_ended_is_told_when_no_silo_goes_by_the_version_before_any_more()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            var time = new HeldTime(Passed);
            string id;
            await using (var engine = await StartAsync(time, folder))
            {
                await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
                var other = ActivatorUtilities.CreateInstance<PublishedModels>(engine.App.Services);
                (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldBeNull();

                id = (await engine.Client.StartJob(Order, CancellationToken.None)).Id;
                var watched = WatchAsync(engine, id);
                (await Task.WhenAny(watched, time.Waited)).ShouldBe(time.Waited, "the end is told before all know what is published");
                (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(1);
                (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldBeNull();
                Task<JobView?>[] asked = [engine.Client.GetJob(id, CancellationToken.None), engine.Client.CancelJob(id, CancellationToken.None)];
                // Calls of a grain begin in their order: these have, once one that was made after them is answered.
                await engine.Client.ListJobs(0, CancellationToken.None);
                ((Task[])[watched, .. asked]).ShouldAllBe(task => !task.IsCompleted);

                time.Advance();
                (await watched).State.ShouldBe("succeeded");
                (await Task.WhenAll(asked)).ShouldAllBe(job => job!.State == "succeeded");
                (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(1);
            }

            await using (var engine = await StartAsync(time, folder))
            {
                // Who takes the coordinator over may do so at the moment at which another one has published.
                var job = engine.Client.GetJob(id, CancellationToken.None);
                (await Task.WhenAny(job, time.Waited)).ShouldBe(time.Waited);
                time.Advance();
                (await job).ShouldNotBeNull().State.ShouldBe("succeeded");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_roll_back_is_told_when_no_silo_goes_by_the_ranker_before_any_more()
    {
        var time = new HeldTime(Passed);
        await using var engine = await StartAsync(time, null);
        // One that is activated after something was published waits for that.
        await engine.Client.ListJobs(0, CancellationToken.None);
        await PutRankersAsync(engine.Store, 2, Encoded(1), Encoded(2));
        var other = ActivatorUtilities.CreateInstance<PublishedRankers>(engine.App.Services);
        (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(2);

        var told = engine.Client.RollBackRanker(1, CancellationToken.None);
        (await Task.WhenAny(told, time.Waited)).ShouldBe(time.Waited);
        var list = engine.Client.GetRankers(CancellationToken.None);
        // Calls of a grain begin in their order: this has, once one that was made after it is answered.
        await engine.Client.ListJobs(0, CancellationToken.None);
        list.IsCompleted.ShouldBeFalse("the list is news, too");
        (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(2);

        time.Advance();
        (await told).ShouldNotBeNull().Published.ShouldBe(1);
        (await list).Published.ShouldBe(1);
        (await other.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(1);
    }

    [Fact]
    public async Task That_a_model_was_made_anew_is_told_when_no_silo_goes_by_the_one_before_any_more()
    {
        var time = new HeldTime(Passed);
        await using var engine = await StartAsync(time, null);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
        var first = WatchAsync(engine, (await engine.Client.StartJob(Order, CancellationToken.None)).Id);
        await Task.WhenAny(first, time.Waited);
        time.Advance();
        (await first).Result.ShouldNotBeNull();

        var user = (await engine.Client.GetMembers(1, 0, null, 1, CancellationToken.None)).ShouldNotBeNull().Members.Single();
        var receipt = await engine.EraseAsync(user);
        var again = WatchAsync(engine, receipt.RebuildJob.ShouldNotBeNull());
        await Task.WhenAny(again, time.Waited);
        async Task<string> StateAsync() => (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull().ModelStates.ShouldHaveSingleItem().State;
        (await StateAsync()).ShouldBe("rebuilding");
        time.Advance();
        (await again).State.ShouldBe("succeeded");
        (await StateAsync()).ShouldBe("rebuilt");
    }

    [Fact]
    public async Task What_is_published_is_read_once_by_a_silo_whoever_asks_and_so_is_what_it_cannot_read()
    {
        var (time, reads, hold) = (new HeldTime(Passed), new ConcurrentQueue<string>(), new TaskCompletionSource());
        await using var engine = await StartAsync(time, null);
        await PutRankersAsync(engine.Store, 1, Encoded(1));
        var readable = Silo();
        Task<PublishedRanker?>[] asked = [.. Enumerable.Range(0, 3).Select(_ => readable.CurrentAsync(engine.Client.Tenant, CancellationToken.None).AsTask())];
        hold.SetResult();
        (await Task.WhenAll(asked)).ShouldAllBe(ranker => ranker!.Version == 1);
        reads.Order().ShouldBe(["published/ranker", "ranker/1"]);

        reads.Clear();
        await PutRankersAsync(engine.Store, 2, Encoded(1), [9, 9, 9]);
        var unreadable = Silo();
        for (var i = 0; i < 3; i++)
            (await unreadable.CurrentAsync(engine.Client.Tenant, CancellationToken.None)).ShouldBeNull("the baseline ranks in its place");
        reads.Order().ShouldBe(["published/ranker", "ranker/2"]);

        PublishedRankers Silo()
        {
            var services = new ServiceCollection();
            services.AddSingleton(_ => engine.App.Services.GetRequiredService<IEngineStore>());
            GatedStore.Before((call, arguments) =>
            {
                if (call == nameof(IEngineStore.ReadDocumentAsync))
                    reads.Enqueue($"{arguments[1]}/{((string)arguments[2]!).TrimStart('0')}");
                return hold.Task;
            })(services);
            return ActivatorUtilities.CreateInstance<PublishedRankers>(engine.App.Services, services.Last().ImplementationFactory!(engine.App.Services));
        }
    }

    [Fact]
    public async Task A_job_ends_though_what_it_pinned_cannot_be_freed_yet()
    {
        var free = new TaskCompletionSource();
        await using var engine = await TestEngine.StartWithAsync(
            GatedStore.Before((call, arguments) => call == nameof(IEngineStore.WriteDocumentsAsync)
                && arguments.OfType<IReadOnlyList<DocumentWrite>>().Any(documents => documents.Any(document => document is { Data: null } && document.Kind.StartsWith("pin", StringComparison.Ordinal)))
                ? free.Task : Task.CompletedTask),
            null, 2, "Engine:ReleaseWait=00:00:00.01");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 60 }));
        (await engine.SucceedAsync(Order)).Version.ShouldBe(1);
        var next = (await engine.Client.StartJob(Order, CancellationToken.None)).Id;
        JobView? last = null;
        await foreach (var job in engine.Client.WatchJob(next, CancellationToken.None))
        {
            last = job;
            // The next one begins all the same.
            if (job.State == "running")
                free.TrySetResult();
        }

        last.ShouldNotBeNull().State.ShouldBe("succeeded");
    }

    [Fact]
    public async Task However_long_the_store_takes_what_is_published_is_read_once_in_the_time_for_which_it_is_gone_by()
    {
        var (time, reads) = (new HeldTime(Passed), Channel.CreateUnbounded<TaskCompletionSource>());
        await using var engine = await StartAsync(time, null);
        var services = new ServiceCollection();
        services.AddSingleton(_ => engine.App.Services.GetRequiredService<IEngineStore>());
        GatedStore.Before((_, arguments) =>
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Equals(arguments[2], "segmentation") && reads.Writer.TryWrite(read) ? read.Task : Task.CompletedTask;
        })(services);
        var silo = ActivatorUtilities.CreateInstance<PublishedModels>(engine.App.Services, services.Last().ImplementationFactory!(engine.App.Services));
        Task<SegmentModel?> Ask(CancellationToken cancelled = default) => silo.CurrentAsync(engine.Client.Tenant, cancelled).AsTask();

        using var gone = new CancellationTokenSource();
        Task<SegmentModel?> left = Ask(gone.Token), first = Ask(), second = Ask();
        var early = await reads.Reader.ReadAsync();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(left);

        time.Advance();
        // What is being read since then may be too old for who asks now.
        Task<SegmentModel?> third = Ask(), fourth = Ask();
        (await reads.Reader.ReadAsync()).SetResult();
        (await Task.WhenAll(third, fourth)).ShouldAllBe(model => model == null);
        (await Ask()).ShouldBeNull();
        ((Task[])[first, second]).ShouldAllBe(task => !task.IsCompleted);
        early.SetResult();
        (await Task.WhenAll(first, second)).ShouldAllBe(model => model == null);
        reads.Reader.TryRead(out _).ShouldBeFalse();
    }

    private static byte[] Encoded(long version) => PublishedRankerCodec.Encode(new PublishedRanker(version, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1, 1, new LearntRanker(
        new ForestBlend([new Forest(RecommendationFeatures.Columns, ForestOutput.Score, 0, [])]), RankingObjective.Logistic, new RankerJudgement(1, 0, 0, default))));

    /// <summary>Keeps rankers from version 1 on, and has one of them rank.</summary>
    private static async Task PutRankersAsync(IEngineStore store, long published, params byte[][] rankers)
    {
        const string owner = "test";
        var version = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(version, published);
        await store.WriteDocumentsAsync(GrainKeys.DefaultTenant, owner, await store.ClaimEpochAsync(owner, CancellationToken.None), [
            .. rankers.Select((ranker, i) => new DocumentWrite("ranker", $"{i + 1:D19}", ranker)), new DocumentWrite("published", "ranker", version),
        ], CancellationToken.None);
    }

    private static Task<TestEngine> StartAsync(HeldTime time, string? folder) => TestEngine.StartWithAsync(
        services =>
        {
            SharedStore.Claim(services);
            services.AddSingleton<TimeProvider>(time);
            services.PostConfigure<EngineOptions>(options => options.PublicationAge = Age);
        }, folder, 2, Settings);

    private static async Task<JobView> WatchAsync(TestEngine engine, string id)
    {
        JobView? job = null;
        await foreach (var now in engine.Client.WatchJob(id, CancellationToken.None))
            job = now;
        return job.ShouldNotBeNull();
    }

    /// <summary>A store that says that others have it open as well.</summary>
    internal class SharedStore : DispatchProxy
    {
        private IEngineStore _store = null!;

        public static void Claim(IServiceCollection services)
        {
            var open = services.Last(service => service.ServiceType == typeof(IEngineStore)).ImplementationFactory!;
            services.AddSingleton(provider =>
            {
                var proxy = Create<IEngineStore, SharedStore>();
                ((SharedStore)(object)proxy)._store = (IEngineStore)open(provider);
                return proxy;
            });
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == $"get_{nameof(IEngineStore.IsShared)}" ? true : targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
