using System.Net;

namespace Auie.Engine.Tests.Api;

/// <summary>Walks over every operation that the OpenAPI document lists, so that a route added later is walked too.</summary>
public sealed class OpenApiWalkTests : IAsyncLifetime
{
    private static readonly string[] Garbage = ["", "{", "[[[[", "null", "\0\u0001", "{\"a\":1e999}", "\"\\ud800\"", "a,b\n\"", new string('[', 10_000), new string('9', 100_000)];
    private static readonly string[] GarbageParts = ["%01", "%FF", "a%00b", "-1", "99999999999999999999", "%F0%9F%8E%89", ";'--", new('x', 3_000), "%2e%2e%2f"];

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.StartWithKeys();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_resource_is_described()
    {
        var operations = await Operations();
        operations.Select(operation => operation.ToString()).ShouldBe(
        [
            "DELETE /api/jobs/{id}", "DELETE /api/tables/{name}",
            "GET /api/engine", "GET /api/jobs", "GET /api/jobs/{id}", "GET /api/jobs/{id}/progress", "GET /api/segments", "GET /api/segments/{segment}",
            "GET /api/segments/{segment}/members", "GET /api/tables/{name}", "GET /api/users/{id}", "GET /api/users/{id}/friends", "GET /api/users/{id}/segment",
            "POST /api/events", "POST /api/jobs", "PUT /api/tables/{name}",
        ]);
    }

    [Fact]
    public async Task Every_operation_without_a_key_is_refused_with_401_and_with_another_scope_with_403()
    {
        foreach (var operation in await Operations())
        {
            operation.Scope.ShouldBeOneOf("read", "write", "admin");
            var path = operation.PathWith("1");
            (await _server.Send(operation.Method, path)).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
            var other = operation.Scope == "read" ? "write" : "read";
            // Where routing wants a body of the right type, it is given one: the scope is what is to be refused.
            (await _server.Send(operation.Method, path, operation.BodyType is null ? null : "{}", operation.BodyType ?? "", Key(other)))
                .ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
        }
    }

    [Fact]
    public async Task Garbage_is_answered_with_a_reason_and_the_process_lives()
    {
        foreach (var operation in await Operations())
        {
            foreach (var part in GarbageParts)
                await ShouldBeRefusedOrAnswered(operation, operation.PathWith(part) + $"?count={part}&cursor={part}&asOf={part}&atLeast={part}&shards={part}", null);
            if (operation.BodyType is null) continue;
            foreach (var body in Garbage) await ShouldBeRefused(operation, operation.PathWith("1"), body);
        }

        (await _server.Get("/health/ready")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.Get("/api/engine", Key("admin"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task ShouldBeRefused(Operation operation, string path, string body)
    {
        var answer = await _server.Send(operation.Method, path, body, operation.BodyType!, Key("admin"));
        ((int)answer.Status).ShouldBeInRange(400, 499, $"{operation} {body[..Math.Min(20, body.Length)]}: {answer.Body}");
        answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    // An odd id may be a good one: what must not be is a failure, or a refusal without a reason.
    private async Task ShouldBeRefusedOrAnswered(Operation operation, string path, string? body)
    {
        var answer = await _server.Send(operation.Method, path, body, headers: Key("admin"));
        ((int)answer.Status).ShouldBeLessThan(500, $"{operation} {path}: {answer.Body}");
        // The server itself refuses a path with a NUL before the API sees it, without a body.
        if ((int)answer.Status >= 400 && answer.Body.Length > 0) answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    private static (string, string) Key(string scope) => ("Authorization", $"Bearer {ApiServer.KeyOf(scope)}");

    private async Task<Operation[]> Operations()
    {
        var document = (await _server.Get("/openapi/v1.json", Key("read"))).Json;
        document.GetProperty("components").GetProperty("securitySchemes").GetProperty("key").GetProperty("scheme").GetString().ShouldBe("bearer");
        return
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => new Operation(
                    new HttpMethod(method.Name.ToUpperInvariant()),
                    path.Name,
                    method.Value.GetProperty("security")[0].GetProperty("key")[0].GetString()!,
                    method.Value.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").EnumerateObject().First().Name : null)))
                .OrderBy(operation => operation.ToString(), StringComparer.Ordinal),
        ];
    }

    private sealed record Operation(HttpMethod Method, string Path, string Scope, string? BodyType)
    {
        public string PathWith(string part) => string.Join('/', Path.Split('/').Select(one => one.StartsWith('{') ? part : one));

        public override string ToString() => $"{Method} {Path}";
    }
}
