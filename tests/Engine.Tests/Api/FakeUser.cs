using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeUser(FakeEngine engine, string id) : IUserGrain
{
    public Task<UserView?> Get(long atLeast, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.TryGetValue(id, out var user) ? user : null);

    public Task<UserSilhouette?> GetSilhouette(long atLeast, CancellationToken cancellationToken) => Task.FromResult(
        engine.Segmentation is { } model && engine.Users.ContainsKey(id) && !engine.WithoutAnswers.Contains(id)
            ? new UserSilhouette
            {
                UserId = id, ModelVersion = model.Version, AsOf = model.AsOf, Segment = 0, Persona = "Silent Observers", Silhouette = .5, OwnDistance = 1,
                Neighbour = 1, NeighbourPersona = "Enthusiasts", NeighbourDistance = 2, SilhouetteMethod = "sampled-members", SilhouetteRows = 20_000,
                SilhouettePracticalError = .01, SilhouetteConfidence = .95,
            }
            : null);

    public Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken)
    {
        engine.SegmentQueries.Enqueue((id, asOf, atLeast));
        if (engine.Segmentation is not { } model || !engine.Users.TryGetValue(id, out var user) || engine.WithoutAnswers.Contains(id)) return Task.FromResult<UserSegment?>(null);
        return Task.FromResult<UserSegment?>(new UserSegment
        {
            UserId = id,
            ModelVersion = model.Version,
            Features = model.Features,
            AsOf = asOf ?? model.AsOf,
            Segment = 0,
            Persona = "Silent Observers",
            Distances = [new SegmentDistance(0, "Silent Observers", .5), new SegmentDistance(1, "Enthusiasts", 2)],
            Margin = .75,
            Reasons = [new FeatureReason("age", null, 22, 30, .8)],
            Version = user.Version,
        });
    }

    public Task<FriendPage> GetFriends(string? cursor, int count, CancellationToken cancellationToken)
    {
        string[] all = ["f1", "f2", "f3"];
        var page = all.Where(friend => string.CompareOrdinal(friend, cursor) > 0).Take(count).ToArray();
        return Task.FromResult(new FriendPage(page, all.Length, page.Length > 0 && page[^1] != all[^1] ? page[^1] : null));
    }

    public Task<Recommendations?> Recommend(RecommendationRequest request, CancellationToken cancellationToken)
    {
        engine.Recommended.Enqueue((id, request));
        if (engine.Users.TryGetValue(id, out var user) && user.Personalisation == false) return Task.FromResult<Recommendations?>(null);
        string[] items = request.Only ?? ["event-1", "product-2"];
        return Task.FromResult<Recommendations?>(new Recommendations
        {
            RecommendationId = "r1", UserId = id, AsOf = request.At ?? FakeEngine.AsOf, Ranker = "baseline", ModelVersion = 0, Recorded = request.Record, Candidates = 2,
            Page = request.Page,
            Items = [.. items.Except(request.Exclude).Take(request.Count).Select((item, i) => new RecommendedItem
            {
                Id = item, Kind = item.Split('-')[0], Title = $"The {item}", Score = 2 - i, Reasons = ["4 friends said yes", "starts in 3 days, in Medan"], Sources = ["friends_answers"],
            })],
        });
    }

    public Task<SimilarUsers?> GetSimilar(int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.ContainsKey(id) ? new SimilarUsers(id, [new SimilarUser("bob", 3, 1.5)]) : null);

    public Task<UserStanding> GetStanding(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<byte[]> GetHistory(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public ValueTask<AppliedRecords> Apply(CommittedRecord[] records, bool segments, bool audience, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<UserSnapshot> Snapshot(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Flushed(long offset, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Reload(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<HeldUser?> GetHeld(CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.TryGetValue(id, out var user) ? new HeldUser(id, null, user, [new HeldTrait("locale", "en_GB", FakeEngine.AsOf, "m")], null) : null);

    public Task<HeldFriendPage> GetHeldFriends(string? after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(new HeldFriendPage([new HeldFriend("bob", true)], null));

    public Task<HeldAnswerPage> GetHeldAnswers(string? after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(new HeldAnswerPage([new HeldAnswer("e1", "interested", null, 1, 0, 0, 0)], null));

    public Task<HeldEntryPage> GetHeldEntries(long after, int count, CancellationToken cancellationToken) => Task.FromResult(after == 0
        ? new HeldEntryPage([new HeldEntry { Offset = 3, Kind = "shown", At = FakeEngine.AsOf, MessageId = "m3", Item = "e1" }], 3)
        : new HeldEntryPage([new HeldEntry { Offset = 4, Kind = "interested", At = FakeEngine.AsOf, MessageId = "m4", Item = "e1" }], null));
}

/// <summary>Keeps what it is told to join among the events of the user's partition.</summary>
internal sealed class FakeIdentity(FakeEngine engine) : IIdentityGrain
{
    public async Task<AliasResult> Alias(UserEvent alias, CancellationToken cancellationToken)
    {
        var partition = Partitioning.PartitionOf(GrainKeys.DefaultTenant, alias.UserId, FakeEngine.Partitions);
        var result = await new FakePartition(engine, partition).Append([alias], false, cancellationToken);
        return new AliasResult(result.Partition, result.Offset, result.Refused is [var refused] ? refused : null);
    }

    public Task CarryOut(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}
