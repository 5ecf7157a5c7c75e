using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How insights look to a person: what they say first, then the figures.</summary>
internal static class InsightsViews
{
    /// <summary>The row of those of whom it is not known.</summary>
    public const string NotKnown = "(not known)";

    /// <summary>Heads a column of q: how often chance alone makes as much.</summary>
    public const string ByChance = "By chance (q)";

    public const string WhatChanceMeans = "Points are percentage points: from 20 % to 25 % is +5.0. \"By chance\" is how much of what is told with so small a figure, or a smaller, is chance alone (q: p corrected for all tests beside it); found means 5 % at the most.";

    /// <summary>Why a day and its week are told with other expectations.</summary>
    public const string TwoExpectations = "What is expected of a day is by its weekday and the weeks around, of a week by the weeks around it: a day and its week are tested apart, and their expectations do not add up.";

    private const int GroupsShown = 8, PairsShown = 12, PeopleShown = 10, AsHighNamed = 3, BusiestNamed = 3;

    private static readonly string[] Weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    public static IEnumerable<IRenderable> Of(InsightsReport report)
    {
        yield return Views.Line($"As of {Views.Instant(report.AsOf)}. Intervals are of 95 %, and count what one user did as hanging together. {WhatChanceMeans}");
        IEnumerable<IRenderable> parts =
        [
            .. report.Quality is { } quality ? OfQuality(quality) : [],
            .. report.Who is { } who ? OfWho(who) : [],
            .. report.Drivers is { } drivers ? OfDrivers(drivers) : [],
            .. report.When is { } when ? when.SelectMany(OfWhen) : [],
            .. report.Windows is { } windows ? OfWindows(windows) : [],
            .. report.Influencers is { } influencers ? influencers.SelectMany(OfInfluence) : [],
        ];
        foreach (var part in parts) yield return part;
    }

    private static IEnumerable<IRenderable> OfQuality(TableReport[] quality)
    {
        var table = Views.Grid("DATA", "Rows", "Rejected rows", "Column", "Missing", "Imputed", "Rejected", "Suspicious", "For example");
        foreach (var one in quality)
        {
            foreach (var column in one.Columns.Where(column => column is not { Missing: 0, Rejected: [], Suspicious: [] }))
            {
                table.AddRow(Views.Cells(one.Table, $"{one.Rows:N0}", $"{one.RejectedRows:N0}", column.Column, $"{column.Missing:N0}", $"{column.Imputed:N0}", $"{column.Rejected.Sum(finding => finding.Count):N0}",
                    $"{column.Suspicious.Sum(finding => finding.Count):N0}", string.Join(", ", column.Rejected.Concat(column.Suspicious).SelectMany(finding => finding.Examples).Take(3).Select(example => $"'{example}'"))));
            }
        }

        yield return table;
    }

    public static IEnumerable<IRenderable> OfWho(AudienceProfile who)
    {
        yield return Views.Line(Views.Visible($"WHO: {who.Users:N0} users. {string.Join("; ", who.Breakdowns.Where(one => one.Known > 0 && one.Shares.Length > 0).Select(Largest))}."));
        foreach (var number in who.Numbers.Where(number => number.N > 0))
            yield return Views.Line(Text($"{number.Name} ({number.Definition}): median {number.Median:0.#}, mean {number.Mean:0.0}, half of all from {number.LowerQuartile:0.#} to {number.UpperQuartile:0.#}; n {number.N:N0}"));
        foreach (var one in who.Breakdowns.Where(one => one.Known > 0))
        {
            var table = Views.Grid(one.Name, "Users", "Share [95 %]", $"n {one.Known:N0}, unknown {one.Missing:N0}: {one.Definition}");
            foreach (var share in one.Shares) table.AddRow(Views.Cells(share.Value, $"{share.Rate.Hits:N0}", Percent(share.Rate), ""));
            if (one.Others > 0) table.AddRow(Views.Cells("(others)", $"{one.Others:N0}", "", ""));
            if (one.Missing > 0) table.AddRow(Views.Cells(NotKnown, $"{one.Missing:N0}", "", ""));
            yield return table;
        }
    }

    /// <summary>The line that says that nobody is meant. What users write does nothing to a terminal.</summary>
    public static IRenderable Nobody(string nobody) => Views.Line(Views.Visible($"{char.ToUpperInvariant(nobody[0])}{nobody[1..]}."));

    /// <summary>The line that says why no personas are told apart.</summary>
    public static IRenderable NoSegmentation(string why) => Views.Line($"{char.ToUpperInvariant(why[0])}{why[1..]}, so that personas are not told apart: 'auie recompute' makes one.");

    public static string Lasts(int count, string unit) => count == 1 ? $"1 {unit}" : $"{count} {unit}s";

    private static string Largest(Breakdown one)
    {
        var share = one.Shares.MaxBy(share => share.Rate.Hits)!;
        return Text($"{one.Name}: most often {share.Value} ({share.Rate.Value:P1} of {one.Known:N0})");
    }

    public static IEnumerable<IRenderable> OfDrivers(InterestDrivers drivers)
    {
        yield return Views.Line($"WHAT DRIVES INTEREST: of {drivers.Showings:N0} showings to {drivers.Users:N0} users on {drivers.Pages:N0} pages, {Percent(drivers.Interested)} were of interest, {Percent(drivers.NotInterested)} were turned down.");
        foreach (var driver in drivers.Drivers)
        {
            yield return Views.Line($"- {driver.Meaning}");
            if (Bands(driver) is { } bands) yield return Views.Line($"  {bands}");
        }

        var table = Views.Grid("What", "n", "Unit", "Over all, points [95 %]", ByChance, "Among what was shown together [95 %]", ByChance, "Over all, after the others [95 %]", ByChance, "Shown together, after the others [95 %]", ByChance, "Correlation (Pearson)", "Of ranks (Spearman)", "On pages of 2 or more");
        foreach (var driver in drivers.Drivers)
        {
            table.AddRow(Views.Cells(driver.Label, $"{driver.Pearson.N:N0}", driver.Unit, InPoints(driver.Raw), Q(driver.RawQ), InPoints(driver.Within), Q(driver.WithinQ), InPoints(driver.AdjustedRaw), Q(driver.AdjustedRawQ), InPoints(driver.AdjustedWithin), Q(driver.AdjustedWithinQ),
                Coefficient(driver.Pearson), Coefficient(driver.Spearman), Coefficient(driver.OnPages)));
        }

        yield return table;
        foreach (var driver in drivers.Drivers)
        {
            var curve = Views.Grid(driver.Label, "n", "Interest [95 %]", "Against the rest of the same page", "After the others", driver.Definition);
            foreach (var bin in driver.Curve) curve.AddRow(Views.Cells(CurveBand.Name(driver, bin), $"{bin.Rate.N:N0}", Percent(bin.Rate), InPoints(bin.Within), InPoints(bin.Adjusted), ""));
            yield return curve;
        }

        foreach (var part in drivers.Groups.SelectMany(OfGroups)) yield return part;
        var matrix = Views.Grid("Correlated", "with", "n", "Correlation (Pearson) [95 %]", ByChance, "Of ranks (Spearman) [95 %]", ByChance);
        foreach (var pair in drivers.Matrix.Where(pair => pair.PearsonQ <= FalseDiscoveries.Level || pair.SpearmanQ <= FalseDiscoveries.Level)
            .OrderByDescending(pair => Math.Abs(pair.Spearman.R)).Take(PairsShown))
        {
            matrix.AddRow(Views.Cells(pair.FirstLabel, pair.SecondLabel, $"{pair.Pearson.N:N0}", WithInterval(pair.Pearson), Q(pair.PearsonQ), WithInterval(pair.Spearman), Q(pair.SpearmanQ)));
        }

        yield return matrix;
    }

    /// <summary>Every band of a curve of which one stands out by more than chance; null of any other.</summary>
    private static string? Bands(Driver driver) => !driver.Curve.Any(IsFound) ? null
        : $"By band, against the rest of the page, after the others are taken into account: {string.Join("; ", driver.Curve.Select(bin => $"{CurveBand.Name(driver, bin)}: {Against(bin)} (interest {Percent(bin.Rate)} of {bin.Rate.N:N0})"))}.";

    private static string Against(DriverBin bin) => double.IsNaN(bin.Adjusted.Slope) ? "cannot be compared" : InPoints(bin.Adjusted) + (IsFound(bin) ? "" : ", could be chance");

    private static bool IsFound(DriverBin bin) => bin.AdjustedQ <= FalseDiscoveries.Level;

    public static IEnumerable<IRenderable> OfGroups(GroupRates groups)
    {
        if (groups.Groups.Length == 0 && groups.Others is null && groups.Unknown is null) yield break;
        // One user may be on several platforms: to tell which comes first would compare people with themselves.
        if (groups.Overlaps && groups.Groups.Length > 0)
        {
            yield return Views.Line($"By {groups.Category}, on several of which one user may be, so that shares add up to more than all: most is shown to those who were ever seen on {groups.MostShown}.");
        }
        else if (groups.Groups is [var first, _, ..])
        {
            var others = groups.LeftOut == 0 ? "all others" : $"the others of the {groups.Groups.Length:N0} {groups.Category}s with most shown";
            var ahead = groups.FirstIsAhead ? $"ahead of {others} by more than chance" : $"but {AsHigh(groups)} may be as high";
            yield return Views.Line(Views.Visible(Text($"By {groups.Category} {first.Value} comes first (expected interest {100 * first.Shrunk:0.0} %), {ahead}; most is shown to {groups.MostShown}. The expected rate draws groups of few towards the rate of all; the order is by the lower end of what the rate may be, so that three people do not lead. Its interval may be wider than that of the group's own rate: how alike what one user does is, it takes from all groups together, of which the group's own users may be less alike.")));
        }

        if (groups.LeftOut > 0) yield return Views.Line($"{groups.LeftOut:N0} more, to which less was shown or which are of too few users, are not told by themselves.");
        var rates = Views.Grid(groups.Category, "Users", "n", "Of all shown", "Interest [95 %]", "Expected", "[95 %]", groups.Definition);
        foreach (var group in groups.Groups.Take(GroupsShown))
        {
            rates.AddRow(Views.Cells(group.Value, $"{group.Users:N0}", $"{group.Rate.N:N0}", Text($"{group.Volume:P1}"), Percent(group.Rate), Text($"{100 * group.Shrunk:0.0} %"),
                Text($"[{100 * group.ShrunkInterval.Low:0.0}, {100 * group.ShrunkInterval.High:0.0}]"), ""));
        }

        foreach (var (name, group) in new[] { ("(others)", groups.Others), (NotKnown, groups.Unknown) })
        {
            if (group is not null) rates.AddRow(Views.Cells(name, $"{group.Users:N0}", $"{group.Rate.N:N0}", Text($"{group.Volume:P1}"), Percent(group.Rate), "", "", ""));
        }

        yield return rates;
        if (groups.Groups.Length > GroupsShown) yield return Views.Line($"These are the first {GroupsShown} of {groups.Groups.Length:N0}; --json has all.");
    }

    /// <summary>Which groups cannot be told from the first: the largest by name.</summary>
    private static string AsHigh(GroupRates groups)
    {
        string[] alike = [.. groups.Groups.Where(group => group.MayBeAsHigh).OrderByDescending(group => group.Rate.N).Select(group => group.Value)];
        return alike.Length > AsHighNamed ? $"{string.Join(", ", alike[..AsHighNamed])} and {alike.Length - AsHighNamed:N0} more" : Either(alike, "and");
    }

    /// <summary>Names that are told as one: a, b and c.</summary>
    public static string Either(string[] names, string last) => names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} {last} {names[^1]}";

    /// <summary>Which hour or weekday has most: by name, one or a few that cannot be told apart; null where none stands out.</summary>
    public static string? Most(int[] busiest, Func<int, string> name) => busiest.Length is > 0 and <= BusiestNamed ? Either([.. busiest.Select(name)], "or") : null;

    private static IEnumerable<IRenderable> OfWhen(ActivityProfile when)
    {
        if (when.Total == 0) yield break;
        yield return Views.Line($"WHEN, {when.Name}: {when.Definition}; {when.Total:N0} in all. Most on {when.TopDays[0].When} ({when.TopDays[0].Count:N0}) and in the week {when.TopWeeks[0].When} ({when.TopWeeks[0].Count:N0}). "
            + $"By hour {(Most(when.BusiestHours, hour => $"{hour:00}:00") is { } hour ? $"most at {hour}" : "none stands out")}, by weekday {(Most(when.BusiestWeekdays, day => Weekdays[day]) is { } weekday ? $"most on {weekday}" : "none stands out")}: one is named alone only where more than chance, by how days and weeks differ, tells it from the others.");
        var hours = Views.Grid(["Hour", .. Enumerable.Range(0, Activity.HoursOfDay / 3).Select(block => $"{3 * block:00} to {(3 * block) + 3:00}")]);
        hours.AddRow(Views.Cells(["", .. Enumerable.Range(0, Activity.HoursOfDay / 3).Select(block => $"{when.Hours[(3 * block)..((3 * block) + 3)].Sum():N0}")]));
        yield return hours;
        var weekdays = Views.Grid(["Weekday", .. Weekdays]);
        weekdays.AddRow(Views.Cells(["", .. when.Weekdays.Select(count => $"{count:N0}")]));
        yield return weekdays;
        var top = Views.Grid("Days with most", "Count", "Weeks with most", "Count");
        for (var i = 0; i < Math.Max(when.TopDays.Length, when.TopWeeks.Length); i++)
        {
            var (day, week) = (when.TopDays.ElementAtOrDefault(i), when.TopWeeks.ElementAtOrDefault(i));
            top.AddRow(Views.Cells(day?.When ?? "", day is null ? "" : $"{day.Count:N0}", week?.When ?? "", week is null ? "" : $"{week.Count:N0}"));
        }

        yield return top;
        if (when.Peaks.Length == 0) yield return Views.Line("No day stands out above what its weekday and the weeks around lead one to expect.");
        if (when.WeekPeaks.Length == 0) yield return Views.Line("No week stands out above the weeks around.");
        if (when.Peaks.Length + when.WeekPeaks.Length == 0) yield break;
        yield return Views.Line(TwoExpectations);

        var peaks = Views.Grid("Peak", "Lasts", "Count", "Expected", "Top day or week", "Count on it", "Expected", "Times as many [95 %]", ByChance, "Made by");
        foreach (var (peak, lasts) in when.Peaks.Select(peak => (peak, Lasts(peak.Lasts, "day"))).Concat(when.WeekPeaks.Select(peak => (peak, Lasts(peak.Lasts, "week")))))
        {
            peaks.AddRow(Views.Cells(peak.From == peak.To ? peak.From : $"{peak.From} to {peak.To}", lasts, $"{peak.Total:N0}", $"{peak.TotalExpected:N0}", peak.Highest, $"{peak.Count:N0}", $"{peak.Expected:N0}",
                Text($"{peak.Excess:0.0} [{peak.ExcessInterval.Low:0.0}, {peak.ExcessInterval.High:0.0}]"), Q(peak.Q), string.Join(", ", peak.MadeBy.Select(maker => $"{maker.Name} ({maker.Count:N0})"))));
        }

        yield return peaks;
    }

    private static IEnumerable<IRenderable> OfWindows(SendWindow[] windows)
    {
        if (windows.Length == 0)
        {
            yield return Views.Line("WHEN TO SEND: too little was shown at any hour to say.");
            yield break;
        }

        foreach (var group in windows.GroupBy(window => window.Group))
        {
            var whom = group.Key.Length == 0 ? "everybody" : group.Key;
            yield return Views.Line(group.Where(window => window is { StandsOut: true, Lift.Slope: > 0 }).MaxBy(window => window.Lift.Interval.Low) is { } best
                ? $"WHEN TO SEND to {whom}: from {best.From:00} to {best.To:00}, where interest is {InPoints(best.Lift with { Interval = best.AsBest })} points higher than at other hours."
                : $"WHEN TO SEND to {whom}: no hours are better than others by more than chance.");
        }

        var table = Views.Grid("Whom", "Hours", "n", "Interest [95 %]", "Against other hours, points [95 %]", ByChance);
        foreach (var window in windows.Where(window => window.Group.Length == 0 || window.StandsOut))
            table.AddRow(Views.Cells(window.Group.Length == 0 ? "everybody" : window.Group, $"{window.From:00} to {window.To:00}", $"{window.Rate.N:N0}", Percent(window.Rate), InPoints(window.Lift), Q(window.Q)));
        yield return table;
    }

    private static IEnumerable<IRenderable> OfInfluence(InfluenceReport report)
    {
        foreach (var one in report.Methods)
        {
            yield return Views.Line(Text($"WHO CARRIES IT to {report.Audience}. {InfluencersViews.Chosen(one.Method)}: {one.People.Length} people are expected to reach {one.Reach:N0} [{one.ReachLow:N0}, {one.ReachHigh:N0}] of the {report.People:N0} with a profile who are in any list of friends")
                + (one.Guarantee > 0 ? Text($", at least {one.Guarantee:P0} of the most that any so many could (by {one.Samples:N0} draws, seed {report.Seed}).") : "."));
        }

        if (report.Methods[0].People.Length == 0) yield break;
        var table = Views.Grid("User", "Locale", "Friends", "Reaches alone", "Adds to those above");
        foreach (var person in report.Methods[0].People.Take(PeopleShown))
            table.AddRow(Views.Cells(person.User, person.Locale ?? "", $"{person.Friends:N0}", Text($"{person.Alone:N1}"), Text($"{person.Added:N1}")));
        yield return table;
        if (report.Methods[0].People.Length > PeopleShown) yield return Views.Line($"These are the first {PeopleShown} of {report.Methods[0].People.Length:N0}, of the first choice; --json has all.");
    }

    public static string Percent(Rate rate) => Text($"{100 * rate.Value:0.0} % [{100 * rate.Interval.Low:0.0}, {100 * rate.Interval.High:0.0}]");

    private static string InPoints(Effect effect)
    {
        if (double.IsNaN(effect.Slope)) return "no difference to see";
        if (double.IsNaN(effect.Interval.Low)) return $"{Points.Of(effect.Slope)} (interval not known)";
        var digits = Points.DigitsOf(effect.Interval);
        return $"{Points.Of(effect.Slope, digits)} [{Points.Of(effect.Interval.Low, digits)}, {Points.Of(effect.Interval.High, digits)}]";
    }

    private static string Coefficient(Correlation correlation) => double.IsNaN(correlation.R) ? "" : Text($"{correlation.R:+0.000;-0.000;0.000}");

    private static string WithInterval(Correlation correlation) => double.IsNaN(correlation.R) ? ""
        : double.IsNaN(correlation.Interval.Low) ? Coefficient(correlation)
        : Text($"{correlation.R:+0.000;-0.000;0.000} [{correlation.Interval.Low:+0.000;-0.000;0.000}, {correlation.Interval.High:+0.000;-0.000;0.000}]");

    public static string Q(double q) => double.IsNaN(q) ? "" : q < 0.001 ? "< 0.1 %" : Text($"{100 * q:0.0} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
