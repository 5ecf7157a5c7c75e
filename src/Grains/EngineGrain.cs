using System.Reflection;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>What is true of the whole engine; it holds nothing of its own.</summary>
public sealed class EngineGrain(IEngineStore store, FeatureSets featureSets, PublishedModels models, TimeProvider time, IOptions<EngineOptions> options) : Grain, IEngineGrain
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
        var now = time.GetUtcNow();
        // What an event says of a day to come makes nobody older.
        return last.Length == 0 || DateTimeOffset.UnixEpoch.AddSeconds(last.Max()) is var seen && seen > now ? now : seen;
    }

    public async Task<EngineOverview> GetOverview(CancellationToken cancellationToken)
    {
        var users = Task.WhenAll(Numbers.Select(number => FeatureShard(number).GetCensus(cancellationToken)));
        var items = Task.WhenAll(Numbers.Select(number => ItemShard(number).GetCensus(cancellationToken)));
        var imports = GrainFactory.GetGrain<IImportLogGrain>(Tenant).List(cancellationToken);
        await Task.WhenAll(users, items, imports);
        var model = await models.CurrentAsync(Tenant, cancellationToken);
        return new EngineOverview(Censuses.Merge(await users), Censuses.Merge(await items), model?.Version ?? 0, await imports);
    }

    public Task Flush(CancellationToken cancellationToken) => Task.WhenAll(
    [
        .. Numbers.Select(number => GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, number)).Flush(cancellationToken)),
        .. Numbers.Select(number => ItemShard(number).Flush(cancellationToken)),
    ]);

    public async Task<BackupView> Backup(string name, CancellationToken cancellationToken)
    {
        if (options.Value.BackupFolder.Length == 0)
            throw new InvalidRequestException("name", "cannot be a backup's: no backup folder is set (Engine:BackupFolder); of a store on PostgreSQL pg_dump makes one");
        if (name.Length == 0 || Path.GetFileName(name) != name || name is "." or "..")
            throw new InvalidRequestException("name", $"'{name}' is no name of a file");
        var at = time.GetUtcNow();
        var folder = Path.GetFullPath(options.Value.BackupFolder);
        var file = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(folder);
            await store.BackupAsync(file, cancellationToken);
            return new BackupView(file, new FileInfo(file).Length, at);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            // Who may ask for a backup may know why there is none.
            throw new InvalidRequestException("name", e.Message);
        }
    }

    private string Tenant => this.GetPrimaryKeyString();

    private IEnumerable<int> Numbers => Enumerable.Range(0, store.Partitions);

    private IFeatureShardGrain FeatureShard(int number) => GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(Tenant, DataSets.Users, number));

    private IItemShardGrain ItemShard(int number) => GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(Tenant, number));

    private Task<UserShardInfo[]> UserShardsAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Numbers.Select(number => FeatureShard(number).GetInfo(cancellationToken)));
}
