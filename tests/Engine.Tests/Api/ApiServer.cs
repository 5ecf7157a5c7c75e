using System.Net;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Api;
using Auie.Api.Access;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Api;

/// <summary>The API over a real socket, on a free port of this machine, before an engine without grains.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app, FakeEngine engine)
    {
        _app = app;
        Engine = engine;
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address };
        Client = new AuieHttpClient(Http);
    }

    public FakeEngine Engine { get; }
    public Uri Address { get; }
    public HttpClient Http { get; }
    public AuieHttpClient Client { get; }

    public static async Task<ApiServer> Start(AuieApiOptions? options = null, Action<WebApplicationBuilder>? configure = null)
    {
        var engine = new FakeEngine();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IGrainFactory>(engine);
        configure?.Invoke(builder);
        builder.Services.AddAuieApi(options);
        var app = builder.Build();
        app.UseAuieApi();
        await app.StartAsync();
        return new ApiServer(app, engine);
    }

    /// <summary>A server with keys: one for each scope, each of them its scope's name backwards.</summary>
    public static Task<ApiServer> StartWithKeys() => Start(WithKeys());

    /// <summary>Those keys.</summary>
    public static AuieApiOptions WithKeys() => new()
    {
        Keys = new KeyStore(new[] { "read", "write", "admin" }.Select(scope =>
            new AccessKey(scope, Convert.ToHexStringLower(AccessKey.HashOf(KeyOf(scope))), [scope], FakeEngine.AsOf))),
    };

    public static string KeyOf(string scope) => new([.. scope.Reverse()]);

    public Task<Answer> Send(HttpMethod method, string path, string? body = null, string type = "application/json", params (string, string)[] headers) =>
        Answer.To(Http, method, path, body, type, headers);

    /// <summary>Sends bytes as they are.</summary>
    public async Task<Answer> Send(string path, byte[] body, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return await Answer.Of(response);
    }

    public Task<Answer> Get(string path, params (string, string)[] headers) => Send(HttpMethod.Get, path, headers: headers);

    /// <summary>Ends when no request is under way any more.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>What came back, read.</summary>
public sealed record Answer(HttpStatusCode Status, string? Type, string Body, HttpResponseMessage Response)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Code => Json.GetProperty("code").GetString();

    public static async Task<Answer> To(
        HttpClient http, HttpMethod method, string path, string? body = null, string type = "application/json", params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        // The server may answer before it has read all of a large body, and this client would hear only that the connection was closed.
        if (body is { Length: > 1 << 20 }) request.Headers.ExpectContinue = true;
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        return await Of(response);
    }

    public static async Task<Answer> Of(HttpResponseMessage response) =>
        new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(), response);

    /// <summary>Checks that this is a problem of the shape that every one has, with this status and code.</summary>
    public Answer ShouldBeProblem(HttpStatusCode status, string code)
    {
        Status.ShouldBe(status, Body);
        Type.ShouldBe("application/problem+json");
        Json.GetProperty("type").GetString().ShouldBe("about:blank");
        Json.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        Json.GetProperty("status").GetInt32().ShouldBe((int)status);
        Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        Json.GetProperty("requestId").GetString().ShouldNotBeNullOrEmpty();
        Json.GetProperty("errors").ValueKind.ShouldBe(JsonValueKind.Object);
        Code.ShouldBe(code);
        return this;
    }
}
