using System.Collections.Concurrent;
using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Insights;
using Auie.Core.Items;
using Auie.Core.Statistics;
using Auie.Core.Users;
using Auie.Silo.Demo;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Demo;

/// <summary>
/// What is told of what drives interest, in 100 draws over 25 made worlds. Users, pages and features are those of demo worlds, as a running engine samples them; who is interested in what is drawn anew from
/// known chances, so that what every effect is in the long run is known. Forty users are few, and some have much of what there is to learn from: just there intervals are easily too narrow. Other worlds, and
/// more, are taken by AUIE_DEMO_WORLDS: the first seed, how many, and draws in each (1000,200,1).
/// </summary>
public sealed class DemoEffectsTests(ITestOutputHelper output)
{
    private const int Users = 40;

    /// <summary>The odds of interest of those whom little interests, and of all others; half of the users are of either.</summary>
    private const double Hard = 0.1, Easy = 0.8;

    private static readonly int[] Chosen = [.. (Environment.GetEnvironmentVariable("AUIE_DEMO_WORLDS") ?? "0,25,4").Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    private static readonly (int First, int Demos, int Draws) Worlds = (Chosen[0], Chosen[1], Chosen[2]);
    private static readonly string[] Planted = ["hours_to_start", "price", "distance"];

    private static readonly Lazy<(Showings Showings, DemoTruth Truth)[]> Made = new(() =>
    {
        var worlds = new (Showings, DemoTruth)[Worlds.Demos];
        Parallel.For(0, worlds.Length, world => worlds[world] = Sample(new DemoWorld(new DemoOptions { Users = Users, Seed = Worlds.First + world })));
        return worlds;
    });

    [Fact]
    public void Intervals_cover_what_is_planted_raw_and_within_pages_in_95_of_100_worlds_and_planted_effects_are_found()
    {
        var (covered, told, found, claims) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>());
        var (wrongWithin, wrongOverAll) = (new double[Worlds.Demos], new double[Worlds.Demos]);
        Parallel.For(0, Worlds.Demos, world =>
        {
            var (showings, truth) = Made.Value[world];
            var factors = FactorsOf(showings, truth);
            double[] chances = [.. factors.Select(factor => (ChanceOf(Hard * factor) + ChanceOf(Easy * factor)) / 2)];
            var known = EffectsOf(showings, chances);
            for (var draw = 0; draw < Worlds.Draws; draw++)
            {
                var drawn = Drawn(showings, factors, world, draw);
                foreach (var (of, effect) in EffectsOf(showings, drawn.Interested))
                {
                    if (double.IsNaN(effect.Interval.Low)) continue;
                    Add(told, of, 1);
                    Add(covered, of, effect.Interval.Covers(known[of].Slope) ? 1 : 0);
                }

                if (draw > 0) continue;
                var drivers = DriversOf(drawn);
                foreach (var driver in drivers.Where(StandsOutWithin)) Add(found, $"{driver.Feature} by itself", 1);
                wrongWithin[world] = Claim([.. drivers.Where(IsClaimedWithin)], "within pages");
                wrongOverAll[world] = Claim([.. drivers.Where(driver => driver.AdjustedRawQ <= FalseDiscoveries.Level)], "over all");
            }
        });

        foreach (var (of, n) in told.OrderBy(one => one.Key, StringComparer.Ordinal)) output.WriteLine($"covered {of}: {covered[of]} of {n}");
        foreach (var (of, n) in found.OrderBy(one => one.Key, StringComparer.Ordinal)) output.WriteLine($"found {of}: {n} of {Worlds.Demos}");
        // To what 100 draws can tell.
        foreach (var of in told.Keys.Where(of => Planted.Contains(of.Split(' ')[1])))
            (covered[of] / (double)told[of]).ShouldBeInRange(0.89, 1, of);
        foreach (var kind in new[] { "raw", "within" })
        {
            var of = told.Keys.Where(name => name.StartsWith(kind, StringComparison.Ordinal)).ToArray();
            var share = of.Sum(name => covered[name]) / (double)of.Sum(name => told[name]);
            output.WriteLine($"covered {kind}: {share:P1}");
            share.ShouldBeInRange(0.94, 0.98, kind);
        }

        // Features that go together with what is planted (how long something has been out, how many came before) are not claimed for it: of what is claimed within pages, and of what is over all, each of which is corrected by itself, no more than 5 of 100 are wrong, to what so few can tell.
        // What the correction bounds is the share of a world's claims that are wrong, on average over worlds.
        foreach (var (where, wrong) in new[] { ("within pages", wrongWithin), ("over all", wrongOverAll) })
        {
            output.WriteLine($"claimed {where}: {claims.GetValueOrDefault($"planted {where}")} planted, {claims.GetValueOrDefault($"not planted {where}")} not; of a world's claims {wrong.Average():P1} are not, ± {1.96 * DeviationOf(wrong) / Math.Sqrt(wrong.Length):P1}, on average");
            wrong.Average().ShouldBeLessThan(0.1, where);
        }

        (claims["not planted within pages"] / (double)(claims["planted within pages"] + claims["not planted within pages"])).ShouldBeLessThan(0.1);

        // The time to the start works by its bands, and is found by these; of a demo's price and distance more shows along a line.
        (found["hours_to_start within pages"] / (double)Worlds.Demos).ShouldBeGreaterThan(0.9);
        (found["price within pages"] / (double)Worlds.Demos).ShouldBeGreaterThan(0.9);
        (found["distance within pages"] / (double)Worlds.Demos).ShouldBeGreaterThan(0.5);

        // The share of these that nobody planted.
        double Claim(Driver[] drivers, string where)
        {
            var (planted, not) = (drivers.Count(driver => Planted.Contains(driver.Feature)), drivers.Count(driver => !Planted.Contains(driver.Feature)));
            Add(claims, $"planted {where}", planted);
            Add(claims, $"not planted {where}", not);
            foreach (var driver in drivers) Add(found, $"{driver.Feature} {where}", 1);
            return planted + not == 0 ? 0 : not / (double)(planted + not);
        }

        static double DeviationOf(double[] values) => Math.Sqrt(values.Sum(value => (value - values.Average()) * (value - values.Average())) / (values.Length - 1));

        static void Add(ConcurrentDictionary<string, int> counts, string of, int more) => counts.AddOrUpdate(of, more, (_, before) => before + more);
    }

    [Fact]
    public void Where_nothing_is_planted_nothing_is_claimed_raw_within_pages_in_the_matrix_or_in_words_but_in_5_of_100_worlds()
    {
        var (raw, within, matrix, words, adjusted) = (0, 0, 0, 0, 0);
        Parallel.For(0, Worlds.Demos, world =>
        {
            var showings = Made.Value[world].Showings;
            double[] same = [.. showings.Users.Select(_ => 1.0)];
            for (var draw = 0; draw < Worlds.Draws; draw++)
            {
                var drawn = Drawn(showings, same, world, draw);
                var (drivers, pairs) = (DriversOf(drawn), MatrixOf(drawn, "interested"));
                Count(ref raw, drivers.Any(driver => driver.RawQ <= FalseDiscoveries.Level || driver.SpearmanQ <= FalseDiscoveries.Level));
                Count(ref within, drivers.Any(StandsOutWithin));
                Count(ref adjusted, drivers.Any(IsClaimedWithin));
                Count(ref matrix, pairs.Any(pair => pair.PearsonQ <= FalseDiscoveries.Level || pair.SpearmanQ <= FalseDiscoveries.Level));
                Count(ref words, drivers.Any(driver => driver.Meaning.Contains("comes with", StringComparison.Ordinal) || driver.Meaning.Contains("but not along a line", StringComparison.Ordinal)));
            }
        });

        var draws = (double)(Worlds.Demos * Worlds.Draws);
        output.WriteLine($"claimed of {draws}: raw {raw}, within {within}, after the others {adjusted}, in the matrix {matrix}, in words {words}");
        foreach (var claimed in new[] { raw, within, adjusted, matrix }) (claimed / draws).ShouldBeLessThan(0.1);
        // In words two families are told, each with its own chance of being wrong.
        (words / draws).ShouldBeLessThan(0.16);

        static void Count(ref int of, bool isClaimed) => Interlocked.Add(ref of, isClaimed ? 1 : 0);
    }

    /// <summary>What of the matrix the test of claims reads is what stands in the whole of it.</summary>
    [Fact]
    public void The_matrix_of_one_outcome_is_that_part_of_the_whole()
    {
        var (showings, _) = Sample(new DemoWorld(new DemoOptions { Users = Users, Seed = Worlds.First }));
        var (whole, features) = (MatrixOf(showings), showings.Features.Select(feature => feature.Name).ToHashSet());
        MatrixOf(showings, "interested").ShouldBe(whole.Where(pair => pair.First == "interested" && features.Contains(pair.Second)));
    }

    private static bool StandsOutWithin(Driver driver) => driver.WithinQ <= FalseDiscoveries.Level || driver.Curve.Any(bin => bin.WithinQ <= FalseDiscoveries.Level);

    /// <summary>What is claimed is so after the other features are taken into account.</summary>
    private static bool IsClaimedWithin(Driver driver) => driver.AdjustedWithinQ <= FalseDiscoveries.Level || driver.Curve.Any(bin => bin.AdjustedQ <= FalseDiscoveries.Level);

    private static Driver[] DriversOf(Showings showings) => InterestDrivers.DriversOf(showings, OneByOne).Result;

    private static CorrelationPair[] MatrixOf(Showings showings, string? of = null) => InterestDrivers.MatrixOf(showings, OneByOne, of).Result;

    /// <summary>Worlds are taken side by side, so that what is in one need not be.</summary>
    private static Task OneByOne(int count, Action<int> step)
    {
        for (var i = 0; i < count; i++) step(i);
        return Task.CompletedTask;
    }

    private static Dictionary<string, Effect> EffectsOf(Showings showings, double[] outcome)
    {
        var effects = new Dictionary<string, Effect>();
        foreach (var feature in showings.Features)
        {
            effects.Add($"raw {feature.Name}", Effect.Raw(feature.Values, outcome, showings.Users));
            effects.Add($"within {feature.Name}", Effect.Within(feature.Values, outcome, showings.Pages, showings.Users));
        }

        return effects;
    }

    /// <summary>The showings, with interest by chances that follow from each user's own odds and from factors of these.</summary>
    private static Showings Drawn(Showings showings, double[] factors, int world, int draw)
    {
        var random = new Random((1_000 * (Worlds.First + world)) + draw);
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
