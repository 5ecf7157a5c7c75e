using System.Diagnostics;
using System.Globalization;
using Auie.Core;
using Auie.Core.Insights;

namespace Auie.Bench;

/// <summary>Influence maximisation on a made graph of friends: 38,000 people and 30 million links unless told otherwise.</summary>
internal static class InfluenceBench
{
    private const int Rounds = 3;

    private const int SmallPeople = 300, SmallLinks = 900, SmallCount = 5, Simulations = 1_000, CheckRuns = 20_000;

    public static Task<IReport> Run(string[] options)
    {
        var (people, links, count) = (Option(options, "--people", 38_000), Option(options, "--links", 30_000_000), Option(options, "--influencers", 50));
        var (first, second) = Made(people, links);
        int[] everybody = [.. Enumerable.Range(0, people)];
        var (build, imm, rank) = (new List<double>(), new List<double>(), new List<double>());
        Influencers? chosen = null, degree = null, pageRank = null;
        FriendGraph? graph = null;
        for (var round = 0; round < Rounds; round++)
        {
            graph = null;
            build.Add(Seconds(() => graph = FriendGraph.Of(people, first, second)));
            var influence = new InfluenceMaximisation(graph!, everybody, everybody, new InfluenceOptions { Count = count });
            // The sets that measure are drawn at the first use, and are IMM's to pay for.
            imm.Add(Seconds(() => chosen = influence.Choose()));
            degree = influence.ByDegree();
            rank.Add(Seconds(() => pageRank = influence.ByPageRank()));
        }

        var (fast, simulated, reaches) = AgainstGreedy();

        return Task.FromResult<IReport>(new Report("Influence maximisation on a graph of friends", "dotnet run -c Release --project bench/Auie.Bench -- influence", Machine.Here, Rounds,
        [
            Measurement.Of("the graph of the lists", "s", build),
            Measurement.Of($"IMM, {count} influencers, epsilon .1", "s", imm),
            Measurement.Of("PageRank", "s", rank),
            Measurement.Of($"IMM on a small graph, {SmallCount} influencers", "s", fast),
            Measurement.Of("greedy by simulation on the same", "s", simulated),
        ],
        [
            Invariant($"{people:N0} people, {links:N0} links as told, {graph!.Pairs:N0} pairs of friends; the process holds {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:N0} MB at the most, the lists with it."),
            Invariant($"Expected reach: IMM {chosen!.Reach:N0} [{chosen.ReachInterval.Low:N0}, {chosen.ReachInterval.High:N0}], most friends {degree!.Reach:N0}, highest PageRank {pageRank!.Reach:N0}; IMM promises {chosen.Guarantee:P0} of the best, from {chosen.Samples:N0} sets."),
            Invariant($"The small graph: {SmallPeople:N0} people, {SmallLinks:N0} links as told. Greedy by simulation ({Simulations:N0} runs a choice, each person who is not chosen tried at each step) takes {simulated.Order().ElementAt(Rounds / 2) / fast.Order().ElementAt(Rounds / 2):N0} times as long as IMM, and reaches {reaches.Greedy:N1} where IMM reaches {reaches.Imm:N1}, by {CheckRuns:N0} other runs."),
        ]));
    }

    /// <summary>IMM beside what it stands in for: greedy choice, where each candidate's reach is simulated. Only small graphs can be so chosen among.</summary>
    private static (List<double> Imm, List<double> Greedy, (double Imm, double Greedy) Reaches) AgainstGreedy()
    {
        var (first, second) = Made(SmallPeople, SmallLinks);
        var graph = FriendGraph.Of(SmallPeople, first, second);
        int[] everybody = [.. Enumerable.Range(0, SmallPeople)];
        var options = new InfluenceOptions { Count = SmallCount };
        var (imm, simulated) = (new List<double>(), new List<double>());
        int[] fast = [], slow = [];
        for (var round = 0; round < Rounds; round++)
        {
            imm.Add(Seconds(() => fast = [.. new InfluenceMaximisation(graph, everybody, everybody, options).Choose().People.Select(one => one.Person)]));
            simulated.Add(Seconds(() =>
            {
                var chosen = new List<int>();
                while (chosen.Count < SmallCount)
                    chosen.Add(everybody.Except(chosen).AsParallel().AsOrdered().Select(person => (person, Reach: Simulate(graph, [.. chosen, person], options.MostPerLink, Simulations, 7))).MaxBy(one => one.Reach).person);
                slow = [.. chosen];
            }));
        }

        return (imm, simulated, (Simulate(graph, fast, options.MostPerLink, CheckRuns, 11), Simulate(graph, slow, options.MostPerLink, CheckRuns, 11)));
    }

    /// <summary>How many hear a word on average, as it goes from friend to friend.</summary>
    private static double Simulate(FriendGraph graph, int[] told, double mostPerLink, int runs, int seed)
    {
        var (random, sum) = (new Random(seed), 0L);
        for (var run = 0; run < runs; run++)
        {
            var heard = told.ToHashSet();
            var queue = new Queue<int>(told);
            while (queue.TryDequeue(out var person))
            {
                foreach (var friend in graph.FriendsOf(person))
                {
                    if (random.NextDouble() < Math.Min(mostPerLink, 1.0 / graph.Friends(friend)) && heard.Add(friend)) queue.Enqueue(friend);
                }
            }

            sum += heard.Count;
        }

        return sum / (double)runs;
    }

    /// <summary>A few have very many friends, and half of all links stay within a thousand neighbours.</summary>
    private static (int[] First, int[] Second) Made(int people, int links)
    {
        var (first, second) = (new int[links], new int[links]);
        Parallel.For(0, links, i =>
        {
            var (a, b, c) = (StableHash.ToUnit(StableHash.OfRow(1, (ulong)i, 0)), StableHash.ToUnit(StableHash.OfRow(1, (ulong)i, 1)), StableHash.ToUnit(StableHash.OfRow(1, (ulong)i, 2)));
            first[i] = (int)(people * a);
            second[i] = c < 0.5 ? (first[i] / 1_000 * 1_000) + (int)(Math.Min(1_000, people - (first[i] / 1_000 * 1_000)) * b) : (int)(people * b * b * b);
        });
        return (first, second);
    }

    private static double Seconds(Action action)
    {
        var since = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static int Option(string[] options, string name, int otherwise) =>
        Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
