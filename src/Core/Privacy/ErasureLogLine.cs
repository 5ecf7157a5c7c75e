using System.Globalization;

namespace Auie.Core.Privacy;

/// <summary>
/// A line of the log of erasures, which is kept apart from the store so that a restored backup can be told what was erased since: a key ("key ID BYTES") or a tombstone
/// ("erased KEY-ID HASH TIME"), in hexadecimal.
/// </summary>
public readonly record struct ErasureLogLine(string KeyId, byte[]? Key, string? Hash, DateTimeOffset At)
{
    private const string KeyWord = "key", ErasedWord = "erased";

    public static ErasureLogLine OfKey(byte[] key) => new(IdOf(key), key, null, default);

    public static ErasureLogLine OfTombstone(string keyId, string hash, DateTimeOffset at) => new(keyId, null, hash, at);

    /// <summary>The name of a key, which tells nothing of it.</summary>
    public static string IdOf(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[System.Security.Cryptography.SHA256.HashSizeInBytes];
        System.Security.Cryptography.SHA256.HashData(key, hash);
        return Convert.ToHexStringLower(hash[..8]);
    }

    public override string ToString() => Key is { } key
        ? $"{KeyWord} {KeyId} {Convert.ToHexStringLower(key)}"
        : string.Create(CultureInfo.InvariantCulture, $"{ErasedWord} {KeyId} {Hash} {At.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

    /// <summary>Reads a line; false for one that is none, as what a crash cut off.</summary>
    public static bool TryParse(string line, out ErasureLogLine parsed)
    {
        parsed = default;
        switch (line.Split(' '))
        {
            case [KeyWord, var id, var key] when IsHex(key, 2 * Tombstone.KeyBytes) && IdOf(Convert.FromHexString(key)) == id:
                parsed = OfKey(Convert.FromHexString(key));
                return true;
            case [ErasedWord, var id, var hash, var time] when IsHex(id, 16) && IsHex(hash, 64)
                && DateTimeOffset.TryParseExact(time, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at):
                parsed = OfTombstone(id, hash, at);
                return true;
            default:
                return false;
        }
    }

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}
