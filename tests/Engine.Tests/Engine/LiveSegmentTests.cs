using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Users;
using Auie.Silo.Demo;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>Segments that follow what users do, and the time that passes.</summary>
public sealed class LiveSegmentTests
{
    private const string NoTimer = "Engine:FlushInterval=01:00:00";

    // As long a step that no test crosses one by being slow.
    private const string LongStep = "Engine:LiveStep=1.00:00:00";

    [Fact]
    public async Task A_user_who_moves_is_in_the_new_segments_count_centroid_and_pages_and_no_more_in_the_old_ones()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer, LongStep);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 1_000 }));
        var found = await engine.SucceedAsync(new JobRequest { KMin = 4, KMax = 4 });
        var before = await SegmentsAsync(engine, found);
        var user = (await engine.MembersAsync(found)).First(member => found.Segments[member.Value].Persona == "Silent Observers").Key;
        var old = (await OwnAsync(engine, user))!.Segment;
        // Nobody has moved yet: the live centroid is the one that was found.
        foreach (var segment in before)
        {
            segment.AsOf.ShouldBe(found.AsOf);
            segment.LiveCentroid.ShouldNotBeNull();
            for (var c = 0; c < found.Columns.Length; c++)
                segment.LiveCentroid[c].ShouldBe(segment.Centroid[c], 1e-5 * Math.Abs(segment.Centroid[c]) + 1e-9);
        }

        await engine.Client.Append([.. Answers(user, 300)], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);

        var now = (await OwnAsync(engine, user))!.Segment;
        now.ShouldNotBe(old);
        var after = await SegmentsAsync(engine, found);
        after.Select(segment => segment.Size - before[segment.Segment].Size)
            .ShouldBe(Enumerable.Range(0, found.K).Select(segment => segment == old ? -1L : segment == now ? 1 : 0));
        var interested = Array.IndexOf(found.Columns, "interested");
        after[old].LiveCentroid![interested].ShouldNotBe(before[old].LiveCentroid![interested]);
        foreach (var other in Enumerable.Range(0, found.K).Where(segment => segment != old && segment != now))
            after[other].LiveCentroid.ShouldBe(before[other].LiveCentroid);
        (await engine.MembersAsync(found, page: 97))[user].ShouldBe(now);
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        var told = await new AuieHttpClient(http).GetSegment(now);
        (told.Size, told.AsOf).ShouldBe((after[now].Size, after[now].AsOf));
        told.LiveCentroid.ShouldBe(after[now].LiveCentroid);
    }

    [Fact]
    public async Task After_any_churn_counts_sum_to_the_users_and_each_is_on_exactly_the_page_that_their_own_answer_says()
    {
        await using var engine = await TestEngine.StartAsync(null, 4, NoTimer, LongStep);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 2_000 }));
        // Rows are answers: who was shown nothing is in no segment.
        var found = await engine.SucceedAsync(new JobRequest { Features = "impressions", KMin = 4, KMax = 4 });
        await engine.MembersAsync(found);

        var random = new Random(4);
        for (var round = 0; round < 5; round++)
        {
            var events = new List<UserEvent>();
            for (var i = 0; i < 600; i++)
            {
                var user = random.Next(8) == 0 ? $"new-{random.Next(300)}" : DemoWorld.UserId(random.Next(2_000));
                events.AddRange(random.Next(4) switch
                {
                    0 => [Event(user, $"{round}-{i}", "identify") with { Traits = new() { ["birthyear"] = $"{random.Next(1940, 2005)}" } }],
                    1 => [Event(user, $"{round}-{i}", "friends") with { FriendsAdded = [.. Enumerable.Range(0, random.Next(80)).Select(friend => $"f{friend}")] }],
                    _ => Answers(user, random.Next(1, 9), $"{round}-{i}", random.Next(2) == 0 ? "interested" : "not_interested"),
                });
            }

            await engine.Client.Append(events, false, CancellationToken.None);
            await engine.Client.Flush(CancellationToken.None);
            await AtRestAsync(engine, found);
        }
    }

    [Fact]
    public async Task As_months_go_by_users_move_by_time_alone_to_where_anybody_new_would_be_put()
    {
        var time = new ShiftedTime();
        await using var engine = await TestEngine.StartWithAsync(services => services.AddSingleton<TimeProvider>(time), null, 3, NoTimer, LongStep);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 1_500 }));
        var found = await engine.SucceedAsync(new JobRequest { Features = "engagement", KMin = 5, KMax = 5 });
        var members = await engine.MembersAsync(found);
        var moved = 0;
        foreach (var days in (int[])[1, 30, 60, 200])
        {
            time.Advance(TimeSpan.FromDays(days));
            var segments = await SegmentsAsync(engine, found);
            segments.ShouldAllBe(segment => segment.AsOf > found.AsOf.AddDays(days - 1));
            var now = await AtRestAsync(engine, found);
            moved += now.Count(member => members[member.Key] != member.Value);
            members = now;
        }

        moved.ShouldBeGreaterThan(50);
        // An instant that is asked for is taken as it is.
        var user = DemoWorld.UserId(3);
        (await engine.Client.GetUserSegment(user, found.AsOf, null, CancellationToken.None)).ShouldNotBeNull().AsOf.ShouldBe(found.AsOf);
        (await OwnAsync(engine, user))!.AsOf.ShouldBe(found.AsOf.AddDays(291));
    }

    [Fact]
    public async Task Time_has_gone_on_after_a_restart_and_for_a_version_that_is_published_no_more()
    {
        var time = new ShiftedTime();
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        void Replace(IServiceCollection services) => services.AddSingleton<TimeProvider>(time);
        SegmentationView first;
        await using (var engine = await TestEngine.StartWithAsync(Replace, folder, 2, LongStep))
        {
            await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 200 }));
            first = await engine.SucceedAsync(new JobRequest { Features = "engagement", KMin = 2, KMax = 2 });
        }

        time.Advance(TimeSpan.FromDays(3));
        await using (var engine = await TestEngine.StartWithAsync(Replace, folder, 2, LongStep))
        {
            (await OwnAsync(engine, DemoWorld.UserId(1)))!.AsOf.ShouldBe(first.AsOf.AddDays(3));
            var second = await engine.SucceedAsync(new JobRequest { Features = "engagement", KMin = 2, KMax = 2, Seed = 3 });
            (await SegmentsAsync(engine, second)).ShouldAllBe(segment => segment.AsOf == second.AsOf);
            (await SegmentsAsync(engine, first)).ShouldAllBe(segment => segment.AsOf == first.AsOf.AddDays(3));
            await AtRestAsync(engine, second);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Who_wants_to_be_in_no_segment_is_removed_from_all_of_it_stays_out_after_a_restart_and_may_come_back()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        SegmentationView found;
        var user = DemoWorld.UserId(7);
        await using (var engine = await TestEngine.StartAsync(folder, 2, NoTimer, LongStep))
        {
            await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 300 }));
            found = await engine.SucceedAsync(new JobRequest { KMin = 3, KMax = 3 });
            await AtRestAsync(engine, found);
            await ConsentAsync(engine, user, personalisation: false, minute: 0);
            await engine.Client.Flush(CancellationToken.None);

            (await AtRestAsync(engine, found)).ShouldNotContainKey(user);
            (await OwnAsync(engine, user)).ShouldBeNull();
            (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(299);
            (await engine.Client.GetOverview(CancellationToken.None)).Users.Users.ShouldBe(299);
            (await ExportedAsync(engine, found)).ShouldNotContainKey(user);
        }

        await using (var engine = await TestEngine.StartAsync(folder, 2, NoTimer, LongStep))
        {
            (await AtRestAsync(engine, found)).Count.ShouldBe(299);
            await ConsentAsync(engine, user, personalisation: true, minute: 1);
            await engine.Client.Flush(CancellationToken.None);
            (await AtRestAsync(engine, found)).ShouldContainKey(user);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Whoever_is_only_mentioned_by_others_is_in_no_count()
    {
        await using var engine = await TestEngine.StartAsync(null, 1, NoTimer, LongStep);
        await engine.Client.Append([Event("ann", "m", "friends") with { FriendsAdded = ["bob"] }], false, CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(1);
        var shard = Shard(engine, 0);
        // As of a later offset, somebody without facts is gone; facts from before do not bring them back.
        await shard.PutUsers([new UserFactsRow("ann", 1_000, [], null)], CancellationToken.None);
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(0);
        await shard.PutUsers([new UserFactsRow("ann", 1_000, new double[Core.Features.FactCatalogue.All.Count], null)], CancellationToken.None);
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(0);
    }

    [Fact]
    public async Task The_first_reader_after_a_publication_gets_the_new_version_whole_and_the_old_one_stays_readable()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer, LongStep);
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 600 }));
        var first = await engine.SucceedAsync(new JobRequest { KMin = 3, KMax = 3 });
        var old = await engine.MembersAsync(first);
        var second = await engine.SucceedAsync(new JobRequest { KMin = 6, KMax = 6 });

        // Readers of both versions, and users who are put meanwhile.
        var readers = Task.WhenAll(Enumerable.Range(0, 8).Select(i => SegmentsAsync(engine, i % 2 == 0 ? first : second)));
        var writer = engine.Client.Append([.. Enumerable.Range(0, 50).SelectMany(i => Answers(DemoWorld.UserId(i), 20))], false, CancellationToken.None);
        foreach (var segments in await readers)
            segments.Sum(segment => segment.Size).ShouldBe(600);
        await writer;
        await engine.Client.Flush(CancellationToken.None);

        await AtRestAsync(engine, second);
        var now = await engine.MembersAsync(first);
        now.Keys.ShouldBe(old.Keys, ignoreOrder: true);
        Enumerable.Range(50, 550).Select(DemoWorld.UserId).ShouldAllBe(user => now[user] == old[user]);
    }

    /// <summary>What holds of the published segments while nothing happens; returns where everybody is.</summary>
    private static async Task<Dictionary<string, int>> AtRestAsync(TestEngine engine, SegmentationView found)
    {
        var segments = await SegmentsAsync(engine, found);
        // Every page of every segment: a user who came twice would be refused by the dictionary.
        var members = await engine.MembersAsync(found, page: 53);
        segments.Select(segment => segment.Size).ShouldBe(Enumerable.Range(0, found.K).Select(segment => members.Values.LongCount(each => each == segment)));
        var without = (await Task.WhenAll(Enumerable.Range(0, engine.Store.Partitions)
            .Select(number => Shard(engine, number).GetLive(found.Version, CancellationToken.None)))).Sum(part => part.Without);
        (members.Count + without).ShouldBe((await engine.Client.GetInfo(CancellationToken.None)).Users);

        var exported = await ExportedAsync(engine, found);
        exported.Count.ShouldBe((int)(members.Count + without));
        foreach (var (user, segment) in exported)
        {
            (members.TryGetValue(user, out var page) ? page : (int?)null).ShouldBe(segment, user);
            (await OwnAsync(engine, user))?.Segment.ShouldBe(segment!.Value, user);
        }

        return members;
    }

    private static async Task<Dictionary<string, int?>> ExportedAsync(TestEngine engine, SegmentationView found)
    {
        var exported = new Dictionary<string, int?>();
        await foreach (var page in engine.Client.ReadUsers(found.Version, null, 500, CancellationToken.None))
        {
            foreach (var row in page.Users)
                exported.Add(row.User.Id, row.Segment);
        }

        return exported;
    }

    private static async Task<SegmentView[]> SegmentsAsync(TestEngine engine, SegmentationView found) => [.. (await Task.WhenAll(
        found.Segments.Select(segment => engine.Client.GetSegment(found.Version, segment.Segment, CancellationToken.None)))).Select(segment => segment.ShouldNotBeNull())];

    private static Task<UserSegment?> OwnAsync(TestEngine engine, string user) => engine.Client.GetUserSegment(user, null, null, CancellationToken.None);

    private static IFeatureShardGrain Shard(TestEngine engine, int number) =>
        engine.Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(engine.Client.Tenant, GrainKeys.Users, number));

    /// <summary>Written to the journal as the user's partition would; where that is live, it finds that it was overtaken, refuses one call and begins anew.</summary>
    private static async Task ConsentAsync(TestEngine engine, string user, bool personalisation, int minute)
    {
        var partition = new PartitionId("default", Partitioning.PartitionOf("default", user, engine.Store.Partitions));
        var epoch = await engine.Store.ClaimEpochAsync(StoreOwners.Partition(partition), CancellationToken.None);
        await engine.Store.AppendAsync(partition, epoch, [new JournalRecord(user, EntryCodec.Encode(
            [new Entry { MessageId = $"consent-{minute}", At = Noon.AddMinutes(minute), Kind = EntryKind.Consent, Personalisation = personalisation }]))], [], CancellationToken.None);
        UserEvent[] next = [Event(user, $"next-{minute}", "viewed")];
        try
        {
            await engine.Client.Append(next, false, CancellationToken.None);
        }
        catch (UnavailableException)
        {
            await engine.Client.Append(next, false, CancellationToken.None);
        }
    }

    private static readonly DateTimeOffset Noon = new(2012, 12, 20, 12, 0, 0, TimeSpan.Zero);

    private static UserEvent Event(string user, string message, string kind) => new() { UserId = user, MessageId = message, Kind = kind, At = Noon };

    private static IEnumerable<UserEvent> Answers(string user, int count, string prefix = "answer", string kind = "interested") => Enumerable.Range(0, count)
        .Select(i => Event(user, $"{prefix}-{i}", kind) with { At = Noon.AddMinutes(i), Item = $"{prefix}-{i}" });
}
