using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How strategies look to a person: which fit whom, then what each is.</summary>
internal static class StrategyViews
{
    public static IEnumerable<IRenderable> Of(StrategiesView view, bool why)
    {
        yield return Views.Line(view.ModelVersion == 0
            ? $"The library of version {view.LibraryVersion}. No segmentation is published yet: 'auie recompute' makes one, and strategies are matched to its segments."
            : $"The library of version {view.LibraryVersion}, beside the segments of version {view.ModelVersion} as of {Views.Instant(view.AsOf!.Value)}.");
        foreach (var match in view.Matches.Where(match => match.Fits))
            yield return Views.Line($"{match.Strategy} fits {match.Persona} (segment {match.Segment}, {match.Users:N0} users).");
        if (view.ModelVersion > 0 && !view.Matches.Any(match => match.Fits)) yield return Views.Line("No strategy fits any segment; --why tells what is missing.");

        var table = Views.Grid("Strategy", "What it is", "Offer", "Which is", "Channel", "Timing", "At the most", "Influencers", "Left alone", "Judged by how many");
        foreach (var one in view.Strategies)
        {
            table.AddRow(Views.Cells(one.Name, one.Summary, one.Offer, one.Items, $"{one.Channel} That is: {one.Channels}.", $"{one.Timing} That is: {one.Times}.", $"{one.Most} in {one.Days} days", $"{one.Influencers}",
                one.Holdout.ToString("P0", CultureInfo.InvariantCulture), MeasureWords.Of(one.Measure).Do));
        }

        yield return table;
        if (!why) yield break;
        var conditions = Views.Grid("Segment", "Persona", "Strategy", "Condition", "Found", "Holds");
        foreach (var match in view.Matches)
        {
            foreach (var condition in match.Conditions)
                conditions.AddRow(Views.Cells($"{match.Segment}", match.Persona, match.Strategy, condition.Says, condition.Found, condition.Holds ? "yes" : "no"));
        }

        yield return conditions;
    }
}
