using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>What one user did with the items of one shard, as the store has it.</summary>
internal sealed record ScannedUser(string Id, ulong Hash, Audience Audience, List<(string Item, Reaction Reaction, DateTimeOffset? At)> Reactions);

/// <summary>
/// Reads from users' states what item shards make their indexes of. One pass over all users serves every shard that waits for one when it begins; who comes
/// later gets the next, so that nobody misses what was committed before they asked.
/// </summary>
public sealed partial class ReactionScan(IEngineStore store, PublishedModels models, ILogger<ReactionScan> logger)
{
    private readonly Lock _gate = new();
    private List<(string Tenant, int Shard, TaskCompletionSource<List<ScannedUser>> Done)> _waiting = [];
    private bool _running;

    internal Task<List<ScannedUser>> OfAsync(string tenant, int shard)
    {
        var done = new TaskCompletionSource<List<ScannedUser>>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((tenant, shard, done));
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync);
            }
        }

        return done.Task;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            List<(string Tenant, int Shard, TaskCompletionSource<List<ScannedUser>> Done)> waiting;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    return;
                }

                (waiting, _waiting) = (_waiting, []);
            }

            foreach (var tenant in waiting.GroupBy(one => one.Tenant))
            {
                try
                {
                    var found = tenant.Select(one => one.Shard).Distinct().ToDictionary(shard => shard, _ => new List<ScannedUser>());
                    await ScanAsync(tenant.Key, found);
                    foreach (var one in tenant)
                        one.Done.SetResult(found[one.Shard]);
                }
                catch (Exception e)
                {
                    foreach (var one in tenant)
                        one.Done.TrySetException(e);
                }
            }
        }
    }

    private async Task ScanAsync(string tenant, Dictionary<int, List<ScannedUser>> found)
    {
        var model = await models.CurrentAsync(tenant, CancellationToken.None);
        var asOf = model is null ? default : models.AsOfNow(tenant, model);
        // The texts of items come with every user anew; one of each is enough.
        var items = new Dictionary<string, (string Item, int Shard)>();
        for (var number = 0; number < store.Partitions; number++)
        {
            var partition = new PartitionId(tenant, number);
            var pending = (await store.OpenPartitionAsync(partition, CancellationToken.None).OrUnavailable()).Pending.Select(user => user.User).ToHashSet();
            await foreach (var stored in store.ReadUserStatesAsync(partition, null, CancellationToken.None).OrUnavailable())
                await AddAsync(partition, stored.User, stored, pending.Remove(stored.User));
            foreach (var user in pending)
                await AddAsync(partition, user, await store.LoadUserAsync(partition, user, CancellationToken.None).OrUnavailable(), hasMore: true);
        }

        async Task AddAsync(PartitionId partition, string user, StoredUser? stored, bool hasMore)
        {
            try
            {
                var state = stored is null ? new UserState() : UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
                if (hasMore)
                {
                    foreach (var record in await store.ReadUserAsync(partition, user, state.Offset, CancellationToken.None).OrUnavailable())
                        state.ApplyRecord(record.Offset, record.Payload);
                }

                // What belongs to another user is in that user's state.
                if (state.Head.Owner is null && Audiences.Of(state.Head, model, asOf) is { } audience)
                    Add(user, state, audience.ToCore(knowsSegment: true));
            }
            catch (CodecException e)
            {
                // One damaged user does not keep all others from being counted.
                LogUserNotRead(e, user);
            }
        }

        void Add(string user, UserState state, Audience audience)
        {
            var byShard = new Dictionary<int, ScannedUser>();
            var hash = Core.StableHash.OfKey(user);
            foreach (var (answer, interest, attendance) in state.ItemsDated())
            {
                if (!items.TryGetValue(answer.Item, out var item))
                    items.Add(answer.Item, item = (answer.Item, Partitioning.PartitionOf(tenant, answer.Item, store.Partitions)));
                var reaction = Reactions.Of(answer);
                if (reaction == Reaction.None || !found.TryGetValue(item.Shard, out var users))
                    continue;
                if (!byShard.TryGetValue(item.Shard, out var scanned))
                {
                    byShard.Add(item.Shard, scanned = new ScannedUser(user, hash, audience, []));
                    users.Add(scanned);
                }

                scanned.Reactions.Add((item.Item, reaction, attendance is null || interest > attendance ? interest : attendance));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "User {User} has a state or a record that cannot be read; what they did counts for no recommendation.")]
    private partial void LogUserNotRead(Exception exception, string user);
}
