using System.Globalization;
using System.Text;
using Auie.Abstractions;
using Auie.Cli.Import;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Statistics;

namespace Auie.Cli.Insights;

/// <summary>
/// Every statement of fact in the text that AUIE was founded on, held against the tables that it speaks of: our figure, how it is defined, of how many, and whether
/// the statement holds. The verdicts follow from the figures by the rules written here.
/// </summary>
internal sealed class SeedDocument
{
    private const string Holds = "holds", Under = "holds under this definition", Not = "does not hold", Untold = "cannot be told from these tables";

    private readonly ObservedTables _tables;
    private readonly ShownPersonas _personas;
    private readonly StringBuilder _text = new();

    private SeedDocument(ObservedTables tables, ShownPersonas personas) => (_tables, _personas) = (tables, personas);

    public static async Task<string> Write(ObservedTables tables, long seed, CancellationToken cancellationToken)
    {
        var personas = await ShownPersonas.Find(tables.Showings, tables.AsOf, seed, cancellationToken);
        return new SeedDocument(tables, personas).Text(seed);
    }

    private string Text(long seed)
    {
        var asOf = _tables.AsOf.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        _text.Append(CultureInfo.InvariantCulture, $"""
            # The founding text and the data

            Written by `auie insights DIR --verdicts docs/seed.md` from the tables of the Event Recommendation Engine Challenge ([import.md](import.md)); not by hand.
            All figures are as of {asOf} UTC, the last showing in the tables (ages: the year of that less the year of birth). Intervals are of 95 %, and count
            what one user did as hanging together ([insights.md](insights.md)). Clusters: seed {seed}.

            In these tables who attends and who knows whom is drawn anew, and only how many is real; about an eighth of the original's 30.4 million links of friends and
            half of its 11.2 million attendances are here. "{Under}" means that another fair reading gives another answer; the figures say which.


            """);
        Data();
        Exploration();
        Personas();
        Impact();
        return _text.ToString();
    }

    private void Data()
    {
        Section("Data");
        var users = _tables.Audience.Users;
        Add("Consolidated over 38,000 user profiles", $"{users:N0} profiles", "rows of users that can be used", $"{users:N0}", users > 38_000 ? Holds : Not);
        Add("… and millions of event interactions", $"{_tables.Answers:N0} answers and invitations; {_tables.Showings.Count:N0} showings",
            "entries in the lists of who said yes, maybe, no or was invited; rows of train", $"{_tables.Answers:N0}", _tables.Answers > 2_000_000 ? Under : Not);
        Add("… alongside an extensive social network structure", $"{_tables.FriendLinks:N0} links in {_tables.FriendLists:N0} lists",
            "entries in the lists of friends; all other users have no list here", $"{_tables.FriendLists:N0}", _tables.FriendLinks > 1_000_000 ? Holds : Not);
        var gaps = new[] { (Layout.Users, "location"), (Layout.Users, "birthyear"), (Layout.Users, "gender"), (Layout.Events, "start_time") }
            .Select(one => $"{one.Item1}.{one.Item2} {Missing(one.Item1, one.Item2):N0} of {Table(one.Item1).Rows:N0}").ToArray();
        Add("Tackled significant missing data issues", string.Join("; ", gaps), "cells that are empty, only spaces, or None", $"{users:N0}", Missing(Layout.Users, "location") > users / 20 ? Holds : Not);
        var instants = new[] { (Layout.Users, "joinedAt"), (Layout.Events, "start_time"), (Layout.Train, "timestamp") }
            .Select(one => (Name: $"{one.Item1}.{one.Item2}", Given: Table(one.Item1).Rows - Missing(one.Item1, one.Item2), Refused: Refused(one.Item1, one.Item2))).ToArray();
        Add("… standardized timestamps across datasets", string.Join("; ", instants.Select(one => $"{one.Name} {one.Given - one.Refused:N0} of {one.Given:N0}")),
            "cells that are read as instants of UTC, of those that are not empty, only spaces, or None", $"{instants.Sum(one => one.Given):N0}", instants.All(one => one.Refused <= one.Given / 100) ? Holds : Not);
        var starts = ActivityProfile.Of("starts", "", _tables.Attendance, _tables.AsOf);
        var shown = ActivityProfile.Of("shown", "", _tables.Shown, _tables.AsOf);
        var week = starts.TopWeeks.FirstOrDefault(new Period("", 0));
        var day = starts.TopDays.FirstOrDefault(new Period("", 0));
        Add("… to track over 600,000 peak event interactions",
            $"the week {week.When}: {week.Count:N0}; the day {day.When}: {day.Count:N0}; the next weeks: {string.Join(", ", starts.TopWeeks.Skip(1).Take(2).Select(one => $"{one.When} {one.Count:N0}"))}; showings on the busiest day: {shown.TopDays[0].Count:N0}",
            "marks in lists of answers and invitations (who was invited and said yes has two), by the ISO week or day (UTC) in which their event starts", $"{_tables.Attendance.Total:N0}",
            day.Count > 600_000 ? Holds : week.Count > 600_000 ? $"{Under}: by week, not by day" : Not);
    }

    private void Exploration()
    {
        Section("Who and what");
        var who = AudienceProfile.Of(_tables.Audience, _tables.AsOf);
        var gender = who.Breakdowns.Single(one => one.Name == "gender");
        var male = gender.Shares.FirstOrDefault(share => share.Value == "male")?.Rate ?? Rate.Of(0, 0);
        Add("A male-dominated user base", $"male {Percent(male)}", "of profiles with a gender", $"{gender.Known:N0}", male.Interval.Low > 0.5 ? Holds : Not);
        var (age, aged) = (who.Numbers.Single(one => one.Name == "age"), AudienceProfile.Aged(_tables.Audience, _tables.AsOf, 25, 40));
        var young = AudienceProfile.Aged(_tables.Audience, _tables.AsOf, 18, 24);
        Add("A primary user group between 25-40 years", Invariant($"25 to 40: {Percent(aged)}; 18 to 24: {Percent(young)}; median {age.Median:0.#}, mean {age.Mean:0.0}"),
            "of profiles with a year of birth from 1900 to 2000", $"{age.N:N0}", aged.Value > 0.5 || (aged.Value > young.Value && age.Median >= 25) ? Holds : Not);

        var drivers = InterestDrivers.Of(_tables.Showings, _tables.AsOf);
        var friends = drivers.Drivers.Single(driver => driver.Feature == "friends");
        var (over, choice) = (friends.Pearson.Interval.Low > 0, friends.OnPages.Interval.Low > 0);
        Add("A positive link between 'friends_count' and event interest",
            $"over all showings: Pearson {Coefficient(friends.Pearson)}, Spearman {Coefficient(friends.Spearman)}; over showings that were not alone on their page: Pearson {Coefficient(friends.OnPages)}",
            "correlation of the length of the user's list of friends and interest (0 or 1), a row a showing. " + friends.Meaning, $"{friends.Pearson.N:N0}; {friends.OnPages.N:N0}",
            over && choice ? Holds : over ? $"{Under}: over all showings, and so weakly that it helps nobody; not where there is a choice" : Not);
        var (locales, groups) = (who.Breakdowns.Single(one => one.Name == "locale"), drivers.Groups.Single(one => one.Category == "locale"));
        var american = groups.Groups.FirstOrDefault(group => group.Value == "en_US");
        var best = groups.Groups.FirstOrDefault();
        if (american is not null && best is not null && locales.Shares.Length > 0)
        {
            var mostUsers = locales.Shares[0].Value == "en_US";
            Add("'en_US' is the most engaged region",
                $"most users: {locales.Shares[0].Value} ({locales.Shares[0].Rate.Hits:N0}); most showings: {groups.MostShown}; interest: en_US {Percent(american.Rate)}, {best.Value} {Percent(best.Rate)}",
                "users and showings by locale; interested of shown, small locales drawn towards the rate of all", $"{drivers.Showings:N0}",
                best.Value == "en_US" ? Holds : mostUsers ? $"{Under}: most users and showings, not the highest interest" : Not);
        }
    }

    private void Personas()
    {
        Section("Segments and personas");
        var model = _personas.Model;
        Add("K-means clustering, guided by silhouette score analysis, identified optimal user groupings",
            string.Join("; ", model.Scores.OrderBy(score => score.K).Select(score => Invariant($"k = {score.K}: {score.Silhouette:0.0000}"))) + Invariant($"; inertia at k = {model.Segments.Length}: {model.Inertia:0.0}"),
            "mean silhouette of showings by birth year, friends, interested, not interested, standardised", $"{_tables.Showings.Count:N0}",
            model.Segments.Length == 5 ? $"{Under}: a point a showing, three to eight clusters" : $"{Not}: the silhouette chooses {model.Segments.Length}");
        var year = _tables.AsOf.Year;
        if (Find("Social Butterflies") is (var butterflies, var social))
        {
            var difference = Effect.Raw(Column(ShownPersonas.Friends, i => _personas.Labels[i] == butterflies ? 1 : 0), Column(ShownPersonas.Friends), _tables.Showings.Users);
            Add("Segments like 'Social Butterflies' had significantly higher friend counts",
                Invariant($"{Mean(social, ShownPersonas.Friends):N0} friends, {difference.Slope:N0} [{difference.Interval.Low:N0}, {difference.Interval.High:N0}] more than in the others"),
                "mean number of friends", $"{social.Profile.Size:N0}", difference.Interval.Low > 0 ? Holds : Not);
            Add("Social Butterflies: average age around 32, with a large average friends count",
                Invariant($"birth year {Mean(social, ShownPersonas.BirthYear):0.0}, {year - Mean(social, ShownPersonas.BirthYear):0.0} years old; {Mean(social, ShownPersonas.Friends):N0} friends"),
                "means of the cluster", $"{social.Profile.Size:N0}", Math.Abs(year - Mean(social, ShownPersonas.BirthYear) - 32) <= 3 ? Holds : $"{Not} of the age; the friends do");
        }

        if (Find("Silent Observers") is (_, var silent))
        {
            Add("Silent Observers: newcomers, or users with minimal digital interaction",
                Invariant($"interested in {100 * Mean(silent, ShownPersonas.Interested):0.0} %, not interested in {100 * Mean(silent, ShownPersonas.NotInterested):0.0} % of what they are shown; {Mean(silent, ShownPersonas.Friends):N0} friends"),
                "means of the cluster", $"{silent.Profile.Size:N0}",
                Mean(silent, ShownPersonas.Interested) < 0.05 && Mean(silent, ShownPersonas.NotInterested) < 0.05 ? $"{Under}: showings without an answer; the same users answer others" : Not);
        }

        if (Find("Traditionalists") is (_, var old))
        {
            Add("Traditionalists: an average birth year of around 1954", Invariant($"birth year {Mean(old, ShownPersonas.BirthYear):0.0}"), "mean of the cluster", $"{old.Profile.Size:N0}",
                Math.Abs(Mean(old, ShownPersonas.BirthYear) - 1954) <= 3 ? Holds : $"{Not}: older than all others, but not that old");
        }

        if (Find("Detached Critics") is (_, var critics))
        {
            Add("Detached Critics: disinterested in events, around early 40s in age",
                Invariant($"not interested in {100 * Mean(critics, ShownPersonas.NotInterested):0.0} %; birth year {Mean(critics, ShownPersonas.BirthYear):0.0}, {year - Mean(critics, ShownPersonas.BirthYear):0.0} years old"),
                "means of the cluster", $"{critics.Profile.Size:N0}",
                Math.Abs(year - Mean(critics, ShownPersonas.BirthYear) - 42) <= 3 ? Holds : Mean(critics, ShownPersonas.NotInterested) > 0.5 ? $"{Not} of the age; the disinterest does" : Not);
        }

        if (Find("Enthusiasts") is (var keen, var enthusiasts))
        {
            var births = Enumerable.Range(0, _personas.Labels.Length).Where(i => _personas.Labels[i] == keen).Select(i => _personas.Values[(i * ShownPersonas.Width) + ShownPersonas.BirthYear])
                .Where(birth => !double.IsNaN(birth)).ToArray();
            var nineties = Rate.Of(births.Count(birth => birth is >= 1990 and < 2000), births.Length);
            Add("Enthusiasts: highly active, mainly from the 1990s",
                Invariant($"interested in {100 * Mean(enthusiasts, ShownPersonas.Interested):0.0} %; born from 1990 to 1999: {Percent(nineties)}"), "means of the cluster; showings to users with a birth year",
                $"{births.Length:N0}", nineties.Interval.Low > 0.5 && Mean(enthusiasts, ShownPersonas.Interested) > 0.5 ? Holds : Not);
            Add("… a tech-savvy group", "", "nothing in the tables tells what anybody knows of technology, nor what devices they use", "", Untold);
        }
    }

    private void Impact()
    {
        Section("Impact");
        Add("Targeted influencers in key locales", "", "the tables tell whom a user knows, but not truly, and nothing of what anybody did for it; `auie insights DIR --about influencers` chooses them", "", Untold);
        Add("Enhanced user interaction metrics and event interest levels", "", "would need a time before and after, or a group that was left alone", "", Untold);
        Add("Improved marketing funnel efficiency, aligning campaign peaks with user engagement trends", "", "nothing was bought and no campaign is in the tables", "", Untold);
    }

    private void Section(string name)
    {
        if (_text[^2] != '\n') _text.Append('\n');
        _text.Append(CultureInfo.InvariantCulture, $"## {name}\n\n| the text says | our figure | defined as | n | verdict |\n|---|---|---|---|---|\n");
    }

    private void Add(string statement, string figure, string definition, string n, string verdict) =>
        _text.Append(CultureInfo.InvariantCulture, $"| {statement} | {figure} | {definition} | {n} | **{verdict}** |\n");

    private (int Cluster, Segment Segment)? Find(string persona)
    {
        var at = _personas.Model.Segments.Select((segment, i) => (Cluster: i, Segment: segment)).FirstOrDefault(one => one.Segment.Persona == persona);
        return at.Segment is null ? null : at;
    }

    private static double Mean(Segment segment, int column) => segment.Profile.Means[column];

    private double[] Column(int column, Func<int, double>? of = null) =>
        [.. Enumerable.Range(0, _personas.Labels.Length).Select(i => of?.Invoke(i) ?? _personas.Values[(i * ShownPersonas.Width) + column])];

    private TableReport Table(string name) => _tables.Quality.Single(table => table.Table == name);

    private long Missing(string table, string column) => Table(table).Columns.Single(one => one.Column == column).Missing;

    private long Refused(string table, string column) => Table(table).Columns.Single(one => one.Column == column).Rejected.Sum(finding => finding.Count);

    private static string Percent(Rate rate) => Invariant($"{100 * rate.Value:0.0} % [{100 * rate.Interval.Low:0.0}, {100 * rate.Interval.High:0.0}]");

    private static string Coefficient(Correlation one) => Invariant($"{one.R:0.000} [{one.Interval.Low:0.000}, {one.Interval.High:0.000}]");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
