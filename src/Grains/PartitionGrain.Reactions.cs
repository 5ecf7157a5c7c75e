using Auie.Abstractions;
using Auie.Core.Users;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>
/// How items' shards are told of what users did with them, so that the next recommendation knows of it. It is of memory alone: a shard that was not told reads it
/// from the users' states when it makes its index anew.
/// </summary>
public sealed partial class PartitionGrain
{
    private async Task TellShardsAsync(Commit commit)
    {
        var byShard = new Dictionary<int, List<UserReactions>>();
        foreach (var user in commit.Users.Values)
        {
            Dictionary<int, List<ReactionMessage>>? reactions = null;
            foreach (var record in user.Records)
            {
                // What is passed on is told by whom it is passed on to.
                if (record.PassedOnTo is not null)
                    continue;
                foreach (var entry in record.Entries)
                {
                    if (entry.Item is not { } item || entry.Kind is < EntryKind.Shown or > EntryKind.Purchased)
                        continue;
                    var shard = Partitioning.PartitionOf(_tenant, item, store.Partitions);
                    reactions ??= [];
                    if (!reactions.TryGetValue(shard, out var list))
                        reactions.Add(shard, list = []);
                    list.Add(new ReactionMessage(item, (byte)entry.Kind, entry.At));
                }
            }

            foreach (var (shard, list) in reactions ?? [])
            {
                if (!byShard.TryGetValue(shard, out var users))
                    byShard.Add(shard, users = []);
                users.Add(new UserReactions(user.User, user.Audience, [.. list]));
            }
        }

        if (byShard.Count == 0)
            return;
        try
        {
            await Task.WhenAll(byShard.Select(shard =>
                GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, shard.Key)).Heard([.. shard.Value], CancellationToken.None)));
        }
        catch (Exception e)
        {
            LogItemsNotTold(e, _partition.Number);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not every item shard could be told of what users of partition {Partition} did; recommendations know of it once the shard makes its index anew.")]
    private partial void LogItemsNotTold(Exception exception, int partition);
}
