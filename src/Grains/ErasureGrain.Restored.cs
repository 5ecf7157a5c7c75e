using System.Text;
using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Privacy;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// How a store that was restored from before an erasure comes to know of it: its tombstones are taken in, and whoever of them is found, be it that others name them, is erased
/// again. To find them every id in the store is hashed.
/// </summary>
public sealed partial class ErasureGrain
{
    public async Task<string[]> GetLog(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await foreach (var (_, key) in store.ReadDocumentsAsync(_tenant, Documents.TombstoneKey, cancellationToken).OrUnavailable())
            lines.Add(ErasureLogLine.OfKey(key).ToString());
        await foreach (var (_, line) in store.ReadDocumentsAsync(_tenant, Documents.Tombstone, cancellationToken).OrUnavailable())
            lines.Add(Encoding.UTF8.GetString(line));
        return [.. lines];
    }

    public async Task<ErasureLogResult> ApplyLog(string[] lines, CancellationToken cancellationToken)
    {
        var read = new List<ErasureLogLine>();
        foreach (var text in lines)
        {
            if (ErasureLogLine.TryParse(text, out var line))
                read.Add(line);
        }

        // What a crash cut off was written again.
        var unreadable = lines.Length - read.Count;
        if (unreadable > 0 && read.Count == 0)
            throw new InvalidRequestException("lines", "none of them is a line of a log of erasures");

        var keys = read.Where(line => line.Key is not null).DistinctBy(line => line.KeyId).ToDictionary(line => line.KeyId, line => line.Key!);
        foreach (var known in _tombstones.Keys)
            keys.TryAdd(ErasureLogLine.IdOf(known), known);
        if (read.FirstOrDefault(line => line.Hash is not null && !keys.ContainsKey(line.KeyId)) is { Hash: not null } orphan)
            throw new InvalidRequestException("lines", $"the key {orphan.KeyId}, which a tombstone is made with, is not among them");
        // What an earlier call has taken in and did not come to look for.
        var begun = await store.ReadDocumentAsync(_tenant, Documents.ErasureLog, Documents.Pending, cancellationToken).OrUnavailable() is { } bytes
            ? Encoding.UTF8.GetString(bytes).Split('\n') : [];
        ErasureLogLine[] missing = [.. read.Where(line => line.Hash is { } hash && !_tombstones.HoldsHash(hash)).DistinctBy(line => line.Hash)];
        string[] sought = [.. missing.Select(line => line.Hash!).Union(begun)];
        if (sought.Length == 0)
            return new ErasureLogResult(0, 0, null, unreadable);

        await TakeInAsync(missing, keys, new DocumentWrite(Documents.ErasureLog, Documents.Pending, Encoding.UTF8.GetBytes(string.Join('\n', sought))), cancellationToken);
        var found = await FindAsync([.. sought], [.. keys.Values], cancellationToken);
        var done = new DocumentWrite(Documents.ErasureLog, Documents.Pending, null);
        if (found.Length == 0)
        {
            await Write([done], cancellationToken);
            return new ErasureLogResult(missing.Length, 0, null, unreadable);
        }

        var erasure = await BeginAsync(found, wereKnown: true, CancellationToken.None, done);
        await GrainFactory.GetGrain<IAuditGrain>(_tenant).Record("log of erasures", AuditedActions.EraseAgain, null, Name(erasure.Receipt.Number), CancellationToken.None);
        await CloseAsync(erasure, cancellationToken);
        return new ErasureLogResult(missing.Length, found.Length, Name(erasure.Receipt.Number), unreadable);
    }

    /// <summary>Has the tombstones refuse what comes of those whom they stand for, before these are looked for.</summary>
    private async Task TakeInAsync(ErasureLogLine[] missing, Dictionary<string, byte[]> keys, DocumentWrite pending, CancellationToken cancellationToken)
    {
        await log.AddAsync([.. missing.Select(line => ErasureLogLine.OfKey(keys[line.KeyId])).DistinctBy(line => line.KeyId), .. missing], cancellationToken);
        await Write([
            .. missing.Select(line => line.KeyId).Distinct().Select(id => new DocumentWrite(Documents.TombstoneKey, id, keys[id])),
            .. missing.Select(Tombstones.Document), pending,
        ], cancellationToken);
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);
        var numbers = Enumerable.Range(0, store.Partitions).ToArray();
        await Task.WhenAll([
            .. numbers.Select(number => Partition(number).ReadTombstones(cancellationToken)),
            .. numbers.Select(number => ItemShard(number).ReadTombstones(cancellationToken)),
        ]);
    }

    /// <summary>The ids in the store, as users, friends, or people who answered, that have one of these hashes.</summary>
    private async Task<string[]> FindAsync(HashSet<string> hashes, byte[][] keys, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        for (var number = 0; number < store.Partitions; number++)
        {
            var users = new PartitionId(_tenant, number);
            await foreach (var stored in store.ReadUserStatesAsync(users, null, cancellationToken).OrUnavailable())
            {
                Look(stored.User);
                foreach (var id in Named(stored))
                    Look(id);
            }

            await foreach (var record in store.ReadJournalAsync(users, 0, cancellationToken).OrUnavailable())
            {
                Look(record.User);
                foreach (var id in Named(record))
                    Look(id);
            }

            var items = PartitionId.OfItems(_tenant, number);
            await foreach (var stored in store.ReadUserStatesAsync(items, null, cancellationToken).OrUnavailable())
            {
                foreach (var id in NamedByItem(stored))
                    Look(id);
            }

            await foreach (var record in store.ReadJournalAsync(items, 0, cancellationToken).OrUnavailable())
            {
                foreach (var id in NamedByItem(record))
                    Look(id);
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];

        void Look(string id)
        {
            if (keys.Any(key => hashes.Contains(Tombstone.Of(key, id))))
                found.Add(id);
        }
    }

    private static List<string> Named(StoredUser stored) => Readable(() =>
    {
        if (stored.User.Length == 0)
            return [];
        var state = UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
        return [.. state.FriendsEverAfter(null).Select(friend => friend.Id), .. state.Head.Sources, .. state.Head.AnonymousIds.Select(UserIds.AnonymousUser)];
    });

    private static List<string> Named(StoredRecord stored) => Readable(() =>
    {
        var record = EntryCodec.DecodeRecord(stored.Payload);
        var ids = record.Entries.SelectMany(entry => (IEnumerable<string?>)
            [.. entry.FriendsAdded ?? [], .. entry.FriendsRemoved ?? [], entry.Other, entry.AnonymousId is { } anonymous ? UserIds.AnonymousUser(anonymous) : null]);
        return [.. ids.Append(record.PassedOnTo).Append(record.Sender).OfType<string>()];
    });

    private static List<string> NamedByItem(StoredUser stored) => Readable(() =>
    {
        if (stored.User.Length == 0)
            return [];
        var state = ItemState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
        var people = state.AnswersAfter(null).Select(answer => answer.Person).Concat(state.JoinedIds);
        return state.Head.Traits[ItemTraits.Creator] is { } creator ? [.. people, creator] : [.. people];
    });

    private static List<string> NamedByItem(StoredRecord stored) => Readable(() =>
    [
        .. ItemEntryCodec.Decode(stored.Payload).SelectMany(entry => (IEnumerable<string>)
            [.. entry.Yes ?? [], .. entry.Maybe ?? [], .. entry.No ?? [], .. entry.Invited ?? [], .. entry.Joined ?? [], entry.Traits?.GetValueOrDefault(ItemTraits.Creator) ?? ""]),
    ]);

    /// <summary>What is damaged names nobody who could be found.</summary>
    private static List<string> Readable(Func<List<string>> read)
    {
        try
        {
            return read();
        }
        catch (CodecException)
        {
            return [];
        }
    }
}
