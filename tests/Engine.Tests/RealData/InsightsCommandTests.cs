using System.Text.Json;
using Auie.Cli;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.RealData;

/// <summary>What insights say of the Event Recommendation Engine Challenge, against figures that were computed elsewhere and are on record.</summary>
public sealed class InsightsCommandTests
{
    [RealDataFact]
    public async Task The_facts_are_those_on_record()
    {
        var report = await Insights("--about", "who,drivers,when");
        var (who, drivers) = (report.GetProperty("who"), report.GetProperty("drivers"));

        who.GetProperty("users").GetInt64().ShouldBe(38_209);
        var age = Named(who.GetProperty("numbers"), "name", "age");
        age.GetProperty("median").GetDouble().ShouldBe(21);
        age.GetProperty("mean").GetDouble().ShouldBe(23.3, .05);
        Share("gender", "male").ShouldBe((23_242, .61));
        Share("locale", "en_US").Hits.ShouldBe(17_073);
        Share("locale", "id_ID").Hits.ShouldBe(11_817);

        drivers.GetProperty("showings").GetInt32().ShouldBe(11_513);
        Value(drivers.GetProperty("interested")).ShouldBe(.268, .0005);
        Value(drivers.GetProperty("notInterested")).ShouldBe(.033, .001);
        var hours = Driver("hours_to_start").GetProperty("curve").EnumerateArray().ToDictionary(bin => bin.GetProperty("to").ToString(), bin => Value(bin.GetProperty("rate")));
        hours["0"].ShouldBe(.467, .0005);
        hours["72"].ShouldBe(.212, .0005);
        hours["168"].ShouldBe(.216, .0005);
        hours["720"].ShouldBe(.542, .0005);
        Driver("invited").GetProperty("curve").EnumerateArray().Select(bin => Math.Round(Value(bin.GetProperty("rate")), 3)).ShouldBe([.272, .169]);
        var friends = Driver("friends");
        friends.GetProperty("pearson").GetProperty("r").GetDouble().ShouldBe(.025, .0005);
        friends.GetProperty("spearman").GetProperty("r").GetDouble().ShouldBe(.040, .0005);
        friends.GetProperty("onPages").GetProperty("r").GetDouble().ShouldBe(-.003, .0005);
        friends.GetProperty("meaning").GetString()!.ShouldContain("cannot decide which of that is of interest");
        var locales = drivers.GetProperty("groups")[0];
        locales.GetProperty("mostShown").GetString().ShouldBe("en_US");
        locales.GetProperty("groups")[0].GetProperty("value").GetString().ShouldBe("id_ID");
        Value(Named(locales.GetProperty("groups"), "value", "en_US").GetProperty("rate")).ShouldBe(.246, .0005);
        Value(Named(locales.GetProperty("groups"), "value", "id_ID").GetProperty("rate")).ShouldBe(.299, .0005);

        var starts = Named(report.GetProperty("when"), "name", "starts");
        Top("topDays").ShouldBe(("2012-11-03", 208_678));
        Top("topWeeks").ShouldBe(("2012-W44", 918_290));

        (long Hits, double Share) Share(string breakdown, string value)
        {
            var rate = Named(Named(who.GetProperty("breakdowns"), "name", breakdown).GetProperty("shares"), "value", value).GetProperty("rate");
            return (rate.GetProperty("hits").GetInt64(), Math.Round(Value(rate), 3));
        }

        JsonElement Driver(string feature) => Named(drivers.GetProperty("drivers"), "feature", feature);

        (string? When, long Count) Top(string list) => (starts.GetProperty(list)[0].GetProperty("when").GetString(), starts.GetProperty(list)[0].GetProperty("count").GetInt64());
    }

    [RealDataFact]
    public async Task Influencers_reach_more_than_those_with_most_friends_or_the_highest_PageRank()
    {
        var everybody = (await Insights("--about", "influencers", "--influencers", "10")).GetProperty("influencers")[0];
        var methods = everybody.GetProperty("methods").EnumerateArray().ToDictionary(one => one.GetProperty("method").GetString()!);
        foreach (var other in new[] { "degree", "pagerank" })
            methods["imm"].GetProperty("reachLow").GetDouble().ShouldBeGreaterThan(methods[other].GetProperty("reachHigh").GetDouble(), other);
        everybody.GetProperty("people").GetInt32().ShouldBeGreaterThan(30_000);
    }

    [RealDataFact]
    public async Task The_document_of_verdicts_is_what_the_command_writes()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Auie.sln"))) root = root.Parent ?? throw new DirectoryNotFoundException("There is no Auie.sln above the tests.");
        var folder = Directory.CreateTempSubdirectory("auie-real-");
        try
        {
            var file = Path.Combine(folder.FullName, "seed.md");
            await Run("--verdicts", file);
            (await File.ReadAllTextAsync(file)).ShouldBe(await File.ReadAllTextAsync(Path.Combine(root.FullName, "docs", "seed.md")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<JsonElement> Insights(params string[] options) => JsonDocument.Parse(await Run([.. options, "--json"])).RootElement;

    private static async Task<string> Run(params string[] options)
    {
        using StringWriter output = new(), error = new();
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        (await AuieCli.Run(["insights", EventChallenge.Folder, .. options], host)).ShouldBe(ExitCodes.Ok, error.ToString());
        return output.ToString();
    }

    private static JsonElement Named(JsonElement list, string key, string name) => list.EnumerateArray().Single(one => one.GetProperty(key).GetString() == name);

    private static double Value(JsonElement rate) => rate.GetProperty("value").GetDouble();
}
