using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.RealData;

/// <summary>`auie import` of the challenge's tables into an engine of its own: what is counted on both sides is what was counted independently of both.</summary>
public sealed class ImportTests(ImportTests.Imported imported) : IClassFixture<ImportTests.Imported>
{
    [RealDataFact]
    public void The_report_counts_ids_links_and_answers()
    {
        var report = imported.Report;
        (report.Ids, report.KnownUsers).ShouldBe((938_075, 38_209));
        (report.Answers, report.KnownAnswers).ShouldBe((5_655_524, 118_211));
        (report.FriendLinks, report.KnownFriendLinks).ShouldBe((3_731_377, 145_935));
        report.Facts.ShouldBe(38_209 + 11_513 + 3_391 + 13_418 + 8_846 + 3_731_377 + 5_655_524);
        report.Known.ShouldBe(0);
        report.Tables.ToDictionary(table => table.Table, table => (table.Rows, table.RejectedRows)).ShouldBe(new Dictionary<string, (long, long)>
        {
            ["users"] = (38_209, 0), ["train"] = (11_513, 0), ["user_friends"] = (3_391, 0), ["events"] = (13_418, 0), ["event_attendees"] = (8_846, 0),
        }, ignoreOrder: true);
    }

    [RealDataFact]
    public void The_report_says_what_is_missing_wrong_and_odd()
    {
        Column("users", "gender").Missing.ShouldBe(109);
        Column("users", "location").Missing.ShouldBe(5_464 + 1_475 + 1);
        Column("users", "timezone").Missing.ShouldBe(436);
        Column("users", "joinedAt").Missing.ShouldBe(58);
        Column("events", "start_time").Missing.ShouldBe(4_572);
        Column("user_friends", "friends").Missing.ShouldBe(34_818);
        var births = Column("users", "birthyear");
        births.Missing.ShouldBe(1_492);
        births.Imputed.ShouldBe(1_492 + 2);
        (Column("users", "joinedAt").Imputed, Column("user_friends", "friends").Imputed, Column("users", "gender").Imputed).ShouldBe((58, 34_818, 0));
        births.Rejected.ShouldHaveSingleItem().Examples.Order().ShouldBe(["16-Mar", "23-May"]);
        births.Suspicious.ShouldHaveSingleItem().Examples.Order().ShouldBe(["1905", "1910", "1945"]);
        imported.Rejects.Select(row => string.Join(',', row.Split(',')[2..])).Order().ShouldBe(
            ["birthyear,16-Mar,is not a year from 1900 to 2000", "birthyear,23-May,is not a year from 1900 to 2000"]);
    }

    [RealDataFact]
    public void The_engine_counts_the_users_that_the_tables_have()
    {
        var users = imported.Overview.Users;
        users.Users.ShouldBe(38_209);
        users.Genders.ShouldBe(new Dictionary<string, long> { ["male"] = 23_242, ["female"] = 14_858, ["unknown"] = 109 }, ignoreOrder: true);
        users.BirthYears.Values.Sum().ShouldBe(36_715);
        var years = users.BirthYears.OrderBy(year => year.Key).SelectMany(year => Enumerable.Repeat(year.Key, (int)year.Value)).ToArray();
        years[years.Length / 2].ShouldBe(1991);
        (users.BirthYears[1905], users.BirthYears[1910], users.BirthYears[1945]).ShouldBe((43, 37, 67));
        (users.Locales["en_US"], users.Locales["id_ID"]).ShouldBe((17_073, 11_817));
        (users.FriendLinks, users.WithFriends).ShouldBe((3_731_377, 3_391));
    }

    // 437 invitations are told by train alone: 451 rows have one, some of them of one user and event.
    [RealDataFact]
    public void The_engine_counts_what_was_shown_and_answered()
    {
        var (users, items) = (imported.Overview.Users.Counts, imported.Overview.Items);
        users["shown"].ShouldBe(11_513);
        (users["yes"] + users["maybe"] + users["no"] + users["invited"]).ShouldBe(118_211 + 437);
        (items.Yes, items.Maybe, items.No, items.Invited).ShouldBe((410_623, 243_018, 211_327, 4_790_556));
        items.WithStart.ShouldBe(8_846);
        imported.Overview.Imports.ShouldHaveSingleItem().Ids.ShouldBe(938_075);
    }

    [RealDataFact]
    public void The_answers_fall_into_the_five_personas_and_clustering_their_export_gives_the_same_bits()
    {
        var (published, clustered) = (imported.Published, imported.Clustered);
        (published.K, published.Rows).ShouldBe((5, 11_513));
        published.Segments.Select(segment => segment.Persona).Order().ShouldBe(
            ["Detached Critics", "Enthusiasts", "Silent Observers", "Social Butterflies", "Traditionalists"]);
        (clustered.GetProperty("rows").GetInt64(), clustered.GetProperty("k").GetInt32()).ShouldBe((published.Rows, published.K));
        clustered.GetProperty("inertia").GetDouble().ShouldBe(published.Inertia);
        foreach (var score in published.Scores)
            clustered.GetProperty("silhouette").GetProperty($"{score.K}").GetDouble().ShouldBe(score.Silhouette);
        var clusters = clustered.GetProperty("clusters").EnumerateArray().ToArray();
        for (var i = 0; i < clusters.Length; i++)
        {
            clusters[i].GetProperty("size").GetInt64().ShouldBe(published.Segments[i].Size);
            clusters[i].GetProperty("centroid").EnumerateObject().Select(mean => mean.Value.GetDouble()).ShouldBe(published.Segments[i].Centroid);
        }
    }

    [RealDataFact]
    public void A_user_of_the_tables_is_shown_with_persona_margin_and_reasons()
    {
        var segment = imported.Shown.GetProperty("segment");
        imported.Published.Segments.Select(one => one.Persona).ShouldContain(segment.GetProperty("persona").GetString()!);
        segment.GetProperty("userId").GetString().ShouldBe(Imported.SomeUser);
        segment.GetProperty("margin").GetDouble().ShouldBeInRange(0, 1);
        segment.GetProperty("reasons").GetArrayLength().ShouldBePositive();
        imported.ShownToPeople.ShouldContain(segment.GetProperty("persona").GetString()!);
        imported.ShownToPeople.ShouldContain("Margin", Case.Insensitive);
    }

    private ColumnReport Column(string table, string column) =>
        imported.Report.Tables.Single(one => one.Table == table).Columns.Single(one => one.Column == column);

    /// <summary>One import of the tables, and the segmentation of it, made once; nothing where the tables are not there.</summary>
    public sealed class Imported : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public ImportReport Report { get; private set; } = null!;

        public EngineOverview Overview { get; private set; } = null!;

        public string[] Rejects { get; private set; } = [];

        /// <summary>The segmentation of the answers by a job over user grains.</summary>
        public SegmentationView Published { get; private set; } = null!;

        /// <summary>What `auie cluster` prints of the exported answers.</summary>
        public JsonElement Clustered { get; private set; }

        /// <summary>The first user of the table of answers.</summary>
        public const string SomeUser = "3044012";

        /// <summary>What `auie users show` prints of <see cref="SomeUser"/>, with and without --json.</summary>
        public JsonElement Shown { get; private set; }

        public string ShownToPeople { get; private set; } = "";

        public async Task InitializeAsync()
        {
            if (!EventChallenge.IsConfigured) return;
            await using var silo = await SiloProcess.RunAsync(_folder.At("data"));
            var report = await Run(silo, "import", "event-challenge", EventChallenge.Folder, "--rejects", _folder.At("rejects.csv"), "--json");
            Report = JsonSerializer.Deserialize(report, AuieJson.Lenient.ImportReport)!;
            Overview = await silo.Client.GetOverview();
            Rejects = (await File.ReadAllLinesAsync(_folder.At("rejects.csv")))[1..];

            var rows = _folder.At("impressions.csv");
            await Run(silo, "recompute", "--features", "impressions", "--k", "3..8", "--wait", "--json");
            Published = await silo.Client.GetSegmentation();
            Shown = JsonDocument.Parse(await Run(silo, "users", "show", SomeUser, "--json")).RootElement.Clone();
            ShownToPeople = await Run(silo, "users", "show", SomeUser);
            await Run(silo, "export", "impressions", "-o", rows);
            Clustered = JsonDocument.Parse(await Run(silo, "cluster", rows, "--k", "3..8", "--json")).RootElement.Clone();
        }

        private static async Task<string> Run(SiloProcess silo, params string[] arguments)
        {
            using StringWriter output = new(), error = new();
            var environment = new Dictionary<string, string> { ["AUIE_ENDPOINT"] = silo.Http.BaseAddress!.ToString() };
            var host = new CliHost(output, error, environment.GetValueOrDefault, Interactive: false, Width: 200);
            (await AuieCli.Run(arguments, host)).ShouldBe(ExitCodes.Ok, error.ToString());
            return output.ToString();
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();
    }
}
