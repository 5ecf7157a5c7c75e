using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// Decides, one after the other, which of two users belongs to which. A decision is written down before it is carried out, so that what a crash
/// cuts off is carried out by the next activation; the partition of the id knows it by its message if it was.
/// </summary>
public sealed class IdentityGrain(IEngineStore store, Tombstones tombstones) : Grain, IIdentityGrain
{
    private string _tenant = "";
    private long _epoch;
    private long _last;

    /// <summary>Decisions that are not carried out yet, by number.</summary>
    private readonly SortedDictionary<long, Join> _open = [];

    private string Owner => $"identity/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        await foreach (var (number, join) in store.ReadDocumentsAsync(_tenant, Documents.Join, cancellationToken).OrUnavailable())
        {
            _last = long.Parse(number);
            _open.Add(_last, Join.Decode(join));
        }
    }

    public async Task<AliasResult> Alias(UserEvent alias, CancellationToken cancellationToken)
    {
        if (EventMapping.CheckAlias(alias) is { } error)
            return Refuse(error.Field, error.Reason);
        var erased = await tombstones.ReadAsync(_tenant, cancellationToken);
        if (erased.Holds(alias.UserId))
            return Refuse("userId", "was erased; nothing of theirs is taken in any more");
        if (erased.Holds(alias.PreviousId!))
            return Refuse("previousId", "was erased; nothing of theirs is taken in any more");
        await CarryOutAsync(cancellationToken);
        if (await AnonymousAsync(alias.PreviousId!, cancellationToken) is { } visitor)
            return EntryValidation.CheckUser(visitor) is { } tooLong ? Refuse("previousId", tooLong.Reason) : await LinkAsync(new Join(visitor, alias.UserId, alias.UserId, alias.MessageId, alias.At), cancellationToken);

        var decided = Join.Decide(
            await PathAsync(alias.PreviousId!, cancellationToken), await PathAsync(alias.UserId, cancellationToken), out var refusal);
        if (refusal is not null)
            return Refuse("previousId", refusal);
        if (decided is not var (from, to))
            return new AliasResult(Partitioning.PartitionOf(_tenant, alias.UserId, store.Partitions), 0, null);

        var join = new Join(from, to, alias.UserId, alias.MessageId, alias.At);
        await WriteAsync(++_last, join.Encode(), cancellationToken);
        _open.Add(_last, join);
        return await CarryOutAsync(cancellationToken);
    }

    public Task CarryOut(CancellationToken cancellationToken) => CarryOutAsync(cancellationToken);

    /// <summary>Carries out what was decided, in its order.</summary>
    /// <returns>What came of the last one.</returns>
    private async Task<AliasResult> CarryOutAsync(CancellationToken cancellationToken)
    {
        var result = new AliasResult(0, 0, null);
        foreach (var (number, join) in _open.ToArray())
        {
            result = await LinkAsync(join, cancellationToken);
            await WriteAsync(number, null, cancellationToken);
            _open.Remove(number);
        }

        return result;
    }

    private async Task<AliasResult> LinkAsync(Join join, CancellationToken cancellationToken)
    {
        var partition = Partitioning.PartitionOf(_tenant, join.From, store.Partitions);
        var result = await GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, partition))
            .Deliver([new Delivery(join.From, join.Sender, EntryCodec.Encode([join.ToLink()]))], cancellationToken);
        return new AliasResult(result.Partition, result.Offset, result.Refused is [var refusal, ..] ? refusal : null);
    }

    /// <summary>The anonymous visitor that an id means: one that says so, or one of whom nothing has arrived as a user. Null for a user.</summary>
    private async Task<string?> AnonymousAsync(string id, CancellationToken cancellationToken)
    {
        if (UserIds.IsAnonymous(id))
            return id;
        var standing = await StandingAsync(id, cancellationToken);
        return standing.IsKnown || standing.Owner is not null ? null : UserIds.AnonymousUser(id);
    }

    /// <summary>An id, to whom it belongs, and so on to the root.</summary>
    private async Task<List<string>> PathAsync(string id, CancellationToken cancellationToken)
    {
        var path = new List<string> { id };
        while ((await StandingAsync(path[^1], cancellationToken)).Owner is { } owner)
            path.Add(owner);
        return path;
    }

    private Task<UserStanding> StandingAsync(string id, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, id)).GetStanding(long.MaxValue, cancellationToken);

    private Task WriteAsync(long number, byte[]? join, CancellationToken cancellationToken) => store.WriteDocumentsAsync(
        _tenant, Owner, _epoch, [new DocumentWrite(Documents.Join, Documents.Key(number), join)], cancellationToken).OrUnavailable(DeactivateOnIdle);

    private static AliasResult Refuse(string field, string reason) => new(0, 0, new Refusal(0, field, reason));
}
