using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How insights of an engine look to a person: as those of tables do.</summary>
internal static class LiveInsightsViews
{
    public static IEnumerable<IRenderable> Of(AudienceView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}; {view.Users:N0} of {view.Of:N0} users.{(view.ModelVersion > 0 ? $" Segments of version {view.ModelVersion}." : "")} Intervals are of 95 %.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        var profile = new AudienceProfile(view.Users, view.AsOf,
            [.. view.Breakdowns.Select(one => new Breakdown(one.Name, one.Definition, one.Known, one.Missing, [.. one.Shares.Select(share => new Share(share.Value, RateOf(share.Rate)))], one.Others))],
            [.. view.Numbers.Select(one => new NumberSummary(one.Name, one.Definition, one.N, one.Mean, one.LowerQuartile, one.Median, one.UpperQuartile))]);
        foreach (var part in InsightsViews.OfWho(profile)) yield return part;
    }

    public static IEnumerable<IRenderable> Of(InterestView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}; {view.Users:N0} users, to whom something was shown {view.Showings:N0} times.{(view.ModelVersion > 0 ? $" Personas of version {view.ModelVersion}." : "")} Intervals are of 95 %, users taken as independent.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        if (view.NoSegmentation is { } none) yield return InsightsViews.NoSegmentation(none);
        if (view.Showings == 0) yield break;
        yield return Views.Line($"Of what was shown {InsightsViews.Percent(RateOf(view.Interested))} was of interest, {InsightsViews.Percent(RateOf(view.NotInterested))} was turned down.");
        foreach (var groups in view.Groups)
        {
            var rates = new GroupRates(groups.Category, groups.Definition,
                [.. groups.Groups.Select(one => RateOf(one)!)], groups.MostShown, groups.FirstIsAhead)
            {
                LeftOut = groups.LeftOut, Others = RateOf(groups.Others), Unknown = RateOf(groups.Unknown),
            };
            foreach (var part in InsightsViews.OfGroups(rates)) yield return part;
        }
    }

    public static IEnumerable<IRenderable> Of(EffectsView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}.{(view.ModelVersion > 0 ? $" Segments of version {view.ModelVersion}." : "")} Something was shown to {view.ShownTo:N0} users; of {view.Kept:N0} the journal still tells, and {view.Users:N0} of these are looked at"
            + $"{(view.Since is { } since ? $", who were shown something {view.Showings:N0} times since {Views.Instant(since)}" : "")}. Intervals are of 95 %, users taken as independent. {InsightsViews.WhatChanceMeans}");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        if (view.Showings == 0) yield break;
        var drivers = new InterestDrivers((int)view.Showings, (int)view.Users, (int)view.Pages, view.AsOf, RateOf(view.Interested), RateOf(view.NotInterested),
            [.. view.Drivers.Select(one => new Driver(
                one.Feature, one.Definition, one.Unit, one.Step, CorrelationOf(one.Pearson), CorrelationOf(one.Spearman), CorrelationOf(one.OnPages), EffectOf(one.Raw), one.Raw.Q, EffectOf(one.Within), one.Within.Q,
                [.. one.Curve.Select(bin => new DriverBin(bin.From, bin.To, RateOf(bin.Rate), EffectOf(bin.Within), bin.Within.Q) { Adjusted = EffectOf(bin.Adjusted), AdjustedQ = bin.Adjusted.Q })], one.Meaning)
            {
                AdjustedRaw = EffectOf(one.AdjustedRaw),
                AdjustedRawQ = one.AdjustedRaw.Q,
                AdjustedWithin = EffectOf(one.AdjustedWithin),
                AdjustedWithinQ = one.AdjustedWithin.Q,
            })], [],
            [.. view.Matrix.Select(pair => new CorrelationPair(pair.First, pair.Second, CorrelationOf(pair.Pearson), pair.PearsonQ, CorrelationOf(pair.Spearman), pair.SpearmanQ))]);
        foreach (var part in InsightsViews.OfDrivers(drivers)) yield return part;
    }

    public static IEnumerable<IRenderable> Of(FunnelView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}.{(view.ModelVersion > 0 ? $" Segments of version {view.ModelVersion}." : "")} A step counts users who ever took it and all before it, in whatever order; shares are of those who took the one before. Spent is what all of a group spent, whatever steps they took. Intervals are of 95 %.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }
        if (view.Overlaps) yield return Overlapping();
        if (Worst([.. view.Steps.Select(step => step.Name)], [.. view.Groups[0].Reached.Select(reached => reached.OfBefore)]) is { } worst) yield return worst;
        var table = Views.Grid([view.By ?? "Whom", "Users", .. view.Steps.Select(step => step.Name), "Spent by all", "Of it by who took every step"]);
        foreach (var group in view.Groups)
        {
            table.AddRow(Views.Cells([NameOf(group.Value, group.IsUnknown), OfEverybody(group.Users, group.Value.Length == 0 && !group.IsUnknown, group.OfAll),
                .. group.Reached.Select(reached => $"{reached.Users:N0}" + (reached.OfBefore.N == 0 ? "" : $", {ShareOf(reached.OfBefore)}")), Money(group.Spent), Money(group.SpentToEnd)]));
        }

        yield return table;
        foreach (var step in view.Steps) yield return Views.Line($"{step.Name}: {step.Definition}");
    }

    public static IEnumerable<IRenderable> Of(OrderedFunnelView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}, of {view.Events:N0} events, users' latest{(view.Since is { } since ? $" since {Views.Instant(since)}" : "")}.{(view.ModelVersion > 0 ? $" Segments of version {view.ModelVersion}." : "")} "
            + $"Steps count in order, all within {view.WindowSeconds / 3600:0.##} hours of the first. Times are of half and of nine of ten of those who took the step since the one before, at the most. Shares are of those who took the step before and whose time from the first step is over; who may still go on is told apart. "
            + "Paid is what was paid within these hours of the first step: by all who took it, and of that by those who came to the last. Intervals are of 95 %.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        if (view.Overlaps) yield return Overlapping();
        if (view.Meant - view.Groups[0].Users is > 0 and var others)
            yield return Views.Line($"Of {view.Meant:N0} users who are meant {view.Groups[0].Users:N0} took the first step so that it is known when, and are everybody here; of the other {others:N0}, {view.FirstNotKept:N0} took it, but when is not kept, and {others - view.FirstNotKept:N0} never did.");
        var everybody = view.Groups[0];
        if (everybody.Users > 0 && everybody.Reached[0].OfFirst.N == 0)
        {
            var isLonger = view.Since is { } earliest && view.AsOf - earliest < TimeSpan.FromSeconds(Math.Min(view.WindowSeconds, TimeSpan.MaxValue.TotalSeconds / 2));
            yield return Views.Line($"No share can be told: nobody's {view.WindowSeconds / 3600:0.##} hours since the first step are over{(isLonger ? ", which is longer than what is known goes back" : "")}, and all who have not come to the end are counted as not yet. A shorter --within tells shares.");
        }

        if (Worst(view.Steps, [.. everybody.Reached.Select(reached => reached.OfBefore)]) is { } worst) yield return worst;
        if (view.Groups.Any(group => group.Reached.Any(reached => reached.MedianWait is not null)))
            yield return Views.Line("After each share stand two times since the step before: half of those who went on took the first at the most, nine of ten the second. Times are rounded up to the next power of two of a second (64 s, 128 s, …), so that each is up to twice as long as it was.");
        var table = Views.Grid(["Whom", "Users", .. view.Steps, "Paid by all who began", "Of it by who came to the end"]);
        foreach (var group in view.Groups)
        {
            table.AddRow(Views.Cells([NameOf(group.Value, group.IsUnknown), OfEverybody(group.Users, group.Value.Length == 0 && !group.IsUnknown, group.OfAll), .. group.Reached.Select((reached, step) => $"{reached.Users:N0}"
                + (step == 0 || reached.OfBefore.N == 0 ? "" : $"; {reached.OfBefore.Hits:N0} are {ShareOf(reached.OfBefore)}") + (reached is { MedianWait: { } median, NinetiethWait: { } most } ? $", {Wait(median)} / {Wait(most)}" : "") + (reached.NotYet > 0 ? $"; {reached.NotYet:N0} not yet" : "")),
                $"{Money(group.Spent)} (n {group.Users:N0})", $"{Money(group.SpentToEnd)} (n {group.Reached[^1].Users:N0})"]));
        }

        yield return table;
    }

    /// <summary>Before which step most drop out; null where no share is known.</summary>
    private static Text? Worst(string[] steps, RateView[] ofBefore)
    {
        var worst = Enumerable.Range(1, Math.Max(0, steps.Length - 1)).Where(step => ofBefore[step].N > 0).OrderBy(step => ofBefore[step].Value).FirstOrDefault();
        return worst == 0 ? null : Views.Line($"Most drop out before {steps[worst]}: {ShareOf(ofBefore[worst])} go on to it from {steps[worst - 1]}.");
    }

    private static Text Overlapping() =>
        Views.Line("One user may be on several platforms, and counts on each with every step that they took: the groups add up to more than everybody. Money counts where it was paid; what was paid on no platform that is known stands beside those of whom none is.");

    /// <summary>A share with its interval and what it is of.</summary>
    private static string ShareOf(RateView rate) => $"{InsightsViews.Percent(RateOf(rate))} of {rate.N:N0}";

    private static string OfEverybody(long users, bool isEverybody, RateView ofAll) => $"{users:N0}" + (isEverybody || ofAll.N == 0 ? "" : $", {ShareOf(ofAll)}");

    private static string Money(long amount) => $"{amount / 10_000m:N2}";

    private static string NameOf(string group, bool isUnknown) => isUnknown ? InsightsViews.NotKnown : group.Length == 0 ? "everybody" : group;

    private static string Wait(double seconds) => seconds < 120 ? $"{seconds:0} s" : seconds < 7200 ? $"{seconds / 60:0} min" : seconds < 172_800 ? $"{seconds / 3600:0} h" : $"{seconds / 86_400:0} d";

    private static Effect EffectOf(EffectView view) => new(view.Value, (int)view.N, new Interval(view.Low, view.High), double.NaN);

    private static Correlation CorrelationOf(CorrelationView view) => new(view.R, (int)view.N, new Interval(view.Low, view.High), double.NaN);

    private static GroupRate? RateOf(GroupRateView? view) => view is null ? null
        : new GroupRate(view.Value, RateOf(view.Rate), view.Volume, view.Shrunk, new Interval(view.ShrunkLow, view.ShrunkHigh)) { Users = view.Users, MayBeAsHigh = view.MayBeAsHigh };

    private static Rate RateOf(RateView view) => new(view.Value, view.Hits, view.N, new Interval(view.Low, view.High));
}
