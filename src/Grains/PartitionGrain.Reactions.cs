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
    /// <summary>Shards that said that they have no index; they say so again when they make one. A new activation takes it that all have one until told otherwise.</summary>
    private readonly HashSet<int> _deaf = [];

    /// <summary>How often a shard asked to be told.</summary>
    private int _asked;

    private bool ItemsListen => _deaf.Count < store.Partitions;

    public Task TellItems(int shard, CancellationToken cancellationToken)
    {
        _asked++;
        _deaf.Remove(shard);
        return Task.CompletedTask;
    }

    private async Task TellShardsAsync(Commit commit)
    {
        if (!ItemsListen)
            return;
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
                    if (entry.Item is not { } item || !entry.Kind.IsStep())
                        continue;
                    var shard = Partitioning.PartitionOf(_tenant, item, store.Partitions);
                    if (_deaf.Contains(shard))
                        continue;
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
            await Task.WhenAll(byShard.Select(shard => TellShardAsync(shard.Key, [.. shard.Value])));
        }
        catch (Exception e)
        {
            LogItemsNotTold(e, _partition.Number);
        }
    }

    private async Task TellShardAsync(int shard, UserReactions[] users)
    {
        var asked = _asked;
        // It may have asked while it answered.
        if (!await GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, shard)).Heard(users, CancellationToken.None) && asked == _asked)
            _deaf.Add(shard);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not every item shard could be told of what users of partition {Partition} did; recommendations know of it once the shard makes its index anew.")]
    private partial void LogItemsNotTold(Exception exception, int partition);
}
