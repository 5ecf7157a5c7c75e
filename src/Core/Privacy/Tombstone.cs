using System.Security.Cryptography;
using System.Text;

namespace Auie.Core.Privacy;

/// <summary>
/// What stays of an erased id: HMAC-SHA256 of its UTF-8 bytes under a random key of the tenant's. Who has the key can tell whether an id is one of those that were erased;
/// nobody can tell from it what an id was but by trying.
/// </summary>
public static class Tombstone
{
    public const int KeyBytes = 32;

    /// <summary>The hash, in hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> key, string id)
    {
        const int small = 256;
        var most = Encoding.UTF8.GetMaxByteCount(id.Length);
        Span<byte> bytes = most <= small ? stackalloc byte[small] : new byte[most];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..Encoding.UTF8.GetBytes(id, bytes)], hash);
        return Convert.ToHexStringLower(hash);
    }
}
