using Auie.Runtime.Cluster;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Runtime.Tests.Cluster;

public sealed class SlotPlanTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20260401UL, 17UL);

    /// <summary>Tables of up to 5 silos and 12 slots: owners as they may be, and silos of every kind.</summary>
    private static readonly Arbitrary<ClusterView> Views = (
        from slots in Gen.Choose(1, 12)
        from silos in Gen.Choose(0, 5)
        from kinds in Gen.ListOf(Gen.Choose(0, 5), silos)
        from owners in Gen.ListOf(Gen.Choose(0, silos), slots)
        from apart in Gen.ListOf(Gen.Choose(0, 40), silos)
        select View([.. kinds.Select((kind, i) => Silo(i + 1, draining: kind == 0, expired: kind == 1, unreachable: apart[i] <= silos ? [apart[i]] : []))], [.. owners])).ToArbitrary();

    private static SiloInfo Silo(int number, bool draining = false, bool expired = false, params long[] unreachable) =>
        new(new($"s{number}", number), "", "", draining ? SiloStatus.Draining : SiloStatus.Active, expired, default) { Unreachable = unreachable };

    /// <param name="owners">By the silos' numbers; 0 for nobody.</param>
    private static ClusterView View(SiloInfo[] silos, params int[] owners) => new(1, silos, [.. owners.Select(owner => owner == 0 ? null : (SiloId?)silos[owner - 1].Id)]);

    private static SiloId[] Takers(ClusterView view) => [.. view.Silos.Where(silo => !silo.Expired && silo.Status == SiloStatus.Active).Select(silo => silo.Id).Except(CutOff.Of(view))];

    private static int Count(IEnumerable<SiloId?> owners, SiloId silo) => owners.Count(owner => owner == silo);

    private static void ForAll(Action<ClusterView> holds) => Prop.ForAll(Views, holds).Check(Many);

    [Fact]
    public void Active_silos_share_the_slots_evenly_and_others_have_none() => ForAll(view =>
    {
        var takers = Takers(view);
        var targets = new SlotPlan(view).Targets;
        if (takers.Length == 0)
            return;
        targets.All(target => target != null && takers.Contains(target.Value)).ShouldBeTrue();
        (takers.Max(id => Count(targets, id)) - takers.Min(id => Count(targets, id))).ShouldBeLessThanOrEqualTo(1);
    });

    [Fact]
    public void No_more_is_moved_than_the_even_spread_takes() => ForAll(view =>
    {
        var takers = Takers(view);
        var targets = new SlotPlan(view).Targets;
        if (takers.Length == 0)
            return;
        var (share, rest) = Math.DivRem(view.Owners.Count, takers.Length);
        var counts = takers.Select(id => Count(view.Owners, id)).ToArray();
        var atMost = counts.Sum(count => Math.Min(count, share)) + Math.Min(rest, counts.Count(count => count > share));
        view.Owners.Where((owner, slot) => owner is { } id && takers.Contains(id) && targets[slot] == id).Count().ShouldBe(atMost);
    });

    [Fact]
    public void With_nobody_to_take_them_living_silos_keep_their_slots() => ForAll(view =>
    {
        if (Takers(view).Length > 0)
            return;
        var living = view.Silos.Where(silo => !silo.Expired).Select(silo => (SiloId?)silo.Id).ToArray();
        new SlotPlan(view).Targets.ShouldBe(view.Owners.Select(owner => living.Contains(owner) ? owner : null));
    });

    [Fact]
    public void A_slot_is_released_by_its_owner_and_claimed_by_the_one_meant_when_no_living_silo_has_it() => ForAll(view =>
    {
        var plan = new SlotPlan(view);
        var living = view.Silos.Where(silo => !silo.Expired).Select(silo => silo.Id).ToHashSet();
        foreach (var silo in living)
        {
            plan.ReleasedBy(silo).All(slot => view.Owners[slot] == silo && plan.Targets[slot] != silo).ShouldBeTrue();
            plan.ClaimedBy(silo).All(slot => plan.Targets[slot] == silo && !(view.Owners[slot] != null && living.Contains(view.Owners[slot]!.Value))).ShouldBeTrue();
        }

        foreach (var slot in Enumerable.Range(0, view.Owners.Count).Where(slot => plan.Targets[slot] != null && plan.Targets[slot] != view.Owners[slot]))
            living.Count(silo => plan.ReleasedBy(silo).Contains(slot) || plan.ClaimedBy(silo).Contains(slot)).ShouldBe(1);
    });

    [Fact]
    public void Whatever_step_is_taken_first_the_plan_stays_the_same() => ForAll(view =>
    {
        var plan = new SlotPlan(view);
        foreach (var silo in view.Silos.Where(silo => !silo.Expired))
        {
            foreach (var slot in plan.ReleasedBy(silo.Id))
                After(slot, null);
            foreach (var slot in plan.ClaimedBy(silo.Id).Where(slot => view.Owners[slot] is null))
                After(slot, silo.Id);
        }

        void After(int slot, SiloId? owner)
        {
            SiloId?[] owners = [.. view.Owners];
            owners[slot] = owner;
            new SlotPlan(new(2, view.Silos, owners)).Targets.ShouldBe(plan.Targets);
        }
    });

    [Fact]
    public void In_motion_is_what_is_not_where_it_should_be() => ForAll(view =>
    {
        var plan = new SlotPlan(view);
        plan.InMotion.ShouldBe(!plan.Targets.SequenceEqual(view.Owners));
        new SlotPlan(new(2, [.. view.Silos.Where(silo => !silo.Expired)], plan.Targets)).InMotion.ShouldBeFalse();
    });

    [Fact]
    public void A_silo_that_joins_takes_its_share_from_those_who_have_more()
    {
        var view = View([Silo(1), Silo(2), Silo(3)], 1, 1, 1, 2, 2, 2);

        var plan = new SlotPlan(view);

        plan.ReleasedBy(view.Silos[0].Id).ShouldBe([2]);
        plan.ReleasedBy(view.Silos[1].Id).ShouldBe([5]);
        plan.ClaimedBy(view.Silos[2].Id).ShouldBeEmpty();
    }

    [Fact]
    public void Of_a_dead_silo_all_is_claimed_by_the_others()
    {
        var view = View([Silo(1), Silo(2, expired: true), Silo(3)], 1, 2, 2, 2, 2, 3);

        var plan = new SlotPlan(view);

        plan.ClaimedBy(view.Silos[0].Id).ShouldBe([1, 2]);
        plan.ClaimedBy(view.Silos[2].Id).ShouldBe([3, 4]);
    }
}
