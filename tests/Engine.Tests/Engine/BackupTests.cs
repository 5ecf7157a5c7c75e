using System.Text.Json;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Silo;
using Auie.Storage.Sqlite;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

public sealed class BackupTests
{
    [Fact]
    public async Task Restoring_takes_the_log_of_erasures_along_for_its_owner_alone()
    {
        var folder = Directory.CreateTempSubdirectory("auie-restore-").FullName;
        var (backup, log, data) = (Path.Combine(folder, "b.db"), Path.Combine(folder, "log"), Path.Combine(folder, "data"));
        await using (var store = await SqliteStore.OpenAsync(Path.Combine(folder, "old")))
            await store.BackupAsync(backup, CancellationToken.None);
        await File.WriteAllLinesAsync(log, ["one", "two"]);

        (await RestoreCommand.Create().Parse([backup, "--data", data, "--erasures", log]).InvokeAsync()).ShouldBe(0);
        (await RestoreCommand.Create().Parse([backup, "--data", data, "--erasures", log, "--replace"]).InvokeAsync()).ShouldBe(0);

        var taken = Path.Combine(data, "erasures.log");
        (await File.ReadAllLinesAsync(taken)).ShouldBe(["one", "two"]);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(taken).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_backup_that_is_taken_while_events_come_answers_the_same_when_it_is_restored()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(Path.Combine(folder, "data")))
        {
            await engine.SendAsync(Visited("v1", "1"), Viewed("ann", "2"), Identify("ann", "3", "v1"), Viewed("bob", "4"));
            var before = JsonSerializer.Serialize(await engine.UserAsync("ann"));
            var coming = Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                    await engine.SendAsync(Viewed("cid", $"{i}"));
            });
            using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
            var backup = await new AuieHttpClient(http).Backup("copy.db");
            await coming;
            await engine.SendAsync(Viewed("ann", "late"));
            new FileInfo(backup.File).Length.ShouldBe(backup.Bytes);
            (await Should.ThrowAsync<AuieHttpException>(new AuieHttpClient(http).Backup("copy.db"))).Message.ShouldContain("copy.db");
            (await Should.ThrowAsync<InvalidRequestException>(engine.Client.Backup("../escape.db", CancellationToken.None))).Field.ShouldBe("name");

            await SqliteStore.RestoreAsync(backup.File, Path.Combine(folder, "restored"));
            await using var restored = await TestEngine.StartAsync(Path.Combine(folder, "restored"));
            JsonSerializer.Serialize(await restored.UserAsync("ann")).ShouldBe(before);
            (await restored.UserAsync("anonymous:v1")).Id.ShouldBe("ann");
            var views = (await restored.Client.GetUser("cid", null, CancellationToken.None))?.Events["viewed"] ?? 0;
            views.ShouldBeInRange(0, 50);

            // What was sent before is known, and what came after is new.
            (await restored.SendAsync(Viewed("ann", "2"), Viewed("ann", "late"))).Sum(result => result.Known).ShouldBe(1);
            (await restored.SendAsync([.. Enumerable.Range(0, 50).Select(i => Viewed("cid", $"{i}"))])).Sum(result => result.Known).ShouldBe((int)views);
        }

        Directory.Delete(folder, recursive: true);
    }
}
