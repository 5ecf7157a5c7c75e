using System.Globalization;
using System.Text;

namespace Auie.Client.Csv;

/// <summary>
/// Reads columns of numbers from CSV with a header. Missing are: an empty cell, NA, NaN and null, in any case; they are read as NaN.
/// Whatever else is not a finite number is gathered in <see cref="Errors"/>, and reading goes on so that one pass finds them all.
/// </summary>
public sealed class NumericCsvReader
{
    private const int LongestShown = 100;

    private readonly CsvRecordReader _records;
    private readonly NumericCsvLimits _limits;
    private readonly List<CellError> _errors = [];
    private readonly int _width;
    private readonly int[] _slots;

    private NumericCsvReader(CsvRecordReader records, NumericCsvLimits limits, string[] columns, int[] slots)
    {
        _records = records;
        _limits = limits;
        _slots = slots;
        _width = slots.Length;
        Columns = columns;
    }

    /// <summary>The columns that are read, in the order that they were asked for.</summary>
    public string[] Columns { get; }

    /// <summary>How many rows were read, bad ones too.</summary>
    public long Rows { get; private set; }

    /// <summary>The bad cells so far; reading stops when there are as many as the limits allow.</summary>
    public IReadOnlyList<CellError> Errors => _errors;

    /// <summary>Reads the header. <paramref name="columns"/>: which columns to use; null for all.</summary>
    /// <exception cref="CsvFormatException">There is no header, a column is missing from it, has no name, or has another's name.</exception>
    public static async Task<NumericCsvReader> Open(
        Stream stream, IReadOnlyList<string>? columns, NumericCsvLimits limits, CancellationToken cancellationToken)
    {
        var records = new CsvRecordReader(stream, limits);
        if (!await records.Read(cancellationToken)) throw Header(null, "the file is empty; a header with the names of the columns is needed");
        var header = new string[records.Count];
        for (var i = 0; i < header.Length; i++) header[i] = Unquote(records[i]).Trim();

        var used = columns is { Count: > 0 } ? [.. columns] : header;
        var slots = new int[header.Length];
        Array.Fill(slots, -1);
        for (var slot = 0; slot < used.Length; slot++)
        {
            var name = used[slot];
            if (name.Length == 0) throw Header(null, "a column has no name");
            var first = Array.IndexOf(header, name);
            if (first < 0) throw Header(name, $"is not in the header, which has: {string.Join(", ", header.Take(50))}");
            if (Array.LastIndexOf(header, name) != first) throw Header(name, "is in the header more than once");
            if (slots[first] >= 0) throw Header(name, "is asked for more than once");
            slots[first] = slot;
        }

        return new NumericCsvReader(records, limits, used, slots);
    }

    /// <summary>Reads rows into <paramref name="values"/>, as many as fit whole, the columns of the first, then of the second…</summary>
    /// <returns>How many rows; 0 at the end. Of a bad row nothing is kept.</returns>
    /// <exception cref="CsvFormatException">The file cannot be read on.</exception>
    public async ValueTask<int> Read(Memory<double> values, CancellationToken cancellationToken)
    {
        var rows = 0;
        while ((rows + 1) * Columns.Length <= values.Length && _errors.Count < _limits.Errors && await _records.Read(cancellationToken))
        {
            Rows++;
            if (Parse(values.Span.Slice(rows * Columns.Length, Columns.Length))) rows++;
        }

        return rows;
    }

    private bool Parse(Span<double> row)
    {
        if (_records.Count != _width)
        {
            Refuse(null, null, $"has {_records.Count} cells where the header has {_width}");
            return false;
        }

        var good = true;
        for (var field = 0; field < _width; field++)
        {
            var slot = _slots[field];
            if (slot < 0 || TryParse(_records[field], out row[slot])) continue;
            var text = Unquote(_records[field]);
            Refuse(Columns[slot], text.Length <= LongestShown ? text : text[..LongestShown] + "…", "is not a finite number");
            good = false;
        }

        return good;
    }

    private void Refuse(string? column, string? value, string reason)
    {
        if (_errors.Count < _limits.Errors) _errors.Add(new CellError(_records.Line, column, value, reason));
    }

    private static bool TryParse(ReadOnlySpan<byte> cell, out double value)
    {
        cell = cell.Trim(" \t"u8);
        if (IsMissing(cell))
        {
            value = double.NaN;
            return true;
        }

        return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    private static bool IsMissing(ReadOnlySpan<byte> cell) =>
        cell.IsEmpty || Ascii.EqualsIgnoreCase(cell, "NA"u8) || Ascii.EqualsIgnoreCase(cell, "NaN"u8) || Ascii.EqualsIgnoreCase(cell, "null"u8);

    private static string Unquote(ReadOnlySpan<byte> cell) => Encoding.UTF8.GetString(cell).Replace("\"\"", "\"");

    private static CsvFormatException Header(string? column, string reason) => new(new CellError(1, column, null, reason));
}
