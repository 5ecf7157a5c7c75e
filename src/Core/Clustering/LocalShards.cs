namespace Auie.Core.Clustering;

/// <summary>
/// Shards in this process, stepped in parallel. One call at a time, and it computes on the caller's thread, helped by those of the pool, for
/// a step over few rows takes less time than handing it on. The shards are its own.
/// </summary>
public sealed class LocalShards : IFeatureShards, IDisposable
{
    private readonly ShardRows[] _shards;
    private readonly int _threads;

    /// <summary>Some shards, for a number of threads (as many as processors where none is given).</summary>
    /// <exception cref="ArgumentException">There is no shard, or they differ in width.</exception>
    public LocalShards(IReadOnlyList<ShardRows> shards, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _ = Parts.Length(shards, s => s.Columns);
        _shards = [.. shards];
        _threads = threads ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(_threads, 1, nameof(threads));
    }

    /// <summary>The shards.</summary>
    public IReadOnlyList<ShardRows> Shards => _shards;

    /// <summary>Cuts a table into contiguous shards; a row's id is its place in the table.</summary>
    public static LocalShards Split(double[] values, int columns, int? shards = null, int? threads = null, bool bounds = true)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length % columns != 0)
            throw new ArgumentException($"{values.Length} values are not rows of {columns} columns.", nameof(values));
        var rows = values.Length / columns;
        var count = shards ?? Math.Clamp(rows / 2048, 1, 4 * (threads ?? Environment.ProcessorCount));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(shards));
        return new LocalShards([.. Enumerable.Range(0, count).Select(Cut)], threads);

        ShardRows Cut(int shard)
        {
            var (from, to) = ((int)((long)rows * shard / count), (int)((long)rows * (shard + 1) / count));
            return new ShardRows(
                values[(from * columns)..(to * columns)], columns, [.. Enumerable.Range(from, to - from).Select(r => (ulong)r)], bounds: bounds);
        }
    }

    /// <summary>Each row's label by these centroids, shard after shard, in the order of the shards' row ids.</summary>
    public async Task<int[]> LabelsAsync(double[] centroids, CancellationToken cancellationToken) =>
        [.. (await Each(s => s.Labels(centroids), cancellationToken)).SelectMany(l => l)];

    public async Task<ColumnExtremes> ExtremesAsync(CancellationToken cancellationToken) =>
        ColumnExtremes.Reduce(await Each(s => s.Extremes(), cancellationToken));

    public async Task<ExactSums> SumsAsync(int[] exponents, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.Sums(exponents), cancellationToken));

    public async Task<DigitCounts> DigitsAsync(DigitQuery query, CancellationToken cancellationToken) =>
        DigitCounts.Reduce(await Each(s => s.Digits(query), cancellationToken));

    public async Task<ExactSums> MomentsAsync(double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.Moments(fill, mean, exponents), cancellationToken));

    public async Task<ExactSums> StandardiseAsync(Scale scale, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.Standardise(scale), cancellationToken));

    public async Task<RowSet> SampleAsync(ulong seed, int count, CancellationToken cancellationToken) =>
        RowSet.SmallestHash(await Each(s => s.Sample(seed, count), cancellationToken), seed, count);

    public async Task<ExactSums> SeedCostAsync(float[] candidates, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.SeedCost(candidates), cancellationToken));

    public async Task<RowSet> SeedSampleAsync(float[] candidates, SeedDraw draw, CancellationToken cancellationToken) =>
        RowSet.Union(await Each(s => s.SeedSample(candidates, draw), cancellationToken));

    public async Task<long[]> SeedWeightsAsync(float[] candidates, CancellationToken cancellationToken) =>
        Sum(await Each(s => s.SeedWeights(candidates), cancellationToken));

    public async Task<StepSums> StepAsync(double[] centroids, CancellationToken cancellationToken) =>
        StepSums.Reduce(await Each(s => s.Step(centroids), cancellationToken));

    public async Task<RowSet> FarthestAsync(double[] centroids, int count, CancellationToken cancellationToken) =>
        RowSet.Farthest(await Each(s => s.Farthest(centroids, count), cancellationToken), count);

    public async Task<long[]> DistanceSumsAsync(float[] points, double[][] fits, CancellationToken cancellationToken) =>
        Sum(await Each(s => s.DistanceSums(points, fits, cancellationToken), cancellationToken));

    public async Task<ClusterSums> SummariseAsync(double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        ClusterSums.Reduce(await Each(s => s.Summarise(centroids, exponents), cancellationToken));

    /// <summary>Disposes of the shards.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private static long[] Sum(long[][] parts)
    {
        var total = new long[parts[0].Length];
        foreach (var part in parts)
        {
            for (var i = 0; i < total.Length; i++)
                total[i] += part[i];
        }

        return total;
    }

    private Task<T[]> Each<T>(Func<ShardRows, T> step, CancellationToken cancellationToken)
    {
        var results = new T[_shards.Length];
        try
        {
            ParallelSteps.Run(_shards.Length, _threads, i => results[i] = step(_shards[i]), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T[]>(cancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<T[]>(e);
        }

        return Task.FromResult(results);
    }
}
