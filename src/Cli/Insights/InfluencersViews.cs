using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How those who carry a word in a running engine look to a person.</summary>
internal static class InfluencersViews
{
    public static IEnumerable<IRenderable> Of(InfluencersView view)
    {
        yield return Views.Line($"As of {Views.Instant(view.AsOf)}, by lists of friends of the last flush; {view.People:N0} people and {view.Pairs:N0} pairs of friends among them."
            + (view.ModelVersion > 0 ? $" Segments of version {view.ModelVersion}." : "") + " The chances that a word passes are a model: compare choices by it, and do not promise its numbers. Intervals are of 95 %.");
        if (view.Nobody is { } nobody)
        {
            yield return InsightsViews.Nobody(nobody);
            yield break;
        }

        if (view.Methods.Length == 0) yield break;
        foreach (var method in view.Methods)
        {
            yield return Views.Line($"{Chosen(method.Method)}: {method.People.Length:N0} people are expected to reach {Number(method.Reach.Value)} of {view.People:N0} ({Number(method.Reach.Low)} to {Number(method.Reach.High)})"
                + (method.Guarantee > 0 ? $", at least {method.Guarantee.ToString("P0", CultureInfo.InvariantCulture)} of the best possible." : "."));
        }

        if (view.Methods.Length > 1 && view.Methods[1..].All(other => other.Reach.High >= view.Methods[0].Reach.Low)) yield return Views.Line("Among these people it hardly matters how they are chosen.");
        var table = Views.Grid("Influencer", "Friends among them", "Reaches", "Adds");
        foreach (var one in view.Methods[0].People) table.AddRow(Views.Cells(one.User, $"{one.Friends:N0}", Number(one.Alone), Number(one.Added)));
        yield return table;
    }

    /// <summary>What choosing by a method comes to, with the method's name.</summary>
    public static string Chosen(string method) => method switch
    {
        "imm" => "Chosen for their reach together (influence maximisation, IMM)",
        "degree" => "Those with most friends (degree)",
        "pagerank" => "Those whose friends are well connected (PageRank)",
        _ => method,
    };

    private static string Number(double value) => value.ToString(value < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}
