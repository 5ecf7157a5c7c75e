using System.Diagnostics;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Load;
using Auie.Storage;

namespace Auie.Bench;

/// <summary>
/// What a store takes without the engine around it: the same events as records of one event each, a message key with each, 512 to a transaction, prepared
/// beforehand; as many transactions at a time as the store has writers.
/// </summary>
internal static class StoreCeiling
{
    private const int Transaction = 512;
    private const string Tenant = "ceiling";

    /// <summary>Events a second.</summary>
    public static async Task<double> Measure(IEngineStore store, int writers, int round, TimeSpan time)
    {
        var epochs = new long[store.Partitions];
        for (var number = 0; number < epochs.Length; number++)
            epochs[number] = await store.ClaimEpochAsync(StoreOwners.Partition(new PartitionId(Tenant, number)), CancellationToken.None);

        var world = new LoadWorld(new LoadOptions { Seed = 1_000 + round });
        var prepared = new List<(JournalRecord[] Records, MessageKey[] Keys)>();
        var watch = Stopwatch.StartNew();
        for (var next = 0L; watch.Elapsed < time; next += Transaction)
        {
            var some = Enumerable.Range(0, Transaction).Select(i => world.EventOf(next + i)).Select(@event => (@event, Entry: EntryOf(@event))).ToArray();
            prepared.Add((
                Array.ConvertAll(some, one => new JournalRecord(one.@event.UserId, EntryCodec.Encode(one.Entry))),
                Array.ConvertAll(some, one => KeyOf(one.@event.UserId, one.Entry))));
        }

        GC.Collect();
        var taken = -1;
        watch.Restart();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            while (watch.Elapsed < time && Interlocked.Increment(ref taken) is var mine && mine < prepared.Count)
            {
                var number = mine % epochs.Length;
                var appended = await store.AppendAsync(new PartitionId(Tenant, number), epochs[number], prepared[mine].Records, prepared[mine].Keys, CancellationToken.None);
                if (appended.Known.Length > 0)
                    throw new InvalidOperationException("A new message was known.");
            }
        })));
        return Math.Min(taken + 1, prepared.Count) * (double)Transaction / watch.Elapsed.TotalSeconds;
    }

    private static MessageKey KeyOf(string user, Entry entry)
    {
        var (sender, message) = MessageIdentity.Of(user, entry.MessageId);
        return new MessageKey(sender, message, MessageIdentity.Digest(entry, null), 30_000);
    }

    private static Entry EntryOf(UserEvent @event) => new()
    {
        MessageId = @event.MessageId,
        At = @event.At,
        Kind = EntryKinds.Parse(@event.Kind),
        Item = @event.Item,
        Platform = @event.Platform,
        Channel = @event.Channel,
        Name = @event.Name,
        Amount = @event.Amount,
        Traits = @event.Traits,
        FriendsAdded = @event.FriendsAdded,
        FriendsRemoved = @event.FriendsRemoved,
    };
}
