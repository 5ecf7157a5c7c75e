using System.Globalization;
using Auie.Core.Insights;
using Auie.Core.Items;
using Auie.Core.Statistics;
using Auie.Core.Users;

namespace Auie.Core.Tests.Insights;

/// <summary>Showings as the journal has them, with what could be known when each was made.</summary>
public sealed class ShowingSampleTests
{
    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_each_showing_is_told_what_had_happened_before_it_and_what_came_of_it()
    {
        var sample = new ShowingSample(100);
        sample.Add(User("ann", [
            Identify("ann", ("birthyear", "1990"), ("gender", "female"), ("location", "Jakarta, Indonesia")),
            new Entry { MessageId = "f", At = Noon.AddDays(-9), Kind = EntryKind.Friends, FriendsAdded = ["bob", "cem", "dan"] },
            Step(EntryKind.Shown, "party", 0), Step(EntryKind.Shown, "gift", 0), Step(EntryKind.Interested, "gift", 1), Step(EntryKind.Yes, "party", 2),
            Step(EntryKind.Invited, "party", 4), Step(EntryKind.Shown, "party", 5), Step(EntryKind.Shown, "party", 5), Step(EntryKind.Shown, "gift", 5), Step(EntryKind.NotInterested, "party", 6), Step(EntryKind.Interested, "party", 7),
            Step(EntryKind.Viewed, "gift", 8), Step(EntryKind.Purchased, "gift", 9),
        ]));
        sample.Add(User("eve", [Step(EntryKind.Viewed, "party", 0)]));
        sample.Items.ShouldBe(["party", "gift"], ignoreOrder: true);
        sample.Add("party", Item(
            new ItemEntry { MessageId = "t", At = Noon.AddDays(-30), Traits = new Dictionary<string, string> { ["kind"] = "event", ["start"] = "2012-10-04T12:00:00Z", ["city"] = "Jakarta", ["lat"] = "-6.2", ["lng"] = "106.8", ["category"] = "music", ["creator"] = "dan" } },
            Said(EntryKind.Yes, 2, "ann"), Said(EntryKind.Yes, 3, "bob"), Said(EntryKind.Yes, -60, "zoe"), Said(EntryKind.No, 1, "cem"), Said(EntryKind.Invited, -1, "cem"), Said(EntryKind.Invited, 4, "ann"), Said(EntryKind.Maybe, 99, "yan")));
        sample.Add("gift", Item(new ItemEntry { MessageId = "t", At = Noon.AddDays(-30), Traits = new Dictionary<string, string> { ["kind"] = "product", ["price"] = "12.5", ["tags"] = "music,craft" } }));

        var showings = sample.ToShowings();

        // Gift and party on the first page, and again on the second: what is twice on a page is there once.
        (sample.Users, sample.Showings, sample.Since).ShouldBe((1, 4, Noon.UtcTicks));
        showings.Pages.ShouldBe([0, 0, 1, 1]);
        showings.Interested.ShouldBe([1, 0, 0, 1]);
        showings.NotInterested.ShouldBe([0, 0, 0, 0]);
        showings.Outcomes.Single(one => one.Name == "yes").Values.ShouldBe([0, 1, 0, 0]);
        showings.Outcomes.Single(one => one.Name == "bought").Values.ShouldBe([0, 0, 1, 0]);
        showings.Outcomes.Single(one => one.Name == "viewed").Values.ShouldBe([0, 0, 1, 0]);
        Column("invited").ShouldBe([0, 0, 0, 1]);
        Column("said_yes").ShouldBe([0, 1, 0, 2]);
        Column("said_no").ShouldBe([0, 0, 0, 1]);
        Column("said_maybe").ShouldBe([0, 0, 0, 0]);
        Column("were_invited").ShouldBe([0, 1, 0, 1]);
        Column("friends_yes").ShouldBe([0, 0, 0, 1]);
        Column("friends_invited").ShouldBe([0, 1, 0, 1]);
        Column("by_a_friend").ShouldBe([double.NaN, 1, double.NaN, 1]);
        Column("product").ShouldBe([1, 0, 1, 0]);
        Column("price").ShouldBe([12.5, double.NaN, 12.5, double.NaN]);
        Column("hours_to_start").ShouldBe([double.NaN, 24, double.NaN, 24 - (5 / 60.0)]);
        Column("distance").ShouldBe([double.NaN, 0, double.NaN, 0]);
        // Nothing was wanted before the first page; before the second the other thing was, which has a word in common.
        Column("like_before").ShouldBe([double.NaN, double.NaN, 1, 1]);
        Column("age").ShouldBe([22, 22, 22, 22]);
        Column("male").ShouldBe([0, 0, 0, 0]);
        Column("friends").ShouldBe([3, 3, 3, 3]);
        showings.LocalTimes[0].ShouldBe(Noon.UtcDateTime);
        // Of two showings of each, to one of the party yes was said, and after one the gift was bought.
        sample.TakenUp(products: false).ShouldBe([(1, 2)]);
        sample.TakenUp(products: true).ShouldBe([(1, 2)]);

        double[] Column(string name) => showings.Features.Single(feature => feature.Name == name).Values;
    }

    [Fact]
    public void A_sample_ends_where_it_is_full_and_what_was_passed_on_or_has_no_date_is_left_out()
    {
        var sample = new ShowingSample(5);
        foreach (var user in new[] { "a", "b", "c" })
        {
            if (!sample.IsFull) sample.Add(User(user, [.. Enumerable.Range(0, 4).Select(i => Step(EntryKind.Shown, $"i{i}", i)), Step(EntryKind.Shown, "x", 9) with { At = EntryValidation.Undated }]));
        }

        (sample.Users, sample.Showings).ShouldBe((2, 5));
        sample.ToShowings().Features.Single(feature => feature.Name == "product").Values.ShouldAllBe(value => double.IsNaN(value));
        var passedOn = new ShowingSample(5);
        passedOn.Add(SampledUser.Of("a", new UserState(), [new UserRecord([Step(EntryKind.Shown, "i", 0)], PassedOnTo: "b")]));
        passedOn.Showings.ShouldBe(0);
    }

    [Fact]
    public void What_is_planted_among_what_was_shown_together_is_covered_in_95_of_100_worlds_and_nothing_else_is_claimed()
    {
        const double planted = 0.2;
        var (covered, claimed) = (0, 0);
        for (var world = 0; world < 200; world++)
        {
            var showings = World(new Random(world), planted);
            var effects = showings.Features.ToDictionary(feature => feature.Name, feature => Effect.Within(feature.Values, showings.Interested, showings.Pages, showings.Users));
            if (effects["friends_yes"].Interval.Covers(planted)) covered++;
            // Who has more friends is more easily interested, which must not pass for what is chosen by.
            double.IsNaN(effects["friends"].Slope).ShouldBeTrue();
            var q = FalseDiscoveries.Adjust([effects["invited"].P, effects["price"].P, effects["product"].P, effects["said_no"].P]);
            if (q.Any(one => one <= FalseDiscoveries.Level)) claimed++;
        }

        (covered / 200.0).ShouldBeInRange(0.90, 0.99);
        (claimed / 200.0).ShouldBeLessThan(0.09);
    }

    [Fact]
    public void What_others_of_the_segment_choose_is_learnt_from_those_before_and_never_from_the_users_own_answers()
    {
        // Of two things on every page those of one segment want the music, the others the sport.
        var sample = new ShowingSample(int.MaxValue);
        string[] users = [.. Enumerable.Range(0, 40).Select(user => $"u{user}").OrderBy(StableHash.OfKey)];
        foreach (var (user, place) in users.Select((user, place) => (user, place)))
            sample.Add(User(user, [Step(EntryKind.Shown, "song", 0), Step(EntryKind.Shown, "match", 0), Step(EntryKind.Interested, place % 2 == 0 ? "song" : "match", 1)], place % 2));
        foreach (var (item, category) in new[] { ("song", "music"), ("match", "sport") })
            sample.Add(item, Item(new ItemEntry { MessageId = "t", At = Noon.AddDays(-30), Traits = new Dictionary<string, string> { ["category"] = category } }));
        var showings = sample.ToShowings();
        double[] Liking(Showings of) => SegmentLiking.AddTo(of, [.. users.Select((_, place) => place % 2)]).Features.Single(feature => feature.Name == SegmentLiking.Name).Values;
        var liking = Liking(showings);

        showings.Features.Single(feature => feature.Name == SegmentLiking.Name).Values.ShouldBe(liking);
        // Of the first there is nobody before; later each of what they want is liked more, of what they do not less.
        liking[..2].ShouldBe([0, 0]);
        for (var i = 20; i < liking.Length; i++) Math.Sign(liking[i]).ShouldBe(showings.Interested[i] > 0 ? 1 : -1);
        // Of the tenth of a segment, whom nine were before, each by half more than the page: 4.5 of 9 and 20; of everybody it comes to nothing.
        Math.Abs(liking[36]).ShouldBe(4.5 / 29, 1e-12);
        // Had somebody answered otherwise it would be the same for them and all before them.
        const int whose = 20;
        var otherwise = Liking(showings with { Interested = [.. showings.Interested.Select((one, i) => i / 2 == whose ? 1 - one : one)] });
        otherwise[..((whose * 2) + 2)].ShouldBe(liking[..((whose * 2) + 2)]);
        otherwise[^1].ShouldNotBe(liking[^1]);
        // Who is in no segment has none of it, and where nobody is it is no feature.
        SegmentLiking.AddTo(showings, [.. users.Select(_ => -1)]).Features.Single(feature => feature.Name == SegmentLiking.Name).Values.ShouldAllBe(value => double.IsNaN(value));
        World(new Random(1), 0).Features.ShouldAllBe(feature => feature.Name != SegmentLiking.Name);
    }

    /// <summary>Interest hangs on who the user is alone; segments are quarters by how much was of interest; a thing has up to three of eight words, or none.</summary>
    [Fact]
    public void Where_segments_are_made_of_how_much_is_of_interest_nothing_is_claimed_of_what_they_like_more_often_than_chance_has_it()
    {
        const int worlds = 100, users = 200, pages = 3, onPage = 4, rows = users * pages * onPage;
        var (over, within) = (0, 0);
        for (var world = 0; world < worlds; world++)
        {
            var random = new Random(world);
            var words = Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(8)).ToHashSet()).ToArray();
            int[] items = [.. Enumerable.Range(0, rows).Select(_ => random.Next(words.Length))], of = [.. Enumerable.Range(0, rows).Select(row => row / (pages * onPage))];
            double[] odds = [.. Enumerable.Range(0, users).Select(_ => 0.6 * random.NextDouble())], interested = [.. of.Select(user => random.NextDouble() < odds[user] ? 1.0 : 0)];
            var ranks = Enumerable.Range(0, users).OrderBy(user => interested.Where((_, row) => of[row] == user).Sum()).Select((user, rank) => (user, rank)).ToDictionary(one => one.user, one => one.rank);
            var showings = SegmentLiking.AddTo(new Showings(of, [.. Enumerable.Range(0, rows).Select(row => row / onPage)], interested, new double[rows], new DateTime[rows], [], [])
            {
                Marks = [.. Enumerable.Range(0, 8).Select(word => new ShownFeature($"w{word}", "", [.. items.Select(item => words[item].Contains(word) ? 1.0 : 0)]))],
            }, [.. Enumerable.Range(0, users).Select(user => 4 * ranks[user] / users)]);
            var (liking, marks) = (showings.Features.Single().Values, Array.ConvertAll(showings.Marks, mark => mark.Values));
            over += AdjustedEffects.Of([(liking, null)], marks, interested, new int[rows], of).Of(0, [liking])[0].P < 0.05 ? 1 : 0;
            within += AdjustedEffects.Of([(liking, null)], marks, interested, showings.Pages, of).Of(0, [liking])[0].P < 0.05 ? 1 : 0;
        }

        over.ShouldBeLessThanOrEqualTo(10);
        within.ShouldBeLessThanOrEqualTo(10);
    }

    [Fact]
    public void A_friend_made_afterwards_did_not_make_the_thing_when_it_was_shown()
    {
        var sample = new ShowingSample(int.MaxValue);
        Entry Friends(int minute, params string[] added) => new() { MessageId = $"f{minute}", At = Noon.AddMinutes(minute), Kind = EntryKind.Friends, FriendsAdded = added };
        sample.Add(User("u", [Friends(-10, "other"), Step(EntryKind.Shown, "party", 0), Friends(10, "host"), Step(EntryKind.Shown, "picnic", 20)]));
        foreach (var item in new[] { "party", "picnic" })
            sample.Add(item, Item(new ItemEntry { MessageId = "t", At = Noon.AddDays(-30), Traits = new Dictionary<string, string> { ["creator"] = "host" } }));

        sample.ToShowings().Features.Single(feature => feature.Name == "by_a_friend").Values.ShouldBe([0, 1]);
    }

    /// <summary>Sixty users on three pages of five of forty items; a friend's yes before makes interest likelier by so much, and nothing else of an item does.</summary>
    private static Showings World(Random random, double planted)
    {
        var (sample, said) = (new ShowingSample(int.MaxValue), new Dictionary<string, List<ItemEntry>>());
        string[] items = [.. Enumerable.Range(0, 40).Select(item => $"i{item}")];
        foreach (var item in items)
        {
            said[item] = [new ItemEntry { MessageId = "t", At = Noon.AddDays(-30), Traits = new Dictionary<string, string> { ["kind"] = random.Next(2) == 0 ? "event" : "product", ["price"] = random.Next(90).ToString(CultureInfo.InvariantCulture) } }];
            if (random.Next(2) == 0) said[item].Add(Said(EntryKind.No, random.Next(-50, 300), $"stranger{random.Next(9)}"));
            foreach (var friend in Enumerable.Range(0, 8).Where(_ => random.Next(6) == 0)) said[item].Add(Said(EntryKind.Yes, random.Next(-50, 300), $"friend{friend}"));
        }

        for (var user = 0; user < 60; user++)
        {
            var friends = Enumerable.Range(0, 8).Where(_ => random.Next(3) == 0).Select(friend => $"friend{friend}").Append("nobody").ToArray();
            var entries = new List<Entry> { new() { MessageId = "f", At = Noon.AddDays(-40), Kind = EntryKind.Friends, FriendsAdded = friends } };
            for (var page = 0; page < 3; page++)
            {
                foreach (var item in items.OrderBy(_ => random.Next()).Take(5).ToArray())
                {
                    var minute = 100 * page;
                    var yes = said[item].Where(entry => entry.At < Noon.AddMinutes(minute)).Sum(entry => entry.Yes?.Count(friends.Contains) ?? 0);
                    if (random.Next(8) == 0) entries.Add(Step(EntryKind.Invited, item, minute - 1));
                    entries.Add(Step(EntryKind.Shown, item, minute));
                    if (random.NextDouble() < 0.05 + (0.05 * friends.Length) + (planted * yes)) entries.Add(Step(EntryKind.Interested, item, minute + 5));
                }
            }

            sample.Add(User($"u{user}", [.. entries]));
        }

        foreach (var item in sample.Items) sample.Add(item, Item([.. said[item]]));
        return sample.ToShowings();
    }

    private static SampledUser User(string user, Entry[] entries, int segment = -1)
    {
        var state = new UserState();
        state.Apply(entries);
        return SampledUser.Of(user, state, [new UserRecord(entries)], segment);
    }

    private static ItemState Item(params ItemEntry[] entries)
    {
        var state = new ItemState();
        state.Apply(entries);
        return state;
    }

    private static Entry Identify(string user, params (string Name, string Value)[] traits) =>
        new() { MessageId = $"{user}-traits", At = Noon.AddDays(-9), Kind = EntryKind.Identify, Traits = traits.ToDictionary(trait => trait.Name, trait => trait.Value) };

    private static Entry Step(EntryKind kind, string item, int minute) => new() { MessageId = $"{kind}-{item}-{minute}", At = Noon.AddMinutes(minute), Kind = kind, Item = item };

    private static ItemEntry Said(EntryKind kind, int minute, string person) => new()
    {
        MessageId = $"{kind}-{person}", At = Noon.AddMinutes(minute), Yes = kind == EntryKind.Yes ? [person] : null, Maybe = kind == EntryKind.Maybe ? [person] : null, No = kind == EntryKind.No ? [person] : null,
        Invited = kind == EntryKind.Invited ? [person] : null,
    };
}
