namespace Auie.Core.Ranking;

/// <summary>
/// What others made of an event when it was shown to them, up to but not in the hour in which it is shown now. It is taken only of rows that may be learnt
/// from, so that a row that is judged tells nothing, not even of another.
/// </summary>
public static class EventHistory
{
    /// <summary>The columns that <see cref="Add"/> adds.</summary>
    public static RankingColumn[] Columns { get; } = [new("interested_before"), new("interest_rate_before")];

    /// <summary>The same rows with two columns more.</summary>
    /// <param name="known">The rows whose showings are taken as known.</param>
    public static RankingRows Add(ShownRows shown, ReadOnlySpan<int> known)
    {
        var isKnown = new bool[shown.Rows.Count];
        foreach (var row in known) isKnown[row] = true;
        var byEvent = Enumerable.Range(0, shown.Pages.Rows.Length).Where(i => isKnown[shown.Pages.Rows[i]])
            .GroupBy(i => shown.Events[shown.Pages.Rows[i]]).ToDictionary(same => same.Key, same => Sums(shown.Pages, same));
        var (rows, width) = (shown.Rows, shown.Rows.Columns.Length);
        var values = new float[rows.Count * (width + Columns.Length)];
        for (var row = 0; row < rows.Count; row++)
        {
            var to = values.AsSpan(row * (width + Columns.Length), width + Columns.Length);
            rows.Row(row).CopyTo(to);
            // A row is of the first time, so that none of what came before is its own user's.
            var (times, interested) = (0, 0);
            if (byEvent.TryGetValue(shown.Events[row], out var sums) && sums.Before(SharedFeatures.HoursOf(shown.Times[row])) is var before && before >= 0)
                (times, interested) = (before + 1, sums.Interested[before]);
            to[width] = interested;
            to[width + 1] = times == 0 ? float.NaN : (float)interested / times;
        }

        return new RankingRows([.. rows.Columns, .. Columns], values, rows.Labels, rows.GroupStarts, rows.Ids);
    }

    private static Showings Sums(ShownPages pages, IEnumerable<int> showings)
    {
        var ordered = showings.Select(i => (Hour: SharedFeatures.HoursOf(pages.Times[i]), Label: (int)pages.Labels[i])).Order().ToArray();
        var (interested, sum) = (new int[ordered.Length], 0);
        for (var i = 0; i < ordered.Length; i++) interested[i] = sum += ordered[i].Label;
        return new Showings([.. ordered.Select(one => one.Hour)], interested);
    }

    /// <summary>An event's showings in order of time, each with how many were of interest up to it.</summary>
    private sealed record Showings(long[] Hours, int[] Interested)
    {
        /// <summary>The last showing before an hour; -1 where there is none.</summary>
        public int Before(long hour)
        {
            var (low, high) = (0, Hours.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Hours[middle] < hour) low = middle + 1;
                else high = middle;
            }

            return low - 1;
        }
    }
}
