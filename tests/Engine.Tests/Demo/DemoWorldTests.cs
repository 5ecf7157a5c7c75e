using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Auie.Abstractions;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

public sealed class DemoWorldTests
{
    private static readonly DemoWorld World = new(new() { Users = 2_000, Seed = 3 });
    private static readonly Lazy<UserEvent[][]> Events = new(() => [.. Enumerable.Range(0, World.Users).Select(World.EventsOf)]);

    private static IEnumerable<UserEvent> All => Events.Value.SelectMany(events => events);

    [Fact]
    public void The_same_options_give_the_same_bytes_on_every_machine() =>
        Digest(new(new() { Users = 60, Seed = 7 }), Enumerable.Range(0, 60)).ShouldBe("c73a3f58d26ec876e1aa5c0589a35315f1ce63d7fb71ed0f8f82a2bc41571703");

    [Fact]
    public void Neither_order_nor_threads_change_what_a_user_sends()
    {
        var backwards = new DemoWorld(new() { Users = 300, Seed = 5 });
        var parallel = new DemoWorld(new() { Users = 300, Seed = 5 });
        var texts = new string[300];
        Parallel.For(0, 300, user => texts[user] = Digest(parallel, [user]));

        for (var user = 299; user >= 0; user--) Digest(backwards, [user]).ShouldBe(texts[user]);
    }

    [Fact]
    public void Another_seed_gives_another_world() =>
        Digest(new(new() { Users = 20, Seed = 1 }), Enumerable.Range(0, 20))
            .ShouldNotBe(Digest(new(new() { Users = 20, Seed = 2 }), Enumerable.Range(0, 20)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    public void A_tiny_world_is_whole_too(int users)
    {
        var world = new DemoWorld(new() { Users = users });

        for (var user = 0; user < users; user++) world.EventsOf(user).Length.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void The_events_add_up_to_what_is_observed_of_a_user()
    {
        for (var user = 0; user < World.Users; user++)
        {
            var counts = Events.Value[user].CountBy(sent => sent.Kind).ToDictionary();
            var observed = World.Observe(user);
            counts["shown"].ShouldBe(observed.Shown);
            Events.Value[user].Where(sent => sent.Item is not null).Select(sent => sent.Item).Distinct().Count().ShouldBe(observed.Shown);
            counts.GetValueOrDefault("interested").ShouldBe(observed.Interested);
            counts.GetValueOrDefault("not_interested").ShouldBe(observed.NotInterested);
            Events.Value[user].Single(sent => sent.Kind == "friends").FriendsAdded!.Distinct().Count().ShouldBe(observed.Friends);
        }
    }

    [Fact]
    public void Events_come_in_the_order_of_time_with_the_users_own_offset()
    {
        foreach (var events in Events.Value)
        {
            events.Zip(events.Skip(1)).ShouldAllBe(pair => pair.First.At <= pair.Second.At);
            events.Select(sent => sent.At.Offset).Distinct().Count().ShouldBe(1);
            var timezone = events.Single(sent => sent.Kind == "identify").Traits!.GetValueOrDefault("timezone", "0");
            events[0].At.Offset.TotalMinutes.ShouldBe(int.Parse(timezone, CultureInfo.InvariantCulture));
        }

        All.Select(sent => sent.At.Offset).Distinct().Count().ShouldBeGreaterThan(8);
    }

    [Fact]
    public void Every_event_has_an_id_of_its_own_and_names_an_item_that_exists()
    {
        var items = World.Items.Select(item => item.Id).ToHashSet();
        items.Count.ShouldBe(World.Items.Count);
        All.Select(sent => sent.MessageId).Distinct().Count().ShouldBe(All.Count());
        All.ShouldAllBe(sent => sent.Item == null ? sent.Kind == "identify" || sent.Kind == "friends" : items.Contains(sent.Item));
    }

    [Fact]
    public void No_item_is_answered_twice_in_ways_that_would_hide_an_interest()
    {
        string[] answers = ["interested", "not_interested", "yes", "maybe", "no"];
        foreach (var events in Events.Value)
        {
            var answered = events.Where(sent => answers.Contains(sent.Kind)).Select(sent => sent.Item).ToArray();
            answered.Distinct().Count().ShouldBe(answered.Length);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Answers_views_and_purchases_are_two_million_for_38_000_users(long seed)
    {
        string[] counted = ["interested", "not_interested", "yes", "maybe", "no", "viewed", "purchased"];
        var world = new DemoWorld(new() { Users = 4_000, Seed = seed });

        var count = Enumerable.Range(0, world.Users).Sum(user => world.EventsOf(user).Count(sent => counted.Contains(sent.Kind)));

        (count / (double)world.Users).ShouldBeInRange(2_000_000 / 38_000.0, 1.15 * 2_000_000 / 38_000);
    }

    [Fact]
    public void Interactions_come_from_three_platforms_and_some_are_invitations_and_purchases()
    {
        var interactions = All.Where(sent => sent.Item is not null).ToArray();

        var platforms = interactions.CountBy(sent => sent.Platform!).ToDictionary();
        platforms.Keys.Order().ShouldBe(["email", "mobile", "web"]);
        platforms.Values.Min().ShouldBeGreaterThan(interactions.Length / 10);
        (All.Count(sent => sent.Kind == "invited") / (double)All.Count(sent => sent.Kind == "shown")).ShouldBe(.042, .0042);
        All.Count(sent => sent.Kind == "purchased").ShouldBeGreaterThan(World.Users / 2);
        All.Where(sent => sent.Kind == "purchased").ShouldAllBe(sent => sent.Amount > 0);
    }

    [Fact]
    public void Most_come_to_what_they_said_yes_to_once_it_begins_and_nobody_to_anything_else()
    {
        var begins = World.Items.Where(item => item.Start is not null).ToDictionary(item => item.Id, item => item.Start!.Value);
        var (yes, came) = (0, 0);
        foreach (var events in Events.Value)
        {
            var said = events.Where(sent => sent.Kind == "yes" && sent.At < begins[sent.Item!] && begins[sent.Item!] < new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero)).Select(sent => sent.Item!).ToHashSet();
            var attended = events.Where(sent => sent.Kind == "came").ToArray();
            attended.ShouldAllBe(sent => said.Contains(sent.Item!) && sent.At >= begins[sent.Item!] && sent.At < begins[sent.Item!].AddHours(1));
            attended.Select(sent => sent.Item).Distinct().Count().ShouldBe(attended.Length);
            (yes, came) = (yes + said.Count, came + attended.Length);
        }

        yes.ShouldBeGreaterThan(World.Users / 4);
        (came / (double)yes).ShouldBe(.7, .05);
    }

    [Fact]
    public void A_few_users_make_a_large_part_of_the_views_and_engaged_kinds_more_than_others()
    {
        var views = Events.Value.Select(events => events.Count(sent => sent.Kind == "viewed")).ToArray();
        double PerUser(string kind) => Enumerable.Range(0, World.Users).Where(user => World.KindOf(user).Name == kind).Average(user => views[user]);

        views.OrderDescending().Take(World.Users / 100).Sum().ShouldBeGreaterThan(views.Sum() / 15);
        PerUser("Enthusiasts").ShouldBeGreaterThan(1.2 * PerUser("Social Butterflies"));
        PerUser("Social Butterflies").ShouldBeGreaterThan(1.5 * PerUser("Silent Observers"));
    }

    [Fact]
    public void Users_look_at_nothing_that_they_were_not_shown_before_and_often_look_before_they_answer()
    {
        var (before, answers) = (0, 0);
        foreach (var events in Events.Value)
        {
            var (shown, viewed) = (new HashSet<string>(), new HashSet<string>());
            foreach (var sent in events)
            {
                if (sent.Kind == "shown") shown.Add(sent.Item!);
                if (sent.Kind == "viewed") shown.ShouldContain(sent.Item!);
                if (sent.Kind == "viewed") viewed.Add(sent.Item!);
                if (sent.Kind != "interested") continue;
                answers++;
                if (viewed.Contains(sent.Item!)) before++;
            }
        }

        (before / (double)answers).ShouldBeInRange(.4, .8);
        All.Max(sent => sent.At).ShouldBeLessThan(new DateTimeOffset(2013, 1, 2, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Some_people_are_first_seen_anonymously_and_linked_by_their_profile()
    {
        var seen = Events.Value.Where(events => events[0].AnonymousId is not null).ToArray();

        (seen.Length / (double)World.Users).ShouldBe(.12, .025);
        seen.Select(events => events[0].AnonymousId).Distinct().Count().ShouldBe(seen.Length);
        foreach (var events in seen)
        {
            var identify = Array.FindIndex(events, sent => sent.Kind == "identify");
            identify.ShouldBeGreaterThan(0);
            events[..(identify + 1)].ShouldAllBe(sent => sent.AnonymousId == events[0].AnonymousId);
            events[(identify + 1)..].ShouldAllBe(sent => sent.AnonymousId == null);
        }
    }

    [Fact]
    public void Profiles_have_gaps_and_garbage_at_the_stated_rates()
    {
        var traits = All.Where(sent => sent.Kind == "identify").Select(sent => sent.Traits!).ToArray();
        double Rate(Func<Dictionary<string, string>, bool> condition) => traits.Count(condition) / (double)traits.Length;

        Rate(trait => trait.GetValueOrDefault("birthyear") == "None").ShouldBe(.037, .013);
        traits.ShouldContain(trait => trait.ContainsKey("birthyear") && !IsNumber(trait["birthyear"]) && trait["birthyear"] != "None");
        Rate(trait => !trait.ContainsKey("location")).ShouldBe(.143, .025);
        Rate(trait => trait.GetValueOrDefault("location") == "  ").ShouldBe(.039, .013);
        Rate(trait => trait.GetValueOrDefault("location") == "undefined  undefined").ShouldBe(.005, .0045);
        Rate(trait => !trait.ContainsKey("timezone")).ShouldBe(.011, .008);
        Rate(trait => trait.GetValueOrDefault("gender") == "male").ShouldBe(.61, .035);
        Rate(trait => trait["locale"] == "en_US").ShouldBe(.447, .035);
        Rate(trait => trait["locale"] == "id_ID").ShouldBe(.309, .035);
        Rate(trait => trait["locale"] == "es_LA").ShouldBe(.052, .015);
        Rate(trait => trait["locale"] == "en_GB").ShouldBe(.046, .015);
    }

    [Fact]
    public void People_join_from_April_to_December_2012()
    {
        var joined = All.Where(sent => sent.Kind == "identify").Select(sent => sent.Traits!.GetValueOrDefault("joinedAt")).OfType<string>().ToArray();

        joined.Length.ShouldBeInRange(World.Users - 20, World.Users);
        joined.ShouldAllBe(text => string.CompareOrdinal(text, "2012-04") >= 0 && string.CompareOrdinal(text, "2012-12-13") < 0);
        (joined.Count(text => text.StartsWith("2012-10", StringComparison.Ordinal)) / (double)joined.Length).ShouldBe(.486, .035);
    }

    [Fact]
    public void Items_have_what_their_type_needs()
    {
        var events = World.Items.Where(item => item.Type == DemoItemType.Event).ToArray();
        var products = World.Items.Where(item => item.Type == DemoItemType.Product).ToArray();

        events.ShouldAllBe(item => item.Title.Length > 0 && item.Place != null && item.Start != null && item.Creator != null);
        events.ShouldAllBe(item => item.Price == 0 ? item.Stock == null : item.Price > 0 && item.Stock > 0);
        products.ShouldAllBe(item => item.Title.Length > 0 && item.Price > 0 && item.Stock > 0 && item.Start == null);
        events.Length.ShouldBeGreaterThan(100);
        products.Length.ShouldBeGreaterThan(100);
    }

    private static bool IsNumber(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out _);

    private static string Digest(DemoWorld world, IEnumerable<int> users)
    {
        var text = new StringBuilder();
        foreach (var item in world.Items) text.Append(item).Append('\n');
        foreach (var sent in users.SelectMany(world.EventsOf))
        {
            text.Append(CultureInfo.InvariantCulture, $"{sent.UserId} {sent.MessageId} {sent.Kind} {sent.At:O} {sent.AnonymousId} {sent.Item} {sent.Platform} {sent.Amount}");
            foreach (var (name, value) in sent.Traits ?? []) text.Append(' ').Append(name).Append('=').Append(value);
            text.AppendJoin(' ', sent.FriendsAdded ?? []).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
