using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Engine.Tests.Api;
using Auie.Engine.Tests.Cli.Import;

namespace Auie.Engine.Tests.Cli;

/// <summary>`auie insights` on small tables in which people like what starts soon.</summary>
public sealed class InsightsCommandTests : IDisposable
{
    private const int People = 60, Shown = 6;

    private readonly SomeTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public async Task Its_counts_are_those_of_the_tables_and_what_was_planted_leads()
    {
        WriteWorld();
        var run = await Insights("--json");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Error.ShouldBeEmpty();
        var report = JsonDocument.Parse(run.Out).RootElement;

        report.GetProperty("asOf").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2012, 10, 1, 12, 0, 0, TimeSpan.Zero).AddHours(People * 7));
        report.GetProperty("who").GetProperty("users").GetInt64().ShouldBe(People);
        var gender = report.GetProperty("who").GetProperty("breakdowns").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "gender");
        gender.GetProperty("shares")[0].GetProperty("rate").GetProperty("hits").GetInt64().ShouldBe(People * 2 / 3);
        var drivers = report.GetProperty("drivers");
        drivers.GetProperty("showings").GetInt32().ShouldBe(People * Shown);
        drivers.GetProperty("pages").GetInt32().ShouldBe(People);
        drivers.GetProperty("interested").GetProperty("value").GetDouble().ShouldBe(1.0 / Shown, 1e-12);
        var soon = drivers.GetProperty("drivers").EnumerateArray().Single(one => one.GetProperty("feature").GetString() == "hours_to_start").GetProperty("curve");
        soon[0].GetProperty("rate").GetProperty("value").GetDouble().ShouldBe(1);
        soon[0].GetProperty("within").GetProperty("slope").GetDouble().ShouldBe(1, 1e-9);
        report.GetProperty("when").EnumerateArray().Select(one => one.GetProperty("total").GetInt64()).ShouldBe([People * Shown, People * Shown * 2]);
        report.GetProperty("influencers")[0].GetProperty("methods").EnumerateArray().Select(one => one.GetProperty("method").GetString()).ShouldBe(["imm", "degree", "pagerank"]);
        // All know the first ten; nobody else reaches as many.
        int.Parse(report.GetProperty("influencers")[0].GetProperty("methods")[0].GetProperty("people")[0].GetProperty("user").GetString()!, CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(10);
        report.GetProperty("quality").EnumerateArray().Single(one => one.GetProperty("table").GetString() == "users").GetProperty("rows").GetInt64().ShouldBe(People);
    }

    [Fact]
    public async Task The_order_of_rows_changes_no_figure()
    {
        WriteWorld();
        var first = await Insights("--json");
        foreach (var table in new[] { "train.csv", "users.csv", "events.csv", "event_attendees.csv", "user_friends.csv" })
        {
            var lines = File.ReadAllLines(_tables.At(table));
            _tables.Write(table, string.Join('\n', lines.Take(1).Concat(lines.Skip(1).Reverse())) + "\n");
        }

        (await Insights("--json")).ShouldEndWith(ExitCodes.Ok).Out.ShouldBe(first.Out);
    }

    [Fact]
    public async Task A_person_reads_what_it_means_first_and_only_what_was_asked_for()
    {
        WriteWorld();
        _tables.Append("train.csv", "1,10,2,2012-10-02 15:53:05.754000+00:00,1,0");
        var run = await Insights();
        run.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "By locale ", "comes first (expected interest 16.7 %), but ", "may be as high", "marks in lists of answers", "These are the first 10 of ", "with a profile who are in any list of friends", "by weekday none stands out",  "WHO: 60 users", "WHAT DRIVES INTEREST", "hours to the start", "others who were invited", "WHEN, shown", "WHEN TO SEND: too little", "WHO CARRIES IT to everybody. Chosen for their reach together (influence maximisation, IMM)", "As of 2012-" }) run.Out.ShouldContain(told);
        run.Error.ShouldContain("1 rows of the tables cannot be used");

        // Marketers are told no names that programs go by.
        foreach (var name in new[] { "hours_to_start", "were_invited", "said_yes", "friends_yes" }) run.Out.ShouldNotContain(name);

        var who = await Insights("--about", "who");
        who.Out.ShouldContain("WHO: 60 users");
        who.Out.ShouldNotContain("WHAT DRIVES");
    }

    [Fact]
    public async Task The_verdicts_are_written_whole_and_say_of_each_statement_whether_it_holds()
    {
        WriteWorld();
        var file = _tables.At("seed.md");
        (await Insights("--verdicts", file)).ShouldEndWith(ExitCodes.Ok).Out.ShouldBeEmpty();
        var text = await File.ReadAllTextAsync(file);
        text.ShouldContain("| Consolidated over 38,000 user profiles | 60 profiles |");
        text.ShouldContain("| A male-dominated user base | male 66.7 %");
        text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.Contains("the text says", StringComparison.Ordinal))
            .ShouldAllBe(line => line.EndsWith("** |", StringComparison.Ordinal) && line.Count(c => c == '|') == 6);
    }

    [Fact]
    public async Task Of_an_engine_it_tells_who_there_is_and_who_is_interested_and_passes_on_whom_it_is_about()
    {
        await using var server = await ApiServer.Start();
        var who = await Run("insights", "who", "--segment", "1", "--age", "25..40", "--locale", "en_US", "--endpoint", server.Address.AbsoluteUri);
        who.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "2 of 3 users", "Segments of version 4", "WHO: 2 users", "female", "50.0 % [10.0, 90.0]", "median 22" }) who.Out.ShouldContain(told);
        server.Engine.Audiences.ShouldBe([new AudienceRequest { Segment = 1, AgeFrom = 25, AgeTo = 40, Locale = "en_US" }]);
        var drivers = await Run("insights", "drivers", "--endpoint", server.Address.AbsoluteUri);
        drivers.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "id_ID", "Personas of version 4", "40.0 %", "but \\u001b[31m\\u000ared may be as high", "Its interval may be wider", "7 more, to which less was shown" }) drivers.Out.ShouldContain(told);
        // What users write does nothing to a terminal.
        drivers.Out.ShouldNotContain("\u001b");
        drivers.Out.ShouldContain("\\u001b[31m\\u000ared");
        JsonDocument.Parse((await Run("insights", "drivers", "--json", "--endpoint", server.Address.AbsoluteUri)).Out).RootElement.GetProperty("showings").GetInt64().ShouldBe(2);
        var funnel = await Run("insights", "funnel", "--steps", "shown,yes", "--by", "place", "--endpoint", server.Address.AbsoluteUri);
        funnel.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "Most drop out before yes", "everybody", "12.34", "yes: took it" }) funnel.Out.ShouldContain(told);
        server.Engine.Funnels[^1].By.ShouldBe("place");
        (await Run("insights", "funnel", "--by", "persona", "--endpoint", server.Address.AbsoluteUri)).ShouldEndWith(ExitCodes.Ok);
        server.Engine.Funnels[^1].Steps.ShouldBeEmpty();
        await FunnelsAreTold(server);
        var effects = await Run("insights", "effects", "--endpoint", server.Address.AbsoluteUri);
        effects.ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("others who were invited");
        effects.Out.ShouldNotContain("were_invited");
        JsonDocument.Parse((await Run("insights", "effects", "--json", "--endpoint", server.Address.AbsoluteUri)).Out).RootElement.GetProperty("drivers")[0].GetProperty("feature").GetString().ShouldBe("were_invited");
        var strategies = await Run("strategies", "--endpoint", server.Address.AbsoluteUri);
        strategies.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "Early access fits Enthusiasts (segment 1, 10 users)", "3 in 7 days", "library of version 3" }) strategies.Out.ShouldContain(told);
        strategies.Out.ShouldNotContain("-0.61");
        (await Run("strategies", "--why", "--endpoint", server.Address.AbsoluteUri)).Out.ShouldContain("-0.61");
        (await Run("insights", "who", "--place", "Medan", "--tenure", "12..", "--friends", "..99", "--age", "30", "--endpoint", server.Address.AbsoluteUri)).ShouldEndWith(ExitCodes.Ok);
        server.Engine.Audiences[^1].ShouldBe(new AudienceRequest { Place = "Medan", TenureFrom = 12, FriendsTo = 99, AgeFrom = 30, AgeTo = 30 });
        var quality = await Run("insights", "quality", "--endpoint", server.Address.AbsoluteUri);
        quality.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "4 users", "birthyear", "25.0 %", "2 a spike (1905)", "shown 7", "refused 0", "Over HTTP, since it started (", "What a demo or another process brought in is not among them" }) quality.Out.ShouldContain(told);
        server.Engine.Nobody = "nobody matches: place \u001b[31mAtlantis";
        foreach (var asked in new[] { "who", "drivers", "effects", "when", "influencers", "funnel" })
            (await Run("insights", asked, "--place", "Atlantis", "--endpoint", server.Address.AbsoluteUri)).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("Nobody matches: place \\u001b[31mAtlantis.");
        server.Engine.Nobody = null;
        (await Run("insights", "who", "--friends", "9..x")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("'9..x' is no number of friends");
        (await Run("insights", "who", "--tenure", "..")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("'..' is no tenure");
        (await Run("insights", "who", "--place", " ")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("needs a place");
        (await Run("insights", "who", "--age", "40..25")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("--age 40..25 has its ends reversed: write 25..40.");
        (await Run("insights", "who", "--gender", "men")).Code.ShouldBe(ExitCodes.Usage);
    }

    /// <summary>By any of its names a funnel is told, each share with what it is of, and each sum with whose it is.</summary>
    private static async Task FunnelsAreTold(ApiServer server)
    {
        foreach (var name in new string[][] { ["funnels"], ["insights", "funnels"], ["insights", "funnel"] })
        {
            var ever = await Run([.. name, "--steps", "shown,yes", "--by", "platform", "--endpoint", server.Address.AbsoluteUri]);
            ever.ShouldEndWith(ExitCodes.Ok);
            foreach (var told in new[] { "50.0 % [10.0, 90.0] of 2", "Spent by all", "12.34", "Of it by who took every step", "5.67", "the groups add up to more than everybody" }) ever.Out.ShouldContain(told);
            (await Run([.. name, "--help"])).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("auie " + (name.Length == 1 ? "funnels" : "insights funnel") + " --by persona");
        }

        var ordered = await Run("funnels", "--within", "72", "--endpoint", server.Address.AbsoluteUri);
        ordered.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "As of 2012-12-31", "50.0 % [10.0, 90.0] of 2", "Paid by all who began", "12.34 (n 2)", "Of it by who came to the end", "5.67 (n 1)" }) ordered.Out.ShouldContain(told);
        foreach (var told in new[] { "Most drop out before interested: 50.0 % [10.0, 90.0] of 2 go on to it from shown.", "Times are rounded up to the next power of two of a second" }) ordered.Out.ShouldContain(told);
        foreach (var untold in new[] { "the groups add up to more", "No share can be told" }) ordered.Out.ShouldNotContain(untold);
        (await Run("funnels", "--within", "99999999", "--endpoint", server.Address.AbsoluteUri)).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain(
            "No share can be told: nobody's 99999999 hours since the first step are over, which is longer than what is known goes back, and all who have not come to the end are counted as not yet.");
    }

    [Fact]
    public async Task What_cannot_be_told_is_refused_in_words()
    {
        (await Insights("--about", "whom")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("'whom' is none of data, who, drivers, when, influencers");
        (await Insights("--influencers", "0")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("from 1 to 1000");
        _tables.Write("train.csv", SomeTables.TrainHeader + "\n");
        (await Insights()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("shows nothing to anybody");
        File.Delete(_tables.At("user_friends.csv"));
        (await Insights()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("holds neither user_friends.csv nor user_friends.csv.gz");
    }

    /// <summary>Sixty users are shown six events each, on a page, and care for the one that had begun. Everybody knows the first ten, and two others.</summary>
    private void WriteWorld()
    {
        var random = new Random(1);
        var (users, train, events, attendees, friends) = (new StringBuilder(SomeTables.UsersHeader + "\n"), new StringBuilder(SomeTables.TrainHeader + "\n"), new List<string>(),
            new StringBuilder(SomeTables.AttendeesHeader + "\n"), new StringBuilder(SomeTables.FriendsHeader + "\n"));
        var noon = new DateTime(2012, 10, 1, 12, 0, 0, DateTimeKind.Utc);
        for (var user = 1; user <= People; user++)
        {
            users.Append(CultureInfo.InvariantCulture, $"{user},{(user % 3 == 0 ? "id_ID" : "en_US")},{1960 + (user % 40)},{(user % 3 == 0 ? "female" : "male")},2012-05-02T06:40:55.524Z,Medan  Indonesia,420\n");
            friends.Append(CultureInfo.InvariantCulture, $"{user},{string.Join(' ', Enumerable.Range(1, 10).Append(11 + random.Next(25)).Append(36 + random.Next(25)).Where(one => one != user))}\n");
            var shownAt = noon.AddHours(user * 7);
            for (var place = 0; place < Shown; place++)
            {
                var shown = (user * 10) + place;
                train.Append(CultureInfo.InvariantCulture, $"{user},{shown},0,{shownAt:yyyy-MM-dd HH:mm:ss}+00:00,{(place == 0 ? 1 : 0)},0\n");
                events.Add($"{shown},77,{shownAt.AddHours(place == 0 ? -1 : 100 + (place * 50)):yyyy-MM-ddTHH:mm:ss}.001Z,Medan,,,Indonesia,,");
                attendees.Append(CultureInfo.InvariantCulture, $"{shown},{1_000 + random.Next(50)},{2_000 + random.Next(50)},,\n");
            }
        }

        _tables.Write("users.csv", users.ToString());
        _tables.Write("train.csv", train.ToString());
        _tables.Write("events.csv", SomeTables.Events([.. events]));
        _tables.Write("event_attendees.csv", attendees.ToString());
        _tables.Write("user_friends.csv", friends.ToString());
    }

    private Task<CliRun> Insights(params string[] options) => Run(["insights", _tables.Path, .. options]);

    private static async Task<CliRun> Run(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        var code = await AuieCli.Run(arguments, host);
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
