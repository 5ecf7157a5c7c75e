using System.Text;

namespace Auie.Storage.Tests;

/// <summary>What a store must do with the keys of messages: each takes effect once.</summary>
public abstract partial class StoreCompliance
{
    protected static MessageKey Key(ulong sender, UInt128 message, long digest = 7, int forgetAfter = 0) => new(sender, message, digest, forgetAfter);

    [StoreFact]
    public async Task A_message_that_is_known_appends_nothing_and_is_told_with_the_digest_that_it_came_with_first()
    {
        var epoch = await Claim(First);
        (await Store.AppendAsync(First, epoch, [Record("ann", "1")], [Key(1, 10, digest: 100)], None)).Known.ShouldBeEmpty();

        var again = await Store.AppendAsync(First, epoch, [Record("ann", "2"), Record("bob", "2")], [Key(1, 11, 5), Key(1, 10, 200), Key(2, 10, 6)], None);

        (again.First, again.Known.Length).ShouldBe((0, 1));
        again.Known.ShouldBe([new KnownMessage(1, 100)]);
        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(1);
        var rest = await Store.AppendAsync(First, epoch, [Record("ann", "2"), Record("bob", "2")], [Key(1, 11, 5), Key(2, 10, 6)], None);
        rest.Known.ShouldBeEmpty("nothing of the append before has stayed");
        rest.First.ShouldBe(2);
    }

    [StoreFact]
    public async Task Messages_are_looked_up_without_being_remembered()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1")], [Key(1, 10, 100), Key(1, 11, 101)], None);

        (await Store.FindMessagesAsync(First, epoch, [Key(1, 12), Key(1, 11), Key(1, 10)], None)).ShouldBe([new KnownMessage(1, 101), new KnownMessage(2, 100)]);
        (await Store.FindMessagesAsync(First, epoch, [Key(1, 10)], None)).ShouldBe([new KnownMessage(0, 100)]);
        (await Store.FindMessagesAsync(First, epoch, [Key(1, 12)], None)).ShouldBeEmpty();
        (await Store.FindMessagesAsync(First, epoch, [Key(1, 12)], None)).ShouldBeEmpty();
        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(1);
    }

    [StoreFact]
    public async Task A_message_that_is_twice_in_a_call_is_told_at_its_later_places_with_the_first_ones_digest()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1")], [Key(1, 1, 100)], None);

        var known = (await Store.AppendAsync(First, epoch, [Record("ann", "2")], [Key(1, 2, 5), Key(1, 2, 6), Key(1, 1, 7), Key(1, 2, 8), Key(1, 1, 9)], None)).Known;

        known.ShouldBe([new KnownMessage(1, 5), new KnownMessage(2, 100), new KnownMessage(3, 5), new KnownMessage(4, 100)]);
        (await Store.AppendAsync(First, epoch, [Record("ann", "2")], [Key(1, 2, 5)], None)).First.ShouldBe(2);
    }

    [StoreFact]
    public async Task Messages_are_told_apart_by_every_bit_of_sender_and_id_and_by_partition()
    {
        var epoch = await Claim(First);
        MessageKey[] keys =
        [
            Key(0, 0, long.MinValue), Key(ulong.MaxValue, UInt128.MaxValue, long.MaxValue), Key(1UL << 63, UInt128.One << 127), Key(1UL << 63, UInt128.One << 64),
            Key(1UL << 63, UInt128.One << 63), Key(1UL << 63, UInt128.One), Key((1UL << 63) - 1, UInt128.One), Key(0, ulong.MaxValue), Key(0, 256), Key(0, 255), Key(256, 0),
        ];
        (await Store.AppendAsync(First, epoch, [Record("ann", "1")], keys, None)).Known.ShouldBeEmpty();
        await Reopen();

        (await Store.AppendAsync(First, epoch, [Record("ann", "1")], keys, None)).Known.ShouldBe(keys.Select((key, i) => new KnownMessage(i, key.Digest)));
        (await Store.AppendAsync(Second, await Claim(Second), [Record("ann", "1")], keys, None)).Known.ShouldBeEmpty();
        var items = PartitionId.OfItems(First.Tenant, First.Number);
        (await Store.AppendAsync(items, await Claim(items), [Record("ann", "1")], keys, None)).Known.ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Messages_may_be_remembered_without_a_record_but_nothing_at_all_is_no_append()
    {
        var epoch = await Claim(First);

        var appended = await Store.AppendAsync(First, epoch, [], [Key(1, 1)], None);
        (appended.First, appended.Known.Length).ShouldBe((0, 0));
        (await Store.AppendAsync(First, epoch, [], [Key(1, 1)], None)).Known.Length.ShouldBe(1);
        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(0);
        (await Store.AppendAsync(First, epoch, [Record("ann", "1")], [], None)).First.ShouldBe(1);
        await Should.ThrowAsync<ArgumentException>(Store.AppendAsync(First, epoch, [], [], None));
    }

    [StoreFact]
    public async Task An_append_that_is_refused_remembers_no_message()
    {
        var old = await Claim(First);
        var now = await Claim(First);

        await Should.ThrowAsync<FencedException>(Store.AppendAsync(First, old, [Record("ann", "1")], [Key(1, 1)], None));

        (await Store.AppendAsync(First, now, [Record("ann", "1")], [Key(1, 1)], None)).Known.ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Of_many_appends_at_once_with_the_same_messages_each_message_takes_effect_once_and_neighbours_are_unharmed()
    {
        PartitionId[] partitions = [First, Second];
        var epochs = new[] { await Claim(First), await Claim(Second) };
        var random = new Random(4);
        var plans = Enumerable.Range(0, 600).Select(i => (
            Partition: i % 2, Keys: Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Key((ulong)random.Next(5), (UInt128)random.Next(60), i)).ToArray())).ToArray();

        var done = await Task.WhenAll(plans.Select((plan, i) => Task.Run(async () => (
            Index: i, plan.Partition, plan.Keys,
            Appended: await Store.AppendAsync(partitions[plan.Partition], epochs[plan.Partition], [Record("ann", $"{i}")], plan.Keys, None)))));

        for (var p = 0; p < 2; p++)
        {
            var effective = done.Where(append => append.Partition == p && append.Appended.Known.Length == 0).OrderBy(append => append.Appended.First).ToArray();
            effective.Select(append => append.Appended.First).ShouldBe(Enumerable.Range(1, effective.Length).Select(offset => (long)offset));
            (await Store.ReadUserAsync(partitions[p], "ann", 0, None)).Select(record => Encoding.UTF8.GetString(record.Payload))
                .ShouldBe(effective.Select(append => $"{append.Index}"));
            var digests = effective.SelectMany(append => append.Keys).ToDictionary(key => (key.Sender, key.Message), key => key.Digest); // throws where one took effect twice
            foreach (var refused in done.Where(append => append.Partition == p && append.Appended.Known.Length > 0))
            {
                refused.Appended.First.ShouldBe(0);
                foreach (var known in refused.Appended.Known)
                {
                    var key = refused.Keys[known.Index];
                    var twice = refused.Keys[..known.Index].Any(before => (before.Sender, before.Message) == (key.Sender, key.Message));
                    (digests.GetValueOrDefault((key.Sender, key.Message), twice ? refused.Index : -1) == known.Digest || (twice && known.Digest == refused.Index)).ShouldBeTrue();
                }
            }
        }
    }

    [StoreFact]
    public async Task Messages_are_forgotten_from_the_day_after_their_last_and_those_without_a_day_never()
    {
        var epoch = await Claim(First);
        MessageKey[] keys = [Key(1, 1, forgetAfter: 0), Key(1, 2, forgetAfter: 100), Key(2, 3, forgetAfter: 101), Key(ulong.MaxValue, UInt128.MaxValue, forgetAfter: 100)];
        await Store.AppendAsync(First, epoch, [Record("ann", "1")], keys, None);
        await Store.AppendAsync(Second, await Claim(Second), [Record("ann", "1")], keys, None);

        (await Store.ForgetMessagesAsync(First, epoch, 100, None)).ShouldBe(0);
        (await Store.ForgetMessagesAsync(First, epoch, int.MinValue, None)).ShouldBe(0);
        (await Store.ForgetMessagesAsync(First, epoch, 101, None)).ShouldBe(2);

        (await Store.AppendAsync(First, epoch, [], keys, None)).Known.Select(known => known.Index).ShouldBe([0, 2]);
        (await Store.AppendAsync(Second, 1, [], keys, None)).Known.Length.ShouldBe(4);
        await Should.ThrowAsync<FencedException>(Store.ForgetMessagesAsync(First, epoch + 1, 101, None));
    }

    /// <summary>How many messages one call to forget may take out at the most; null where it takes out what lies together, and the pages go later.</summary>
    protected virtual int? MostForgottenAtOnce => StoreSlices.Messages;

    [StoreFact]
    public async Task Calls_to_forget_look_at_a_bounded_number_and_get_through_all_of_them_and_begin_anew_also_over_a_restart()
    {
        var epoch = await Claim(First);
        var random = new Random(2);
        const int count = 25_000;
        var keys = Enumerable.Range(0, count)
            .Select(i => Key((ulong)random.NextInt64(long.MinValue, long.MaxValue), new UInt128((ulong)random.NextInt64(), (ulong)i), forgetAfter: i % 2 == 0 ? 10 : 20)).ToArray();
        await Store.AppendAsync(First, epoch, [], keys, None);

        var forgotten = new List<int>();
        for (var call = 0; call < 3; call++)
        {
            forgotten.Add(await Store.ForgetMessagesAsync(First, epoch, 11, None));
            await Reopen();
        }
        forgotten.Sum().ShouldBe(count / 2);
        if (MostForgottenAtOnce is { } most)
            forgotten.ShouldAllBe(some => some > 0 && some <= most);

        forgotten.Clear();
        for (var call = 0; call < 2; call++)
            forgotten.Add(await Store.ForgetMessagesAsync(First, epoch, 21, None));
        forgotten.Sum().ShouldBe(count / 2, "the search begins anew behind the last one");
        (await Store.AppendAsync(First, epoch, [], keys, None)).Known.ShouldBeEmpty();
    }
}
