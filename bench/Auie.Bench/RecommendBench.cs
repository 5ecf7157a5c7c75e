using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client;
using Auie.Silo;
using Auie.Silo.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Bench;

/// <summary>
/// Recommendations on the demo's world, beside popularity: the engine gets what was done before an instant, recommends twenty things at it, and is judged by what
/// people wanted and bought afterwards. Newcomers are those who joined later: of them the engine knows the profile and the friends, and recommends as they join.
/// </summary>
internal static class RecommendBench
{
    private const int Best = 20, Batch = 2_000, MostJudged = 3_000;
    private static readonly DateTimeOffset Cut = new(2012, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<string> Wanting = ["interested", "maybe", "yes", "purchased"];
    private static readonly HashSet<string> Answering = [.. Wanting, "not_interested", "no"];

    /// <param name="args">--users N (38000) and --seed N (1).</param>
    public static async Task<RecommendReport> Run(string[] args)
    {
        var users = int.Parse(Programs.Option(args, "--users") ?? "38000", CultureInfo.InvariantCulture);
        var seed = long.Parse(Programs.Option(args, "--seed") ?? "1", CultureInfo.InvariantCulture);
        var world = new DemoWorld(new DemoOptions { Users = users, Seed = seed });
        var folder = Directory.CreateTempSubdirectory("auie-bench-");
        try
        {
            await using var silo = await SiloHost.BuildAsync(new SiloSettings
            {
                Data = folder.FullName,
                Urls = "http://127.0.0.1:0",
                Overrides = ["--Logging:LogLevel:Default=Warning", "--Store:Synchronous=false"],
            });
            await silo.StartAsync();
            var engine = silo.Services.GetRequiredService<EngineClient>();
            var people = await Load(engine, world);
            var job = await engine.StartJob(new JobRequest { KMin = 5, KMax = 5, Seed = 1 }, CancellationToken.None);
            await foreach (var now in engine.WatchJob(job.Id, CancellationToken.None)) job = now;
            if (job.State != "succeeded") throw new InvalidOperationException(job.Error);

            var popular = new Popularity(world, people);
            var watch = Stopwatch.StartNew();
            await engine.Recommend("nobody", new RecommendationRequest { At = Cut }, null, CancellationToken.None);
            var made = watch.Elapsed.TotalSeconds;
            var known = people.Where(person => person.Joined < Cut).ToArray();
            var results = new List<RecommendResult>
            {
                await Judge(engine, "known users", known, popular, _ => new RecommendationRequest { At = Cut }),
                await Judge(engine, "newcomers", [.. people.Where(person => person.Joined >= Cut)], popular, person => new RecommendationRequest
                {
                    At = person.Joined, SupposedTraits = person.Traits, SupposedEvents = person.Friends is { } friends ? [friends] : null,
                }),
            };
            var latencies = await Latencies(engine, known);
            await silo.StopAsync();
            return new($"dotnet run -c Release --project bench/Auie.Bench -- recommend --users {users} --seed {seed}", Machine.Here, users, world.Items.Count, made, results, latencies);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Sends what was done before the cut, and keeps what was done after it.</summary>
    private static async Task<List<Person>> Load(EngineClient engine, DemoWorld world)
    {
        await engine.ImportItems([.. world.ItemEvents()], CancellationToken.None);
        var people = new List<Person>(world.Users);
        var batch = new List<UserEvent>();
        for (var user = 0; user < world.Users; user++)
        {
            var events = world.EventsOf(user);
            var profile = events.First(one => one.Kind == "identify");
            var person = new Person(DemoWorld.UserId(user), profile.At, profile.Traits!, events.FirstOrDefault(one => one.Kind == "friends"));
            people.Add(person);
            foreach (var one in events)
            {
                if (one.At >= Cut)
                {
                    if (one.Item is { } item && Wanting.Contains(one.Kind))
                        person.Later[item] = person.Later.GetValueOrDefault(item) + (one.Amount ?? 0);
                    continue;
                }

                batch.Add(one);
                if (one.Item is { } before && Answering.Contains(one.Kind)) person.Before[before] = person.Before.GetValueOrDefault(before) || Wanting.Contains(one.Kind);
            }

            if (batch.Count >= Batch || user == world.Users - 1)
            {
                if ((await engine.Append(batch, false, CancellationToken.None)).Any(result => result.Refused.Length > 0))
                    throw new InvalidOperationException("The engine refused an event.");
                batch.Clear();
            }
        }

        await engine.Flush(CancellationToken.None);
        return people;
    }

    private static async Task<RecommendResult> Judge(
        EngineClient engine, string who, Person[] people, Popularity popular, Func<Person, RecommendationRequest> ask)
    {
        var (judged, recall, popularRecall, revenue, popularRevenue, all) = (0, 0.0, 0.0, 0L, 0L, 0L);
        foreach (var person in people)
        {
            var request = ask(person);
            // What could have been recommended then: live, and neither answered nor bought before.
            var relevant = person.Later.Where(item => popular.IsLive(item.Key, request.At!.Value) && !person.Before.ContainsKey(item.Key)).ToDictionary();
            if (relevant.Count == 0) continue;
            var found = (await engine.Recommend(person.Id, request with { Count = Best, Record = false }, null, CancellationToken.None))!.Items.Select(item => item.Id);
            var (hits, money) = Hits(relevant, found);
            var (popularHits, popularMoney) = Hits(relevant, popular.Best(person, request.At!.Value, Best));
            recall += (double)hits / relevant.Count;
            popularRecall += (double)popularHits / relevant.Count;
            (revenue, popularRevenue, all) = (revenue + money, popularRevenue + popularMoney, all + relevant.Values.Sum());
            if (++judged == MostJudged) break;
        }

        return new(who, judged, recall / judged, popularRecall / judged, (double)revenue / all, (double)popularRevenue / all);
    }

    private static (int Hits, long Money) Hits(Dictionary<string, long> relevant, IEnumerable<string> items)
    {
        var hits = items.Where(relevant.ContainsKey).ToArray();
        return (hits.Length, hits.Sum(item => relevant[item]));
    }

    private static async Task<RecommendLatency[]> Latencies(EngineClient engine, Person[] people)
    {
        var found = new List<RecommendLatency>();
        foreach (var callers in new[] { 1, 8 })
        {
            foreach (var (what, call) in new (string, Func<string, Task>)[]
            {
                ("read of the user", id => engine.GetUser(id, null, CancellationToken.None)),
                ("recommendations", id => engine.Recommend(id, new RecommendationRequest { At = Cut, Record = false }, null, CancellationToken.None)),
                ("recommendations, recorded", id => engine.Recommend(id, new RecommendationRequest { At = Cut }, null, CancellationToken.None)),
            })
            {
                // Once unmeasured: users become live, and the compiler is done.
                for (var i = 0; i < 1_000; i++) await call(people[i % people.Length].Id);
                var times = new double[4_000];
                var watch = Stopwatch.StartNew();
                await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
                {
                    for (var i = caller; i < times.Length; i += callers)
                    {
                        var start = Stopwatch.GetTimestamp();
                        await call(people[i % 1_000 % people.Length].Id);
                        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    }
                })));
                var seconds = watch.Elapsed.TotalSeconds;
                Array.Sort(times);
                found.Add(new(what, callers, times.Length / seconds, times[times.Length / 2], times[times.Length * 99 / 100]));
            }
        }

        return [.. found];
    }

    /// <summary>What is known of somebody before and after the cut; later, with what was paid.</summary>
    private sealed record Person(string Id, DateTimeOffset Joined, Dictionary<string, string> Traits, UserEvent? Friends)
    {
        public Dictionary<string, bool> Before { get; } = [];
        public Dictionary<string, long> Later { get; } = [];
    }

    /// <summary>The items by how many people wanted them before the cut.</summary>
    private sealed class Popularity
    {
        private readonly Dictionary<string, DemoItem> _items;
        private readonly string[] _order;

        public Popularity(DemoWorld world, List<Person> people)
        {
            _items = world.Items.ToDictionary(item => item.Id);
            var wanted = new Dictionary<string, int>();
            foreach (var item in people.SelectMany(person => person.Before).Where(item => item.Value))
                wanted[item.Key] = wanted.GetValueOrDefault(item.Key) + 1;
            _order = [.. _items.Keys.OrderByDescending(item => wanted.GetValueOrDefault(item)).ThenBy(item => item, StringComparer.Ordinal)];
        }

        public bool IsLive(string item, DateTimeOffset at) => _items[item].Start is not { } start || start > at;

        public IEnumerable<string> Best(Person person, DateTimeOffset at, int count) =>
            _order.Where(item => IsLive(item, at) && !person.Before.ContainsKey(item)).Take(count);
    }
}

/// <summary>How good twenty recommendations were, beside the twenty most popular: the mean share of what each wanted later, and the share of all money that was paid later.</summary>
public sealed record RecommendResult(string Who, int Users, double Recall, double PopularRecall, double Revenue, double PopularRevenue);

/// <summary>How long a call took with so many callers at once, in ms.</summary>
public sealed record RecommendLatency(string What, int Callers, double PerSecond, double Median, double P99);

/// <summary>What the bench of recommendations found.</summary>
public sealed record RecommendReport(
    string Command, Machine Machine, int Users, int Items, double IndexSeconds, IReadOnlyList<RecommendResult> Results, IReadOnlyList<RecommendLatency> Latencies) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Recommendations on the demo's world").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}. {Users:N0} users, {Items:N0} items; the index of all shards was made in {IndexSeconds:F1} s.").AppendLine();
        text.AppendLine("| who | users | recall@20 | of popularity | ratio | revenue@20 | of popularity | ratio |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var one in Results)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Who} | {one.Users:N0} | {one.Recall:F4} | {one.PopularRecall:F4} | {one.Recall / one.PopularRecall:F2} | {one.Revenue:F4} | {one.PopularRevenue:F4} | {one.Revenue / one.PopularRevenue:F2} |");
        text.AppendLine().AppendLine("| what | callers | a second | median ms | p99 ms |").AppendLine("|---|---|---|---|---|");
        foreach (var one in Latencies)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {one.What} | {one.Callers} | {one.PerSecond:F0} | {one.Median:F2} | {one.P99:F2} |");
        text.AppendLine().AppendLine("- The engine had what was done before 25 November 2012 and was judged by what was wanted and bought later, of what could be recommended then.");
        text.AppendLine("- Newcomers joined later: the engine had their profiles and friends. Popularity is the number of people who wanted an item before; both leave out what is past or answered.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.RecommendReport);
}
