using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How good an engine's data is, as a person reads it.</summary>
internal static class QualityViews
{
    public static IEnumerable<IRenderable> Of(QualityView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}; {view.Users:N0} users.{(view.Users == 0 ? " Nobody is in the engine yet." : "")}");
        if (view.Users > 0)
        {
            var fields = Views.Grid("Profiles say", "Known", "Missing", "Of all", "Looks wrong", "Meant is");
            foreach (var one in view.Fields)
                fields.AddRow(Views.Cells(one.Field, $"{one.Known:N0}", $"{one.Missing.Hits:N0}", one.Missing.Value.ToString("P1", CultureInfo.InvariantCulture), Findings(one.Suspicious), one.Definition));
            yield return fields;
            yield return Views.Line($"Events and latest answers that are held: {Views.Join(view.Kept)}.");
        }

        if (view.Received is { } received)
        {
            yield return Views.Line($"Over HTTP, since it started ({Views.Instant(received.Since)}), the process that answers accepted {received.Accepted:N0} events, {received.Known:N0} of which it knew from before, and refused {received.Refused.Sum(one => one.Count):N0}; "
                + $"{received.Late:N0} came more than {received.LateAfterSeconds / 3600:0.##} hours after their own time, and {received.LeftOut:N0} properties did not fit and were left out. What a demo or another process brought in is not among them.");
            if (received.Kinds.Count > 0) yield return Views.Line($"About users, by kind: {Views.Join(received.Kinds)}. What no rule says the meaning of is kept as other.");
            if (received.Refused.Length > 0)
            {
                var refused = Views.Grid("Refused for", "Why", "Events");
                foreach (var one in received.Refused) refused.AddRow(Views.Cells(one.Field, one.Reason, $"{one.Count:N0}"));
                yield return refused;
            }
        }

        foreach (var part in view.Imports.SelectMany(OverviewViews.OfImport)) yield return part;
    }

    private static string Findings(Finding[] findings) => string.Join("; ", findings.Select(one => $"{one.Count:N0} {one.Reason}{(one.Examples.Length > 0 ? $" ({string.Join(", ", one.Examples)})" : "")}"));
}
