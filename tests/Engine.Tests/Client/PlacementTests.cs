using Auie.Abstractions;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Engine.Tests.Client;

public sealed class PlacementTests
{
    [Fact]
    public void A_user_is_where_their_partition_is_and_so_are_its_shards() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonEmptyString>().ToArbitrary(), text =>
        {
            const int slots = 16;
            var user = text.Get;
            var partition = Partitioning.PartitionOf("acme", user, slots);
            int[] places =
            [
                Placement.SlotOf("user", GrainKeys.User("acme", user), slots),
                Placement.SlotOf("partition", GrainKeys.Partition("acme", partition), slots),
                Placement.SlotOf("itemshard", GrainKeys.ItemShard("acme", partition), slots),
                Placement.SlotOf("featureshard", GrainKeys.Shard("acme", GrainKeys.Users, partition), slots),
            ];
            return places.All(place => place == partition);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_group_is_where_its_first_shard_is()
    {
        foreach (var key in (string[])["acme/users/3", "acme/table-7/3"])
            Placement.SlotOf("shardgroup", key, 16).ShouldBe(Placement.SlotOf("featureshard", key, 16));
    }

    [Fact]
    public void Any_grain_has_a_slot_and_different_ones_are_spread()
    {
        var slots = Enumerable.Range(0, 1_000).Select(number => Placement.SlotOf("segment", $"acme/{number}/1", 16)).ToArray();
        slots.ShouldAllBe(slot => slot >= 0 && slot < 16);
        slots.Distinct().Count().ShouldBe(16);
        Should.Throw<ArgumentOutOfRangeException>(() => Placement.SlotOf("user", "acme/ann", 0));
    }
}
