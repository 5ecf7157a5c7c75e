namespace Auie.Core.Codecs;

/// <summary>Bytes that are not what they should be: which kind of value was read, at which byte it went wrong, and how.</summary>
public sealed class CodecException(string what, int position, string reason) : Exception($"{what} cannot be read: {reason} (at byte {position}).")
{
    /// <summary>The kind of value that was read.</summary>
    public string What { get; } = what;

    /// <summary>The byte at which it went wrong.</summary>
    public int Position { get; } = position;
}
