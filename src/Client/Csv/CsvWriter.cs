using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Auie.Client.Csv;

/// <summary>
/// Writes CSV as RFC 4180 has it (comma, quotes where they are needed), in UTF-8. Numbers are the shortest text that reads back to
/// the same bits; a missing value is an empty cell.
/// </summary>
/// <param name="output">Where the bytes go; nothing is held back here.</param>
/// <param name="forSpreadsheets">
/// Whether a text that a spreadsheet would run as a formula (one that begins with = + - @, a tab or a carriage return) gets an apostrophe
/// before it, as OWASP advises against CSV injection. It is no longer the text that was held, so exact tables do without.
/// </param>
/// <param name="lineEnd">What ends a row.</param>
public sealed class CsvWriter(IBufferWriter<byte> output, bool forSpreadsheets = false, string lineEnd = "\r\n")
{
    private const int LongestNumber = 32;

    private bool _rowBegun;

    /// <summary>How many rows were ended, the header among them.</summary>
    public long Rows { get; private set; }

    public void Header(params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns) Text(column);
        EndRow();
    }

    public void Text(string? text)
    {
        Separate();
        if (string.IsNullOrEmpty(text)) return;
        var guarded = forSpreadsheets && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        var quoted = guarded.AsSpan().ContainsAny(",\"\r\n");
        Encoding.UTF8.GetBytes(quoted ? $"\"{guarded.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : guarded, output);
    }

    public void Number(double? number)
    {
        Separate();
        if (number is not { } value || double.IsNaN(value)) return;
        value.TryFormat(output.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public void Number(long? number)
    {
        Separate();
        if (number is not { } value) return;
        Utf8Formatter.TryFormat(value, output.GetSpan(LongestNumber), out var written);
        output.Advance(written);
    }

    public void Amount(decimal number)
    {
        Separate();
        number.TryFormat(output.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>An instant in ISO 8601, with its offset from UTC.</summary>
    public void Instant(DateTimeOffset? instant)
    {
        Separate();
        if (instant is not { } value) return;
        value.TryFormat(output.GetSpan(2 * LongestNumber), out var written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public void EndRow()
    {
        Encoding.UTF8.GetBytes(lineEnd, output);
        _rowBegun = false;
        Rows++;
    }

    private void Separate()
    {
        if (_rowBegun) output.Write(","u8);
        _rowBegun = true;
    }
}
