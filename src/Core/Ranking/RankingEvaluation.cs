namespace Auie.Core.Ranking;

/// <summary>A ranker by name, and how it learns; null for one that gives all rows the same score, which is chance.</summary>
public sealed record RankerUnderTest(string Name, Func<RankingRows, IRanker>? Fit);

/// <summary>What was measured of a ranker.</summary>
/// <param name="Scores">Of every row, by the fold's ranker that it was judged by; NaN where it was not judged.</param>
/// <param name="ByUser">Of each metric in turn, its value for each user of each fold; NaN where nothing is relevant.</param>
/// <param name="Pages">Mean average precision within the pages of several events of which one was of interest.</param>
/// <param name="Coverage">The share of events judged that come in some user's first <see cref="RankingEvaluation.Top"/>.</param>
/// <param name="Novelty">The mean, over those first, of the bits that an event's share of all yes answers says: rare ones say more.</param>
public sealed record RankerResult(string Name, double[] Scores, double[][] ByUser, double Pages, double Coverage, double Novelty);

/// <summary>Judges rankers on the same folds: each learns from a fold's training rows alone, and all that it scores is then measured.</summary>
public static class RankingEvaluation
{
    /// <summary>Of how many first places coverage and novelty are.</summary>
    public const int Top = 3;

    private static readonly RankingMetric WithinPage = new(RankingMetricKind.Map, 200);

    /// <param name="withHistory">Whether rows have the columns of <see cref="EventHistory"/> too.</param>
    public static RankerResult[] Run(
        ShownRows shown, EvaluationFold[] folds, RankingMetric[] metrics, IEnumerable<RankerUnderTest> rankers, bool withHistory = true) =>
        [.. rankers.Select(ranker => Run(shown, folds, metrics, ranker, withHistory))];

    /// <summary>The groups that some rows are of, ascending: those that <see cref="RankingRows.Of"/> keeps.</summary>
    public static IEnumerable<int> Groups(RankingRows rows, int[] some)
    {
        for (var (i, group) = (0, 0); i < some.Length; group++)
        {
            if (some[i] >= rows.GroupStarts[group + 1]) continue;
            yield return group;
            while (i < some.Length && some[i] < rows.GroupStarts[group + 1]) i++;
        }
    }

    private static RankerResult Run(ShownRows shown, EvaluationFold[] folds, RankingMetric[] metrics, RankerUnderTest ranker, bool withHistory)
    {
        var scores = new double[shown.Rows.Count];
        Array.Fill(scores, double.NaN);
        var byUser = metrics.Select(_ => new List<double>()).ToArray();
        var yes = shown.Popularity.Sum(popularity => popularity + 1);
        var (first, novelty, places) = (new HashSet<ulong>(), 0.0, 0);
        foreach (var fold in folds)
        {
            var rows = withHistory ? EventHistory.Add(shown, fold.Train) : shown.Rows;
            var test = rows.Of(fold.Test);
            var some = new float[test.Count];
            ranker.Fit?.Invoke(Known(shown, rows, fold).Of(fold.Train)).Score(test.Values, some);
            var exact = Array.ConvertAll(some, score => (double)score);
            for (var i = 0; i < fold.Test.Length; i++) scores[fold.Test[i]] = exact[i];
            for (var i = 0; i < metrics.Length; i++) byUser[i].AddRange(RankingMetrics.OfGroups(test, exact, metrics[i]));
            for (var group = 0; group < test.Groups; group++)
            {
                // Among equals by hash: chance, but the same each time.
                foreach (var row in Enumerable.Range(test.GroupStarts[group], test.GroupStarts[group + 1] - test.GroupStarts[group])
                    .OrderByDescending(row => exact[row]).ThenBy(row => test.Ids[row]).Take(Top))
                {
                    first.Add(shown.Events[fold.Test[row]]);
                    novelty += Bits(shown.Popularity[fold.Test[row]]);
                    places++;
                }
            }
        }

        var judged = folds.SelectMany(fold => fold.Test).Select(row => shown.Events[row]).Distinct().Count();
        return new RankerResult(ranker.Name, scores, [.. byUser.Select(values => values.ToArray())], Pages(shown.Pages, scores), (double)first.Count / judged, novelty / places);

        double Bits(double popularity) => -Math.Log2((popularity + 1) / yes);
    }

    /// <summary>The rows with the labels that were known when the fold's time ends.</summary>
    private static RankingRows Known(ShownRows shown, RankingRows rows, EvaluationFold fold)
    {
        if (fold.Until is not { } until) return rows;
        var labels = new float[rows.Count];
        for (var i = 0; i < shown.Pages.Rows.Length; i++)
        {
            if (shown.Pages.Times[i] < until) labels[shown.Pages.Rows[i]] = Math.Max(labels[shown.Pages.Rows[i]], shown.Pages.Labels[i]);
        }

        return new RankingRows(rows.Columns, rows.Values, labels, rows.GroupStarts, rows.Ids);
    }

    private static double Pages(ShownPages pages, double[] scores)
    {
        var (sum, count) = (0.0, 0);
        for (var page = 0; page + 1 < pages.Starts.Length; page++)
        {
            var range = pages.Starts[page]..pages.Starts[page + 1];
            var ofPage = Array.ConvertAll(pages.Rows[range], row => scores[row]);
            if (ofPage.Length < 2 || ofPage.Any(double.IsNaN) || RankingMetrics.Of(pages.Labels[range], ofPage, WithinPage) is not { } precision) continue;
            sum += precision;
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
