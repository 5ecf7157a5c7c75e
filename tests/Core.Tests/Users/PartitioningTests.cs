using Auie.Core.Users;

namespace Auie.Core.Tests.Users;

public sealed class PartitioningTests
{
    [Fact]
    public void A_users_partition_never_changes() =>
        new[] { "u1", "u2", "ann", "3197468391", "é" }.Select(user => Partitioning.PartitionOf("default", user, 16)).ShouldBe([7, 10, 8, 15, 13]);

    [Fact]
    public void Users_spread_evenly_over_partitions()
    {
        var sizes = Enumerable.Range(0, 38_000).CountBy(i => Partitioning.PartitionOf("default", $"{i}", 19)).ToDictionary();

        sizes.Count.ShouldBe(19);
        sizes.Values.ShouldAllBe(size => Math.Abs(size - 2000) < 200);
    }

    [Fact]
    public void There_is_at_least_one_partition() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Partitioning.PartitionOf("default", "u1", 0));
}
