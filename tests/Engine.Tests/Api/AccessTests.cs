using System.Net;
using System.Text;
using Auie.Api;
using Auie.Api.Access;
using Auie.Client.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Auie.Engine.Tests.Api;

public sealed class AccessTests
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.5:5080")]
    public async Task Without_keys_a_name_that_is_not_this_machines_is_refused(string host)
    {
        await using var server = await ApiServer.Start();
        (await server.Get("/api/engine", ("Host", host))).ShouldBeProblem(HttpStatusCode.Forbidden, "host_not_allowed");
        (await server.Get("/openapi/v1.json", ("Host", host))).ShouldBeProblem(HttpStatusCode.Forbidden, "host_not_allowed");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5080")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]:5080")]
    [InlineData("auie.internal")]
    public async Task Without_keys_this_machines_names_and_configured_ones_are_answered(string host)
    {
        await using var server = await ApiServer.Start(new AuieApiOptions { AllowedHosts = ["auie.internal"] });
        (await server.Get("/api/engine", ("Host", host))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:9")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Without_keys_another_sites_page_is_refused(string header, string value)
    {
        await using var server = await ApiServer.Start();
        (await server.Send(HttpMethod.Post, "/api/jobs", "{}", headers: (header, value))).ShouldBeProblem(HttpStatusCode.Forbidden, "origin_not_allowed");
        server.Engine.Jobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_keys_the_engines_own_pages_and_configured_sites_are_answered()
    {
        await using var server = await ApiServer.Start(new AuieApiOptions { AllowedOrigins = ["https://shop.example"] });
        foreach (var origin in new[] { $"http://{server.Address.Authority}", "https://shop.example" })
            (await server.Get("/api/engine", ("Origin", origin), ("Sec-Fetch-Site", "same-origin"))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Get("/api/engine", ("Sec-Fetch-Site", "none"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("https://shop.example", "/v1/track", true)]
    [InlineData("https://evil.example", "/v1/track", false)]
    [InlineData("https://shop.example", "/api/events", false)]
    public async Task Browsers_are_told_that_pages_of_configured_sites_may_send_events_of_the_tracking_protocol(string origin, string path, bool may)
    {
        await using var server = await ApiServer.Start(ApiServer.WithKeys() with { AllowedOrigins = ["https://shop.example"] });
        using var asked = new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "content-type" } },
        };
        using var sent = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { { "Origin", origin } },
            Content = new StringContent($$"""{"userId":"u","event":"looked","writeKey":"{{ApiServer.KeyOf("write")}}"}""", Encoding.UTF8, "text/plain"),
        };
        foreach (var request in (HttpRequestMessage[])[asked, sent])
        {
            using var answer = await server.Http.SendAsync(request);
            answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins).ShouldBe(may);
            (origins?.Single()).ShouldBe(may ? origin : null);
        }
    }

    [Theory]
    [InlineData("/v1/track", null, "POST")]
    [InlineData("/api/events", "POST", "POST")]
    [InlineData("/api/events", "GET", "POST")]
    [InlineData("/api/users/ann", "GET", "DELETE, GET")]
    [InlineData("/api/users/ann", null, "DELETE, GET")]
    public async Task Whoever_asks_what_a_path_takes_is_told_its_methods_where_no_other_sites_page_may_use_them(string path, string? method, string allowed)
    {
        await using var server = await ApiServer.Start(new AuieApiOptions { AllowedOrigins = ["https://shop.example"] });
        var answer = await server.Send(HttpMethod.Options, path, headers: method is null ? [] : [("Origin", "https://shop.example"), ("Access-Control-Request-Method", method)]);

        answer.ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        string.Join(", ", answer.Response.Content.Headers.Allow.Order(StringComparer.Ordinal)).ShouldBe(allowed);
        answer.Response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Theory]
    [InlineData("/v1/track", "PUT")]
    [InlineData("/v1/b", "GET")]
    [InlineData("/v1/nothing", "POST")]
    public async Task A_browser_that_asks_for_another_method_or_path_of_the_tracking_protocol_is_told_which_method_there_is(string path, string method)
    {
        await using var server = await ApiServer.Start(ApiServer.WithKeys() with { AllowedOrigins = ["https://shop.example"] });
        var answer = await server.Send(HttpMethod.Options, path, headers: [("Origin", "https://shop.example"), ("Access-Control-Request-Method", method)]);

        answer.Status.ShouldBe(HttpStatusCode.NoContent);
        answer.Response.Headers.GetValues("Access-Control-Allow-Methods").ShouldBe(["POST"]);
    }

    [Fact]
    public async Task A_key_opens_what_its_scope_names_and_nothing_else()
    {
        await using var server = await ApiServer.StartWithKeys();
        (HttpMethod Method, string Path, string? Body, string[] Scopes)[] cases =
        [
            (HttpMethod.Get, "/api/engine", null, ["read", "admin"]),
            (HttpMethod.Get, "/api/jobs", null, ["read", "admin"]),
            (HttpMethod.Post, "/api/events", """{"events":[]}""", ["write", "admin"]),
            (HttpMethod.Post, "/api/jobs", "{}", ["admin"]),
        ];
        foreach (var (method, path, body, scopes) in cases)
        {
            foreach (var scope in new[] { "read", "write", "admin" })
            {
                var answer = await server.Send(method, path, body, headers: ("Authorization", $"Bearer {ApiServer.KeyOf(scope)}"));
                if (scopes.Contains(scope)) ((int)answer.Status).ShouldBeInRange(200, 299, $"{scope} at {path}");
                else answer.ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
            }
        }
    }

    [Fact]
    public async Task A_key_may_come_by_either_header()
    {
        await using var server = await ApiServer.StartWithKeys();
        (await server.Get("/api/engine", ("X-Api-Key", ApiServer.KeyOf("read")))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Get("/api/engine", ("Authorization", $"bearer {ApiServer.KeyOf("read")}"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/api/events", """{"events":[{"userId":"u","messageId":"m","kind":"viewed","at":"2012-10-01T18:30:00Z"}]}""")]
    [InlineData("/v1/track", """{"userId":"u","messageId":"m","event":"Product Viewed","properties":{"productId":"p"}}""")]
    [InlineData("/v1/batch", """{"batch":[{"type":"track","userId":"u","messageId":"m","event":"Product Viewed","properties":{"productId":"p"}}]}""")]
    public async Task A_key_that_may_not_read_is_told_no_segments_and_that_nothing_was_taken(string path, string body)
    {
        await using var server = await ApiServer.Start(ApiServer.WithKeys());
        var refused = await server.Send(HttpMethod.Post, $"{path}?return=segment", body, headers: ("X-Api-Key", ApiServer.KeyOf("write")));
        refused.ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing").Json.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith("return=segment needs the scope 'read'");
        server.Engine.Journal.ShouldBeEmpty();

        foreach (var (key, query) in new[] { ("write", ""), ("admin", "?return=segment") })
            (await server.Send(HttpMethod.Post, path + query, body, headers: ("X-Api-Key", ApiServer.KeyOf(key)))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Basic ZGFlcjpkYWVy")]
    [InlineData("X-Api-Key", "")]
    [InlineData("X-Other", "x")]
    public async Task Without_a_known_key_nothing_is_told_not_even_which_paths_there_are(string header, string value)
    {
        await using var server = await ApiServer.StartWithKeys();
        foreach (var path in new[] { "/api/engine", "/api/no-such-path", "/openapi/v1.json", "/report" })
        {
            var answer = (await server.Get(path, (header, value))).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
            answer.Response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        }
    }

    [Fact]
    public async Task With_keys_any_host_name_is_answered_since_a_page_does_not_know_the_key()
    {
        await using var server = await ApiServer.StartWithKeys();
        (await server.Get("/api/engine", ("Host", "auie.example"), ("X-Api-Key", ApiServer.KeyOf("read")))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_is_open_and_says_its_status_only()
    {
        var healthy = true;
        await using var server = await ApiServer.Start(ApiServer.WithKeys(), builder => builder.Services.AddHealthChecks().AddCheck(
            "disk", () => healthy ? HealthCheckResult.Healthy() : throw new InvalidOperationException("the disk at /secret is full"), [HealthApi.ReadyTag]));
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            var answer = await server.Get(path, ("Host", "10.0.0.1"));
            (answer.Status, answer.Body).ShouldBe((HttpStatusCode.OK, """{"status":"ok"}"""));
        }

        healthy = false;
        (await server.Get("/health/live")).Status.ShouldBe(HttpStatusCode.OK);
        var ready = await server.Get("/health/ready");
        (ready.Status, ready.Body).ShouldBe((HttpStatusCode.ServiceUnavailable, """{"status":"unavailable"}"""));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://127.0.0.2:80;https://localhost:81", true)]
    [InlineData("http://[::1]:5080/", true)]
    [InlineData("http://unix:/run/auie.sock", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://localhost:1;http://10.1.2.3:80", false)]
    [InlineData("http://localhost.example:80", false)]
    [InlineData("http://myhost", false)]
    public void An_address_that_others_can_reach_needs_keys(string urls, bool allowed)
    {
        (ListenAddressGuard.Refusal([urls], KeyStore.Empty) is null).ShouldBe(allowed);
        ListenAddressGuard.Refusal([urls], new KeyStore([AccessKey.Generate("k", Scopes.Read, FakeEngine.AsOf).Key])).ShouldBeNull();
    }
}
