using Auie.Abstractions;
using Auie.Client;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

public sealed class UserTests
{
    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.FromHours(7));

    private static UserEvent Event(string user, string kind, int minute, string? item = null) =>
        new() { UserId = user, MessageId = $"{user}-{kind}-{minute}", Kind = kind, At = Noon.AddMinutes(minute), Item = item, Platform = "web" };

    [Fact]
    public async Task What_was_appended_is_read_at_once_and_found_again_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        UserView before;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            await engine.Client.Append([
                Event("ann", "identify", 0) with { Traits = new() { ["birthyear"] = "1984", ["gender"] = "female", ["joinedAt"] = "2012-09-01T08:00:00+07:00" }, Platform = null },
                Event("ann", "friends", 1) with { FriendsAdded = ["bob", "cid"], Platform = null },
                Event("ann", "shown", 2, "e1"), Event("ann", "interested", 3, "e1"),
                Event("ann", "purchased", 4, "p1") with { Amount = 125_000 },
            ], false, CancellationToken.None);

            before = (await engine.Client.GetUser("ann", null, CancellationToken.None)).ShouldNotBeNull();
            before.BirthYear.ShouldBe(1984);
            before.Friends.ShouldBe(2);
            before.Answers["interested"].ShouldBe(1);
            before.Spent.ShouldBe(125_000);
            before.Platforms.ShouldBe(new Dictionary<string, long> { ["web"] = 3 });
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            var after = await engine.Client.GetUser("ann", null, CancellationToken.None);
            after.ShouldNotBeNull().ShouldBeEquivalentTo(before);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Somebody_whom_only_others_mention_is_not_a_user()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.Client.Append([Event("ann", "friends", 0) with { FriendsAdded = ["bob"], Platform = null }], false, CancellationToken.None);

        (await engine.Client.GetUser("bob", null, CancellationToken.None)).ShouldBeNull();
        (await engine.Client.GetFriends("ann", null, 10, CancellationToken.None)).Friends.ShouldBe(["bob"]);
    }

    [Fact]
    public async Task Friends_come_page_by_page_each_once()
    {
        await using var engine = await TestEngine.StartAsync();
        var friends = Enumerable.Range(0, 1_234).Select(i => $"f{i:D5}").ToArray();
        await engine.Client.Append([Event("ann", "friends", 0) with { FriendsAdded = friends, Platform = null }], false, CancellationToken.None);

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await engine.Client.GetFriends("ann", cursor, 100, CancellationToken.None);
            page.Total.ShouldBe(1_234);
            seen.AddRange(page.Friends);
            cursor = page.Next;
        }
        while (cursor is not null);

        seen.ShouldBe(friends);
    }

    [Fact]
    public async Task A_refused_event_says_which_field_and_why_and_the_others_count()
    {
        await using var engine = await TestEngine.StartAsync();
        var partition = engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition("default", Partitioning.PartitionOf("default", "ann", engine.Store.Partitions)));
        var result = await partition.Append([Event("ann", "shown", 0), Event("ann", "danced", 1), Event("ann", "viewed", 2, "e1")], false, CancellationToken.None);

        result.Refused.Select(r => (r.Index, r.Field)).ShouldBe([(0, "item"), (1, "kind")]);
        result.Refused[1].Reason.ShouldEndWith(", consent, came and alias");
        (await engine.Client.GetUser("ann", null, CancellationToken.None)).ShouldNotBeNull().Events.ShouldBe(new Dictionary<string, long> { ["viewed"] = 1 });
    }

    [Fact]
    public async Task A_version_beyond_the_end_of_the_journal_is_refused_and_any_other_of_the_partition_is_answered()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        VersionToken last;
        await using (var engine = await TestEngine.StartAsync(folder, 2))
        {
            var results = await engine.Client.Append([Event("ann", "viewed", 0, "e1"), .. Enumerable.Range(0, 20).Select(i => Event($"u{i}", "viewed", 0, "e1"))], false, CancellationToken.None);
            var own = results.Single(result => result.Partition == Partitioning.PartitionOf("default", "ann", 2));
            last = new VersionToken(own.Partition, own.Offset);
            await ShouldKnowAsync(engine);
        }

        await using (var engine = await TestEngine.StartAsync(folder, 2))
            await ShouldKnowAsync(engine);
        Directory.Delete(folder, recursive: true);

        async Task ShouldKnowAsync(TestEngine engine)
        {
            (await engine.Client.GetUser("ann", last, CancellationToken.None)).ShouldNotBeNull("others' records are after ann's");
            foreach (var beyond in new[] { last with { Offset = last.Offset + 1 }, new VersionToken(1 - last.Partition, 1_000) })
            {
                var refused = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetUser("ann", beyond, CancellationToken.None));
                refused.Message.ShouldBe($"atLeast: '{beyond}' is no version that this engine has given: its journal has not come so far");
                await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetUserSegment("ann", null, beyond, CancellationToken.None));
            }
        }
    }

    [Fact]
    public async Task A_user_whom_the_partition_could_not_tell_reads_the_gap_from_the_journal()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.Client.Append([Event("ann", "viewed", 0, "e1")], false, CancellationToken.None);

        // Behind the user's back: a record that only the journal has.
        var id = new Auie.Storage.PartitionId("default", Partitioning.PartitionOf("default", "ann", engine.Store.Partitions));
        var epoch = await engine.Store.ClaimEpochAsync(Auie.Storage.StoreOwners.Partition(id), CancellationToken.None);
        var offset = (await engine.Store.AppendAsync(id, epoch, [new Auie.Storage.JournalRecord("ann", Auie.Core.Users.EntryCodec.Encode(
            [new Auie.Core.Users.Entry { MessageId = "m", At = Noon, Kind = Auie.Core.Users.EntryKind.Viewed, Item = "e2" }]))], [], CancellationToken.None)).First;

        var user = engine.Grains.GetGrain<IUserGrain>(GrainKeys.User("default", "ann"));
        (await user.Get(0, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(1);
        (await user.Get(offset, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(2);
    }

    [Fact]
    public async Task A_partition_that_was_overtaken_steps_down_and_the_next_append_succeeds()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.Client.Append([Event("ann", "viewed", 0, "e1")], false, CancellationToken.None);
        var id = new Auie.Storage.PartitionId("default", Partitioning.PartitionOf("default", "ann", engine.Store.Partitions));
        await engine.Store.ClaimEpochAsync(Auie.Storage.StoreOwners.Partition(id), CancellationToken.None);

        await Should.ThrowAsync<UnavailableException>(() => engine.Client.Append([Event("ann", "viewed", 1, "e2")], false, CancellationToken.None));
        await engine.Client.Append([Event("ann", "viewed", 2, "e3")], false, CancellationToken.None);

        (await engine.Client.GetUser("ann", null, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(2);
    }

    [Fact]
    public async Task What_is_acknowledged_is_in_the_next_read_though_the_published_version_cannot_be_read()
    {
        var isDown = false;
        var time = new LaterTime();
        await using var engine = await TestEngine.StartWithAsync(time.And(GatedStore.Before((method, arguments) =>
            Volatile.Read(ref isDown) && method == nameof(IEngineStore.ReadDocumentAsync) && arguments[0] is Tenant ? Task.FromException(new StoreException("It is down.")) : Task.CompletedTask)), null, 1, Undisturbed);
        var (partition, user) = (engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, 0)), engine.Grains.GetGrain<IUserGrain>(GrainKeys.User(Tenant, "ann")));
        await partition.Append([Event("ann", "viewed", 1, "e1")], false, CancellationToken.None);
        Volatile.Write(ref isDown, true);
        time.Advance(TimeSpan.FromSeconds(2));
        await partition.Append([Event("ann", "viewed", 2, "e2")], true, CancellationToken.None);

        (await user.Get(0, CancellationToken.None)).ShouldNotBeNull().Events["viewed"].ShouldBe(2);
    }

    [Fact]
    public async Task Who_sends_again_is_answered_when_the_first_one_is_for_what_they_read_next_is_to_have_it()
    {
        var (reached, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        var held = false;
        var time = new LaterTime();
        await using var engine = await TestEngine.StartWithAsync(time.And(GatedStore.Before((method, arguments) =>
        {
            if (!Volatile.Read(ref held) || method != nameof(IEngineStore.ReadDocumentAsync) || arguments[0] is not Tenant)
                return Task.CompletedTask;
            reached.TrySetResult();
            return open.Task;
        })), null, 1, Undisturbed);
        var (partition, user) = (engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, 0)), engine.Grains.GetGrain<IUserGrain>(GrainKeys.User(Tenant, "ann")));
        await partition.Append([Event("ann", "viewed", 1, "e1")], false, CancellationToken.None);
        Volatile.Write(ref held, true);
        time.Advance(TimeSpan.FromSeconds(2));

        var first = partition.Append([Event("ann", "viewed", 2, "e2")], true, CancellationToken.None);
        await reached.Task;
        (await user.GetStanding(0, CancellationToken.None)).Offset.ShouldBe(2, "it is committed, and what else is looked up for its answer keeps no reader from it");
        var again = partition.Append([Event("ann", "viewed", 2, "e2")], false, CancellationToken.None);
        await partition.Append([Event("bob", "viewed", 1, "e1")], false, CancellationToken.None);
        again.IsCompleted.ShouldBeFalse("it came before bob's, who has been answered");

        open.SetResult();
        (await again).Known.ShouldBe(1);
        await first;
    }

    private const string Tenant = "acme";

    private static readonly string[] Undisturbed = ["Engine:ShareInterval=01:00:00", "Engine:FlushInterval=01:00:00"];

    /// <summary>A clock whose timestamps can be put on, so that what was read a moment ago counts as read long ago.</summary>
    private sealed class LaterTime : TimeProvider
    {
        private long _shift;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _shift);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, (long)(by.TotalSeconds * TimestampFrequency));

        public Action<IServiceCollection> And(Action<IServiceCollection> other) => services =>
        {
            other(services);
            services.AddSingleton<TimeProvider>(this);
        };
    }
}
