namespace Auie.Core.Ranking;

/// <summary>One way to part rows into those that are learnt from and those that are judged on: numbers of rows, ascending.</summary>
/// <param name="Until">What is learnt from knows nothing of this instant or later, not even that something shown before was of interest afterwards; null where time parts nothing.</param>
public sealed record EvaluationFold(int[] Train, int[] Test, DateTimeOffset? Until = null);

/// <summary>How rows are parted so that nothing that is judged was learnt from.</summary>
public static class EvaluationFolds
{
    /// <summary>
    /// Folds of whole groups, as many in each as can be: each group is judged once, by a ranker that saw nothing of its user. Which fold a user is in
    /// follows from the id.
    /// </summary>
    /// <param name="users">The id of each group's user.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or fewer groups than folds.</exception>
    public static EvaluationFold[] ByUser(RankingRows rows, ulong[] users, int folds, ulong seed = 1)
    {
        Check(users.Length, folds, "users");
        var order = Enumerable.Range(0, users.Length).OrderBy(group => StableHash.Derive(seed, users[group])).ToArray();
        var foldOf = new int[rows.Count];
        for (var i = 0; i < order.Length; i++) foldOf.AsSpan(rows.GroupStarts[order[i]]..rows.GroupStarts[order[i] + 1]).Fill(i % folds);
        return [.. Enumerable.Range(0, folds).Select(fold => new EvaluationFold(
            [.. Enumerable.Range(0, rows.Count).Where(row => foldOf[row] != fold)], [.. Enumerable.Range(0, rows.Count).Where(row => foldOf[row] == fold)]))];
    }

    /// <summary>
    /// Folds of rows in time: of folds + 1 parts with as many rows each, every part but the first is judged by a ranker that learnt from all before it.
    /// Rows of one instant lie in one part.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer than two folds, or fewer instants than parts.</exception>
    public static EvaluationFold[] ByTime(DateTimeOffset[] times, int folds)
    {
        Check(times.Length, folds, "rows");
        var sorted = times.Order().ToArray();
        var cuts = Enumerable.Range(1, folds).Select(part => sorted[(int)((long)part * sorted.Length / (folds + 1))]).ToArray();
        if (cuts.Distinct().Count() < folds || sorted[0] == cuts[0]) throw new ArgumentException($"{folds} folds need more instants than there are.", nameof(times));
        return [.. Enumerable.Range(0, folds).Select(fold => new EvaluationFold(
            [.. Enumerable.Range(0, times.Length).Where(row => times[row] < cuts[fold])],
            [.. Enumerable.Range(0, times.Length).Where(row => times[row] >= cuts[fold] && (fold == folds - 1 || times[row] < cuts[fold + 1]))], cuts[fold]))];
    }

    /// <summary>One fold: the rows of some users are judged by rankers that learnt from those of all others.</summary>
    /// <exception cref="ArgumentException">All users are judged, or none.</exception>
    public static EvaluationFold[] OfUsers(RankingRows rows, ulong[] users, IReadOnlySet<ulong> judged)
    {
        var (train, test) = (new List<int>(), new List<int>());
        for (var group = 0; group < users.Length; group++)
            (judged.Contains(users[group]) ? test : train).AddRange(Enumerable.Range(rows.GroupStarts[group], rows.GroupStarts[group + 1] - rows.GroupStarts[group]));
        if (train.Count == 0 || test.Count == 0) throw new ArgumentException("There must be users to learn from and users to judge.", nameof(judged));
        return [new EvaluationFold([.. train], [.. test])];
    }

    private static void Check(int count, int folds, string what)
    {
        if (folds < 2) throw new ArgumentOutOfRangeException(nameof(folds), folds, "There must be two folds at least.");
        if (count < folds) throw new ArgumentException($"{folds} folds need as many {what}; there are {count}.", nameof(folds));
    }
}
