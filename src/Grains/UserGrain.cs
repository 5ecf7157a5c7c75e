using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// A user, live: their state as the journal has it. It is a cache and writes nothing; what it does not have it reads from the store, and
/// a flush takes from it what changed.
/// </summary>
public sealed class UserGrain(IEngineStore store, PublishedModels models) : Grain, IUserGrain
{
    /// <summary>The most friends that one page holds.</summary>
    public const int MaxFriends = 1_000;

    private string _tenant = "";
    private string _user = "";
    private PartitionId _partition;
    private UserState _state = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 2);
        (_tenant, _user) = (key[0], key[1]);
        _partition = new PartitionId(_tenant, Partitioning.PartitionOf(_tenant, _user, store.Partitions));
        if (await store.LoadUserAsync(_partition, _user, cancellationToken).OrUnavailable() is { } stored)
            _state = UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
        await ReadGapAsync(cancellationToken);
    }

    public async Task<UserView?> Get(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        if (IsKnown)
            return UserViews.Of(_user, Version, _state.Head);
        // Nothing is held of this id; keeping it live would let anybody fill the memory with names.
        DeactivateOnIdle();
        return null;
    }

    public async Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        if (!IsKnown || await models.CurrentAsync(_tenant, cancellationToken) is not { } model)
            return null;

        var sources = new double[model.Features.Count];
        model.Features.Sources(new UserFacts(_state.Head), sources);
        var at = asOf ?? model.AsOf;
        var assignment = model.Assign(sources, at);
        return new UserSegment
        {
            UserId = _user,
            ModelVersion = model.Version,
            Features = model.Features.Name,
            AsOf = at,
            Segment = assignment.Segment,
            Persona = model.Segments[assignment.Segment].Persona,
            Distances = [.. assignment.Distances.Select(d => new SegmentDistance(d.Segment, model.Segments[d.Segment].Persona, d.Distance))],
            Margin = assignment.Margin,
            Reasons = [.. assignment.Reasons.Select(r => new FeatureReason(r.Feature, r.Value, r.Centroid, r.RunnerUp, r.Share))],
            Version = Version,
        };
    }

    public Task<FriendPage> GetFriends(string? cursor, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxFriends)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxFriends}");
        var friends = _state.FriendsAfter(cursor).Take(count + 1).ToArray();
        return Task.FromResult(friends.Length <= count
            ? new FriendPage(friends, _state.Head.Friends, null)
            : new FriendPage(friends[..count], _state.Head.Friends, friends[count - 1]));
    }

    public async Task Apply(CommittedRecord[] records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            // The partition knows of a record between the last one here and this one: it was missed, and the journal has it.
            if (record.Previous > _state.Offset)
                await ReadGapAsync(cancellationToken);
            _state.ApplyRecord(record.Offset, record.Payload);
        }
    }

    public async Task<UserSnapshot> Snapshot(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        var snapshot = _state.TakeSnapshot();
        return new UserSnapshot(_user, snapshot.Offset, snapshot.Head,
            Array.ConvertAll(snapshot.Chunks, chunk => new StateChunk(chunk.Map, chunk.FirstKey, chunk.Data)), Facts.Of(_state.Head), _state.Head.Traits.Locale);
    }

    public Task Flushed(long offset, CancellationToken cancellationToken)
    {
        _state.Saved(offset);
        return Task.CompletedTask;
    }

    /// <summary>An id that others mention has no entries of its own.</summary>
    private bool IsKnown => _state.Head.Entries > 0;

    private string Version => UserViews.Version(_partition, _state.Offset);

    private Task CatchUpAsync(long atLeast, CancellationToken cancellationToken) =>
        _state.Offset < atLeast ? ReadGapAsync(cancellationToken) : Task.CompletedTask;

    private async Task ReadGapAsync(CancellationToken cancellationToken)
    {
        foreach (var record in await store.ReadUserAsync(_partition, _user, _state.Offset, cancellationToken).OrUnavailable())
            _state.ApplyRecord(record.Offset, record.Payload);
    }
}
