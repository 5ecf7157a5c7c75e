using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Client;
using Auie.Client.Http;
using Auie.Engine.Tests.Engine;
using Auie.Engine.Tests.Processes;

namespace Auie.Engine.Tests.Cli.Import;

/// <summary>`auie import event-challenge` into an engine with grains.</summary>
public sealed class ImportIntoAnEngineTests
{
    [Fact]
    public async Task What_the_tables_say_is_in_the_engine_and_importing_twice_changes_nothing()
    {
        using var tables = new SomeTables();
        await using var engine = await TestEngine.StartAsync(partitions: 3);
        var address = new Uri(engine.Url);
        (await tables.Import(address)).ShouldEndWith(ExitCodes.Ok);

        var user = (await engine.Client.GetUser("1", null, CancellationToken.None)).ShouldNotBeNull();
        (user.BirthYear, user.Gender, user.Locale, user.Location, user.TimezoneMinutes).ShouldBe((1990, "male", "en_US", "Medan  Indonesia", 480));
        user.JoinedAt!.Value.EqualsExact(new DateTimeOffset(2012, 10, 2, 14, 40, 55, 524, TimeSpan.FromHours(8))).ShouldBeTrue();
        user.Friends.ShouldBe(3);
        (user.Events["shown"], user.Events["invited"], user.Answers["interested"], user.Answers["not_interested"], user.Answers["no"]).ShouldBe((2, 1, 1, 1, 1));
        (await engine.Client.GetUser("99", null, CancellationToken.None)).ShouldBeNull();
        var item = (await engine.Client.GetItem("10", [], CancellationToken.None)).ShouldNotBeNull();
        (item.Traits["city"], item.Answers["yes"], item.Answers["invited"]).ShouldBe(("Medan", 2, 2));

        var before = Counted(await engine.Client.GetOverview(CancellationToken.None));
        var again = JsonDocument.Parse((await tables.Import(address, "--json")).ShouldEndWith(ExitCodes.Ok).Out).RootElement;
        again.GetProperty("added").GetInt64().ShouldBe(0);
        Counted(await engine.Client.GetOverview(CancellationToken.None)).ShouldBe(before);
    }

    [Fact]
    public async Task A_changed_row_is_refused_and_told()
    {
        using var tables = new SomeTables();
        await using var engine = await TestEngine.StartAsync(partitions: 2);
        (await tables.Import(new Uri(engine.Url))).ShouldEndWith(ExitCodes.Ok);
        tables.Write("users.csv", File.ReadAllText(tables.At("users.csv")).Replace("1990", "1991", StringComparison.Ordinal));
        var run = (await tables.Import(new Uri(engine.Url))).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("1, users: messageId: came before with another content");
        (await engine.Client.GetUser("1", null, CancellationToken.None))!.BirthYear.ShouldBe(1990);
    }

    [Fact]
    public async Task A_store_that_is_full_in_the_middle_ends_the_import_and_with_room_the_next_run_completes_it()
    {
        using var tables = new SomeTables();
        using var folder = new TemporaryFolder();
        var users = Enumerable.Range(100, 3_000).Select(user => $"{user},en_US,1990,male,2012-10-02T06:40:55.524Z,a town of the name {user * 7919},480\n");
        File.AppendAllText(tables.At("users.csv"), string.Concat(users));
        await using (var silo = await SiloProcess.RunAsync(folder.At("data"), "Engine:FlushInterval=01:00:00", "Store:MaximumBytes=400000"))
        {
            // Whoever is asked the first time writes that it is there, for which there is no room later.
            (await silo.Client.GetOverview()).Users.Users.ShouldBe(0);
            var run = (await tables.Import(silo.Http.BaseAddress, "--batch", "20000", "--patience", "1")).ShouldEndWith(ExitCodes.TryAgain);
            run.Error.ShouldContain("the engine took nothing more for 1 seconds");
            run.Error.ShouldMatch("auie: [1-9][0-9,]* of [0-9,]* facts are with the engine");
            run.Error.ShouldNotContain("   at ");
            (await silo.Client.GetOverview()).Imports.ShouldBeEmpty();
        }

        await using var roomy = await SiloProcess.RunAsync(folder.At("data"));
        var again = JsonDocument.Parse((await tables.Import(roomy.Http.BaseAddress, "--json")).ShouldEndWith(ExitCodes.Ok).Out).RootElement;
        again.GetProperty("known").GetInt64().ShouldBePositive();
        await using var undisturbed = await TestEngine.StartAsync(partitions: 2);
        (await tables.Import(new Uri(undisturbed.Url))).ShouldEndWith(ExitCodes.Ok);
        Counted(await roomy.Client.GetOverview()).ShouldBe(Counted(await undisturbed.Client.GetOverview(CancellationToken.None)));
    }

    private static string Counted(EngineOverview overview) =>
        JsonSerializer.Serialize(overview with { Imports = [], Users = overview.Users with { Locales = new(overview.Users.Locales.OrderBy(one => one.Key)) } },
            AuieJson.Lenient.EngineOverview);
}
