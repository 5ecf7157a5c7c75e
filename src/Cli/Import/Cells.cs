using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Auie.Cli.Import;

/// <summary>What the cells of the tables hold, read from their bytes.</summary>
internal static class Cells
{
    /// <summary>The longest text that the engine takes, in bytes.</summary>
    public const int LongestText = 2048;

    public const string NoId = "is not a whole number in plain digits", NoInstant = "is not a time from 1900 to 2200 as in 2012-10-02T15:53:05Z";

    private const int LongestInstant = 40;

    private static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd"];

    private static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero), Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Empty, only spaces (which are cut already), or None.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> cell) => cell.IsEmpty || cell.SequenceEqual("None"u8);

    /// <summary>A whole number without sign and leading zeros, so that each id has one spelling.</summary>
    public static bool TryId(ReadOnlySpan<byte> cell, out ulong id) =>
        Utf8Parser.TryParse(cell, out id, out var read, 'D') && read == cell.Length && cell[0] is >= (byte)'0' and <= (byte)'9' && (cell[0] != '0' || cell.Length == 1);

    /// <summary>A date or an instant; without an offset it is in UTC.</summary>
    public static bool TryInstant(ReadOnlySpan<byte> cell, out DateTimeOffset instant)
    {
        instant = default;
        if (cell.Length > LongestInstant) return false;
        Span<char> text = stackalloc char[LongestInstant];
        var length = Encoding.UTF8.GetChars(cell, text);
        return DateTimeOffset.TryParseExact(text[..length], InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant)
            && instant > Earliest && instant < Latest;
    }

    public static bool TryFlag(ReadOnlySpan<byte> cell, out bool flag)
    {
        flag = cell is [(byte)'1'];
        return flag || cell is [(byte)'0'];
    }

    public static bool TryWhole(ReadOnlySpan<byte> cell, out int number) =>
        int.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    /// <summary>Why a text cannot be taken, or null; quotes that were doubled are single in <paramref name="text"/>.</summary>
    public static string? Text(ReadOnlySpan<byte> cell, out string text)
    {
        text = "";
        if (cell.Length > LongestText) return $"is longer than {LongestText} bytes";
        if (!Utf8.IsValid(cell)) return "is not valid UTF-8";
        text = Encoding.UTF8.GetString(cell);
        if (text.Any(char.IsControl)) return "holds control characters";
        text = text.Replace("\"\"", "\"");
        return null;
    }
}
