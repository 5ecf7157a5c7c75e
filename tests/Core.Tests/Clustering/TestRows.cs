using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Tests.Clustering;

/// <summary>Tables to cluster, and ways of spreading them over shards.</summary>
internal static class TestRows
{
    /// <summary>Groups of points around random means.</summary>
    public static double[] Groups(int rows, int columns, int groups, int seed, double spread = 1)
    {
        var random = new Random(seed);
        var means = Fill(groups * columns, () => 4 * Normal(random));
        return
        [
            .. Fill(rows, () => random.Next(groups))
                .SelectMany(g => means.AsSpan(g * columns, columns).ToArray().Select(mean => mean + (spread * Normal(random)))),
        ];
    }

    /// <summary>
    /// Values over many orders of magnitude, where the order of plain double additions shows; each column of its own size.
    /// </summary>
    public static double[] LogNormal(int rows, int columns, int seed, double missing = 0)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, rows * columns)
            .Select(i => random.NextDouble() < missing ? double.NaN : Math.Exp((2 * Normal(random)) + (3 * (i % columns))))
            .ToArray();
    }

    /// <summary>The rows in some order, cut into shards of uneven sizes; a row's id stays its place in the table, or that of some rows together.</summary>
    public static LocalShards Spread(
        double[] values, int columns, int shards, int? shuffleSeed = null, int threads = 2, IAssignmentKernel? kernel = null, int rowsOfAnId = 1)
    {
        var order = Enumerable.Range(0, values.Length / columns).ToArray();
        if (shuffleSeed is { } seed)
            new Random(seed).Shuffle(order);
        var random = new Random(shards);
        var cuts = Enumerable.Range(0, shards - 1).Select(_ => random.Next(order.Length + 1)).Append(0).Append(order.Length).Order().ToArray();
        return new LocalShards(
            [.. Enumerable.Range(0, shards).Select(s => order[cuts[s]..cuts[s + 1]]).Select(rows => new ShardRows(
                [.. rows.SelectMany(r => values.AsSpan(r * columns, columns).ToArray())], columns, [.. rows.Select(r => (ulong)(r / rowsOfAnId))], kernel))],
            threads);
    }

    public static Task<StandardisedShards> Standardised(double[] values, int columns, bool raw = false) =>
        StandardisedShards.PrepareAsync(Spread(values, columns, 3), new ScaleOptions { Raw = raw }, default);

    /// <summary>The labels in the order of the table.</summary>
    public static async Task<int[]> LabelsById(LocalShards shards, double[] centroids)
    {
        var labels = await shards.LabelsAsync(centroids, default);
        var ids = shards.Shards.SelectMany(s => s.RowIds).ToArray();
        var byId = new int[labels.Length];
        for (var i = 0; i < labels.Length; i++)
            byId[ids[i]] = labels[i];
        return byId;
    }

    /// <summary>The table as a shard standardises it, in doubles.</summary>
    public static double[][] Points(double[] values, Scale scale) =>
        [.. values.Chunk(scale.Columns).Select(row => Array.ConvertAll(scale.Transform(row), x => (double)x))];

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static T[] Fill<T>(int count, Func<T> value) => [.. Enumerable.Range(0, count).Select(_ => value())];
}

/// <summary>Lloyd's iteration and the silhouette as their definitions have them, in plain doubles.</summary>
internal static class Definition
{
    public static double Squared(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    public static int Nearest(double[] point, double[][] centroids) =>
        Enumerable.Range(0, centroids.Length).MinBy(k => Squared(point, centroids[k]));

    public static double Inertia(double[][] points, double[][] centroids) => points.Sum(p => Squared(p, centroids[Nearest(p, centroids)]));

    /// <summary>The centroids before the last assignment, as a fit reports them, after a number of assignments or at convergence.</summary>
    public static double[][] Lloyd(double[][] points, double[][] centroids, int assignments)
    {
        for (var i = 1; i < assignments; i++)
        {
            var now = centroids;
            var next = points.GroupBy(p => Nearest(p, now)).OrderBy(g => g.Key)
                .Select(g => Enumerable.Range(0, g.First().Length).Select(c => g.Average(p => p[c])).ToArray()).ToArray();
            next.Length.ShouldBe(centroids.Length, "the oracle knows no empty clusters");
            if (next.Zip(centroids, Squared).Sum() == 0)
                break;
            centroids = next;
        }

        return centroids;
    }

    public static double Silhouette(double[][] points, int[] labels)
    {
        var clusters = labels.Distinct().ToArray();
        return Enumerable.Range(0, points.Length).Average(i =>
        {
            double Mean(int k)
            {
                var others = Enumerable.Range(0, points.Length).Where(j => j != i && labels[j] == k).ToArray();
                return others.Length == 0 ? double.NaN : others.Average(j => Math.Sqrt(Squared(points[i], points[j])));
            }

            var a = Mean(labels[i]);
            if (double.IsNaN(a) || clusters.Length == 1)
                return 0;
            var b = clusters.Where(k => k != labels[i]).Min(Mean);
            return Math.Max(a, b) == 0 ? 0 : (b - a) / Math.Max(a, b);
        });
    }
}
