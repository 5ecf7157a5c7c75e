using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Auie.Client.Csv;

/// <summary>
/// Reads columns of numbers from CSV with a header. Missing are: an empty cell, NA, NaN and null, in any case; they are read as NaN.
/// Whatever else is not a finite number is gathered in <see cref="Errors"/>, and reading goes on so that one pass finds them all. One more
/// column may hold for each row the text that identifies it.
/// </summary>
public sealed class NumericCsvReader
{
    /// <summary>The column that identifies rows unless it is told otherwise.</summary>
    public const string DefaultId = "id";

    private const int LongestShown = 100;

    private readonly CsvRecordReader _records;
    private readonly NumericCsvLimits _limits;
    private readonly List<CellError> _errors = [];
    private readonly int _width;
    private readonly int[] _slots;
    private readonly int _id;

    private NumericCsvReader(CsvRecordReader records, NumericCsvLimits limits, string[] columns, int[] slots, string[] header, int id)
    {
        _records = records;
        _limits = limits;
        _slots = slots;
        _width = slots.Length;
        _id = id;
        Columns = columns;
        IdColumn = id < 0 ? null : header[id];
    }

    /// <summary>The columns that are read, in the order that they were asked for.</summary>
    public string[] Columns { get; }

    /// <summary>The column whose texts identify the rows; null where they are known by their numbers.</summary>
    public string? IdColumn { get; }

    /// <summary>The line of the row that was read last.</summary>
    public long Line => _records.Line;

    /// <summary>How many rows were read, bad ones too.</summary>
    public long Rows { get; private set; }

    /// <summary>The bad cells so far; reading stops when there are as many as the limits allow.</summary>
    public IReadOnlyList<CellError> Errors => _errors;

    /// <summary>Reads the header.</summary>
    /// <param name="columns">Which columns to use; null for all but the one that identifies rows.</param>
    /// <param name="id">
    /// Which column identifies rows, empty for none; null for the one called <see cref="DefaultId"/>, where there is one that is not among
    /// <paramref name="columns"/>.
    /// </param>
    /// <exception cref="CsvFormatException">There is no header, a column is missing from it, has no name, or has another's name.</exception>
    public static async Task<NumericCsvReader> Open(
        Stream stream, IReadOnlyList<string>? columns, string? id, NumericCsvLimits limits, CancellationToken cancellationToken)
    {
        var records = new CsvRecordReader(stream, limits);
        if (!await records.Read(cancellationToken)) throw Header(null, "the file is empty; a header with the names of the columns is needed");
        var header = new string[records.Count];
        for (var i = 0; i < header.Length; i++) header[i] = TextOf(records, i).Trim();

        string[]? chosen = columns is { Count: > 0 } ? [.. columns] : null;
        var idAt = IdAt(header, chosen, id);
        var used = chosen ?? [.. header.Where((_, at) => at != idAt)];
        if (used.Length == 0) throw Header(header[idAt], "is the only column, and identifies the rows; there is none to read numbers from");
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

        return new NumericCsvReader(records, limits, used, slots, header, idAt);
    }

    /// <summary>Reads rows into <paramref name="values"/>, as many as fit whole, the columns of the first, then of the second…</summary>
    /// <returns>How many rows; 0 at the end. Of a bad row nothing is kept.</returns>
    /// <exception cref="CsvFormatException">The file cannot be read on.</exception>
    public ValueTask<int> Read(Memory<double> values, CancellationToken cancellationToken) => Read(values, default, cancellationToken);

    /// <summary>As the other, and puts the texts that identify the rows into <paramref name="ids"/>, where there is an <see cref="IdColumn"/>.</summary>
    public async ValueTask<int> Read(Memory<double> values, Memory<string> ids, CancellationToken cancellationToken)
    {
        var rows = 0;
        while ((rows + 1) * Columns.Length <= values.Length && _errors.Count < _limits.Errors && await _records.Read(cancellationToken))
        {
            Rows++;
            if (!Parse(values.Span.Slice(rows * Columns.Length, Columns.Length))) continue;
            if (_id >= 0 && !ids.IsEmpty) ids.Span[rows] = TextOf(_records, _id);
            rows++;
        }

        return rows;
    }

    private static int IdAt(string[] header, string[]? columns, string? id)
    {
        if (id is { Length: 0 }) return -1;
        var name = id ?? DefaultId;
        var at = Array.IndexOf(header, name);
        var asNumber = columns is not null && columns.Contains(name);
        if (id is null && (at < 0 || asNumber)) return -1;
        if (at < 0) throw Header(name, $"is to identify the rows and is not in the header, which has: {string.Join(", ", header.Take(50))}");
        if (asNumber) throw Header(name, "identifies the rows and cannot be a column of numbers too");
        if (Array.LastIndexOf(header, name) != at) throw Header(name, "is in the header more than once");
        return at;
    }

    private bool Parse(Span<double> row)
    {
        if (_records.Count != _width)
        {
            Refuse(null, null, $"has {_records.Count} cells where the header has {_width}");
            return false;
        }

        var good = _id < 0 || CheckId(_records[_id]);
        for (var field = 0; field < _width; field++)
        {
            var slot = _slots[field];
            if (slot < 0 || TryParse(_records[field], out row[slot])) continue;
            var text = TextOf(_records, field);
            Refuse(Columns[slot], text.Length <= LongestShown ? text : text[..LongestShown] + "…", "is not a finite number");
            good = false;
        }

        return good;
    }

    private bool CheckId(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty) Refuse(IdColumn, null, "is empty, and it has to identify the row");
        else if (!Utf8.IsValid(cell)) Refuse(IdColumn, null, "is not valid UTF-8, and it has to identify the row");
        else return true;
        return false;
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

    private static string TextOf(CsvRecordReader records, int field)
    {
        var text = Encoding.UTF8.GetString(records[field]);
        return records.IsQuoted(field) ? text.Replace("\"\"", "\"") : text;
    }

    private static CsvFormatException Header(string? column, string reason) => new(new CellError(1, column, null, reason));
}
