using System.Collections.Concurrent;
using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>Bulk imports: what comes twice, who is folded where, and that nobody reads anything old.</summary>
public sealed class ImportTests
{
    /// <summary>Nothing is flushed unless it is asked for.</summary>
    private const string NoTimer = "Engine:FlushInterval=01:00:00";

    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.FromHours(7));

    private static UserEvent Event(string user, string kind, int minute, string? item = null) =>
        new() { UserId = user, MessageId = $"{user}-{kind}-{minute}", Kind = kind, At = Noon.AddMinutes(minute), Item = item };

    private static UserEvent Friends(string user, int minute, int from, int count) =>
        Event(user, "friends", minute) with { FriendsAdded = [.. Enumerable.Range(from, count).Select(i => $"{i * 7919 % 100_003}")] };

    private static UserEvent[] World(int users) =>
    [
        .. Enumerable.Range(0, users).SelectMany(i => new[]
        {
            Event($"u{i}", "identify", 0) with { At = DateTimeOffset.UnixEpoch, Traits = new() { ["birthyear"] = $"{1950 + i % 50}", ["locale"] = "en_US" } },
            Friends($"u{i}", 1, i, i % 7 * 40), Event($"u{i}", "shown", 2, $"e{i % 5}"), Event($"u{i}", "interested", 3, $"e{i % 5}"),
        }),
    ];

    [Fact]
    public async Task Importing_twice_changes_nothing()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer);
        var world = World(200);
        var first = await engine.Client.Import(world, CancellationToken.None);
        (first.Sum(part => part.Added), first.Sum(part => part.Known)).ShouldBe((800, 0));
        var unflushed = await engine.Client.Import(world, CancellationToken.None);
        await FlushAsync(engine);
        var before = await WrittenAsync(engine);
        before.Count.ShouldBe(200);

        var second = await engine.Client.Import([.. world.Reverse()], CancellationToken.None);
        await FlushAsync(engine);

        foreach (var again in new[] { unflushed, second })
        {
            (again.Sum(part => part.Added), again.Sum(part => part.Known), again.Sum(part => part.Refused.Length)).ShouldBe((0, 800, 0));
            again.Select(part => (part.Partition, part.Offset)).ShouldBe(first.Select(part => (part.Partition, part.Offset)));
        }

        (await WrittenAsync(engine)).ShouldBe(before);
    }

    [Fact]
    public async Task An_import_writes_the_same_bytes_as_users_who_fold_their_events_themselves()
    {
        await using var imported = await TestEngine.StartAsync(null, 3, NoTimer);
        await using var appended = await TestEngine.StartAsync(null, 3, NoTimer);
        await imported.Client.Import(World(100), CancellationToken.None);
        // What an import brings of friends is each user's own list.
        await appended.Client.Append([.. World(100).Select(one => one with { OneSided = one.Kind == "friends" })], false, CancellationToken.None);
        await FlushAsync(imported);
        await FlushAsync(appended);

        (await WrittenAsync(imported)).ShouldBe(await WrittenAsync(appended));
        (await imported.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(100);
    }

    [Fact]
    public async Task Users_who_were_unknown_are_written_without_being_made_live()
    {
        var calls = new UserCalls();
        await using var engine = await TestEngine.StartWithAsync(services => services.AddSingleton<IIncomingGrainCallFilter>(calls), null, 3, NoTimer);
        await engine.Client.Import(World(100), CancellationToken.None);
        await FlushAsync(engine);
        calls.Made.ShouldBeEmpty();
        (await WrittenAsync(engine)).Count.ShouldBe(100);

        await engine.Client.Import([Event("u7", "viewed", 9, "e1")], CancellationToken.None);
        calls.Made.ShouldBe(["Apply"]);
    }

    [Fact]
    public async Task An_import_larger_than_the_bound_flushes_itself()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer, "Engine:MaxUnfoldedBytes=2000", "Engine:UsersAtOnce=7");
        await engine.Client.Import([.. World(40)], CancellationToken.None);
        (await WrittenAsync(engine)).ShouldNotBeEmpty();

        await using var small = await TestEngine.StartAsync(null, 1, NoTimer);
        await small.Client.Import([.. World(40)], CancellationToken.None);
        (await WrittenAsync(small)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_bound_counts_what_people_take_in_memory_and_not_only_what_came_of_them()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer, "Engine:MaxUnfoldedBytes=2000");
        var few = Enumerable.Range(0, 8).Select(i => Event($"u{i}", "viewed", i, "e1")).ToArray();
        await engine.Client.Import(few, CancellationToken.None);
        (await WrittenAsync(engine)).ShouldBeEmpty();

        await engine.Client.Import([.. Enumerable.Range(8, 4).Select(i => Event($"u{i}", "viewed", i, "e1"))], CancellationToken.None);
        (await WrittenAsync(engine)).Count.ShouldBe(12);
    }

    [Fact]
    public async Task Somebody_unknown_is_read_right_at_once_though_they_were_asked_for_before()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        var user = engine.Grains.GetGrain<IUserGrain>(GrainKeys.User("default", "ann"));
        foreach (var wake in new Func<Task>[]
        {
            () => user.Flushed(0, CancellationToken.None), () => user.Get(0, CancellationToken.None),
            () => user.GetFriends(null, 10, CancellationToken.None), () => user.GetSegment(null, 0, CancellationToken.None),
        })
            await wake();
        await user.Flushed(0, CancellationToken.None); // live, and knows nothing

        var result = (await engine.Client.Import([Friends("ann", 0, 0, 500), Event("ann", "viewed", 1, "e1")], CancellationToken.None)).Single();

        (await user.GetFriends(null, 10, CancellationToken.None)).Total.ShouldBe(500);
        (await user.Get(result.Offset, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(1);
        (await user.Get(0, CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe($"0.{result.Offset}");
    }

    [Theory]
    [InlineData(false, false), InlineData(false, true), InlineData(true, false), InlineData(true, true)]
    public async Task A_second_record_finds_the_first_whoever_was_live_and_whatever_was_written(bool flushedBetween, bool readBetween)
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder, 1, NoTimer))
        {
            // Live before anything is known of them, so that only what they are told can tell them.
            foreach (var name in new[] { "ann", "bob" })
                await engine.Grains.GetGrain<IUserGrain>(GrainKeys.User("default", name)).Flushed(0, CancellationToken.None);
            await engine.Client.Import([Friends("ann", 0, 0, 700), Friends("bob", 0, 0, 700), Friends("cid", 0, 0, 700)], CancellationToken.None);
            if (readBetween)
                await ShouldHaveAsync(engine, 700, 0);
            if (flushedBetween)
                await FlushAsync(engine);

            await engine.Client.Import([Friends("ann", 1, 700, 900), Friends("cid", 1, 700, 900)], CancellationToken.None);
            await engine.Client.Append([Friends("bob", 1, 700, 900)], false, CancellationToken.None);
            await ShouldHaveAsync(engine, 1_600, 0);
            await FlushAsync(engine);
        }

        await using (var engine = await TestEngine.StartAsync(folder))
            await ShouldHaveAsync(engine, 1_600, 0);
        Directory.Delete(folder, recursive: true);

        static async Task ShouldHaveAsync(TestEngine engine, int friends, long atLeast)
        {
            foreach (var name in new[] { "ann", "bob", "cid" })
            {
                var user = engine.Grains.GetGrain<IUserGrain>(GrainKeys.User("default", name));
                (await user.Get(atLeast, CancellationToken.None)).ShouldNotBeNull().Friends.ShouldBe(friends);
                (await user.GetFriends(null, 1_000, CancellationToken.None)).Friends.Length.ShouldBe(Math.Min(friends, 1_000));
            }
        }
    }

    [Fact]
    public async Task An_import_that_was_overtaken_before_its_flush_is_flushed_by_the_next_owner()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        var world = World(30);
        await engine.Client.Import(world, CancellationToken.None);
        await engine.Store.ClaimEpochAsync(StoreOwners.Partition(new PartitionId("default", 0)), CancellationToken.None);
        await Should.ThrowAsync<UnavailableException>(() => FlushAsync(engine));
        (await WrittenAsync(engine)).ShouldBeEmpty();

        // The next activation knows of the users from the journal alone.
        (await engine.Client.Import(world, CancellationToken.None)).Sum(part => part.Known).ShouldBe(world.Length);
        await FlushAsync(engine);

        (await WrittenAsync(engine)).Count.ShouldBe(30);
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(30);
    }

    [Fact]
    public async Task A_message_id_with_another_content_is_refused_and_the_others_count()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        await engine.Client.Append([Event("ann", "viewed", 0, "e1")], false, CancellationToken.None);
        var result = (await engine.Client.Import(
        [
            Event("ann", "viewed", 0, "e1"), Event("ann", "viewed", 0, "e2"), Event("bob", "viewed", 0, "e1") with { MessageId = "ann-viewed-0" },
            Event("ann", "viewed", 1, "e1"), Event("ann", "viewed", 1, "e1"), Event("ann", "viewed", 1, "e3"), Event("ann", "danced", 2),
        ], CancellationToken.None)).Single();

        (result.Added, result.Known).ShouldBe((2, 2));
        result.Refused.Select(one => (one.Index, one.Field)).ShouldBe([(1, "messageId"), (5, "messageId"), (6, "kind")]);
        result.Refused[0].Reason.ShouldBe("came before with another content");
        (await engine.Client.GetUser("ann", null, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(2);
    }

    [Fact]
    public async Task A_user_whose_journal_is_damaged_is_refused_and_the_others_are_imported()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer);
        var id = new PartitionId("default", 0);
        var epoch = await engine.Store.ClaimEpochAsync(StoreOwners.Partition(id), CancellationToken.None);
        await engine.Store.AppendAsync(id, epoch, [new JournalRecord("ann", [9, 9, 9])], [], CancellationToken.None);

        var result = (await engine.Client.Import([Event("ann", "viewed", 0, "e1"), Event("bob", "viewed", 0, "e1")], CancellationToken.None)).Single();

        result.Added.ShouldBe(1);
        result.Refused.Single().Index.ShouldBe(0);
        result.Refused.Single().Reason.ShouldContain("damaged");
    }

    private static async Task FlushAsync(TestEngine engine)
    {
        for (var number = 0; number < engine.Store.Partitions; number++)
            await engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition("default", number)).Flush(CancellationToken.None);
    }

    /// <summary>Every user as the store has them, in text that is equal where the bytes are.</summary>
    private static async Task<SortedDictionary<string, string>> WrittenAsync(TestEngine engine)
    {
        var written = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var number = 0; number < engine.Store.Partitions; number++)
        {
            var partition = new PartitionId("default", number);
            await foreach (var head in engine.Store.ReadHeadsAsync(partition, null, CancellationToken.None))
            {
                var user = (await engine.Store.LoadUserAsync(partition, head.User, CancellationToken.None)).ShouldNotBeNull();
                written[head.User] = Convert.ToHexString(user.Head)
                    + string.Concat(user.Chunks.Select(chunk => $" {chunk.Map}:{chunk.FirstKey}={Convert.ToHexString(chunk.Data!)}"));
            }
        }

        return written;
    }

    /// <summary>The methods that user grains are called by.</summary>
    private sealed class UserCalls : IIncomingGrainCallFilter
    {
        public ConcurrentQueue<string> Made { get; } = new();

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is IUserGrain)
                Made.Enqueue(context.MethodName);
            return context.Invoke();
        }
    }
}
