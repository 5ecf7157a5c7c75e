using System.Text;

namespace Auie.Storage.Tests;

/// <summary>What a store must do when something is taken out of it, or read through from end to end.</summary>
public abstract partial class StoreCompliance
{
    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    protected async Task<List<StoredRecord>> Journal(PartitionId partition, long after = 0)
    {
        var records = new List<StoredRecord>();
        await foreach (var record in Store.ReadJournalAsync(partition, after, None))
            records.Add(record);
        return records;
    }

    protected async Task<List<StoredUser>> States(PartitionId partition, string? after = null)
    {
        var states = new List<StoredUser>();
        await foreach (var state in Store.ReadUserStatesAsync(partition, after, None))
            states.Add(state);
        return states;
    }

    [StoreFact]
    public async Task Users_are_found_by_a_state_or_a_record()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2")], [], None);
        await Store.FlushAsync(First, epoch, [State("ann", 1), State("cid", 1)], 2, None);
        await Store.TruncateAsync(First, epoch, 1, None);

        (await Store.FindUsersAsync(First, ["cid", "ann", "dan", "bob", "ann"], None)).ShouldBe(["ann", "bob", "cid"], ignoreOrder: true);
        (await Store.FindUsersAsync(First, [], None)).ShouldBeEmpty();
        (await Store.FindUsersAsync(Second, ["ann"], None)).ShouldBeEmpty();
        (await Store.FindUsersAsync(First, ["Ann", "an", "ann "], None)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task A_journal_is_truncated_up_to_an_offset_and_goes_on_where_it_was()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2"), Record("ann", "3"), Record("bob", "4")], [], None);
        await Store.AppendAsync(Second, await Claim(Second), [Record("ann", "1")], [], None);
        await Store.FlushAsync(First, epoch, [State("ann", 3), State("bob", 2)], 3, None);

        await Store.TruncateAsync(First, epoch, 2, None);

        (await Journal(First)).Select(record => (record.Offset, record.User, Text(record.Payload))).ShouldBe([(3L, "ann", "3"), (4L, "bob", "4")]);
        (await Store.ReadUserAsync(First, "ann", 0, None)).Single().Offset.ShouldBe(3);
        (await Store.ReadUserAsync(First, "bob", 2, None)).Single().Offset.ShouldBe(4);
        (await Journal(Second)).Count.ShouldBe(1);
        var position = await Store.OpenPartitionAsync(First, None);
        (position.LastOffset, position.Checkpoint).ShouldBe((4, 3));
        position.Pending.ShouldBe([new PendingUser("bob", 4)]);
        await Reopen();
        (await Store.AppendAsync(First, epoch, [Record("ann", "5")], [], None)).First.ShouldBe(5);
    }

    [StoreFact]
    public async Task A_journal_is_never_truncated_past_the_checkpoint()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(1, 5).Select(i => Record("ann", $"{i}"))], [], None);

        await Store.TruncateAsync(First, epoch, 5, None);
        (await Journal(First)).Count.ShouldBe(5);
        await Store.FlushAsync(First, epoch, [State("ann", 3)], 3, None);
        await Store.TruncateAsync(First, epoch, long.MaxValue, None);
        await Store.TruncateAsync(First, epoch, 1, None);
        await Store.TruncateAsync(First, epoch, long.MinValue, None);

        (await Journal(First)).Select(record => record.Offset).ShouldBe([4, 5]);
        await Should.ThrowAsync<FencedException>(Store.TruncateAsync(First, epoch + 1, 1, None));
    }

    [StoreFact]
    public async Task A_journal_of_more_records_than_go_in_one_transaction_is_truncated_too_while_appends_go_on()
    {
        var epoch = await Claim(First);
        const int count = 2 * StoreSlices.Records + 100;
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(1, count).Select(i => Record($"user {i % 50}", $"{i}"))], [], None);
        await Store.FlushAsync(First, epoch, [], count, None);

        var truncate = Store.TruncateAsync(First, epoch, count - 1, None);
        var appends = Enumerable.Range(0, 50).Select(i => Store.AppendAsync(First, epoch, [Record("late", $"{i}")], [], None)).ToArray();
        await Task.WhenAll([truncate, .. appends]);

        (await Journal(First)).Select(record => record.Offset).ShouldBe(Enumerable.Range(count, 51).Select(offset => (long)offset));
    }

    [StoreFact]
    public async Task The_journal_is_read_whole_and_from_any_offset()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(1, 2_100).Select(i => Record($"user {i % 9}", $"{i}"))], [], None);

        (await Journal(First)).Select(record => (record.Offset, record.User, Text(record.Payload)))
            .ShouldBe(Enumerable.Range(1, 2_100).Select(i => ((long)i, $"user {i % 9}", $"{i}")));
        (await Journal(First, 2_098)).Select(record => record.Offset).ShouldBe([2_099, 2_100]);
        (await Journal(First, 2_100)).ShouldBeEmpty();
        (await Journal(Second)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task States_are_read_whole_in_the_order_of_the_ids_and_from_any_id()
    {
        var epoch = await Claim(First);
        var users = Enumerable.Range(0, 350).Select(i => $"user-{i:x}").Append("\uFF5E").Append("\U0001F600").ToArray();
        await Store.AppendAsync(First, epoch, [.. users.Select(user => Record(user, "x"))], [], None);
        await Store.FlushAsync(
            First, epoch,
            [State("", 1), .. users.Select((user, i) => State(user, i + 1, [.. Enumerable.Range(0, i % 4).Select(c => new StoredChunk((byte)(c % 2), $"{user}{c}", Bytes($"{i}.{c}")))]))], 352, None);

        var states = await States(First);

        states.Select(state => state.User).ShouldBe(users.OrderBy(user => user, Comparer<string>.Create((a, b) => Bytes(a).AsSpan().SequenceCompareTo(Bytes(b)))));
        foreach (var state in states)
        {
            var i = Array.IndexOf(users, state.User);
            (state.Offset, Text(state.Head), state.Chunks.Length).ShouldBe((i + 1, $"head at {i + 1}", i % 4));
            state.Chunks.Select(chunk => (chunk.Map, chunk.FirstKey, Text(chunk.Data!)))
                .ShouldBe(Enumerable.Range(0, i % 4).Select(c => ((byte)(c % 2), $"{state.User}{c}", $"{i}.{c}")).Order());
        }
        (await States(First, "\uFF5E")).Select(state => state.User).ShouldBe(["\U0001F600"]);
        (await States(First, "user-a0")).Select(state => state.User).ShouldBe(states.Select(state => state.User).SkipWhile(user => user != "user-a0").Skip(1));
        (await States(Second)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Whole_users_are_taken_out_and_nothing_of_others()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2"), Record("ann", "3"), Record("anna", "4")], [Key(1, 1), Key(1, 2), Key(2, 1), Key(3, 1)], None);
        StoredChunk[] chunks = [new(1, "", Bytes("x")), new(2, "y", Bytes("z"))];
        await Store.FlushAsync(First, epoch, [State("ann", 1, chunks), State("bob", 2, chunks)], 2, None);
        await Store.AppendAsync(Second, await Claim(Second), [Record("ann", "1")], [Key(1, 1)], None);

        await Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = ["ann", "nobody"], RemoveSenders = [1, 3, 99] }, None);

        (await Store.FindUsersAsync(First, ["ann", "bob", "anna"], None)).ShouldBe(["bob", "anna"], ignoreOrder: true);
        (await Store.ReadUserAsync(First, "ann", 0, None)).ShouldBeEmpty();
        (await Store.LoadUserAsync(First, "ann", None)).ShouldBeNull();
        (await Store.LoadUserAsync(First, "bob", None)).ShouldNotBeNull().Chunks.Length.ShouldBe(2);
        (await Journal(First)).Select(record => record.Offset).ShouldBe([2, 4]);
        (await Store.OpenPartitionAsync(First, None)).Pending.ShouldBe([new PendingUser("anna", 4)]);
        (await Store.AppendAsync(First, epoch, [], [Key(1, 1), Key(1, 2), Key(2, 1), Key(3, 1)], None)).Known.Select(known => known.Index).ShouldBe([2]);
        (await Journal(Second)).Count.ShouldBe(1);
        (await Store.AppendAsync(Second, 1, [], [Key(1, 1)], None)).Known.Length.ShouldBe(1);
        await Store.FlushAsync(First, epoch, [State("ann", 1)], 2, None);
        (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull().Chunks.ShouldBeEmpty("no chunk of the one before has stayed");
    }

    [StoreFact]
    public async Task Records_and_states_are_replaced_at_their_offsets_and_documents_written_with_them()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2"), Record("ann", "3"), Record("bob", "4")], [], None);
        StoredChunk[] chunks = [new(1, "a", Bytes("a")), new(1, "b", Bytes("b"))];
        await Store.FlushAsync(First, epoch, [State("ann", 3, chunks), State("bob", 4, chunks)], 0, None);
        await Store.WriteDocumentsAsync("acme", StoreOwners.Partition(First), epoch, [new DocumentWrite("reject", "1", Bytes("old"))], None);

        await Store.AmendAsync(
            First, epoch,
            new Amendment
            {
                Records = [(1, Bytes("one, amended")), (2, null)],
                States =
                [
                    new UserWrite("ann", 3, Bytes("amended"), [new StoredChunk(1, "a", null), new StoredChunk(1, "c", Bytes("c"))]),
                    new UserWrite("bob", 3, Bytes("of another offset"), [new StoredChunk(1, "a", null), new StoredChunk(1, "d", Bytes("d"))]),
                    new UserWrite("nobody", 1, Bytes("not there"), [new StoredChunk(1, "a", Bytes("a"))]),
                ],
                Documents = [new DocumentWrite("reject", "1", null), new DocumentWrite("receipt", "1", Bytes("new"))],
            },
            None);

        (await Journal(First)).Select(record => (record.Offset, record.User, Text(record.Payload)))
            .ShouldBe([(1L, "ann", "one, amended"), (3L, "ann", "3"), (4L, "bob", "4")]);
        var ann = (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull();
        (ann.Offset, Text(ann.Head)).ShouldBe((3, "amended"));
        ann.Chunks.Select(chunk => chunk.FirstKey).ShouldBe(["b", "c"]);
        var bob = (await Store.LoadUserAsync(First, "bob", None)).ShouldNotBeNull();
        (bob.Offset, Text(bob.Head)).ShouldBe((4, "head at 4"));
        bob.Chunks.Select(chunk => chunk.FirstKey).ShouldBe(["a", "b"]);
        (await Store.FindUsersAsync(First, ["nobody"], None)).ShouldBeEmpty();
        (await Store.ReadDocumentAsync("acme", "reject", "1", None)).ShouldBeNull();
        (await Store.ReadDocumentAsync("acme", "receipt", "1", None)).ShouldBe(Bytes("new"));
    }

    [StoreFact]
    public async Task An_amendment_of_a_part_of_items_writes_the_documents_of_its_tenant()
    {
        var items = PartitionId.OfItems("acme", 0);
        await Store.AmendAsync(items, await Claim(items), new Amendment { Documents = [new DocumentWrite("receipt", "1", Bytes("new"))] }, None);

        (await Store.ReadDocumentAsync("acme", "receipt", "1", None)).ShouldBe(Bytes("new"));
    }

    [StoreFact]
    public async Task An_amendment_that_is_refused_changes_nothing()
    {
        var old = await Claim(First);
        var now = await Claim(First);
        await Store.AppendAsync(First, now, [Record("ann", "1")], [], None);
        var amendment = new Amendment { RemoveUsers = ["ann"], Documents = [new DocumentWrite("receipt", "1", Bytes("new"))] };

        await Should.ThrowAsync<FencedException>(Store.AmendAsync(First, old, amendment, None));
        await Should.ThrowAsync<ArgumentException>(Store.AmendAsync(First, now, amendment with { Records = [(2, null)] }, None));
        await Should.ThrowAsync<ArgumentException>(Store.AmendAsync(First, now, amendment with { Records = [(-1, null)] }, None));
        await Should.ThrowAsync<ArgumentException>(Store.AmendAsync(First, now, amendment with { Documents = [new DocumentWrite("receipt", "", null)] }, None));

        (await Journal(First)).Count.ShouldBe(1);
        (await Store.ReadDocumentAsync("acme", "receipt", "1", None)).ShouldBeNull();
    }

    [StoreFact]
    public async Task Amendments_and_appends_that_wait_together_take_effect_in_their_order()
    {
        var epoch = await Claim(First);
        for (var round = 0; round < 30; round++)
        {
            var before = Store.AppendAsync(First, epoch, [Record("ann", "before")], [Key(1, (UInt128)round)], None);
            var amend = Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = ["ann"], RemoveSenders = [1] }, None);
            var after = Store.AppendAsync(First, epoch, [Record("ann", "after")], [Key(1, (UInt128)round)], None);
            await Task.WhenAll(before, amend, after);

            before.Result.Known.ShouldBeEmpty();
            after.Result.Known.ShouldBeEmpty();
            (await Store.ReadUserAsync(First, "ann", 0, None)).Select(record => Text(record.Payload)).ShouldBe(["after"]);
            await Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = ["ann"], RemoveSenders = [1] }, None);
        }
    }
}
