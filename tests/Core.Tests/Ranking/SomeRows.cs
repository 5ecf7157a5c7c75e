using Auie.Core.Ranking;

namespace Auie.Core.Tests.Ranking;

/// <summary>Rows made up for a test: numbers with gaps, few different ones, a category, labels that follow from some of them, groups of uneven size.</summary>
internal static class SomeRows
{
    public static readonly RankingColumn[] Columns =
    [
        new("a"), new("b"), new("c"), new("few"), new("kind", IsCategorical: true), new("d"), new("e"), new("f"), new("g"), new("noise"),
    ];

    public static RankingRows Make(int count, int seed, int mostInGroup = 12)
    {
        var random = new Random(seed);
        var (values, labels) = (new float[count * Columns.Length], new float[count]);
        for (var row = 0; row < count; row++)
        {
            var one = values.AsSpan(row * Columns.Length, Columns.Length);
            for (var column = 0; column < one.Length; column++) one[column] = random.Next(10) == 0 ? float.NaN : (float)Math.Round(random.NextDouble() * 20 - 10, 2);
            one[3] = random.Next(4);
            one[4] = random.Next(20) == 0 ? float.NaN : random.Next(12);
            var odds = (float.IsNaN(one[0]) ? 2 : one[0] * 0.4) + (one[1] > 3 ? 2 : 0) * one[3] + (one[4] is 2 or 5 or 11 ? 2.5 : -1);
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-odds)) ? 1 : 0;
        }

        var starts = new List<int> { 0 };
        while (starts[^1] < count) starts.Add(Math.Min(count, starts[^1] + 1 + random.Next(mostInGroup)));
        return new RankingRows(Columns, values, labels, [.. starts]);
    }

    /// <summary>The same groups in another order, with their rows in another order; ids go along.</summary>
    public static RankingRows Shuffled(RankingRows rows, int seed)
    {
        var random = new Random(seed);
        var groups = Enumerable.Range(0, rows.Groups).ToArray();
        random.Shuffle(groups);
        var (order, starts) = (new List<int>(), new List<int> { 0 });
        foreach (var group in groups)
        {
            var some = Enumerable.Range(rows.GroupStarts[group], rows.GroupStarts[group + 1] - rows.GroupStarts[group]).ToArray();
            random.Shuffle(some);
            order.AddRange(some);
            starts.Add(order.Count);
        }

        return new RankingRows(rows.Columns, [.. order.SelectMany(row => rows.Row(row).ToArray())], [.. order.Select(row => rows.Labels[row])], [.. starts], [.. order.Select(row => rows.Ids[row])]);
    }

    public static byte[] Bytes(Forest forest) => ForestCodec.Encode(new ForestBlend([forest]));
}
