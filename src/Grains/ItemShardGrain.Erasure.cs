using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>How people are taken out of items, and which items name them.</summary>
public sealed partial class ItemShardGrain
{
    /// <summary>Through how many items one call looks for people.</summary>
    private const int ItemsLookedThrough = 2_000;

    private ErasedIds _tombstones = new();

    public async Task ReadTombstones(CancellationToken cancellationToken) => _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);

    public async Task<Forgotten> ForgetPeople(string[] people, CancellationToken cancellationToken)
    {
        _tombstones = await tombstones.KnownAsync(_tenant, cancellationToken);
        foreach (var person in people)
            _tombstones.Add(_tombstones.Of(person));
        await Flush(cancellationToken);
        await store.TruncateAsync(_shard, _epoch, _checkpoint, cancellationToken).OrUnavailable(DeactivateOnIdle);

        var erased = people.ToHashSet();
        var (changed, rewritten, answers, unreadable) = (0L, 0L, 0L, 0L);
        var records = new List<(long Offset, byte[]? Payload)>();
        var states = new List<UserWrite>();
        var empty = new List<string>();
        var counted = await store.LoadUserAsync(_shard, TotalsId, cancellationToken).OrUnavailable();
        var totals = await TotalsAsync(counted, cancellationToken);
        await foreach (var record in store.ReadJournalAsync(_shard, 0, cancellationToken).OrUnavailable())
        {
            try
            {
                var entries = ItemEntryCodec.Decode(record.Payload);
                var left = Array.ConvertAll(entries, entry => ItemForgetting.Of(entry, erased.Contains));
                if (!entries.SequenceEqual(left, ReferenceEqualityComparer.Instance))
                    records.Add((record.Offset, ItemEntryCodec.Encode(left)));
            }
            catch (CodecException e)
            {
                LogItemNotForgotten(e, record.User);
                unreadable++;
            }

            await AmendAsync(options.Value.UsersAtOnce);
        }

        await foreach (var item in store.ReadUserStatesAsync(_shard, null, cancellationToken).OrUnavailable())
        {
            if (item.User == TotalsId)
                continue;
            try
            {
                var state = Load(item);
                var before = ItemTotals.Of(state.Head);
                var (forgotten, isChanged) = state.Forget(erased);
                if (isChanged)
                {
                    totals += ItemTotals.Of(state.Head) - before;
                    answers += forgotten;
                    if (state.IsEmpty)
                    {
                        // It was known by their answers alone.
                        totals -= ItemTotals.Of(state.Head);
                        empty.Add(item.User);
                        continue;
                    }

                    var snapshot = state.TakeSnapshot();
                    states.Add(new UserWrite(item.User, item.Offset, snapshot.Head,
                        Array.ConvertAll(snapshot.Chunks, chunk => new StoredChunk(chunk.Map, chunk.FirstKey, chunk.Data))));
                }
            }
            catch (CodecException e)
            {
                LogItemNotForgotten(e, item.User);
                unreadable++;
            }

            await AmendAsync(options.Value.UsersAtOnce);
        }

        await AmendAsync(1);
        DropIndex();
        return new Forgotten(changed, answers, rewritten, unreadable, []);

        async Task AmendAsync(int least)
        {
            if (records.Count + states.Count + empty.Count < least)
                return;
            changed += states.Count + empty.Count;
            rewritten += records.Count;
            UserWrite[] withTotals = counted is null ? [.. states] : [.. states, new UserWrite(TotalsId, counted.Offset, totals.Encode(), [])];
            await store.AmendAsync(_shard, _epoch, new Amendment { RemoveUsers = [.. empty], Records = [.. records], States = withTotals }, CancellationToken.None).OrUnavailable(DeactivateOnIdle);
            records.Clear();
            states.Clear();
            empty.Clear();
        }
    }

    public async Task<ItemMentionPage> FindMentions(string[] people, string? after, CancellationToken cancellationToken)
    {
        var mentions = new List<ItemMention>();
        var (looked, unreadable) = (0, 0);
        await foreach (var stored in store.ReadUserStatesAsync(_shard, after, cancellationToken).OrUnavailable())
        {
            if (stored.User == TotalsId)
                continue;
            try
            {
                var state = Load(stored);
                Apply(state, await store.ReadUserAsync(_shard, stored.User, state.Offset, cancellationToken).OrUnavailable());
                var creator = state.Head.Traits[ItemTraits.Creator];
                foreach (var person in people)
                {
                    var answer = state.AnswerOf(person);
                    if (answer is not null || creator == person)
                        mentions.Add(new ItemMention(stored.User, person, answer?.Answer?.Name(), answer?.Invited ?? false, creator == person));
                }
            }
            catch (CodecException e)
            {
                LogItemNotSearched(e, stored.User);
                unreadable++;
            }

            if (++looked == ItemsLookedThrough)
                return new ItemMentionPage([.. mentions], stored.User, unreadable);
        }

        return new ItemMentionPage([.. mentions], null, unreadable);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {Item} has a state or a record that cannot be read; whether it names somebody who was looked for is not known.")]
    private partial void LogItemNotSearched(Exception exception, string item);

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {Item} has a state or a record that cannot be read; whether it names somebody who was erased is not known.")]
    private partial void LogItemNotForgotten(Exception exception, string item);
}
