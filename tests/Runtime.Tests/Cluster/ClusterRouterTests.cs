using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What a process takes for true of the cluster, of all that it is told, and where its calls go by that.</summary>
public sealed class ClusterRouterTests
{
    private static readonly SiloId First = new("first", 1);

    [Fact]
    public async Task A_client_goes_by_the_latest_version_that_any_silo_tells_of()
    {
        await using var scene = await Scene.Start();
        scene.Tell(scene.A, 7);
        scene.Tell(scene.B, 5);
        scene.Router.View.Version.ShouldBe(7);
        scene.Tell(scene.B, 8);
        scene.Router.View.Version.ShouldBe(8);
    }

    [Fact]
    public async Task A_silo_that_tells_of_an_earlier_version_than_it_did_before_has_found_a_restored_table_and_is_believed()
    {
        await using var scene = await Scene.Start();
        scene.Tell(scene.B, 6);
        scene.Tell(scene.A, 7);
        scene.Tell(scene.A, 3);
        scene.Router.View.Version.ShouldBe(3);
        scene.Tell(scene.B, 4);
        scene.Router.View.Version.ShouldBe(4);
    }

    [Fact]
    public async Task A_client_that_nobody_is_connected_to_any_more_believes_whom_it_finds_next()
    {
        await using var scene = await Scene.Start();
        scene.Tell(scene.A, 7);
        scene.Owner.Closed(scene.A);
        scene.Tell(scene.B, 5);
        scene.Router.View.Version.ShouldBe(7, "the other is connected yet");
        scene.Owner.Closed(scene.B);
        scene.Owner.Opened(scene.A);
        scene.Tell(scene.A, 2);
        scene.Router.View.Version.ShouldBe(2);
    }

    [Fact]
    public async Task What_comes_late_on_a_connection_that_is_closed_is_passed_over()
    {
        await using var scene = await Scene.Start();
        scene.Owner.Closed(scene.A);
        scene.Tell(scene.A, 9);
        scene.Router.View.Version.ShouldBe(0);
    }

    [Fact]
    public async Task A_silo_goes_by_what_the_table_says_even_if_that_is_an_earlier_version()
    {
        await using var scene = await Scene.Start();
        var table = (ISlotHost)scene.Router;
        table.ViewChanged(View(7));
        table.ViewChanged(View(2));
        scene.Router.View.Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_whose_slot_nobody_owns_waits_and_goes_to_who_owns_it_next()
    {
        await using var scene = await Scene.Start();
        scene.Tell(scene.A, 1, owner: null);
        var call = scene.Calling.Grains.GetGrain<ILifeGrain>("one").Identity();
        call.IsCompleted.ShouldBeFalse();

        scene.Tell(scene.A, 2, First, scene.Silo.Listener.Address);
        (await call.WaitAsync(TimeSpan.FromSeconds(20))).ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task What_was_asked_at_a_gateway_whose_silo_is_no_longer_in_the_cluster_is_not_waited_for()
    {
        await using var scene = await Scene.Start();
        var address = scene.Silo.Listener.Address;
        scene.Router.AddGateways([address]);
        scene.Tell(scene.A, 1, First, address);
        var call = scene.Calling.Grains.GetGrain<IOrderGrain>("a").Exclusive("asked");
        await scene.Silo.Stage.Reached("asked");

        scene.Tell(scene.A, 2, owner: null);
        for (var waited = 0; waited < 200 && !call.IsCompleted; waited++)
        {
            scene.Calling.Time.Advance(TimeSpan.FromMilliseconds(25));
            await Task.WhenAny(call, Task.Delay(5));
        }

        (await Should.ThrowAsync<TimeoutException>(call.WaitAsync(TimeSpan.FromSeconds(20)))).Message.ShouldContain("no longer in the cluster");
        scene.Silo.Stage.Open("asked");
    }

    [Fact]
    public async Task What_a_client_asks_of_a_silo_that_is_gone_is_refused_once_every_silo_that_is_left_waits_for_the_table_no_more()
    {
        await using var scene = await Scene.Start();
        scene.Tell(scene.A, 1, owner: null);
        scene.Tell(scene.B, 1, owner: null);
        var call = scene.Calling.Grains.GetGrain<ILifeGrain>("one").Identity();
        scene.Tell(scene.A, 1, owner: null, isTableGone: true);
        call.IsCompleted.ShouldBeFalse("the other may know more");
        scene.Tell(scene.B, 1, owner: null, isTableGone: true);
        await Should.ThrowAsync<NotCalledException>(call);
        scene.Calling.Grains.GetGrain<ILifeGrain>("one").Identity().IsFaulted.ShouldBeTrue();

        scene.Tell(scene.B, 1, owner: null);
        call = scene.Calling.Grains.GetGrain<ILifeGrain>("one").Identity();
        call.IsCompleted.ShouldBeFalse();
        scene.Owner.Closed(scene.B);
        scene.Calling.Time.Advance(TimeSpan.FromMilliseconds(25));
        await Should.ThrowAsync<NotCalledException>(call.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task More_calls_than_may_wait_are_refused_at_once()
    {
        await using var scene = await Scene.Start(new() { MaxWaitingCalls = 1 });
        scene.Tell(scene.A, 1, owner: null);
        var waits = scene.Calling.Grains.GetGrain<ILifeGrain>("one").Identity();
        await Should.ThrowAsync<LimitExceededException>(scene.Calling.Grains.GetGrain<ILifeGrain>("two").Identity());
        waits.IsCompleted.ShouldBeFalse();
    }

    /// <summary>One slot, and who owns it.</summary>
    private static ClusterView View(long version, SiloId? owner = null, string address = "") =>
        new(version, owner is { } id ? [new(id, address, "", SiloStatus.Active, false, default)] : [], [owner]);

    /// <summary>A client, two connections that its router is told of, and a silo that it can find.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly ConnectedHosts _second;

        private Scene(ConnectedHosts silo, ConnectedHosts second, ClusterOptions options)
        {
            (Silo, _second) = (silo, second);
            options.Name = "client";
            Router = new(Calling.Host, options, PeerRole.Client, static (_, _, _) => 0, NullLogger<ClusterRouter>.Instance);
            Calling.Host.Transport = new ToRouter(Router);
            Owner.Opened(A);
            Owner.Opened(B);
        }

        public ConnectedHosts Silo { get; }

        public TestHost Calling { get; } = new(serialize: false);

        public ClusterRouter Router { get; }

        public IConnectionOwner Owner => Router;

        public Connection A => Silo.Connection;

        public Connection B => _second.Connection;

        public static async Task<Scene> Start(ClusterOptions? options = null) => new(await ConnectedHosts.Start(), await ConnectedHosts.Start(), options ?? new());

        public void Tell(Connection from, long version, SiloId? owner = null, string address = "", bool isTableGone = false)
        {
            using var writer = new WireWriter();
            ViewMessage.Write(writer, View(version, owner, address), isTableGone);
            Owner.ViewReceived(from, writer.Written);
        }

        public async ValueTask DisposeAsync()
        {
            await Router.DisposeAsync();
            await Silo.DisposeAsync();
            await _second.DisposeAsync();
            await Calling.DisposeAsync();
        }
    }

    private sealed class ToRouter(ClusterRouter router) : ITransport
    {
        public void Send(GrainCall call) => router.Route(call);
    }
}
