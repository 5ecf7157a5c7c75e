using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

public sealed class DemoFriendsTests
{
    private static readonly DemoWorld World = new(new() { Users = 2_000, Seed = 3 });

    private static readonly Lazy<HashSet<string>[]> Lists = new(() => [.. Enumerable.Range(0, World.Users)
        .Select(user => World.EventsOf(user).Single(sent => sent.Kind == "friends").FriendsAdded!.ToHashSet())]);

    [Fact]
    public void Users_who_are_friends_list_each_other()
    {
        for (var user = 0; user < World.Users; user++)
        {
            foreach (var friend in World.KnownFriends(user))
            {
                Lists.Value[user].ShouldContain(DemoWorld.UserId(friend));
                Lists.Value[friend].ShouldContain(DemoWorld.UserId(user));
                friend.ShouldNotBe(user);
            }
        }
    }

    [Fact]
    public void The_other_friends_are_references_without_a_profile()
    {
        var users = Enumerable.Range(0, World.Users).Select(DemoWorld.UserId).ToHashSet();
        for (var user = 0; user < World.Users; user++)
            Lists.Value[user].Count(users.Contains).ShouldBe(World.KnownFriends(user).Length);

        var known = Lists.Value.Sum(list => list.Count(users.Contains));
        var references = Lists.Value.Sum(list => list.Count) - known;
        references.ShouldBeGreaterThan(10 * known);
        (known / (double)World.Users).ShouldBeInRange(20, 100);
    }

    [Fact]
    public void Friends_of_a_user_are_far_more_often_friends_of_each_other_than_strangers_are()
    {
        long closed = 0, pairs = 0;
        for (var user = 0; user < 200; user++)
        {
            var friends = World.KnownFriends(user).ToArray();
            foreach (var a in friends)
            {
                closed += World.KnownFriends(a).ToArray().Intersect(friends).Count();
                pairs += friends.Length - 1;
            }
        }

        var density = Enumerable.Range(0, World.Users).Average(user => World.KnownFriends(user).Length) / (World.Users - 1);
        (closed / (double)pairs).ShouldBeGreaterThan(3 * density);
    }
}
