using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Processes;

/// <summary>A 200 means that the events are on disk: killing the silo right after it loses none of them, and doubles none.</summary>
public sealed class AcknowledgedEventTests : IDisposable
{
    private const string NoFlush = "Engine:FlushInterval=10:00:00";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_acknowledged_event_is_there_once_after_a_kill_without_a_flush()
    {
        const int users = 60;
        var world = new DemoWorld(new DemoOptions { Users = users });
        var folder = _folder.At("data");
        var before = new Dictionary<string, UserView>();
        await using (var silo = await SiloProcess.RunAsync(folder, NoFlush))
        {
            for (var user = 0; user < users; user += 20)
                (await silo.Client.SendEvents(Enumerable.Range(user, 20).SelectMany(world.EventsOf))).Refused.ShouldBeEmpty();
            for (var user = 0; user < users; user++)
                before.Add(DemoWorld.UserId(user), await silo.Client.GetUser(DemoWorld.UserId(user)));
            await silo.KillAsync();
        }

        // Twice: the first restart finds everything in the journal alone; it may write some of it before it is killed in its turn.
        for (var restart = 0; restart < 2; restart++)
        {
            await using var silo = await SiloProcess.RunAsync(folder, NoFlush);
            for (var user = 0; user < users; user++)
            {
                var id = DemoWorld.UserId(user);
                var sent = world.EventsOf(user).GroupBy(one => one.Kind).ToDictionary(kind => kind.Key, kind => (long)kind.Count());
                var after = await silo.Client.GetUser(id);
                after.Events.ShouldBe(sent, ignoreOrder: true);
                after.ShouldBeEquivalentTo(before[id]);
            }

            await silo.KillAsync();
        }
    }

    [Fact]
    public async Task Stopping_writes_the_states_and_the_users_are_counted_at_the_next_start()
    {
        var world = new DemoWorld(new DemoOptions { Users = 30 });
        var folder = _folder.At("data");
        await using (var silo = await SiloProcess.RunAsync(folder, NoFlush))
        {
            await silo.Client.SendEvents(Enumerable.Range(0, 30).SelectMany(world.EventsOf));
            (await silo.StopAsync()).ShouldBe(0, silo.Errors);
        }

        await using (var store = await Auie.Storage.Sqlite.SqliteStore.OpenAsync(folder))
        {
            for (var partition = 0; partition < store.Partitions; partition++)
                (await store.OpenPartitionAsync(new Auie.Storage.PartitionId("default", partition), CancellationToken.None)).Pending.ShouldBeEmpty();
        }

        await using var again = await SiloProcess.RunAsync(folder, NoFlush);
        (await again.Client.GetEngine()).Users.ShouldBe(30);
        (await again.InterruptAsync()).ShouldBe(0, again.Errors);
    }

    [Fact]
    public async Task A_full_disk_is_answered_with_503_and_loses_nothing_that_was_acknowledged()
    {
        var folder = _folder.At("data");
        var acknowledged = 0;
        await using (var silo = await SiloProcess.RunAsync(folder, NoFlush, "Store:MaximumBytes=400000"))
        {
            AuieHttpException? refused = null;
            while (refused is null && acknowledged < 20_000)
            {
                try
                {
                    await silo.Client.SendEvents(Enumerable.Range(acknowledged, 100).Select(Viewed));
                    acknowledged += 100;
                }
                catch (AuieHttpException exception)
                {
                    refused = exception;
                }
            }

            refused.ShouldNotBeNull();
            refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Code.ShouldBe("unavailable");
            refused.RetryAfter.ShouldNotBeNull();
            refused.Message.ShouldNotContain(folder);
            silo.HasExited.ShouldBeFalse();
            (await silo.Client.GetUser("ann")).Events["viewed"].ShouldBe(acknowledged);
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.RunAsync(folder);
        (await again.Client.GetUser("ann")).Events["viewed"].ShouldBe(acknowledged);
        await again.Client.SendEvents([Viewed(acknowledged)]);
        (await again.Client.GetUser("ann")).Events["viewed"].ShouldBe(acknowledged + 1);
    }

    private static UserEvent Viewed(int number) => new()
    {
        UserId = "ann",
        MessageId = $"m{number}",
        Kind = "viewed",
        At = new DateTimeOffset(2012, 10, 3, 12, 0, 0, TimeSpan.Zero).AddSeconds(number),
        Item = $"a-page-with-a-rather-long-name-{number}",
    };
}
