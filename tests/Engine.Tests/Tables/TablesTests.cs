using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Auie.Cli;
using Auie.Silo.Tables;

namespace Auie.Engine.Tests.Tables;

/// <summary>The tables that `tables` makes.</summary>
public sealed class TablesTests : IDisposable
{
    private static readonly TablesOptions Small = new() { Users = 800, Events = 500, Answers = 20_000, FriendLinks = 30_000, TrainRows = 900, Plain = true };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-tables-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_same_seed_makes_the_same_bytes_and_another_seed_others()
    {
        await Make("one", Small);
        await Make("two", Small);
        await Make("other", Small with { Seed = 2 });
        foreach (var name in Names())
        {
            File.ReadAllBytes(At("two", name)).ShouldBe(File.ReadAllBytes(At("one", name)), name);
            File.ReadAllBytes(At("other", name)).ShouldNotBe(File.ReadAllBytes(At("one", name)), name);
        }
    }

    [Fact]
    public async Task Gzipped_tables_hold_what_plain_ones_do()
    {
        await Make("plain", Small);
        await Make("zipped", Small with { Plain = false });
        foreach (var name in Names())
        {
            await using var zip = new GZipStream(File.OpenRead(At("zipped", name + ".gz")), CompressionMode.Decompress);
            using var reader = new StreamReader(zip);
            (await reader.ReadToEndAsync()).ShouldBe(await File.ReadAllTextAsync(At("plain", name)), name);
        }
    }

    [Fact]
    public async Task Every_count_is_as_asked_and_every_id_is_where_it_belongs()
    {
        await Make("tables", Small);
        var users = Rows("tables", "users.csv");
        var friends = Rows("tables", "user_friends.csv");
        var events = Rows("tables", "events.csv");
        var attendees = Rows("tables", "event_attendees.csv");
        var train = Rows("tables", "train.csv");
        (users.Length, events.Length, train.Length).ShouldBe((800, 500, 900));
        friends.Sum(row => Ids(row[1]).Length).ShouldBe(30_000);
        attendees.Sum(row => row[1..].Sum(list => Ids(list).Length)).ShouldBe(20_000);

        var known = users.Select(row => row[0]).ToHashSet();
        var shown = events.Select(row => row[0]).ToHashSet();
        (known.Count, shown.Count).ShouldBe((800, 500));
        foreach (var id in known.Concat(shown)) uint.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture);
        friends.ShouldAllBe(row => known.Contains(row[0]) && Ids(row[1]).Distinct().Count() == Ids(row[1]).Length && !Ids(row[1]).Contains(row[0]));
        attendees.ShouldAllBe(row => shown.Contains(row[0]) && row.Skip(1).SelectMany(Ids).Distinct().Count() == row.Skip(1).SelectMany(Ids).Count());
        train.ShouldAllBe(row => known.Contains(row[0]) && shown.Contains(row[1]));
        train.Select(row => (row[0], row[1])).Distinct().Count().ShouldBe(900);
        train.ShouldAllBe(row => row[4] == "0" || row[5] == "0");

        var mentioned = friends.SelectMany(row => Ids(row[1])).Concat(attendees.SelectMany(row => row[1..].SelectMany(Ids))).ToHashSet();
        mentioned.Count(id => !known.Contains(id)).ShouldBeGreaterThan(4 * known.Count);
        mentioned.Count(known.Contains).ShouldBeGreaterThan(known.Count / 2);
    }

    [Fact]
    public async Task Gaps_and_garbage_are_as_in_the_original()
    {
        await Make("tables", Small with { Users = 4_000 });
        var users = Rows("tables", "users.csv");
        var years = users.Select(row => row[2]).ToHashSet();
        years.ShouldContain("None");
        years.ShouldContain(year => year == "23-May" || year == "16-Mar");
        users.Select(row => row[3]).Distinct().Order().ShouldBe(["", "female", "male"]);
        foreach (var column in (int[])[4, 5, 6]) users.ShouldContain(row => row[column].Length == 0);
        users.ShouldContain(row => row[5] == "  ");
        Rows("tables", "events.csv").ShouldContain(row => row[2].Length == 0);

        var lengths = Rows("tables", "event_attendees.csv").Select(row => row[1..].Sum(list => Ids(list).Length)).Order().ToArray();
        lengths[^1].ShouldBeGreaterThan(5 * Math.Max(1, lengths[lengths.Length / 2]));
    }

    [Theory]
    [InlineData(.01)]
    [InlineData(.0001)]
    public async Task Whatever_the_scale_the_importer_takes_the_tables_and_rejects_no_row(double scale)
    {
        await Make("tables", new TablesOptions().Scaled(scale) with { Events = 300 });
        using StringWriter output = new(), error = new();
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        var code = await AuieCli.Run(["import", "event-challenge", At("tables", ""), "--dry-run", "--json", "--rejects", At("tables", "rejects.csv")], host);
        code.ShouldBe(ExitCodes.Ok, error.ToString());
        var report = JsonDocument.Parse(output.ToString()).RootElement;
        foreach (var table in report.GetProperty("tables").EnumerateArray()) table.GetProperty("rejectedRows").GetInt64().ShouldBe(0, table.ToString());
        report.GetProperty("friendLinks").GetInt64().ShouldBe((long)Math.Round(30_400_000 * scale));
        report.GetProperty("answers").GetInt64().ShouldBeGreaterThanOrEqualTo((long)Math.Round(11_200_000 * scale));
    }

    [Fact]
    public async Task A_folder_that_holds_such_a_table_is_left_as_it_is()
    {
        Directory.CreateDirectory(At("tables", ""));
        File.WriteAllText(At("tables", "train.csv"), "mine");
        (await Should.ThrowAsync<InvalidDataException>(() => Make("tables", Small with { Plain = false }))).Message.ShouldContain("train.csv' is there already");
        Directory.GetFiles(At("tables", "")).ShouldBe([At("tables", "train.csv")]);
    }

    [Theory]
    [InlineData(0, 5, 5, 5, 5, "--users is 0; it may be from 1")]
    [InlineData(5, 0, 5, 5, 5, "--events is 0; it may be from 1")]
    [InlineData(5, 5, -1, 5, 5, "--answers is -1; it may be from 0")]
    [InlineData(5, 5, 5, 100_001, 5, "--friend-links is 100,001; it may be from 0 to 100,000, 20,000 a user")]
    [InlineData(5, 5, 5, 5, 26, "--train-rows is 26; it may be from 0 to 25, 5 a user")]
    public void A_count_out_of_its_limits_is_refused(long users, long events, long answers, long links, long rows, string reason) =>
        Should.Throw<InvalidDataException>(() => new EventChallengeTables(
            new TablesOptions { Users = users, Events = events, Answers = answers, FriendLinks = links, TrainRows = rows })).Message.ShouldStartWith(reason);

    private static string[] Names() => ["users.csv", "user_friends.csv", "events.csv", "event_attendees.csv", "train.csv"];

    private Task Make(string name, TablesOptions options) => new EventChallengeTables(options).WriteAsync(At(name, ""), (_, _) => { }, CancellationToken.None);

    private string At(string folder, string file) => Path.Combine(_folder.FullName, folder, file);

    // No cell of these tables holds a comma or a quote.
    private string[][] Rows(string folder, string file) => [.. File.ReadLines(At(folder, file)).Skip(1).Select(line => line.Split(','))];

    private static string[] Ids(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
