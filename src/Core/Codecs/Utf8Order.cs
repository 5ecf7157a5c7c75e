namespace Auie.Core.Codecs;

/// <summary>
/// Text in the order of its UTF-8 bytes, which is the order of code points, and the order in which stores keep keys. It differs from the
/// order of UTF-16 units only where surrogate pairs meet the units above them.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var same = x.AsSpan().CommonPrefixLength(y);
        return same == x.Length || same == y.Length ? x.Length.CompareTo(y.Length) : Rank(x[same]).CompareTo(Rank(y[same]));
    }

    /// <summary>Puts surrogates, whose code points are the highest, above the units from U+E000 on.</summary>
    private static int Rank(char unit) => unit switch { < '\uD800' => unit, < '\uE000' => unit + 0x2000, _ => unit - 0x800 };
}
