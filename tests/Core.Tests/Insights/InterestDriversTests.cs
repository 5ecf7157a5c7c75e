using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Core.Tests.Insights;

public sealed class InterestDriversTests
{
    private static readonly DateTimeOffset AsOf = new(2012, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_planted_leads_and_what_only_differs_between_users_is_told_apart()
    {
        var report = InterestDrivers.Of(Made(users: 400, seed: 1), AsOf);

        report.Showings.ShouldBe(400 * 10);
        report.Drivers[0].Feature.ShouldBe("soon");
        report.Drivers[0].Within.Interval.Covers(0.3).ShouldBeTrue();
        report.Drivers[0].Meaning.ShouldContain("Among what was shown together it does");
        var friends = report.Drivers.Single(driver => driver.Feature == "friends");
        friends.RawQ.ShouldBeLessThan(0.05);
        double.IsNaN(friends.Within.Slope).ShouldBeTrue();
        friends.Meaning.ShouldContain("cannot decide which of that is of interest");
        friends.Meaning.ShouldContain("'number of friends'");
        friends.Label.ShouldBe("number of friends");
        var noise = report.Drivers.Single(driver => driver.Feature == "noise");
        noise.WithinQ.ShouldBeGreaterThan(0.05);
        noise.Curve.Sum(bin => bin.Rate.N).ShouldBe(4_000);
        report.Matrix.Length.ShouldBe(5 * 4 / 2);
        report.Matrix.Single(pair => (pair.First, pair.Second) == ("interested", "friends")).Pearson.ShouldBe(friends.Pearson);
    }

    [Fact]
    public void Where_only_ranks_go_with_interest_it_is_their_correlation_that_is_quoted()
    {
        // Some values far out, on either side, hide from a line what ranks see.
        var random = new Random(3);
        int[] users = [.. Enumerable.Range(0, 2_000)];
        double[] ranks = [.. users.Select(_ => random.NextDouble())];
        double[] interested = [.. ranks.Select(rank => random.NextDouble() < 0.1 + (0.3 * rank) ? 1.0 : 0)];
        double[] farOut = [.. ranks.Select((rank, i) => i % 50 == 0 ? 1e4 * (random.NextDouble() - 0.5) : rank)];
        var report = InterestDrivers.Of(new Showings(users, users, interested, new double[2_000], new DateTime[2_000],
            [new ShownFeature("ranks", "", ranks), new ShownFeature("far_out", "", farOut)], []), AsOf);
        var driver = report.Drivers.Single(driver => driver.Feature == "far_out");
        (driver.RawQ > 0.05, driver.SpearmanQ <= 0.05).ShouldBe((true, true));
        driver.Meaning.ShouldContain($"(Spearman's correlation +{driver.Spearman.R:0.000} [+{driver.Spearman.Interval.Low:0.000}, +{driver.Spearman.Interval.High:0.000}] by itself) goes with the others");
    }

    [Fact]
    public void A_locale_of_three_does_not_lead_and_volume_is_not_rate()
    {
        var locales = InterestDrivers.Of(Made(users: 400, seed: 2), AsOf).Groups.ShouldHaveSingleItem();
        locales.Groups.Single(group => group.Value == "tiny").Rate.Value.ShouldBe(1);
        locales.Groups[0].Value.ShouldBe("keen");
        locales.MostShown.ShouldBe("large");
        locales.Groups.Sum(group => group.Volume).ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Where_nothing_is_planted_something_is_claimed_in_no_more_than_five_of_a_hundred_worlds()
    {
        var claimed = 0;
        for (var run = 0; run < 200; run++)
        {
            var random = new Random(run);
            int[] users = [.. Enumerable.Range(0, 600).Select(i => i / 6)];
            var features = Enumerable.Range(0, 5).Select(i => new ShownFeature($"f{i}", "noise", [.. users.Select(_ => random.NextDouble())])).ToArray();
            var outcome = users.Select(_ => random.Next(4) == 0 ? 1.0 : 0).ToArray();
            var report = InterestDrivers.Of(new Showings(users, [.. users], outcome, new double[600], new DateTime[600], features, []), AsOf);
            if (report.Drivers.Any(driver => driver.WithinQ <= 0.05)) claimed++;
        }

        (claimed / 200.0).ShouldBeLessThan(0.09);
    }

    [Fact]
    public void Windows_that_were_planted_stand_out_for_whom_they_were()
    {
        var (random, rows) = (new Random(1), 12_000);
        int[] users = [.. Enumerable.Range(0, rows).Select(i => i / 4)];
        string[] locales = [.. users.Select(user => user % 3 == 0 ? "en_US" : "id_ID")];
        DateTime[] times = [.. users.Select(_ => new DateTime(2012, 10, 1).AddMinutes(random.Next(1_440)))];
        double[] interested = [.. users.Select((_, i) => random.NextDouble() < (locales[i] == "en_US" && times[i].Hour is >= 18 and < 21 ? 0.5 : 0.2) ? 1.0 : 0)];
        var category = new ShownCategory("locale", "", locales);
        var windows = SendWindows.Of(new Showings(users, [.. Enumerable.Range(0, rows)], interested, new double[rows], times, [], [category]), category);

        // One begins at every hour; those that have some hours of the planted one in them may stand out, too, but no others, and it most of all.
        windows.Count(window => window.Group == "en_US").ShouldBe(24);
        var found = windows.Where(window => window.StandsOut && window.Lift.Slope > 0).ToArray();
        found.ShouldAllBe(window => window.Group != "id_ID" && window.From >= 16 && window.From <= 20);
        found.GroupBy(window => window.Group).Select(group => (group.Key, group.MaxBy(window => window.Lift.Interval.Low)!.From)).ShouldBe([("", 18), ("en_US", 18)]);
        windows.Single(window => window.Group == "" && window.From == 23).To.ShouldBe(2);
        var evening = windows.Single(window => window.Group == "en_US" && window.From == 18);
        evening.Lift.Interval.Covers(0.3).ShouldBeTrue();
        windows.Where(window => window.Group == "").Sum(window => window.Rate.N).ShouldBe(3 * rows);
    }

    [Fact]
    public void Nothing_shown_drives_nothing() =>
        Should.Throw<ArgumentException>(() => InterestDrivers.Of(new Showings([], [], [], [], [], [], []), AsOf));

    /// <summary>Two pages of five a user. What is soon is of interest by .3 more; who has many friends is more easily interested; a locale of one user likes everything.</summary>
    [Fact]
    public void What_goes_together_with_the_bands_of_another_feature_or_with_what_things_have_is_not_claimed()
    {
        var random = new Random(5);
        const int users = 400, onPage = 5, pages = 6, rows = users * onPage * pages;
        var (hours, crowd, appeal, outcome, tagged) = (new double[rows], new double[rows], new double[rows], new double[rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            hours[row] = random.NextDouble() * 400;
            tagged[row] = random.Next(2);
            // Neither along a line nor a square: much at the ends, little between.
            var band = hours[row] < 24 ? 0.3 : hours[row] < 168 ? 0.05 : 0.25;
            crowd[row] = (10 * band) + (4 * random.NextDouble());
            appeal[row] = tagged[row] + random.NextDouble();
            outcome[row] = random.NextDouble() < band + (0.2 * tagged[row]) ? 1 : 0;
        }

        var showings = new Showings(
            [.. Enumerable.Range(0, rows).Select(row => row / (onPage * pages))], [.. Enumerable.Range(0, rows).Select(row => row / onPage)], outcome, new double[rows], new DateTime[rows],
            [new ShownFeature("hours", "to the start", hours, InterestDrivers.HoursToStart), new ShownFeature("crowd", "as the bands have it", crowd), new ShownFeature("appeal", "as the tag has it", appeal)], [])
        {
            Marks = [new ShownFeature("tag", "whether it has it", tagged)],
        };

        var drivers = InterestDrivers.Of(showings, AsOf).Drivers.ToDictionary(driver => driver.Feature);

        foreach (var feature in new[] { "crowd", "appeal" })
        {
            Math.Abs(drivers[feature].Within.Slope).ShouldBeGreaterThan(0.03, feature);
            drivers[feature].AdjustedWithin.Interval.Covers(0).ShouldBeTrue(feature);
            drivers[feature].AdjustedWithinQ.ShouldBeGreaterThan(FalseDiscoveries.Level, feature);
        }

        drivers["hours"].Curve.Count(bin => bin.AdjustedQ <= FalseDiscoveries.Level).ShouldBeGreaterThan(1);
    }

    /// <summary>A page a user, of five things about two days away: the three between one and three days are of interest to every other, the first and the last to every tenth.</summary>
    [Fact]
    public void What_stands_out_but_not_along_a_line_is_told_by_its_band_and_the_time_to_a_start_in_days()
    {
        const int users = 200;
        double[] away = [12, 36, 48, 60, 84];
        var rows = Enumerable.Range(0, users * away.Length).Select(row => (User: row / away.Length, Place: row % away.Length)).ToArray();
        var outcome = Array.ConvertAll(rows, row => away[row.Place] is >= 24 and < 72 ? (row.User + row.Place) % 2 : row.User % 10 == 0 ? 1.0 : 0);
        int[] of = Array.ConvertAll(rows, row => row.User);

        var driver = InterestDrivers.Of(new Showings(of, of, outcome, new double[rows.Length], new DateTime[rows.Length],
            [new ShownFeature("hours_to_start", "to the start", Array.ConvertAll(rows, row => away[row.Place]), InterestDrivers.HoursToStart)], []), AsOf).Drivers.Single();

        driver.Meaning.ShouldContain("it does, but not along a line: at “1 up to 3 days” interest is +40.0 points");
        driver.Curve.Select(bin => CurveBand.Name(driver, bin)).ShouldBe(["up to 24 hours before", "1 up to 3 days", "3 up to 7 days"]);
    }

    [Fact]
    public void What_goes_with_another_all_but_wholly_is_said_to_be_told_apart_by_nothing()
    {
        var random = new Random(4);
        const int rows = 2_000;
        double[] said = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())], came = [.. said.Select(value => value + (0.001 * random.NextDouble()))];
        double[] outcome = [.. said.Select(_ => (double)random.Next(2))];
        int[] users = [.. Enumerable.Range(0, rows).Select(row => row / 10)], pages = [.. Enumerable.Range(0, rows).Select(row => row / 5)];
        ShownFeature Feature(string name, double[] values) => new(name, "", values);

        foreach (var driver in InterestDrivers.Of(new Showings(users, pages, outcome, new double[rows], new DateTime[rows], [Feature("said", said), Feature("came", came)], []), AsOf).Drivers)
            driver.Meaning.ShouldContain("it goes with the others so closely that what it has of its own cannot be told");
        InterestDrivers.Of(new Showings(users, pages, outcome, new double[rows], new DateTime[rows], [Feature("said", said)], []), AsOf).Drivers.Single().Meaning.ShouldNotContain("closely");
    }

    [Fact]
    public void Nothing_that_is_not_known_is_told_as_a_number_in_words()
    {
        // Everything is shown alone; to one user only; and of interest to nobody.
        var random = new Random(3);
        const int rows = 60;
        double[] price = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())], outcome = [.. price.Select(_ => (double)random.Next(2))];
        int[] own = [.. Enumerable.Range(0, rows)], one = new int[rows], pairs = [.. Enumerable.Range(0, rows).Select(row => row / 2)];
        string Meaning(int[] users, int[] pages, double[] interested) => InterestDrivers.Of(
            new Showings(users, pages, interested, new double[rows], new DateTime[rows], [new ShownFeature("price", "what it costs", price)], []), AsOf).Drivers.Single().Meaning;

        Meaning(own, own, outcome).ShouldContain("Nothing of which it is known was shown together with anything else");
        foreach (var meaning in new[] { Meaning(own, own, outcome), Meaning(one, pairs, outcome), Meaning(pairs, pairs, new double[rows]) }) meaning.ShouldNotContain("NaN");
    }

    private static Showings Made(int users, int seed)
    {
        var random = new Random(seed);
        var (of, pages, soon, noise, friends, outcome, locales) =
            (new List<int>(), new List<int>(), new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<string>());
        for (var user = 0; user < users; user++)
        {
            var (many, locale) = (random.NextDouble(), user == 0 ? "tiny" : user % 4 == 0 ? "keen" : "large");
            for (var row = 0; row < 10; row++)
            {
                var isSoon = random.Next(2);
                of.Add(user);
                pages.Add((2 * user) + (row / 5));
                soon.Add(isSoon);
                noise.Add(random.NextDouble());
                friends.Add(many);
                locales.Add(locale);
                outcome.Add(user == 0 || random.NextDouble() < 0.1 + (0.3 * isSoon) + (0.2 * many) + (locale == "keen" ? 0.15 : 0) ? 1 : 0);
            }
        }

        return new Showings([.. of], [.. pages], [.. outcome], new double[of.Count], new DateTime[of.Count],
        [
            new ShownFeature("soon", "starts soon", [.. soon]), new ShownFeature("noise", "means nothing", [.. noise]), new ShownFeature("friends", "friends in the list", [.. friends]),
        ], [new ShownCategory("locale", "the user's", [.. locales])]);
    }
}
