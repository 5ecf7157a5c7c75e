using Auie.Abstractions;
using Auie.Storage;
using Auie.Storage.Sqlite;

namespace Auie.Engine.Tests.Engine;

/// <summary>What is in the engine: counts of all shards, and what imports reported.</summary>
public sealed class OverviewTests
{
    private const string NoTimer = "Engine:FlushInterval=01:00:00";

    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);

    private static UserEvent Event(string user, string kind, int minute, string? item = null) =>
        new() { UserId = user, MessageId = $"{user}-{kind}-{minute}", Kind = kind, At = Noon.AddMinutes(minute), Item = item };

    private static UserEvent Identify(string user, int minute, string gender, string year, string locale) =>
        Event(user, "identify", minute) with { Traits = new() { ["gender"] = gender, ["birthyear"] = year, ["locale"] = locale } };

    [Fact]
    public async Task The_overview_counts_users_as_they_are_now_and_the_same_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        EngineOverview before;
        await using (var engine = await TestEngine.StartAsync(folder, 3, NoTimer))
        {
            await engine.Client.Import(
            [
                .. Enumerable.Range(0, 30).Select(i => Identify($"u{i}", 0, i % 3 == 0 ? "female" : "male", i == 7 ? "None" : $"{1990 + i % 2}", "en_US")),
                Event("u1", "friends", 1) with { FriendsAdded = ["u2", "u3", "somebody"] }, Event("u1", "shown", 2, "e1"), Event("u1", "interested", 3, "e1"),
                Event("anybody", "viewed", 5),
            ], CancellationToken.None);
            await engine.Client.Flush(CancellationToken.None);
            await engine.Client.Append([Identify("u2", 9, "", "1905", "id_ID"), Event("u1", "not_interested", 4, "e1")], false, CancellationToken.None);
            await engine.Client.Flush(CancellationToken.None);

            before = await engine.Client.GetOverview(CancellationToken.None);
            before.Users.Users.ShouldBe(31);
            before.Users.Genders.ShouldBe(new Dictionary<string, long> { ["male"] = 19, ["female"] = 10, ["unknown"] = 2 }, ignoreOrder: true);
            before.Users.BirthYears.ShouldBe(new Dictionary<int, long> { [1905] = 1, [1990] = 14, [1991] = 14 }, ignoreOrder: true);
            before.Users.Locales.ShouldBe(new Dictionary<string, long> { ["en_US"] = 29, ["id_ID"] = 1, [""] = 1 }, ignoreOrder: true);
            (before.Users.FriendLinks, before.Users.WithFriends).ShouldBe((3, 1));
            before.Users.Counts.Where(count => count.Value > 0).ShouldBe(
                new Dictionary<string, long> { ["shown"] = 1, ["viewed"] = 1, ["not_interested"] = 1, ["impressions"] = 2, ["impressions_interested"] = 1 }, ignoreOrder: true);
            before.Users.LastEvent.ShouldBe(Noon.AddMinutes(9).ToUnixTimeSeconds());
            (before.Items.Items, before.SegmentationVersion, before.Imports.Length).ShouldBe((0, 0, 0));
        }

        await using (var engine = await TestEngine.StartAsync(folder))
            (await engine.Client.GetOverview(CancellationToken.None)).ShouldBeEquivalentTo(before);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_report_that_cannot_be_read_is_left_out_until_its_source_reports_again()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            await engine.Client.PutImportReport(Report("a", 1), CancellationToken.None);
            await engine.Client.PutImportReport(Report("b", 2), CancellationToken.None);
        }

        await using (var store = await SqliteStore.OpenAsync(folder))
        {
            var epoch = await store.ClaimEpochAsync("imports/default", CancellationToken.None);
            await store.WriteDocumentsAsync("default", "imports/default", epoch, [new DocumentWrite("import", "a", [9, 9, 9])], CancellationToken.None);
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.Client.GetOverview(CancellationToken.None)).Imports.Select(report => report.Source).ShouldBe(["b"]);
            await engine.Client.PutImportReport(Report("a", 3), CancellationToken.None);
            (await engine.Client.ListImports(CancellationToken.None)).ShouldBeEquivalentTo(new[] { Report("a", 3), Report("b", 2) });
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Of_each_source_the_latest_report_is_kept_and_found_again()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            await engine.Client.PutImportReport(Report("b", 1), CancellationToken.None);
            await engine.Client.PutImportReport(Report("a", 2), CancellationToken.None);
            await engine.Client.PutImportReport(Report("b", 3), CancellationToken.None);
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.Client.ListImports(CancellationToken.None)).ShouldBeEquivalentTo(new[] { Report("a", 2), Report("b", 3) });
            (await engine.Client.GetOverview(CancellationToken.None)).Imports.Select(report => report.Added).ShouldBe([2, 3]);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_report_that_holds_too_much_or_nonsense_is_refused_with_the_place()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, "Engine:MaxImportText=20", "Engine:MaxImportColumns=2", "Engine:MaxImportSources=1");
        var good = Report("a", 1);
        var table = good.Tables[0];
        var column = table.Columns[0];
        foreach (var (field, bad) in new (string, ImportReport)[]
        {
            ("source", good with { Source = "a b" }),
            ("seconds", good with { Seconds = double.NaN }),
            ("knownAnswers", good with { KnownAnswers = -1 }),
            ("tables[0].columns", good with { Tables = [table with { Columns = [column, column, column] }] }),
            ("tables[1]", good with { Tables = [table, null!] }),
            ("tables[0].columns[1].rejected[0].examples[0]",
                good with { Tables = [table with { Columns = [column, column with { Rejected = [new Finding("r", 1, [new string('x', 21)])] }] }] }),
        })
        {
            var refused = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.PutImportReport(bad, CancellationToken.None));
            refused.Field.ShouldBe(field);
        }

        await engine.Client.PutImportReport(good, CancellationToken.None);
        await engine.Client.PutImportReport(good, CancellationToken.None);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.PutImportReport(Report("b", 1), CancellationToken.None))).Reason.ShouldContain("1");
    }

    private static ImportReport Report(string source, long added) => new()
    {
        Source = source, EndedAt = Noon, Seconds = 1.5, Ids = 10, KnownUsers = 5, FriendLinks = 4, KnownFriendLinks = 3, Answers = 2, KnownAnswers = 1,
        Facts = 20, Added = added, Known = 0,
        Tables =
        [
            new TableReport
            {
                Table = "users", Rows = 5, RejectedRows = 0,
                Columns = [new ColumnReport { Column = "birthyear", Missing = 1, Treatment = "left out", Rejected = [new Finding("no year", 2, ["None"])], Suspicious = [] }],
            },
        ],
    };
}
