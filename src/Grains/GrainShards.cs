using Auie.Abstractions;
using Auie.Core.Clustering;

namespace Auie.Grains;

/// <summary>
/// A job's rows behind their grains: every step is one call to each shard, or to each group of them, and Core reduces what they answer. One that lost what it held (its
/// grain was collected, or its silo died) is pinned and standardised again and asked once more; its rows are the same.
/// </summary>
internal sealed class GrainShards(IReadOnlyList<ShardOrGroup> shards, ShardPin pin, bool isPart) : IFeatureShards
{
    private ScaleMessage? _scale;

    /// <summary>The shards of these keys: in groups, by a call to each, where there are several groups.</summary>
    public static GrainShards Over(IGrainFactory grains, string[][] groups, ShardPin pin) => groups is [var only]
        ? Over(grains, only, pin, isPart: false)
        : new(Array.ConvertAll(groups, keys => new ShardOrGroup(
            grains.GetGrain<IShardGroupGrain>(keys[0]), Array.ConvertAll(keys, key => grains.GetGrain<IFeatureShardGrain>(key)), keys)), pin, isPart: false);

    /// <summary>The shards of these keys, by a call to each.</summary>
    /// <param name="isPart">Whether there are others besides that the job pins.</param>
    public static GrainShards Over(IGrainFactory grains, string[] keys, ShardPin pin, bool isPart) =>
        new(Array.ConvertAll(keys, key => new ShardOrGroup(grains.GetGrain<IFeatureShardGrain>(key), [], null)), pin, isPart);

    /// <summary>Pins the rows in every shard; returns how many there are.</summary>
    public async Task<long> PinAsync(CancellationToken cancellationToken)
    {
        var rows = (await Task.WhenAll(shards.Select(shard => shard.Steps.Pin(pin with { Members = shard.Keys }, cancellationToken)))).Sum();
        return isPart || pin.TableColumns == 0 || rows == pin.Rows
            ? rows
            : throw new InvalidRequestException("table", "it was removed while the job ran");
    }

    /// <summary>Has every shard forget what it pinned; of a group that may have moved meanwhile each by itself.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.WhenAll(shards
        .SelectMany(IEnumerable<IShardStepsGrain> (shard) => [shard.Steps, .. shard.Members])
        .Select(shard => shard.Release(pin.Job, cancellationToken)));

    public async Task<ColumnExtremes> ExtremesAsync(CancellationToken cancellationToken) =>
        ColumnExtremes.Reduce(await Each(s => s.Extremes(pin.Job, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<ExactSums> SumsAsync(int[] exponents, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.Sums(pin.Job, exponents, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<DigitCounts> DigitsAsync(DigitQuery query, CancellationToken cancellationToken) =>
        DigitCounts.Reduce(await Each(s => s.Digits(pin.Job, query.Round, query.Columns, query.Prefixes, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<ExactSums> MomentsAsync(double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.Moments(pin.Job, fill, mean, exponents, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<ExactSums> StandardiseAsync(Scale scale, CancellationToken cancellationToken)
    {
        var message = _scale = scale.ToMessage();
        return ExactSums.Reduce(await Each(s => s.Standardise(pin.Job, message, cancellationToken), p => p.ToCore(), cancellationToken));
    }

    public async Task<RowSet> SampleAsync(ulong seed, int count, CancellationToken cancellationToken) =>
        RowSet.SmallestHash(await Each(s => s.Sample(pin.Job, seed, count, cancellationToken), p => p.ToCore(), cancellationToken), seed, count);

    public async Task<ExactSums> SeedCostAsync(float[] candidates, CancellationToken cancellationToken) =>
        ExactSums.Reduce(await Each(s => s.SeedCost(pin.Job, candidates, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<RowSet> SeedSampleAsync(float[] candidates, SeedDraw draw, CancellationToken cancellationToken) =>
        RowSet.Union(await Each(s => s.SeedSample(pin.Job, candidates, draw.ToMessage(), cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<long[]> SeedWeightsAsync(float[] candidates, CancellationToken cancellationToken) =>
        Sum(await Each(s => s.SeedWeights(pin.Job, candidates, cancellationToken), p => p, cancellationToken));

    public async Task<StepSums> StepAsync(double[] centroids, CancellationToken cancellationToken) =>
        StepSums.Reduce(await Each(s => s.Step(pin.Job, centroids, cancellationToken), p => p.ToCore(), cancellationToken));

    public async Task<RowSet> FarthestAsync(double[] centroids, int count, CancellationToken cancellationToken) =>
        RowSet.Farthest(await Each(s => s.Farthest(pin.Job, centroids, count, cancellationToken), p => p.ToCore(), cancellationToken), count);

    public async Task<long[]> DistanceSumsAsync(float[] points, double[][] fits, CancellationToken cancellationToken) =>
        Sum(await Each(s => s.DistanceSums(pin.Job, points, fits, cancellationToken), p => p, cancellationToken));

    public async Task<ClusterSums> SummariseAsync(double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        ClusterSums.Reduce(await Each(s => s.Summarise(pin.Job, centroids, exponents, cancellationToken), p => p.ToCore(), cancellationToken));

    /// <summary>How many rows are in both, for each segment of the version before and each cluster.</summary>
    public async Task<long[,]> ContingencyAsync(double[] centroids, int previous, int clusters, CancellationToken cancellationToken)
    {
        var table = new long[previous, clusters];
        var counts = await ContingencyAsync(centroids, cancellationToken);
        for (var i = 0; i < counts.Length; i++)
            table[i / clusters, i % clusters] = counts[i];
        return table;
    }

    /// <summary>The same, row by row.</summary>
    public async Task<long[]> ContingencyAsync(double[] centroids, CancellationToken cancellationToken) =>
        Sum(await Each(s => s.Contingency(pin.Job, centroids, cancellationToken), p => p, cancellationToken));

    private static long[] Sum(long[][] parts)
    {
        // A shard without rows has nothing to add.
        var sums = new long[parts.Max(part => part.Length)];
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Length; i++)
                sums[i] += part[i];
        }

        return sums;
    }

    private Task<TCore[]> Each<TMessage, TCore>(Func<IShardStepsGrain, Task<TMessage>> step, Func<TMessage, TCore> toCore, CancellationToken cancellationToken)
    {
        return Task.WhenAll(shards.Select(shard => One(shard.Steps)));

        async Task<TCore> One(IShardStepsGrain shard)
        {
            try
            {
                return toCore(await step(shard));
            }
            catch (ShardNotReadyException)
            {
                await PinAsync(cancellationToken);
                if (_scale is { } scale)
                    await shard.Standardise(pin.Job, scale, cancellationToken);
                return toCore(await step(shard));
            }
        }
    }
}

/// <summary>A shard, or a group of shards with those and their keys.</summary>
internal sealed record ShardOrGroup(IShardStepsGrain Steps, IFeatureShardGrain[] Members, string[]? Keys);
