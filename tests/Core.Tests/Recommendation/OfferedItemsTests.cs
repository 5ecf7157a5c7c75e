using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Strategies;

namespace Auie.Core.Tests.Recommendation;

public sealed class OfferedItemsTests
{
    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);

    private static readonly CandidateList[] Lists =
    [
        new([
            One("near", wanted: 5, seen: 50) with { Facts = new() { Point = new GeoPoint(3.6, 98.7), Price = 20, Words = ["music"] } },
            One("far", wanted: 9, seen: 90) with { Facts = new() { Point = new GeoPoint(48, 11), Price = 200, Words = ["sport"] } },
        ], [], []),
        new([
            One("friends", wanted: 2, seen: 9) with { FriendsYes = 1, Facts = new() { Words = ["sport", "music"] } },
            One("fresh", wanted: 1, seen: 1),
        ], [], []),
    ];

    [Fact]
    public void Each_condition_leaves_what_it_says()
    {
        Left(new OfferedItems()).ShouldBe(["far", "fresh", "friends", "near"]);
        Left(new OfferedItems { NearKm = 50 }).ShouldBe(["fresh", "friends", "near"]);
        Left(new OfferedItems { PriceAtMost = 100 }).ShouldBe(["near"]);
        Left(new OfferedItems { WithFriends = true }).ShouldBe(["friends"]);
        Left(new OfferedItems { Familiar = true }).ShouldBe(["friends", "near"]);
        Left(new OfferedItems { First = OfferOrder.Wanted, Top = 2 }).ShouldBe(["far", "near"]);
        Left(new OfferedItems { First = OfferOrder.New, Top = 1 }).ShouldBe(["fresh"]);
        Left(new OfferedItems { First = OfferOrder.Wanted, Top = 1, NearKm = 50 }).ShouldBe(["near"]);
    }

    [Fact]
    public void What_has_begun_is_no_offer_though_it_is_not_over()
    {
        var facts = new ItemFacts { Kind = "event", End = Noon.AddHours(3) };
        CandidateList[] lists =
        [
            new([
                One("begun", wanted: 9, seen: 0) with { Facts = facts with { Start = Noon } }, One("to come", wanted: 1, seen: 5) with { Facts = facts with { Start = Noon.AddMinutes(1) } },
                One("cancelled", wanted: 9, seen: 0) with { Facts = facts with { Start = Noon.AddMinutes(1), IsCancelled = true } }, One("sold out", wanted: 9, seen: 0) with { Facts = new() { Kind = "product", Stock = 0 } },
                One("in stock", wanted: 1, seen: 5) with { Facts = new() { Kind = "product", Stock = 1 } },
            ], [], []),
        ];
        foreach (var offer in StrategyLibrary.BuiltIn.All.Select(one => one.Items with { NearKm = null, WithFriends = false, Familiar = false }))
            offer.Of(lists, new RecommendedUser { Taste = new Taste() }, Noon).Single().Candidates.Select(one => one.Item).ShouldBe(["to come", "in stock"]);
    }

    [Fact]
    public void The_offers_of_the_built_in_library_differ_and_are_told_in_words()
    {
        var offers = StrategyLibrary.BuiltIn.All.ToDictionary(one => one.Name, one => one.Items);
        offers.Values.Distinct().Count().ShouldBe(offers.Count);
        offers["Reactivation"].InWords.ShouldBe("one event that starts within 14 days of the message, within 50 km of the member, where both places are known, the one that most people wanted");
        new OfferedItems { Kind = "event", Count = 3, PriceAtMost = 20, StartsWithinDays = 7, Familiar = true, Top = 4 }.InWords.ShouldBe(
            "3 events for 20 at the most that start within 7 days of the message and that have a category or tag of something they wanted before, first those that suit the member best, counting the first 4 of each member's recommendations");
        offers["Group invitations"].WithFriends.ShouldBeTrue();
        offers["Nostalgia"].Familiar.ShouldBeTrue();
        offers["Early access"].First.ShouldBe(OfferOrder.New);
        (offers["Few and better"].Top, offers["Few and better"].Count).ShouldBe((1, 1));
    }

    private static string[] Left(OfferedItems offer)
    {
        var taste = new Taste();
        taste.Add(new ItemFacts { Words = ["music"] }, Reaction.Interested, 0);
        return [.. offer.Of(Lists, new RecommendedUser { Taste = taste, Point = new GeoPoint(3.5, 98.6) }, Noon).SelectMany(list => list.Candidates).Select(one => one.Item).Order()];
    }

    private static Candidate One(string item, int wanted, int seen) => new() { Item = item, Facts = ItemFacts.Unknown, Wanted = wanted, Seen = seen };
}
