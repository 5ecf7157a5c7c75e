using System.Text.RegularExpressions;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Engine.Tests.Api;
using Auie.Engine.Tests.Cli.Import;

namespace Auie.Engine.Tests.Cli;

/// <summary>How commands of insights, funnels, strategies and campaigns are called, and what they say of what cannot be meant.</summary>
public sealed partial class InsightsOptionsTests : IAsyncLifetime
{
    private static readonly string[][] Commands =
    [
        ["insights"], ["insights", "who"], ["insights", "drivers"], ["insights", "effects"], ["insights", "when"], ["insights", "funnel"], ["insights", "influencers"], ["insights", "personas"], ["insights", "quality"],
        ["funnels"], ["strategies"], ["campaigns"], ["campaigns", "plan"], ["campaigns", "show"], ["campaigns", "result"], ["campaigns", "export"], ["campaigns", "delete"],
    ];

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Help_of_what_an_engine_is_asked_names_no_folder()
    {
        foreach (var command in Commands)
        {
            var help = await Run([.. command, "--help"]);
            help.ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("Examples:");
            if (command is not ["insights"]) help.Out.ShouldNotContain("DIR");
        }

        (await Run("insights", "--help")).Out.ShouldContain("[<DIR>]");
        (await Run("insights")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("needs what it is to tell of an engine (who, drivers, effects, funnel, when, influencers, personas, quality), or a folder of tables");
    }

    [Fact]
    public async Task Every_example_runs()
    {
        var job = await _server.Client.StartJob(new());
        _server.Engine.Segmentation = FakeEngine.ViewOf(await _server.Client.GetJob(job.Id), ["age", "friends"], 100);
        foreach (var command in Commands)
        {
            var examples = (await Run([.. command, "--help"])).Out.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("auie ", StringComparison.Ordinal)).ToArray();
            examples.ShouldNotBeEmpty();
            // Of what needs tables, or writes a file, the form alone is looked at elsewhere.
            foreach (var example in examples.Where(one => !one.Contains(" challenge", StringComparison.Ordinal) && !one.Contains(" -o ", StringComparison.Ordinal)))
                (await Run([.. Words().Matches(example).Skip(1).Select(word => word.Value.Trim('\''))])).Code.ShouldBe(ExitCodes.Ok, example);
        }
    }

    [Theory]
    [InlineData("--within", "funnels", "--within", "-1")]
    [InlineData("--within", "funnels", "--within", "soon")]
    [InlineData("--steps", "funnels", "--steps", "shown,bought")]
    [InlineData("--steps", "funnels", "--steps", "shown,Shown")]
    [InlineData("--within", "insights", "funnel", "--steps", "shown,not_interested")]
    [InlineData("--to", "funnels", "--steps", "shown", "--to", "came")]
    [InlineData("--by", "funnels", "--by", "age band")]
    [InlineData("--segment", "insights", "who", "--segment", "first")]
    [InlineData("--segment", "insights", "who", "--segment", "-1")]
    [InlineData("--gender", "insights", "who", "--gender", "men")]
    [InlineData("--friends", "insights", "who", "--friends", "9..3")]
    [InlineData("--as-of", "insights", "who", "--as-of", "11/03/2012")]
    [InlineData("--as-of", "insights", "who", "--as-of", "2012-11-03T10:00")]
    [InlineData("--as-of", "insights", "who", "--as-of", "1066-10-14")]
    [InlineData("--count", "insights", "influencers", "--count", "1001")]
    [InlineData("--seed", "insights", ".", "--seed", "x")]
    [InlineData("--holdout", "campaigns", "plan", "Early access", "--segment", "1", "--holdout", "0.6")]
    [InlineData("--count", "campaigns", "plan", "Early access", "--segment", "1", "--count", "21")]
    [InlineData("--kind", "campaigns", "plan", "Early access", "--segment", "1", "--kind", "party")]
    [InlineData("--from", "campaigns", "plan", "Early access", "--segment", "1", "--from", "soon")]
    [InlineData("--count and --items do not go together", "campaigns", "plan", "Early access", "--segment", "1", "--items", "e1", "--count", "5")]
    [InlineData("--kind and --items do not go together", "campaigns", "plan", "Early access", "--segment", "1", "--items", "e1", "--kind", "product")]
    [InlineData("--items names 'e1' more than once", "campaigns", "plan", "Early access", "--segment", "1", "--items", "e1,e2,e1")]
    [InlineData("--format", "campaigns", "export", "c1", "-o", "-", "--format", "xml")]
    public async Task What_can_never_be_meant_is_wrong_usage_and_told_by_the_option_that_was_typed(string option, params string[] arguments)
    {
        var run = await Run(arguments);
        run.ShouldEndWith(ExitCodes.Usage).Error.ShouldContain(option);
        foreach (var ofTheParser in new[] { "System.", "Unrecognized", "Required argument" }) run.Error.ShouldNotContain(ofTheParser);
        _server.Engine.Audiences.ShouldBeEmpty();
        _server.Engine.Funnels.ShouldBeEmpty();
        _server.Engine.Campaigns.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_engine_refuses_is_told_by_what_was_typed_and_is_no_wrong_usage()
    {
        // Of a list it is told which; what tells of both ends of an option stays in the engine's words.
        (await Run("campaigns", "plan", "Early access", "--segment", "1", "--items", "e1,.")).ShouldEndWith(ExitCodes.Failed).Error.ShouldBe("auie: --items, number 2: must not be . or ..\n");
        _server.Engine.FailsOnce.Enqueue(new InvalidRequestException("kMax", "2 is not in 5 (kMin) to 255"));
        (await Run("recompute", "--k", "2..5")).ShouldEndWith(ExitCodes.Failed).Error.ShouldBe("auie: kMax: 2 is not in 5 (kMin) to 255\n");
        _server.Engine.FailsOnce.Enqueue(new InvalidRequestException("kMin", "1 is not in 2 to 255"));
        (await Run("recompute", "--k", "2..5")).ShouldEndWith(ExitCodes.Failed).Error.ShouldBe("auie: --k: 1 is not in 2 to 255\n");
        (await Run("funnels", "--within", "1e300")).ShouldEndWith(ExitCodes.Failed).Error.ShouldBe("auie: --within: has to be more than nothing, and no more than a calendar holds\n");
        (await Run("campaigns", "plan", FakeCampaigns.Misfit, "--segment", "1")).ShouldEndWith(ExitCodes.Failed).Error.ShouldBe("auie: STRATEGY: 'Misfit' does not fit segment 1: it resembles nobody; --anyway plans it all the same\n");
        (await Run("campaigns", "plan", FakeCampaigns.Silence, "--segment", "1", "--store")).ShouldEndWith(ExitCodes.Failed).Error.ShouldStartWith("auie: --segment: a plan that sends nothing is not stored");
    }

    [Fact]
    public async Task Words_of_ours_mind_no_case_and_a_date_is_its_first_moment()
    {
        (await Run("insights", "who", "--gender", "Male", "--platform", "WEB", "--as-of", "2012-11-03")).ShouldEndWith(ExitCodes.Ok);
        _server.Engine.Audiences.ShouldBe([new AudienceRequest { Gender = "male", Platform = "web", AsOf = new DateTimeOffset(2012, 11, 3, 0, 0, 0, TimeSpan.Zero) }]);
        (await Run("funnels", "--steps", "Shown,YES", "--by", "Persona")).ShouldEndWith(ExitCodes.Ok);
        (_server.Engine.Funnels[0].By, string.Join(',', _server.Engine.Funnels[0].Steps)).ShouldBe(("persona", "shown,yes"));
    }

    [Fact]
    public async Task Every_band_is_told_and_methods_and_chance_in_plain_words()
    {
        var effects = (await Run("insights", "effects")).ShouldEndWith(ExitCodes.Ok).Out;
        foreach (var told in new[] { "already begun: +12.0 [+8.0, +16.0]", "up to 24 hours before: -9.0 [-13.0, -5.0]", "1 up to 3 days: +1.0 [-3.0, +5.0], could be chance", "3 up to 7 days: cannot be compared (interest", "7 days and more: +2.0 [-2.0, +6.0], could be chance", "By chance (q)" })
            effects.ShouldContain(told);
        var carriers = (await Run("insights", "influencers")).ShouldEndWith(ExitCodes.Ok).Out;
        carriers.ShouldContain("Chosen for their reach together (influence maximisation, IMM)");
        // How they are chosen hardly matters where each other way may reach as many, and not where one may.
        const string hardly = "it hardly matters how they are chosen";
        carriers.ShouldNotContain(hardly);
        var (fewer, asMany) = (new EstimateView(1, 0.9, 1.1), new EstimateView(1.9, 1.8, 2));
        _server.Engine.ReachOtherwise = [fewer, asMany];
        (await Run("insights", "influencers")).ShouldEndWith(ExitCodes.Ok).Out.ShouldNotContain(hardly);
        _server.Engine.ReachOtherwise = [asMany, asMany];
        (await Run("insights", "influencers")).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain(hardly);
        var when = (await Run("insights", "when")).ShouldEndWith(ExitCodes.Ok).Out;
        foreach (var told in new[] { "+10.0 points (+5.0 to +15.0)", "No weekday stands out; of the hours that from 9:00 or 20:00. Best sent: Friday, 18:00 to 21:00 (another day may be as good).", "a day and its week are tested apart" }) when.ShouldContain(told);
        _server.Engine.BusiestWeekdays = [4];
        (await Run("insights", "when")).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("Friday has most; of the hours that from 9:00 or 20:00. Best sent: Friday, 18:00 to 21:00.");
        var job = await _server.Client.StartJob(new());
        _server.Engine.Segmentation = FakeEngine.ViewOf(await _server.Client.GetJob(job.Id), ["age", "friends"], 100);
        var personas = (await Run("insights", "personas")).ShouldEndWith(ExitCodes.Ok).Out;
        foreach (var told in new[] { "How far the personas' shares have shifted is 0.020 (population stability index; it is time from 0.2 on)", "with an agreement of 0.95", "Of features, age has moved most, by +0.31 standard deviations (it is time from 0.2 on). How", "age +1.20, invited +0.50" }) personas.ShouldContain(told);
    }

    [Fact]
    public async Task Where_nothing_is_published_it_is_said()
    {
        _server.Engine.NoSegmentation = "no segmentation published yet";
        foreach (var asked in new[] { "drivers", "when" })
            (await Run("insights", asked)).ShouldEndWith(ExitCodes.Ok).Out.ShouldContain("No segmentation published yet, so that personas are not told apart");
        // What asks for one finds none, as what shows it does.
        (await Run("segments")).ShouldEndWith(ExitCodes.NotFound);
        (await Run("insights", "who", "--segment", $"{FakeInsights.Unpublished}")).ShouldEndWith(ExitCodes.NotFound).Error.ShouldBe("auie: --segment: cannot be asked for: no segmentation is published yet\n");
        (await Answer.To(_server.Http, HttpMethod.Get, $"/api/insights/who?segment={FakeInsights.Unpublished}")).Body.ShouldContain("\"no_segmentation\"");
    }

    private async Task<CliRun> Run(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var host = new CliHost(output, error, name => name == "AUIE_ENDPOINT" ? _server.Address.AbsoluteUri : null, Interactive: false, Width: 1000);
        var code = await AuieCli.Run(arguments, host);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    [GeneratedRegex("'[^']*'|[^ ]+", RegexOptions.None, 1000)]
    private static partial Regex Words();
}
