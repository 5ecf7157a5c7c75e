using System.Text.Json;
using Auie.Abstractions;
using Auie.Silo.Demo;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Engine;

/// <summary>What the engine finds does not depend on which store it keeps things in.</summary>
public sealed class PostgresEngineTests
{
    private static readonly JobRequest Request = new() { KMin = 3, KMax = 5, Starts = 4, Seed = 3 };

    [PostgresFact]
    public async Task The_same_events_give_the_same_answers_and_model_as_on_SQLite_and_after_a_restart()
    {
        var world = new DemoWorld(new DemoOptions { Users = 500 });
        Answers expected;
        await using (var engine = await TestEngine.StartAsync())
        {
            await engine.LoadAsync(world);
            await engine.SucceedAsync(Request);
            expected = await ReadAsync(engine);
        }

        var server = await PostgresServer.SharedAsync();
        var schema = PostgresServer.NewSchema();
        await using (var engine = await TestEngine.StartOnPostgresAsync(server, schema))
        {
            await engine.LoadAsync(world);
            await engine.SucceedAsync(Request);
            ShouldBeSame(await ReadAsync(engine), expected);
        }

        await using (var again = await TestEngine.StartOnPostgresAsync(server, schema))
        {
            ShouldBeSame(await ReadAsync(again), expected);
            (await again.SucceedAsync(Request)).Version.ShouldBe(2);
            (await again.MembersAsync((await again.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull())).ShouldBe(expected.Members, ignoreOrder: true);
            for (var number = 0; number < again.Store.Partitions; number++)
                (await again.Store.OpenPartitionAsync(new Storage.PartitionId("default", number), CancellationToken.None)).Pending.ShouldBeEmpty();
        }
    }

    private static async Task<Answers> ReadAsync(TestEngine engine)
    {
        var found = (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull();
        var users = new List<string>();
        for (var user = 0; user < 500; user += 25)
        {
            var view = await engine.Client.GetUser(DemoWorld.UserId(user), null, CancellationToken.None);
            // Which offset a record got is a matter of what came first.
            users.Add(JsonSerializer.Serialize(view.ShouldNotBeNull() with { Version = "" }));
        }

        var model = await engine.Store.ReadDocumentAsync("default", "model", found.Version.ToString("D19"), CancellationToken.None);
        return new Answers(model.ShouldNotBeNull(), await engine.MembersAsync(found), [.. users]);
    }

    private static void ShouldBeSame(Answers found, Answers expected)
    {
        found.Model.ShouldBe(expected.Model);
        found.Members.ShouldBe(expected.Members, ignoreOrder: true);
        found.Users.ShouldBe(expected.Users);
    }

    private sealed record Answers(byte[] Model, Dictionary<string, int> Members, string[] Users);
}
