using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// A user, live: their state as the journal has it. It is a cache and writes nothing; what it does not have it reads from the store, and
/// a flush takes from it what changed.
/// </summary>
/// <remarks>
/// An id that belongs to another user (because it was linked or aliased) keeps the history from before as it was, and has its owner answer.
/// </remarks>
public sealed partial class UserGrain(
    IEngineStore store, PublishedModels models, PublishedRankers rankers, RecommendationTurns turns, TimeProvider time, IOptions<EngineOptions> options, ILogger<UserGrain> logger) : Grain, IUserGrain
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
        Take(await store.OpenUserAsync(_partition, _user, cancellationToken).OrUnavailable());
    }

    public async Task<UserView?> Get(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpForReaderAsync(atLeast, cancellationToken);
        if (await OwnerAsync(atLeast, cancellationToken) is { } owner)
            return await owner.Get(AllThereIs, cancellationToken);
        return IsKnown ? UserViews.Of(_user, Version, _state.Head) : null;
    }

    public async Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpForReaderAsync(atLeast, cancellationToken);
        if (await OwnerAsync(atLeast, cancellationToken) is { } owner)
            return await owner.GetSegment(asOf, AllThereIs, cancellationToken);
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
        if (await OwnerAsync(0, cancellationToken) is { } owner)
            return await owner.GetFriends(cursor, count, cancellationToken);
        var friends = _state.FriendsAfter(cursor).Take(count + 1).ToArray();
        return friends.Length <= count
            ? new FriendPage(friends, _state.Head.Friends, null)
            : new FriendPage(friends[..count], _state.Head.Friends, friends[count - 1]);
    }

    public async ValueTask<AppliedRecords> Apply(CommittedRecord[] records, bool segments, bool audience, CancellationToken cancellationToken)
    {
        // What is committed is folded before anything else is looked up: readers come in between.
        var before = segments && Facts.HasRow(_state.Head) ? Facts.AsTheyAre(_state.Head) : null;
        try
        {
            foreach (var record in records)
            {
                // The partition knows of a record between the last one here and this one: it was missed, and the store has it.
                if (record.Previous > _state.Offset)
                    await CatchUpAsync(record.Previous, cancellationToken);
                _state.ApplyRecord(record.Offset, record.Payload);
            }
        }
        catch
        {
            // What is here is not what was acknowledged: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        var model = segments || audience ? await models.CurrentAsync(_tenant, cancellationToken) : null;
        var change = segments ? new SegmentChange(_user, Version, model?.Version ?? 0, SegmentUnder(model, before), SegmentUnder(model, CurrentFacts)) : null;
        return new AppliedRecords(_state.Offset, Facts.RowOf(_state.Head), _state.Head.Traits.Locale, change)
        {
            Place = _state.Head.Traits.Place,
            Audience = audience ? Audiences.Of(_state.Head, model, model is null ? default : models.AsOfNow(_tenant, model)) : null,
        };
    }

    public async Task<UserStanding> GetStanding(long atLeast, CancellationToken cancellationToken)
    {
        // Without giving up the activation of an unknown user: something of theirs is about to be committed.
        await ReadUpToAsync(atLeast, cancellationToken);
        return new UserStanding(_state.Head.Owner, _state.Head.Tracking == false, _state.Head.TrackingSaidAt, _state.Offset, IsKnown);
    }

    public async Task<byte[]> GetHistory(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        return _state.Encode();
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

    public async Task Reload(CancellationToken cancellationToken)
    {
        OpenedUser opened;
        try
        {
            opened = await store.OpenUserAsync(_partition, _user, cancellationToken).OrUnavailable();
        }
        catch
        {
            // What is here is not what there is: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        _state = new UserState();
        Take(opened);
        GiveUpIfUnknown();
    }

    public async Task<HeldUser?> GetHeld(CancellationToken cancellationToken)
    {
        await CatchUpAsync(0, cancellationToken);
        return _state.Offset == 0 ? null : HeldUsers.Of(_user, Version, _state);
    }

    public async Task<HeldFriendPage> GetHeldFriends(string? after, int count, CancellationToken cancellationToken)
    {
        await CatchUpAsync(0, cancellationToken);
        var friends = _state.FriendsEverAfter(after).Take(count + 1).Select(friend => new HeldFriend(friend.Id, friend.IsFriend)).ToArray();
        return friends.Length <= count ? new HeldFriendPage(friends, null) : new HeldFriendPage(friends[..count], friends[count - 1].Id);
    }

    public async Task<HeldAnswerPage> GetHeldAnswers(string? after, int count, CancellationToken cancellationToken)
    {
        await CatchUpAsync(0, cancellationToken);
        var answers = _state.ItemsAfter(after).Take(count + 1).Select(HeldUsers.Of).ToArray();
        return answers.Length <= count ? new HeldAnswerPage(answers, null) : new HeldAnswerPage(answers[..count], answers[count - 1].Item);
    }

    public async Task<HeldEntryPage> GetHeldEntries(long after, int count, CancellationToken cancellationToken)
    {
        var records = await store.ReadUserAsync(_partition, _user, after, cancellationToken).OrUnavailable();
        var entries = new List<HeldEntry>();
        var unreadable = 0;
        foreach (var record in records.Take(count))
        {
            try
            {
                entries.AddRange(HeldUsers.Of(record));
            }
            catch (CodecException e)
            {
                LogRecordNotHeld(e, record.Offset, _user);
                unreadable++;
            }
        }

        return new HeldEntryPage([.. entries], records.Length <= count ? null : records[count - 1].Offset, unreadable);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The record at {Offset} of user {User} cannot be read, and is left out of what is handed out of theirs.")]
    private partial void LogRecordNotHeld(Exception exception, long offset, string user);

    /// <summary>An id that others mention has no entries of its own.</summary>
    private bool IsKnown => _state.Head.Entries > 0;

    /// <summary>A reader who asks for at least this gets what the journal has at this moment.</summary>
    private const long AllThereIs = long.MaxValue;

    private string Version => UserViews.Version(_partition, _state.Offset);

    /// <summary>The user to whom this id belongs, who has by then what the reader's version holds; null where it is nobody's.</summary>
    private async ValueTask<IUserGrain?> OwnerAsync(long atLeast, CancellationToken cancellationToken)
    {
        if (_state.Head.Owner is not { } owner)
            return null;
        if (atLeast > 0)
            await Partition.Settle(_state.Offset, cancellationToken);
        return GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, owner));
    }

    /// <summary>None for who has no row.</summary>
    private UserFacts? CurrentFacts => Facts.HasRow(_state.Head) ? new UserFacts(_state.Head) : null;

    private SegmentName? SegmentUnder(SegmentModel? model, IFacts? facts) =>
        model is null || facts is null ? null : PublishedModels.Label(model, facts, models.AsOfNow(_tenant, model));

    /// <summary>As <see cref="CatchUpAsync"/>, for a version that somebody asks for: one beyond the journal's end is no version, and no answer would have it.</summary>
    private async ValueTask CatchUpForReaderAsync(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpAsync(atLeast, cancellationToken);
        if (_state.Offset < atLeast && atLeast != AllThereIs)
            await Partition.Reach(atLeast, cancellationToken);
    }

    private IPartitionGrain Partition => GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, _partition.Number));

    private async Task CatchUpAsync(long atLeast, CancellationToken cancellationToken)
    {
        await ReadUpToAsync(atLeast, cancellationToken);
        GiveUpIfUnknown();
    }

    /// <summary>Nobody stays live of whom there is nothing: that would let anybody fill the memory with names.</summary>
    private void GiveUpIfUnknown()
    {
        if (!IsKnown && _state.Head.Owner is null)
            DeactivateOnIdle();
    }

    /// <summary>
    /// Reads what is missing up to an offset; for one who is not known, whatever there is by now, for an import tells nobody of a user's
    /// first record.
    /// </summary>
    private async Task ReadUpToAsync(long atLeast, CancellationToken cancellationToken)
    {
        // Of one who is not known the journal may have been cut short already.
        if (!IsKnown)
            await ReloadAsync(cancellationToken);
        else if (_state.Offset < atLeast)
            await ReadGapAsync(cancellationToken);
        if (_state.Offset < atLeast && atLeast != AllThereIs)
            await ReloadAsync(cancellationToken);
    }

    private async Task ReadGapAsync(CancellationToken cancellationToken) =>
        Fold(await store.ReadUserAsync(_partition, _user, _state.Offset, cancellationToken).OrUnavailable());

    /// <summary>Begins anew from the store where its state is ahead: what is missing here may be cut off the journal by now.</summary>
    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var opened = await store.OpenUserAsync(_partition, _user, cancellationToken).OrUnavailable();
        if (opened.State is { } stored && stored.Offset > _state.Offset)
            Take(opened);
        else
            Fold(opened.Records);
    }

    private void Take(OpenedUser opened)
    {
        if (opened.State is { } stored)
            _state = UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
        Fold(opened.Records);
    }

    private void Fold(StoredRecord[] records)
    {
        foreach (var record in records)
            _state.ApplyRecord(record.Offset, record.Payload);
    }
}
