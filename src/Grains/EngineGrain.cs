using System.Reflection;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>What is true of the whole engine; it holds nothing of its own.</summary>
public sealed class EngineGrain(IEngineStore store, FeatureSets featureSets, IOptions<EngineOptions> options) : Grain, IEngineGrain
{
    public async Task<EngineInfo> GetInfo(CancellationToken cancellationToken)
    {
        var tenant = this.GetPrimaryKeyString();
        var shards = await Task.WhenAll(Enumerable.Range(0, store.Partitions)
            .Select(number => GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(tenant, DataSets.Users, number)).GetInfo(cancellationToken)));
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

    public Task<EngineOverview> GetOverview(CancellationToken cancellationToken) => throw new NotSupportedException("to be written");

    public Task Flush(CancellationToken cancellationToken) => throw new NotSupportedException("to be written");
}
