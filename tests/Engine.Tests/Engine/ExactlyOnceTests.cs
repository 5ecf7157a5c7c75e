using Auie.Abstractions;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

public sealed class ExactlyOnceTests
{
    [Fact]
    public async Task A_message_that_is_sent_again_counts_once_at_once_later_and_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.SendAsync(Viewed("ann", "1"), Viewed("ann", "1"))).Sum(result => result.Known).ShouldBe(1);
            (await engine.SendAsync(Viewed("ann", "1"), Viewed("ann", "2"))).Sum(result => result.Known).ShouldBe(1);
            (await engine.ViewsAsync("ann")).ShouldBe(2);
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.SendAsync(Viewed("ann", "1"), Viewed("ann", "2"), Viewed("ann", "3"))).Sum(result => result.Known).ShouldBe(2);
            (await engine.ViewsAsync("ann")).ShouldBe(3);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task It_is_known_by_the_store_where_the_partition_remembers_nothing()
    {
        await using var engine = await TestEngine.StartAsync(settings: "Engine:RecentKeys=0");
        await engine.SendAsync([.. Enumerable.Range(0, 50).Select(i => Viewed($"u{i % 7}", $"{i}"))]);
        var again = await engine.SendAsync([.. Enumerable.Range(25, 50).Select(i => Viewed($"u{i % 7}", $"{i}"))]);

        again.Sum(result => result.Known).ShouldBe(25);
        var views = await Task.WhenAll(Enumerable.Range(0, 7).Select(i => engine.ViewsAsync($"u{i}")));
        views.Sum().ShouldBe(75);
    }

    [Fact]
    public async Task An_id_that_comes_again_with_another_content_is_refused_and_changes_nothing()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Viewed("ann", "1"));
        var refused = (await engine.SendAsync(Viewed("ann", "2"), Event("ann", "1", "interested", "e-1"))).SelectMany(result => result.Refused).ShouldHaveSingleItem();

        (refused.Index, refused.Field).ShouldBe((1, "messageId"));
        (await engine.UserAsync("ann")).Events.ShouldBe(new Dictionary<string, long> { ["viewed"] = 2 });
    }

    [Fact]
    public async Task A_copy_in_the_same_batch_is_refused_where_the_first_one_is()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Event("ann", "no", "consent") with { Item = null, Platform = null, Tracking = false });

        var results = await engine.SendAsync(Viewed("ann", "1"), Viewed("ann", "1"), Viewed("bob", "1"), Viewed("bob", "1"));

        results.SelectMany(result => result.Refused).Select(refusal => refusal.Index).Order().ShouldBe([0, 1]);
        results.Sum(result => result.Known).ShouldBe(1);
        (await engine.SendAsync(Viewed("ann", "1"))).Single().Refused.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_same_id_of_another_user_is_another_message()
    {
        await using var engine = await TestEngine.StartAsync();
        (await engine.SendAsync(Viewed("ann", "1"), Viewed("bob", "1"))).Sum(result => result.Known).ShouldBe(0);
        (await engine.ViewsAsync("bob")).ShouldBe(1);
    }

    [Fact]
    public async Task A_time_that_only_the_transport_changed_does_not_make_another_message()
    {
        await using var engine = await TestEngine.StartAsync();
        var first = Viewed("ann", "1") with { At = Noon.AddSeconds(3), Stamped = Noon };
        var withoutTime = Viewed("ann", "2") with { At = Noon.AddMinutes(1), Stamped = DateTimeOffset.MinValue };
        await engine.SendAsync(first, withoutTime);
        var again = await engine.SendAsync(first with { At = Noon.AddSeconds(9) }, withoutTime with { At = Noon.AddMinutes(5) });

        (again.Sum(result => result.Known), again.Sum(result => result.Refused.Length)).ShouldBe((2, 0));
    }

    [Fact]
    public async Task Many_senders_of_one_message_at_the_same_time_make_it_count_once()
    {
        await using var engine = await TestEngine.StartAsync(partitions: 2);
        var sends = Enumerable.Range(0, 20).Select(_ => engine.SendAsync([.. Enumerable.Range(0, 10).Select(i => Viewed($"u{i}", $"m{i}"))]));
        var results = (await Task.WhenAll(sends)).SelectMany(result => result).ToArray();

        results.Sum(result => result.Known).ShouldBe(190);
        for (var i = 0; i < 10; i++)
            (await engine.ViewsAsync($"u{i}")).ShouldBe(1);
    }

    [Fact]
    public async Task A_flush_beside_commits_loses_nothing_and_the_journal_is_cut_short_behind_it()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        string[] settings = ["Engine:TruncateAfter=1", "Engine:KeepForTraining=0", "Engine:FlushInterval=00:00:00.02"];
        await using (var engine = await TestEngine.StartAsync(folder, partitions: 2, settings))
        {
            var flushing = Task.Run(async () =>
            {
                for (var i = 0; i < 40; i++)
                    await engine.Client.Flush(CancellationToken.None);
            });
            for (var i = 0; i < 100; i++)
                await engine.SendAsync([.. Enumerable.Range(0, 20).Select(u => Viewed($"u{u}", $"{i}"))]);
            await flushing;
            await engine.Client.Flush(CancellationToken.None);
            for (var partition = 0; partition < 2; partition++)
            {
                var position = await engine.Store.OpenPartitionAsync(new Auie.Storage.PartitionId("default", partition), CancellationToken.None);
                position.Checkpoint.ShouldBe(position.LastOffset);
            }
        }

        await using (var engine = await TestEngine.StartAsync(folder, null, settings))
        {
            for (var u = 0; u < 20; u++)
                (await engine.ViewsAsync($"u{u}")).ShouldBe(100);
            (await engine.SendAsync([.. Enumerable.Range(0, 20).Select(u => Viewed($"u{u}", "50"))])).Sum(result => result.Known).ShouldBe(20);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_partition_that_holds_more_than_it_may_refuses_at_once_and_takes_in_what_it_has()
    {
        await using var engine = await TestEngine.StartAsync(partitions: 1, settings: "Engine:MaxEventsInside=100");
        var sends = Enumerable.Range(0, 40).Select(call => Task.Run(async () =>
        {
            try
            {
                await engine.SendAsync([.. Enumerable.Range(0, 60).Select(i => Viewed($"u{i}", $"{call}"))]);
                return true;
            }
            catch (OverloadedException)
            {
                return false;
            }
        })).ToArray();
        var taken = (await Task.WhenAll(sends)).Count(one => one);

        taken.ShouldBeInRange(1, 40);
        for (var i = 0; i < 60; i++)
            (await engine.ViewsAsync($"u{i}")).ShouldBe(taken);
    }

    [Fact]
    public async Task What_was_kept_before_it_was_forbidden_is_known_to_whoever_takes_over()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        UserEvent[] batch = [Viewed("ann", "1"), new() { UserId = "ann", MessageId = "no", Kind = "consent", At = Noon, Tracking = false }];
        await using (var engine = await TestEngine.StartAsync(folder))
            await engine.SendAsync(batch);
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            var again = (await engine.SendAsync([.. batch, Viewed("ann", "2")])).ShouldHaveSingleItem();
            again.Known.ShouldBe(2);
            again.Refused.ShouldHaveSingleItem().Index.ShouldBe(2);
            // What is refused is not remembered.
            (await engine.SendAsync(Viewed("ann", "2"))).ShouldHaveSingleItem().Refused.ShouldHaveSingleItem().Field.ShouldBe("userId");
            (await engine.SendAsync(Viewed("ann", "1") with { Item = "another" })).ShouldHaveSingleItem().Refused.ShouldHaveSingleItem().Field.ShouldBe("messageId");
            (await engine.ViewsAsync("ann")).ShouldBe(1);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Who_forbids_tracking_is_kept_no_more_until_they_allow_it_again()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Viewed("ann", "1"), new() { UserId = "ann", MessageId = "no", Kind = "consent", At = Noon, Tracking = false });
        var refused = (await engine.SendAsync(Viewed("ann", "2"), Identify("ann", "3"))).SelectMany(result => result.Refused).ToArray();
        refused.Length.ShouldBe(2);
        (await engine.ViewsAsync("ann")).ShouldBe(1);

        // An older permission that arrives late does not undo it.
        await engine.SendAsync(new UserEvent { UserId = "ann", MessageId = "old", Kind = "consent", At = Noon.AddDays(-1), Tracking = true });
        (await engine.SendAsync(Viewed("ann", "2"))).SelectMany(result => result.Refused).ShouldHaveSingleItem();

        await engine.SendAsync(new UserEvent { UserId = "ann", MessageId = "yes", Kind = "consent", At = Noon.AddDays(1), Tracking = true });
        (await engine.SendAsync(Viewed("ann", "2"))).SelectMany(result => result.Refused).ShouldBeEmpty();
        (await engine.UserAsync("ann")).Tracking.ShouldBe(true);
        (await engine.ViewsAsync("ann")).ShouldBe(2);
    }
}
