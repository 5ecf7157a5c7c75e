using Auie.Abstractions;
using Auie.Client;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

public sealed class IdentityTests
{
    [Fact]
    public async Task The_first_identify_gives_the_visitors_history_to_the_user_and_what_follows_goes_there()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Visited("v1", "1"), Visited("v1", "2"));
        (await engine.ViewsAsync("anonymous:v1")).ShouldBe(2);

        await engine.SendAsync(Viewed("ann", "3"), Identify("ann", "4", "v1"));
        await engine.SendAsync(Visited("v1", "5"));

        (await engine.ViewsAsync("ann")).ShouldBe(4);
        var asked = await engine.UserAsync("anonymous:v1");
        asked.Id.ShouldBe("ann");
        asked.MergedIds.ShouldBe(["anonymous:v1"]);
        asked.AnonymousIds.ShouldBe(["v1"]);
        (await engine.Client.GetInfo(CancellationToken.None)).Partitions.ShouldBe(16);
    }

    [Fact]
    public async Task A_later_identify_to_another_user_moves_only_what_comes_after()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Visited("v1", "1"));
        await engine.SendAsync(Identify("ann", "2", "v1"));
        await engine.SendAsync(Visited("v1", "3"));
        await engine.SendAsync(Identify("bob", "4", "v1"));
        await engine.SendAsync(Visited("v1", "5"));
        await engine.SendAsync(Visited("v1", "3"));

        (await engine.ViewsAsync("ann")).ShouldBe(2);
        (await engine.ViewsAsync("bob")).ShouldBe(1);
        (await engine.UserAsync("anonymous:v1")).Id.ShouldBe("bob");
    }

    [Fact]
    public async Task A_retry_of_what_the_visitor_sent_before_they_were_known_counts_once()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Visited("v1", "1"));
        await engine.SendAsync(Identify("ann", "2", "v1"));
        (await engine.SendAsync(Visited("v1", "1"), Identify("ann", "2", "v1"))).Sum(result => result.Known).ShouldBe(2);
        (await engine.ViewsAsync("ann")).ShouldBe(1);
        (await engine.UserAsync("ann")).Events["identify"].ShouldBe(1);
    }

    [Fact]
    public async Task An_alias_joins_two_users_with_all_that_led_to_either_and_both_ids_and_old_versions_go_on_working()
    {
        await using var engine = await TestEngine.StartAsync();
        var before = (await engine.SendAsync(Viewed("old", "1"), Identify("old", "2", "v1"))).Single(result => result.Partition == Partition(engine, "old"));
        await engine.SendAsync(Visited("v1", "3"), Viewed("new", "4"));
        (await engine.SendAsync(Alias("old", "new", "5"))).SelectMany(result => result.Refused).ShouldBeEmpty();
        await engine.SendAsync(Viewed("old", "6"), Visited("v1", "7"), Viewed("new", "8"));

        (await engine.ViewsAsync("new")).ShouldBe(6);
        foreach (var id in new[] { "old", "anonymous:v1", "new" })
        {
            var view = (await engine.Client.GetUser(id, new VersionToken(before.Partition, before.Offset), CancellationToken.None)).ShouldNotBeNull();
            view.Id.ShouldBe("new");
            view.Events["viewed"].ShouldBe(6);
        }
    }

    [Fact]
    public async Task Aliases_that_would_make_a_circle_are_refused_and_ones_that_hold_already_change_nothing()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Viewed("a", "1"), Viewed("b", "2"), Viewed("c", "3"));
        await engine.SendAsync(Alias("a", "b", "4"));
        await engine.SendAsync(Alias("b", "c", "5"));

        (await engine.SendAsync(Alias("c", "a", "6"))).SelectMany(result => result.Refused).ShouldHaveSingleItem().Field.ShouldBe("previousId");
        (await engine.SendAsync(Alias("a", "a", "7"))).SelectMany(result => result.Refused).ShouldHaveSingleItem().Field.ShouldBe("previousId");
        (await engine.SendAsync(Alias("a", "b", "4"), Alias("a", "c", "8"))).SelectMany(result => result.Refused).ShouldBeEmpty();
        (await engine.ViewsAsync("c")).ShouldBe(3);
        (await engine.UserAsync("a")).Id.ShouldBe("c");
    }

    [Fact]
    public async Task Two_aliases_against_each_other_at_the_same_time_end_in_one_user()
    {
        for (var round = 0; round < 5; round++)
        {
            await using var engine = await TestEngine.StartAsync();
            await engine.SendAsync(Viewed("a", "1"), Viewed("b", "2"));
            await Task.WhenAll(engine.SendAsync(Alias("a", "b", "3")), engine.SendAsync(Alias("b", "a", "4")));
            var (a, b) = (await engine.UserAsync("a"), await engine.UserAsync("b"));
            a.Id.ShouldBe(b.Id);
            a.Events["viewed"].ShouldBe(2);
        }
    }

    [Fact]
    public async Task An_alias_of_an_id_that_nobody_has_as_a_user_means_the_visitor()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Visited("v1", "1"));
        await engine.SendAsync(Alias("v1", "ann", "2"));
        (await engine.ViewsAsync("ann")).ShouldBe(1);
    }

    [Fact]
    public async Task Joined_users_are_counted_once_and_are_one_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            await engine.SendAsync(Visited("v1", "1"), Viewed("old", "2"), Viewed("new", "3"));
            await engine.Client.Flush(CancellationToken.None);
            (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(3);
            await engine.SendAsync(Identify("old", "4", "v1"));
            await engine.SendAsync(Alias("old", "new", "5"));
            await engine.Client.Flush(CancellationToken.None);
            (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(1);
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(1);
            await engine.SendAsync(Visited("v1", "6"), Visited("v1", "1"));
            (await engine.ViewsAsync("old")).ShouldBe(4);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Friends_have_each_other_and_the_later_word_holds_whoever_spoke()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Viewed("bob", "0"), Friend("ann", "1", 0, added: "bob"));
        (await FriendsAsync(engine, "bob")).ShouldBe(["ann"]);
        await engine.SendAsync(Friend("bob", "2", 2, removed: "ann"));
        await engine.SendAsync(Friend("ann", "3", 1, added: "bob"));
        (await FriendsAsync(engine, "ann")).ShouldBeEmpty();
        (await FriendsAsync(engine, "bob")).ShouldBeEmpty();
        await engine.SendAsync(Friend("ann", "4", 3, added: "bob") with { OneSided = true });
        (await FriendsAsync(engine, "ann")).ShouldBe(["bob"]);
        (await FriendsAsync(engine, "bob")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_is_only_named_as_a_friend_is_nobody_until_something_of_their_own_arrives_and_then_has_the_friend()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.SendAsync(Friend("ann", "1", 0, added: "bob"));
        await engine.Client.Flush(CancellationToken.None);
        (await engine.Client.GetUser("bob", null, CancellationToken.None)).ShouldBeNull();
        (await engine.Client.GetInfo(CancellationToken.None)).Users.ShouldBe(1);

        await engine.SendAsync(Viewed("bob", "2"));
        (await engine.UserAsync("bob")).Friends.ShouldBe(1);
    }

    private static UserEvent Friend(string user, string messageId, int minute, string? added = null, string? removed = null) => new()
    {
        UserId = user, MessageId = messageId, Kind = "friends", At = Noon.AddMinutes(minute),
        FriendsAdded = added is null ? null : [added], FriendsRemoved = removed is null ? null : [removed],
    };

    private static async Task<string[]> FriendsAsync(TestEngine engine, string user) => (await engine.Client.GetFriends(user, null, 10, CancellationToken.None)).Friends;

    private static int Partition(TestEngine engine, string user) => Partitioning.PartitionOf("default", user, engine.Store.Partitions);
}
