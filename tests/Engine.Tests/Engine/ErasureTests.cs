using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Privacy;
using Auie.Storage;
using Auie.Storage.Sqlite;
using Auie.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

/// <summary>What is left of somebody who was erased: nothing but keyed hashes.</summary>
public sealed class ErasureTests
{
    private const string Soon = "Engine:RetryInterval=00:00:00.02";
    private const string Ann = "ann-5f1c0b7e9d", Visitor = "anonymous:device-83cc1a", Old = "old-4b2a77f0c1";

    private static readonly JobRequest Recompute = new() { KMin = 2, KMax = 3, Seed = 1, AsOf = Noon.AddDays(1) };

    /// <summary>A small world in which Ann has two ids and a device, friends in all directions, answers, and a place in others' lists.</summary>
    private static (UserEvent[] Users, UserEvent[] Aliases, ItemEvent[] Items) World(bool withAnn)
    {
        var users = new List<UserEvent>();
        for (var i = 0; i < 40; i++)
        {
            var id = $"u{i}";
            users.Add(Identify(id, $"{id}-1") with { Traits = new() { ["locale"] = i % 2 == 0 ? "en_GB" : "id_ID", ["birthyear"] = $"{1950 + i}" } });
            for (var n = 0; n < i % 7; n++)
                users.Add(Event(id, $"{id}-shown-{n}", "shown", $"e{n}"));
            users.Add(Event(id, $"{id}-yes", i % 3 == 0 ? "interested" : "viewed", "e0"));
        }

        users.AddRange([Event("u8", "u8-e2", "no", "e2"), Event("u9", "u9-e5", "yes", "e5")]);
        users.Add(Friends("u1", "u1-f", withAnn ? ["u2", "u3", Ann] : ["u2", "u3"]));
        users.Add(Friends("u4", "u4-f", withAnn ? [Old, "nobody"] : ["nobody"]));
        users.Add(Friends("u5", "u5-f", withAnn ? [Ann, "u9"] : ["u9"]) with { OneSided = true });
        if (withAnn)
        {
            users.AddRange([Visited("device-83cc1a", "v1"), Event(Old, "o1", "shown", "e1"), Event(Old, "o2", "interested", "e1"), Event(Old, "o3", "maybe", "e3")]);
            users.Add(Event(Visitor, "v2", "invited", "e2") with { AnonymousId = "device-83cc1a" });
            users.Add(Identify(Ann, "a1", "device-83cc1a") with { Traits = new() { ["locale"] = "nn_NO", ["motto"] = "motto-of-ann-99d1", ["birthyear"] = "1955" } });
            users.AddRange([Friends(Ann, "a2", ["u1", "u6", "u7"]), Event(Ann, "a3", "shown", "e2"), Event(Ann, "a4", "yes", "e2"), Event(Ann, "a5", "purchased", "e2") with { Amount = 12_000 }, Event(Ann, "a6", "yes", "only-anns")]);
        }

        ItemEvent[] items =
        [
            new() { ItemId = "e1", MessageId = "e1", At = Noon, Traits = withAnn ? new() { ["city"] = "Oslo", ["creator"] = Ann } : new() { ["city"] = "Oslo" } },
            new() { ItemId = "e2", MessageId = "e2", At = Noon, Yes = withAnn ? ["u1", Ann] : ["u1"], Invited = withAnn ? ["u2", Old, Ann] : ["u2"], Traits = new() { ["start"] = "2026-05-05" } },
            new() { ItemId = "e3", MessageId = "e3", At = Noon, No = withAnn ? [Old] : null, Maybe = ["u4"] },
        ];
        return ([.. users], withAnn ? [Alias(Old, Ann, "alias")] : [], items);
    }

    private static UserEvent Friends(string user, string messageId, string[] added) =>
        new() { UserId = user, MessageId = messageId, Kind = "friends", At = Noon, FriendsAdded = added };

    private static async Task LoadAsync(TestEngine engine, bool withAnn)
    {
        var (users, aliases, items) = World(withAnn);
        (await engine.SendAsync(users)).SelectMany(result => result.Refused).ShouldBeEmpty();
        (await engine.SendAsync(aliases)).SelectMany(result => result.Refused).ShouldBeEmpty();
        (await engine.Client.ImportItems(items, CancellationToken.None)).SelectMany(result => result.Refused).ShouldBeEmpty();
    }

    /// <summary>Waits for a receipt, asking again and again.</summary>
    private static async Task<ErasureView> UntilAsync(TestEngine engine, string receipt, Func<ErasureView, bool> holds)
    {
        while (true)
        {
            var view = (await engine.Client.GetErasure(receipt, CancellationToken.None)).ShouldNotBeNull();
            if (holds(view))
                return view;
            await Task.Yield();
        }
    }

    private static async Task<ErasureView> EraseAsync(TestEngine engine, string user)
    {
        var receipt = await engine.Client.EraseUser(user, "test", CancellationToken.None);
        return await UntilAsync(engine, receipt.Id, view => view.State == "done");
    }

    [Theory, InlineData(Ann), InlineData(Old), InlineData(Visitor)]
    public async Task All_that_is_counted_is_what_an_engine_counts_that_never_had_the_user(string asked)
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await using var other = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        await LoadAsync(other, withAnn: false);
        var receipt = await engine.Client.EraseUser(asked, "test", CancellationToken.None);
        foreach (var id in new[] { Ann, Old, Visitor })
            (await engine.Client.GetUser(id, null, CancellationToken.None)).ShouldBeNull("queries know nothing from the first moment");
        receipt.Hashes.Length.ShouldBe(3);
        receipt = await UntilAsync(engine, receipt.Id, view => view.State == "done");

        receipt.Users.ShouldBe(5, "u1, u4, u5, u6 and u7 named them");
        receipt.Items.ShouldBe(4, "e1 named who made it, e2, e3 and one of which nobody else said anything named who answered");
        receipt.Answers.ShouldBe(4);
        receipt.Unreadable.ShouldBe(0);
        receipt.EndedAt.ShouldNotBeNull();
        await ShouldBeAlikeAsync(engine, other);
        var (mine, theirs) = (await engine.SucceedAsync(Recompute), await other.SucceedAsync(Recompute));
        mine.Inertia.ShouldBe(theirs.Inertia);
        mine.Rows.ShouldBe(40);
        mine.Segments.Select(segment => segment.Size).ShouldBe(theirs.Segments.Select(segment => segment.Size));
        (await engine.MembersAsync(mine)).ShouldBe(await other.MembersAsync(theirs), ignoreOrder: true);
    }

    private static async Task ShouldBeAlikeAsync(TestEngine engine, TestEngine other)
    {
        await engine.Client.Flush(CancellationToken.None);
        await other.Client.Flush(CancellationToken.None);
        ShouldBeAlike(await engine.Client.GetOverview(CancellationToken.None), await other.Client.GetOverview(CancellationToken.None), AuieJson.Lenient.EngineOverview);
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(40);
        foreach (var id in Enumerable.Range(0, 40).Select(i => $"u{i}"))
        {
            ShouldBeAlike(await engine.UserAsync(id) with { Version = "" }, await other.UserAsync(id) with { Version = "" }, AuieJson.Lenient.UserView);
            ShouldBeAlike(
                await engine.Client.GetFriends(id, null, 100, CancellationToken.None), await other.Client.GetFriends(id, null, 100, CancellationToken.None), AuieJson.Lenient.FriendPage);
        }

        foreach (var item in new[] { "e1", "e2", "e3", "e5", "only-anns" })
        {
            ShouldBeAlike(await engine.Client.GetItem(item, [], CancellationToken.None), await other.Client.GetItem(item, [], CancellationToken.None), AuieJson.Lenient.ItemView!);
            ShouldBeAlike(
                await engine.Client.GetItemAnswers(item, null, 100, [], CancellationToken.None), await other.Client.GetItemAnswers(item, null, 100, [], CancellationToken.None),
                AuieJson.Lenient.ItemAnswerPage!);
        }
    }

    /// <summary>Whatever the order of what has none.</summary>
    private static void ShouldBeAlike<T>(T mine, T theirs, JsonTypeInfo<T> type)
    {
        var (one, other) = (JsonSerializer.SerializeToNode(mine, type), JsonSerializer.SerializeToNode(theirs, type));
        JsonNode.DeepEquals(one, other).ShouldBeTrue($"{one}\nshould be\n{other}");
    }

    [PostgresFact]
    public async Task On_PostgreSQL_it_is_the_same_and_the_receipt_says_what_an_operator_has_to_do()
    {
        await using var engine = await TestEngine.StartOnPostgresAsync(await PostgresServer.SharedAsync(), PostgresServer.NewSchema());
        await using var other = await TestEngine.StartAsync();
        await LoadAsync(engine, withAnn: true);
        await LoadAsync(other, withAnn: false);
        var receipt = await EraseAsync(engine, Ann);
        await ShouldBeAlikeAsync(engine, other);
        await ShouldStayAwayAsync(engine);
        receipt.Remains.ShouldContain(sentence => sentence.Contains("VACUUM FULL"));
    }

    [Fact]
    public async Task Whatever_comes_of_the_user_later_is_refused_or_left_out_for_ever()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder, 5, Soon))
        {
            await LoadAsync(engine, withAnn: true);
            await EraseAsync(engine, Ann);
            await ShouldStayAwayAsync(engine);
        }

        await using (var engine = await TestEngine.StartAsync(folder, 5, Soon))
            await ShouldStayAwayAsync(engine);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ShouldStayAwayAsync(TestEngine engine)
    {
        var (users, _, items) = World(withAnn: true);
        UserEvent[] theirs = [.. users.Where(one => one.UserId is Ann or Old or Visitor), Viewed(Ann, "quite new")];
        (await engine.SendAsync(theirs)).SelectMany(result => result.Refused).Select(refusal => (refusal.Field, refusal.Reason.StartsWith("was erased", StringComparison.Ordinal)))
            .ShouldBe(Enumerable.Repeat(("userId", true), theirs.Length));
        (await engine.Client.Import(theirs, CancellationToken.None)).Sum(result => result.Added).ShouldBe(0);
        foreach (var alias in new[] { Alias(Old, Ann, "alias"), Alias(Ann, "u9", "alias-2"), Alias("u9", Ann, "alias-3"), Alias("device-83cc1a", "u9", "alias-4") })
            (await engine.SendAsync(alias)).SelectMany(result => result.Refused).ShouldHaveSingleItem().Reason.ShouldContain("erased");

        var others = new[] { Friends("u8", $"again-{Guid.NewGuid()}", [Ann, "u9"]), Identify("u8", $"seen-{Guid.NewGuid()}", "device-83cc1a") };
        (await engine.SendAsync(others)).SelectMany(result => result.Refused).ShouldBeEmpty();
        await engine.Client.ImportItems([.. items, items[1] with { MessageId = $"again-{Guid.NewGuid()}" }], CancellationToken.None);
        (await engine.Client.GetFriends("u8", null, 10, CancellationToken.None)).Friends.ShouldBe(["u9"]);
        (await engine.UserAsync("u8")).AnonymousIds.ShouldBeEmpty();
        (await engine.Client.GetItemAnswers("e2", null, 10, [], CancellationToken.None)).ShouldNotBeNull().Answers.Select(answer => answer.UserId).ShouldBe(["u1", "u2", "u8"]);
        foreach (var id in new[] { Ann, Old, Visitor })
            (await engine.Client.GetUser(id, null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task When_the_receipt_is_final_no_byte_of_the_user_is_in_the_files()
    {
        string[] needles = [Ann, Old, "device-83cc1a", "nn_NO", "motto-of-ann-99d1"];
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        Found(engine.Folder, needles).ShouldBe(needles);
        await engine.Client.Flush(CancellationToken.None);
        await engine.Client.PutImportReport(ReportWith(Ann), CancellationToken.None);

        var receipt = await EraseAsync(engine, Ann);
        receipt.Examples.ShouldBe(1);
        Found(engine.Folder, needles).ShouldBeEmpty();
        (await engine.Client.ListImports(CancellationToken.None))[0].Tables[0].Columns[0].Rejected[0].Examples.ShouldBe(["somebody"]);
        File.ReadAllText(Path.Combine(engine.Folder, "erasures.log")).ShouldContain(receipt.Hashes[0]);
    }

    /// <summary>Which of the texts lie in any file of a folder.</summary>
    private static string[] Found(string folder, string[] needles)
    {
        var files = Directory.GetFiles(folder).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }).ToArray();
        return [.. needles.Where(needle => files.Any(bytes => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(needle)) >= 0))];
    }

    private static ImportReport ReportWith(string example) => new()
    {
        Source = "test", EndedAt = Noon, Seconds = 1, Ids = 1, KnownUsers = 1, FriendLinks = 0, KnownFriendLinks = 0, Answers = 0, KnownAnswers = 0, Facts = 0, Added = 0, Known = 0,
        Tables =
        [
            new TableReport
            {
                Table = "users", Rows = 1, RejectedRows = 0,
                Columns = [new ColumnReport { Column = "id", Missing = 0, Treatment = "", Rejected = [new Finding("odd", 2, [$"the id {example}", "somebody"])], Suspicious = [] }],
            },
        ],
    };

    [Fact]
    public async Task A_restored_backup_from_before_is_told_by_the_log_and_answers_nobody_before_that()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        var backup = Path.Combine(folder, "before.db");
        await using (var engine = await TestEngine.StartAsync(folder, 5, Soon))
        {
            await LoadAsync(engine, withAnn: true);
            await engine.Client.Flush(CancellationToken.None);
            await engine.Store.BackupAsync(backup, CancellationToken.None);
            await EraseAsync(engine, Ann);
        }

        await SqliteStore.RestoreAsync(backup, folder, replace: true);
        await using (var engine = await TestEngine.StartAsync(folder, 5, Soon))
        {
            (await engine.Client.GetUser(Ann, null, CancellationToken.None)).ShouldBeNull();
            var receipt = (await engine.Client.ListErasures(10, CancellationToken.None)).ShouldHaveSingleItem();
            receipt.Hashes.Length.ShouldBe(3);
            await UntilAsync(engine, receipt.Id, view => view.State == "done");
            await using var other = await TestEngine.StartAsync(null, 5, Soon);
            await LoadAsync(other, withAnn: false);
            await ShouldBeAlikeAsync(engine, other);
            await ShouldStayAwayAsync(engine);
            (await engine.Client.ListAudit(0, 10, CancellationToken.None)).ShouldHaveSingleItem().What.ShouldBe(AuditedActions.EraseAgain);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_log_that_is_given_by_hand_does_the_same_and_tells_what_is_no_line_of_one()
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await using var restored = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        await LoadAsync(restored, withAnn: true);
        await EraseAsync(engine, Ann);
        var log = await engine.Client.GetErasureLog(CancellationToken.None);
        (await Should.ThrowAsync<InvalidRequestException>(restored.Client.ApplyErasureLog(["erased what"], CancellationToken.None))).Field.ShouldBe("lines");
        (await Should.ThrowAsync<InvalidRequestException>(restored.Client.ApplyErasureLog(log[1..], CancellationToken.None))).Reason.ShouldContain("the key");

        var applied = await restored.Client.ApplyErasureLog([.. log, "erased what"], CancellationToken.None);
        (applied.Added, applied.Found, applied.Unreadable).ShouldBe((3, 3, 1));
        (await restored.Client.GetUser(Old, null, CancellationToken.None)).ShouldBeNull();
        await UntilAsync(restored, applied.Receipt.ShouldNotBeNull(), view => view.State == "done");
        (await restored.Client.ApplyErasureLog(log, CancellationToken.None)).ShouldBe(new ErasureLogResult(0, 0, null));
        // They were erased at another time there.
        (await restored.Client.GetErasureLog(CancellationToken.None)).Select(Hash).ShouldBe(log.Select(Hash), ignoreOrder: true);

        static string Hash(string line) => line.Split(' ')[2];
    }

    [Fact]
    public async Task Whoever_has_their_history_when_they_are_closed_is_erased_with_them()
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await using var restored = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        await LoadAsync(restored, withAnn: true);
        await EraseAsync(engine, Ann);
        var log = await engine.Client.GetErasureLog(CancellationToken.None);
        ErasureLogLine.TryParse(log[0], out var key).ShouldBeTrue();
        var old = log.Single(line => line.Contains(Tombstone.Of(key.Key!, Old), StringComparison.Ordinal));

        // It begins with the one id, as one that was resolved before a join.
        var applied = await restored.Client.ApplyErasureLog([log[0], old], CancellationToken.None);
        (applied.Added, applied.Found).ShouldBe((1, 1));
        (await restored.Client.GetUser(Ann, null, CancellationToken.None)).ShouldBeNull();
        (await UntilAsync(restored, applied.Receipt.ShouldNotBeNull(), view => view.State == "done")).Hashes.Length.ShouldBe(3);
        await ShouldStayAwayAsync(restored);
    }

    [Theory, InlineData("AmendAsync"), InlineData("TruncateAsync"), InlineData("ScrubAsync")]
    public async Task An_erasure_that_was_cut_off_goes_on_after_a_restart(string failing)
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        string receipt;
        // The third partition on, so that something is done already.
        var gate = GatedStore.Before((method, arguments) => method == failing && (arguments[0] is not PartitionId part || (part.Number > 2 && arguments[2] is not Amendment { RemoveUsers.Count: > 0 }))
            ? Task.FromException(new StoreException("The disk is full.")) : Task.CompletedTask);
        await using (var engine = await TestEngine.StartWithAsync(gate, folder, 5, Soon))
        {
            await LoadAsync(engine, withAnn: true);
            receipt = (await engine.Client.EraseUser(Ann, "test", CancellationToken.None)).Id;
            var stuck = await UntilAsync(engine, receipt, view => view.Trouble is not null);
            stuck.State.ShouldBe("running");
            stuck.Phase.ShouldBe(failing == "ScrubAsync" ? "scrubbing" : "users");
            (await engine.Client.GetUser(Ann, null, CancellationToken.None)).ShouldBeNull();
        }

        await using (var engine = await TestEngine.StartAsync(folder, 5, Soon))
        {
            await UntilAsync(engine, receipt, view => view.State == "done");
            await using var other = await TestEngine.StartAsync(null, 5, Soon);
            await LoadAsync(other, withAnn: false);
            await ShouldBeAlikeAsync(engine, other);
        }

        Found(folder, [Ann, Old, "device-83cc1a"]).ShouldBeEmpty();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Events_that_come_while_a_partition_forgets_wait_and_none_is_lost()
    {
        var forgetting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = GatedStore.Before((method, arguments) =>
        {
            if (method != "TruncateAsync" || ((PartitionId)arguments[0]!).Tenant != "default")
                return Task.CompletedTask;
            forgetting.TrySetResult();
            return goOn.Task;
        });
        await using var engine = await TestEngine.StartWithAsync(gate, null, 1, Soon);
        await LoadAsync(engine, withAnn: true);
        var receipt = await engine.Client.EraseUser(Ann, "test", CancellationToken.None);
        await forgetting.Task;
        var sending = engine.SendAsync(Viewed("u1", "meanwhile"), Friends("u2", "meanwhile", ["u3"]), Viewed(Ann, "meanwhile"));
        (await engine.ViewsAsync("u1")).ShouldBe(1);
        goOn.SetResult();
        (await sending).Single().Refused.ShouldHaveSingleItem().Field.ShouldBe("userId");
        await UntilAsync(engine, receipt.Id, view => view.State == "done");
        (await engine.ViewsAsync("u1")).ShouldBe(2);
        (await engine.Client.GetFriends("u3", null, 10, CancellationToken.None)).Friends.ShouldBe(["u1", "u2"]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_anonymous_id_that_came_to_the_user_from_somebody_else_goes_with_them_and_the_other_one_stays(bool isNamed)
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await engine.SendAsync(Visited("shared", "1"));
        await engine.SendAsync(Identify("bob", "2", "shared"));
        await engine.SendAsync(Alias("anonymous:shared", Ann, "3"));
        // Where no event says so, the store has to be searched for whose the id is.
        await engine.SendAsync(isNamed ? Visited("shared", "4") : Viewed("anonymous:shared", "4"));
        (await engine.ViewsAsync(Ann)).ShouldBe(1);

        (await EraseAsync(engine, Ann)).Hashes.Length.ShouldBe(2);
        (await engine.Client.GetUser("anonymous:shared", null, CancellationToken.None)).ShouldBeNull();
        (await engine.ViewsAsync("bob")).ShouldBe(1);
        (await engine.UserAsync("bob")).MergedIds.ShouldBeEmpty();
        (await engine.SendAsync(Visited("shared", "5"))).SelectMany(result => result.Refused).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Who_is_only_named_by_others_can_be_erased_and_asking_again_gives_the_same_receipt()
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: false);
        await engine.SucceedAsync(Recompute);
        var receipt = await EraseAsync(engine, "nobody");
        receipt.Users.ShouldBe(1);
        receipt.Models.ShouldBeEmpty("no model held them");
        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull().ContainsErased.ShouldBeFalse();
        (await engine.Client.ListJobs(10, CancellationToken.None)).Length.ShouldBe(1);
        (await engine.Client.GetFriends("u4", null, 10, CancellationToken.None)).Friends.ShouldBeEmpty();
        (await engine.Client.EraseUser("nobody", "test", CancellationToken.None)).Id.ShouldBe(receipt.Id);
        (await engine.Client.ListAudit(0, 10, CancellationToken.None)).Select(entry => (entry.Key, entry.What, entry.Subject, entry.Receipt))
            .ShouldBe(Enumerable.Repeat(("test", AuditedActions.Erase, (string?)receipt.Hashes[0], (string?)receipt.Id), 2));
    }

    [Fact]
    public async Task The_published_model_is_marked_and_made_anew_without_the_user()
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        var with = await engine.SucceedAsync(Recompute);
        with.ContainsErased.ShouldBeFalse();
        var receipt = await EraseAsync(engine, Ann);

        receipt.Models.ShouldBe([1]);
        receipt.RebuildBy.ShouldNotBeNull();
        (receipt.Done, receipt.Of).ShouldBe((1, 1));
        receipt.Remains.ShouldContain(sentence => sentence.StartsWith("Model version 1 was made", StringComparison.Ordinal));
        await foreach (var _ in engine.Client.WatchJob(receipt.RebuildJob.ShouldNotBeNull(), CancellationToken.None))
        {
        }

        var without = (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull();
        (without.Version, without.ContainsErased, without.Rows).ShouldBe((2, false, 40));
        (with.Rows, without.Features, without.Seed, without.AsOf).ShouldBe((41, with.Features, with.Seed, with.AsOf));
        without.Scores.Select(score => score.K).Order().ShouldBe([2, 3]);
        (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull().ModelStates.ShouldBe(
            [new MarkedModel { Version = 1, State = "rebuilt", Job = receipt.RebuildJob, DroppedBy = receipt.RebuildBy }]);
    }

    [Fact]
    public async Task A_receipt_says_why_a_model_could_not_be_made_anew()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, Soon);
        await engine.SendAsync(Identify("ann", "1") with { Traits = new() { ["birthyear"] = "1960" } }, Event("ann", "2", "shown", "e1"));
        await engine.SucceedAsync(Recompute);
        var receipt = await EraseAsync(engine, "ann");
        JobView? job = null;
        await foreach (var now in engine.Client.WatchJob(receipt.RebuildJob.ShouldNotBeNull(), CancellationToken.None))
            job = now;
        job.ShouldNotBeNull().State.ShouldBe("failed", "nobody is left");

        receipt = (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull();
        receipt.ModelStates.ShouldBe([new MarkedModel { Version = 1, State = "failed", Job = job.Id, Reason = job.Error, DroppedBy = receipt.RebuildBy }]);
        receipt.Remains.ShouldContain(sentence => sentence.EndsWith($"Job {job.Id}, which was to make it anew, failed: {job.Error}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_marked_model_that_is_not_made_anew_is_dropped_at_its_deadline_and_its_number_is_not_given_again()
    {
        var time = new ShiftedTime();
        await using var engine = await TestEngine.StartWithAsync(
            services => services.AddSingleton<TimeProvider>(time), null, 5, Soon, "Engine:ErasureRebuild=Deadline", "Engine:ErasureDeadlineDays=10");
        var coordinator = engine.Grains.GetGrain<ICoordinatorGrain>("default");
        await LoadAsync(engine, withAnn: true);
        await engine.SucceedAsync(Recompute);
        var receipt = await EraseAsync(engine, Ann);
        receipt.RebuildJob.ShouldBeNull();
        var marked = (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull();
        (marked.ContainsErased, marked.RebuildBy).ShouldBe((true, receipt.RebuildBy));
        receipt.ModelStates.Single().State.ShouldBe("waiting");

        await coordinator.KeepDeadlines(CancellationToken.None);
        (await engine.Client.ListJobs(10, CancellationToken.None)).Length.ShouldBe(1);
        time.Advance(TimeSpan.FromDays(11));
        await coordinator.KeepDeadlines(CancellationToken.None);
        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldBeNull();
        (await engine.Client.GetSegment(1, 0, CancellationToken.None)).ShouldBeNull();
        (await engine.Client.GetErasure(receipt.Id, CancellationToken.None)).ShouldNotBeNull().ModelStates.ShouldBe([new MarkedModel { Version = 1, State = "dropped" }]);
        (await engine.SucceedAsync(Recompute)).Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_model_is_made_anew_before_its_deadline_where_that_is_what_is_asked_for()
    {
        var time = new ShiftedTime();
        await using var engine = await TestEngine.StartWithAsync(
            services => services.AddSingleton<TimeProvider>(time), null, 5, Soon, "Engine:ErasureRebuild=Deadline", "Engine:ErasureDeadlineDays=10");
        var coordinator = engine.Grains.GetGrain<ICoordinatorGrain>("default");
        await LoadAsync(engine, withAnn: true);
        await engine.SucceedAsync(Recompute);
        await EraseAsync(engine, Ann);
        time.Advance(TimeSpan.FromDays(9.5));
        await coordinator.KeepDeadlines(CancellationToken.None);
        await foreach (var _ in engine.Client.WatchJob("j2", CancellationToken.None))
        {
        }

        time.Advance(TimeSpan.FromDays(1));
        await coordinator.KeepDeadlines(CancellationToken.None);
        (await engine.Client.GetSegmentation(CancellationToken.None)).ShouldNotBeNull().Version.ShouldBe(2);
        (await engine.Client.GetSegment(1, 0, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_receipt_waits_for_a_job_that_pinned_the_user_and_marks_what_it_publishes()
    {
        var pinned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = GatedStore.Before((method, arguments) =>
        {
            if (method != "WriteDocumentsAsync" || !((IReadOnlyList<DocumentWrite>)arguments[3]!).Any(document => document.Kind == "checkpoint"))
                return Task.CompletedTask;
            pinned.TrySetResult();
            return goOn.Task;
        });
        await using var engine = await TestEngine.StartWithAsync(gate, null, 5, Soon, "Engine:CheckpointInterval=00:00:00");
        await LoadAsync(engine, withAnn: true);
        var job = await engine.Client.StartJob(Recompute, CancellationToken.None);
        await pinned.Task;
        var receipt = await engine.Client.EraseUser(Ann, "test", CancellationToken.None);
        (await UntilAsync(engine, receipt.Id, view => view.Trouble is not null)).Trouble.ShouldNotBeNull().ShouldContain(job.Id);
        goOn.SetResult();
        receipt = await UntilAsync(engine, receipt.Id, view => view.State == "done");
        receipt.Models.ShouldBe([1]);
        receipt.RebuildJob.ShouldBe("j2");
    }

    [Fact]
    public async Task Many_at_once_are_erased_together()
    {
        await using var engine = await TestEngine.StartAsync(null, 5, Soon);
        await LoadAsync(engine, withAnn: true);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => engine.Client.EraseUser($"u{i}", "test", CancellationToken.None)));
        receipts.Select(receipt => receipt.Id).ShouldBeUnique();
        foreach (var receipt in receipts)
            await UntilAsync(engine, receipt.Id, view => view.State == "done");
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(21);
        (await engine.UserAsync(Ann)).Friends.ShouldBe(0);
    }
}
