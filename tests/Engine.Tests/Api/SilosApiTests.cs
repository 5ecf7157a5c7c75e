using System.Net;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class SilosApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_silos_are_listed_drained_and_resumed()
    {
        (await _server.Client.ListSilos()).Silos.Select(silo => silo.Name).ShouldBe(["silo-1", "silo-2"]);
        (await _server.Client.DrainSilo("silo-1")).Silos[0].Status.ShouldBe("draining");
        (await _server.Client.ResumeSilo("silo-1")).Silos[0].Status.ShouldBe("active");
    }

    [Fact]
    public async Task A_silo_that_is_not_there_cannot_be_drained() =>
        (await Should.ThrowAsync<AuieHttpException>(_server.Client.DrainSilo("silo-9"))).Status.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task Silos_are_for_whoever_may_do_all()
    {
        await using var server = await ApiServer.StartWithKeys();
        AuieHttpClient.UseKey(server.Http, ApiServer.KeyOf("write"));
        (await Should.ThrowAsync<AuieHttpException>(server.Client.ListSilos())).Status.ShouldBe(HttpStatusCode.Forbidden);
    }
}
