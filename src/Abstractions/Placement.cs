using System.Globalization;

namespace Auie.Abstractions;

/// <summary>
/// Which slot of a cluster a grain belongs to, where the host asks. There are as many slots as partitions of the journal, and a partition, its users, their feature shard
/// and the items' shard of the same number share one, so that what concerns one user stays within one silo. Nothing depends on it but speed.
/// </summary>
public static class Placement
{
    /// <summary>The slot of a grain, from 0 to <paramref name="slots"/> - 1.</summary>
    /// <param name="grainType">The grain's type as the host names it: "user" for a UserGrain.</param>
    /// <param name="key">The grain's key, as <see cref="GrainKeys"/> makes it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not at least one slot.</exception>
    public static int SlotOf(string grainType, string key, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        var separator = key.IndexOf('/', StringComparison.Ordinal);
        switch (grainType)
        {
            case "user" when separator >= 0:
                return Partitioning.PartitionOf(key.AsSpan(0, separator), key.AsSpan(separator + 1), slots);
            case "partition" or "itemshard" when Number(key.AsSpan(separator + 1)) is { } number:
                return number % slots;
            // A group lives where its first shard does.
            case "shardgroup":
                return SlotOf("featureshard", key, slots);
            case "featureshard" when separator >= 0 && key.AsSpan(separator + 1).StartsWith(GrainKeys.Users + "/", StringComparison.Ordinal)
                && Number(key.AsSpan(key.LastIndexOf('/') + 1)) is { } number:
                return number % slots;
            default:
                return Partitioning.PartitionOf(grainType, key, slots);
        }
    }

    private static int? Number(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
