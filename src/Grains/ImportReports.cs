using Auie.Abstractions;
using Auie.Core.Imports;

namespace Auie.Grains;

/// <summary>Reports of imports: what they may hold, and how they are stored.</summary>
internal static class ImportReports
{
    private const int LongestSource = 64;

    /// <exception cref="InvalidRequestException">The report holds too much, or what none can hold.</exception>
    public static void Check(ImportReport report, EngineOptions limits)
    {
        if (report.Source.Length is 0 or > LongestSource || !report.Source.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw new InvalidRequestException("source", $"'{Shortened(report.Source)}' is no name for a source: 1 to {LongestSource} letters, digits, '.', '-' or '_'");
        if (!double.IsFinite(report.Seconds) || report.Seconds < 0)
            throw new InvalidRequestException("seconds", $"{report.Seconds} is no span of time");
        foreach (var (name, count) in new (string, long)[]
        {
            ("ids", report.Ids), ("knownUsers", report.KnownUsers), ("friendLinks", report.FriendLinks), ("knownFriendLinks", report.KnownFriendLinks),
            ("answers", report.Answers), ("knownAnswers", report.KnownAnswers), ("facts", report.Facts), ("added", report.Added), ("known", report.Known),
        })
            CheckCount(name, count);

        CheckLength("tables", report.Tables, limits.MaxImportTables);
        for (var i = 0; i < report.Tables.Length; i++)
            Check($"tables[{i}]", report.Tables[i], limits);
    }

    public static ImportRecord ToRecord(ImportReport report) => new(
        report.Source, report.EndedAt, report.Seconds, report.Ids, report.KnownUsers, report.FriendLinks, report.KnownFriendLinks,
        report.Answers, report.KnownAnswers, report.Facts, report.Added, report.Known,
        Array.ConvertAll(report.Tables, table => new ImportedTable(table.Table, table.Rows, table.RejectedRows,
            Array.ConvertAll(table.Columns, column => new ImportedColumn(column.Column, column.Missing, column.Treatment, Findings(column.Rejected), Findings(column.Suspicious)) { Imputed = column.Imputed, ImputedAs = column.ImputedAs }))));

    public static ImportReport Of(ImportRecord record) => new()
    {
        Source = record.Source,
        EndedAt = record.EndedAt,
        Seconds = record.Seconds,
        Ids = record.Ids,
        KnownUsers = record.KnownUsers,
        FriendLinks = record.FriendLinks,
        KnownFriendLinks = record.KnownFriendLinks,
        Answers = record.Answers,
        KnownAnswers = record.KnownAnswers,
        Facts = record.Facts,
        Added = record.Added,
        Known = record.Known,
        Tables = Array.ConvertAll(record.Tables, table => new TableReport
        {
            Table = table.Table,
            Rows = table.Rows,
            RejectedRows = table.RejectedRows,
            Columns = Array.ConvertAll(table.Columns, column => new ColumnReport
            {
                Column = column.Column,
                Missing = column.Missing,
                Treatment = column.Treatment,
                Rejected = Findings(column.Rejected),
                Suspicious = Findings(column.Suspicious),
                Imputed = column.Imputed,
                ImputedAs = column.ImputedAs,
            }),
        }),
    };

    /// <summary>The report without some of its examples, and how many these were.</summary>
    public static (ImportReport Left, int Gone) WithoutExamples(ImportReport report, Func<string, bool> isDropped)
    {
        var gone = 0;
        var left = report with
        {
            Tables = Array.ConvertAll(report.Tables, table => table with
            {
                Columns = Array.ConvertAll(table.Columns, column => column with { Rejected = Left(column.Rejected), Suspicious = Left(column.Suspicious) }),
            }),
        };
        return (left, gone);

        Finding[] Left(Finding[] findings) => Array.ConvertAll(findings, finding =>
        {
            var examples = Array.FindAll(finding.Examples, example => !isDropped(example));
            gone += finding.Examples.Length - examples.Length;
            return finding with { Examples = examples };
        });
    }

    private static ImportFinding[] Findings(Finding[] findings) => Array.ConvertAll(findings, one => new ImportFinding(one.Reason, one.Count, one.Examples));

    private static Finding[] Findings(ImportFinding[] findings) => Array.ConvertAll(findings, one => new Finding(one.Reason, one.Count, one.Examples));

    private static void Check(string field, TableReport? table, EngineOptions limits)
    {
        if (table is null)
            throw new InvalidRequestException(field, "must not be null");
        CheckText($"{field}.table", table.Table, limits);
        CheckCount($"{field}.rows", table.Rows);
        CheckCount($"{field}.rejectedRows", table.RejectedRows);
        CheckLength($"{field}.columns", table.Columns, limits.MaxImportColumns);
        for (var i = 0; i < table.Columns.Length; i++)
            Check($"{field}.columns[{i}]", table.Columns[i], limits);
    }

    private static void Check(string field, ColumnReport? column, EngineOptions limits)
    {
        if (column is null)
            throw new InvalidRequestException(field, "must not be null");
        CheckText($"{field}.column", column.Column, limits);
        CheckText($"{field}.treatment", column.Treatment, limits);
        CheckCount($"{field}.missing", column.Missing);
        CheckCount($"{field}.imputed", column.Imputed);
        if (column.ImputedAs is not null)
            CheckText($"{field}.imputedAs", column.ImputedAs, limits);
        foreach (var (name, findings) in new[] { ("rejected", column.Rejected), ("suspicious", column.Suspicious) })
        {
            CheckLength($"{field}.{name}", findings, limits.MaxImportFindings);
            for (var i = 0; i < findings.Length; i++)
                Check($"{field}.{name}[{i}]", findings[i], limits);
        }
    }

    private static void Check(string field, Finding? finding, EngineOptions limits)
    {
        if (finding is null)
            throw new InvalidRequestException(field, "must not be null");
        CheckText($"{field}.reason", finding.Reason, limits);
        CheckCount($"{field}.count", finding.Count);
        CheckLength($"{field}.examples", finding.Examples, limits.MaxImportExamples);
        for (var i = 0; i < finding.Examples.Length; i++)
            CheckText($"{field}.examples[{i}]", finding.Examples[i], limits);
    }

    private static void CheckCount(string field, long count)
    {
        if (count < 0)
            throw new InvalidRequestException(field, $"{count} is negative");
    }

    private static void CheckLength<T>(string field, T[] values, int most)
    {
        if (values.Length > most)
            throw new InvalidRequestException(field, $"there are {values.Length}; at most {most} are kept");
    }

    private static void CheckText(string field, string? text, EngineOptions limits)
    {
        if (text is null)
            throw new InvalidRequestException(field, "must not be null");
        if (text.Length > limits.MaxImportText)
            throw new InvalidRequestException(field, $"has {text.Length} characters; at most {limits.MaxImportText} are kept");
    }

    private static string Shortened(string text) => text.Length <= LongestSource ? text : $"{text[..LongestSource]}…";
}
