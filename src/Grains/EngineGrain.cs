using System.Reflection;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>What is true of the whole engine; it holds nothing of its own.</summary>
public sealed class EngineGrain(IEngineStore store, FeatureSets featureSets, TimeProvider time, IOptions<EngineOptions> options) : Grain, IEngineGrain
{
    public async Task<EngineInfo> GetInfo(CancellationToken cancellationToken)
    {
        var shards = await UserShardsAsync(cancellationToken);
        return new EngineInfo
        {
            Version = typeof(EngineGrain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            Partitions = store.Partitions,
            DefaultFeatures = featureSets.Default.Name,
            FeatureSets = [.. featureSets.All.Select(set => new FeatureSetView(set.Name, [.. set.Features.Select(feature => feature.Name)], set.RowsAre.Name()))],
            Users = shards.Sum(shard => shard.Users),
            Limits = new EngineLimits(options.Value.MaxTableColumns, options.Value.MaxTableValues, options.Value.MaxTableShards, 255),
        };
    }

    public async Task<DateTimeOffset> GetAsOf(CancellationToken cancellationToken)
    {
        var last = (await UserShardsAsync(cancellationToken)).Select(shard => shard.LastEvent).Where(seen => !double.IsNaN(seen)).ToArray();
        return last.Length == 0 ? time.GetUtcNow() : DateTimeOffset.UnixEpoch.AddSeconds(last.Max());
    }

    public Task<EngineOverview> GetOverview(CancellationToken cancellationToken) => throw new NotSupportedException("to be written");

    public Task Flush(CancellationToken cancellationToken) => throw new NotSupportedException("to be written");

    private Task<UserShardInfo[]> UserShardsAsync(CancellationToken cancellationToken)
    {
        var tenant = this.GetPrimaryKeyString();
        return Task.WhenAll(Enumerable.Range(0, store.Partitions)
            .Select(number => GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(tenant, DataSets.Users, number)).GetInfo(cancellationToken)));
    }
}
