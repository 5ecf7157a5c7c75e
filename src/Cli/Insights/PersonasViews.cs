using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How personas in depth look to a person.</summary>
internal static class PersonasViews
{
    private const int Told = 3;

    public static IEnumerable<IRenderable> Of(PersonasView view)
    {
        yield return Views.Line($"Version {view.ModelVersion}, made as of {Views.Instant(view.MadeAsOf)}; {view.Users:N0} users as of {Views.Instant(view.AsOf)}.");
        var farthest = view.Drift.Columns.FirstOrDefault();
        yield return Views.Line(view.Drift.Recompute
            ? $"Users have moved since it was made: auie recompute finds the personas of today. {Moved()}"
            : $"Users have hardly moved since it was made. {Moved()}");
        yield return Views.Line(view.Stability.Seeds.Length == 0 ? "There are too few rows to tell whether the same personas come out again."
            : $"Looked for again among {view.Stability.Rows:N0} rows, the same personas come out with an agreement of {Mean(view.Stability.Seeds)} from other beginnings (least {Least(view.Stability.Seeds)}) and of {Mean(view.Stability.Bootstraps)} among people drawn anew (least {Least(view.Stability.Bootstraps)}): 1 is the same, 0 chance (adjusted Rand index).");
        var table = Views.Grid("Persona", "Users", "At the border", "What sets it apart, in standard deviations from everybody");
        foreach (var one in view.Personas)
        {
            table.AddRow(Views.Cells(one.Persona, $"{one.Users:N0}", double.IsNaN(one.Border.Value) ? "" : one.Border.Value.ToString("P1", CultureInfo.InvariantCulture),
                string.Join(", ", one.SetsApart.Take(Told).Select(contrast => string.Create(CultureInfo.InvariantCulture, $"{Feature(contrast.Feature)} {Signed(contrast.Deviations, 2)}")))));
        }

        yield return table;
        if (view.PreviousVersion > 0)
        {
            var flows = Views.Grid($"Of version {view.PreviousVersion}", "Now", "Users");
            foreach (var flow in view.Flows) flows.AddRow(Views.Cells(flow.From ?? "none", flow.To, $"{flow.Users:N0}"));
            yield return flows;
        }

        var drift = Views.Grid("Feature", "Moved, in standard deviations");
        foreach (var column in view.Drift.Columns) drift.AddRow(Views.Cells(Feature(column.Feature), Signed(column.Deviations, 3)));
        yield return drift;

        string Moved()
        {
            var most = farthest is null || Math.Abs(farthest.Deviations) < 0.005 ? ""
                : string.Create(CultureInfo.InvariantCulture, $"Of features, {Feature(farthest.Feature)} has moved most, by {Signed(farthest.Deviations, 2)} standard deviations (it is time from {view.Drift.ColumnTrigger} on). ");
            return most + string.Create(CultureInfo.InvariantCulture, $"How far the personas' shares have shifted is {(double.IsNaN(view.Drift.StabilityIndex) ? "not known" : view.Drift.StabilityIndex.ToString("0.000", CultureInfo.InvariantCulture))} (population stability index; it is time from {view.Drift.StabilityTrigger} on).");
        }
    }

    /// <summary>A column of users in words: what showings call by the same name may be something else.</summary>
    private static string Feature(string name) => name switch { "birthyear" => "birth year", "friends_count" => "friends", _ => name.Replace('_', ' ') };

    /// <summary>What rounds to nothing has no sign.</summary>
    private static string Signed(double value, int digits) =>
        Math.Round(value, digits) is var rounded && rounded == 0 ? 0.0.ToString($"F{digits}", CultureInfo.InvariantCulture) : (rounded > 0 ? "+" : "") + rounded.ToString($"F{digits}", CultureInfo.InvariantCulture);

    private static string Mean(double[] values) => values.Average().ToString("0.00", CultureInfo.InvariantCulture);

    private static string Least(double[] values) => values.Min().ToString("0.00", CultureInfo.InvariantCulture);
}
