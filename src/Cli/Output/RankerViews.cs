using System.Globalization;
using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How rankers and trainings look to a person.</summary>
internal static class RankerViews
{
    public static IEnumerable<IRenderable> Of(RankerList list)
    {
        yield return Views.Line(list.Published == 0 ? "The baseline ranks." : $"ranker-{list.Published} ranks.");
        if (list.Rankers.Length == 0)
        {
            yield return Views.Line("No ranker was trained yet; 'auie train --wait' trains one.");
            yield break;
        }

        var table = Views.Grid("Ranker", "Ranks", "Trained", "Learnt by", "Trees", "Occasions", "NDCG@10", "Baseline", "Better by");
        foreach (var one in list.Rankers)
        {
            var figures = one.Figures;
            table.AddRow(Views.Cells($"ranker-{one.Version}{(one.ContainsErased ? " *" : "")}", one.IsPublished ? "yes" : "", Views.Instant(one.TrainedAt), figures.Objective, Whole(figures.Trees), Whole(figures.Occasions),
                Share(figures.Ndcg), Share(figures.Baseline), Difference(figures.OverBaseline)));
        }

        yield return table;
        foreach (var one in list.Rankers.Where(one => one.RebuildBy is not null))
            yield return Views.Line($"* ranker-{one.Version} learnt from somebody who was erased since, and is dropped by {Views.Instant(one.RebuildBy!.Value)}.");
    }

    public static IEnumerable<IRenderable> Of(TrainingView trained)
    {
        if (trained.Version is { } version) yield return Views.Line($"ranker-{version} ranks from now on.");
        if (trained.Figures is not { } figures) yield break;
        yield return Views.Line($"{figures.Objective}, {Whole(figures.Trees)} trees, from {Whole(figures.Rows)} rows of {Whole(figures.Occasions)} occasions up to {Views.Instant(figures.AsOf)}. "
            + $"Judged on what was held out, NDCG@10 over {Whole(figures.Users)} users:");
        var table = Views.Grid("Ranker", "NDCG@10", "This one is better by");
        table.AddRow(Views.Cells("this one", Share(figures.Ndcg), ""));
        table.AddRow(Views.Cells("baseline", Share(figures.Baseline), Difference(figures.OverBaseline)));
        if (figures is { Published: { } published, OverPublished: { } over }) table.AddRow(Views.Cells("published before", Share(published), Difference(over)));
        yield return table;
    }

    private static string Whole(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static string Difference(DifferenceView of) => string.Create(CultureInfo.InvariantCulture, $"{of.Mean:+0.0000;-0.0000} [{of.Low:+0.0000;-0.0000}, {of.High:+0.0000;-0.0000}]");
}
