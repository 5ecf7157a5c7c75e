using System.Net;

namespace Auie.Engine.Tests.Api;

/// <summary>Walks over every operation that the OpenAPI document of an engine with keys lists.</summary>
/// <param name="keyOf">The key that has a scope (read, write, admin) and no other.</param>
public sealed class OpenApiWalk(HttpClient http, Func<string, string> keyOf)
{
    private static readonly string[] Garbage = ["", "{", "[[[[", "null", "\0\u0001", "{\"a\":1e999}", "\"\\ud800\"", "a,b\n\"", new string('[', 10_000), new string('9', 100_000)];
    private static readonly string[] GarbageParts = ["%01", "%FF", "a%00b", "-1", "99999999999999999999", "%F0%9F%8E%89", ";'--", new('x', 3_000), "%2e%2e%2f"];

    /// <summary>Every operation without a key is refused with 401, and with a key of another scope with 403.</summary>
    public async Task WithoutRights()
    {
        foreach (var operation in await Operations())
        {
            operation.Scope.ShouldBeOneOf("read", "write", "admin");
            var path = operation.PathWith("1");
            (await Answer.To(http, operation.Method, path)).ShouldBeProblem(HttpStatusCode.Unauthorized, "key_required");
            var other = operation.Scope == "read" ? "write" : "read";
            // Where routing wants a body of the right type, it is given one: the scope is what is to be refused.
            (await Answer.To(http, operation.Method, path, operation.BodyType is null ? null : "{}", operation.BodyType ?? "", Key(other)))
                .ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
        }
    }

    /// <summary>Garbage in every place is answered with a reason, and afterwards the engine is as ready as before.</summary>
    public async Task WithGarbage()
    {
        foreach (var operation in await Operations())
        {
            foreach (var part in GarbageParts)
                await ShouldBeRefusedOrAnswered(operation, operation.PathWith(part) + $"?count={part}&cursor={part}&asOf={part}&atLeast={part}&shards={part}", null);
            if (operation.BodyType is null) continue;
            foreach (var body in Garbage) await ShouldBeRefused(operation, operation.PathWith("1"), body);
        }

        (await Get("/health/ready")).Status.ShouldBe(HttpStatusCode.OK);
        (await Get("/api/engine", Key("admin"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task ShouldBeRefused(Operation operation, string path, string body)
    {
        var answer = await Answer.To(http, operation.Method, path, body, operation.BodyType!, Key("admin"));
        ((int)answer.Status).ShouldBeInRange(400, 499, $"{operation} {body[..Math.Min(20, body.Length)]}: {answer.Body}");
        answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    // An odd id may be a good one: what must not be is a failure, or a refusal without a reason.
    private async Task ShouldBeRefusedOrAnswered(Operation operation, string path, string? body)
    {
        var answer = await Answer.To(http, operation.Method, path, body, headers: Key("admin"));
        ((int)answer.Status).ShouldBeLessThan(500, $"{operation} {path}: {answer.Body}");
        // The server itself refuses a path with a NUL before the API sees it, without a body.
        if ((int)answer.Status >= 400 && answer.Body.Length > 0) answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    private (string, string) Key(string scope) => ("Authorization", $"Bearer {keyOf(scope)}");

    private Task<Answer> Get(string path, params (string, string)[] headers) => Answer.To(http, HttpMethod.Get, path, headers: headers);

    public async Task<Operation[]> Operations()
    {
        var document = (await Get("/openapi/v1.json", Key("read"))).Json;
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

    public sealed record Operation(HttpMethod Method, string Path, string Scope, string? BodyType)
    {
        public string PathWith(string part) => string.Join('/', Path.Split('/').Select(one => one.StartsWith('{') ? part : one));

        public override string ToString() => $"{Method} {Path}";
    }
}
