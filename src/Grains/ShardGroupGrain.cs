using Auie.Abstractions;
using Auie.Core.Clustering;

namespace Auie.Grains;

/// <summary>Which shards are best reached together; each host has its own answer, and any is right.</summary>
public interface IShardPlacement
{
    /// <summary>Groups of shards by their keys, none of them empty; each shard is in one.</summary>
    string[][] Group(string[] shards);
}

/// <summary>All shards in one group: for a silo that is alone.</summary>
public sealed class OneGroup : IShardPlacement
{
    public string[][] Group(string[] shards) => [shards];
}

/// <summary>Asks the shards of its group, and adds up what they answer.</summary>
public sealed class ShardGroupGrain : Grain, IShardGroupGrain
{
    private readonly Dictionary<string, GrainShards> _jobs = [];

    public Task<long> Pin(ShardPin pin, CancellationToken cancellationToken)
    {
        if (pin.Members is not { Length: > 0 } members)
            throw new ArgumentException("A group is pinned with the keys of its shards.", nameof(pin));
        return (_jobs[pin.Job] = GrainShards.Over(GrainFactory, members, pin with { Members = null }, isPart: true)).PinAsync(cancellationToken);
    }

    public Task Release(string job, CancellationToken cancellationToken)
    {
        _jobs.Remove(job);
        return Task.CompletedTask;
    }

    public async Task<ColumnExtremesPart> Extremes(string job, CancellationToken cancellationToken) => (await Of(job).ExtremesAsync(cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Sums(string job, int[] exponents, CancellationToken cancellationToken) => (await Of(job).SumsAsync(exponents, cancellationToken)).ToMessage();

    public async Task<DigitCountsPart> Digits(string job, int round, int[] columns, ulong[] prefixes, CancellationToken cancellationToken) =>
        (await Of(job).DigitsAsync(new DigitQuery(round, columns, prefixes), cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Moments(string job, double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken) =>
        (await Of(job).MomentsAsync(fill, mean, exponents, cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Standardise(string job, ScaleMessage scale, CancellationToken cancellationToken) =>
        (await Of(job).StandardiseAsync(scale.ToCore(), cancellationToken)).ToMessage();

    public async Task<RowsPart> Sample(string job, ulong seed, int count, CancellationToken cancellationToken) =>
        (await Of(job).SampleAsync(seed, count, cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> SeedCost(string job, float[] candidates, CancellationToken cancellationToken) =>
        (await Of(job).SeedCostAsync(candidates, cancellationToken)).ToMessage();

    public async Task<RowsPart> SeedSample(string job, float[] candidates, SeedDrawMessage draw, CancellationToken cancellationToken) =>
        (await Of(job).SeedSampleAsync(candidates, draw.ToCore(), cancellationToken)).ToMessage();

    public Task<long[]> SeedWeights(string job, float[] candidates, CancellationToken cancellationToken) => Of(job).SeedWeightsAsync(candidates, cancellationToken);

    public async Task<StepPart> Step(string job, double[] centroids, CancellationToken cancellationToken) => (await Of(job).StepAsync(centroids, cancellationToken)).ToMessage();

    public async Task<RowsPart> Farthest(string job, double[] centroids, int count, CancellationToken cancellationToken) =>
        (await Of(job).FarthestAsync(centroids, count, cancellationToken)).ToMessage();

    public Task<long[]> DistanceSums(string job, float[] points, double[][] fits, CancellationToken cancellationToken) => Of(job).DistanceSumsAsync(points, fits, cancellationToken);

    public async Task<ClusterSumsPart> Summarise(string job, double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        (await Of(job).SummariseAsync(centroids, exponents, cancellationToken)).ToMessage();

    public Task<long[]> Contingency(string job, double[] centroids, CancellationToken cancellationToken) => Of(job).ContingencyAsync(centroids, cancellationToken);

    private GrainShards Of(string job) => _jobs.GetValueOrDefault(job) ?? throw new ShardNotReadyException(job);
}
