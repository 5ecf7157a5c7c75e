using System.Globalization;
using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How what is in an engine looks to a person.</summary>
internal static class OverviewViews
{
    private const int LocalesShown = 8;

    // They tell the answers' rows, and repeat what is counted as shown.
    private const string Impressions = "impressions";

    public static IEnumerable<IRenderable> Of(EngineOverview overview)
    {
        var (users, items) = (overview.Users, overview.Items);
        var table = Views.Grid("Users", users.Users.ToString("N0"));
        table.AddRow(Views.Cells("gender", Views.Join(users.Genders)));
        table.AddRow(Views.Cells("birth year", BirthYears(users)));
        table.AddRow(Views.Cells("locale", Locales(users.Locales)));
        table.AddRow(Views.Cells("friend links", FriendLinks(users)));
        table.AddRow(Views.Cells("events and answers", Views.Join(users.Counts.Where(count => !count.Key.StartsWith(Impressions, StringComparison.Ordinal)))));
        table.AddRow(Views.Cells("last event", double.IsNaN(users.LastEvent) ? "none" : Views.Instant(DateTimeOffset.FromUnixTimeMilliseconds((long)(users.LastEvent * 1_000)))));
        yield return table;

        table = Views.Grid("Items", items.Items.ToString("N0"));
        table.AddRow(Views.Cells("with a known start", items.WithStart.ToString("N0")));
        table.AddRow(Views.Cells("answers to them", string.Create(CultureInfo.InvariantCulture,
            $"yes {items.Yes:N0}, maybe {items.Maybe:N0}, no {items.No:N0}, invited {items.Invited:N0}")));
        yield return table;

        yield return Views.Line(overview.SegmentationVersion == 0
            ? "No segmentation is published yet: 'auie recompute' makes one."
            : $"Segmentation version {overview.SegmentationVersion} is published: 'auie segments' shows it.");
        foreach (var part in overview.Imports.SelectMany(OfImport)) yield return part;
    }

    public static IEnumerable<IRenderable> OfImport(ImportReport import)
    {
        yield return Views.Line("");
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"Import of {import.Source}, ended {Views.Instant(import.EndedAt)}, {import.Seconds:N1} s: {import.Facts:N0} facts; {import.Added:N0} events were new, {import.Known:N0} known."));
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"{import.Ids:N0} ids occur, {import.KnownUsers:N0} of them are users; {import.FriendLinks:N0} friend links, {import.KnownFriendLinks:N0} to users; "
            + $"{import.Answers:N0} answers and invitations, {import.KnownAnswers:N0} by or to users."));
        var rows = Views.Grid("Table", "Rows", "Unusable");
        foreach (var table in import.Tables) rows.AddRow(Views.Cells(table.Table, table.Rows.ToString("N0"), table.RejectedRows.ToString("N0")));
        yield return rows;

        var quality = Views.Grid("Column", "Missing", "Imputed", "What is done about it", "Refused", "Looks wrong");
        foreach (var table in import.Tables)
        {
            foreach (var column in table.Columns.Where(column => column.Missing > 0 || column.Rejected.Length > 0 || column.Suspicious.Length > 0))
            {
                quality.AddRow(Views.Cells($"{table.Table}.{column.Column}", column.Missing.ToString("N0"), column.Imputed.ToString("N0"), column.Treatment,
                    Findings(column.Rejected), Findings(column.Suspicious)));
            }
        }

        if (quality.Rows.Count > 0) yield return quality;
    }

    private static string BirthYears(UserCensus users)
    {
        var known = users.BirthYears.Values.Sum();
        return known == 0 ? "0 known" : string.Create(CultureInfo.InvariantCulture,
            $"{known:N0} known, {users.BirthYears.Keys.Min()} to {users.BirthYears.Keys.Max()}, median {Median(users.BirthYears, known)}");
    }

    /// <summary>The mean of the two middle years where their number is even.</summary>
    private static double Median(Dictionary<int, long> years, long known)
    {
        var ordered = years.OrderBy(year => year.Key).ToArray();
        return (At((known - 1) / 2) + At(known / 2)) / 2.0;

        int At(long place)
        {
            var seen = 0L;
            return ordered.First(year => (seen += year.Value) > place).Key;
        }
    }

    private static string FriendLinks(UserCensus users) => users.WithFriends == 0 ? users.FriendLinks.ToString("N0") : string.Create(CultureInfo.InvariantCulture,
        $"{users.FriendLinks:N0} in the lists of {users.WithFriends:N0} of {users.Users:N0} users: {(double)users.FriendLinks / users.WithFriends:N1} each on average");

    private static string Locales(Dictionary<string, long> locales)
    {
        var most = locales.OrderByDescending(locale => locale.Value).ThenBy(locale => locale.Key, StringComparer.Ordinal).Take(LocalesShown)
            .Select(locale => string.Create(CultureInfo.InvariantCulture, $"{(locale.Key.Length == 0 ? "(none)" : locale.Key)} {locale.Value:N0}"));
        return string.Join(", ", most) + (locales.Count > LocalesShown ? $" and {locales.Count - LocalesShown} more" : "");
    }

    private static string Findings(Finding[] findings) => string.Join("; ", findings.Select(one =>
        string.Create(CultureInfo.InvariantCulture, $"{one.Count:N0} {one.Reason}{(one.Examples.Length > 0 ? $" ({string.Join(", ", one.Examples.Take(3))})" : "")}")));
}
