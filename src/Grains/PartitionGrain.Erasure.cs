using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Privacy;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// How users are taken out. While that goes on no events are committed: first what was taken in before reaches whom it concerns, then the store alone holds the truth, and is
/// amended. Calls wait in the queue meanwhile, which is as bounded as ever.
/// </summary>
public sealed partial class PartitionGrain
{
    private const string Erased = "was erased; nothing of theirs is taken in any more";

    private readonly HashSet<Task> _finishing = [];
    private ErasedIds _tombstones = new();
    private Gate _gate;

    /// <summary>What of the queue may be committed.</summary>
    private enum Gate
    {
        Open,

        /// <summary>Only what partitions deliver, this one among them: others' commits wait for it.</summary>
        Emptying,

        Closed,
    }

    public async Task<ErasedUsers> EraseUsers(string[] users, string[] people, CancellationToken cancellationToken)
    {
        var erased = users.ToHashSet();
        _tombstones = await tombstones.KnownAsync(_tenant, cancellationToken);
        using var closed = await CloseAsync(erased);
        // A join that was committed before the gate closed has reached the owner by now, and none can come any more.
        var standings = await Task.WhenAll(users.Select(HowStoodAsync));
        string[] others = [.. standings.Select(standing => standing?.Owner).OfType<string>().Except(people)];
        // Whoever cannot be read may have been anybody.
        var wereKnown = Array.Exists(standings, standing => standing is not { IsKnown: false });
        if (others.Length > 0)
            return new ErasedUsers(others, wereKnown);
        var (keyId, _) = _tombstones.Key ?? throw new UnavailableException("The key for tombstones is missing.");
        var amendment = new Amendment
        {
            RemoveUsers = users,
            RemoveSenders = Array.ConvertAll(users, Core.StableHash.OfKey),
            Documents = Array.ConvertAll(users, user => Tombstones.Document(ErasureLogLine.OfTombstone(keyId, _tombstones.Of(user), time.GetUtcNow()))),
        };
        await store.AmendAsync(_partition, _epoch, amendment, cancellationToken).OrUnavailable(StepDown);

        // From here on it has happened, and everybody is told.
        foreach (var user in users)
        {
            _tombstones.Add(_tombstones.Of(user));
            _changed.Remove(user);
            LeaveToUser(user);
            _standings[user] = new Standing(user, User(user)) { IsErased = true };
            Share(new UserFactsRow(user, long.MaxValue, [], null));
        }

        foreach (var owed in _owed.Where(owed => erased.Contains(owed.Value.User)).Select(owed => owed.Key).ToArray())
            _owed.Remove(owed);
        _recent.Clear();
        await Task.WhenAll(users.Select(user => User(user).Reload(CancellationToken.None)));
        await ShareAllAsync();
        return new ErasedUsers([], wereKnown);
    }

    /// <summary>How a user stands; null where what there is of them cannot be read, for it is removed all the same.</summary>
    private async Task<UserStanding?> HowStoodAsync(string user)
    {
        try
        {
            return await User(user).GetStanding(long.MaxValue, CancellationToken.None);
        }
        catch (CodecException e)
        {
            LogOwnerNotRead(e, user);
            return null;
        }
    }

    public async Task<Forgotten> ForgetUsers(string[] people, CancellationToken cancellationToken)
    {
        _tombstones = await tombstones.KnownAsync(_tenant, cancellationToken);
        foreach (var person in people)
            _tombstones.Add(_tombstones.Of(person));
        using var closed = await CloseAsync();
        _recent.Clear();
        _standings.Clear();
        await ReloadAsync([]);
        await Flush(cancellationToken);
        await store.TruncateAsync(_partition, _epoch, _checkpoint, cancellationToken).OrUnavailable(StepDown);

        var forgetting = new PartitionForgetting(people, options.Value.UsersAtOnce);
        await AmendAsync(new Amendment { RemoveSenders = Array.ConvertAll(people, Core.StableHash.OfKey) }, []);
        await foreach (var record in store.ReadJournalAsync(_partition, 0, cancellationToken).OrUnavailable())
        {
            if (forgetting.Add(record))
                await AmendAsync(forgetting.Take(out var changed), changed);
        }

        await foreach (var user in store.ReadUserStatesAsync(_partition, null, cancellationToken).OrUnavailable())
        {
            if (forgetting.Add(user))
                await AmendAsync(forgetting.Take(out var changed), changed);
        }

        await AmendAsync(forgetting.Take(out var last), last);
        await ShareAllAsync();
        foreach (var (user, error) in forgetting.Unreadable)
            LogNotForgotten(error, user);
        return new Forgotten(forgetting.States, 0, forgetting.Records, forgetting.Unreadable.Count, [.. forgetting.Found]);
    }

    public async Task ReadTombstones(CancellationToken cancellationToken)
    {
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);
        using var closed = await CloseAsync();
        _standings.Clear();
    }

    private async Task AmendAsync(Amendment amendment, List<UserFactsRow> changed)
    {
        if (amendment.Records.Count + amendment.States.Count + amendment.RemoveSenders.Count == 0)
            return;
        // Before: what is live of them must not be written over what is amended, whatever happens between.
        foreach (var row in changed)
            _toReload.Add(row.User);
        await store.AmendAsync(_partition, _epoch, amendment, CancellationToken.None).OrUnavailable(StepDown);
        foreach (var (offset, payload) in amendment.Records)
        {
            if (_owed.Remove(offset, out var owed))
                Owe(owed.User, offset, EntryCodec.DecodeRecord(payload!));
        }

        foreach (var row in changed)
            Share(row);
        await ReloadAsync(changed.ConvertAll(row => row.User));
    }

    /// <summary>Users whose states were amended and who are to begin anew from them.</summary>
    private readonly HashSet<string> _toReload = [];

    /// <summary>Has users begin anew from the store, and those who could not before.</summary>
    private async Task ReloadAsync(List<string> users)
    {
        _toReload.UnionWith(users);
        await Task.WhenAll(_toReload.ToArray().Select(async user =>
        {
            await User(user).Reload(CancellationToken.None);
            _toReload.Remove(user);
        }));
    }

    /// <summary>What is left of an entry without those who were erased; null, and it is refused, where it is about one.</summary>
    private Incoming? WithoutErased(Incoming one)
    {
        if (_tombstones.IsEmpty)
            return one;
        // What an erased id had to say to others had reached them when it was erased: what comes after that came before.
        var left = one.Sender != one.User && _tombstones.Holds(one.Sender) ? null : Forgetting.Of(one.Entry, _tombstones.Holds);
        if (left is null)
            one.Refuse("userId", "would belong to, or is told of by, somebody who was erased");
        return left is null ? null : ReferenceEquals(left, one.Entry) ? one : one with { Entry = left };
    }

    /// <summary>Has nothing more committed, once all that was has reached the users and the partitions that it concerns, until what is returned is disposed of.</summary>
    /// <param name="leaving">Users who are about to be removed: what they owe to others has reached these, too.</param>
    private async Task<IDisposable> CloseAsync(HashSet<string>? leaving = null)
    {
        _gate = Gate.Emptying;
        try
        {
            do
            {
                await Task.WhenAll([_pump, .. _finishing]);
                if (leaving is not null)
                    await SettleAsync(leaving);
                Pump();
            }
            while (_committing || _finishing.Count > 0);
            if (_steppedDown)
                throw new UnavailableException($"Partition {_partition.Number} is changing hands.");
        }
        catch
        {
            Open();
            throw;
        }

        _gate = Gate.Closed;
        return new Reopening(Open);
    }

    /// <summary>Delivers what users owe; what cannot be read of it goes with them.</summary>
    private async Task SettleAsync(HashSet<string> users)
    {
        foreach (var (offset, user) in _owed.Where(owed => users.Contains(owed.Value.User)).Select(owed => (owed.Key, owed.Value.User)).ToArray())
        {
            try
            {
                await DeliverAsync(offset);
            }
            catch (CodecException e)
            {
                LogRecordNotRead(e, offset, user);
            }
        }
    }

    private void Open()
    {
        _gate = Gate.Open;
        Pump();
    }

    private void Finish(Task finishing)
    {
        if (finishing.IsCompleted)
            return;
        _finishing.Add(finishing);
        _ = ForgetAtEndAsync();

        async Task ForgetAtEndAsync()
        {
            await finishing;
            _finishing.Remove(finishing);
        }
    }

    private List<IntakeCall> TakeDeliveries()
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        foreach (var call in all.Where(call => !call.IsDelivery))
            _waiting.Enqueue(call);
        return [.. all.Where(call => call.IsDelivery)];
    }

    private sealed class Reopening(Action open) : IDisposable
    {
        public void Dispose() => open();
    }
}
