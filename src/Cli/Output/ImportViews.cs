using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How the report of an import looks to a person.</summary>
internal static class ImportViews
{
    public static IEnumerable<IRenderable> Of(ImportReport report, bool sent)
    {
        var tables = Views.Grid("Table", "Rows", "Rejected");
        foreach (var table in report.Tables) tables.AddRow(Views.Cells(table.Table, $"{table.Rows:N0}", $"{table.RejectedRows:N0}"));
        yield return tables;

        var quality = Views.Grid("Column", "Missing", "Imputed", "Rejected", "Suspicious", "What is done about what is missing");
        foreach (var (table, column) in Columns(report).Where(one => !IsClean(one.Column)))
        {
            quality.AddRow(Views.Cells($"{table}.{column.Column}", $"{column.Missing:N0}", $"{column.Imputed:N0}", Count(column.Rejected), Count(column.Suspicious),
                column.Missing + column.Imputed > 0 ? column.Treatment + (column.ImputedAs is null ? "" : $" (stands in: {column.ImputedAs})") : ""));
        }

        yield return quality;
        foreach (var (table, column) in Columns(report))
        {
            foreach (var finding in column.Rejected) yield return Views.Line($"rejected: {table}.{column.Column} {Say(finding)}");
            foreach (var finding in column.Suspicious) yield return Views.Line($"suspicious: {table}.{column.Column} {Say(finding)}");
        }

        yield return Views.Line($"{report.Ids:N0} ids of people occur; {report.KnownUsers:N0} of them have a profile.");
        yield return Views.Line($"{report.Answers:N0} answers and invitations, {report.KnownAnswers:N0} by or to people with a profile.");
        yield return Views.Line($"{report.FriendLinks:N0} friend links, {report.KnownFriendLinks:N0} to people with a profile.");
        var facts = $"{report.Facts:N0} facts in {report.Seconds:N1} s ({report.Facts / Math.Max(report.Seconds, 1e-3):N0}/s)";
        yield return Views.Line(sent
            ? $"{facts}; {report.Added:N0} events were new to the engine, {report.Known:N0} it had."
            : $"{facts}; nothing was sent.");
        if (sent) yield return Views.Line("The personas of those who were shown something: auie recompute --features impressions --k 3..8 --wait");
    }

    private static IEnumerable<(string Table, ColumnReport Column)> Columns(ImportReport report) =>
        report.Tables.SelectMany(table => table.Columns.Select(column => (table.Table, column)));

    private static bool IsClean(ColumnReport column) => column is { Missing: 0, Rejected: [], Suspicious: [] };

    private static string Count(Finding[] findings) => $"{findings.Sum(finding => finding.Count):N0}";

    private static string Say(Finding finding)
    {
        var examples = finding.Examples.Length == 0 ? "" : $" ({string.Join(", ", finding.Examples.Select(example => $"'{example}'"))})";
        return $"{finding.Reason}: {finding.Count:N0}{examples}";
    }
}
