using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What becomes of slots when the store was gone for longer than every lease.</summary>
public sealed class StoreOutageTests
{
    private static int[] Owned(ClusterMember member) => [.. Enumerable.Range(0, 4).Where(member.Owns)];

    [Fact]
    public async Task Without_the_store_the_lease_runs_out_and_with_it_again_the_silo_goes_on_with_what_it_had()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        scene.Table.Arriving = () => throw new IOException("gone");
        await scene.Pass(5.25);
        a.LeaseIsValid.ShouldBeTrue();
        await scene.Pass(2);
        a.LeaseIsValid.ShouldBeFalse();
        scene.Log.Entries.Count(entry => entry.Message.Contains("cannot be used")).ShouldBe(1);
        scene.Log.Entries.Count(entry => entry.Message.Contains("has run out")).ShouldBe(1);

        await scene.Pass(60);
        scene.Table.Arriving = () => Task.CompletedTask;
        await scene.Pass(1);

        a.LeaseIsValid.ShouldBeTrue();
        Owned(a).ShouldBe([0, 1, 2, 3]);
        host.Abandoned.ShouldBe(0);
        host.Drains.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_goes_by_a_silo_is_told_once_that_the_table_is_waited_for_no_more_and_once_that_it_is_there_again()
    {
        await using var scene = new ClusterScene();
        var (a, host) = await scene.Start("a");
        await scene.Pass(3);
        var told = host.Views.Count;
        scene.Table.Arriving = () => throw new IOException("gone");
        await scene.Pass(7);
        (a.IsTableGone, host.Views.Count).ShouldBe((false, told));
        await scene.Pass(20);
        (a.IsTableGone, host.Views.Count).ShouldBe((true, told + 1));

        scene.Table.Arriving = () => Task.CompletedTask;
        await scene.Pass(5);
        (a.IsTableGone, host.Views.Skip(told + 1).Count(view => view.Version == host.Views.Last().Version)).ShouldBe((false, 1));
    }

    [Fact]
    public async Task After_a_time_without_the_store_who_comes_back_first_leaves_the_others_slots_to_them_and_takes_them_if_they_do_not_come()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var (b, hostB) = await scene.Start("b");
        await scene.Pass(3);
        int[] ofA = Owned(a), ofB = Owned(b);
        var second = b.Id!.Value;
        scene.Table.Arriving = () => throw new IOException("gone");
        await scene.Pass(10);
        (a.LeaseIsValid, b.LeaseIsValid).ShouldBe((false, false));

        scene.Table.Arriving = () => Task.CompletedTask;
        scene.Table.Reaches = silo => silo == a.Id;
        await scene.Pass(2.5);
        Owned(a).ShouldBe(ofA);
        scene.Table.Reaches = _ => true;
        await scene.Pass(3);
        (b.Id, hostB.Abandoned).ShouldBe((second, 0));
        Owned(a).ShouldBe(ofA);
        Owned(b).ShouldBe(ofB);

        scene.Table.Reaches = _ => false;
        await scene.Pass(10);
        scene.Table.Reaches = silo => silo == a.Id;
        await scene.Pass(4);
        Owned(a).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Who_starts_after_a_time_without_the_store_leaves_the_slots_of_silos_that_live_to_them()
    {
        await using var scene = new ClusterScene();
        var (a, _) = await scene.Start("a");
        var (b, hostB) = await scene.Start("b");
        await scene.Pass(3);
        int[] ofA = Owned(a), ofB = Owned(b);
        var (first, second) = (a.Id!.Value, b.Id!.Value);
        scene.Table.Arriving = () => throw new IOException("gone");
        await scene.Pass(10);
        (a.LeaseIsValid, b.LeaseIsValid).ShouldBe((false, false));

        // Two, for the lease of one that has no slots yet says nothing of those that have.
        scene.Table.Arriving = () => Task.CompletedTask;
        scene.Table.Reaches = silo => silo.Name is "c" or "d";
        var (c, _) = await scene.Start("c");
        var (d, _) = await scene.Start("d");
        await scene.Pass(2);
        (Owned(c).Length, Owned(d).Length).ShouldBe((0, 0));
        scene.Table.Reaches = _ => true;
        await scene.Pass(0.5);
        (a.Id, b.Id, hostB.Abandoned).ShouldBe((first, second, 0));
        (ofA.Intersect(Owned(a)).Any(), ofB.Intersect(Owned(b)).Any()).ShouldBe((true, true));
        await scene.Pass(5);
        new[] { a, b, c, d }.Select(member => Owned(member).Length).ShouldBe([1, 1, 1, 1]);
    }

    [Fact]
    public async Task Who_starts_when_all_others_are_long_dead_takes_what_they_had_after_a_few_seconds()
    {
        await using var scene = new ClusterScene();
        await scene.Start("a");
        scene.Table.Reaches = silo => silo.Name != "a";
        await scene.Pass(10);
        var (c, _) = await scene.Start("c");
        Owned(c).ShouldBeEmpty();
        await scene.Pass(3);
        Owned(c).ShouldBe([0, 1, 2, 3]);
    }
}
