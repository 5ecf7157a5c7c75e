using System.Globalization;
using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How recommendations look to a person.</summary>
internal static class RecommendationViews
{
    public static IEnumerable<IRenderable> Of(Recommendations recommended)
    {
        var who = recommended.Persona is { } persona ? $" ({persona})" : "";
        yield return Views.Line(string.Create(CultureInfo.InvariantCulture,
            $"For {recommended.UserId}{who} as of {Views.Instant(recommended.AsOf)}: the best of {recommended.Candidates} candidates, by {recommended.Ranker}"));
        if (recommended.Items.Length == 0)
        {
            yield return Views.Line("There is nothing to recommend.");
            yield break;
        }

        var table = Views.Grid("Item", "Title", "Score", "Why");
        foreach (var item in recommended.Items)
            table.AddRow(Views.Cells(item.Id, item.Title ?? "", item.Score.ToString("F2", CultureInfo.InvariantCulture), string.Join("; ", item.Reasons)));
        yield return table;
    }
}
