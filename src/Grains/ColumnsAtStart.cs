using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Has the feature shards read their users' columns after a start, so that whoever first asks for an insight need not wait for it: one shard after the other, so that a core at the most
/// is taken from those who ask for users meanwhile.
/// </summary>
public sealed partial class ColumnsAtStart(IEngineStore store, IGrainFactory grains, UnfinishedWork unfinished, IOptions<EngineOptions> options, ILogger<ColumnsAtStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.ReadColumnsAtStart)
            return;
        await unfinished.TakenUp.WaitAsync(stoppingToken);
        for (var number = 0; number < store.Partitions && !stoppingToken.IsCancellationRequested; number++)
        {
            try
            {
                await grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(GrainKeys.DefaultTenant, DataSets.Users, number)).GetInfo(stoppingToken);
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
