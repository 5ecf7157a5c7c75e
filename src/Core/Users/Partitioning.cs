namespace Auie.Core.Users;

/// <summary>Which partition keeps a user.</summary>
public static class Partitioning
{
    /// <summary>The user's partition, 0 to <paramref name="partitions"/> less one: the same for ever, since the journal is kept by it.</summary>
    public static int PartitionOf(string tenant, string user, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        // The upper half of the product spreads hashes evenly over any count (Lemire, ACM TOMACS 2019).
        return (int)Math.BigMul(StableHash.OfKey($"{tenant}/{user}"), (ulong)partitions, out _);
    }
}
