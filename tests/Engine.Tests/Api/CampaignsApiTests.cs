using System.Net;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;

namespace Auie.Engine.Tests.Api;

/// <summary>Campaigns over HTTP and on the command line.</summary>
public sealed class CampaignsApiTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-test-");
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_a_campaign_is_to_be_made_of_comes_through_whole()
    {
        var order = new CampaignRequest { Strategy = "Early access", Segment = 1, Anyway = true, From = FakeEngine.AsOf, Holdout = 0.25, Count = 2, Kind = "event", Category = "music", Place = "Medan" };
        (await _server.Client.PreviewCampaign(order)).Stored.ShouldBeFalse();
        (await _server.Client.CreateCampaign(new CampaignRequest { Strategy = "Reactivation", Segment = 0 })).Id.ShouldBe("c2");
        _server.Engine.Campaigns[0].ShouldBe(order);
        _server.Engine.Campaigns[1].ShouldBe(new CampaignRequest { Strategy = "Reactivation", Segment = 0 });
        (await _server.Client.PreviewCampaign(new CampaignRequest { Strategy = "Early access", Segment = 1, Items = ["e1"] })).Stored.ShouldBeFalse();
        _server.Engine.Campaigns[2].Items.ShouldBe(["e1"]);
        (await _server.Client.ListCampaigns()).Campaigns.Single().Audience.ShouldBe(FakeCampaigns.One.Audience);
        (await _server.Client.GetCampaign("c1")).Time.Lift.Value.ShouldBe(double.NaN);
        (await _server.Client.GetCampaignResult("c1")).Difference.ShouldBe(new LiftView(0.2, 0.05, 0.35));
        await _server.Client.DeleteCampaign("c1");
    }

    [Fact]
    public async Task Exports_hold_every_member_and_nobody_who_is_left_alone_has_a_time_or_items()
    {
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/campaigns/c1/export")).Body.ShouldBe(
            "user,arm,send_at,zone_from,channel,items,influencer\r\n=ann,treated,2013-01-04T18:00:00+07:00,profile,web,e1,1\r\n\"bob, the other\",holdout,,none,,,\r\n");
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/campaigns/c1/export?spreadsheet=true")).Body.ShouldContain("'=ann,");
        var json = JsonDocument.Parse((await Answer.To(_server.Http, HttpMethod.Get, "/api/campaigns/c1/export?format=json")).Body).RootElement;
        json.GetProperty("campaign").GetProperty("items")[0].GetProperty("id").GetString().ShouldBe("e1");
        json.GetProperty("members").GetArrayLength().ShouldBe(2);
        json.GetProperty("members")[1].GetProperty("sendAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("/api/campaigns/c9")]
    [InlineData("/api/campaigns/c9/result")]
    [InlineData("/api/campaigns/c9/export")]
    public async Task A_campaign_that_there_is_not_is_not_found(string path)
    {
        var answer = await Answer.To(_server.Http, HttpMethod.Get, path);
        (answer.Status, answer.Body.Contains("unknown_campaign")).ShouldBe((HttpStatusCode.NotFound, true));
    }

    [Fact]
    public async Task A_strategy_and_a_segment_are_all_that_has_to_be_said()
    {
        using var content = new StringContent("""{"strategy":"Early access","segment":1}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(new Uri("/api/campaigns/preview", UriKind.Relative), content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        _server.Engine.Campaigns.Single().ShouldBe(new CampaignRequest { Strategy = "Early access", Segment = 1 });
    }

    [Fact]
    public async Task Names_and_words_of_ours_mind_no_case_and_a_date_is_its_first_moment()
    {
        using var content = new StringContent("""{"Strategy":"Early access","SEGMENT":1,"Kind":"Event","from":"2026-12-01"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(new Uri("/api/campaigns/preview", UriKind.Relative), content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        _server.Engine.Campaigns.Single().ShouldBe(new CampaignRequest { Strategy = "Early access", Segment = 1, Kind = "event", From = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) });
        (await Answer.To(_server.Http, HttpMethod.Get, "/api/campaigns/c1/export?Format=CSV")).Body.ShouldStartWith("user,arm");
    }

    [Theory]
    [InlineData("""{"segment":1}""", "strategy")]
    [InlineData("""{"strategy":"Early access","segment":1,"kind":"party"}""", "'party' is neither event nor product")]
    [InlineData("""{"strategy":"Early access","segment":1,"items":["."]}""", "items[0]")]
    [InlineData("""{"strategy":"Early access","segment":1,"items":[null]}""", "items[0]")]
    [InlineData("""{"strategy":"Early access","segment":1,"items":["e1","e2","e1"]}""", "items[2]: 'e1' is named before")]
    [InlineData("""{"strategy":"Early access","segment":1,"items":["e1"],"count":5}""", "count: says what to choose from, but items names what is sent")]
    [InlineData("""{"strategy":"Early access","segment":1,"items":["e1"],"place":"Medan"}""", "place: says what to choose from")]
    [InlineData("""{"strategy":"Early access","segment":1,"audience":5}""", "audience")]
    public async Task What_cannot_be_meant_is_refused_with_field_and_reason(string body, string told)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(new Uri("/api/campaigns/preview", UriKind.Relative), content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(told);
    }

    [Fact]
    public async Task The_command_line_plans_tells_results_and_exports()
    {
        var plan = await Run("campaigns", "plan", "Early access", "--segment", "1", "--holdout", "0.2", "--items", "e1,e2", "--from", "2013-01-01");
        foreach (var told in new[] { "a preview: --store would keep it as c2", "Of 7 members 1 are sent something and 1 are left alone",
            "Left out: 2 who forbade that what they do is kept, 1 whom other campaigns reach 3 times in 7 days, 2 whom other campaigns leave alone to compare with.",
            "When: to all 1 on Wednesday, 2 January 2013 at 9:00, on each member's own clock", "A rise of 10.0 points or more, from these 5.0 % of members, would be seen in four of five such campaigns. That is much", "The segment's best time is Friday, 18:00 to 21:00", "=ann" }) plan.ShouldContain(told);
        var asked = _server.Engine.Campaigns.Single();
        (asked.Holdout, asked.From, string.Join(',', asked.Items!)).ShouldBe((0.2, new DateTimeOffset(2013, 1, 1, 0, 0, 0, TimeSpan.Zero), "e1,e2"));
        (await Run("campaigns", "plan", "Early access", "--segment", "1", "--store")).ShouldContain("stored as c2");
        (await Run("campaigns")).ShouldContain("Enthusiasts");
        (await Run("campaigns", "result", "c1")).ShouldContain("a difference of +20.0 points (+5.0 to +35.0). Of 1,000 campaigns that change nothing, about 15 would show one as large (p = 0.015).");
        JsonDocument.Parse(await Run("campaigns", "show", "c1", "--json")).RootElement.GetProperty("measure").GetString().ShouldBe("yes");
        var file = Path.Combine(_folder.FullName, "c1.csv");
        await Run("campaigns", "export", "c1", "-o", file);
        File.ReadAllLines(file).Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("yes", 0.2, 0.06, 0.1, " That is much: a smaller one would hardly be told from chance. To see one, leave more alone (--holdout), or plan it for more members.")]
    [InlineData("yes", 0.2, 0.06, 0.5, " That is much: a smaller one would hardly be told from chance. To see one, plan it for more members.")]
    [InlineData("yes", 0.2, 0.04, 0.1, "")]
    [InlineData("yes", 0.9, 0.03, 0.5, " That is much: a smaller one would hardly be told from chance. To see one, plan it for more members.")]
    [InlineData("yes", 0.9, 0.02, 0.1, "")]
    [InlineData("not_interested", 0.9, 0.2, 0.1, "")]
    [InlineData("not_interested", 0.2, 0.06, 0.5, " That is much: a smaller one would hardly be told from chance. To see one, plan it for more members.")]
    public async Task A_change_that_has_to_be_large_to_be_seen_is_said_to_be_and_what_would_help(string measure, double baseline, double detectable, double holdout, string told)
    {
        _server.Engine.Planned = FakeCampaigns.One with { Measure = measure, Holdout = holdout, Expected = FakeCampaigns.One.Expected with { Baseline = baseline, Detectable = detectable } };
        (await Run("campaigns", "plan", "Early access", "--segment", "1")).ShouldContain($"would be seen in four of five such campaigns.{told}\n".ReplaceLineEndings());
    }

    /// <summary>Half of all would do so anyhow, so that three points are little of that; but one in a hundred is expected to because of what is sent.</summary>
    [Fact]
    public async Task A_change_is_large_that_is_more_than_what_is_sent_is_expected_to_bring()
    {
        _server.Engine.Planned = FakeCampaigns.One with { Expected = FakeCampaigns.One.Expected with { Baseline = 0.5, Detectable = 0.03, Answers = new EstimateView(0.01 * FakeCampaigns.One.Audience.Treated, 0, 1) } };
        (await Run("campaigns", "plan", "Early access", "--segment", "1")).ShouldContain("That is much: a smaller one would hardly be told from chance.");
    }

    [Fact]
    public async Task Where_it_is_not_known_since_when_members_have_been_seen_that_is_said_and_not_that_they_are_too_few()
    {
        _server.Engine.Planned = FakeCampaigns.One with { Expected = FakeCampaigns.One.Expected with { Baseline = double.NaN, Detectable = double.NaN } };
        var told = await Run("campaigns", "plan", "Early access", "--segment", "1");
        told.ShouldContain("How many would do so by themselves within 7 days is not known, for of no member it is known since when they have been seen. Nor is it how large a change would be seen.");
        told.ShouldNotContain("too few");
    }

    [Fact]
    public async Task Of_a_campaign_of_both_kinds_each_is_told_first_and_its_measure_in_plain_words()
    {
        _server.Engine.Planned = FakeCampaigns.One with
        {
            Measure = "taken_up",
            Expected = FakeCampaigns.One.Expected with
            {
                Outcomes =
                [
                    new CampaignOutcomeView("yes", 1, new EstimateView(0.5, 0, 1), new RateView(0.5, 1, 2, 0.1, 0.9), new EstimateView(0.5, 0.1, 0.9), 2),
                    new CampaignOutcomeView("purchased", 1, new EstimateView(0.1, 0, 1), new RateView(0.1, 1, 10, 0, 0.4), new EstimateView(0.1, 0, 0.4), 2),
                ],
            },
        };
        var plan = await Run("campaigns", "plan", "Early access", "--segment", "1");
        var places = Array.ConvertAll(["Of the 1 who are sent events, 0.5 are expected to say yes", "Of the 1 who are sent products, 0.1 are expected to buy one", "Together 0.5 of the 1 who are sent something are expected to say yes or buy (0.0 to 1.0 in 95 of 100 cases). By themselves 5.0 % of members would do so within 7 days."],
            told => plan.IndexOf(told, StringComparison.Ordinal));
        places.ShouldNotContain(-1);
        places.ShouldBeInOrder();
        // One rate of both kinds is of neither.
        plan.ShouldNotContain("upon one message");
        var result = await Run("campaigns", "result", "c1");
        result.ShouldContain("Of those treated 40.0 % said yes or bought something (n = 100), of those left alone 20.0 % (n = 50)");
        foreach (var told in new[] { plan, result }) told.ShouldNotContain("taken");
    }

    [Fact]
    public async Task A_plan_that_sends_nothing_is_told_with_the_reason_and_refused_where_it_is_to_be_stored()
    {
        var told = await Run("campaigns", "plan", FakeCampaigns.Silence, "--segment", "1");
        told.ShouldContain("NOTHING IS SENT to anybody: the segment has no members.");
        told.ShouldContain("a preview, which --store would not keep");
        var (code, _, error) = await Try("campaigns", "plan", FakeCampaigns.Silence, "--segment", "1", "--store");
        (code, error.Contains("a plan that sends nothing is not stored, and this one would: the segment has no members", StringComparison.Ordinal)).ShouldBe((ExitCodes.Failed, true));
        using var order = new StringContent($$"""{"strategy":"{{FakeCampaigns.Silence}}","segment":1}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(new Uri("/api/campaigns", UriKind.Relative), order);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<string> Run(params string[] arguments)
    {
        var (code, output, error) = await Try(arguments);
        code.ShouldBe(ExitCodes.Ok, error);
        return output;
    }

    private async Task<(int Code, string Output, string Error)> Try(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await AuieCli.Run([.. arguments, "--endpoint", _server.Address.AbsoluteUri], new CliHost(output, error, _ => null, false, 2_000));
        return (code, output.ToString(), error.ToString());
    }
}
