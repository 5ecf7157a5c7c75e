using System.Text;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Jobs;
using Auie.Engine.Tests.Engine;
using Auie.Silo.Demo;
using Auie.Storage.Sqlite;

namespace Auie.Engine.Tests.Processes;

/// <summary>
/// A silo is killed in the middle of a job and started again on its folder: the job goes on by itself, and what it finds is, bit for bit,
/// what it finds when nobody disturbs it.
/// </summary>
public sealed class KilledJobTests(KilledJobTests.LoadedFolder loaded) : IClassFixture<KilledJobTests.LoadedFolder>, IDisposable
{
    private const int Users = 2_000;
    private static readonly JobOrder OfUsers = new() { KMin = 3, KMax = 5, Seed = 7, Starts = 16 };
    private static readonly JobOrder OfTable = new() { Table = "t", KMin = 2, KMax = 3, Seed = 7, Starts = 40 };

    private static readonly JobOrder Training = new() { Kind = "train", Seed = 7 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_job_over_users_that_is_killed_in_any_phase_gives_the_bits_of_one_that_is_not()
    {
        var undisturbed = await ModelOfUsersAsync(loaded.CopyTo(_folder, "undisturbed"), null);
        undisturbed.Members.Count.ShouldBe(Users);
        // Each phase, and the progress at which it is surely past: a phase of a few milliseconds is not always heard of.
        (string Phase, double Past)[] phases = [("pinning", 0), ("k = 3: seeding", 0.03), ("iteration", 0.3), ("silhouette", 0.6), ("naming", 0.96)];
        var caught = 0;
        foreach (var (phase, past) in phases)
        {
            var resumed = await ModelOfUsersAsync(loaded.CopyTo(_folder, $"killed in {phase.Replace(':', ' ')}"), phase, past);
            resumed.Model.ShouldBe(undisturbed.Model, $"killed in {phase}");
            resumed.Members.ShouldBe(undisturbed.Members, $"killed in {phase}");
            caught += resumed.Interrupted ? 1 : 0;
        }

        var stopped = await ModelOfUsersAsync(loaded.CopyTo(_folder, "stopped"), "iteration", inOrder: true);
        stopped.Model.ShouldBe(undisturbed.Model);
        stopped.Members.ShouldBe(undisturbed.Members);

        // After the last phase the job may be over before the kill lands; the others must not be.
        caught.ShouldBeGreaterThanOrEqualTo(phases.Length - 1);
    }

    [Fact]
    public async Task A_job_over_a_table_that_is_killed_in_any_phase_gives_the_bits_of_one_that_is_not()
    {
        var (undisturbed, _) = await ModelOfTableAsync(loaded.CopyTo(_folder, "undisturbed"), null);
        foreach (var (phase, past) in new[] { ("k = 2: seeding", 0.03), ("k = 3: start", 0.5) })
        {
            var (resumed, interrupted) = await ModelOfTableAsync(loaded.CopyTo(_folder, $"killed in {phase.Replace(':', ' ')}"), phase, past);
            interrupted.ShouldBeTrue();
            resumed.ShouldBe(undisturbed, $"killed in {phase}");
        }
    }

    [Fact]
    public async Task A_training_that_is_killed_while_it_learns_gives_the_bits_of_one_that_is_not()
    {
        var undisturbed = await RankerAsync(loaded.CopyTo(_folder, "undisturbed"), null);
        foreach (var phase in new[] { "learning" })
            (await RankerAsync(loaded.CopyTo(_folder, $"killed in {phase}"), phase)).ShouldBe(undisturbed, $"killed in {phase}");
    }

    [Fact]
    public async Task Two_jobs_that_were_queued_when_the_silo_was_killed_end_in_their_order()
    {
        var folder = loaded.CopyTo(_folder, "two");
        string first, second;
        await using (var silo = await SiloProcess.RunAsync(folder))
        {
            first = (await silo.Client.StartJob(OfUsers)).Id;
            second = (await silo.Client.StartJob(OfTable with { Starts = 2 })).Id;
            await ReachedAsync(silo, first, "k = ");
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.RunAsync(folder);
        var secondEnded = await EndedAsync(again, second);
        var firstEnded = await again.Client.GetJob(first);
        firstEnded.State.ShouldBe("succeeded", firstEnded.Error);
        secondEnded.State.ShouldBe("succeeded", secondEnded.Error);
        firstEnded.EndedAt.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(secondEnded.EndedAt.ShouldNotBeNull());
    }

    [Fact]
    public async Task A_job_that_was_taken_up_again_can_be_cancelled_and_leaves_nothing_behind()
    {
        var folder = loaded.CopyTo(_folder, "cancelled");
        string id;
        await using (var silo = await SiloProcess.RunAsync(folder))
        {
            id = (await silo.Client.StartJob(OfUsers with { Starts = 1_000 })).Id;
            await ReachedAsync(silo, id, "k = ");
            await silo.KillAsync();
        }

        await using (var again = await SiloProcess.RunAsync(folder))
        {
            await ReachedAsync(again, id, "k = ");
            await again.Client.CancelJob(id);
            (await EndedAsync(again, id)).State.ShouldBe("cancelled");
            (await again.StopAsync()).ShouldBe(0);
        }

        await using var store = await SqliteStore.OpenAsync(folder);
        (await store.ReadDocumentAsync("default", "published", "segmentation", CancellationToken.None)).ShouldBeNull();
        (await store.ReadDocumentAsync("default", "checkpoint", id, CancellationToken.None)).ShouldBeNull();
        await ShouldHaveNoPins(store, id);
    }

    private static async Task<(byte[] Model, SortedDictionary<string, int> Members, bool Interrupted)> ModelOfUsersAsync(
        string folder, string? killedIn, double past = 1, bool inOrder = false)
    {
        var members = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (job, interrupted) = await RunAsync(folder, OfUsers, killedIn, async silo =>
        {
            var found = await silo.Client.GetSegmentation();
            foreach (var segment in found.Segments)
            {
                string? cursor = null;
                do
                {
                    var page = await silo.Client.GetMembers(segment.Segment, cursor, 1_000);
                    foreach (var member in page.Members)
                        members.Add(member, segment.Segment);
                    cursor = page.Next;
                }
                while (cursor is not null);
            }
        }, past, inOrder);

        await using var store = await SqliteStore.OpenAsync(folder);
        var model = (await store.ReadDocumentAsync("default", "model", job.Result.ShouldNotBeNull().Version.ToString("D19"), CancellationToken.None)).ShouldNotBeNull();
        await ShouldHaveNoPins(store, job.Id);
        return (model, members, interrupted);
    }

    private static async Task<(byte[] Model, bool Interrupted)> ModelOfTableAsync(string folder, string? killedIn, double past = 1)
    {
        var (_, interrupted) = await RunAsync(folder, OfTable, killedIn, _ => Task.CompletedTask, past);
        await using var store = await SqliteStore.OpenAsync(folder);
        await foreach (var (_, bytes) in store.ReadDocumentsAsync("default", "job", CancellationToken.None))
            return (SegmentationJob.Decode(bytes).Model.ShouldNotBeNull(), interrupted);
        throw new InvalidOperationException("There is no job.");
    }

    /// <summary>How good what a training learnt is on those that it did not learn from, to the last bit: of so few it may not take the baseline's place.</summary>
    private static async Task<RankerFigures> RankerAsync(string folder, string? killedIn)
    {
        var (job, interrupted) = await RunAsync(folder, Training, killedIn, _ => Task.CompletedTask, settings: ["Engine:TrainingOccasions=100", "Engine:LeastTrainingOccasions=50"]);
        interrupted.ShouldBe(killedIn is not null);
        return job.Trained.ShouldNotBeNull().Figures.ShouldNotBeNull();
    }

    /// <summary>Runs a job to its end, through a kill and a restart where a phase is given.</summary>
    private static async Task<(JobView Job, bool Interrupted)> RunAsync(string folder, JobOrder order, string? killedIn, Func<SiloProcess, Task> read, double past = 1, bool inOrder = false, string[]? settings = null)
    {
        var silo = await SiloProcess.RunAsync(folder, settings ?? []);
        try
        {
            var id = (await silo.Client.StartJob(order)).Id;
            var interrupted = false;
            if (killedIn is not null)
            {
                interrupted = !(await ReachedAsync(silo, id, killedIn, past)).Ended;
                if (inOrder)
                    (await silo.StopAsync()).ShouldBe(0, silo.Errors);
                await silo.DisposeAsync();
                silo = await SiloProcess.RunAsync(folder, settings ?? []);
            }

            var job = await EndedAsync(silo, id);
            job.State.ShouldBeOneOf("succeeded", order == Training ? "kept" : "succeeded");
            await read(silo);
            (await silo.StopAsync()).ShouldBe(0, silo.Errors);
            return (job, interrupted);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    /// <summary>Waits until the job runs and is in a phase of that name or past it, or has ended.</summary>
    private static async Task<JobView> ReachedAsync(SiloProcess silo, string id, string phase, double past = 1)
    {
        using var deadline = new CancellationTokenSource(SiloProcess.Patience);
        await foreach (var now in silo.Client.WatchJob(id, deadline.Token))
        {
            if (now.Ended || (now.State == "running" && (now.Progress > past || now.Phase.Contains(phase, StringComparison.Ordinal))))
                return now;
        }

        throw new InvalidOperationException($"The stream ended before '{phase}'. {silo.Errors}");
    }

    private static async Task<JobView> EndedAsync(SiloProcess silo, string id)
    {
        using var deadline = new CancellationTokenSource(SiloProcess.Patience);
        JobView? last = null;
        await foreach (var now in silo.Client.WatchJob(id, deadline.Token))
            last = now;
        return last.ShouldNotBeNull();
    }

    private static async Task ShouldHaveNoPins(SqliteStore store, string job)
    {
        await foreach (var (key, _) in store.ReadDocumentsAsync("default", $"pin/{job}", CancellationToken.None))
            throw new InvalidOperationException($"Shard {key} still has what the job pinned.");
    }

    /// <summary>A folder that was loaded once, with users and a table, for every silo to have a copy of its own.</summary>
    public sealed class LoadedFolder : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public async Task InitializeAsync()
        {
            await using var engine = await TestEngine.StartAsync(_folder.At("loaded"));
            await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = Users }));
            using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
            await new AuieHttpClient(http).PutTable("t", new StringContent(Table(), Encoding.UTF8, "text/csv"), shards: 3);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();

        internal string CopyTo(TemporaryFolder folder, string name)
        {
            Directory.CreateDirectory(folder.At(name));
            foreach (var file in Directory.GetFiles(_folder.At("loaded")))
                File.Copy(file, Path.Combine(folder.At(name), Path.GetFileName(file)));
            return folder.At(name);
        }
    }

    private static string Table()
    {
        var csv = new StringBuilder("a,b,c\n");
        for (var row = 0; row < 1_500; row++)
        {
            // Three heaps, each spread by a multiplicative walk; every 50th value is missing.
            var (x, y) = (row * 7919 % 1009, row * 104_729 % 997);
            csv.Append(row % 3 * 400 + x).Append(',').Append(row % 50 == 0 ? "" : (row % 3 * 300 + y).ToString()).Append(',').Append((x * y) % 613).Append('\n');
        }

        return csv.ToString();
    }
}
