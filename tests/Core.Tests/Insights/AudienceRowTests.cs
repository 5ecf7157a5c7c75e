using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Users;

namespace Auie.Core.Tests.Insights;

public sealed class AudienceRowTests
{
    private static readonly string?[] Places = ["Medan  Indonesia", "Jakarta, Indonesia", "Indonesian Bay", "Toronto  Ontario", null, ""];

    [Fact]
    public void Who_is_of_a_place_a_tenure_and_a_number_of_friends_equals_a_recount_after_users_came_changed_and_went()
    {
        var (random, users, expected) = (new Random(7), new LiveUsers(), new Dictionary<string, (string Place, int Joined, int Friends)>());
        for (var step = 0; step < 2_000; step++)
        {
            var user = $"u{random.Next(200)}";
            if (random.Next(5) == 0)
            {
                users.Remove(user, step + 1);
                expected.Remove(user);
                continue;
            }

            var (place, joined, friends) = (random.Next(9) == 0 ? $"Hamlet {step}" : Places[random.Next(Places.Length)], random.Next(24), random.Next(4));
            var facts = new double[FactCatalogue.All.Count];
            facts[(int)Fact.JoinedAt] = joined == 0 ? double.NaN : new DateTimeOffset(2011, 1, 31, 0, 0, 0, TimeSpan.Zero).AddMonths(joined).ToUnixTimeSeconds();
            facts[(int)Fact.Friends] = friends;
            users.Put(user, step + 1, facts, "en_US", place: place);
            expected[user] = (place ?? "", joined, friends);
        }

        var first = AudienceRow.MonthOf(new DateTime(2011, 1, 1));
        foreach (var filter in new[]
        {
            new AudienceFilter(), new AudienceFilter { Place = " INDONESIA" }, new AudienceFilter { Place = "medan  indonesia" }, new AudienceFilter { JoinedFrom = first + 3, JoinedTo = first + 9 },
            new AudienceFilter { FriendsFrom = 2 }, new AudienceFilter { FriendsTo = 1, JoinedTo = int.MaxValue }, new AudienceFilter { Place = "Ontario", FriendsFrom = 1, FriendsTo = 2, JoinedFrom = first + 12 },
        })
        {
            var meant = expected.Where(one => IsMeant(filter, one.Value, first)).ToArray();
            meant.ShouldNotBeEmpty();
            AudienceRow.Of(users, null, filter).Select(row => row.User).ShouldBe(meant.Select(one => one.Key), ignoreOrder: true);
            var counts = AudienceScan.Of(AudienceRow.Of(users, null, filter), 2012, 1_000).Audience.Texts[Audience.Place];
            counts.ShouldBe(meant.Where(one => one.Value.Place.Length > 0).CountBy(one => one.Value.Place).ToDictionary(one => one.Key, one => (long)one.Value), ignoreOrder: true);
        }

        // A locale is meant whatever the case of its letters.
        foreach (var (locale, many) in new[] { ("EN_us", expected.Count), ("en_GB", 0) }) AudienceRow.Of(users, null, new AudienceFilter { Locale = locale }).Count().ShouldBe(many);
        // What nobody has any more is not kept.
        users.PlaceCodes.ShouldBeLessThan(60);
        AudienceRow.Of(users, null, new AudienceFilter { Place = "indo" }).ShouldBeEmpty();
    }

    [Fact]
    public void Of_more_places_than_are_counted_by_themselves_the_others_are_told_together()
    {
        var users = new LiveUsers();
        for (var user = 0; user < 60; user++)
        {
            var facts = new double[FactCatalogue.All.Count];
            (facts[(int)Fact.Impressions], facts[(int)Fact.ImpressionsInterested]) = (user % 3, user % 2);
            users.Put($"u{user}", 1, facts, null, place: $"p{user / 10 * user % 7}");
        }

        var all = AudienceScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), 2012, 100).Audience.Texts[Audience.Place];
        var scan = AudienceScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), 2012, 3);
        scan.Audience.Texts[Audience.Place].Count.ShouldBe(4);
        scan.Audience.Texts[Audience.Place][Audience.Rest].ShouldBe(all.Values.Order().SkipLast(3).Sum());

        // So is what was shown to them, and how far they got.
        var told = scan.Audience.Texts[Audience.Place].Keys.Where(name => name != Audience.Rest).ToHashSet();
        var alone = AudienceScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), 2012, 100).Groups[Audience.Place];
        foreach (var name in told) scan.Groups[Audience.Place][name].ShouldBe(alone[name]);
        scan.Groups[Audience.Place][Audience.Rest].ShouldBe(alone.Where(one => !told.Contains(one.Key)).Select(one => one.Value).Aggregate((a, b) => a + b));
        AudienceRow.Sizes(AudienceRow.Of(users, null, new AudienceFilter()), Audience.Place, 2012, 3).Keys.ShouldBe(told, ignoreOrder: true);
        FunnelStep[] steps = [FunnelStep.Find("shown")!, FunnelStep.Find("interested")!];
        FunnelScan Funnel(IReadOnlySet<string>? of) => FunnelScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), steps, Audience.Place, 2012, of);
        var (funnel, everyPlace) = (Funnel(told).Groups, Funnel(null).Groups);
        funnel.Keys.ShouldBe([FunnelScan.Everybody, .. told, AudienceRow.Others], ignoreOrder: true);
        foreach (var name in told) funnel[name].Reached.ShouldBe(everyPlace[name].Reached);
        funnel[AudienceRow.Others].Reached.ShouldBe(everyPlace.Where(one => one.Key.Length > 0 && !told.Contains(one.Key)).Select(one => one.Value).Aggregate((a, b) => a + b).Reached);

        var place = AudienceProfile.Of(scan.Audience, new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero)).Breakdowns.Single(one => one.Name == "place");
        place.Shares.Select(share => share.Rate.Hits).ShouldBe(all.Values.OrderDescending().Take(3));
        (place.Known, place.Missing, place.Others).ShouldBe((60, 0, 60 - place.Shares.Sum(share => share.Rate.Hits)));
    }

    [Fact]
    public void Who_is_on_several_platforms_counts_on_each_and_shares_are_of_all_that_was_shown_and_of_all_users()
    {
        // Ten things were shown to each of ten users: all are on the web, nine are on mobiles, too, and one is nowhere.
        var users = new LiveUsers();
        for (var user = 0; user < 11; user++)
        {
            var facts = new double[FactCatalogue.All.Count];
            (facts[(int)Fact.Impressions], facts[(int)Fact.ImpressionsInterested], facts[(int)Fact.Spent], facts[(int)Fact.Purchased]) = (10, user, user == 3 ? 5 : 2, user == 3 ? 1 : 0);
            (facts[(int)Fact.WebEvents], facts[(int)Fact.MobileEvents]) = (user < 10 ? 1 : 0, user < 9 ? 1 : 0);
            // What they spent counts where they spent it: who is on both spent 1 on the web.
            (facts[(int)Fact.SpentWeb], facts[(int)Fact.SpentMobile]) = user < 9 ? (1, facts[(int)Fact.Spent] - 1) : (user == 9 ? 2 : 0, 0);
            users.Put($"u{user}", 1, facts, null);
        }

        var scan = AudienceScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), 2012, 100);
        var rates = GroupRates.Of(Audience.Platform, "", [.. scan.Groups[Audience.Platform].Where(one => one.Key != AudienceRow.Unknown).Select(one => (one.Key, one.Value))], scan.Interest.Shown);
        rates.Groups.Select(group => (group.Value, group.Volume)).ShouldBe([("web", 100 / 110.0), ("mobile", 90 / 110.0)], ignoreOrder: true);
        rates.Overlaps.ShouldBeTrue();
        var platforms = AudienceProfile.Of(scan.Audience, new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero)).Breakdowns.Where(one => one.Overlaps).ShouldHaveSingleItem();
        (platforms.Name, platforms.Shares.Sum(share => share.Rate.Value)).ShouldBe(("platform", 1.9));

        var funnel = FunnelScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), [FunnelStep.Find("shown")!, FunnelStep.Find("purchased")!], Audience.Platform, 2012).Groups;
        funnel.Select(group => (group.Key, group.Value.Users, group.Value.Spent, group.Value.SpentToEnd))
            .ShouldBe([("", 11, 25_0000, 5_0000), ("web", 10, 11_0000, 1_0000), ("mobile", 9, 12_0000, 4_0000), (AudienceRow.Unknown, 1, 2_0000, 0)], ignoreOrder: true);
    }

    [Theory]
    [InlineData(Audience.Place)]
    [InlineData(Audience.Locale)]
    [InlineData(Audience.Gender)]
    [InlineData(AudienceRow.AgeBand)]
    [InlineData(AudienceRow.Segment)]
    public void Those_of_whom_it_is_not_known_are_a_group_so_that_groups_add_up_and_a_value_that_says_so_is_another(string by)
    {
        var users = new LiveUsers();
        for (var user = 0; user < 60; user++)
        {
            var facts = new double[FactCatalogue.All.Count];
            (facts[(int)Fact.Impressions], facts[(int)Fact.ImpressionsInterested]) = (1 + (user % 3), user % 2);
            (facts[(int)Fact.BirthYear], facts[(int)Fact.GenderMale]) = (user % 4 == 0 ? double.NaN : 1950 + user, user % 4 == 0 ? double.NaN : user % 2);
            var text = user % 4 == 0 ? null : user % 4 == 1 ? "unknown" : "p1";
            users.Put($"u{user}", 1, facts, text, place: text);
        }

        IEnumerable<AudienceRow> Rows() => AudienceRow.Of(users, row => users.User(row)[1..] is var number && int.Parse(number) % 4 == 0 ? LiveSegments.None : 0, new AudienceFilter());
        var rates = AudienceScan.Of(Rows(), 2012, 100);
        rates.Groups[by].Values.Aggregate((a, b) => a + b).ShouldBe(rates.Interest);
        (rates.Groups[by][AudienceRow.Unknown].Users, rates.Groups[by].Count).ShouldBe((15, by switch { Audience.Gender => 3, AudienceRow.AgeBand => 7, AudienceRow.Segment => 2, _ => 3 }));
        AudienceRow.Sizes(Rows(), by, 2012, 10).Keys.ShouldNotContain(AudienceRow.Unknown);

        FunnelStep[] steps = [FunnelStep.Find("shown")!, FunnelStep.Find("interested")!];
        foreach (var told in (HashSet<string>?[])[null, ["p1"], []])
        {
            var funnel = FunnelScan.Of(Rows(), steps, by, 2012, told).Groups;
            funnel[AudienceRow.Unknown].Users.ShouldBe(15);
            var parts = funnel.Where(one => one.Key != FunnelScan.Everybody).Select(one => one.Value).Aggregate((a, b) => a + b);
            (parts.Users, parts.Reached[0], parts.Reached[1], parts.Spent).ShouldBe((60, funnel[""].Reached[0], funnel[""].Reached[1], funnel[""].Spent));
        }
    }

    [Theory]
    [InlineData("location", " Medan  Indonesia ", "Medan  Indonesia")]
    [InlineData("location", "  ", null)]
    [InlineData("address.city", "Oslo", "Oslo, NO")]
    [InlineData("country", "Norway", "NO")]
    [InlineData("state", "Viken", "Viken, NO")]
    public void A_place_is_the_location_or_else_what_there_is_of_an_address(string trait, string value, string? place)
    {
        var state = new UserState();
        var traits = new Dictionary<string, string> { [trait] = value };
        if (trait != "location") traits["address.country"] = "NO";
        state.Apply(new Entry { MessageId = "m", At = new DateTimeOffset(2012, 1, 1, 0, 0, 0, TimeSpan.Zero), Kind = EntryKind.Identify, Traits = traits });
        state.Head.Traits.Place.ShouldBe(place);
    }

    private static bool IsMeant(AudienceFilter filter, (string Place, int Joined, int Friends) user, int first) =>
        (filter.Place is null || user.Place.Split([",", "  "], StringSplitOptions.TrimEntries).Prepend(user.Place).Contains(filter.Place.Trim(), StringComparer.OrdinalIgnoreCase))
        && (filter.JoinedFrom is null || (user.Joined > 0 && first + user.Joined >= filter.JoinedFrom)) && (filter.JoinedTo is null || (user.Joined > 0 && first + user.Joined <= filter.JoinedTo))
        && !(user.Friends < filter.FriendsFrom) && !(user.Friends > filter.FriendsTo);
}
