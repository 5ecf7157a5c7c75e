using Auie.Abstractions;

namespace Auie.Silo.Demo;

/// <summary>Sends a demo world to the engine, by the same door as any event: batches to the partitions, several at a time.</summary>
internal sealed class DemoLoader(IGrainFactory grains, string tenant, int partitions)
{
    private const int UsersPerBatch = 50, ItemsPerBatch = 500;

    /// <summary>Loads every user and has it all written; reports how many users are done.</summary>
    /// <returns>How many events of users there were.</returns>
    public async Task<long> LoadAsync(DemoWorld world, Action<int> progress, CancellationToken cancellationToken)
    {
        await LoadItemsAsync(world, cancellationToken);
        var byPartition = Enumerable.Range(0, world.Users)
            .GroupBy(user => Partitioning.PartitionOf(tenant, DemoWorld.UserId(user), partitions))
            .ToArray();
        var (events, users) = (0L, 0);
        await Parallel.ForEachAsync(byPartition, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount * 2, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                var grain = grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(tenant, partition.Key));
                foreach (var batch in partition.Chunk(UsersPerBatch))
                {
                    var sent = batch.SelectMany(world.EventsOf).ToArray();
                    var result = await grain.Append(sent, segments: false, token);
                    if (result.Refused is [var refusal, ..])
                        throw new InvalidOperationException($"The engine refused {sent[refusal.Index].MessageId}: {refusal.Field} {refusal.Reason}.");
                    Interlocked.Add(ref events, sent.Length);
                    progress(Interlocked.Add(ref users, batch.Length));
                }

                await grain.Flush(token);
            });
        return events;
    }

    /// <summary>Loads the catalogue.</summary>
    public async Task LoadItemsAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        foreach (var shard in world.ItemEvents().GroupBy(item => Partitioning.PartitionOf(tenant, item.ItemId, partitions)))
        {
            var grain = grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(tenant, shard.Key));
            foreach (var batch in shard.Chunk(ItemsPerBatch))
            {
                if ((await grain.Import(batch, cancellationToken)).Refused is [var refusal, ..])
                    throw new InvalidOperationException($"The engine refused {batch[refusal.Index].ItemId}: {refusal.Field} {refusal.Reason}.");
            }

            await grain.Flush(cancellationToken);
        }
    }
}
