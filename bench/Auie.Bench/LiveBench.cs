using System.Diagnostics;
using System.Globalization;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Bench;

/// <summary>
/// One shard's live segments: what they take in memory, a user who changes, a page, and time that passes. Core alone, no host and no store.
/// </summary>
internal static class LiveBench
{
    private const int Users = 60_000;
    private const int Changes = 100_000;
    private const int Segments = 6;

    public static Task<Report> Run(string[] args)
    {
        var rounds = args is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 5;
        var found = new List<(string Name, string Unit, double Value)>();
        for (var round = -1; round < rounds; round++)
        {
            var measured = Round(round);
            if (round >= 0)
                found.AddRange(measured);
        }

        return Task.FromResult(new Report(
            "Live segments of a shard",
            "dotnet run -c Release --project bench/Auie.Bench -- live",
            Machine.Here,
            rounds,
            [.. found.GroupBy(one => (one.Name, one.Unit)).Select(one => Measurement.Of(one.Key.Name, one.Key.Unit, [.. one.Select(value => value.Value)]))],
            [
                $"{Users:N0} users by the feature set engagement (12 features, three of which are times), {Segments} segments, in one shard and one thread.",
                "A change gives a user new facts at random, so most of them move to another segment.",
                "Those looked at in a minute are those whom time alone may have moved; the rest is not touched.",
            ]));
    }

    private static List<(string Name, string Unit, double Value)> Round(int seed)
    {
        var found = new List<(string, string, double)>();
        var model = Model();
        var random = new Random(seed + 100);
        var facts = Enumerable.Range(0, Users).Select(_ => Facts(random, model.AsOf)).ToArray();
        var ids = Enumerable.Range(0, Users).Select(user => $"user-{user * 7_919L % 1_000_003:D7}").ToArray();

        var users = new LiveUsers();
        Memory("memory of a user's facts, without the id", () =>
        {
            for (var user = 0; user < Users; user++)
                users.Put(ids[user], 1, facts[user], "en_US");
        });
        LiveSegments live = null!;
        var began = Stopwatch.GetTimestamp();
        Memory("memory of a user's place in a model's segments", () => live = users.Follow(model, model.AsOf));
        found.Add(("all users put into segments, once a version", "ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds));
        Memory("memory of a user's place on the pages, once one was asked for", () => _ = live.Members(0, null).Count());

        var offset = 1L;
        began = Stopwatch.GetTimestamp();
        for (var change = 0; change < Changes; change++)
            users.Put(ids[random.Next(Users)], ++offset, facts[random.Next(facts.Length)], "en_US");
        found.Add(("a user who changes", "µs", Stopwatch.GetElapsedTime(began).TotalMicroseconds / Changes));

        began = Stopwatch.GetTimestamp();
        for (var page = 0; page < 1_000; page++)
            _ = live.Members(page % Segments, ids[random.Next(Users)]).Take(100).Count();
        found.Add(("a page of 100 members, anywhere", "µs", Stopwatch.GetElapsedTime(began).TotalMicroseconds / 1_000));

        const int minutes = 24 * 60;
        var looked = 0L;
        began = Stopwatch.GetTimestamp();
        for (var minute = 1; minute <= minutes; minute++)
            looked += live.Advance(model.AsOf.AddMinutes(minute));
        found.Add(("time goes on by a minute", "µs", Stopwatch.GetElapsedTime(began).TotalMicroseconds / minutes));
        found.Add(("users looked at in a minute, mean of a day", "users", (double)looked / minutes));
        return found;

        void Memory(string name, Action make)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            make();
            found.Add((name, "bytes", (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Users));
        }
    }

    private static SegmentModel Model()
    {
        var features = FeatureSets.BuiltIn.All.Single(set => set.Name == "engagement");
        var columns = features.Count;
        var random = new Random(7);
        double[] Of(Func<Feature, double> value) => [.. features.Features.Select(value)];
        return new SegmentModel
        {
            Version = 1,
            Features = features,
            AsOf = new DateTimeOffset(2012, 12, 1, 0, 0, 0, TimeSpan.Zero),
            Scale = new Scale
            {
                Rows = Users, Raw = false, Missing = new long[columns], Constant = new bool[columns], Exponent = [.. Enumerable.Repeat(4, columns)],
                Fill = Of(feature => feature.Name == "age" ? 30 : 1),
                Mean = Of(feature => feature.Name switch { "age" => 30, "recency" => 30, "tenure" => 400, _ => .5 }),
                Deviation = Of(feature => feature.Name switch { "age" => 10, "recency" => 25, "tenure" => 250, _ => 1 }),
            },
            Centroids = [.. Enumerable.Range(0, Segments * columns).Select(_ => random.NextDouble() * 3 - 1.5)],
            Segments = [.. Enumerable.Range(0, Segments).Select(i => new Segment
            {
                Id = $"s{i}", Persona = $"p{i}", Description = "", Profile = new ClusterProfile(1, [.. new double[columns]], [.. new double[columns]]),
            })],
            IdsGiven = Segments,
            Scores = [],
            Inertia = 0,
            Seed = 0,
        };
    }

    private static double[] Facts(Random random, DateTimeOffset asOf)
    {
        var facts = new double[FactCatalogue.All.Count];
        var now = (asOf - DateTimeOffset.UnixEpoch).TotalSeconds;
        foreach (var (fact, value) in new (Fact, double)[]
        {
            (Fact.BirthYear, random.Next(1950, 2000)), (Fact.Friends, random.Next(200)), (Fact.Answered, random.Next(1, 60)), (Fact.Interested, random.Next(20)),
            (Fact.NotInterested, random.Next(10)), (Fact.Invited, random.Next(30)), (Fact.Yes, random.Next(9)), (Fact.Events, random.Next(500)), (Fact.Platforms, random.Next(1, 4)),
            (Fact.LastSeen, now - random.NextDouble() * 80 * 86_400), (Fact.JoinedAt, now - random.NextDouble() * 900 * 86_400),
        })
            facts[(int)fact] = value;
        return facts;
    }
}
