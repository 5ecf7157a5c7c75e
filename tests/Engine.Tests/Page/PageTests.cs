using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Auie.Abstractions;
using Auie.Api.Page;
using Auie.Engine.Tests.Api;

namespace Auie.Engine.Tests.Page;

/// <summary>The page and the report as documents: whole in themselves, closed to everything else, and true to what the API says.</summary>
public sealed partial class PageTests : IAsyncLifetime
{
    private const string Hostile = "</script><script>alert('x')</script><!--";

    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ApiServer.Start();
        var job = await _server.Client.StartJob(new());
        var found = FakeEngine.ViewOf(await _server.Client.GetJob(job.Id), ["age", "friends"], 100);
        _server.Engine.Segmentation = found with
        {
            Segments = [.. found.Segments.Select(segment => segment with { Persona = $"{Hostile}{segment.Segment}" })],
        };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/report")]
    public async Task A_page_needs_nothing_from_elsewhere(string path)
    {
        var page = await _server.Get(path);
        page.Status.ShouldBe(HttpStatusCode.OK, page.Body);
        page.Type.ShouldBe("text/html");
        // Names of XML languages and the charts' licence are all that looks like an address, and nobody fetches them.
        Addresses().Matches(page.Body).Select(address => address.Value).Distinct()
            .Where(address => address is not ("http://www.w3.org" or "https://www.apache.org" or "http://ENGINE")).ShouldBeEmpty();
        var markup = Script().Replace(Style().Replace(page.Body, ""), "");
        References().Matches(markup).Select(reference => reference.Groups["target"].Value)
            .Where(target => !target.StartsWith('#') && !target.StartsWith("data:", StringComparison.Ordinal)).ShouldBeEmpty();
        Style().Match(page.Body).Groups["text"].Value.ShouldNotContain("url(");
        Style().Match(page.Body).Groups["text"].Value.ShouldNotContain("@import");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/report")]
    public async Task The_policy_allows_the_pages_own_scripts_and_style_by_their_hashes_and_nothing_else(string path)
    {
        var page = await _server.Get(path);
        var policy = page.Response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        var directives = policy.Split("; ").ToDictionary(directive => directive.Split(' ')[0], directive => directive.Split(' ')[1..]);
        directives["default-src"].ShouldBe(["'none'"]);
        directives["connect-src"].ShouldBe(["'self'"]);
        directives["frame-ancestors"].ShouldBe(["'none'"]);
        directives["base-uri"].ShouldBe(["'none'"]);
        directives["form-action"].ShouldBe(["'none'"]);
        directives["img-src"].ShouldBe(["data:"]);
        var scripts = Script().Matches(page.Body).Where(script => !script.Groups["attributes"].Value.Contains("application/json", StringComparison.Ordinal));
        directives["script-src"].ShouldBe(scripts.Select(script => HashOf(script.Groups["text"].Value)));
        directives["style-src"].ShouldBe(Style().Matches(page.Body).Select(style => HashOf(style.Groups["text"].Value)));
        directives.Count.ShouldBe(8);
        page.Response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    [Fact]
    public async Task The_report_holds_what_the_API_answers()
    {
        var report = DataOf((await _server.Get("/report")).Body);
        foreach (var (part, path) in new[] { ("engine", "/api/engine"), ("overview", "/api/overview"), ("segmentation", "/api/segments"), ("when", "/api/insights/when"), ("strategies", "/api/strategies"), ("personas", "/api/insights/personas"), ("influencers", "/api/insights/influencers?count=10"), ("funnel", "/api/funnels/ordered?steps=shown,interested&by=persona"), ("who", "/api/insights/who"), ("quality", "/api/insights/quality"), ("drivers", "/api/insights/drivers") })
            JsonElement.DeepEquals(report.GetProperty(part), (await _server.Get(path)).Json).ShouldBeTrue(part);
        foreach (var by in new[] { "locale", "platform", "place" })
            JsonElement.DeepEquals(report.GetProperty("funnelsBy").GetProperty(by), (await _server.Get($"/api/funnels/ordered?steps=shown,interested&by={by}")).Json).ShouldBeTrue(by);
        JsonElement.DeepEquals(report.GetProperty("segments")[1], (await _server.Get("/api/segments/1")).Json).ShouldBeTrue();
        JsonElement.DeepEquals(report.GetProperty("jobs"), (await _server.Get("/api/jobs")).Json.GetProperty("jobs")).ShouldBeTrue();
        report.GetProperty("madeAt").GetDateTimeOffset().ShouldBeGreaterThan(FakeEngine.AsOf);
    }

    [Fact]
    public async Task A_hostile_name_stays_text()
    {
        var (live, report) = ((await _server.Get("/")).Body, (await _server.Get("/report")).Body);
        Count(report, "<script").ShouldBe(Count(live, "<script") + 1);
        Count(report, "<!--").ShouldBe(Count(live, "<!--"));
        DataOf(report).GetProperty("segmentation").GetProperty("segments")[0].GetProperty("persona").GetString().ShouldBe($"{Hostile}0");
        Should.Throw<ArgumentException>(() => EnginePage.OfBuild.Of("{\"a\":\"</script>\"}"));
    }

    [Fact]
    public async Task A_report_of_an_engine_without_a_segmentation_holds_none()
    {
        _server.Engine.Segmentation = null;
        var report = DataOf((await _server.Get("/report")).Body);
        report.GetProperty("segmentation").ValueKind.ShouldBe(JsonValueKind.Null);
        report.GetProperty("segments").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_page_is_open_to_all_and_holds_nothing_of_the_engine_and_the_report_needs_the_scope_to_read()
    {
        await using var server = await ApiServer.StartWithKeys();
        var page = await server.Get("/");
        page.Status.ShouldBe(HttpStatusCode.OK);
        page.Body.ShouldContain("data-keys=\"true\"");
        page.Body.ShouldNotContain("application/json\"");
        (await _server.Get("/")).Body.ShouldContain("data-keys=\"false\"");
        (await server.Get("/report")).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
        (await server.Get("/report", ("X-Api-Key", ApiServer.KeyOf("write")))).ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
        (await server.Get("/report", ("X-Api-Key", ApiServer.KeyOf("read")))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_keys_the_report_is_not_told_to_another_sites_page()
    {
        (await _server.Get("/report", ("Host", "evil.example"))).ShouldBeProblem(HttpStatusCode.Forbidden, "host_not_allowed");
        (await _server.Get("/report", ("Sec-Fetch-Site", "cross-site"))).ShouldBeProblem(HttpStatusCode.Forbidden, "origin_not_allowed");
    }

    [Fact]
    public void A_build_without_charts_has_one_script_and_says_how_to_get_them()
    {
        var page = new EnginePage(charts: null);
        var html = page.Live(needsKey: false);
        Script().Count(html).ShouldBe(1);
        page.PolicyHeader.Split("'sha256-").Length.ShouldBe(3);
        html.ShouldContain("install Node.js 20 or later");
    }

    private static JsonElement DataOf(string report) => JsonDocument.Parse(
        Script().Matches(report).Single(script => script.Groups["attributes"].Value.Contains("id=\"data\"", StringComparison.Ordinal)).Groups["text"].Value).RootElement;

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex("<script(?<attributes>[^>]*)>(?<text>.*?)</script>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(?<text>.*?)</style>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Style();

    [GeneratedRegex("(src|href|srcset|action|poster|data)\\s*=\\s*\"(?<target>[^\"]*)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex References();

    [GeneratedRegex("(https?|wss?|ftp)://[A-Za-z0-9.-]+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Addresses();
}
