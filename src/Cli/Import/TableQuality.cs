using System.Runtime.InteropServices;
using System.Text;
using Auie.Abstractions;

namespace Auie.Cli.Import;

/// <summary>What is missing, wrong and odd in one table, counted while it is read. What is rejected is told to a file too, where there is one.</summary>
internal sealed class TableQuality(string table, string file, RejectsFile? rejects)
{
    private const int WholeRow = -1, Examples = 3, LongestShown = 200;

    private readonly long[] _missing = new long[Layout.ColumnsOf(table).Length];
    private readonly Dictionary<(int Column, string Reason), Tally> _rejected = [], _suspicious = [];

    public string Table => table;

    /// <summary>The line of the row that is read; 0 before the header.</summary>
    public long Line { get; set; }

    public long Rows { get; set; }

    public long RejectedRows { get; private set; }

    /// <summary>The first row or cell that was rejected: its line, its column (empty: the row as a whole), its value and why; null where none was.</summary>
    public (long Line, string Column, string Value, string Reason)? FirstRejected { get; private set; }

    public void Missing(int column, long times = 1) => _missing[column] += times;

    /// <summary>A cell, or a part of it, that is left out; the row goes on without it.</summary>
    public void Reject(int column, ReadOnlySpan<byte> value, string reason)
    {
        Count(_rejected, column, value, reason);
        var name = column == WholeRow ? "" : Layout.ColumnsOf(table)[column].Name;
        FirstRejected ??= (Line, name, Shown(value), reason);
        rejects?.Add(file, Line, name, Shown(value), reason);
    }

    /// <summary>A row that is left out for one of its cells.</summary>
    public void RejectRow(int column, ReadOnlySpan<byte> value, string reason)
    {
        RejectedRows++;
        Reject(column, value, reason);
    }

    /// <summary>A row that is left out for no one cell's sake.</summary>
    public void RejectRow(ReadOnlySpan<byte> value, string reason) => RejectRow(WholeRow, value, reason);

    /// <summary>A cell that is kept as it is, and looks wrong.</summary>
    public void Suspect(int column, ReadOnlySpan<byte> value, string reason, long times = 1) => Count(_suspicious, column, value, reason, times);

    public TableReport ToReport()
    {
        var columns = Layout.ColumnsOf(table);
        var reports = new List<ColumnReport>();
        for (var column = 0; column < columns.Length; column++)
        {
            if (table == Layout.Events && column >= Layout.FirstWord) continue;
            reports.Add(WithImputed(columns[column], Report(columns[column].Name, _missing[column], columns[column].Treatment, one => one == column)));
        }

        if (table == Layout.Events)
            reports.Add(Report(Layout.Words, _missing[Layout.FirstWord..].Sum(), columns[Layout.FirstWord].Treatment, one => one >= Layout.FirstWord));
        var rows = Report("(whole row)", 0, "the row is left out", one => one == WholeRow);
        if (rows.Rejected.Length > 0) reports.Add(rows);
        return new TableReport { Table = table, Rows = Rows, RejectedRows = RejectedRows, Columns = [.. reports] };
    }

    /// <summary>A cell as people can read it: cut, and with control characters spelt out.</summary>
    public static string Shown(ReadOnlySpan<byte> value)
    {
        // More bytes than the longest text that is shown can have.
        var text = Encoding.UTF8.GetString(value.Length > 4 * LongestShown ? value[..(4 * LongestShown)] : value);
        if (!text.Any(char.IsControl)) return Cut(text);
        return Cut(string.Concat(text.Select(unit => char.IsControl(unit) ? $"\\u{(int)unit:x4}" : unit.ToString())));
    }

    public static string Cut(string text)
    {
        if (text.Length <= LongestShown) return text;
        var end = LongestShown - 1;
        if (char.IsHighSurrogate(text[end - 1])) end--;
        return text[..end] + "…";
    }

    private static void Count(Dictionary<(int, string), Tally> tallies, int column, ReadOnlySpan<byte> value, string reason, long times = 1)
    {
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(tallies, (column, reason), out _);
        tally ??= new Tally();
        tally.Count += times;
        if (tally.Examples.Count == Examples || value.IsEmpty) return;
        var shown = Shown(value);
        if (!tally.Examples.Contains(shown)) tally.Examples.Add(shown);
    }

    private ColumnReport Report(string name, long missing, string treatment, Func<int, bool> counts) => new()
    {
        Column = name,
        Missing = missing,
        Treatment = treatment,
        Rejected = Findings(_rejected, counts),
        Suspicious = Findings(_suspicious, counts),
    };

    /// <summary>A cell that is left out has no value either.</summary>
    private static ColumnReport WithImputed(Column column, ColumnReport report) => column.ImputedAs is not { } standsIn ? report : report with
    {
        Imputed = report.Missing + (column.IsList ? 0 : report.Rejected.Sum(finding => finding.Count)),
        ImputedAs = standsIn,
    };

    private static Finding[] Findings(Dictionary<(int Column, string Reason), Tally> tallies, Func<int, bool> counts) =>
    [
        .. tallies.Where(one => counts(one.Key.Column)).GroupBy(one => one.Key.Reason)
            .Select(same => new Finding(same.Key, same.Sum(one => one.Value.Count), [.. same.SelectMany(one => one.Value.Examples).Distinct().Take(Examples)]))
            .OrderByDescending(finding => finding.Count).ThenBy(finding => finding.Reason, StringComparer.Ordinal),
    ];

    private sealed class Tally
    {
        public long Count;

        public List<string> Examples { get; } = [];
    }
}
