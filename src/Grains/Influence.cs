using Auie.Abstractions;
using Auie.Core.Insights;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>People among whom influencers are looked for, and who of them is friends with whom.</summary>
/// <param name="People">In the order of the hashes of their ids, by which draws are made.</param>
internal sealed record Friendships(string[] People, FriendGraph Graph);

/// <summary>Reads the friend graph of some people from the shards, and has influencers chosen on the compute pool.</summary>
public sealed class Influence(ComputePool pool, IOptions<EngineOptions> options)
{
    /// <summary>The friend graph among people whom a query means, and of whom <paramref name="isIn"/> says yes.</summary>
    /// <exception cref="InvalidRequestException">There are more people or links than are looked among.</exception>
    internal async Task<Friendships> ReadAsync(IReadOnlyList<IFeatureShardGrain> shards, AudienceQuery query, Func<string, bool>? isIn, CancellationToken cancellationToken)
    {
        var most = options.Value.MaxInfluencePeople;
        var parts = await Task.WhenAll(shards.Select(shard => shard.GetPeople(query, most, cancellationToken)));
        var people = parts.SelectMany(part => part).Where(user => isIn is null || isIn(user)).Select(user => (Hash: Core.StableHash.OfKey(user), User: user))
            .OrderBy(one => one.Hash).ThenBy(one => one.User, StringComparer.Ordinal).DistinctBy(one => one.Hash).ToArray();
        if (people.Length > most)
            throw new InvalidRequestException("segment", $"has {people.Length:N0} people, more than influencers are looked for among, {most:N0} (Engine:{nameof(EngineOptions.MaxInfluencePeople)}); ask for a segment, a locale, or both");
        CheckBytes(people.Length, 0);
        var hashes = Array.ConvertAll(people, one => one.Hash);
        var (first, second) = (new List<int>(), new List<int>());
        // One shard after the other, so that no more links are in memory than may be.
        foreach (var shard in shards)
        {
            string? after = null;
            do
            {
                var part = await shard.GetFriendships(new FriendshipsQuery(query, hashes, options.Value.MaxInfluenceLinks - first.Count, after), cancellationToken);
                first.AddRange(part.From);
                second.AddRange(part.To);
                after = part.Next;
                CheckBytes(people.Length, first.Count);
                if (first.Count > options.Value.MaxInfluenceLinks)
                    throw new InvalidRequestException("segment", $"has more links among its people than influencers are looked for among, {options.Value.MaxInfluenceLinks:N0} (Engine:{nameof(EngineOptions.MaxInfluenceLinks)}); ask for a segment, a locale, or both");
            }
            while (after is not null);
        }

        var names = Array.ConvertAll(people, one => one.User);
        return await pool.Run(() => new Friendships(names, FriendGraph.Of(names.Length, first.ToArray(), second.ToArray())), cancellationToken);
    }

    /// <summary>Chooses among all of the people; null where there is nobody.</summary>
    internal async Task<T?> ChooseAsync<T>(Friendships friendships, InfluenceOptions how, Func<InfluenceMaximisation, T> choose, CancellationToken cancellationToken) where T : class
    {
        if (friendships.People.Length == 0 || how.Count == 0)
            return null;
        int[] all = [.. Enumerable.Range(0, friendships.People.Length)];
        // The lists that the graph was made of are gone by now: of each pair it holds both ends.
        var left = options.Value.MaxInfluenceBytes - BytesOf(friendships.People.Length, 0) - (2 * sizeof(int) * friendships.Graph.Pairs);
        // On the pool's own thread alone: those of all others are for turns and heartbeats.
        return await pool.Run(() => choose(new InfluenceMaximisation(friendships.Graph, all, all, how with { Threads = 1, MostBytes = Math.Max(0, left) })), cancellationToken);
    }

    private static long BytesOf(long people, long links) => (people * InfluenceMaximisation.BytesOfPerson) + (links * InfluenceMaximisation.BytesOfLink);

    private void CheckBytes(long people, long links)
    {
        if (BytesOf(people, links) > options.Value.MaxInfluenceBytes)
        {
            throw new InvalidRequestException("segment",
                $"has {people:N0} people and {links:N0} links among them at least, which take {BytesOf(people, links):N0} bytes, more than influencers may be looked for in, {options.Value.MaxInfluenceBytes:N0} (Engine:{nameof(EngineOptions.MaxInfluenceBytes)}); ask for a segment, a locale, or both");
        }
    }
}
