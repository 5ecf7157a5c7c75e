using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What becomes of calls in a silo that has lost its membership table, and with it its lease.</summary>
public sealed class TableOutageTests
{
    [Fact]
    public async Task A_short_outage_is_waited_out_and_in_a_long_one_calls_are_refused_at_once()
    {
        await using var host = new TestHost(serialize: false);
        var (table, options) = (new InMemoryMembership(), ClusterScene.Options("a"));
        await using var router = new ClusterRouter(host.Host, options, PeerRole.Silo, static (_, _, _) => 0, NullLogger<ClusterRouter>.Instance);
        await using var member = new ClusterMember(table, router, options, 1, "a:1", host.Time, host.Log);
        router.Use(member, "a:1");
        await member.StartAsync(CancellationToken.None);
        var grain = host.Grains.GetGrain<IOrderGrain>("one");
        await Passes(() => member.Owns(0));
        (await grain.Value(1)).ShouldBe(2);

        options.OutagePatience = TimeSpan.FromMinutes(1);
        table.Arriving = static () => throw new IOException("gone");
        await Passes(() => !member.LeaseIsValid);
        var waiting = grain.Value(2).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        table.Arriving = static () => Task.CompletedTask;
        await Passes(() => waiting.IsCompleted);
        (await waiting).ShouldBe(3);

        options.OutagePatience = TimeSpan.FromSeconds(8);
        table.Arriving = static () => throw new IOException("gone");
        await Passes(() => !member.LeaseIsValid);
        waiting = grain.Value(3).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        await Passes(() => member.IsTableGone);
        await Passes(() => waiting.IsCompleted);
        (await Should.ThrowAsync<NotCalledException>(waiting)).Message.ShouldContain("has not answered for longer than is waited for it");
        var refused = grain.Value(4).AsTask();
        refused.IsFaulted.ShouldBeTrue("it waits for nobody");

        table.Arriving = static () => Task.CompletedTask;
        await Passes(() => member.LeaseIsValid);
        (await grain.Value(5)).ShouldBe(6);

        async Task Passes(Func<bool> until)
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (!until())
            {
                late.Token.ThrowIfCancellationRequested();
                table.Advance(TimeSpan.FromMilliseconds(50));
                host.Time.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Delay(1, late.Token);
            }
        }
    }
}
