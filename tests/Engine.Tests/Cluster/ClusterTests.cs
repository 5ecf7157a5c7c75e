using System.Text;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Jobs;
using Auie.Engine.Tests.Processes;
using Auie.Load;
using Auie.Silo.Demo;
using Auie.Storage.Postgres;
using Auie.Tests.Shared;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Cluster;

/// <summary>Several silos, each a process, over one database: any answers for all, and what one of them leaves the others take up.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    /// <summary>So many starts that a job most often lasts until it has been disturbed, and the most that are tried.</summary>
    private const int Many = 300, MostStarts = 8_100;

    private static readonly JobOrder OfTable = new() { Table = "t", KMin = 2, KMax = 4, Seed = 7, Starts = 4 };

    [PostgresFact]
    public async Task Three_silos_share_the_slots_and_any_of_them_answers_for_every_user()
    {
        const int users = 60;
        var world = new DemoWorld(new DemoOptions { Users = users });
        await using var cluster = await SiloCluster.StartAsync(3, SiloCluster.QuickLeases);
        foreach (var batch in Enumerable.Range(0, users).SelectMany(world.EventsOf).Chunk(200))
            (await cluster[1].Client.SendEvents(batch)).Accepted.ShouldBe(batch.Length);
        for (var user = 0; user < users; user++)
        {
            var sent = world.EventsOf(user).GroupBy(one => one.Kind).ToDictionary(kind => kind.Key, kind => (long)kind.Count());
            foreach (var number in (int[])[1, 2, 3])
                (await cluster[number].Client.GetUser(DemoWorld.UserId(user))).Events.ShouldBe(sent, ignoreOrder: true);
        }

        var silos = await cluster.SettledAsync(cluster[3], 3);
        silos.Select(silo => silo.Slots.Length).Order().ShouldBe([5, 5, 6]);
        silos.SelectMany(silo => silo.Slots).Order().ShouldBe(Enumerable.Range(0, 16));
    }

    [PostgresFact]
    public async Task A_name_that_another_silo_has_and_a_secret_that_it_has_not_are_refused_in_a_sentence_and_a_name_whose_silo_is_dead_is_taken()
    {
        await using var cluster = await SiloCluster.StartAsync(1, [.. SiloCluster.QuickLeases, "Cluster:Secret=a secret of this test alone"]);
        var gateways = await Gateways(cluster[1]);
        await using var api = await ApiProcess.StartAsync("--gateways", gateways, "--set", "Cluster:Secret=a secret of this test alone");
        await using (var stranger = SiloProcess.LaunchProgram("Auie.Api.dll", ["--urls", "http://127.0.0.1:0", "--gateways", gateways, "--set", "Cluster:Secret=a secret of nobody"]))
        {
            (await stranger.ExitedAsync()).ShouldBe(1);
            stranger.Errors.ShouldContain("Cluster:Secret, or Cluster:SecretFile, of this process is another than there.");
        }

        // Of two gateways one is not there, and may yet let it in.
        await using (var waiting = SiloProcess.LaunchProgram("Auie.Api.dll", ["--urls", "http://127.0.0.1:0", "--gateways", $"{gateways};127.0.0.1:1", "--set", "Cluster:Secret=a secret of nobody"]))
        {
            await waiting.ListeningAsync();
            using var late = new CancellationTokenSource(SiloProcess.Patience);
            while (!(await (await waiting.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), late.Token)).Content.ReadAsStringAsync(late.Token)).Contains("of this process is another than there.\"}"))
                await Task.Delay(50, late.Token);
        }

        await using (var second = cluster.Launch("silo-1"))
        {
            (await second.ExitedAsync()).ShouldBe(1);
            second.Errors.ShouldContain("A silo named 'silo-1' runs at");
        }

        await cluster[1].KillAsync();
        // Not for its keys or its port: it has nobody to ask.
        await SiloCluster.ReadyAsync(api, ready: false);
        await using var third = cluster.Launch("silo-1");
        await third.ListeningAsync();
        (await cluster.SettledAsync(third, 1)).Single().Name.ShouldBe("silo-1");
    }

    [PostgresFact]
    public async Task A_web_API_of_a_few_lines_asks_a_users_grain()
    {
        await using var cluster = await SiloCluster.StartAsync(2, SiloCluster.QuickLeases);
        await cluster[1].Client.SendEvents([new UserEvent { UserId = "ann", MessageId = "m1", Kind = "viewed", Item = "e1", At = DateTimeOffset.UnixEpoch.AddYears(50) }]);
        await using var sample = SiloProcess.LaunchProgram(
            "Auie.Samples.UserApi.dll", ["--urls", "http://127.0.0.1:0", $"--Cluster:Gateways={await Gateways(cluster[2])}"]);
        await sample.ListeningAsync();
        (await sample.Http.GetStringAsync(new Uri("/users/ann", UriKind.Relative))).ShouldContain("\"viewed\":1");
        (await sample.Http.GetAsync(new Uri("/users/bob", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [PostgresFact]
    public async Task What_is_drained_goes_to_the_others_and_comes_back_when_it_is_resumed()
    {
        await using var cluster = await SiloCluster.StartAsync(2, SiloCluster.QuickLeases);
        await cluster[2].Client.DrainSilo("silo-1");
        var drained = await cluster.UntilAsync(cluster[2], silos => silos.All(silo => silo.Slots.Length == (silo.Name == "silo-2" ? 16 : 0)));
        drained.Single(silo => silo.Name == "silo-1").Status.ShouldBe("drained");
        (await Should.ThrowAsync<AuieHttpException>(cluster[1].Client.DrainSilo("silo-2"))).Message.ShouldContain("only active silo");
        await cluster[1].Client.ResumeSilo("silo-1");
        await cluster.SettledAsync(cluster[1], 2);
        (await Should.ThrowAsync<AuieHttpException>(cluster[1].Client.DrainSilo("silo-9"))).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_while_silos_of_five_are_killed_and_come_and_go()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = await SiloCluster.StartAsync(5, SiloCluster.QuickLeases);
        string[] arguments =
        [
            "--users", "300", "--batch", "15", "--connections", "8", "--duplicates", "0.3", "--anonymous", "0.2", "--mutual", "--progress", "--longest-wait", "0.2",
            "--timeout", "20", "--seed", "31", "--acks", folder.At("acknowledged"), "--requests", "events",
        ];
        await using var load = LoadProcess.Start(arguments);
        load.MoveTo(cluster[1].Http.BaseAddress!);
        await load.AcknowledgedAsync(300).WaitAsync(SiloProcess.Patience);
        await using var reads = LoadProcess.Start("--users", "300", "--connections", "8", "--rate", "200", "--timeout", "60", "--seed", "31", "--requests", "users");
        reads.MoveTo(cluster[5].Http.BaseAddress!);
        await cluster[2].KillAsync();
        // The dead one's slots have no owner until its lease has run out; that is no reason to send nobody to the others.
        (await cluster[1].Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode.ShouldBeTrue();
        await load.AcknowledgedAsync(load.Acknowledged + 600).WaitAsync(SiloProcess.Patience);
        await cluster.AddAsync();
        await load.AcknowledgedAsync(load.Acknowledged + 300).WaitAsync(SiloProcess.Patience);
        load.MoveTo(cluster[6].Http.BaseAddress!);
        (await cluster[1].StopAsync()).ShouldBe(0, cluster[1].Errors);
        await load.AcknowledgedAsync(load.Acknowledged + 300).WaitAsync(SiloProcess.Patience);
        await Task.WhenAll(cluster[3].KillAsync(), cluster[4].KillAsync());
        await load.AcknowledgedAsync(load.Acknowledged + 300).WaitAsync(SiloProcess.Patience);
        await cluster.SettledAsync(cluster[5], 2);
        var summary = await load.StopAsync().WaitAsync(SiloProcess.Patience);
        var read = await reads.StopAsync().WaitAsync(SiloProcess.Patience);

        output.WriteLine($"{summary.ToJson()} {read.ToJson()}");
        // Who reads at a silo that lives notices nothing of those that die; not every user has had an event when it is first asked for.
        read.Statuses.Keys.Except([200, 404]).ShouldBeEmpty(cluster[5].Errors);
        read.Statuses[200].ShouldBeGreaterThan(100);
        summary.Acknowledged.ShouldBe(summary.Messages);
        summary.Refused.ShouldBe(0, string.Join(Environment.NewLine, summary.Reasons));
        var expected = new ExpectedUsers(LoadOptions.Parse(arguments), AckLog.Read(folder.At("acknowledged")));
        (await expected.DifferencesAsync(cluster[5].Client)).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Silos_are_replaced_one_after_the_other_without_a_request_that_fails()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = await SiloCluster.StartAsync(2, SiloCluster.QuickLeases);
        await File.WriteAllTextAsync(folder.At("api.json"), $$"""{ "Cluster": { "Gateways": "{{await Gateways(cluster[1])}}" } }""");
        await using var api = await ApiProcess.StartAsync("--config", folder.At("api.json"));
        string[] arguments =
        [
            "--users", "200", "--batch", "10", "--connections", "4", "--progress", "--retries", "0", "--timeout", "20", "--seed", "32", "--acks", folder.At("acknowledged"),
            "--requests", "events",
        ];
        await using var load = LoadProcess.Start(arguments);
        load.MoveTo(api.Http.BaseAddress!);
        await load.AcknowledgedAsync(200).WaitAsync(SiloProcess.Patience);
        await using var reads = LoadProcess.Start("--users", "200", "--connections", "2", "--rate", "100", "--timeout", "20", "--seed", "32", "--requests", "users");
        reads.MoveTo(api.Http.BaseAddress!);
        for (var number = 1; number <= 2; number++)
        {
            await cluster.AddAsync();
            (await cluster[number].StopAsync()).ShouldBe(0, cluster[number].Errors);
            await load.AcknowledgedAsync(load.Acknowledged + 200).WaitAsync(SiloProcess.Patience);
        }

        var summary = await load.StopAsync().WaitAsync(SiloProcess.Patience);
        var read = await reads.StopAsync().WaitAsync(SiloProcess.Patience);
        output.WriteLine($"{summary.ToJson()} {read.ToJson()}");
        // Not every user has had an event when it is first asked for.
        read.Statuses.Keys.Except([200, 404]).ShouldBeEmpty(api.Errors);
        read.Statuses[200].ShouldBeGreaterThan(100);
        summary.GivenUp.ShouldBe(0, api.Errors);
        summary.Acknowledged.ShouldBe(summary.Messages);
        var expected = new ExpectedUsers(LoadOptions.Parse(arguments), AckLog.Read(folder.At("acknowledged")));
        (await expected.DifferencesAsync(api.Client)).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_job_gives_the_same_bits_on_one_silo_on_three_and_when_silos_join_leave_and_are_killed_meanwhile()
    {
        await using var cluster = await SiloCluster.StartAsync(3, SiloCluster.QuickLeases);
        await cluster[1].Client.PutTable("t", new StringContent(Table(), Encoding.UTF8, "text/csv"), shards: 8);
        var three = await EndedAsync(cluster[1], (await cluster[1].Client.StartJob(OfTable)).Id);
        three.State.ShouldBe("succeeded", three.Error);

        var (disturbed, starts, survivor) = await DisturbedAsync(cluster);
        var resumed = await EndedAsync(cluster[survivor], disturbed);
        resumed.State.ShouldBe("succeeded", resumed.Error);

        await cluster.SettledAsync(cluster[survivor], 1);
        var one = await EndedAsync(cluster[survivor], (await cluster[survivor].Client.StartJob(OfTable)).Id);
        var undisturbed = await EndedAsync(cluster[survivor], (await cluster[survivor].Client.StartJob(OfTable with { Starts = starts })).Id);
        var inPhases = Environment.GetEnvironmentVariable("AUIE_KILL_PHASES") == "all" ? await KilledInEachPhaseAsync(cluster, survivor, starts) : [];
        var models = await ModelsAsync(cluster);
        models[one.Id].ShouldBe(models[three.Id]);
        foreach (var id in inPhases.Append(resumed.Id))
            models[id].ShouldBe(models[undisturbed.Id]);
    }

    /// <summary>
    /// A job that lasts until all of it has happened: while it iterates a silo joins, the one with the coordinator leaves in order, and then the one that has it now dies, and with it
    /// all others but one. A job that ends before is followed by a longer one, for how fast a machine is nobody knows.
    /// </summary>
    private static async Task<(string Job, int Starts, int Survivor)> DisturbedAsync(SiloCluster cluster)
    {
        var living = new List<int> { 1, 2, 3 };
        for (var starts = Many; starts <= MostStarts; starts *= 3)
        {
            var asked = cluster[living[0]];
            var job = (await asked.Client.StartJob(OfTable with { Starts = starts })).Id;
            if (!await ReachedAsync(asked, job, "k = "))
                continue;
            await cluster.AddAsync();
            living.Add(cluster.Newest);
            await cluster.SettledAsync(asked, living.Count);
            if (!await IteratesAsync(asked, job))
                continue;
            var coordinator = await CoordinatorAsync(cluster, asked);
            (await cluster[coordinator].StopAsync()).ShouldBe(0, cluster[coordinator].Errors);
            living.Remove(coordinator);
            asked = cluster[living[0]];
            coordinator = await CoordinatorAsync(cluster, asked);
            if (!await IteratesAsync(asked, job))
                continue;
            var survivor = living.First(silo => silo != coordinator);
            await cluster[coordinator].KillAsync();
            foreach (var other in living.Where(silo => silo != coordinator && silo != survivor))
                await cluster[other].KillAsync();
            return (job, starts, survivor);
        }

        throw new InvalidOperationException($"A job of {MostStarts} starts ended before a silo had joined and another had left.");
    }

    private static Task<int> CoordinatorAsync(SiloCluster cluster, SiloProcess asked) => cluster.OwnerAsync(asked, Placement.SlotOf("coordinator", GrainKeys.DefaultTenant, 16));

    /// <summary>A job for each phase, in which the silo with the coordinator dies of two; their ids.</summary>
    private static async Task<List<string>> KilledInEachPhaseAsync(SiloCluster cluster, int survivor, int starts)
    {
        var ids = new List<string>();
        // Each with the progress at which it is surely past: what takes a few milliseconds is not always heard of.
        foreach (var (phase, past) in new[] { ("pinning", 0), ("seeding", 0.03), ("iteration", 0.3), ("silhouettes", 0.6), ("naming", 0.96) })
        {
            await cluster.AddAsync();
            var added = cluster.Newest;
            await cluster.SettledAsync(cluster[survivor], 2);
            var coordinator = await CoordinatorAsync(cluster, cluster[survivor]);
            survivor = coordinator == survivor ? added : survivor;
            ids.Add((await cluster[survivor].Client.StartJob(OfTable with { Starts = starts })).Id);
            (await ReachedAsync(cluster[survivor], ids[^1], phase, past)).ShouldBeTrue("the job ended before it could be disturbed");
            await cluster[coordinator].KillAsync();
            var job = await EndedAsync(cluster[survivor], ids[^1]);
            job.State.ShouldBe("succeeded", $"killed in {phase}: {job.Error}");
            await cluster.SettledAsync(cluster[survivor], 1);
        }

        return ids;
    }

    [PostgresFact]
    public async Task When_the_database_dies_and_comes_back_the_silos_go_on_and_nothing_is_lost()
    {
        using var folder = new TemporaryFolder();
        // A call's time is up when this test has long failed.
        await using var cluster = await SiloCluster.StartAsync(3, [.. SiloCluster.QuickLeases, "Cluster:OutagePatience=00:00:01", "Runtime:ResponseTimeout=00:10:00"]);
        await using var api = await ApiProcess.StartAsync("--gateways", await Gateways(cluster[1]));
        string[] arguments =
        [
            "--users", "100", "--batch", "10", "--connections", "4", "--progress", "--longest-wait", "0.2", "--timeout", "20", "--seed", "33",
            "--acks", folder.At("acknowledged"), "--requests", "events",
        ];
        await using var load = LoadProcess.Start(arguments);
        load.MoveTo(cluster[1].Http.BaseAddress!);
        await load.AcknowledgedAsync(200).WaitAsync(SiloProcess.Patience);
        await cluster.Server.KillAsync();
        // Long enough for every lease to run out.
        await SiloCluster.ReadyAsync(cluster[2], ready: false);
        // One dies, which nobody can know of for sure.
        await cluster[3].KillAsync();
        // Of users whom any silo serves. An API process has no lease of its own to go by, and nobody else to ask.
        foreach (var asked in new[] { cluster[2], api })
        {
            foreach (var refused in await Task.WhenAll(Enumerable.Range(0, 16).Select(user => asked.Http.GetAsync(new Uri($"/api/users/u{user}", UriKind.Relative)).WaitAsync(SiloProcess.Patience))))
            {
                refused.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
                refused.Headers.RetryAfter.ShouldNotBeNull();
                (await refused.Content.ReadAsStringAsync()).ShouldContain("Nothing of what was sent has been done.");
            }

            var told = await asked.Client.ListSilos();
            told.Note.ShouldNotBeNull();
            told.Silos.Select(silo => (silo.Name, silo.Status)).ShouldBe([("silo-1", "active"), ("silo-2", "active"), ("silo-3", "not reached")]);
        }

        await cluster.Server.StartAgainAsync();
        await load.AcknowledgedAsync(load.Acknowledged + 300).WaitAsync(SiloProcess.Patience);
        var summary = await load.StopAsync().WaitAsync(SiloProcess.Patience);
        summary.Acknowledged.ShouldBe(summary.Messages);
        var expected = new ExpectedUsers(LoadOptions.Parse(arguments), AckLog.Read(folder.At("acknowledged")));
        (await expected.DifferencesAsync(cluster[2].Client)).ShouldBeEmpty();
    }

    private static async Task<string> Gateways(SiloProcess asked) => string.Join(';', (await asked.Client.ListSilos()).Silos.Select(silo => silo.Address));

    /// <summary>Waits until a job is in a phase of that name, or past it; false where it has ended.</summary>
    private static async Task<bool> ReachedAsync(SiloProcess silo, string id, string phase, double past = 1)
    {
        using var late = new CancellationTokenSource(SiloProcess.Patience);
        await foreach (var now in silo.Client.WatchJob(id, late.Token))
        {
            if (now.Ended)
                return false;
            if (now.State == "running" && (now.Progress > past || now.Phase.Contains(phase, StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    private static async Task<bool> IteratesAsync(SiloProcess silo, string id) => await silo.Client.GetJob(id) is { State: "running", Ended: false };

    /// <summary>Asked again and again: whoever tells of it may be on its way to another silo.</summary>
    private static async Task<JobView> EndedAsync(SiloProcess silo, string id)
    {
        using var late = new CancellationTokenSource(SiloProcess.Patience);
        while (true)
        {
            try
            {
                if (await silo.Client.GetJob(id, late.Token) is { Ended: true } job)
                    return job;
            }
            catch (AuieHttpException exception) when (exception.Status == System.Net.HttpStatusCode.ServiceUnavailable)
            {
                // Not now.
            }

            await Task.Delay(50, late.Token);
        }
    }

    private static async Task<Dictionary<string, byte[]>> ModelsAsync(SiloCluster cluster)
    {
        await using var store = await PostgresStore.OpenAsync(cluster.Server.ConnectionString, new PostgresStoreOptions { Schema = cluster.Schema });
        var models = new Dictionary<string, byte[]>();
        await foreach (var (_, bytes) in store.ReadDocumentsAsync(GrainKeys.DefaultTenant, "job", CancellationToken.None))
        {
            var job = SegmentationJob.Decode(bytes);
            models[job.Id] = job.Model.ShouldNotBeNull();
        }

        return models;
    }

    private static string Table()
    {
        var csv = new StringBuilder("a,b,c\n");
        for (var row = 0; row < 4_000; row++)
        {
            // Three heaps, each spread by a multiplicative walk.
            var (x, y) = (row * 7919 % 1009, row * 104_729 % 997);
            csv.Append(row % 3 * 400 + x).Append(',').Append(row % 3 * 300 + y).Append(',').Append((x * y) % 613).Append('\n');
        }

        return csv.ToString();
    }
}
