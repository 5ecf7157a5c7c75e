using Auie.Abstractions;
using Auie.Core.Campaigns;
using Auie.Core.Codecs;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>Whom campaigns are for and what they did since, from the columns; and who is friends with whom, from the states as of the last flush, which are read once and again where they change.</summary>
public sealed partial class FeatureShardGrain
{
    /// <summary>How many states are read at once for their friends.</summary>
    private const int StatesAtOnce = 500;

    /// <summary>How many links one message holds, and a few more.</summary>
    private const int LinksAtOnce = 1_000_000;

    public async Task<CampaignCandidatesPart> GetCampaignCandidates(AudienceQuery query, string measure, int fromHour, int toHour, int most, CancellationToken cancellationToken)
    {
        var by = CampaignMeasures.Of(measure);
        var (users, zones, sources, uses) = (new List<string>(), new List<int>(), new List<byte>(), new List<long>());
        var (locales, places, ownHours, rhythm) = (new List<string>(), new List<string>(), new List<int>(), new UserRhythm());
        var (forbidden, hits, chances, firstSeen) = (new List<bool>(), new List<long>(), new List<long>(), new List<double>());
        foreach (var row in await AudienceRows(query, cancellationToken))
        {
            if (users.Count == most)
                throw new InvalidRequestException("segment", $"has more members than a campaign may be for, {options.Value.MaxCampaignMembers:N0} (Engine:{nameof(EngineOptions.MaxCampaignMembers)})");
            var zone = UserZone.Of(row.Facts, row.Locale);
            users.Add(row.User);
            zones.Add(zone.Minutes);
            sources.Add((byte)zone.Source);
            uses.AddRange([(long)row.Facts[Fact.WebEvents], (long)row.Facts[Fact.MobileEvents], (long)row.Facts[Fact.EmailEvents]]);
            locales.Add(row.Locale);
            places.Add(row.Place);
            ownHours.Add(toHour > 0 && !row.Rhythm.IsEmpty ? Busiest(row.Rhythm, zone.Minutes) : -1);
            forbidden.Add(row.Facts[Fact.Tracking] == 0);
            hits.Add(by.Hits(row.Facts));
            chances.Add(by.Chances(row.Facts));
            firstSeen.Add(row.Facts[Fact.FirstSeen]);
        }

        return new CampaignCandidatesPart
        {
            Users = [.. users],
            Zones = [.. zones],
            ZoneSources = [.. sources],
            Uses = [.. uses],
            TrackingForbidden = [.. forbidden],
            Hits = [.. hits],
            Chances = [.. chances],
            FirstSeen = [.. firstSeen],
            Locales = [.. locales],
            Places = [.. places],
            OwnHours = [.. ownHours],
        };

        int Busiest(ReadOnlySpan<byte> of, int zone)
        {
            rhythm.Read(of, [], zone);
            return rhythm.Busiest(fromHour, toHour) ?? -1;
        }
    }

    public Task<long[]> CountAnswers(string[] users, string measure, CancellationToken cancellationToken)
    {
        var by = CampaignMeasures.Of(measure);
        return Task.FromResult(Array.ConvertAll(users, user => _users.Find(user) is { } row && _users.Facts(row)[Fact.Tracking] != 0 ? by.Hits(_users.Facts(row)) : -1));
    }

    public async Task<string[]> GetPeople(AudienceQuery query, int most, CancellationToken cancellationToken)
    {
        var people = new List<string>();
        foreach (var row in await AudienceRows(query, cancellationToken))
        {
            if (row.Facts[Fact.Tracking] == 0)
                continue;
            if (people.Count == most)
                throw new InvalidRequestException("segment", $"has more people than influencers are looked for among, {options.Value.MaxInfluencePeople:N0} (Engine:{nameof(EngineOptions.MaxInfluencePeople)}); ask for a segment, a locale, or both");
            people.Add(row.User);
        }

        return [.. people];
    }

    public async Task<FriendshipsPart> GetFriendships(FriendshipsQuery query, CancellationToken cancellationToken)
    {
        var places = new HashPlaces(query.People);
        // Told by the columns before anything is awaited: users may come and go meanwhile. Who lists nobody is in others' lists, if in any.
        var people = (await AudienceRows(query.Audience, cancellationToken)).Where(row => row.Facts[Fact.Friends] > 0).Select(row => row.User)
            .Where(user => (query.After is null || string.CompareOrdinal(user, query.After) > 0) && places.Of(Core.StableHash.OfKey(user)) >= 0).Order(StringComparer.Ordinal).ToArray();
        var (from, to, read) = (new List<int>(), new List<int>(), 0);
        while (read < people.Length && from.Count <= Math.Min(query.Most, LinksAtOnce))
        {
            var some = people[read..Math.Min(people.Length, read + StatesAtOnce)];
            var lists = await FriendsOfAsync(some, cancellationToken);
            await pool.Run(() => Add(some, lists), cancellationToken);
            read += some.Length;
        }

        return new FriendshipsPart([.. from], [.. to], read < people.Length ? people[read - 1] : null);

        void Add(string[] users, ulong[][] lists)
        {
            for (var i = 0; i < users.Length; i++)
            {
                var own = places.Of(Core.StableHash.OfKey(users[i]));
                foreach (var friend in lists[i])
                {
                    if (places.Of(friend) is not (>= 0 and var place))
                        continue;
                    from.Add(own);
                    to.Add(place);
                }
            }
        }
    }

    /// <summary>Whom each of these lists: as it was read before, else from their state as of the last flush.</summary>
    private async Task<ulong[][]> FriendsOfAsync(string[] users, CancellationToken cancellationToken)
    {
        // What changed is told once, and a partition may die before it has told it: what was read is not gone by for ever.
        if (time.GetElapsedTime(_friendsSince) > options.Value.FriendListsKept)
            (_friends, _friendsSince) = (NewFriendLists(), time.GetTimestamp());
        var lists = _friends;
        var known = new Dictionary<string, ulong[]>(users.Length);
        foreach (var user in users)
        {
            if (lists.TryGet(user, out var friends))
                known.Add(user, friends);
        }

        string[] unknown = [.. users.Where(user => !known.ContainsKey(user))];
        if (unknown.Length > 0)
        {
            var changes = lists.Changes;
            var states = await store.LoadUsersAsync(new PartitionId(_tenant, _number), unknown, cancellationToken).OrUnavailable();
            foreach (var (user, friends) in await pool.Run(() => Array.ConvertAll(states, stored => (stored.User, FriendsOf(stored))), cancellationToken))
            {
                known[user] = friends;
                lists.Keep(user, friends, changes);
            }
        }

        return Array.ConvertAll(users, user => known.GetValueOrDefault(user, []));
    }

    private static ulong[] FriendsOf(StoredUser stored)
    {
        try
        {
            return [.. UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data))).FriendsAfter(null).Select(Core.StableHash.OfKey)];
        }
        catch (CodecException)
        {
            // Of one whose state is damaged no friend is known; the others' lists may still name them.
            return [];
        }
    }
}
