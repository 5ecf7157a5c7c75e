using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What every membership table must do. No test waits: a lease of no time has run out at once, and one of an hour never does.</summary>
public abstract class MembershipCompliance
{
    private const int Slots = 6;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly CancellationToken None = CancellationToken.None;
    private long _number;

    /// <summary>The table that a test has for itself, empty.</summary>
    protected IMembershipTable Table { get; set; } = null!;

    private async Task<SiloId> Join(string name, TimeSpan? lease = null, SiloId? earlier = null) =>
        (await JoinWith(name, [], earlier, lease)).ShouldNotBeNull();

    private Task<ClusterView?> Beat(SiloId silo, int[]? claim = null, int[]? release = null, TimeSpan? lease = null, long? number = null, long[]? unreachable = null) =>
        Table.BeatAsync(new(silo, number ?? ++_number, lease ?? Hour, new(3, 4, 5_000_000_000), unreachable ?? [], release ?? [], claim ?? []), None);

    private static int[] SlotsOf(ClusterView view, SiloId silo) => [.. Enumerable.Range(0, view.Owners.Count).Where(slot => view.Owners[slot] == silo)];

    [TableFact]
    public async Task A_new_table_has_its_slots_and_nobody()
    {
        await Table.PrepareAsync(Slots, None);
        await Table.PrepareAsync(Slots, None);

        var view = await Table.ReadAsync(None);

        view.Silos.ShouldBeEmpty();
        view.Owners.ShouldBe(new SiloId?[Slots]);
    }

    [TableFact]
    public async Task A_table_that_is_not_there_cannot_be_read() => await Should.ThrowAsync<InvalidOperationException>(Table.ReadAsync(None));

    [TableFact]
    public async Task A_table_of_another_number_of_slots_is_refused()
    {
        await Table.PrepareAsync(Slots, None);

        (await Should.ThrowAsync<InvalidOperationException>(Table.PrepareAsync(Slots + 1, None))).Message.ShouldContain($"{Slots} slots");
    }

    [TableFact]
    public async Task Who_has_another_secret_than_silos_whose_lease_runs_is_refused_and_changes_nothing()
    {
        byte[] one = [1, 2], other = [3];
        await Table.PrepareAsync(Slots, None);
        var silo = (await JoinWith("a", one))!.Value;
        (await JoinWith("dead", one, lease: TimeSpan.Zero)).ShouldNotBeNull();
        var before = await Table.ReadAsync(None);
        (await Should.ThrowAsync<InvalidOperationException>(JoinWith("b", other))).Message.ShouldContain("another Cluster:Secret");
        await Should.ThrowAsync<InvalidOperationException>(JoinWith("b", []));
        await Should.ThrowAsync<InvalidOperationException>(JoinWith("a", other, silo));
        var after = await Table.ReadAsync(None);
        (after.Version, after.Silos.Count).ShouldBe((before.Version, 2));
        (await Beat(silo)).ShouldNotBeNull();

        await Table.LeaveAsync(silo, None);
        await JoinWith("b", other, lease: TimeSpan.Zero);
        (await JoinWith("c", one)).ShouldNotBeNull();
    }

    [TableFact]
    public async Task Of_two_that_join_first_at_one_time_with_different_secrets_one_is_refused()
    {
        await Table.PrepareAsync(Slots, None);
        for (var round = 0; round < 10; round++)
        {
            var (a, b) = ($"a{round}", $"b{round}");
            var joins = new[] { (Name: a, Secret: new byte[] { 1 }), (Name: b, Secret: new byte[] { 2 }) }.Select(silo => Task.Run(() => JoinWith(silo.Name, silo.Secret))).ToArray();
            await ((Task)Task.WhenAll(joins)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            joins.Count(join => join.IsFaulted).ShouldBe(1);
            joins.Single(join => join.IsFaulted).Exception!.InnerException.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("another Cluster:Secret");
            (await Table.ReadAsync(None)).Silos.ShouldHaveSingleItem().Id.ShouldBe((await joins.Single(join => !join.IsFaulted))!.Value);
            await Table.LeaveAsync((await joins.Single(join => !join.IsFaulted))!.Value, None);
        }
    }

    private Task<SiloId?> JoinWith(string name, byte[] secret, SiloId? earlier = null, TimeSpan? lease = null) =>
        Table.JoinAsync(name, earlier, $"{name}.example:7000", "1.2", secret, lease ?? Hour, None);

    [TableFact]
    public async Task Who_was_seen_as_expired_and_has_renewed_since_is_not_replaced_from_another_address()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a", TimeSpan.Zero);
        (await Beat(a, claim: [0])).ShouldNotBeNull();

        (await Table.JoinAsync("a", a, "elsewhere.example:7000", "1.2", [], Hour, None)).ShouldBeNull();
        var view = (await Beat(a)).ShouldNotBeNull();
        SlotsOf(view, a).ShouldBe([0]);

        (await Beat(a, lease: TimeSpan.Zero)).ShouldNotBeNull();
        (await Table.JoinAsync("a", a, "elsewhere.example:7000", "1.2", [], Hour, None)).ShouldNotBeNull();
        (await Beat(a)).ShouldBeNull();
    }

    [TableFact]
    public async Task Silos_are_seen_as_they_said_they_are()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a");
        var b = await Join("b", TimeSpan.Zero);

        var view = (await Beat(a)).ShouldNotBeNull();

        b.Generation.ShouldBeGreaterThan(a.Generation);
        Seen(view).ShouldBe(
            [new(a, "a.example:7000", "1.2", SiloStatus.Active, false, new(3, 4, 5_000_000_000)), new(b, "b.example:7000", "1.2", SiloStatus.Active, true, default)],
            ignoreOrder: true);
        Seen(await Table.ReadAsync(None)).ShouldBe(Seen(view), ignoreOrder: true);

        // Records compare the lists themselves, not what is in them.
        static IEnumerable<SiloInfo> Seen(ClusterView view) => view.Silos.Select(silo => silo with { Unreachable = null });
    }

    [TableFact]
    public async Task Whom_a_silo_cannot_reach_is_as_its_latest_heartbeat_has_it()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));

        (await Beat(a, unreachable: [b.Generation, 99]))!.Silos.Single(silo => silo.Id == a).Unreachable.ShouldBe([b.Generation, 99]);
        (await Table.ReadAsync(None)).Silos.Single(silo => silo.Id == b).Unreachable.ShouldBe([]);
        (await Beat(b))!.Silos.ToDictionary(silo => silo.Id, silo => silo.Unreachable!.Count).ShouldBe(new Dictionary<SiloId, int> { [a] = 2, [b] = 0 }, ignoreOrder: true);
        (await Beat(a))!.Silos.ShouldAllBe(silo => silo.Unreachable!.Count == 0);
    }

    [TableFact]
    public async Task Slots_that_nobody_owns_are_claimed_and_those_of_a_living_silo_are_not()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));

        SlotsOf((await Beat(a, claim: [0, 3, 5]))!, a).ShouldBe([0, 3, 5]);
        var view = (await Beat(b, claim: [4, 3, 0, 1]))!;

        SlotsOf(view, a).ShouldBe([0, 3, 5]);
        SlotsOf(view, b).ShouldBe([1, 4]);
    }

    [TableFact]
    public async Task Slots_are_released_by_their_owner_alone()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));
        await Beat(a, claim: [0, 1]);

        SlotsOf((await Beat(b, release: [0, 1, 2]))!, a).ShouldBe([0, 1]);
        SlotsOf((await Beat(a, release: [0], claim: [2]))!, a).ShouldBe([1, 2]);
        SlotsOf((await Beat(b, claim: [0, 1]))!, b).ShouldBe([0]);
    }

    [TableFact]
    public async Task Who_claims_a_slot_of_a_silo_whose_lease_has_run_out_puts_it_out_with_all_that_it_owned()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));
        await Beat(a, claim: [0, 1, 2], lease: TimeSpan.Zero);

        var view = (await Beat(b, claim: [1]))!;

        view.Silos.ShouldHaveSingleItem().Id.ShouldBe(b);
        view.Owners.ShouldBe([null, b, null, null, null, null]);
        (await Beat(a, claim: [0])).ShouldBeNull();
        (await Table.ReadAsync(None)).Owners.ShouldBe(view.Owners);
    }

    [TableFact]
    public async Task A_silo_whose_lease_has_run_out_keeps_its_slots_as_long_as_nobody_claims_them()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));
        await Beat(a, claim: [0, 1], lease: TimeSpan.Zero);
        (await Beat(b, claim: [2]))!.Silos.Single(silo => silo.Id == a).Expired.ShouldBeTrue();

        var view = (await Beat(a))!;

        SlotsOf(view, a).ShouldBe([0, 1]);
        view.Silos.ShouldAllBe(silo => !silo.Expired);
        SlotsOf((await Beat(b, claim: [0]))!, b).ShouldBe([2]);
    }

    [TableFact]
    public async Task A_heartbeat_that_arrives_after_a_later_one_has_no_effect()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a");
        await Beat(a, claim: [0, 1], number: 2);

        (await Beat(a, claim: [2], release: [0], lease: TimeSpan.Zero, number: 1)).ShouldBeNull();
        (await Beat(a, claim: [2], release: [0], lease: TimeSpan.Zero, number: 2)).ShouldBeNull();

        var view = (await Beat(a, number: 3))!;
        SlotsOf(view, a).ShouldBe([0, 1]);
        view.Silos.Single().Expired.ShouldBeFalse();
    }

    [TableFact]
    public async Task A_later_life_takes_the_place_of_the_one_that_it_knows_of()
    {
        await Table.PrepareAsync(Slots, None);
        var old = await Join("a");
        await Beat(old, claim: [0]);

        var now = await Join("a", earlier: old);

        now.Generation.ShouldBeGreaterThan(old.Generation);
        (await Beat(old, claim: [1])).ShouldBeNull();
        var view = await Table.ReadAsync(None);
        view.Silos.ShouldHaveSingleItem().Id.ShouldBe(now);
        view.Owners.ShouldBe(new SiloId?[Slots]);
    }

    [TableFact]
    public async Task A_join_that_arrives_after_a_later_one_of_the_same_silo_does_not_end_that_ones_life()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a");
        var again = await Join("a", earlier: a);
        await Beat(again, claim: [0]);

        (await Table.JoinAsync("a", a, "a.example:7000", "1.2", [], Hour, None)).ShouldBeNull();
        (await Table.JoinAsync("a", null, "a.example:7000", "1.2", [], Hour, None)).ShouldBeNull();

        SlotsOf(await Table.ReadAsync(None), again).ShouldBe([0]);
    }

    [TableFact]
    public async Task Who_joins_after_an_earlier_life_was_put_out_may_still_name_it()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a");
        await Table.LeaveAsync(a, None);

        (await Join("a", earlier: a)).Generation.ShouldBeGreaterThan(a.Generation);
    }

    [TableFact]
    public async Task Who_leaves_frees_its_slots()
    {
        await Table.PrepareAsync(Slots, None);
        var (a, b) = (await Join("a"), await Join("b"));
        await Beat(a, claim: [0, 1]);
        await Beat(b, claim: [2]);

        await Table.LeaveAsync(a, None);
        await Table.LeaveAsync(a, None);

        var view = await Table.ReadAsync(None);
        view.Silos.ShouldHaveSingleItem().Id.ShouldBe(b);
        view.Owners.ShouldBe([null, null, b, null, null, null]);
        (await Beat(a)).ShouldBeNull();
    }

    [TableFact]
    public async Task A_silo_is_told_to_give_its_slots_away_and_to_take_some_again()
    {
        await Table.PrepareAsync(Slots, None);
        var a = await Join("a");

        (await Table.SetStatusAsync(a, SiloStatus.Draining, None)).ShouldBeTrue();
        (await Beat(a))!.Silos.Single().Status.ShouldBe(SiloStatus.Draining);
        (await Table.SetStatusAsync(a, SiloStatus.Active, None)).ShouldBeTrue();
        (await Beat(a))!.Silos.Single().Status.ShouldBe(SiloStatus.Active);
        (await Table.SetStatusAsync(a with { Generation = a.Generation + 1 }, SiloStatus.Draining, None)).ShouldBeFalse();
        (await Beat(a))!.Silos.Single().Status.ShouldBe(SiloStatus.Active);
    }

    [TableFact]
    public async Task The_version_grows_with_every_change_and_not_with_a_heartbeat()
    {
        await Table.PrepareAsync(Slots, None);
        var last = (await Table.ReadAsync(None)).Version;
        async Task Grows(Func<Task> change)
        {
            await change();
            var now = (await Table.ReadAsync(None)).Version;
            now.ShouldBeGreaterThan(last);
            last = now;
        }

        SiloId a = default, b = default;
        await Grows(async () => a = await Join("a"));
        await Grows(async () => b = await Join("b"));
        await Grows(async () => await Beat(a, claim: [0, 1]));
        await Grows(async () => await Beat(a, release: [1]));
        await Grows(async () => await Table.SetStatusAsync(b, SiloStatus.Draining, None));
        await Beat(a);
        await Beat(b, lease: TimeSpan.Zero);
        await Table.SetStatusAsync(b, SiloStatus.Draining, None);
        (await Table.ReadAsync(None)).Version.ShouldBe(last);
        await Grows(async () => await Table.LeaveAsync(a, None));
    }

    [TableFact]
    public async Task Of_many_who_claim_and_release_at_once_each_slot_has_one_owner_whom_its_view_named()
    {
        const int Rounds = 25;
        await Table.PrepareAsync(Slots, None);
        var taken = new int[Slots];

        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            var silo = await Join($"silo{worker}");
            for (var number = 1; number <= Rounds; number++)
            {
                var claim = Enumerable.Range(0, Slots).Where(_ => random.Next(2) == 0).Reverse().ToArray();
                var mine = SlotsOf((await Beat(silo, claim, number: 2 * number))!, silo);
                foreach (var slot in mine)
                    Interlocked.Increment(ref taken[slot]).ShouldBe(1);
                foreach (var slot in mine)
                    Interlocked.Decrement(ref taken[slot]);
                await Beat(silo, release: mine, number: (2 * number) + 1);
            }
        })));

        (await Table.ReadAsync(None)).Owners.ShouldBe(new SiloId?[Slots]);
    }

    [TableFact]
    public async Task Of_many_who_renew_while_others_would_put_them_out_each_either_goes_on_or_is_out()
    {
        await Table.PrepareAsync(Slots, None);
        for (var round = 0; round < 15; round++)
        {
            var (a, b) = (await Join($"a{round}"), await Join($"b{round}"));
            (await Beat(a, claim: [0], lease: TimeSpan.Zero)).ShouldNotBeNull();

            var renewed = Task.Run(() => Beat(a, number: 1_000_000));
            var claimed = Task.Run(() => Beat(b, claim: [0], number: 1_000_000));

            var goesOn = await renewed is not null;
            (await claimed)!.Owners[0].ShouldBe(goesOn ? a : b);
            await Table.LeaveAsync(a, None);
            await Table.LeaveAsync(b, None);
        }
    }
}
