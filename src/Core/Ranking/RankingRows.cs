namespace Auie.Core.Ranking;

/// <summary>A column that trees and linear models split or weigh by.</summary>
/// <param name="IsCategorical">
/// Its values are codes, whole numbers from 0 to <see cref="MaxCode"/>, that have no order; otherwise they are numbers.
/// </param>
public sealed record RankingColumn(string Name, bool IsCategorical = false)
{
    /// <summary>The largest code of a category.</summary>
    public const int MaxCode = 4095;
}

/// <summary>
/// What a ranker learns from and is judged on: rows of features with labels, in groups (all that was shown to one user is a group). A group's
/// rows lie together.
/// </summary>
public sealed class RankingRows
{
    /// <param name="values">Row by row; NaN where a value is missing.</param>
    /// <param name="labels">0 for what the user did not care for, larger for what is more relevant; at most 30.</param>
    /// <param name="groupStarts">The first row of each group and, last, the number of rows.</param>
    /// <param name="ids">What the hashes that draw rows hang on, so that the order of rows does not matter; the row's number where it is left out.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other, or a value cannot be what it is.</exception>
    public RankingRows(RankingColumn[] columns, float[] values, float[] labels, int[] groupStarts, ulong[]? ids = null)
    {
        if (columns.Length == 0) throw new ArgumentException("There must be one column at least.", nameof(columns));
        if (values.Length != (long)columns.Length * labels.Length)
            throw new ArgumentException($"{labels.Length} rows of {columns.Length} columns have {values.Length} values.", nameof(values));
        if (ids is not null && ids.Length != labels.Length) throw new ArgumentException($"{labels.Length} rows have {ids.Length} ids.", nameof(ids));
        if (groupStarts is not [0, ..] || groupStarts[^1] != labels.Length)
            throw new ArgumentException("The groups must begin at row 0 and end with the rows.", nameof(groupStarts));
        for (var group = 1; group < groupStarts.Length; group++)
        {
            if (groupStarts[group] <= groupStarts[group - 1]) throw new ArgumentException($"Group {group - 1} has no rows.", nameof(groupStarts));
        }

        foreach (var label in labels)
        {
            if (!(label is >= 0 and <= 30)) throw new ArgumentException($"A label must be from 0 to 30, not {label}.", nameof(labels));
        }

        for (var i = 0; i < values.Length; i++) Check(columns[i % columns.Length], values[i], i / columns.Length);
        (Columns, Values, Labels, GroupStarts) = (columns, values, labels, groupStarts);
        Ids = ids ?? [.. Enumerable.Range(0, labels.Length).Select(row => (ulong)row)];
    }

    public RankingColumn[] Columns { get; }

    public float[] Values { get; }

    public float[] Labels { get; }

    public int[] GroupStarts { get; }

    public ulong[] Ids { get; }

    public int Count => Labels.Length;

    public int Groups => GroupStarts.Length - 1;

    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Columns.Length, Columns.Length);

    /// <summary>Some of the rows, in their groups; groups of which none is left are gone.</summary>
    /// <param name="rows">Which rows, ascending.</param>
    public RankingRows Of(ReadOnlySpan<int> rows)
    {
        var width = Columns.Length;
        var (values, labels, ids) = (new float[rows.Length * width], new float[rows.Length], new ulong[rows.Length]);
        var starts = new List<int>();
        var group = -1;
        for (var i = 0; i < rows.Length; i++)
        {
            if (i > 0 && rows[i] <= rows[i - 1]) throw new ArgumentException("The rows are not in ascending order.", nameof(rows));
            if (group < 0 || rows[i] >= GroupStarts[group + 1])
            {
                while (rows[i] >= GroupStarts[group + 1]) group++;
                starts.Add(i);
            }

            Row(rows[i]).CopyTo(values.AsSpan(i * width));
            (labels[i], ids[i]) = (Labels[rows[i]], Ids[rows[i]]);
        }

        return new RankingRows(Columns, values, labels, [.. starts, rows.Length], ids);
    }

    /// <summary>These rows and then others, of the same columns.</summary>
    public RankingRows And(RankingRows others) => Columns.SequenceEqual(others.Columns)
        ? new RankingRows(
            Columns, [.. Values, .. others.Values], [.. Labels, .. others.Labels], [.. GroupStarts[..^1], .. others.GroupStarts.Select(start => Count + start)], [.. Ids, .. others.Ids])
        : throw new ArgumentException("The columns are others.", nameof(others));

    private static void Check(RankingColumn column, float value, int row)
    {
        if (float.IsInfinity(value)) throw new ArgumentException($"Row {row}, {column.Name}: {value} is neither a number nor missing.", nameof(value));
        if (column.IsCategorical && !float.IsNaN(value) && !(value is >= 0 and <= RankingColumn.MaxCode && value == MathF.Floor(value)))
            throw new ArgumentException($"Row {row}, {column.Name}: {value} is no code from 0 to {RankingColumn.MaxCode}.", nameof(value));
    }
}
