using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>
/// How candidates are looked up. The index is made from the store when somebody first asks, off this grain's turns, and from then on is told of what is
/// committed; what is committed while it is made is told to it afterwards. It is made anew for another segmentation, and after an erasure.
/// </summary>
public sealed partial class ItemShardGrain
{
    /// <summary>How many people of an item are told of.</summary>
    private const int MostSimilar = 100;

    private ItemIndex? _index;
    private Task<ItemIndex>? _making;

    /// <summary>What came since the index that is being made was begun.</summary>
    private List<Action<ItemIndex>>? _since;

    private readonly HashSet<string> _changedSince = [];

    /// <summary>How far the clock is ahead of what it is now for recommendations, as far as that was looked up.</summary>
    private TimeSpan _ahead;

    public async Task<CandidateBatch> FindCandidates(CandidateRequest request, CancellationToken cancellationToken)
    {
        var index = await IndexAsync();
        // Of a segmentation that is newer than the index the segments are not known yet; what else there is answers meanwhile.
        if (request.Audience.Version > index.ModelVersion)
            _ = MakeAsync();
        index.Now = models.Now(_tenant, await models.CurrentAsync(_tenant, cancellationToken));
        _ahead = time.GetUtcNow() - index.Now;
        return index.Find(request.ToCore(store.Partitions, request.Audience.Version == index.ModelVersion), RecommendationMessages.ToMessage);
    }

    public async Task<DescribedItems> Describe(string[] items, string place, CancellationToken cancellationToken)
    {
        var index = await IndexAsync();
        var described = new List<DescribedItem>(items.Length);
        foreach (var item in items)
        {
            if (index.Describe(item) is { } known)
                described.Add(new DescribedItem(known.Facts.ToMessage(item), [.. known.People], known.Wanted));
        }

        var point = place.Length == 0 ? null : index.Locate(place);
        return new DescribedItems([.. described], point?.Latitude, point?.Longitude);
    }

    public async Task<SimilarItems?> GetSimilar(string item, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MostSimilar)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MostSimilar}");
        var index = await IndexAsync();
        if (index.Describe(item) is not { } one)
            return null;
        var people = one.People.ToArray();
        var model = await models.CurrentAsync(_tenant, cancellationToken);
        var request = new CandidateRequest
        {
            At = models.Now(_tenant, model),
            Friends = [],
            Neighbours = people,
            Weights = [.. people.Select(_ => 1f)],
            Audience = new AudienceMessage("", "", "", -1, 0),
            Words = [.. one.Facts.Words],
            Viewed = [],
            Excluded = [item],
        };
        var lists = await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(number =>
            GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, number)).FindCandidates(request, cancellationToken)));
        return new SimilarItems(item,
        [
            .. lists.SelectMany(list => list.Candidates).Select(told => told!.Value).Select(other =>
            {
                var common = one.Facts.Words.Intersect(other.Item.Words).ToArray();
                // The cosine of who wanted them, and how much of their words is the same.
                var together = people.Length == 0 || other.Wanted == 0 ? 0 : other.CoAnswered / Math.Sqrt((double)people.Length * other.Wanted);
                return new SimilarItem(other.Item.Id, other.Item.Title, together + Taste.Likeness(one.Facts, other.Item.ToCore()), (int)other.CoAnswered, common);
            }).Where(other => other.Score > 0).OrderByDescending(other => other.Score).ThenBy(other => other.Id, StringComparer.Ordinal).Take(count),
        ]);
    }

    public Task<string?[]> NamePeople(ulong[] people, CancellationToken cancellationToken) => Task.FromResult(Array.ConvertAll(people, person => _index?.NameOf(person)));

    public Task<bool> Heard(UserReactions[] users, CancellationToken cancellationToken)
    {
        foreach (var user in users)
        {
            Tell(index =>
            {
                index.Now = time.GetUtcNow() - _ahead;
                var person = Core.StableHash.OfKey(user.UserId);
                index.Name(person, user.UserId);
                if (user.Audience is { } audience)
                    index.Place(person, audience.ToCore(audience.Version == index.ModelVersion));
                foreach (var reaction in user.Reactions)
                    index.React(person, reaction.Item, (EntryKind)reaction.Kind, reaction.At == EntryValidation.Undated ? null : reaction.At);
            });
        }

        return Task.FromResult(_index is not null || _since is not null);
    }

    /// <summary>Takes note of what was committed of items.</summary>
    private async Task IndexAsync(IEnumerable<(string Item, ItemEntry Entry)> committed)
    {
        if (_index is null && _since is null)
            return;
        foreach (var (item, entry) in committed)
        {
            Tell(index => Answers(index, item, entry));
            if (entry.Traits is null)
                continue;
            _changedSince.Add(item);
            // Which of several traits holds is the state's affair.
            if (_index is { } now && await ReadAsync(item, CancellationToken.None) is { } state)
                now.Put(item, ItemFacts.Of(state.Head.Traits));
        }

        static void Answers(ItemIndex index, string item, ItemEntry entry)
        {
            foreach (var (people, reaction) in ((IReadOnlyList<string>?, Reaction)[])[(entry.Yes, Reaction.Yes), (entry.Maybe, Reaction.Maybe), (entry.No, Reaction.No)])
            {
                foreach (var person in people ?? [])
                    index.Answer(Core.StableHash.OfKey(person), item, reaction);
            }
        }
    }

    /// <summary>Has the next who asks make the index anew.</summary>
    private void DropIndex() => (_index, _making, _since) = (null, null, null);

    private void Tell(Action<ItemIndex> news)
    {
        if (_index is { } index)
            news(index);
        _since?.Add(news);
    }

    private Task<ItemIndex> IndexAsync() => _index is { } index ? Task.FromResult(index) : MakeAsync();

    private Task<ItemIndex> MakeAsync()
    {
        if (_making is not null)
            return _making;
        _since = [];
        _changedSince.Clear();
        return _making = MakeAndKeepAsync(_since);
    }

    private async Task<ItemIndex> MakeAndKeepAsync(List<Action<ItemIndex>> since)
    {
        try
        {
            // Whoever asked keeps this task before it can fail.
            await Task.Yield();
            await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(number =>
                GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, number)).TellItems(_shard.Number, CancellationToken.None)));
            var pending = _waiting.ToHashSet();
            var made = await Task.Run(() => ReadIndexAsync(pending));
            // What changes while those that changed are read, too: until there are none, and from then on nothing is waited for.
            while (_changedSince.Count > 0)
            {
                var changed = _changedSince.ToArray();
                _changedSince.Clear();
                foreach (var item in changed)
                {
                    if (await ReadAsync(item, CancellationToken.None) is { } state)
                        made.Put(item, ItemFacts.Of(state.Head.Traits));
                }
            }

            foreach (var news in since)
                news(made);
            // An erasure may have dropped it meanwhile.
            if (ReferenceEquals(_since, since))
                _index = made;
            return made;
        }
        finally
        {
            if (ReferenceEquals(_since, since))
                (_making, _since) = (null, null);
        }
    }

    private async Task<ItemIndex> ReadIndexAsync(HashSet<string> pending)
    {
        var model = await models.CurrentAsync(_tenant, CancellationToken.None);
        var index = new ItemIndex { ModelVersion = model?.Version ?? 0, Now = models.Now(_tenant, model) };
        await foreach (var stored in store.ReadUserStatesAsync(_shard, null, CancellationToken.None).OrUnavailable())
        {
            if (stored.User != TotalsId)
                await AddAsync(stored.User, stored, pending.Remove(stored.User));
        }

        foreach (var item in pending)
            await AddAsync(item, await store.LoadUserAsync(_shard, item, CancellationToken.None).OrUnavailable(), hasMore: true);
        foreach (var user in await scan.OfAsync(_tenant, _shard.Number))
        {
            index.Name(user.Hash, user.Id);
            index.Place(user.Hash, user.Audience);
            foreach (var (item, reaction, at) in user.Reactions)
                index.React(user.Hash, item, reaction, at);
        }

        return index;

        async Task AddAsync(string item, StoredUser? stored, bool hasMore)
        {
            try
            {
                var state = Load(stored);
                if (hasMore)
                    Apply(state, await store.ReadUserAsync(_shard, item, state.Offset, CancellationToken.None).OrUnavailable());
                index.Put(item, ItemFacts.Of(state.Head.Traits));
                foreach (var answer in state.AnswersAfter(null))
                    index.Answer(Core.StableHash.OfKey(answer.Person), item, Reactions.Of(answer));
            }
            catch (CodecException e)
            {
                LogItemNotIndexed(e, item);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {Item} has a state or a record that cannot be read; it is not recommended.")]
    private partial void LogItemNotIndexed(Exception exception, string item);
}
