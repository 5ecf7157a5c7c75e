namespace Auie.Core.Clustering;

/// <summary>
/// Shards in this process, stepped in parallel, one call at a time. Unless it is told where to compute, that is on the caller's thread, helped by
/// those of the pool, for a step over few rows takes less time than handing it on. The shards are its own.
/// </summary>
public sealed class LocalShards : IFeatureShards, IDisposable
{
    private readonly ShardRows[] _shards;
    private readonly Func<int, Action<int>, CancellationToken, Task> _run;

    /// <summary>Some shards, for a number of threads (as many as processors where none is given).</summary>
    /// <exception cref="ArgumentException">There is no shard, or they differ in width.</exception>
    public LocalShards(IReadOnlyList<ShardRows> shards, int? threads = null)
        : this(shards, OnThreads(threads ?? Environment.ProcessorCount))
    {
    }

    /// <summary>Some shards.</summary>
    /// <param name="shards">The shards.</param>
    /// <param name="run">Takes so many steps, each by its number, wherever computing is done.</param>
    /// <exception cref="ArgumentException">There is no shard, or they differ in width.</exception>
    public LocalShards(IReadOnlyList<ShardRows> shards, Func<int, Action<int>, CancellationToken, Task> run)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(run);
        _ = Parts.Length(shards, s => s.Columns);
        _shards = [.. shards];
        _run = run;
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

    public async Task<long[]> DistanceSumsAsync(float[] points, double[][] fits, CancellationToken cancellationToken)
    {
        // They are large, and so added up as they come.
        var adding = new Lock();
        long[]? total = null;
        await Each(s => Add(s.DistanceSums(points, fits, cancellationToken)), cancellationToken);
        return total!;

        bool Add(long[] part)
        {
            lock (adding)
                total = total is null ? part : Sum([total, part]);
            return true;
        }
    }

    public async Task<ClusterSums> SummariseAsync(double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        ClusterSums.Reduce(await Each(s => s.Summarise(centroids, exponents), cancellationToken));

    /// <summary>Disposes of the shards.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    /// <summary>Adds all to the first.</summary>
    private static long[] Sum(long[][] parts)
    {
        var total = parts[0];
        foreach (var part in parts.AsSpan(1))
        {
            for (var i = 0; i < total.Length; i++)
                total[i] += part[i];
        }

        return total;
    }

    private async Task<T[]> Each<T>(Func<ShardRows, T> step, CancellationToken cancellationToken)
    {
        var results = new T[_shards.Length];
        await _run(_shards.Length, i => results[i] = step(_shards[i]), cancellationToken);
        return results;
    }

    private static Func<int, Action<int>, CancellationToken, Task> OnThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return (count, step, cancellationToken) =>
        {
            try
            {
                ParallelSteps.Run(count, threads, step, cancellationToken);
                return Task.CompletedTask;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Task.FromCanceled(cancellationToken);
            }
            catch (Exception e)
            {
                return Task.FromException(e);
            }
        };
    }
}
