using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Grains;
using Auie.Storage;
using Auie.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Engine.Tests.Engine;

/// <summary>Items: what comes twice, what is read before and after a flush, and what a restart finds.</summary>
public sealed class ItemTests
{
    /// <summary>Nothing is flushed unless it is asked for.</summary>
    private const string NoTimer = "Engine:FlushInterval=01:00:00";

    private static readonly DateTimeOffset Undated = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.FromHours(7));

    private static ItemEvent Event(string item, string message) => new() { ItemId = item, MessageId = message, At = Undated };

    private static string[] People(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"{i * 7919 % 100_003}")];

    /// <summary>Events, every second with a start, each with 10 yes, 5 maybe, 3 no and 20 invited, of whom 2 are among the yes.</summary>
    private static ItemEvent[] World(int items) =>
    [
        .. Enumerable.Range(0, items).SelectMany(i => new[]
        {
            Event($"e{i}", "traits") with { Traits = i % 2 == 0 ? new() { ["start"] = "2012-10-05T18:00:00Z", ["city"] = "Medan" } : new() { ["city"] = "Bogor" } },
            Event($"e{i}", "answers") with { Yes = People(i, 10), Maybe = People(i + 1_000, 5), No = People(i + 2_000, 3), Invited = People(i + 8, 20) },
        }),
    ];

    private static ItemCensus CensusOf(int items) => new(items, items / 2, 10L * items, 5L * items, 3L * items, 20L * items);

    [Fact]
    public async Task Importing_twice_changes_nothing()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer);
        var world = World(100);
        var first = await engine.Client.ImportItems(world, CancellationToken.None);
        (first.Sum(part => part.Added), first.Sum(part => part.Known)).ShouldBe((200, 0));
        var unflushed = await engine.Client.ImportItems(world, CancellationToken.None);
        await FlushAsync(engine);
        var before = await WrittenAsync(engine);
        before.Count.ShouldBe(100);

        var second = await engine.Client.ImportItems([.. world.Reverse()], CancellationToken.None);
        await FlushAsync(engine);

        foreach (var again in new[] { unflushed, second })
        {
            (again.Sum(part => part.Added), again.Sum(part => part.Known), again.Sum(part => part.Refused.Length)).ShouldBe((0, 200, 0));
            again.Select(part => (part.Partition, part.Offset)).ShouldBe(first.Select(part => (part.Partition, part.Offset)));
        }

        (await WrittenAsync(engine)).ShouldBe(before);
        (await CensusAsync(engine)).ShouldBe(CensusOf(100));
    }

    [Fact]
    public async Task What_was_imported_is_read_at_once_and_stays_the_same_when_it_is_flushed_and_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder, 2, NoTimer))
        {
            (await engine.Client.GetItem("e4", [], CancellationToken.None)).ShouldBeNull();
            (await engine.Client.GetItemAnswers("e4", null, 10, [], CancellationToken.None)).ShouldBeNull();
            await engine.Client.ImportItems(World(20), CancellationToken.None);
            await ShouldBeThereAsync(engine, "Medan");
            (await CensusAsync(engine)).Items.ShouldBe(0, "the census is of the last flush");
            await FlushAsync(engine);
            await ShouldBeThereAsync(engine, "Medan");

            // A later record waits in the journal while the state holds the earlier ones.
            await engine.Client.ImportItems([Event("e4", "moved") with { At = Noon, Traits = new() { ["city"] = "Solo" } }], CancellationToken.None);
            await ShouldBeThereAsync(engine, "Solo");
        }

        await using (var store = await SqliteStore.OpenAsync(folder))
        {
            for (var number = 0; number < store.Partitions; number++)
                (await store.OpenPartitionAsync(PartitionId.OfItems("default", number), CancellationToken.None)).Pending.ShouldBeEmpty("the silo flushed when it stopped");
        }

        await using (var engine = await TestEngine.StartAsync(folder, null, NoTimer))
        {
            await ShouldBeThereAsync(engine, "Solo");
            (await CensusAsync(engine)).ShouldBe(CensusOf(20));
        }

        Directory.Delete(folder, recursive: true);

        static async Task ShouldBeThereAsync(TestEngine engine, string city)
        {
            var item = (await engine.Client.GetItem("e4", [], CancellationToken.None)).ShouldNotBeNull();
            item.Traits.ShouldBe(new Dictionary<string, string> { ["start"] = "2012-10-05T18:00:00Z", ["city"] = city }, ignoreOrder: true);
            item.Answers.ShouldBe(new Dictionary<string, long> { ["yes"] = 10, ["maybe"] = 5, ["no"] = 3, ["invited"] = 20 }, ignoreOrder: true);
            var yes = People(4, 10);
            var maybe = People(1_004, 5);
            var no = People(2_004, 3);
            var invited = People(12, 20);
            var expected = yes.Concat(maybe).Concat(no).Concat(invited).Distinct().Order(StringComparer.Ordinal).Select(person => new ItemAnswerView(
                person, yes.Contains(person) ? "yes" : maybe.Contains(person) ? "maybe" : no.Contains(person) ? "no" : null, invited.Contains(person)));
            var read = new List<ItemAnswerView>();
            string? cursor = null;
            do
            {
                var page = (await engine.Client.GetItemAnswers("e4", cursor, 7, [], CancellationToken.None)).ShouldNotBeNull();
                read.AddRange(page.Answers);
                cursor = page.Next;
            }
            while (cursor is not null);
            read.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task What_was_committed_and_not_flushed_is_flushed_when_the_silo_starts_again()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var store = await SqliteStore.OpenAsync(folder, new() { Partitions = 1 }))
        {
            // As a silo leaves it that was killed between the append and the flush.
            var shard = PartitionId.OfItems("default", 0);
            var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(shard), CancellationToken.None);
            await store.AppendAsync(shard, epoch, [new JournalRecord("e1", ItemEntryCodec.Encode(
                new ItemEntry { MessageId = "m", At = Undated, Yes = ["ann"] }))], [], CancellationToken.None);
        }

        await using (var engine = await TestEngine.StartAsync(folder, null, NoTimer))
        {
            await engine.App.Services.GetServices<IHostedService>().OfType<UnfinishedWork>().Single().TakenUp;
            (await CensusAsync(engine)).ShouldBe(new ItemCensus(1, 0, 1, 0, 0, 0));
            (await engine.Store.OpenPartitionAsync(PartitionId.OfItems("default", 0), CancellationToken.None)).Pending.ShouldBeEmpty();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_shard_that_was_overtaken_before_its_flush_steps_down_and_the_next_owner_flushes_once()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        await engine.Client.ImportItems(World(30), CancellationToken.None);
        await engine.Store.ClaimEpochAsync(StoreOwners.Partition(PartitionId.OfItems("default", 0)), CancellationToken.None);
        await Should.ThrowAsync<UnavailableException>(() => FlushAsync(engine));
        (await WrittenAsync(engine)).ShouldBeEmpty();

        (await engine.Client.ImportItems(World(30), CancellationToken.None)).Sum(part => part.Known).ShouldBe(60);
        await FlushAsync(engine);

        (await WrittenAsync(engine)).Count.ShouldBe(30);
        (await CensusAsync(engine)).ShouldBe(CensusOf(30));
    }

    [Fact]
    public async Task An_import_larger_than_the_bound_flushes_itself()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer, "Engine:MaxUnfoldedBytes=2000", "Engine:UsersAtOnce=7");
        await engine.Client.ImportItems(World(40), CancellationToken.None);
        (await CensusAsync(engine)).ShouldBe(CensusOf(40));

        await using var small = await TestEngine.StartAsync(null, 1, NoTimer);
        await small.Client.ImportItems(World(40), CancellationToken.None);
        (await WrittenAsync(small)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_census_follows_what_changes_and_counts_nothing_twice()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        await engine.Client.ImportItems([Event("e1", "m1") with { Yes = ["ann", "bob"], Invited = ["cid"], Traits = new() { ["start"] = "2012-10-05" } }], CancellationToken.None);
        await FlushAsync(engine);
        (await CensusAsync(engine)).ShouldBe(new ItemCensus(1, 1, 2, 0, 0, 1));

        await engine.Client.ImportItems(
        [
            Event("e1", "m2") with { At = Noon, No = ["ann"], Invited = ["cid", "dan"], Traits = new() { ["start"] = "" } }, Event("e2", "m1"),
        ], CancellationToken.None);
        await FlushAsync(engine);
        await FlushAsync(engine);
        (await CensusAsync(engine)).ShouldBe(new ItemCensus(2, 0, 1, 0, 1, 2));
    }

    [Fact]
    public async Task A_message_id_with_another_content_is_refused_and_the_others_count()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        await engine.Client.ImportItems([Event("e1", "m1") with { Yes = ["ann", "bob"] }], CancellationToken.None);
        var result = (await engine.Client.ImportItems(
        [
            Event("e1", "m1") with { Yes = ["bob", "ann"] }, Event("e1", "m1") with { Yes = ["ann"] }, Event("e2", "m1") with { Yes = ["ann"] },
            Event("e1", "m2"), Event("e1", "m2"), Event("e1", "m2") with { No = ["ann"] }, Event("e1", "m3") with { Traits = new() { ["kind"] = "wedding" } },
        ], CancellationToken.None)).Single();

        (result.Added, result.Known).ShouldBe((2, 2));
        result.Refused.Select(one => (one.Index, one.Field)).ShouldBe([(1, "messageId"), (5, "messageId"), (6, "traits")]);
        result.Refused[0].Reason.ShouldBe("came before with another content");
    }

    [Fact]
    public async Task An_item_whose_journal_is_damaged_keeps_no_other_from_being_imported_and_written()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        var shard = PartitionId.OfItems("default", 0);
        var epoch = await engine.Store.ClaimEpochAsync(StoreOwners.Partition(shard), CancellationToken.None);
        await engine.Store.AppendAsync(shard, epoch, [new JournalRecord("e1", [9, 9, 9])], [], CancellationToken.None);

        var result = (await engine.Client.ImportItems([Event("e1", "m"), Event("e2", "m") with { Yes = ["ann"] }], CancellationToken.None)).Single();
        await FlushAsync(engine);

        result.Added.ShouldBe(2);
        (await CensusAsync(engine)).ShouldBe(new ItemCensus(1, 0, 1, 0, 0, 0));
    }

    [Fact]
    public async Task Totals_that_are_damaged_are_counted_anew_and_written_with_the_next_flush()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder, 1, NoTimer))
            await engine.Client.ImportItems(World(20), CancellationToken.None);

        var shard = PartitionId.OfItems("default", 0);
        await using (var store = await SqliteStore.OpenAsync(folder))
        {
            var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(shard), CancellationToken.None);
            await store.FlushAsync(shard, epoch, [new UserWrite("", 1_000, [9, 9, 9], [])], 0, CancellationToken.None);
        }

        await using (var engine = await TestEngine.StartAsync(folder, null, NoTimer))
        {
            (await CensusAsync(engine)).ShouldBe(CensusOf(20));
            await engine.Client.ImportItems(World(22), CancellationToken.None);
            await FlushAsync(engine);
            (await CensusAsync(engine)).ShouldBe(CensusOf(22));
            var written = (await engine.Store.LoadUserAsync(shard, "", CancellationToken.None)).ShouldNotBeNull();
            ItemTotals.Decode(written.Head).Items.ShouldBe(22);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_does_not_belong_to_a_shard_or_is_no_id_is_refused()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, NoTimer);
        var elsewhere = Enumerable.Range(0, 100).Select(i => $"e{i}").First(item => Partitioning.PartitionOf("default", item, 2) == 1);
        var shard = engine.Grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard("default", 0));

        (await shard.Import([Event(elsewhere, "m"), Event("", "m")], CancellationToken.None)).Refused.Select(one => (one.Index, one.Field))
            .ShouldBe([(0, "itemId"), (1, "itemId")]);
        (await Should.ThrowAsync<InvalidRequestException>(() => shard.Get("", CancellationToken.None))).Field.ShouldBe("itemId");
        (await Should.ThrowAsync<InvalidRequestException>(() => shard.GetAnswers("e1", null, 1_001, CancellationToken.None))).Field.ShouldBe("count");
    }

    private static async Task FlushAsync(TestEngine engine)
    {
        for (var number = 0; number < engine.Store.Partitions; number++)
            await engine.Grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard("default", number)).Flush(CancellationToken.None);
    }

    private static async Task<ItemCensus> CensusAsync(TestEngine engine)
    {
        var all = new ItemCensus(0, 0, 0, 0, 0, 0);
        for (var number = 0; number < engine.Store.Partitions; number++)
        {
            var one = await engine.Grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard("default", number)).GetCensus(CancellationToken.None);
            all = new ItemCensus(
                all.Items + one.Items, all.WithStart + one.WithStart, all.Yes + one.Yes, all.Maybe + one.Maybe, all.No + one.No, all.Invited + one.Invited);
        }

        return all;
    }

    /// <summary>Every item as the store has it, in text that is equal where the bytes are.</summary>
    private static async Task<SortedDictionary<string, string>> WrittenAsync(TestEngine engine)
    {
        var written = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var number = 0; number < engine.Store.Partitions; number++)
        {
            var shard = PartitionId.OfItems("default", number);
            await foreach (var head in engine.Store.ReadHeadsAsync(shard, null, CancellationToken.None))
            {
                var item = (await engine.Store.LoadUserAsync(shard, head.User, CancellationToken.None)).ShouldNotBeNull();
                written[head.User] = Convert.ToHexString(item.Head)
                    + string.Concat(item.Chunks.Select(chunk => $" {chunk.Map}:{chunk.FirstKey}={Convert.ToHexString(chunk.Data!)}"));
            }
        }

        return written;
    }
}
