using System.Net;
using Auie.Abstractions;
using Auie.Client;
using Auie.Runtime.Hosting;

namespace Auie.Engine.Tests.Api;

/// <summary>What is said of a request that nobody was asked for: that nothing of it was done, and only where that is so.</summary>
public sealed class NotCalledTests
{
    private static readonly Exception Failure = new NotCalledException("Nobody is known to serve it.");

    [Fact]
    public async Task It_is_told_from_one_that_may_have_taken_effect()
    {
        await using var server = await ApiServer.Start();
        server.Engine.Failure = Failure;
        var answer = (await server.Send(HttpMethod.Post, "/api/jobs", "{}")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        answer.Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        answer.Body.ShouldContain("Nothing of what was sent has been done.");
        server.Engine.Failure = new TimeoutException();
        (await server.Send(HttpMethod.Post, "/api/jobs", "{}")).Body.ShouldContain("may have taken effect");
    }

    [Fact]
    public async Task Of_several_parts_none_was_carried_out_only_where_that_is_so_of_each()
    {
        await Should.ThrowAsync<NotCalledException>(Parts.All([Fails(), Fails()]));
        NotCalled.Is(await Should.ThrowAsync<TimeoutException>(Parts.All([Fails(), Task.FromResult(1)]))).ShouldBeFalse();
        NotCalled.Is(await Should.ThrowAsync<TimeoutException>(Parts.All([Fails(), Task.FromException<int>(new UnavailableException("may be"))]))).ShouldBeFalse();
        NotCalled.Is(await Should.ThrowAsync<TimeoutException>(Parts.After(Fails()))).ShouldBeFalse();
        (await Parts.All([Task.FromResult(1), Task.FromResult(2)])).ShouldBe([1, 2]);
    }

    private static Task<int> Fails() => Task.FromException<int>(Failure);
}
