using System.Text;

namespace Auie.Storage.Postgres;

/// <summary>
/// What PostgreSQL takes as the text of a key and as a value. It is asked before a write is queued: what the server refused in the
/// middle of a transaction would take the neighbours with it.
/// </summary>
internal static class PostgresText
{
    /// <summary>An entry of an index has to fit into a third of a page, with its numbers (https://www.postgresql.org/docs/current/btree.html).</summary>
    public const int LargestKey = 2500;

    /// <summary>A value goes over the wire within one message, which is at most 1 GB and may be of several values.</summary>
    public const int LargestValue = 256 << 20;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">A part is not valid text, holds a null character, or the key is too long.</exception>
    public static void CheckKey(params ReadOnlySpan<string> parts)
    {
        var bytes = 0;
        foreach (var part in parts)
        {
            ArgumentNullException.ThrowIfNull(part, nameof(parts));
            if (part.Contains('\0'))
                throw new ArgumentException("Text of a key must not hold a null character.", nameof(parts));
            bytes += Utf8.GetByteCount(part);
        }
        if (bytes > LargestKey)
            throw new ArgumentException($"A key of {bytes:N0} bytes of text is longer than the {LargestKey:N0} that PostgreSQL takes.", nameof(parts));
    }

    /// <exception cref="ArgumentException">The value is too large.</exception>
    public static void CheckValue(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length > LargestValue)
            throw new ArgumentException($"A value of {value.Length:N0} bytes is larger than the {LargestValue:N0} that PostgreSQL takes.", nameof(value));
    }
}
