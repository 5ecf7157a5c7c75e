using System.Security.Cryptography;
using Auie.Client.Keys;

namespace Auie.Api.Access;

/// <summary>The keys that open the API, by their hashes.</summary>
public sealed class KeyStore
{
    private readonly (byte[] Hash, AccessKey Key, Scopes Scopes)[] _keys;

    /// <param name="keys">Keys as <see cref="KeyFile.Load"/> has checked them.</param>
    public KeyStore(IEnumerable<AccessKey> keys) => _keys =
    [
        .. keys.Select(key => (Convert.FromHexString(key.Sha256), key, AccessKey.ScopesOf(key.Scopes))),
    ];

    /// <summary>No keys: the API is open to this machine, and closed to every other.</summary>
    public static KeyStore Empty { get; } = new([]);

    public bool IsEmpty => _keys.Length == 0;

    /// <summary>Reads a file of keys.</summary>
    /// <exception cref="InvalidDataException">It is none, or holds no key: a file that was asked for must not leave the API open.</exception>
    public static KeyStore Load(string path)
    {
        var keys = KeyFile.Load(path).Keys;
        return keys.Length > 0 ? new KeyStore(keys) : throw new InvalidDataException($"{path} holds no keys.");
    }

    /// <summary>What a key opens, or null for an unknown one. Takes as long for every key, known or not.</summary>
    public (string Name, Scopes Scopes)? Find(string secret)
    {
        var hash = AccessKey.HashOf(secret);
        (string, Scopes)? found = null;
        foreach (var (known, key, scopes) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known)) found = (key.Name, scopes);
        }

        return found;
    }
}
