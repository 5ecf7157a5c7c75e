using System.Net;
using System.Net.Sockets;
using Auie.Abstractions;
using Auie.Client;
using Auie.Client.Http;
using Auie.Silo.Demo;
using Auie.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Processes;

/// <summary>Silos of real Orleans, each a process, over one PostgreSQL: any of them answers for all, and what one has acknowledged outlives it.</summary>
public sealed class OrleansClusterTests
{
    private const int Users = 300;

    private static readonly DemoWorld World = new(new DemoOptions { Users = Users });

    [PostgresFact]
    public async Task Two_silos_answer_alike_run_one_job_and_lose_nothing_when_one_is_killed()
    {
        await using var server = await PostgresServer.StartAsync();
        var gateways = new[] { FreePort(), FreePort() };
        await using var first = await RunAsync(server, "first", gateways[0]);
        await using var second = await RunAsync(server, "second", gateways[1]);
        using var byGateways = await ConnectAsync(("Cluster:Gateways", $"127.0.0.1:{gateways[0]};127.0.0.1:{gateways[1]}"));
        using var byDatabase = await ConnectAsync(("Cluster:Postgres", server.ConnectionString));

        // Half of the events by each: users and partitions are on both.
        var batches = Enumerable.Range(0, Users).SelectMany(World.EventsOf).Chunk(500).ToArray();
        for (var i = 0; i < batches.Length; i++)
            (await (i % 2 == 0 ? first : second).Client.SendEvents(batches[i])).Accepted.ShouldBe(batches[i].Length);
        await ShouldHaveAll(first);
        await ShouldHaveAll(second);

        var job = await second.Client.StartJob(new JobOrder { KMin = 5, KMax = 5, Starts = 1 });
        await foreach (var now in first.Client.WatchJob(job.Id))
            job = now;
        job.State.ShouldBe("succeeded", job.Error);

        var segments = new Dictionary<string, int>();
        for (var user = 0; user < Users; user++)
            segments[DemoWorld.UserId(user)] = (await first.Client.GetUserSegment(DemoWorld.UserId(user))).ShouldNotBeNull().Segment;
        await ShouldAnswerAsync(byGateways);
        await ShouldAnswerAsync(byDatabase);
        (await second.Client.ListSilos()).Silos.Select(silo => (silo.Name, silo.Status)).ShouldBe([("first", "active"), ("second", "active")]);
        await first.KillAsync();

        // Until the other one has found that out, what lived there is asked for in vain.
        await UntilAnsweredAsync(async () => await ShouldHaveAll(second));
        await ShouldAnswerAsync(byGateways);
        await ShouldAnswerAsync(byDatabase);
        foreach (var (user, segment) in segments)
            (await second.Client.GetUserSegment(user)).ShouldNotBeNull().Segment.ShouldBe(segment);
        (await second.Client.GetEngine()).Users.ShouldBe(Users);
        var late = new UserEvent { UserId = DemoWorld.UserId(0), MessageId = "after", Kind = "viewed", At = DateTimeOffset.UnixEpoch, Item = "p" };
        (await second.Client.SendEvents([late])).Accepted.ShouldBe(1);
        (await second.Client.ListSilos()).Silos.Select(silo => (silo.Name, silo.Status)).ShouldBe([("second", "active")]);
        await byGateways.StopAsync();
        await byDatabase.StopAsync();
        (await second.StopAsync()).ShouldBe(0, second.Errors);
    }

    [PostgresFact]
    public async Task What_cannot_be_a_member_is_refused_in_a_sentence()
    {
        var server = await PostgresServer.SharedAsync();
        (string Reason, string[] Settings)[] wrong =
        [
            ("Cluster:Listen is 'nowhere'", ["Cluster:Listen=nowhere"]),
            ("Cluster:Advertise has to say", ["Cluster:Listen=0.0.0.0:11111"]),
            ("on Orleans the port is the same", ["Cluster:Listen=0.0.0.0:11111", "Cluster:Advertise=127.0.0.1:11112"]),
            ("Cluster:GatewayPort is 11111", ["Cluster:Listen=127.0.0.1:11111", "Cluster:GatewayPort=11111"]),
            ("Orleans knows no secret", ["Cluster:Listen=127.0.0.1:11111", "Cluster:Secret=hush"]),
        ];
        foreach (var (reason, settings) in wrong)
        {
            await using var silo = SiloProcess.Launch([
                "run", "--postgres", server.ConnectionString, "--urls", "http://127.0.0.1:0", "--set", $"Store:Schema={PostgresServer.NewSchema()}",
                .. settings.SelectMany(setting => new[] { "--set", setting }),
            ]);
            (await silo.ExitedAsync()).ShouldBe(1);
            silo.Errors.ShouldContain(reason);
            silo.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, silo.Errors);
            silo.Errors.ShouldNotContain("hush");
        }
    }

    private static async Task<IHost> ConnectAsync(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.AddAuieClusterClient();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task ShouldAnswerAsync(IHost client)
    {
        var engine = new EngineClient(client.Services.GetRequiredService<IGrainFactory>());
        for (var user = 0; user < Users; user += 10)
            (await engine.GetUserSegment(DemoWorld.UserId(user), null, null, CancellationToken.None)).ShouldNotBeNull();
    }

    private static async Task ShouldHaveAll(SiloProcess silo)
    {
        for (var user = 0; user < Users; user++)
        {
            var sent = World.EventsOf(user).GroupBy(one => one.Kind).ToDictionary(kind => kind.Key, kind => (long)kind.Count());
            (await silo.Client.GetUser(DemoWorld.UserId(user))).Events.ShouldBe(sent, ignoreOrder: true);
        }
    }

    private static async Task UntilAnsweredAsync(Func<Task> ask)
    {
        using var patience = new CancellationTokenSource(SiloProcess.Patience);
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (AuieHttpException e) when (e.Status == HttpStatusCode.ServiceUnavailable && !patience.IsCancellationRequested)
            {
                await Task.Delay(200, patience.Token);
            }
        }
    }

    private static async Task<SiloProcess> RunAsync(PostgresServer server, string name, int gateway)
    {
        var silo = SiloProcess.Launch([
            "run", "--postgres", server.ConnectionString, "--urls", "http://127.0.0.1:0",
            "--set", $"Cluster:Name={name}", "--set", $"Cluster:GatewayPort={gateway}", "--set", "Cluster:ProbeTimeout=00:00:02",
        ]);
        await silo.ServingAsync();
        return silo;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
