using Auie.Engine.Tests.Cluster;
using Auie.Silo.Demo;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Processes;

/// <summary>A silo whose store is a PostgreSQL database: killed and started again, and what is refused at start.</summary>
public sealed class PostgresSiloTests
{
    [PostgresFact]
    public async Task Every_acknowledged_event_is_there_once_after_a_kill_of_the_silo_or_of_the_server()
    {
        const int users = 30;
        var world = new DemoWorld(new DemoOptions { Users = users });
        await using var server = await PostgresServer.StartAsync();
        await using (var silo = await RunAsync(server))
        {
            foreach (var batch in Enumerable.Range(0, users).SelectMany(world.EventsOf).Chunk(200))
                (await silo.Client.SendEvents(batch)).Accepted.ShouldBe(batch.Length);
            await silo.KillAsync();
        }

        await using (var silo = await RunAsync(server))
        {
            await ShouldHaveAll(silo);
            await server.KillAsync();
            await server.StartAgainAsync();
            await ShouldHaveAll(silo);
            (await silo.StopAsync()).ShouldBe(0, silo.Errors);
            (silo.Output + silo.Errors).ShouldNotContain(server.Password);
            silo.Output.ShouldContain("Serving PostgreSQL at");
        }

        await using var again = await RunAsync(server);
        await ShouldHaveAll(again);
        (await again.Client.GetEngine()).Users.ShouldBe(users);

        async Task ShouldHaveAll(SiloProcess silo)
        {
            for (var user = 0; user < users; user++)
            {
                var sent = world.EventsOf(user).GroupBy(one => one.Kind).ToDictionary(kind => kind.Key, kind => (long)kind.Count());
                (await silo.Client.GetUser(DemoWorld.UserId(user))).Events.ShouldBe(sent, ignoreOrder: true);
            }
        }
    }

    [PostgresFact]
    public async Task What_cannot_be_used_is_refused_in_a_sentence_without_the_password()
    {
        await using (var both = SiloProcess.Launch(["run", "--data", "somewhere", "--postgres", "Host=127.0.0.1"]))
        {
            (await both.ExitedAsync()).ShouldBe(2);
            both.Errors.ShouldContain("give one of them");
        }

        var wrong = (await PostgresServer.SharedAsync()).ConnectionString + ";Password=secret-1";
        await using (var silo = SiloProcess.Launch(["run", "--urls", "http://127.0.0.1:0"], ("AUIE_POSTGRES", wrong)))
        {
            (await silo.ExitedAsync()).ShouldBe(1);
            silo.Errors.ShouldContain("does not let this user in");
            silo.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, silo.Errors);
            (silo.Output + silo.Errors).ShouldNotContain("secret-1");
        }

        using var folder = new TemporaryFolder();
        await using var local = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0"], ("AUIE_POSTGRES", wrong));
        await local.ServingAsync();
    }

    private static async Task<SiloProcess> RunAsync(PostgresServer server)
    {
        var silo = SiloProcess.Launch(["run", "--postgres", server.ConnectionString, "--urls", "http://127.0.0.1:0", "--set", "Engine:FlushInterval=10:00:00", .. SiloCluster.QuickLeases.SelectMany(setting => new[] { "--set", setting })]);
        await silo.ServingAsync();
        return silo;
    }
}
