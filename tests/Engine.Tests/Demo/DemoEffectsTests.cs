using Auie.Abstractions;
using Auie.Core.Insights;
using Auie.Core.Items;
using Auie.Core.Statistics;
using Auie.Core.Users;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

/// <summary>
/// What is told of what drives interest, in 200 made worlds. Users, pages and features are those of demo worlds, as a running engine samples them; who is interested in what is drawn anew from
/// known chances, four times in each, so that what every effect is in the long run is known. Forty users are few, and some have much of what there is to learn from: just there intervals are easily too narrow.
/// </summary>
public sealed class DemoEffectsTests
{
    private const int Demos = 50, Draws = 4, Users = 40;

    /// <summary>The odds of interest of those whom little interests, and of all others; half of the users are of either.</summary>
    private const double Hard = 0.1, Easy = 0.8;

    private static readonly DateTimeOffset AsOf = new(2013, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Planted = ["hours_to_start", "price", "distance"];

    private static readonly Lazy<(Showings Showings, DemoTruth Truth)[]> Made = new(() =>
    {
        var worlds = new (Showings, DemoTruth)[Demos];
        Parallel.For(0, Demos, seed => worlds[seed] = Sample(new DemoWorld(new DemoOptions { Users = Users, Seed = seed })));
        return worlds;
    });

    [Fact]
    public void Intervals_cover_what_is_planted_raw_and_within_pages_in_95_of_100_worlds_and_planted_effects_are_found()
    {
        var (covered, told, found) = (new Dictionary<string, int>(), new Dictionary<string, int>(), new Dictionary<string, int>());
        foreach (var (world, (showings, truth)) in Made.Value.Index())
        {
            var factors = FactorsOf(showings, truth);
            double[] chances = [.. factors.Select(factor => (ChanceOf(Hard * factor) + ChanceOf(Easy * factor)) / 2)];
            for (var draw = 0; draw < Draws; draw++)
            {
                var drawn = Drawn(showings, factors, (Draws * world) + draw);
                foreach (var feature in showings.Features)
                {
                    Count($"raw {feature.Name}", Effect.Raw(feature.Values, drawn.Interested, showings.Users), Effect.Raw(feature.Values, chances, showings.Users));
                    Count($"within {feature.Name}", Effect.Within(feature.Values, drawn.Interested, showings.Pages, showings.Users), Effect.Within(feature.Values, chances, showings.Pages, showings.Users));
                }

                if (draw > 0) continue;
                foreach (var driver in InterestDrivers.Of(drawn, AsOf).Drivers.Where(driver => driver.WithinQ <= FalseDiscoveries.Level || driver.Curve.Any(bin => bin.WithinQ <= FalseDiscoveries.Level)))
                    found[driver.Feature] = found.GetValueOrDefault(driver.Feature) + 1;
            }
        }

        foreach (var of in told.Keys.Where(of => Planted.Contains(of.Split(' ')[1])))
            (covered[of] / (double)told[of]).ShouldBeInRange(0.91, 0.99, of);
        foreach (var kind in new[] { "raw", "within" })
        {
            var of = told.Keys.Where(name => name.StartsWith(kind, StringComparison.Ordinal)).ToArray();
            (of.Sum(name => covered[name]) / (double)of.Sum(name => told[name])).ShouldBeInRange(0.94, 0.98, kind);
        }

        // The time to the start works by its bands, and is found by these; of a demo's price and distance more shows along a line.
        (found["hours_to_start"] / (double)Demos).ShouldBeGreaterThan(0.9);
        (found["price"] / (double)Demos).ShouldBeGreaterThan(0.9);
        (found["distance"] / (double)Demos).ShouldBeGreaterThan(0.5);

        void Count(string of, Effect drawn, Effect known)
        {
            if (double.IsNaN(drawn.Interval.Low)) return;
            told[of] = told.GetValueOrDefault(of) + 1;
            covered[of] = covered.GetValueOrDefault(of) + (drawn.Interval.Covers(known.Slope) ? 1 : 0);
        }
    }

    [Fact]
    public void Where_nothing_is_planted_nothing_is_claimed_raw_within_pages_in_the_matrix_or_in_words_but_in_5_of_100_worlds()
    {
        var (raw, within, matrix, words) = (0, 0, 0, 0);
        foreach (var (world, (showings, _)) in Made.Value.Index())
        {
            double[] same = [.. showings.Users.Select(_ => 1.0)];
            for (var draw = 0; draw < Draws; draw++)
            {
                var report = InterestDrivers.Of(Drawn(showings, same, (Draws * world) + draw), AsOf);
                var features = showings.Features.Select(feature => feature.Name).ToHashSet();
                if (report.Drivers.Any(driver => driver.RawQ <= FalseDiscoveries.Level || driver.SpearmanQ <= FalseDiscoveries.Level)) raw++;
                if (report.Drivers.Any(driver => driver.WithinQ <= FalseDiscoveries.Level || driver.Curve.Any(bin => bin.WithinQ <= FalseDiscoveries.Level))) within++;
                if (report.Matrix.Any(pair => pair.First == "interested" && features.Contains(pair.Second) && (pair.PearsonQ <= FalseDiscoveries.Level || pair.SpearmanQ <= FalseDiscoveries.Level))) matrix++;
                if (report.Drivers.Any(driver => driver.Meaning.Contains("comes with", StringComparison.Ordinal) || driver.Meaning.Contains("but not along a line", StringComparison.Ordinal))) words++;
            }
        }

        foreach (var claimed in new[] { raw, within, matrix }) (claimed / (double)(Demos * Draws)).ShouldBeLessThan(0.08);
        // In words two families are told, each with its own chance of being wrong.
        (words / (double)(Demos * Draws)).ShouldBeLessThan(0.13);
    }

    /// <summary>The showings, with interest by chances that follow from each user's own odds and from factors of these.</summary>
    private static Showings Drawn(Showings showings, double[] factors, int seed)
    {
        var random = new Random(seed);
        double[] odds = [.. Enumerable.Range(0, Users).Select(_ => random.Next(2) == 0 ? Hard : Easy)];
        return showings with { Interested = [.. factors.Select((factor, i) => random.NextDouble() < ChanceOf(odds[showings.Users[i]] * factor) ? 1.0 : 0)] };
    }

    private static double ChanceOf(double odds) => odds / (1 + odds);

    /// <summary>By what the demo multiplies the odds of interest in each showing: for the time to the start, the price and the distance.</summary>
    private static double[] FactorsOf(Showings showings, DemoTruth truth)
    {
        var (hours, price, distance) = (Column("hours_to_start"), Column("price"), Column("distance"));
        return [.. Enumerable.Range(0, showings.Count).Select(i =>
            Factor(hours[i], value => truth.TimeFactorOf(value / 24)) * Factor(price[i], value => truth.PriceFactorOf((long)(10_000 * value))) * Factor(distance[i], truth.DistanceFactorOf))];

        double[] Column(string name) => showings.Features.Single(feature => feature.Name == name).Values;
        static double Factor(double value, Func<double, double> of) => double.IsNaN(value) ? 1 : of(value);
    }

    /// <summary>What a running engine would sample of the world.</summary>
    private static (Showings Showings, DemoTruth Truth) Sample(DemoWorld world)
    {
        var (sample, answers) = (new ShowingSample(int.MaxValue), new Dictionary<string, List<ItemEntry>>());
        for (var user = 0; user < world.Users; user++)
        {
            var id = DemoWorld.UserId(user);
            Entry[] entries = [.. world.EventsOf(user).Select(EntryOf)];
            var state = new UserState();
            state.Apply(entries);
            sample.Add(SampledUser.Of(id, state, [new UserRecord(entries)]));
            foreach (var entry in entries.Where(entry => entry.Kind.AnswersItem()))
            {
                if (!answers.TryGetValue(entry.Item!, out var of)) answers.Add(entry.Item!, of = []);
                string[] who = [id];
                of.Add(new ItemEntry
                {
                    MessageId = entry.MessageId, At = entry.At, Yes = entry.Kind == EntryKind.Yes ? who : null, Maybe = entry.Kind == EntryKind.Maybe ? who : null, No = entry.Kind == EntryKind.No ? who : null,
                    Invited = entry.Kind == EntryKind.Invited ? who : null,
                });
            }
        }

        var shown = sample.Items.ToHashSet();
        foreach (var item in world.ItemEvents().Where(item => shown.Contains(item.ItemId)))
        {
            var state = new ItemState();
            state.Apply([new ItemEntry { MessageId = item.MessageId, At = item.At, Traits = item.Traits }, .. answers.GetValueOrDefault(item.ItemId) ?? []]);
            sample.Add(item.ItemId, state);
        }

        return (sample.ToShowings(), world.Truth);
    }

    private static Entry EntryOf(UserEvent sent) => new()
    {
        MessageId = sent.MessageId, At = sent.At, Kind = EntryKinds.Parse(sent.Kind), AnonymousId = sent.AnonymousId, Item = sent.Item, Platform = sent.Platform, Amount = sent.Amount, Traits = sent.Traits,
        FriendsAdded = sent.FriendsAdded,
    };
}
