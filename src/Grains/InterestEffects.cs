using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Insights;
using Auie.Core.Items;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Reads a sample of the latest showings from the journal, with what was known when each was made, and computes on the pool what drives interest in them.</summary>
public sealed partial class InterestEffects(IEngineStore store, ComputePool pool, IOptions<EngineOptions> options, ILogger<InterestEffects> logger)
{
    /// <summary>How many users are read for a sample at the most, however few showings each has.</summary>
    private const int MostUsers = 5_000;

    private const int UsersAtOnce = 500, ItemsAtOnce = 200;

    /// <summary>The sample of a query, and of how many users it is; it may be empty.</summary>
    internal async Task<(ShowingSample Sample, long ShownTo, long Kept)> ReadAsync(string tenant, IReadOnlyList<IFeatureShardGrain> shards, AudienceQuery query, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(shards.Select(shard => shard.GetShownTo(query, MostUsers, cancellationToken)));
        var users = parts.SelectMany((part, number) => part.Users.Zip(part.Segments, (user, segment) => (Hash: Core.StableHash.OfKey(user), User: user, Number: number, Segment: segment))).Order().Take(MostUsers).ToArray();
        var sample = new ShowingSample(options.Value.EffectShowings);
        foreach (var some in users.Chunk(UsersAtOnce).TakeWhile(_ => !sample.IsFull))
        {
            var read = (await Task.WhenAll(some.GroupBy(user => user.Number).Select(part => UsersOf(new PartitionId(tenant, part.Key), [.. part.Select(user => user.User)], [.. part.Select(user => user.Segment)], cancellationToken))))
                .SelectMany(part => part).ToDictionary(user => user.User, user => user.Sampled);
            foreach (var user in some)
            {
                if (read.GetValueOrDefault(user.User) is { } sampled)
                    sample.Add(sampled);
            }
        }

        foreach (var part in sample.Items.GroupBy(item => Partitioning.PartitionOf(tenant, item, store.Partitions)))
        {
            foreach (var some in part.Order(StringComparer.Ordinal).Chunk(ItemsAtOnce))
                await AddItems(sample, PartitionId.OfItems(tenant, part.Key), some, cancellationToken);
        }

        return (sample, parts.Sum(part => part.ShownTo), parts.Sum(part => part.Kept));
    }

    /// <summary>What drives interest in what was sampled, which is not empty.</summary>
    internal async Task<(InterestDrivers Drivers, DateTimeOffset Since)> OfAsync(ShowingSample sample, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var showings = await pool.Run(sample.ToShowings, cancellationToken);
        return (await InterestDrivers.OfAsync(showings, asOf, (count, step) => pool.RunEach(count, step, cancellationToken)), new DateTimeOffset(sample.Since, TimeSpan.Zero));
    }

    private async Task<(string User, SampledUser? Sampled)[]> UsersOf(PartitionId partition, string[] users, int[] segments, CancellationToken cancellationToken)
    {
        var states = (await store.LoadUsersAsync(partition, users, cancellationToken).OrUnavailable()).ToDictionary(state => state.User);
        var records = (await store.ReadUsersAsync(partition, Array.ConvertAll(users, user => (user, 0L)), cancellationToken).OrUnavailable()).ToLookup(record => record.User);
        var sampled = new (string, SampledUser?)[users.Length];
        await pool.RunEach(users.Length, i => sampled[i] = (users[i], Read(users[i], () => SampledUser.Of(
            users[i],
            states.GetValueOrDefault(users[i]) is { } stored ? UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data))) : new UserState(),
            records[users[i]].Select(record => EntryCodec.DecodeRecord(record.Payload)), segments[i]))), cancellationToken);
        return sampled;
    }

    private async Task AddItems(ShowingSample sample, PartitionId partition, string[] items, CancellationToken cancellationToken)
    {
        var states = await store.LoadUsersAsync(partition, items, cancellationToken).OrUnavailable();
        await pool.RunEach(states.Length, i =>
        {
            if (Read(states[i].User, () => ItemState.Load(states[i].Head, states[i].Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)))) is { } state)
                sample.Add(states[i].User, state);
        }, cancellationToken);
    }

    // Of one who is damaged nothing is told; of all others it is.
    private T? Read<T>(string id, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (CodecException e)
        {
            LogNotRead(e, id);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Id} has a state or a record that cannot be read; it counts for nothing in what drives interest.")]
    private partial void LogNotRead(Exception exception, string id);
}
