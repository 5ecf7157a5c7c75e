using System.Buffers;
using System.Text;

namespace Auie.Abstractions;

/// <summary>
/// Which partition of the journal a user belongs to. The answer is stored data: it never changes for a store, whoever computes it.
/// FNV-1a (Fowler, Noll, Vo) over the UTF-8 of <c>tenant/user</c>, mixed by MurmurHash3's 64-bit finaliser, scaled to the number of partitions.
/// </summary>
public static class Partitioning
{
    /// <summary>The partition of a user, from 0 to <paramref name="partitions"/> - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is not at least one partition.</exception>
    public static int PartitionOf(ReadOnlySpan<char> tenant, ReadOnlySpan<char> user, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)Math.BigMul(HashOf(tenant, user), (ulong)partitions, out _);
    }

    /// <summary>The 64-bit hash that the partition is taken from.</summary>
    public static ulong HashOf(ReadOnlySpan<char> tenant, ReadOnlySpan<char> user)
    {
        var hash = Fold(0xCBF29CE484222325, tenant);
        hash = Fold(hash, "/");
        hash = Fold(hash, user);
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }

    private static ulong Fold(ulong hash, ReadOnlySpan<char> text)
    {
        byte[]? rented = null;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = most <= 512 ? stackalloc byte[512] : rented = ArrayPool<byte>.Shared.Rent(most);
        foreach (var value in buffer[..Encoding.UTF8.GetBytes(text, buffer)]) hash = (hash ^ value) * 0x100000001B3;
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }
}
