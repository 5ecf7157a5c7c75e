using Auie.Abstractions;
using Auie.Core;
using Auie.Core.Segments;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Engine;

/// <summary>Segments of users' answers: a row for each time that something was shown to a user, who belongs where the mean of their rows does.</summary>
public sealed class AnswerRowsTests
{
    private const int Users = 500;
    private static readonly DateTimeOffset Noon = new(2012, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JobRequest Job = new() { Features = "impressions", KMin = 2, KMax = 4, Starts = 4 };

    [Fact]
    public async Task Any_number_of_partitions_and_a_table_of_the_exported_rows_in_any_order_give_the_same_bits()
    {
        var models = new List<byte[]>();
        var (ids, values) = (Array.Empty<string>(), Array.Empty<double>());
        foreach (var partitions in new[] { 1, 7 })
        {
            await using var engine = await TestEngine.StartAsync(partitions: partitions);
            await engine.Client.Append(Events(), false, CancellationToken.None);
            var found = await engine.SucceedAsync(Job);
            (found.RowsAre, found.Rows).ShouldBe(("answer", Events().Count(sent => sent.Kind == "shown")));
            models.Add((await engine.Store.ReadDocumentAsync("default", "model", found.Version.ToString("D19"), CancellationToken.None)).ShouldNotBeNull());
            (ids, values) = await ExportAsync(engine, partitions, found.AsOf);
        }

        foreach (var model in models)
            model.ShouldBe(models[0]);
        var ofUsers = SegmentModelCodec.Decode(models[0]);
        ids.Distinct().Count().ShouldBe((int)ofUsers.Scale.Rows);

        var order = Enumerable.Range(0, ids.Length).ToArray();
        new Random(5).Shuffle(order);
        await using var other = await TestEngine.StartAsync(partitions: 1);
        string[] columns = [.. ofUsers.Features.Features.Select(feature => feature.Name)];
        await other.MakeTableAsync("t", columns, 5, [.. order.SelectMany(row => values[(row * 4)..((row + 1) * 4)])], 1_000, [.. order.Select(row => ids[row])]);
        await other.SucceedAsync(Job with { Features = null, Table = "t" });
        var ofTable = SegmentModelCodec.Decode(await other.TableModelAsync());

        ofTable.Scale.SameAs(ofUsers.Scale).ShouldBeTrue();
        ofTable.Centroids.ShouldBe(ofUsers.Centroids);
        ofTable.Inertia.ShouldBe(ofUsers.Inertia);
        ofTable.Scores.ShouldBe(ofUsers.Scores);
        ofTable.Segments.Select(segment => (segment.Profile.Size, segment.Resemblance))
            .ShouldBe(ofUsers.Segments.Select(segment => (segment.Profile.Size, segment.Resemblance)));
        for (var i = 0; i < ofUsers.Segments.Length; i++)
            ofTable.Segments[i].Profile.Means.ShouldBe(ofUsers.Segments[i].Profile.Means);
    }

    [Fact]
    public async Task A_user_to_whom_nothing_was_shown_is_in_no_segment_until_something_is()
    {
        await using var engine = await TestEngine.StartAsync(partitions: 3);
        await engine.Client.Append(Events(), false, CancellationToken.None);
        await engine.Client.Append([Identify("silent", "1991")], false, CancellationToken.None);
        var found = await engine.SucceedAsync(Job);

        (await engine.Client.GetUser("silent", null, CancellationToken.None)).ShouldNotBeNull();
        (await engine.Client.GetUserSegment("silent", null, null, CancellationToken.None)).ShouldBeNull();
        var before = await engine.MembersAsync(found);
        before.Keys.Order(StringComparer.Ordinal).ShouldBe(Events().Where(sent => sent.Kind == "shown").Select(sent => sent.UserId).Distinct().Order(StringComparer.Ordinal));
        (await SizesAsync(engine, found)).Sum().ShouldBe(before.Count);

        await engine.Client.Append([Shown("silent", 0), Answer("silent", 0, "not_interested")], false, CancellationToken.None);
        await FlushAsync(engine, 3);

        var own = (await engine.Client.GetUserSegment("silent", null, null, CancellationToken.None)).ShouldNotBeNull();
        var after = await engine.MembersAsync(found);
        after["silent"].ShouldBe(own.Segment);
        after.Count.ShouldBe(before.Count + 1);
        var sizes = await SizesAsync(engine, found);
        sizes.Sum().ShouldBe(after.Count);
        sizes[own.Segment].ShouldBe(after.Values.Count(segment => segment == own.Segment));
        foreach (var user in after.Keys.Where((_, place) => place % 50 == 0))
            (await engine.Client.GetUserSegment(user, null, null, CancellationToken.None)).ShouldNotBeNull().Segment.ShouldBe(after[user]);
    }

    [Fact]
    public async Task Where_nothing_was_shown_to_anybody_the_job_says_so()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.Client.Append([Identify("a", "1990"), Identify("b", "1980")], false, CancellationToken.None);

        (await engine.RunAsync(Job)).Error.ShouldNotBeNull().ShouldContain("no user has been shown anything yet");
        (await engine.RunAsync(new JobRequest { KMin = 2, KMax = 2 })).Error.ShouldBeNull();
    }

    [Fact]
    public async Task Segments_of_users_and_of_answers_follow_each_other()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.Client.Append(Events(), false, CancellationToken.None);
        var versions = new List<SegmentationView>();
        foreach (var features in new[] { "interest", "impressions", "interest", "impressions" })
            versions.Add(await engine.SucceedAsync(Job with { Features = features }));

        versions.Select(version => (version.Version, version.RowsAre)).ShouldBe([(1, "user"), (2, "answer"), (3, "user"), (4, "answer")]);
        // Who are young and old, friendless and befriended, is the same by either; some segments have most of their members in common.
        versions.Zip(versions.Skip(1)).ShouldAllBe(pair => pair.First.Segments.Select(s => s.Id).Intersect(pair.Second.Segments.Select(s => s.Id)).Any());
        versions.SelectMany(version => version.Segments.Select(segment => (version.Version, segment.Id))).ShouldBeUnique();
        var info = await engine.Client.GetInfo(CancellationToken.None);
        info.FeatureSets.Select(set => (set.Name, set.RowsAre)).ShouldBe([("engagement", "user"), ("impressions", "answer"), ("interest", "user")]);
    }

    [Fact]
    public async Task A_page_of_rows_is_of_so_many_users_and_names_its_last_one()
    {
        await using var engine = await TestEngine.StartAsync(partitions: 1);
        await engine.Client.Append([
            Identify("b", "1990"), Shown("b", 0), Shown("b", 1), Answer("b", 1, "interested"), Identify("c", "1980"), Answer("d", 0, "not_interested"),
        ], false, CancellationToken.None);
        await FlushAsync(engine, 1);
        var shard = engine.Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard("default", "users", 0));

        var first = await shard.ReadRows("impressions", Noon, null, 2, CancellationToken.None);
        first.Columns.ShouldBe(["birthyear", "friends_count", "interested", "not_interested"]);
        first.Ids.ShouldBe(["b/1", "b/2"]);
        first.Values.ShouldBe([1990, 0, 1, 0, 1990, 0, 0, 0]);
        first.Next.ShouldBe("c");
        var second = await shard.ReadRows("impressions", Noon, first.Next, 2, CancellationToken.None);
        second.Ids.ShouldBe(["d/1"]);
        second.Values.ShouldBe([double.NaN, 0, 0, 1]);
        second.Next.ShouldBeNull();
        (await shard.ReadRows("interest", Noon, null, 10, CancellationToken.None)).Ids.ShouldBe(["b", "c", "d"]);

        (await Should.ThrowAsync<InvalidRequestException>(() => shard.ReadRows("nonsense", Noon, null, 1, CancellationToken.None))).Field.ShouldBe("features");
        (await Should.ThrowAsync<InvalidRequestException>(() => shard.ReadRows("interest", Noon, null, 0, CancellationToken.None))).Field.ShouldBe("users");
    }

    [RealDataFact]
    public async Task The_answers_of_the_event_challenge_give_the_five_personas_on_record()
    {
        await using var engine = await TestEngine.StartAsync(partitions: 4);
        var answers = EventChallenge.Answers().ToArray();
        foreach (var users in answers.GroupBy(answer => answer.User).Chunk(200))
            await engine.Client.Append([.. users.SelectMany(user => EventsOf([.. user]))], false, CancellationToken.None);

        var found = await engine.SucceedAsync(new JobRequest { Features = "impressions", KMin = 3, KMax = 8 });

        found.Rows.ShouldBe(11_513);
        found.K.ShouldBe(5);
        found.Inertia.ShouldBeLessThanOrEqualTo(1.0001 * 11_886.775);
        found.Segments.ToDictionary(segment => segment.Persona, segment => (double)segment.Size).ShouldSatisfyAllConditions(
            sizes => sizes["Silent Observers"].ShouldBe(6_468, 68),
            sizes => sizes["Enthusiasts"].ShouldBe(2_761, 31),
            sizes => sizes["Social Butterflies"].ShouldBe(1_336, 17),
            sizes => sizes["Traditionalists"].ShouldBe(564, 9),
            sizes => sizes["Detached Critics"].ShouldBe(384, 7));
    }

    private static IEnumerable<UserEvent> EventsOf((string User, string Event, double BirthYear, double Friends, double Interested, double NotInterested)[] answers)
    {
        var (user, _, born, friends, _, _) = answers[0];
        if (!double.IsNaN(born))
            yield return Identify(user, born.ToString("R"));
        yield return new UserEvent
        {
            UserId = user, MessageId = "friends", Kind = "friends", At = Noon,
            FriendsAdded = [.. Enumerable.Range(0, double.IsNaN(friends) ? 0 : (int)friends).Select(friend => $"f{friend}")],
        };
        for (var i = 0; i < answers.Length; i++)
        {
            yield return Shown(user, i);
            if (answers[i].Interested + answers[i].NotInterested > 0)
                yield return Answer(user, i, answers[i].Interested > 0 ? "interested" : "not_interested");
        }
    }

    /// <summary>Users of whom a tenth have no birth year and a ninth were shown nothing; whoever has many friends is younger and seldom interested.</summary>
    private static UserEvent[] Events()
    {
        var events = new List<UserEvent>();
        for (var i = 0; i < Users; i++)
        {
            var user = $"u{i * 7919 % 1_000_003}";
            var draw = StableHash.OfRow(3, (ulong)i, 0);
            var social = draw % 5 == 0;
            if (i % 10 != 0)
                events.Add(Identify(user, (social ? 1992 : 1960 + (int)(draw % 31)).ToString()));
            events.Add(new UserEvent
            {
                UserId = user, MessageId = "friends", Kind = "friends", At = Noon,
                FriendsAdded = [.. Enumerable.Range(0, (social ? 60 : 5) + (int)(draw % 17)).Select(friend => $"f{friend}")],
            });
            for (var shown = 0; shown < i % 9; shown++)
            {
                events.Add(Shown(user, shown));
                var unit = StableHash.ToUnit(StableHash.OfRow(4, (ulong)i, shown + 1));
                if (unit < (social ? .1 : .3))
                    events.Add(Answer(user, shown, "interested"));
                else if (unit > .95)
                    events.Add(Answer(user, shown, "not_interested"));
            }
        }

        return [.. events];
    }

    private static UserEvent Identify(string user, string birthYear) => new()
    {
        UserId = user, MessageId = "who", Kind = "identify", At = Noon, Traits = new() { ["birthyear"] = birthYear },
    };

    private static UserEvent Shown(string user, int item) => Answer(user, item, "shown");

    private static UserEvent Answer(string user, int item, string kind) => new()
    {
        UserId = user, MessageId = $"{kind}-{item}", Kind = kind, At = Noon.AddMinutes(item), Item = $"e{item}",
    };

    private static async Task<(string[] Ids, double[] Values)> ExportAsync(TestEngine engine, int partitions, DateTimeOffset asOf)
    {
        var (ids, values) = (new List<string>(), new List<double>());
        for (var number = 0; number < partitions; number++)
        {
            var shard = engine.Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard("default", "users", number));
            string? after = null;
            do
            {
                var page = await shard.ReadRows("impressions", asOf, after, 37, CancellationToken.None);
                ids.AddRange(page.Ids);
                values.AddRange(page.Values);
                after = page.Next;
            }
            while (after is not null);
        }

        return ([.. ids], [.. values]);
    }

    private static Task FlushAsync(TestEngine engine, int partitions) => Task.WhenAll(Enumerable.Range(0, partitions)
        .Select(number => engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition("default", number)).Flush(CancellationToken.None)));

    private static async Task<long[]> SizesAsync(TestEngine engine, SegmentationView found) => [.. (await Task.WhenAll(found.Segments
        .Select(segment => engine.Client.GetSegment(found.Version, segment.Segment, CancellationToken.None)))).Select(segment => segment!.Size)];
}
