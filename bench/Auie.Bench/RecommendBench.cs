using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auie.Abstractions;
using Auie.Client;
using Auie.Core.Ranking;
using Auie.Silo;
using Auie.Silo.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Bench;

/// <summary>
/// Recommendations on the demo's world, beside popularity: the engine gets what was done before an instant, recommends twenty things at it, and is judged by what
/// people wanted and bought afterwards. Newcomers are those who joined later: of them the engine knows the profile and the friends, and recommends as they join. Both are asked about once more
/// as of when they first came afterwards, which is when something would be recommended to them; the engine knows no more by then.
/// </summary>
internal static class RecommendBench
{
    private const int Best = 20, Batch = 2_000, MostJudged = 3_000;
    private static readonly DateTimeOffset Cut = new(2012, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<string> Wanting = ["interested", "maybe", "yes", "purchased"];
    private static readonly HashSet<string> Answering = [.. Wanting, "not_interested", "no"];

    /// <param name="args">
    /// --users N (3000), --seeds N (3) and --first N (1): worlds of so many seeds, each judged by itself, and all together. --data DIR: a folder in which what is loaded is kept, so that it is
    /// there the next time; a training is made each time. --occasions N: at how many is learnt and judged, and --price-weight N: how much a price counts, where not the engine's usual.
    /// </param>
    public static async Task<RecommendReport> Run(string[] args)
    {
        var users = int.Parse(Programs.Option(args, "--users") ?? "3000", CultureInfo.InvariantCulture);
        var seeds = int.Parse(Programs.Option(args, "--seeds") ?? "3", CultureInfo.InvariantCulture);
        var first = int.Parse(Programs.Option(args, "--first") ?? "1", CultureInfo.InvariantCulture);
        var worlds = new List<RecommendWorld>();
        for (var seed = first; seed < first + seeds; seed++) worlds.Add(await Judge(new DemoWorld(new DemoOptions { Users = users, Seed = seed }), seed, Programs.Option(args, "--data"),
            [.. Setting("--occasions", "TrainingOccasions"), .. Setting("--price-weight", "PriceWeight")]));
        string[] Setting(string option, string name) => Programs.Option(args, option) is { } value ? [$"--Engine:{name}={value}"] : [];
        return new($"dotnet run -c Release --project bench/Auie.Bench -- recommend --users {users} --seeds {seeds}{(first == 1 ? "" : $" --first {first}")}", Machine.Here, users, worlds);
    }

    private static async Task<RecommendWorld> Judge(DemoWorld world, int seed, string? kept, string[] settings)
    {
        var folder = kept is null ? Directory.CreateTempSubdirectory("auie-bench-") : Directory.CreateDirectory(Path.Combine(kept, $"{world.Users}-{seed}"));
        try
        {
            var isLoaded = folder.EnumerateFiles().Any();
            await using var silo = await SiloHost.BuildAsync(new SiloSettings
            {
                Data = folder.FullName,
                Urls = "http://127.0.0.1:0",
                Overrides = ["--Logging:LogLevel:Default=Warning", "--Store:Synchronous=false", .. settings],
            });
            await silo.StartAsync();
            var engine = silo.Services.GetRequiredService<EngineClient>();
            var people = await Load(engine, world, isLoaded);
            if (!isLoaded) await Finish(engine, new JobRequest { KMin = 5, KMax = 5, Seed = 1 });
            var popular = new Popularity(world, people);
            var known = people.Where(person => person.Joined < Cut).ToArray();
            var newcomers = people.Where(person => person.Joined >= Cut).ToArray();
            // What an earlier run left is no yardstick.
            await engine.RollBackRanker(0, CancellationToken.None);
            var watch = Stopwatch.StartNew();
            var trained = (await Finish(engine, new JobRequest { Kind = JobRequest.Training })).Trained!;
            var seconds = watch.Elapsed.TotalSeconds;
            var results = new List<RecommendResult>();
            foreach (var ranker in trained.Version is { } version ? new[] { "baseline", $"ranker-{version}" } : ["baseline"])
            {
                results.Add(await Judge(engine, "known users, at the cut", ranker, known, popular, _ => new RecommendationRequest { At = Cut }));
                results.Add(await Judge(engine, "known users, as they come", ranker, known, popular, person => new RecommendationRequest { At = person.Came ?? Cut }));
                results.Add(await Judge(engine, "newcomers, as they join", ranker, newcomers, popular, person => Newcomer(person, person.Joined)));
                results.Add(await Judge(engine, "newcomers, as they come", ranker, newcomers, popular, person => Newcomer(person, person.Came ?? person.Joined)));
            }

            await silo.StopAsync();
            return new(seed, world.Items.Count, seconds, trained.Figures, results);
        }
        finally
        {
            if (kept is null) folder.Delete(recursive: true);
        }
    }

    private static RecommendationRequest Newcomer(Person person, DateTimeOffset at) =>
        new() { At = at, SupposedTraits = person.Traits, SupposedEvents = person.Friends is { } friends ? [friends] : null };

    private static async Task<JobView> Finish(EngineClient engine, JobRequest request)
    {
        var job = await engine.StartJob(request, CancellationToken.None);
        await foreach (var now in engine.WatchJob(job.Id, CancellationToken.None)) job = now;
        return job.State is "succeeded" or "kept" ? job : throw new InvalidOperationException(job.Error);
    }

    /// <summary>Sends what was done before the cut, and keeps what was done after it.</summary>
    private static async Task<List<Person>> Load(EngineClient engine, DemoWorld world, bool isLoaded)
    {
        if (!isLoaded) await engine.ImportItems([.. world.ItemEvents()], CancellationToken.None);
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
                    if (one.Kind == "shown" && one.At >= profile.At) person.Came ??= one.At;
                    if (one.Item is { } item && Wanting.Contains(one.Kind))
                        person.Later[item] = person.Later.GetValueOrDefault(item) + (one.Amount ?? 0);
                    continue;
                }

                batch.Add(one);
                if (one.Item is { } before && Answering.Contains(one.Kind)) person.Before[before] = person.Before.GetValueOrDefault(before) || Wanting.Contains(one.Kind);
            }

            if (batch.Count >= Batch || user == world.Users - 1)
            {
                if (!isLoaded && (await engine.Append(batch, false, CancellationToken.None)).Any(result => result.Refused.Length > 0))
                    throw new InvalidOperationException("The engine refused an event.");
                batch.Clear();
            }
        }

        await engine.Flush(CancellationToken.None);
        return people;
    }

    private static async Task<RecommendResult> Judge(
        EngineClient engine, string who, string ranker, Person[] people, Popularity popular, Func<Person, RecommendationRequest> ask)
    {
        var outcomes = new List<RecommendOutcome>();
        foreach (var person in people)
        {
            var request = ask(person);
            // What could have been recommended then: live, and neither answered nor bought before.
            var relevant = person.Later.Where(item => popular.IsLive(item.Key, request.At!.Value) && !person.Before.ContainsKey(item.Key)).ToDictionary();
            if (relevant.Count == 0) continue;
            var found = (await engine.Recommend(person.Id, request with { Count = Best, Record = false, Ranker = ranker }, null, CancellationToken.None))!.Items.Select(item => item.Id);
            var (hits, money) = Hits(relevant, found);
            var (popularHits, popularMoney) = Hits(relevant, popular.Best(person, request.At!.Value, Best));
            outcomes.Add(new((double)hits / relevant.Count, (double)popularHits / relevant.Count, money, popularMoney, relevant.Values.Sum()));
            if (outcomes.Count == MostJudged) break;
        }

        return new(who, ranker.StartsWith("ranker-", StringComparison.Ordinal) ? "trained" : ranker, outcomes);
    }

    private static (int Hits, long Money) Hits(Dictionary<string, long> relevant, IEnumerable<string> items)
    {
        var hits = items.Where(relevant.ContainsKey).ToArray();
        return (hits.Length, hits.Sum(item => relevant[item]));
    }

    /// <summary>What is known of somebody before and after the cut; later, with what was paid.</summary>
    private sealed record Person(string Id, DateTimeOffset Joined, Dictionary<string, string> Traits, UserEvent? Friends)
    {
        /// <summary>When something was first shown to them after the cut, and after they joined.</summary>
        public DateTimeOffset? Came { get; set; }

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

/// <summary>Of one user the share that was found of what they wanted later, by the ranker and by popularity, the money that they paid for what was found, and all that they paid.</summary>
public readonly record struct RecommendOutcome(double Recall, double PopularRecall, double Revenue, double PopularRevenue, double Paid);

/// <summary>How good twenty recommendations by a ranker were, beside the twenty most popular: the mean share of what each wanted later, and the share of all money that was paid later.</summary>
public sealed record RecommendResult(string Who, string Ranker, [property: JsonIgnore] IReadOnlyList<RecommendOutcome> Outcomes)
{
    public int Users => Outcomes.Count;
    public double Recall => Outcomes.Average(one => one.Recall);
    public double PopularRecall => Outcomes.Average(one => one.PopularRecall);
    public double Revenue => Outcomes.Sum(one => one.Revenue) / Outcomes.Sum(one => one.Paid);
    public double PopularRevenue => Outcomes.Sum(one => one.PopularRevenue) / Outcomes.Sum(one => one.Paid);

    /// <summary>How many times popularity's they are; by users drawn anew.</summary>
    public BootstrapInterval RecallRatio => PairedBootstrap.Ratio([.. Outcomes.Select(one => one.Recall)], [.. Outcomes.Select(one => one.PopularRecall)]);
    public BootstrapInterval RevenueRatio => PairedBootstrap.Ratio([.. Outcomes.Select(one => one.Revenue)], [.. Outcomes.Select(one => one.PopularRevenue)]);
}

/// <summary>What was found on the world of one seed: how long the training took and how it judged itself, and how recommendations did.</summary>
public sealed record RecommendWorld(int Seed, int Items, double TrainingSeconds, RankerFigures? Trained, IReadOnlyList<RecommendResult> Results);

/// <summary>What the bench of recommendations found.</summary>
public sealed record RecommendReport(string Command, Machine Machine, int Users, IReadOnlyList<RecommendWorld> Worlds) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Recommendations on the demo's world").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}. Worlds of {Users:N0} users and {Worlds[0].Items:N0} items each.").AppendLine();
        text.AppendLine("| seed | who | ranker | users | recall@20 | of popularity | ratio, 95 % | revenue@20 | of popularity | ratio, 95 % |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var world in Worlds)
        {
            foreach (var one in world.Results) Add(world.Seed.ToString(CultureInfo.InvariantCulture), one);
        }

        foreach (var alike in Worlds.SelectMany(world => world.Results).GroupBy(one => (one.Who, one.Ranker)))
            Add("all", new RecommendResult(alike.Key.Who, alike.Key.Ranker, [.. alike.SelectMany(one => one.Outcomes)]));

        void Add(string seed, RecommendResult one) => text.AppendLine(CultureInfo.InvariantCulture, $"| {seed} | {one.Who} | {one.Ranker} | {one.Users:N0} | {one.Recall:F4} | {one.PopularRecall:F4} | {Ratio(one.RecallRatio)} | {one.Revenue:F4} | {one.PopularRevenue:F4} | {Ratio(one.RevenueRatio)} |");

        static string Ratio(BootstrapInterval of) => string.Create(CultureInfo.InvariantCulture, $"{of.Mean:F2} [{of.Low:F2}, {of.High:F2}]");

        text.AppendLine().AppendLine("| seed | trained in s | learnt by | trees | occasions | rows | judged by users | NDCG@10 | of the baseline | better by, 95 % |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var world in Worlds)
        {
            if (world.Trained is { } learnt)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {world.Seed} | {world.TrainingSeconds:F1} | {learnt.Objective} | {learnt.Trees} | {learnt.Occasions:N0} | {learnt.Rows:N0} | {learnt.Users:N0} | {learnt.Ndcg:F4} | {learnt.Baseline:F4} | {learnt.OverBaseline.Mean:F4} [{learnt.OverBaseline.Low:F4}, {learnt.OverBaseline.High:F4}] |");
        }

        text.AppendLine().AppendLine("- The engine had what was done before 25 November 2012 and was judged by what was wanted and bought later, of what could be recommended then.");
        text.AppendLine("- As they come: as of when something was first shown to them afterwards, on what was known at the cut; that is when something would be recommended to them, and what a ranker learns.");
        text.AppendLine("- Newcomers joined later: the engine had their profiles and friends. Popularity is the number of people who wanted an item before; both leave out what is past or answered. Intervals are by users drawn anew.");
        text.AppendLine("- `trained` is what `auie train` published after that; its NDCG is of occasions before 25 November that it did not learn from.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.RecommendReport);
}
