using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Auie.Core;

/// <summary>
/// Hashes that never change: not between processes, machines or versions. Where a chunk of keys begins and every
/// random choice of a fit follow from them, so that none of these depends on how the work is spread.
/// </summary>
public static class StableHash
{
    /// <summary>The 64-bit id of a key: <see cref="OfBytes"/> over its UTF-8 bytes.</summary>
    public static ulong OfKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        const int small = 512;
        Span<byte> buffer = key.Length <= small ? stackalloc byte[3 * small] : new byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
        return OfBytes(buffer[..Encoding.UTF8.GetBytes(key, buffer)]);
    }

    /// <summary>FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 64 bits, then <see cref="Mix"/>.</summary>
    public static ulong OfBytes(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * 1099511628211UL;
        return Mix(hash);
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection in which each input bit moves half of the output's.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    /// <summary>A seed of its own for each (seed, salt): for a start, a round, a trial.</summary>
    public static ulong Derive(ulong seed, ulong salt) => Mix(Mix(seed) ^ salt);

    /// <summary>The hash of (seed, row, round).</summary>
    public static ulong OfRow(ulong seed, ulong rowId, int round) => new RowHashes(seed, round).Of(rowId);

    /// <summary>The upper 53 bits of a hash as a number from 0 up to, not including, 1.</summary>
    public static double ToUnit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));
}

/// <summary><see cref="StableHash.OfRow"/> of many rows.</summary>
internal readonly struct RowHashes(ulong seed, int round)
{
    private readonly ulong _derived = StableHash.Derive(seed, (ulong)round);

    public ulong Of(ulong rowId) => StableHash.Mix(_derived ^ StableHash.Mix(rowId));

    /// <summary>The same of many rows, several at a time.</summary>
    public void Of(ReadOnlySpan<ulong> rowIds, Span<ulong> hashes)
    {
        var derived = Vector512.Create(_derived);
        var ids = MemoryMarshal.Cast<ulong, Vector512<ulong>>(rowIds);
        var found = MemoryMarshal.Cast<ulong, Vector512<ulong>>(hashes);
        for (var i = 0; i < ids.Length; i++)
            found[i] = Mix(derived ^ Mix(ids[i]));
        for (var i = ids.Length * Vector512<ulong>.Count; i < rowIds.Length; i++)
            hashes[i] = Of(rowIds[i]);

        // As StableHash.Mix.
        static Vector512<ulong> Mix(Vector512<ulong> value)
        {
            value += Vector512.Create(0x9E3779B97F4A7C15UL);
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}
