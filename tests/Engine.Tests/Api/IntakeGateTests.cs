using System.Net;
using Auie.Api;

namespace Auie.Engine.Tests.Api;

public sealed class IntakeGateTests
{
    [Fact]
    public async Task A_request_that_finds_too_much_inside_is_refused_and_may_come_again_and_one_alone_is_let_in_whatever_its_size()
    {
        await using var server = await ApiServer.Start(new AuieApiOptions { IntakeBytes = 10 });
        const string body = """{"events":[{"userId":"u","messageId":"m","kind":"viewed","at":"2026-01-01T00:00:00Z"}]}""";
        var held = new TaskCompletionSource();
        server.Engine.BeforeAppend = () => held.Task;

        var first = server.Send(HttpMethod.Post, "/api/events", body);
        await server.Engine.Appending.Task;
        var refused = await server.Send(HttpMethod.Post, "/v1/track", """{"userId":"u","messageId":"n","event":"Signed Up"}""");
        refused.ShouldBeProblem(HttpStatusCode.TooManyRequests, "overloaded");
        refused.Response.Headers.RetryAfter.ShouldNotBeNull();
        held.SetResult();
        (await first).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Send(HttpMethod.Post, "/v1/track", """{"userId":"u","messageId":"n","event":"Signed Up"}""")).Status.ShouldBe(HttpStatusCode.OK);
    }
}
