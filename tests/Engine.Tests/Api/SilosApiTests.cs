using System.Net;
using Auie.Abstractions;
using Auie.Api;
using Auie.Client;
using Auie.Client.Http;
using Auie.Runtime.Tests;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task Where_nobody_can_be_asked_they_are_told_as_this_process_knew_them_last_and_it_says_so()
    {
        await using var server = await ApiServer.Start(configure: builder => builder.Services.AddSingleton<IKnownSilos, FakeKnownSilos>());
        (await server.Client.ListSilos()).Note.ShouldBeNull();
        server.Engine.Failure = new UnavailableException("The database is gone.");
        var told = await server.Client.ListSilos();
        told.Silos.Select(silo => (silo.Name, silo.Status)).ShouldBe([("silo-1", "active"), ("silo-2", "not reached")]);
        told.Note.ShouldStartWith("Nobody has told at once");
        (await Should.ThrowAsync<AuieHttpException>(server.Client.DrainSilo("silo-1"))).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);

        server.Engine.Failure = new InvalidOperationException("a bug");
        (await Should.ThrowAsync<AuieHttpException>(server.Client.ListSilos())).Status.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task A_silo_that_stands_still_is_not_waited_for()
    {
        var time = new ManualTime();
        await using var server = await ApiServer.Start(
            new AuieApiOptions { SilosWait = TimeSpan.FromSeconds(7) }, builder => builder.Services.AddSingleton<IKnownSilos, FakeKnownSilos>().AddSingleton<TimeProvider>(time));
        server.Engine.SilosStandStill = new TaskCompletionSource();
        var telling = server.Client.ListSilos();
        await server.Engine.SilosStandStill.Task;
        time.Advance(TimeSpan.FromSeconds(7));
        (await telling).Note.ShouldStartWith("Nobody has told at once");
    }

    [Fact]
    public async Task Silos_are_for_whoever_may_do_all()
    {
        await using var server = await ApiServer.StartWithKeys();
        AuieHttpClient.UseKey(server.Http, ApiServer.KeyOf("write"));
        (await Should.ThrowAsync<AuieHttpException>(server.Client.ListSilos())).Status.ShouldBe(HttpStatusCode.Forbidden);
    }
}

/// <summary>Two silos that a process has heard of, and is connected to one of.</summary>
internal sealed class FakeKnownSilos : IKnownSilos
{
    public SiloView[] List() => [Silo("silo-1", "active"), Silo("silo-2", "not reached")];

    private static SiloView Silo(string name, string status) => new() { Name = name, Address = "127.0.0.1:1", Status = status, Version = "1", Slots = [] };
}
