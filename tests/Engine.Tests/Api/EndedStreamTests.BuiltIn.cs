using System.Net;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

/// <summary>What is told piece by piece, by a silo that goes meanwhile.</summary>
public sealed class EndedStreamTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Before_the_first_piece_it_is_told_as_try_again()
    {
        _server.Engine.BreaksOff = (0, new EnumerationAbortedException("The grain was deactivated."));
        var answer = (await _server.Get("/api/export/features")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        answer.Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        answer.Body.ShouldContain("another one takes over");
    }

    [Fact]
    public async Task After_it_the_connection_is_cut_and_its_reader_fails()
    {
        for (var i = 0; i < 8_000; i++) _server.Engine.AddUser($"u{i}");
        _server.Engine.BreaksOff = (1, new EnumerationAbortedException("The grain was deactivated."));
        (await Should.ThrowAsync<HttpRequestException>(() => _server.Http.GetStringAsync("/api/export/features"))).InnerException.ShouldBeAssignableTo<IOException>();
    }
}
