using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Auie.Client.Keys;

/// <summary>What a key may be used for. Admin includes the others.</summary>
[Flags]
public enum Scopes
{
    None = 0,

    /// <summary>Reading users, segments, jobs and tables.</summary>
    Read = 1,

    /// <summary>Sending events, and making and dropping tables.</summary>
    Write = 2,

    /// <summary>Starting and cancelling jobs.</summary>
    Jobs = 4,

    /// <summary>Everything.</summary>
    Admin = Read | Write | Jobs,
}

/// <summary>A key as it is kept: its name, the SHA-256 of its text in lower-case hexadecimal, its scopes, and when it was made.</summary>
public sealed record AccessKey(string Name, string Sha256, string[] Scopes, DateTimeOffset Created)
{
    /// <summary>Draws a new key: 256 random bits. Its text is returned once and kept nowhere.</summary>
    public static (AccessKey Key, string Secret) Generate(string name, Scopes scopes, DateTimeOffset now)
    {
        var secret = "auie_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (new AccessKey(name, Convert.ToHexStringLower(HashOf(secret)), NamesOf(scopes), now), secret);
    }

    /// <summary>
    /// SHA-256 of the UTF-8 of a key. A plain hash is enough: a key is 256 random bits, so unlike a password it cannot be guessed.
    /// </summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Reads scopes by name (read, write, admin); <see cref="Scopes.None"/> where there is none or one is unknown.</summary>
    public static Scopes ScopesOf(IEnumerable<string> names)
    {
        var scopes = Keys.Scopes.None;
        foreach (var name in names)
        {
            switch (name)
            {
                case "read": scopes |= Keys.Scopes.Read; break;
                case "write": scopes |= Keys.Scopes.Write; break;
                case "admin": scopes |= Keys.Scopes.Admin; break;
                default: return Keys.Scopes.None;
            }
        }

        return scopes;
    }

    private static string[] NamesOf(Scopes scopes) => scopes == Keys.Scopes.Admin
        ? ["admin"]
        : [.. new[] { (Keys.Scopes.Read, "read"), (Keys.Scopes.Write, "write") }.Where(one => scopes.HasFlag(one.Item1)).Select(one => one.Item2)];
}
