using System.Globalization;
using Auie.Cli.Output;
using Auie.Core.Ranking;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Evaluation;

/// <summary>How an evaluation looks to a person.</summary>
internal static class EvaluationViews
{
    public static IEnumerable<IRenderable> Of(EvaluationReport report)
    {
        yield return Views.Line($"{report.Rows:N0} pairs of {report.Users:N0} users and {report.Events:N0} events, {report.Relevant:N0} of interest; {report.Features.Length} features, {report.Folds} folds, seed {report.Seed}");
        foreach (var split in report.Splits)
        {
            yield return Views.Line(split.Split switch
            {
                "user" => $"By user: each of {split.Judged:N0} pairs is judged by rankers that saw nothing of its user.",
                SplitReport.Judge => $"By other users: each of {split.Judged:N0} pairs of the other table is judged by rankers that saw nothing of its user.",
                _ => $"By time: each of {split.Judged:N0} pairs is judged by rankers that saw only what was shown before.",
            });
            string[] metrics = [.. split.Rankers[0].Metrics.Keys];
            var table = Views.Grid(["Ranker", .. metrics, $"{metrics[0]} over popularity", "map in pages", $"coverage@{RankingEvaluation.Top}", $"novelty@{RankingEvaluation.Top}"]);
            foreach (var ranker in split.Rankers)
            {
                table.AddRow(Views.Cells([
                    ranker.Ranker, .. metrics.Select(metric => Interval(ranker.Metrics[metric])), ranker.OverPopularity.TryGetValue(metrics[0], out var over) ? Interval(over) : "",
                    ranker.PageMap is { } page ? Number(page) : "", ranker.Coverage.ToString("P0", CultureInfo.InvariantCulture), $"{ranker.Novelty.ToString("F1", CultureInfo.InvariantCulture)} bits"]));
            }

            yield return table;
            foreach (var (by, parts) in new (string, Func<RankerReport, Dictionary<string, IntervalReport>>)[] { ("segment", ranker => ranker.Segments), ("locale", ranker => ranker.Locales) })
            {
                string[] names = [.. parts(split.Rankers[0]).Keys];
                if (names.Length == 0) continue;
                var grid = Views.Grid([$"{metrics[0]} by {by}", .. names]);
                foreach (var ranker in split.Rankers) grid.AddRow(Views.Cells([ranker.Ranker, .. names.Select(name => Interval(parts(ranker)[name]))]));
                yield return grid;
            }
        }
    }

    private static string Interval(IntervalReport interval) => $"{Number(interval.Mean)} [{Number(interval.Low)}, {Number(interval.High)}]";

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
