using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Has the feature shards read their users' columns after a start and, a while later, put them into the published segments and read of whom the journal tells, so that whoever first asks for
/// an insight need not wait for it: one shard after the other, so that a core at the most is taken from those who ask for users meanwhile. The while is for a start that ends soon, which has
/// journals to write then and none to read.
/// </summary>
public sealed partial class ColumnsAtStart(
    IEngineStore store, IGrainFactory grains, PublishedModels models, UnfinishedWork unfinished, IOptions<EngineOptions> options, TimeProvider time, ILogger<ColumnsAtStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.ReadColumnsAtStart)
            return;
        await unfinished.TakenUp.WaitAsync(stoppingToken);
        await EachAsync(shard => shard.GetInfo(stoppingToken), stoppingToken);
        await Task.Delay(options.Value.ReadJournalsAfter, time, stoppingToken);
        // Of nobody is anything told; what it takes to tell it is there then.
        await EachAsync(async shard => await shard.GetShownTo(
            new AudienceQuery { Version = (await models.CurrentAsync(GrainKeys.DefaultTenant, stoppingToken))?.Version ?? 0 }, most: 0, stoppingToken), stoppingToken);
    }

    private async Task EachAsync(Func<IFeatureShardGrain, Task> read, CancellationToken stoppingToken)
    {
        for (var number = 0; number < store.Partitions && !stoppingToken.IsCancellationRequested; number++)
        {
            try
            {
                await read(grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(GrainKeys.DefaultTenant, DataSets.Users, number)));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whoever asks for it next has it read again, and is told why it cannot be.
                LogNotRead(e, number);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The columns of shard {Number} could not be read ahead.")]
    private partial void LogNotRead(Exception exception, int number);
}
