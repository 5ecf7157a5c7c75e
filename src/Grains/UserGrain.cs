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
        return IsKnown ? UserViews.Of(_user, Version, _state.Head) : null;
    }

    public async Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        if (!Facts.HasRow(_state.Head) || await models.CurrentAsync(_tenant, cancellationToken) is not { } model)
            return null;

        var facts = new UserFacts(_state.Head);
        if (model.Features.RowsOf(facts) == 0)
            return null;

        var sources = new double[model.Features.Count];
        model.Features.Sources(facts, sources);
        var at = asOf ?? models.AsOfNow(_tenant, model);
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

    public async Task<FriendPage> GetFriends(string? cursor, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxFriends)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxFriends}");
        await CatchUpAsync(0, cancellationToken);
        var friends = _state.FriendsAfter(cursor).Take(count + 1).ToArray();
        return friends.Length <= count
            ? new FriendPage(friends, _state.Head.Friends, null)
            : new FriendPage(friends[..count], _state.Head.Friends, friends[count - 1]);
    }

    public async Task Apply(CommittedRecord[] records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            // The partition knows of a record between the last one here and this one: it was missed, and the journal has it. And it tells
            // nobody of the first record of a user that an import brings, so one who is not known may have missed that.
            if (record.Previous > _state.Offset || !IsKnown)
                await ReadGapAsync(cancellationToken);
            _state.ApplyRecord(record.Offset, record.Payload);
        }
    }

    public async Task<UserSnapshot> Snapshot(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        return Snapshots.Of(_user, _state);
    }

    public Task Flushed(long offset, CancellationToken cancellationToken)
    {
        _state.Saved(offset);
        return Task.CompletedTask;
    }

    /// <summary>An id that others mention has no entries of its own.</summary>
    private bool IsKnown => _state.Head.Entries > 0;

    private string Version => UserViews.Version(_partition, _state.Offset);

    /// <summary>
    /// Reads what is missing up to an offset; for one who is not known, whatever there is by now, for an import tells nobody of a user's
    /// first record. Nobody stays live of whom there is nothing: that would let anybody fill the memory with names.
    /// </summary>
    private async Task CatchUpAsync(long atLeast, CancellationToken cancellationToken)
    {
        if (_state.Offset < atLeast || !IsKnown)
            await ReadGapAsync(cancellationToken);
        if (!IsKnown)
            DeactivateOnIdle();
    }

    private async Task ReadGapAsync(CancellationToken cancellationToken)
    {
        foreach (var record in await store.ReadUserAsync(_partition, _user, _state.Offset, cancellationToken).OrUnavailable())
            _state.ApplyRecord(record.Offset, record.Payload);
    }
}
