using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Users;

namespace Auie.Core.Tests.Recommendation;

public sealed class ItemIndexTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory, MemberData(nameof(Seeds))]
    public void Nothing_that_may_not_be_shown_or_is_excluded_is_a_candidate(int seed)
    {
        var world = new SomeItems(seed);
        var query = world.Query(seed);
        foreach (var candidate in world.Index().Find(query).Candidates)
        {
            var facts = world.Facts[candidate.Item];
            (facts.IsCancelled || facts.Stock == 0 || facts.Start <= query.At || query.Excluded.Contains(candidate.Item)).ShouldBeFalse(candidate.Item);
            (query.Kind is null || facts.Kind == query.Kind).ShouldBeTrue();
            (query.Category is null || facts.Words.Contains(query.Category)).ShouldBeTrue();
            (query.From is null || facts.Start >= query.From).ShouldBeTrue();
            (query.To is null || facts.Start <= query.To).ShouldBeTrue();
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void What_a_candidate_counts_is_what_people_did(int seed)
    {
        var world = new SomeItems(seed);
        var query = world.Query(seed);
        var reactions = world.Reactions();
        foreach (var candidate in world.Index().Find(query).Candidates)
        {
            var of = reactions.Where(one => one.Key.Item == candidate.Item && one.Value > Reaction.None).ToArray();
            var wanted = of.Where(one => one.Value >= Reaction.Interested).ToArray();
            (candidate.Seen, candidate.Wanted).ShouldBe((of.Length, wanted.Length));
            candidate.WantedInSegment.ShouldBe(wanted.Count(one => world.Audience[one.Key.Person].Segment == query.Audience.Segment));
            candidate.WantedInLocale.ShouldBe(wanted.Count(one => world.Audience[one.Key.Person].Locale == "en_GB"));
            candidate.FriendsYes.ShouldBe(wanted.Count(one => one.Value >= Reaction.Yes && query.Friends.Contains(SomeItems.Hash(one.Key.Person))));
            candidate.FriendsInterested.ShouldBe(wanted.Count(one => one.Value == Reaction.Interested && query.Friends.Contains(SomeItems.Hash(one.Key.Person))));
            (candidate.Yes, candidate.Declined).ShouldBe((of.Count(one => one.Value >= Reaction.Yes), of.Count(one => one.Value is Reaction.No or Reaction.NotInterested)));
            candidate.FriendsDeclined.ShouldBe(of.Count(one => one.Value is Reaction.No or Reaction.NotInterested && query.Friends.Contains(SomeItems.Hash(one.Key.Person))));
            candidate.CoAnswered.ShouldBe(wanted.Count(one => query.Neighbours.Contains(SomeItems.Hash(one.Key.Person))));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Being_told_twice_and_being_placed_later_change_nothing(int seed)
    {
        var world = new SomeItems(seed);
        var index = new ItemIndex { ModelVersion = 1 };
        foreach (var (person, item, reaction) in world.Reactions().Select(one => (one.Key.Person, one.Key.Item, one.Value)).Concat(world.Reactions().Select(one => (one.Key.Person, one.Key.Item, one.Value))))
            index.React(SomeItems.Hash(person), item, reaction, null);
        foreach (var (item, facts) in world.Facts)
            index.Put(item, ItemFacts.Unknown);
        foreach (var (item, facts) in world.Facts)
            index.Put(item, facts);
        for (var person = 0; person < world.Audience.Length; person++)
        {
            index.Place(SomeItems.Hash(person), new Audience("xx", "", "", -1));
            index.Place(SomeItems.Hash(person), world.Audience[person]);
        }

        var query = world.Query(seed) with { Only = [.. world.Facts.Keys] };
        Counts(index).ShouldBe(Counts(world.Index()));

        IEnumerable<(string, int, int, int, int, int)> Counts(ItemIndex one) => one.Find(query).Candidates
            .Select(found => (found.Item, found.Seen, found.Wanted, found.WantedInSegment, found.WantedInLocale, found.FriendsYes)).Order();
    }

    [Theory, MemberData(nameof(Seeds))]
    public void What_is_told_of_where_it_lies_is_what_is_found(int seed)
    {
        var (world, index) = (new SomeItems(seed), new SomeItems(seed).Index());
        // One query after the other: nothing is left of the one before.
        for (var query = 0; query < 5; query++)
        {
            var told = index.Find(world.Query(query), list => (list.Candidates.ToArray(), list.Overall.ToArray(), list.InSegment.ToArray()));
            var found = new SomeItems(seed).Index().Find(world.Query(query));
            // Words are the same where they are the same list.
            told.Item1.Select(one => one with { Facts = one.Facts with { Words = [] } }).ShouldBe(found.Candidates.Select(one => one with { Facts = one.Facts with { Words = [] } }));
            told.Item2.ShouldBe(found.Overall);
            told.Item3.ShouldBe(found.InSegment);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void What_friends_and_neighbours_want_most_comes_first(int seed)
    {
        var world = new SomeItems(seed, people: 30);
        var reactions = world.Reactions();
        ulong[] people = [.. Enumerable.Range(0, 20).Select(SomeItems.Hash)];
        var query = new CandidateQuery { At = SomeItems.Now, Friends = people, Neighbours = people, Weights = [.. people.Select(_ => 1f)], Shards = 32 };
        foreach (var (source, budget, amount) in new (CandidateSources, int, Func<Candidate, int>)[]
            { (CandidateSources.FriendsAnswers, 80, one => 3 * one.FriendsYes + one.FriendsInterested), (CandidateSources.CoAnswered, 60, one => (int)one.CoAnswered) })
        {
            var all = world.Index().Find(query with { Also = [.. world.Facts.Keys] }).Candidates.OrderByDescending(amount).ThenBy(one => int.Parse(one.Item[1..])).Where(one => amount(one) > 0).ToArray();
            world.Index().Find(query).Candidates.Where(one => one.Sources.HasFlag(source)).Select(one => one.Item)
                .ShouldBe(all.Take(CandidateSourceList.BudgetOf(budget, 32)).Select(one => one.Item), ignoreOrder: true);
        }
    }

    [Fact]
    public void What_is_near_and_soon_comes_in_the_order_of_time()
    {
        var index = new ItemIndex();
        for (var day = 60; day > 0; day--)
            index.Put($"d{day:00}", new ItemFacts { Start = SomeItems.Now.AddDays(day), Point = new GeoPoint(3.6, 98.9) });
        index.Put("far", new ItemFacts { Start = SomeItems.Now.AddDays(1), Point = new GeoPoint(51, 0) });
        var found = index.Find(new CandidateQuery { At = SomeItems.Now, Near = new GeoPoint(3.5, 98.7), Shards = 16 }).Candidates
            .Where(candidate => candidate.Sources.HasFlag(CandidateSources.NearAndSoon)).Select(candidate => candidate.Item).Order(StringComparer.Ordinal).ToArray();
        found.ShouldBe(Enumerable.Range(1, found.Length).Select(day => $"d{day:00}"));
        found.Length.ShouldBe(CandidateSourceList.BudgetOf(80, 16));
    }

    [Fact]
    public void Asking_about_a_far_instant_takes_nothing_from_those_who_ask_about_now()
    {
        var index = new ItemIndex { Now = SomeItems.Now };
        index.Put("past", new ItemFacts { Start = SomeItems.Now.AddDays(-40) });
        index.Put("soon", new ItemFacts { Start = SomeItems.Now.AddDays(1) });
        index.Find(new CandidateQuery { At = SomeItems.Now.AddYears(50) }).Candidates.ShouldBeEmpty();
        index.Find(new CandidateQuery { At = SomeItems.Now }).Candidates.Select(candidate => candidate.Item).ShouldBe(["soon"]);
    }

    [Fact]
    public void Trending_halves_with_time_and_forgets_no_order()
    {
        var index = new ItemIndex();
        foreach (var item in new[] { "old", "new" })
            index.Put(item, ItemFacts.Unknown);
        for (var person = 0; person < 3; person++)
        {
            index.React(SomeItems.Hash(person), "old", EntryKind.Interested, SomeItems.Now - 4 * ItemIndex.HalfLife);
            index.React(SomeItems.Hash(person), "new", EntryKind.Interested, SomeItems.Now);
        }

        var found = index.Find(new CandidateQuery { At = SomeItems.Now }).Candidates.ToDictionary(candidate => candidate.Item, candidate => candidate.Trending);
        found["new"].ShouldBe(3, .001);
        found["old"].ShouldBe(3.0 / 16, .001);
    }

    [Fact]
    public void What_is_dated_in_the_future_is_not_of_late_and_a_clock_that_is_ahead_is_as_of_now()
    {
        var index = new ItemIndex { Now = SomeItems.Now };
        foreach (var (item, at) in new[] { ("far", SomeItems.Now.AddDays(300)), ("ahead", SomeItems.Now.AddMinutes(30)), ("now", SomeItems.Now) })
        {
            index.Put(item, ItemFacts.Unknown);
            index.React(SomeItems.Hash(1), item, EntryKind.Yes, at);
        }

        var found = index.Find(new CandidateQuery { At = SomeItems.Now }).Candidates.ToDictionary(candidate => candidate.Item);
        (found["far"].Trending, found["ahead"].Trending, found["now"].Trending).ShouldBe((0, 1, 1));
        found["far"].Sources.HasFlag(CandidateSources.Trending).ShouldBeFalse();
        found.Values.ShouldAllBe(candidate => candidate.Wanted == 1);
    }

    [Fact]
    public void Somebody_who_changes_their_mind_again_and_again_is_one_of_those_who_wanted_it()
    {
        var index = new ItemIndex();
        index.Put("i", ItemFacts.Unknown);
        foreach (var kind in new[] { EntryKind.Yes, EntryKind.No, EntryKind.Yes, EntryKind.No, EntryKind.Maybe })
            index.React(SomeItems.Hash(1), "i", kind, SomeItems.Now);
        index.React(SomeItems.Hash(2), "i", EntryKind.Interested, SomeItems.Now);
        index.Describe("i")!.Value.People.ShouldBe([SomeItems.Hash(1), SomeItems.Hash(2)]);
        index.React(SomeItems.Hash(1), "i", EntryKind.No, SomeItems.Now);
        index.Describe("i")!.Value.People.ShouldBe([SomeItems.Hash(2)]);
    }

    [Fact]
    public void What_was_past_and_takes_place_again_is_popular_again_with_those_who_wanted_it()
    {
        var index = new ItemIndex { Now = SomeItems.Now, ModelVersion = 1 };
        var audience = new Audience("en_GB", "medan", "web", 2);
        index.Place(SomeItems.Hash(1), audience);
        index.Put("i", new ItemFacts { Start = SomeItems.Now.AddDays(-40) });
        index.React(SomeItems.Hash(1), "i", EntryKind.Yes, SomeItems.Now.AddDays(-50));
        index.Find(Query()).Candidates.ShouldBeEmpty();
        index.Put("i", new ItemFacts { Start = SomeItems.Now.AddDays(9) });
        index.Find(Query()).Candidates.ShouldHaveSingleItem().Sources.ShouldBe(
            CandidateSources.Segment | CandidateSources.Locale | CandidateSources.Place | CandidateSources.Platform | CandidateSources.Trending | CandidateSources.Popular);

        CandidateQuery Query() => new() { At = SomeItems.Now, Audience = audience };
    }

    /// <summary>Whatever somebody does, and in whatever order, what it comes to one by one is what their state says in the end.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void There_is_one_order_of_reactions(int seed)
    {
        var random = new Random(seed);
        EntryKind[] kinds = [EntryKind.Shown, EntryKind.Viewed, EntryKind.Invited, EntryKind.Interested, EntryKind.NotInterested, EntryKind.Yes, EntryKind.Maybe, EntryKind.No, EntryKind.Purchased];
        for (var run = 0; run < 50; run++)
        {
            var (reaction, answer) = (Reaction.None, new ItemAnswer("i", null, null, 0, 0, 0, 0));
            for (var n = random.Next(7); n >= 0; n--)
            {
                var kind = kinds[random.Next(kinds.Length - (random.Next(4) == 0 ? 0 : 1))];
                reaction = Reactions.After(reaction, kind);
                answer = kind switch
                {
                    EntryKind.Shown => answer with { Shown = answer.Shown + 1 },
                    EntryKind.Viewed => answer with { Viewed = answer.Viewed + 1 },
                    EntryKind.Invited => answer with { Invited = answer.Invited + 1 },
                    EntryKind.Purchased => answer with { Purchased = answer.Purchased + 1 },
                    EntryKind.Interested or EntryKind.NotInterested => answer with { Interest = kind },
                    _ => answer with { Attendance = kind },
                };
                reaction.ShouldBe(Reactions.Of(answer), answer.ToString());
            }
        }
    }

    [Fact]
    public void A_place_is_found_by_a_city_that_items_are_in()
    {
        var index = new ItemIndex();
        index.Put("i", new ItemFacts { City = "Medan", Point = new GeoPoint(3.59, 98.67) });
        index.Locate("MEDAN")!.Value.Latitude.ShouldBe(3.59);
        index.Locate("Medan  Indonesia").ShouldNotBeNull();
        index.Locate("Polonia, Medan").ShouldNotBeNull();
        index.Locate("Bogor").ShouldBeNull();
    }

    [Theory]
    [InlineData("price", "-1")]
    [InlineData("price", "cheap")]
    [InlineData("lat", "91")]
    [InlineData("start", "tomorrow")]
    [InlineData("stock", "many")]
    public void A_trait_that_cannot_be_read_is_not_known(string name, string value)
    {
        var state = new ItemState();
        state.Apply(new ItemEntry { MessageId = "m", At = SomeItems.Now, Traits = new Dictionary<string, string> { [name] = value, ["lng"] = "0" } });
        var facts = ItemFacts.Of(state.Head.Traits);
        (facts.Price, facts.Point, facts.Start, facts.Stock).ShouldBe((null, null, null, null));
        facts.MayBeShown(SomeItems.Now.UtcTicks).ShouldBeTrue();
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("Yes", false)]
    [InlineData("1", false)]
    [InlineData("no", true)]
    public void What_is_cancelled_is_never_shown_however_that_is_written(string value, bool shown)
    {
        var state = new ItemState();
        state.Apply(new ItemEntry { MessageId = "m", At = SomeItems.Now, Traits = new Dictionary<string, string> { ["cancelled"] = value } });
        ItemFacts.Of(state.Head.Traits).MayBeShown(SomeItems.Now.UtcTicks).ShouldBe(shown);
    }
}
