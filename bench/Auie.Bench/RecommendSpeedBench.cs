using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client;
using Auie.Core.Ranking;
using Auie.Silo;
using Auie.Silo.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Bench;

/// <summary>
/// How fast recommendations are with very many items: the users of the demo's world, its catalogue and as many further events and products as are asked for, all in one silo; callers are in
/// the same process. A ranker is trained first and ranks.
/// </summary>
internal static class RecommendSpeedBench
{
    private const int ItemsPerCall = 5_000, EventsPerCall = 10_000, EventsOfUser = 40, Candidates = 500, Asked = 4_000;
    private static readonly DateTimeOffset At = new(2012, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Words = ["music", "film", "food", "sport", "art", "books", "games", "travel", "dance", "garden", "science", "theatre"];

    private static readonly (string Name, double Latitude, double Longitude)[] Cities =
    [
        ("Los Angeles  California", 34.05, -118.24), ("New York  New York", 40.71, -74.01), ("Medan  Indonesia", 3.59, 98.67), ("Jakarta  Indonesia", -6.21, 106.85),
        ("Yogyakarta", -7.80, 110.36), ("London", 51.51, -.13), ("Madrid  Spain", 40.42, -3.70), ("Toronto  Ontario", 43.65, -79.38),
    ];

    /// <param name="args">
    /// --users N (38000), --items N (1000000), --seconds N of each measurement (15), --data DIR: a folder that what is loaded is kept in, so that it is there the next time; with --load nothing
    /// more is done.
    /// </param>
    public static async Task<RecommendSpeedReport> Run(string[] args)
    {
        var (users, items, seconds) = (Number("--users", 38_000), Number("--items", 1_000_000), Number("--seconds", 15));
        var kept = Programs.Option(args, "--data");
        var folder = kept ?? Directory.CreateTempSubdirectory("auie-bench-").FullName;
        try
        {
            var isLoaded = Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any();
            await using var silo = await SiloHost.BuildAsync(new SiloSettings
            {
                Data = folder,
                Urls = "http://127.0.0.1:0",
                Overrides = ["--Logging:LogLevel:Default=Warning", "--Store:Synchronous=false", "--Engine:TrainingOccasions=1500"],
            });
            await silo.StartAsync();
            var engine = silo.Services.GetRequiredService<EngineClient>();
            if (!isLoaded) await Load(engine, users, items);
            var report = args.Contains("--load")
                ? new RecommendSpeedReport(Command(), Machine.Here, users, items, 0, 0, 0, "", [], 0, 0, 0)
                : await Measure(engine, users, items, TimeSpan.FromSeconds(seconds), Command());
            await silo.StopAsync();
            return report;
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }

        int Number(string name, int usual) => Programs.Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

        string Command() => $"dotnet run -c Release --project bench/Auie.Bench -- recommend-speed --users {users} --items {items}";
    }

    private static async Task Load(EngineClient engine, int users, int items)
    {
        var world = new DemoWorld(new DemoOptions { Users = users });
        var more = Math.Max(1, items - world.Items.Count);
        await engine.ImportItems([.. world.ItemEvents()], CancellationToken.None);
        for (var from = 0; from < more; from += ItemsPerCall)
        {
            if ((await engine.ImportItems([.. Enumerable.Range(from, Math.Min(ItemsPerCall, more - from)).Select(Further)], CancellationToken.None)).Any(result => result.Refused.Length > 0))
                throw new InvalidOperationException("The engine refused an item.");
        }

        var batch = new List<UserEvent>();
        for (var user = 0; user < users; user++)
        {
            var random = new Random(user);
            batch.AddRange(world.EventsOf(user).Where(one => one.At < At).Take(EventsOfUser));
            batch.AddRange(Enumerable.Range(0, 8).Select(i => new UserEvent
            {
                UserId = DemoWorld.UserId(user), MessageId = $"further{i}", Kind = "interested", At = At.AddMinutes(-1 - random.Next(80_000)), Item = IdOf(random.Next(more)), Platform = "web",
            }));
            if (batch.Count < EventsPerCall && user < users - 1) continue;
            if ((await engine.Append(batch, false, CancellationToken.None)).Any(result => result.Refused.Length > 0)) throw new InvalidOperationException("The engine refused an event.");
            batch.Clear();
        }

        await engine.Flush(CancellationToken.None);
        await Finish(engine, new JobRequest { KMin = 5, KMax = 5, Starts = 2 });
        await Finish(engine, new JobRequest { Kind = JobRequest.Training });
    }

    private static async Task Finish(EngineClient engine, JobRequest request)
    {
        var job = await engine.StartJob(request, CancellationToken.None);
        await foreach (var now in engine.WatchJob(job.Id, CancellationToken.None)) job = now;
        if (job.State is not ("succeeded" or "kept")) throw new InvalidOperationException(job.Error);
    }

    private static string IdOf(int further) => string.Create(CultureInfo.InvariantCulture, $"further-{further:D7}");

    /// <summary>An event or a product of the catalogue's kind: in a city, within sixty days, of one or two words.</summary>
    private static ItemEvent Further(int number)
    {
        var random = new Random(number);
        var traits = new Dictionary<string, string>
        {
            ["kind"] = "product", ["title"] = $"Thing {number}", ["category"] = Words[random.Next(Words.Length)], ["price"] = random.Next(100).ToString(CultureInfo.InvariantCulture),
        };
        if (random.Next(2) == 0) traits["tags"] = Words[random.Next(Words.Length)];
        if (random.Next(10) < 7)
        {
            var city = Cities[random.Next(Cities.Length)];
            traits["kind"] = "event";
            traits["start"] = At.AddMinutes(random.Next(60 * 24 * 60)).ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
            traits["city"] = city.Name;
            traits["lat"] = (city.Latitude + random.NextDouble() - .5).ToString(CultureInfo.InvariantCulture);
            traits["lng"] = (city.Longitude + random.NextDouble() - .5).ToString(CultureInfo.InvariantCulture);
        }

        return new ItemEvent { ItemId = IdOf(number), MessageId = "traits", At = At.AddDays(-90), Traits = traits };
    }

    /// <summary>Two a core.</summary>
    private static int Callers => 2 * Environment.ProcessorCount;

    private static async Task<RecommendSpeedReport> Measure(EngineClient engine, int users, int items, TimeSpan duration, string command)
    {
        var request = new RecommendationRequest { At = At, Record = false };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await engine.Recommend("nobody", request, null, CancellationToken.None);
        var made = watch.Elapsed.TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        string[] ids = [.. Enumerable.Range(0, users).OrderBy(user => (uint)user * 2654435761u).Take(Asked).Select(DemoWorld.UserId)];
        var (candidates, ranker) = (0L, "");
        // Once unmeasured: users become live, and the compiler is done.
        foreach (var id in ids)
        {
            var answer = (await engine.Recommend(id, request, null, CancellationToken.None))!;
            (candidates, ranker) = (candidates + answer.Candidates, answer.Ranker);
        }

        var measured = new List<RecommendLatency>();
        Func<string, Task> read = id => engine.GetUser(id, null, CancellationToken.None);
        Func<string, Task> recommend = id => engine.Recommend(id, request, null, CancellationToken.None);
        foreach (var id in ids) await read(id);
        measured.Add(await Full("read of the user", read, ids, duration / 3, Callers));
        measured.Add(await Full("recommendations, one caller", recommend, ids, duration / 2, callers: 1));
        var full = await Full("recommendations", recommend, ids, duration, Callers);
        measured.Add(full);
        measured.Add(await AtRate("recommendations at half load", recommend, ids, full.PerSecond / 2, duration));
        var scoring = RankingBench.Scoring();
        return new(command, Machine.Here, users, items, made, (double)bytes / items, (double)candidates / ids.Length, ranker, measured, scoring.Trees, scoring.Median, scoring.Slowest);
    }

    /// <summary>As many calls as so many callers make, each the next when it has an answer.</summary>
    private static async Task<RecommendLatency> Full(string what, Func<string, Task> call, string[] ids, TimeSpan duration, int callers)
    {
        var next = 0;
        var memory = Memory.Now();
        var watch = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var own = new List<double>();
            while (watch.Elapsed < duration)
            {
                var start = Stopwatch.GetTimestamp();
                await call(ids[Interlocked.Increment(ref next) % ids.Length]);
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return own;
        })));
        return Latency(what, [.. times.SelectMany(own => own)], watch.Elapsed, memory);
    }

    /// <summary>Calls come by chance, so many a second, whether or not those before have been answered; a call's time begins when it comes.</summary>
    private static async Task<RecommendLatency> AtRate(string what, Func<string, Task> call, string[] ids, double rate, TimeSpan duration)
    {
        var (random, calls, due) = (new Random(1), new List<Task<double>>(), 0.0);
        var memory = Memory.Now();
        var watch = Stopwatch.StartNew();
        // On a thread that sleeps, so that whoever calls takes nothing from those who answer; what it comes too late by is in the call's time.
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            for (var i = 0; due < duration.TotalSeconds; i++)
            {
                due -= Math.Log(1 - random.NextDouble()) / rate;
                while (due > watch.Elapsed.TotalSeconds) Thread.Sleep(1);
                var (came, id) = (due, ids[i % ids.Length]);
                calls.Add(Task.Run(async () =>
                {
                    await call(id);
                    return (watch.Elapsed.TotalSeconds - came) * 1_000;
                }));
            }

            called.SetResult();
        }).Start();
        await called.Task;
        return Latency(what, [.. await Task.WhenAll(calls)], watch.Elapsed, memory);
    }

    private static RecommendLatency Latency(string what, double[] times, TimeSpan elapsed, Memory before)
    {
        var now = Memory.Now();
        Array.Sort(times);
        return new(what, times.Length / elapsed.TotalSeconds, times[times.Length / 2], times[(int)(times.Length * .99)], times[^1],
            (now.Allocated - before.Allocated) / 1024.0 / times.Length, (now.Paused - before.Paused) / elapsed, now.Collections - before.Collections);
    }

    /// <summary>What the garbage collector has done by now.</summary>
    private readonly record struct Memory(long Allocated, TimeSpan Paused, int Collections)
    {
        public static Memory Now() => new(GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration(), GC.CollectionCount(0));
    }
}

/// <summary>How many calls a second there were, and how long they took, in ms; what each allocated, and of the time the share in which the garbage collector held everything, how often.</summary>
public sealed record RecommendLatency(string What, double PerSecond, double Median, double P99, double Most, double Kilobytes, double Paused, int Collections);

/// <summary>What the bench of recommendations' speed found.</summary>
/// <param name="BytesAnItem">Of memory, for the index of all items and of what all users did.</param>
/// <param name="Candidates">In the mean answer.</param>
/// <param name="ScoringMedian">Of scoring 500 candidates by 200 trees, in ms.</param>
public sealed record RecommendSpeedReport(
    string Command, Machine Machine, int Users, int Items, double IndexSeconds, double BytesAnItem, double Candidates, string Ranker, IReadOnlyList<RecommendLatency> Calls,
    int ScoringTrees, double ScoringMedian, double ScoringMost) : IReport
{
    public string ToMarkdown()
    {
        if (Calls.Count == 0) return "Loaded; without --load the next run measures.";
        var text = new StringBuilder();
        text.AppendLine("# Speed of recommendations").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}. {Users:N0} users, {Items:N0} items; the index of all shards was made in {IndexSeconds:F1} s and takes {BytesAnItem:F0} bytes an item, what users did included. {Ranker} ranks {Candidates:F0} candidates on average.").AppendLine();
        text.AppendLine("| what | a second | median ms | p99 ms | most ms | allocated KB | held by the collector | collections |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var one in Calls)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {one.What} | {one.PerSecond:F0} | {one.Median:F3} | {one.P99:F2} | {one.Most:F1} | {one.Kilobytes:F0} | {one.Paused:P1} | {one.Collections} |");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"500 candidates by {ScoringTrees} trees of 50 columns: median {ScoringMedian:F3} ms, at most {ScoringMost:F3} ms.");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.RecommendSpeedReport);
}
