using System.Globalization;
using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How silhouettes of users look to a person.</summary>
internal static class SilhouetteViews
{
    public static IEnumerable<IRenderable> Of(UserSilhouette view)
    {
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"{view.Persona} (segment {view.Segment} of model version {view.ModelVersion}, as of {Views.Instant(view.AsOf)}): silhouette {view.Silhouette:F3}{Error(view)}"));
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"Mean distance {view.OwnDistance:F3} to the others there{(view.Neighbour is { } neighbour ? $", {view.NeighbourDistance:F3} to {view.NeighbourPersona} (segment {neighbour})" : "")}."));
    }

    public static IEnumerable<IRenderable> Of(BorderView view)
    {
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"Segment {view.Segment} of model version {view.Version}: {view.Size:N0} members, {view.Considered:N0} of them looked at; {Method(view)}"));
        var table = Views.Grid("User", "Silhouette", "Off by", "Near to");
        foreach (var member in view.Members)
        {
            table.AddRow(Views.Cells(
                member.User,
                member.Silhouette.ToString("F3", CultureInfo.InvariantCulture),
                member.SilhouettePracticalError.ToString("F3", CultureInfo.InvariantCulture),
                member.Neighbour is { } neighbour ? $"{member.NeighbourPersona} ({neighbour})" : ""));
        }

        yield return table;
    }

    private static string Method(BorderView view) => view.SilhouetteMethod == "exact"
        ? "silhouettes are exact."
        : string.Create(CultureInfo.InvariantCulture, $"silhouettes by {view.SilhouetteMethod}, in practice off by no more than told with {view.SilhouetteConfidence * 100:0.####} %.");

    private static string Error(UserSilhouette view) => view.SilhouetteMethod == "exact"
        ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $" ± {view.SilhouettePracticalError:F3} in practice at {view.SilhouetteConfidence * 100:0.####} % ({view.SilhouetteMethod}, {view.SilhouetteRows:N0})");
}
