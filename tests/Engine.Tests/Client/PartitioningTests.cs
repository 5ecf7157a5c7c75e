using Auie.Abstractions;

namespace Auie.Engine.Tests.Client;

public sealed class PartitioningTests
{
    // Worked out apart from this code. Were they to change, every store would look for its users in the wrong partitions.
    [Theory]
    [InlineData("default", "", 0xC5B3A32BEAFBF1E0, 6, 49)]
    [InlineData("default", "3197468391", 0xC82E770D2BD459C7, 6, 50)]
    [InlineData("default", "Zoë 🎉", 0xCF5CECB37EB73A50, 6, 51)]
    [InlineData("acme", "a/b", 0x1BCA345EE897BCD4, 0, 6)]
    public void A_user_is_always_in_the_same_partition(string tenant, string user, ulong hash, int ofEight, int ofSixtyFour)
    {
        Partitioning.HashOf(tenant, user).ShouldBe(hash);
        Partitioning.PartitionOf(tenant, user, 8).ShouldBe(ofEight);
        Partitioning.PartitionOf(tenant, user, 64).ShouldBe(ofSixtyFour);
        Partitioning.PartitionOf(tenant, user, 1).ShouldBe(0);
    }

    [Fact]
    public void Users_are_spread_evenly()
    {
        var sizes = Enumerable.Range(0, 64_000).CountBy(i => Partitioning.PartitionOf("default", $"{i}", 64)).Select(part => part.Value).ToArray();
        sizes.Length.ShouldBe(64);
        sizes.ShouldAllBe(size => size > 850 && size < 1_150);
    }

    [Fact]
    public void A_long_id_is_hashed_whole() =>
        Partitioning.HashOf("t", new string('ä', 5_000) + "a").ShouldNotBe(Partitioning.HashOf("t", new string('ä', 5_000) + "b"));
}
