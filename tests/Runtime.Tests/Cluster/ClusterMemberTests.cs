using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Runtime.Tests.Cluster;

public sealed class ClusterMemberTests
{
    private static int[] Owned(ClusterMember member) => [.. Enumerable.Range(0, 4).Where(member.Owns)];

    [Fact]
    public async Task A_silo_alone_takes_all_slots_at_once_and_keeps_its_lease()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");

        Owned(a).ShouldBe([0, 1, 2, 3]);
        host.Views.Last().Owners.ShouldAllBe(owner => owner == a.Id);
        var changes = host.Views.Count;
        await scene.Pass(30);

        a.LeaseIsValid.ShouldBeTrue();
        Owned(a).ShouldBe([0, 1, 2, 3]);
        host.Views.Count.ShouldBe(changes);
        a.View!.Silos.Single().Load.ShouldBe(host.Load);
    }

    [Fact]
    public async Task A_silo_that_starts_asks_a_table_that_does_not_answer_again()
    {
        await using var scene = new ClusterScene();
        using var reached = new SemaphoreSlim(0);
        scene.Table.Arriving = () => Hang(reached);
        var started = scene.Start("a");
        await reached.WaitAsync();
        scene.PassForSilos(2);
        await reached.WaitAsync();
        started.IsCompleted.ShouldBeFalse();
        scene.Table.Arriving = () => Task.CompletedTask;
        scene.PassForSilos(2);
        Owned((await started).Member).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task A_silo_that_starts_gives_up_when_no_answer_has_come_for_long()
    {
        await using var scene = new ClusterScene();
        using var reached = new SemaphoreSlim(0);
        scene.Table.Arriving = () => Hang(reached);
        var started = scene.Start("a");
        for (var passed = 0; passed <= 30; passed += 2)
        {
            await reached.WaitAsync();
            scene.PassForSilos(2);
        }

        (await Should.ThrowAsync<TimeoutException>(() => started)).Message.ShouldContain("did not answer");
    }

    [Fact]
    public async Task A_silo_whom_the_others_do_not_reach_gives_its_slots_away_and_takes_them_again_when_they_do()
    {
        await using var scene = new ClusterScene();
        var (a, hostA) = await scene.Start("a");
        var (b, hostB) = await scene.Start("b");
        var (c, hostC) = await scene.Start("c");
        await scene.Pass(10);
        Owned(b).ShouldNotBeEmpty();

        (hostA.Unreachable, hostC.Unreachable) = ([b.Id!.Value.Generation], [b.Id.Value.Generation]);
        hostB.Unreachable = [a.Id!.Value.Generation, c.Id!.Value.Generation];
        await scene.Pass(10);
        Owned(b).ShouldBeEmpty();
        (Owned(a).Length + Owned(c).Length, a.IsCutOff, b.IsCutOff, c.IsCutOff).ShouldBe((4, false, true, false));
        b.LeaseIsValid.ShouldBeTrue();

        (hostA.Unreachable, hostB.Unreachable, hostC.Unreachable) = ([], [], []);
        await scene.Pass(10);
        b.IsCutOff.ShouldBeFalse();
        Owned(b).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_silo_that_was_refused_says_nothing_of_leaving()
    {
        await using var scene = new ClusterScene();
        await scene.Table.PrepareAsync(4, CancellationToken.None);
        await scene.Table.JoinAsync("other", null, "other:1", "", [1], TimeSpan.FromHours(1), CancellationToken.None);
        await using var refused = new ClusterMember(scene.Table, new SlotHost(static () => { }), ClusterScene.Options("a"), 4, "a:1", new ManualTime(), scene.Log);

        (await Should.ThrowAsync<InvalidOperationException>(refused.StartAsync(CancellationToken.None))).Message.ShouldContain("another Cluster:Secret");
        await refused.StopAsync(CancellationToken.None);

        scene.Log.Entries.ShouldBeEmpty();
    }

    private static Task Hang(SemaphoreSlim reached)
    {
        reached.Release();
        return new TaskCompletionSource().Task;
    }

    [Fact]
    public async Task Metrics_tell_of_the_lease_and_of_the_slots_that_are_served()
    {
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        var told = new ConcurrentDictionary<string, double>();
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument.Name, value, tags, adds: false));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument.Name, value, tags, adds: false));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument.Name, value, tags, adds: !instrument.IsObservable));
        listener.Start();
        await using var scene = new ClusterScene();
        await scene.Start("measured");
        listener.RecordObservableInstruments();
        told["auie.cluster.slots"].ShouldBe(4);
        told["auie.cluster.slots.gained"].ShouldBe(4);
        told["auie.cluster.silos"].ShouldBe(1);
        told["auie.cluster.lease.left"].ShouldBe(5.4, .001);
        told["auie.cluster.lease.renewals"].ShouldBeGreaterThan(0);
        told["auie.cluster.lease.lapses"].ShouldBe(0, "it is told before it counts");

        scene.Table.Arriving = () => throw new InvalidOperationException("It is down.");
        await scene.Pass(6);
        listener.RecordObservableInstruments();
        (told["auie.cluster.slots"], told["auie.cluster.lease.left"], told["auie.cluster.lease.lapses"]).ShouldBe((0, 0, 1));

        void Take(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, bool adds)
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "auie.silo", Value: "measured" })
                    told.AddOrUpdate(name, value, (_, before) => adds ? before + value : value);
            }
        }
    }

    [Fact]
    public async Task A_slot_is_not_served_from_when_its_drain_begins_and_goes_over_when_that_has_ended()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        host.HoldDrains = true;
        var (b, _) = await scene.Start("b");
        await scene.Pass(1);

        var drain = host.Drains.ShouldHaveSingleItem();
        drain.Slots.ShouldBe([2, 3]);
        Owned(a).ShouldBe([0, 1]);
        await scene.Pass(5);
        Owned(b).ShouldBeEmpty();

        drain.Ended.SetResult();
        await scene.Until(() => a.View!.Owners[3] is null);
        await scene.Pass(0.5);
        Owned(b).ShouldBe([2, 3]);
        drain.Cut.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_drain_that_lasts_too_long_is_cut_off_and_its_slots_are_released_all_the_same()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        host.HoldDrains = true;
        var (b, _) = await scene.Start("b");
        await scene.Pass(1);

        await scene.Pass(21);
        await scene.Until(() => a.View!.Owners[3] != a.Id);
        await scene.Pass(1);

        host.Drains.Single().Cut.IsCancellationRequested.ShouldBeTrue();
        Owned(b).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task A_drain_that_is_cut_off_gives_no_slot_away_before_nothing_of_it_can_be_answered_for()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        (host.HoldDrains, host.HoldCuts) = (true, true);
        var (b, _) = await scene.Start("b");
        await scene.Pass(25);
        host.Drains.Single().Cut.IsCancellationRequested.ShouldBeTrue();
        a.View!.Owners[3].ShouldBe(a.Id);

        host.Drains.Single().Ended.SetResult();
        await scene.Until(() => a.View!.Owners[3] != a.Id);
        await scene.Pass(1);
        Owned(b).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task Who_was_drained_and_is_put_out_comes_back_drained()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var (b, host) = await scene.Start("b");
        await scene.Pass(2);
        var first = b.Id!.Value;
        await scene.Table.SetStatusAsync(first, SiloStatus.Draining, CancellationToken.None);
        await scene.Pass(3);
        await scene.Table.LeaveAsync(first, CancellationToken.None);
        await scene.Pass(4);

        b.Id!.Value.Generation.ShouldBeGreaterThan(first.Generation);
        (await scene.Table.ReadAsync(CancellationToken.None)).Silos.Single(silo => silo.Id == b.Id).Status.ShouldBe(SiloStatus.Draining);
        (Owned(a).Length, Owned(b).Length).ShouldBe((4, 0));
        await scene.Table.SetStatusAsync(b.Id!.Value, SiloStatus.Active, CancellationToken.None);
        await scene.Pass(3);
        Owned(b).Length.ShouldBe(2);

        // It is active again, and says so when it stops.
        host.HoldDrains = true;
        host.Drains.Clear();
        var stopping = scene.Stop(b);
        await scene.Until(() => scene.Table.StatusOf(b.Id!.Value) == SiloStatus.Draining);
        foreach (var drain in host.Drains)
            drain.Ended.SetResult();
        host.HoldDrains = false;
        await stopping;
    }

    [Fact]
    public async Task The_lease_counts_from_before_the_heartbeat_was_sent()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var beats = scene.Table.Beats.Length;
        scene.Table.Answering = () => answer.Task;
        a.Hurry();
        await scene.Until(() => scene.Table.Beats.Length > beats);
        scene.PassForSilos(1.5);
        answer.SetResult();
        await scene.Settled();
        scene.Table.Arriving = () => throw new IOException("gone");

        scene.PassForSilos(3.75);
        a.LeaseIsValid.ShouldBeTrue();
        scene.PassForSilos(0.25);
        a.LeaseIsValid.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_was_put_out_owns_nothing_and_joins_again_when_all_is_given_up()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        var first = a.Id!.Value;
        host.HoldAbandon = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await scene.Table.LeaveAsync(first, CancellationToken.None);
        a.Hurry();

        await scene.Until(() => host.Abandoned == 1);
        Owned(a).ShouldBeEmpty();
        a.LeaseIsValid.ShouldBeFalse();
        (await scene.Table.ReadAsync(CancellationToken.None)).Silos.ShouldBeEmpty();

        host.HoldAbandon.SetResult();
        await scene.Until(() => a.Owns(3));
        a.Id!.Value.Generation.ShouldBeGreaterThan(first.Generation);
        a.LeaseIsValid.ShouldBeTrue();
        host.Abandoned.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_dead_silo_had_is_taken_when_its_lease_has_run_out()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        await scene.Table.JoinAsync("dead", null, "dead:1", "", [], TimeSpan.FromSeconds(6), CancellationToken.None);
        await scene.Pass(3);
        Owned(a).ShouldBe([0, 1]);

        await scene.Pass(5);

        Owned(a).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Who_takes_what_a_dead_silo_had_tells_that_it_is_gone_and_how_many_slots_that_makes()
    {
        await using var scene = new ClusterScene();
        await scene.Table.PrepareAsync(4, CancellationToken.None);
        var dead = (await scene.Table.JoinAsync("dead", null, "dead:1", "", [], TimeSpan.FromSeconds(6), CancellationToken.None)).ShouldNotBeNull();
        await scene.Table.BeatAsync(new Heartbeat(dead, 1, TimeSpan.FromSeconds(6), default, [], [], [0, 1, 2, 3]), CancellationToken.None);
        var (a, _) = await scene.Start("a");
        Owned(a).ShouldBeEmpty();

        await scene.Pass(20);

        Owned(a).ShouldBe([0, 1, 2, 3]);
        scene.Log.Entries.ShouldContain(entry => entry.Message.Contains("at dead:1 is in the cluster no more"));
        scene.Log.Entries.ShouldContain(entry => entry.Message.Contains("slots more: 4 of 4."));
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_learnt_of_from_the_next()
    {
        await using var scene = new ClusterScene();
        var lost = 0;
        scene.Table.Answering = () => scene.Table.Beats is [.., { Claim.Count: > 0 }] && Interlocked.Increment(ref lost) == 1 ? throw new IOException("lost") : Task.CompletedTask;

        var (a, _) = await scene.Start("a");
        Owned(a).ShouldBeEmpty();
        await scene.Pass(0.25);

        lost.ShouldBeGreaterThan(0);
        Owned(a).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task A_heartbeat_that_hangs_is_given_up_and_is_void_when_it_arrives_after_the_next()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var arrive = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Table.Arriving = () =>
        {
            scene.Table.Arriving = () => Task.CompletedTask;
            reached.SetResult();
            return arrive.Task;
        };
        a.Hurry();
        await reached.Task;
        scene.PassForSilos(2);
        await scene.Settled();
        await scene.Pass(1);
        var latest = scene.Table.Beats.Max(beat => beat.Number);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Table.Answering = () =>
        {
            if (scene.Table.Beats[^1].Number < latest)
                late.SetResult();
            return Task.CompletedTask;
        };

        arrive.SetResult();
        await late.Task;
        await scene.Pass(1);

        a.LeaseIsValid.ShouldBeTrue();
        Owned(a).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Who_stops_gives_all_away_and_goes_on_to_beat_until_it_leaves()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        var (b, _) = await scene.Start("b");
        await scene.Pass(2);
        host.HoldDrains = true;
        host.Drains.Clear();

        var stopping = scene.Stop(a);
        Owned(a).ShouldBeEmpty();
        await scene.Until(() => host.Drains.Count == 1);
        var until = scene.Table.Beats.Count(beat => beat.Silo == a.Id) + 1;
        await scene.Until(() =>
        {
            a.Hurry();
            return scene.Table.Beats.Count(beat => beat.Silo == a.Id) > until;
        });
        stopping.IsCompleted.ShouldBeFalse();
        host.Drains.Single().Ended.SetResult();
        await stopping;

        a.LeaseIsValid.ShouldBeFalse();
        await scene.Pass(1);
        (await scene.Table.ReadAsync(CancellationToken.None)).Silos.ShouldHaveSingleItem().Id.ShouldBe(b.Id!.Value);
        Owned(b).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Who_stops_without_the_store_ends_when_its_lease_has_run_out()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        scene.Table.Arriving = () => throw new IOException("gone");

        var stopping = scene.Stop(a);
        await scene.Until(() => host.Drains.Count == 1);
        stopping.IsCompleted.ShouldBeFalse();
        for (var i = 0; i < 30; i++)
            scene.PassForSilos(0.25);
        await scene.Until(() => !a.LeaseIsValid);
        while (await Task.WhenAny(stopping, Task.Run(() => { })) != stopping)
            scene.PassForSilos(0.25);

        await stopping;
    }

    [Fact]
    public async Task Who_is_asked_to_gives_its_slots_away_and_takes_some_again()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var (b, _) = await scene.Start("b");
        await scene.Pass(2);

        await scene.Table.SetStatusAsync(a.Id!.Value, SiloStatus.Draining, CancellationToken.None);
        await scene.Pass(3);
        Owned(a).ShouldBeEmpty();
        Owned(b).ShouldBe([0, 1, 2, 3]);

        await scene.Table.SetStatusAsync(a.Id!.Value, SiloStatus.Active, CancellationToken.None);
        await scene.Pass(3);
        Owned(a).Length.ShouldBe(2);
        Owned(b).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Who_finds_the_table_changed_by_other_hands_gives_up_all_and_joins_again()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        var first = a.Id!.Value;
        await scene.Table.BeatAsync(new(first, 1_000_000, TimeSpan.FromSeconds(6), default, [], [1], []), CancellationToken.None);
        await scene.Pass(2);

        host.Abandoned.ShouldBe(1);
        a.Id!.Value.Generation.ShouldBeGreaterThan(first.Generation);
        Owned(a).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void By_default_a_silo_that_the_others_do_not_reach_has_handed_over_within_15_seconds()
    {
        var options = new ClusterOptions();
        // Nothing is heard; it is tried in vain; it is said with one heartbeat and heard with the next; the slots are released and claimed, with heartbeats of a quarter.
        var all = TimeSpan.FromSeconds(Sockets.SilenceSeconds) + options.Suspicion + (2 * options.Heartbeat) + (4 * options.Heartbeat / 4);
        all.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("", 6, 0.5, 1)]
    [InlineData("a", 0, 0, 1)]
    [InlineData("a", 6, -1, 1)]
    [InlineData("a", 6, 6, 1)]
    [InlineData("a", 3, 0.5, 1)]
    [InlineData("a", 6, 0.5, 0)]
    [InlineData("a", 6, 0.5, 1, 6.5)] // who has just died would be taken for one that lives apart
    public void Options_that_could_not_keep_a_lease_are_refused(string name, double lease, double margin, double heartbeat, double? suspect = null)
    {
        var options = new ClusterOptions { Name = name, Lease = TimeSpan.FromSeconds(lease), LeaseMargin = TimeSpan.FromSeconds(margin), Heartbeat = TimeSpan.FromSeconds(heartbeat), SuspectAfter = suspect is { } after ? TimeSpan.FromSeconds(after) : null };

        Should.Throw<InvalidOperationException>(() => new ClusterMember(new InMemoryMembership(), new SlotHost(() => { }), options, 4, "a:1", TimeProvider.System, NullLogger.Instance));
    }
}
