using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Segments;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>
/// How things are recommended to the user: the user's own taste and whereabouts, candidates from every item shard, features, ranker, reasons; and what was
/// recommended is committed as shown.
/// </summary>
public sealed partial class UserGrain
{
    /// <summary>The most that one answer holds.</summary>
    public const int MostRecommended = 100;

    /// <summary>How long what other people wanted is taken for granted.</summary>
    private static readonly TimeSpan NeighboursKept = TimeSpan.FromMinutes(1);

    private History? _history;

    private IItemShardGrain ItemShard(int number) => GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, number));

    public async Task<Recommendations?> Recommend(RecommendationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        await CatchUpAsync(request.AtLeast, cancellationToken);
        if (await OwnerAsync(request.AtLeast, cancellationToken) is { } owner)
            return await owner.Recommend(request with { AtLeast = AllThereIs }, cancellationToken);
        var model = await models.CurrentAsync(_tenant, cancellationToken);
        var at = request.At ?? models.Now(_tenant, model);
        var supposes = request.SupposedTraits is not null || request.SupposedEvents is not null;
        var state = supposes ? Suppose(request, at) : _state;
        if (state.Head.Personalisation == false)
            return null;

        var history = await HistoryAsync(state, keep: !supposes, cancellationToken);
        var audience = AudienceOf(state.Head, request, model);
        var near = RecommendationMessages.Point(request.Latitude, request.Longitude)
            ?? (request.Place is null && UserAudience.PointOf(state.Head.Traits) is { } own ? own : await LocateAsync(audience.Place, cancellationToken));
        var user = new RecommendedUser
        {
            Taste = history.Told.Taste,
            Audience = audience.ToCore(knowsSegment: true),
            Persona = model is not null && audience.Segment >= 0 ? model.Segments[audience.Segment].Persona : null,
            Point = near,
            Place = request.Place ?? state.Head.Traits.Place,
            TimezoneMinutes = state.Head.Traits.TimezoneMinutes ?? 0,
            Answers = history.Answers,
        };
        // One ranker for the whole answer, whatever is published meanwhile.
        var ranker = request.Ranker is { } named ? await rankers.NamedAsync(_tenant, named, cancellationToken) : await rankers.CurrentAsync(_tenant, cancellationToken);
        var (candidates, best) = await turns.TakeAsync(async () =>
        {
            var lists = await FindAsync(request, at, history, audience, near, cancellationToken);
            if (request.Offer is { } offer)
                lists = offer.ToCore().Of(lists, user, at);
            var ranked = Recommender.Rank(
                user, lists, ranker?.Ranker ?? LinearBaseline.Instance, at, request.Count, request.Only is null ? Recommender.LossByLikeness : 0, (float)options.Value.PriceWeight);
            return (lists.Sum(list => list.Candidates.Count), ranked);
        }, cancellationToken);
        var id = Guid.CreateVersion7().ToString("N");
        var recorded = request.Record && !supposes && IsKnown && state.Head.Tracking != false && best.Length > 0
            && await RecordAsync(id, best, audience.Platform, models.Now(_tenant, model), cancellationToken);
        return new Recommendations
        {
            RecommendationId = id,
            UserId = _user,
            AsOf = at,
            Ranker = ranker?.Name ?? PublishedRankers.Baseline,
            ModelVersion = model?.Version ?? 0,
            Persona = user.Persona,
            Recorded = recorded,
            Candidates = candidates,
            Items = Array.ConvertAll(best, RecommendationMessages.View),
            Page = request.Page,
        };
    }

    public async Task<SimilarUsers?> GetSimilar(int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > Neighbours.Most)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {Neighbours.Most}");
        await CatchUpAsync(0, cancellationToken);
        if (await OwnerAsync(0, cancellationToken) is { } owner)
            return await owner.GetSimilar(count, cancellationToken);
        if (!IsKnown || _state.Head.Personalisation == false)
            return null;
        var history = await HistoryAsync(_state, keep: true, cancellationToken);
        var people = history.Told.Neighbours.Take(count).ToArray();
        var hashes = Array.ConvertAll(people, one => one.Person);
        var named = await Task.WhenAll(Shards.Select(number => ItemShard(number).NamePeople(hashes, cancellationToken)));
        var users = new List<SimilarUser>();
        for (var i = 0; i < people.Length; i++)
        {
            // Of somebody whom only others mention there is nothing to show.
            if (named.Select(names => names[i]).FirstOrDefault(name => name is not null) is { } name)
                users.Add(new SimilarUser(name, history.Told.InCommon[people[i].Person], people[i].Weight));
        }

        return new SimilarUsers(_user, [.. users]);
    }

    private IEnumerable<int> Shards => Enumerable.Range(0, store.Partitions);

    private static void Check(RecommendationRequest request)
    {
        if (request.Count is < 1 or > MostRecommended)
            throw new InvalidRequestException("n", $"{request.Count} is not in 1 to {MostRecommended}");
        if (request.Kind is not (null or "event" or "product"))
            throw new InvalidRequestException("kind", $"'{request.Kind}' is neither event nor product");
        if (RecommendationMessages.Point(request.Latitude, request.Longitude) is { IsPlace: false } || request.Latitude is null != request.Longitude is null)
            throw new InvalidRequestException("near", "is no place: a latitude from -90 to 90 and a longitude from -180 to 180");
        if (request.From > request.To)
            throw new InvalidRequestException("from", "is later than 'to'");
    }

    /// <summary>The state that there would be; what is held stays as it is.</summary>
    private UserState Suppose(RecommendationRequest request, DateTimeOffset at)
    {
        var entries = new List<Entry>();
        if (request.SupposedTraits is { } traits)
            Add(new UserEvent { UserId = _user, MessageId = "supposed", Kind = EntryKind.Identify.Name(), At = at, Traits = traits }, "traits");
        var events = request.SupposedEvents ?? [];
        for (var i = 0; i < events.Length; i++)
            Add(events[i] with { UserId = _user }, $"events[{i}]");
        var state = UserState.Decode(_state.Encode());
        state.Apply([.. entries]);
        return state;

        void Add(UserEvent supposed, string where)
        {
            // As in a bulk: nobody else is told.
            if (EventMapping.ToEntry(supposed, isImport: true, out var entry) is { } error)
                throw new InvalidRequestException(where == "traits" ? where : $"{where}.{error.Field}", error.Reason);
            entries.Add(entry);
        }
    }

    private AudienceMessage AudienceOf(UserHead head, RecommendationRequest request, SegmentModel? model)
    {
        var held = Audiences.Of(head, model, model is null ? default : models.AsOfNow(_tenant, model))
            ?? new AudienceMessage(head.Traits.Locale ?? "", ItemIndex.PlaceName(head.Traits.Place ?? ""), "", -1, model?.Version ?? 0);
        return held with
        {
            Locale = held.Locale.Length > 0 ? held.Locale : request.Locale ?? "",
            Place = request.Place is { } place ? ItemIndex.PlaceName(place) : held.Place,
            Platform = request.Platform ?? held.Platform,
        };
    }

    private (string Place, GeoPoint Point)? _located;

    /// <summary>Where a place is, by what items take place there; null where none does.</summary>
    private async ValueTask<GeoPoint?> LocateAsync(string place, CancellationToken cancellationToken)
    {
        if (place.Length == 0)
            return null;
        if (_located is { } known && known.Place == place)
            return known.Point;
        foreach (var described in await Task.WhenAll(Shards.Select(number => ItemShard(number).Describe([], place, cancellationToken))))
        {
            if (RecommendationMessages.Point(described.Latitude, described.Longitude) is not { } point)
                continue;
            _located = (place, point);
            return point;
        }

        return null;
    }

    /// <summary>What the user did and what follows from it; kept until the user does more.</summary>
    private async ValueTask<History> HistoryAsync(UserState state, bool keep, CancellationToken cancellationToken)
    {
        if (keep && _history is { } known && known.Offset == state.Offset && time.GetElapsedTime(known.MadeAt) < NeighboursKept)
            return known;
        // What was shown alone changes neither taste nor neighbours.
        var answers = state.ItemsAfter(null).ToDictionary(answer => answer.Item);
        var made = keep && _history is { } before && before.Key == History.KeyOf(state.Head) && time.GetElapsedTime(before.MadeAt) < NeighboursKept
            ? WithAnswers(before with { Offset = state.Offset }, answers)
            : await MakeHistoryAsync(state, answers, cancellationToken);
        if (keep)
            _history = made;
        return made;
    }

    private async Task<History> MakeHistoryAsync(UserState state, Dictionary<string, ItemAnswer> answers, CancellationToken cancellationToken)
    {
        // As of now, as the answers are: what is done while items are described is of the next.
        var (offset, key, began, friends) = (state.Offset, History.KeyOf(state.Head), time.GetTimestamp(), state.FriendsAfter(null).Select(Core.StableHash.OfKey).ToArray());
        var described = await Task.WhenAll(ByShard(UserHistory.ToldBy(answers.Values)).Index().Where(shard => shard.Item.Length > 0)
            .Select(shard => ItemShard(shard.Index).Describe(shard.Item, "", cancellationToken)));
        var made = UserHistory.Of(Core.StableHash.OfKey(_user), answers,
            described.SelectMany(shard => shard.Items).Select(one => new ToldItem(one.Item.Id, one.Item.ToCore(), one.People, one.Wanted)));
        var history = new History(offset, key, began, made, made.Taste.BestWords(UserHistory.MostWords), friends);
        return WithAnswers(history, answers);
    }

    private History WithAnswers(History history, Dictionary<string, ItemAnswer> answers) => history with
    {
        Answers = answers,
        Done = ByShard(answers.Values.Where(RecommendedUser.IsDone).Select(answer => answer.Item)),
        Viewed = ByShard(answers.Values.Where(answer => answer.Viewed > 0 && !RecommendedUser.IsDone(answer)).Select(answer => answer.Item)),
    };

    /// <summary>The items of each shard, by its number.</summary>
    private string[][] ByShard(IEnumerable<string> items)
    {
        var lookup = items.ToLookup(item => Partitioning.PartitionOf(_tenant, item, store.Partitions));
        return [.. Shards.Select(number => lookup[number].ToArray())];
    }

    private async Task<CandidateList[]> FindAsync(
        RecommendationRequest request, DateTimeOffset at, History history, AudienceMessage audience, GeoPoint? near, CancellationToken cancellationToken)
    {
        var exclude = request.Exclude.Length == 0 ? null : ByShard(request.Exclude);
        var only = request.Only is null ? null : ByShard(request.Only);
        var common = new CandidateRequest
        {
            At = at,
            Friends = history.Friends,
            Neighbours = history.Neighbours,
            Weights = history.Weights,
            Audience = audience,
            Latitude = near?.Latitude,
            Longitude = near?.Longitude,
            Words = history.Words,
            Viewed = [],
            Excluded = [],
            Kind = request.Kind,
            Category = request.Category?.ToLowerInvariant(),
            From = request.From,
            To = request.To,
        };
        var batches = await Task.WhenAll(Shards.Select(number => ItemShard(number).FindCandidates(
            common with
            {
                Viewed = history.Viewed[number],
                Excluded = exclude is null ? history.Done[number] : [.. history.Done[number], .. exclude[number]],
                Only = only?[number],
            }, cancellationToken)));
        return Array.ConvertAll(batches, batch => batch.ToCore());
    }

    /// <summary>Commits what is recommended as shown now, whatever instant was asked about; whether it could be. Without it the answer is as good.</summary>
    private async Task<bool> RecordAsync(string id, Recommended[] best, string platform, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var shown = new UserEvent[best.Length];
            for (var i = 0; i < shown.Length; i++)
            {
                shown[i] = new UserEvent
                {
                    UserId = _user, MessageId = $"{id}.{i}", Kind = EntryKind.Shown.Name(), At = now, Item = best[i].Candidate.Item, Platform = platform.Length == 0 ? null : platform,
                };
            }

            var result = await GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, _partition.Number)).Append(shown, false, cancellationToken);
            return result.Refused.Length == 0;
        }
        catch (Exception e) when (e is OverloadedException or UnavailableException or TimeoutException)
        {
            LogNotRecorded(e, _user);
            return false;
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Warning, Message = "What was recommended to user {User} could not be recorded as shown.")]
    private partial void LogNotRecorded(Exception exception, string user);

    /// <summary>What the user did, and what it says of them.</summary>
    private sealed record History(
        long Offset, (int, int, int, int, int, long, long, long, int) Key, long MadeAt, UserHistory Told, string[] Words, ulong[] Friends)
    {
        public ulong[] Neighbours { get; } = Array.ConvertAll(Told.Neighbours, one => one.Person);

        public float[] Weights { get; } = Array.ConvertAll(Told.Neighbours, one => one.Weight);

        public Dictionary<string, ItemAnswer> Answers { get; init; } = [];

        /// <summary>Of each shard what is not to be shown again, and what else the user looked at.</summary>
        public string[][] Done { get; init; } = [];

        public string[][] Viewed { get; init; } = [];

        /// <summary>What changes with everything but a showing.</summary>
        public static (int, int, int, int, int, long, long, long, int) KeyOf(UserHead head) => (
            head.Interested, head.NotInterested, head.Yes, head.Maybe, head.No,
            head.Count(EntryKind.Viewed), head.Count(EntryKind.Purchased),
            head.Entries - head.Count(EntryKind.Shown), head.Friends);
    }
}
