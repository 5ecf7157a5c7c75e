namespace Auie.Core.Clustering;

/// <summary>
/// Some rows under several labellings at once, those that all of these label alike next to each other: each cluster of each labelling is a
/// union of such groups, so that a row's distance, computed once, serves them all.
/// </summary>
internal sealed class GroupedRows
{
    private GroupedRows(ReadOnlyMemory<float> values, int[] starts, int[][] labels) => (Values, Starts, Labels) = (values, starts, labels);

    /// <summary>The rows, group by group.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Group g is the rows from Starts[g] up to Starts[g + 1].</summary>
    public int[] Starts { get; }

    /// <summary>For each group its label in each labelling.</summary>
    public int[][] Labels { get; }

    /// <summary>Groups the rows of some tiles.</summary>
    /// <param name="tiles">The tiles.</param>
    /// <param name="rows">How many rows of them there are; what fills up the last tile is none.</param>
    /// <param name="labellings">For each labelling the rows' labels.</param>
    /// <param name="factor">What values are multiplied by.</param>
    /// <param name="buffer">Gets the values; room for all rows.</param>
    public static GroupedRows Of(ReadOnlySpan<float> tiles, int columns, int rows, byte[][] labellings, float factor, Memory<float> buffer)
    {
        var groupOf = new int[rows];
        int[][] labels = [[]];
        for (var fit = 0; fit < labellings.Length; fit++)
        {
            var numbers = new Dictionary<(int Group, int Label), int>();
            var next = new List<int[]>();
            for (var r = 0; r < rows; r++)
            {
                var key = (groupOf[r], labellings[fit][r]);
                if (!numbers.TryGetValue(key, out var number))
                {
                    numbers[key] = number = next.Count;
                    next.Add([.. labels[key.Item1], key.Item2]);
                }

                groupOf[r] = number;
            }

            labels = [.. next];
        }

        var starts = new int[labels.Length + 1];
        foreach (var group in groupOf)
            starts[group + 1]++;
        for (var g = 0; g < labels.Length; g++)
            starts[g + 1] += starts[g];
        var values = buffer.Span[..(rows * columns)];
        var places = starts[..^1];
        for (var r = 0; r < rows; r++)
            Tiles.CopyRow(tiles, r, values.Slice(places[groupOf[r]]++ * columns, columns));
        for (var i = 0; i < values.Length; i++)
            values[i] *= factor;
        return new GroupedRows(buffer[..values.Length], starts, labels);
    }
}
