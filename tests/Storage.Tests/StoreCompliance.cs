using System.Text;
using Auie.Tests.Shared;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Auie.Storage.Tests;

/// <summary>What every store must do, whatever it is made of; a store's own tests derive from this and say how to open one.</summary>
public abstract partial class StoreCompliance : IAsyncLifetime
{
    protected static readonly CancellationToken None = CancellationToken.None;
    protected static readonly PartitionId First = new("acme", 0);
    private static readonly PartitionId Second = new("acme", 1);

    protected IEngineStore Store { get; private set; } = null!;

    /// <summary>Opens the store that this test has for itself: empty the first time, later with what was written.</summary>
    protected abstract Task<IEngineStore> OpenAsync();

    public virtual async Task InitializeAsync() => Store = await OpenAsync();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected async Task Reopen()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static JournalRecord Record(string user, string text) => new(user, Bytes(text));

    protected Task<long> Claim(PartitionId partition) => Store.ClaimEpochAsync(StoreOwners.Partition(partition), None);

    private static UserWrite State(string user, long offset, params StoredChunk[] chunks) =>
        new(user, offset, Bytes($"head at {offset}"), chunks);

    [StoreFact]
    public async Task A_new_partition_is_empty()
    {
        var position = await Store.OpenPartitionAsync(First, None);

        position.LastOffset.ShouldBe(0);
        position.Checkpoint.ShouldBe(0);
        position.Pending.ShouldBeEmpty();
        (await Store.LoadUserAsync(First, "ann", None)).ShouldBeNull();
        (await Store.OpenUserAsync(First, "ann", None)).Records.ShouldBeEmpty();
        (await Store.ReadUserAsync(First, "ann", 0, None)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Events_do_not_wait_for_states_and_an_erasure_does()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2")], [], None);
        var head = new byte[200_000];
        // Each is more than one transaction takes in beside events.
        var flushes = Enumerable.Range(0, 60).Select(_ => Store.FlushAsync(First, epoch, [new UserWrite("ann", 1, head, []), new UserWrite("bob", 2, head, [])], 0, None)).ToArray();
        await Store.AppendAsync(First, epoch, [Record("cid", "3")], [], None);
        flushes[^1].IsCompleted.ShouldBeFalse();

        await Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = ["ann"] }, None);
        flushes.ShouldAllBe(flush => flush.IsCompletedSuccessfully);
        (await Store.LoadUserAsync(First, "ann", None)).ShouldBeNull();
        (await Store.LoadUserAsync(First, "bob", None)).ShouldNotBeNull();
    }

    [StoreFact]
    public async Task Offsets_begin_at_one_and_are_dense_by_partition()
    {
        var first = await Claim(First);
        var second = await Claim(Second);

        (await Store.AppendAsync(First, first, [Record("ann", "1"), Record("bob", "2")], [], None)).First.ShouldBe(1);
        (await Store.AppendAsync(Second, second, [Record("cid", "1")], [], None)).First.ShouldBe(1);
        (await Store.AppendAsync(First, first, [Record("ann", "3")], [], None)).First.ShouldBe(3);

        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(3);
        (await Store.OpenPartitionAsync(Second, None)).LastOffset.ShouldBe(1);
    }

    [StoreFact]
    public async Task Offsets_stay_dense_under_concurrent_appends()
    {
        PartitionId[] partitions = [First, Second, new("acme", 2), new("other", 0)];
        var epochs = new long[partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
            epochs[i] = await Claim(partitions[i]);

        var appends = Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            var records = Enumerable.Range(0, 1 + i % 3).Select(r => Record($"user {i % 7}", $"{i}.{r}")).ToArray();
            var offset = (await Store.AppendAsync(partitions[i % 4], epochs[i % 4], records, [], None)).First;
            return (Partition: i % 4, Offset: offset, Records: records);
        }));
        var done = await Task.WhenAll(appends);

        for (var p = 0; p < partitions.Length; p++)
        {
            var expected = done.Where(append => append.Partition == p)
                .SelectMany(append => append.Records.Select((record, i) => (Offset: append.Offset + i, record.User, Text: Encoding.UTF8.GetString(record.Payload))))
                .OrderBy(record => record.Offset).ToArray();
            expected.Select(record => record.Offset).ShouldBe(Enumerable.Range(1, expected.Length).Select(offset => (long)offset));
            (await Store.OpenPartitionAsync(partitions[p], None)).LastOffset.ShouldBe(expected.Length);
            foreach (var user in expected.GroupBy(record => record.User))
            {
                var stored = await Store.ReadUserAsync(partitions[p], user.Key, 0, None);
                stored.Select(record => (record.Offset, record.User, Encoding.UTF8.GetString(record.Payload))).ShouldBe(user);
            }
        }
    }

    [StoreFact]
    public async Task A_users_records_are_read_after_an_offset_and_in_order()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "a"), Record("bob", "b"), Record("ann", "c"), Record("ann", "d")], [], None);

        var records = await Store.ReadUserAsync(First, "ann", 1, None);

        records.Select(record => (record.Offset, Encoding.UTF8.GetString(record.Payload))).ShouldBe([(3L, "c"), (4L, "d")]);
        (await Store.ReadUserAsync(First, "ann", 4, None)).ShouldBeEmpty();
        (await Store.ReadUserAsync(new PartitionId("other", 0), "ann", 0, None)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Many_users_are_read_at_once_each_after_an_offset_of_its_own()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "a"), Record("bob", "b"), Record("ann", "c"), Record("cid", "d"), Record("bob", "e")], [], None);
        await Store.FlushAsync(First, epoch, [State("bob", 2, new StoredChunk(1, "x", Bytes("chunk"))), State("cid", 4)], 0, None);

        var records = await Store.ReadUsersAsync(First, [("bob", 2), ("nobody", 0), ("ann", 0)], None);
        records.Select(record => (record.User, record.Offset, Encoding.UTF8.GetString(record.Payload))).ShouldBe([("bob", 5L, "e"), ("ann", 1L, "a"), ("ann", 3L, "c")]);

        var states = await Store.LoadUsersAsync(First, ["cid", "ann", "bob"], None);
        states.Select(state => (state.User, state.Offset, state.Chunks.Length)).ShouldBe([("cid", 4L, 0), ("bob", 2L, 1)]);
        (await Store.LoadUsersAsync(Second, ["bob"], None)).ShouldBeEmpty();
        (await Store.ReadUsersAsync(Second, [("bob", 0)], None)).ShouldBeEmpty();
    }

    [StoreFact]
    public async Task Users_and_items_of_one_name_have_nothing_to_do_with_each_other()
    {
        var items = PartitionId.OfItems(First.Tenant, First.Number);
        await Store.AppendAsync(First, await Claim(First), [Record("17", "user")], [], None);
        await Store.AppendAsync(items, await Claim(items), [Record("17", "item")], [], None);
        await Store.FlushAsync(items, 1, [State("17", 1), State("", 1)], 1, None);

        Encoding.UTF8.GetString((await Store.ReadUserAsync(First, "17", 0, None)).Single().Payload).ShouldBe("user");
        Encoding.UTF8.GetString((await Store.ReadUserAsync(items, "17", 0, None)).Single().Payload).ShouldBe("item");
        (await Store.LoadUserAsync(First, "17", None)).ShouldBeNull();
        (await Store.OpenPartitionAsync(First, None)).Pending.ShouldHaveSingleItem();
        (await Store.OpenPartitionAsync(items, None)).Pending.ShouldBeEmpty();

        var heads = new List<string>();
        await foreach (var head in Store.ReadHeadsAsync(items, null, None))
            heads.Add(head.User);
        heads.ShouldBe(["17"], "what lies under the empty id is nobody's head");
        (await Store.LoadUserAsync(items, "", None)).ShouldNotBeNull().Offset.ShouldBe(1);
    }

    [StoreFact]
    public async Task Claiming_counts_up_from_one_for_each_key()
    {
        (await Store.ClaimEpochAsync("coordinator/acme", None)).ShouldBe(1);
        (await Store.ClaimEpochAsync("coordinator/acme", None)).ShouldBe(2);
        (await Store.ClaimEpochAsync("coordinator/other", None)).ShouldBe(1);
        await Reopen();
        (await Store.ClaimEpochAsync("coordinator/acme", None)).ShouldBe(3);
    }

    [StoreFact]
    public async Task An_old_owner_can_write_nothing()
    {
        var old = await Claim(First);
        await Store.AppendAsync(First, old, [Record("ann", "a")], [], None);
        var now = await Claim(First);
        await Store.WriteDocumentsAsync("acme", StoreOwners.Partition(First), now, [new DocumentWrite("kind", "key", Bytes("data"))], None);

        var fenced = await Should.ThrowAsync<FencedException>(Store.AppendAsync(First, old, [Record("ann", "b")], [], None));
        (fenced.Epoch, fenced.Current, fenced.Owner).ShouldBe((old, now, "partition/acme/0"));
        await Should.ThrowAsync<FencedException>(Store.FlushAsync(First, old, [State("ann", 1)], 1, None));
        await Should.ThrowAsync<FencedException>(
            Store.WriteDocumentsAsync("acme", StoreOwners.Partition(First), old, [new DocumentWrite("kind", "key", null)], None));
        await Should.ThrowAsync<FencedException>(Store.DeleteDocumentsAsync("acme", StoreOwners.Partition(First), old, "kind", None));

        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(1);
        (await Store.LoadUserAsync(First, "ann", None)).ShouldBeNull();
        (await Store.ReadDocumentAsync("acme", "kind", "key", None)).ShouldBe(Bytes("data"));
    }

    [StoreFact]
    public async Task Nobody_writes_without_having_claimed()
    {
        await Should.ThrowAsync<FencedException>(Store.AppendAsync(First, 0, [Record("ann", "a")], [], None));
        await Should.ThrowAsync<FencedException>(Store.AppendAsync(First, 1, [Record("ann", "a")], [], None));
    }

    [StoreFact]
    public async Task A_refused_write_takes_none_of_its_neighbours_with_it()
    {
        var old = await Claim(First);
        var now = await Claim(First);

        var writes = Enumerable.Range(0, 100)
            .Select(i => Store.AppendAsync(First, i % 3 == 0 ? old : now, [Record("ann", $"{i}")], [], None)).ToArray();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));

        writes.Where((_, i) => i % 3 == 0).ShouldAllBe(write => write.Exception!.InnerException is FencedException);
        writes.Where((_, i) => i % 3 != 0).Select(write => write.Result.First).Order().ShouldBe(Enumerable.Range(1, 66).Select(i => (long)i));
    }

    [StoreFact]
    public async Task A_flush_writes_only_over_a_lower_offset()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(1, 9).Select(i => Record("ann", $"{i}"))], [], None);

        await Store.FlushAsync(First, epoch, [State("ann", 5, new StoredChunk(1, "", Bytes("five")))], 0, None);
        await Store.FlushAsync(First, epoch, [State("ann", 4, new StoredChunk(1, "", Bytes("four")))], 0, None);
        await Store.FlushAsync(First, epoch, [State("ann", 5, new StoredChunk(1, "", Bytes("five again")))], 0, None);

        var user = (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull();
        (user.Offset, Encoding.UTF8.GetString(user.Head), Encoding.UTF8.GetString(user.Chunks.Single().Data!)).ShouldBe((5, "head at 5", "five"));

        await Store.FlushAsync(First, epoch, [State("ann", 9)], 0, None);
        user = (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull();
        (user.Offset, user.Chunks.Length).ShouldBe((9, 1));
    }

    [StoreFact]
    public async Task A_user_is_opened_with_the_records_after_the_state()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "a"), Record("bob", "b"), Record("ann", "c"), Record("ann", "d")], [], None);
        var opened = await Store.OpenUserAsync(First, "ann", None);
        opened.State.ShouldBeNull();
        opened.Records.Select(record => record.Offset).ShouldBe([1L, 3, 4]);

        await Store.FlushAsync(First, epoch, [State("ann", 3, new StoredChunk(1, "", Bytes("1")), new StoredChunk(2, "k", Bytes("2")))], 3, None);
        await Store.TruncateAsync(First, epoch, 3, None);
        opened = await Store.OpenUserAsync(First, "ann", None);
        (opened.State.ShouldNotBeNull().Offset, opened.State!.Chunks.Length).ShouldBe((3, 2));
        opened.Records.Select(record => (record.Offset, Encoding.UTF8.GetString(record.Payload))).ShouldBe([(4L, "d")]);
        (await Store.OpenUserAsync(Second, "ann", None)).State.ShouldBeNull();
    }

    [StoreFact]
    public async Task Chunks_are_replaced_removed_and_read_in_the_order_of_their_utf8_keys()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "a"), Record("ann", "b")], [], None);
        StoredChunk[] chunks =
        [
            new(2, "", Bytes("2")), new(1, "\U0001F600", Bytes("surrogate pair")), new(1, "\uFF5E", Bytes("high")), new(1, "a", Bytes("a")), new(1, "", Bytes("1")),
        ];
        await Store.FlushAsync(First, epoch, [State("ann", 1, chunks)], 1, None);

        var user = (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull();
        user.Chunks.Select(chunk => (chunk.Map, chunk.FirstKey))
            .ShouldBe([((byte)1, ""), ((byte)1, "a"), ((byte)1, "\uFF5E"), ((byte)1, "\U0001F600"), ((byte)2, "")]);

        await Store.FlushAsync(First, epoch, [State("ann", 2, new StoredChunk(1, "a", null), new StoredChunk(1, "", Bytes("new")))], 2, None);

        user = (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull();
        user.Chunks.Select(chunk => chunk.FirstKey).ShouldBe(["", "\uFF5E", "\U0001F600", ""]);
        user.Chunks[0].Data.ShouldBe(Bytes("new"));
    }

    [StoreFact]
    public async Task Users_with_records_after_the_checkpoint_are_pending_after_a_crash_without_a_flush()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("bob", "1"), Record("ann", "2"), Record("bob", "3")], [], None);
        await Reopen();

        var position = await Store.OpenPartitionAsync(First, None);
        position.Pending.ShouldBe([new PendingUser("ann", 2), new PendingUser("bob", 3)]);

        epoch = await Claim(First);
        await Store.FlushAsync(First, epoch, [State("ann", 2)], 2, None);
        position = await Store.OpenPartitionAsync(First, None);
        (position.LastOffset, position.Checkpoint).ShouldBe((3, 2));
        position.Pending.ShouldBe([new PendingUser("bob", 3)]);
    }

    [StoreFact]
    public async Task The_checkpoint_never_goes_back_nor_past_the_last_record()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("ann", "2")], [], None);
        await Store.FlushAsync(First, epoch, [], 2, None);
        await Store.FlushAsync(First, epoch, [], 1, None);
        (await Store.OpenPartitionAsync(First, None)).Checkpoint.ShouldBe(2);

        await Should.ThrowAsync<ArgumentException>(Store.FlushAsync(First, epoch, [State("ann", 3)], 3, None));
        (await Store.LoadUserAsync(First, "ann", None)).ShouldBeNull();
    }

    [StoreFact]
    public async Task Everything_is_found_again_after_closing_and_opening()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "payload")], [], None);
        await Store.FlushAsync(First, epoch, [State("ann", 1, new StoredChunk(1, "", Bytes("chunk")))], 1, None);
        await Store.WriteDocumentsAsync("acme", StoreOwners.Partition(First), epoch, [new DocumentWrite("model", "1", Bytes("centroids"))], None);
        await Reopen();

        (await Store.OpenPartitionAsync(First, None)).ShouldSatisfyAllConditions(
            position => position.LastOffset.ShouldBe(1), position => position.Checkpoint.ShouldBe(1), position => position.Pending.ShouldBeEmpty());
        (await Store.ReadUserAsync(First, "ann", 0, None)).Single().Payload.ShouldBe(Bytes("payload"));
        (await Store.LoadUserAsync(First, "ann", None)).ShouldNotBeNull().Chunks.Single().Data.ShouldBe(Bytes("chunk"));
        (await Store.ReadDocumentAsync("acme", "model", "1", None)).ShouldBe(Bytes("centroids"));
        (await Store.AppendAsync(First, epoch, [Record("ann", "next")], [], None)).First.ShouldBe(2);
    }

    [StoreFact]
    public async Task Heads_are_read_by_partition_in_the_order_of_ids()
    {
        var first = await Claim(First);
        var second = await Claim(Second);
        var users = Enumerable.Range(0, 2500).Select(i => $"user-{i:x}").ToArray();
        await Store.AppendAsync(First, first, [.. users.Select(user => Record(user, "x"))], [], None);
        await Store.FlushAsync(First, first, [.. users.Select((user, i) => State(user, i + 1))], 2500, None);
        await Store.AppendAsync(Second, second, [Record("elsewhere", "x")], [], None);
        await Store.FlushAsync(Second, second, [State("elsewhere", 1)], 1, None);

        var heads = new List<StoredHead>();
        await foreach (var head in Store.ReadHeadsAsync(First, null, None))
            heads.Add(head);

        heads.Select(head => head.User).ShouldBe(users.Order(StringComparer.Ordinal));
        heads.ShouldAllBe(head => Encoding.UTF8.GetString(head.Head) == $"head at {head.Offset}");
    }

    [StoreFact]
    public async Task Heads_are_read_on_from_any_id()
    {
        var epoch = await Claim(First);
        string[] users = ["a", "b", "c", "\U0001F600"];
        await Store.AppendAsync(First, epoch, [.. users.Select(user => Record(user, "x"))], [], None);
        await Store.FlushAsync(First, epoch, [.. users.Select((user, i) => State(user, i + 1))], users.Length, None);
        (string? After, string[] Expected)[] cases =
        [
            (null, users), ("b", ["c", "\U0001F600"]), ("bb", ["c", "\U0001F600"]), ("\uFFFD", ["\U0001F600"]), ("\U0001F600", []),
        ];

        foreach (var (after, expected) in cases)
        {
            var heads = new List<string>();
            await foreach (var head in Store.ReadHeadsAsync(First, after, None))
                heads.Add(head.User);
            heads.ShouldBe(expected);
        }
    }

    [StoreFact]
    public async Task Documents_of_one_write_appear_all_or_none()
    {
        var epoch = await Store.ClaimEpochAsync("coordinator/acme", None);
        await Store.WriteDocumentsAsync("acme", "coordinator/acme", epoch, [new DocumentWrite("job", "1", Bytes("old")), new DocumentWrite("job", "2", Bytes("two"))], None);

        // The second document cannot be written: it has no kind.
        DocumentWrite[] bad = [new("job", "1", Bytes("new")), new(null!, "3", Bytes("x"))];
        await Should.ThrowAsync<Exception>(Store.WriteDocumentsAsync("acme", "coordinator/acme", epoch, bad, None));
        (await Store.ReadDocumentAsync("acme", "job", "1", None)).ShouldBe(Bytes("old"));
        (await Store.ReadDocumentAsync("acme", "job", "2", bytes => Convert.ToHexString(bytes), None)).ShouldBe(Convert.ToHexString(Bytes("two")));
        (await Store.ReadDocumentAsync("acme", "job", "3", _ => "never", None)).ShouldBeNull();

        await Store.WriteDocumentsAsync("acme", "coordinator/acme", epoch, [new DocumentWrite("job", "1", null), new DocumentWrite("job", "3", Bytes("three"))], None);
        (await Keys("job")).ShouldBe(["2", "3"]);
    }

    [StoreFact]
    public async Task Documents_are_read_in_the_order_of_keys_and_removed_by_kind()
    {
        var epoch = await Store.ClaimEpochAsync("coordinator/acme", None);
        var keys = Enumerable.Range(0, 50).Select(i => $"{i:d3}").ToArray();
        await Store.WriteDocumentsAsync(
            "acme", "coordinator/acme", epoch, [.. keys.Reverse().Select(key => new DocumentWrite("row", key, Bytes(key))), new DocumentWrite("model", "1", [])], None);
        await Store.WriteDocumentsAsync("acme", "coordinator/acme", epoch, [], None);

        (await Keys("row")).ShouldBe(keys);
        await Store.DeleteDocumentsAsync("acme", "coordinator/acme", epoch, "row", None);

        (await Keys("row")).ShouldBeEmpty();
        (await Store.ReadDocumentAsync("acme", "model", "1", None)).ShouldBe([]);
        (await Store.ReadDocumentAsync("other", "model", "1", None)).ShouldBeNull();
    }

    [StoreFact]
    public async Task What_is_cancelled_before_it_is_taken_never_happens()
    {
        var epoch = await Claim(First);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(Store.AppendAsync(First, epoch, [Record("ann", "1")], [], cancelled.Token));

        (await Store.AppendAsync(First, epoch, [Record("ann", "2")], [], None)).First.ShouldBe(1);
    }

    [StoreFact]
    public async Task Under_random_cancellation_exactly_the_appends_that_succeeded_are_there()
    {
        var epoch = await Claim(First);
        var random = new Random(1);
        var delays = Enumerable.Range(0, 300).Select(_ => random.Next(0, 40)).ToArray();

        var outcomes = await Task.WhenAll(delays.Select(async (delay, i) =>
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(delay));
            try
            {
                return (Index: i, Offset: (await Store.AppendAsync(First, epoch, [Record("ann", $"{i}")], [], source.Token)).First);
            }
            catch (OperationCanceledException)
            {
                return (Index: i, Offset: 0L);
            }
        }));

        var stored = await Store.ReadUserAsync(First, "ann", 0, None);
        stored.Select(record => (record.Offset, Encoding.UTF8.GetString(record.Payload)))
            .ShouldBe(outcomes.Where(outcome => outcome.Offset > 0).OrderBy(outcome => outcome.Offset).Select(outcome => (outcome.Offset, $"{outcome.Index}")));
    }

    [StoreFact]
    public async Task A_partition_outside_the_stores_range_is_refused()
    {
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.OpenPartitionAsync(new PartitionId("acme", Store.Partitions), None));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.AppendAsync(new PartitionId("acme", -1), 1, [Record("ann", "1")], [], None));
    }

    private async Task<List<string>> Keys(string kind)
    {
        var keys = new List<string>();
        await foreach (var (key, _) in Store.ReadDocumentsAsync("acme", kind, None))
            keys.Add(key);
        return keys;
    }
}

/// <summary>A fact of every store; listed as skipped for a store whose server is not there (see <see cref="PostgresServer.Missing"/>).</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Auie.Storage.Tests.StoreFactDiscoverer", "Auie.Storage.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

/// <summary>The class whose tests need a PostgreSQL server.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>Makes the tests of <see cref="StoreFactAttribute"/>.</summary>
public sealed class StoreFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new StoreTestCase(messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

/// <summary>A test of a store, which knows by its class what it needs.</summary>
public sealed class StoreTestCase : XunitTestCase
{
    [Obsolete("Called by the test framework alone.", error: true)]
    public StoreTestCase()
    {
    }

    public StoreTestCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        PostgresServer.Missing && TestMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any()
            ? $"needs {PostgresServer.Program}"
            : base.GetSkipReason(factAttribute);
}
