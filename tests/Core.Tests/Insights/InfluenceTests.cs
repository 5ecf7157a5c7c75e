using Auie.Core.Insights;

namespace Auie.Core.Tests.Insights;

public sealed class InfluenceTests
{
    private const double MostPerLink = 0.3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_reaches_as_many_as_greedy_simulation_to_one_percent(int seed)
    {
        var random = new Random(seed);
        var graph = Random(random, people: 50, links: 90 + (seed * 30));
        var everybody = Enumerable.Range(0, 50).ToArray();
        var chosen = new InfluenceMaximisation(graph, everybody, everybody, new InfluenceOptions { Count = 4, MostPerLink = MostPerLink, Epsilon = 0.05 }).Choose();

        var greedy = new List<int>();
        for (var i = 0; i < 4; i++)
            greedy.Add(everybody.Except(greedy).MaxBy(person => Simulate(graph, [.. greedy, person], 2_000, new Random(7))));
        var (ours, theirs) = (Simulate(graph, [.. chosen.People.Select(one => one.Person)], 30_000, new Random(11)), Simulate(graph, [.. greedy], 30_000, new Random(11)));
        ours.ShouldBeGreaterThan(0.99 * theirs);
        // The reach that is told is the one that comes about: of 30,000 runs the mean is within a third of a person.
        chosen.Reach.ShouldBe(ours, 0.35);
        chosen.People.Sum(one => one.Added).ShouldBe(chosen.Reach, 1e-9);
        chosen.ReachInterval.Covers(chosen.Reach).ShouldBeTrue();
        chosen.Guarantee.ShouldBe(1 - (1 / Math.E) - 0.05, 1e-12);
    }

    [Fact]
    public void No_more_sets_are_drawn_than_may_be_and_nothing_is_promised_of_a_choice_that_they_do_not_prove()
    {
        // Where few are friends of anybody, it takes more sets to prove it the more people there are.
        var graph = Random(new Random(5), people: 5_000, links: 4_000);
        var everybody = Enumerable.Range(0, 5_000).ToArray();
        var chosen = new InfluenceMaximisation(graph, everybody, everybody, new InfluenceOptions { Count = 4, MostSamples = 20_480, Threads = 1 }).Choose();
        chosen.People.Length.ShouldBe(4);
        (chosen.Samples, chosen.Guarantee).ShouldBe((20_480, 0));
    }

    [Fact]
    public void No_more_sets_are_drawn_than_memory_may_take()
    {
        var graph = Random(new Random(5), people: 100_000, links: 80_000);
        var everybody = Enumerable.Range(0, graph.People).ToArray();
        Influencers Within(long bytes) => new InfluenceMaximisation(graph, everybody, everybody, new InfluenceOptions { Count = 4, MostBytes = bytes, MostSamples = 1_048_576 }).Choose();

        // The first are always drawn; each has one person at the least, so that twice as many on either side take more than this.
        var few = Within(1_000_000);
        (few.People.Length, few.Samples, few.Guarantee).ShouldBe((4, 262_144, 0));
        Within(long.MaxValue).Samples.ShouldBeGreaterThan(few.Samples);
    }

    [Fact]
    public void Who_has_no_friends_reaches_themselves_and_is_chosen_where_others_add_less()
    {
        var everybody = Enumerable.Range(0, 100).ToArray();
        var nobody = new InfluenceMaximisation(Graph(100, []), everybody, everybody, new InfluenceOptions { Count = 3 }).Choose();
        (nobody.Reach, nobody.ReachInterval, nobody.Guarantee).ShouldBe((3, new(3, 3), 1 - (1 / Math.E) - 0.1));

        // The second of two friends adds less than one person to the first.
        var pair = new InfluenceMaximisation(Graph(100, [(0, 1)]), everybody, everybody, new InfluenceOptions { Count = 3, MostPerLink = 0.5 }).Choose();
        pair.People[0].Person.ShouldBeInRange(0, 1);
        pair.People[1..].ShouldAllBe(one => one.Person > 1 && one.Added == 1);
        pair.Reach.ShouldBe(3.5, 0.05);
        pair.ReachInterval.Covers(pair.Reach).ShouldBeTrue();
    }

    [Fact]
    public void What_is_promised_is_kept_in_graphs_small_enough_to_try_every_choice()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var graph = Random(new Random(seed), people: 10, links: 12);
            var everybody = Enumerable.Range(0, 10).ToArray();
            var influence = new InfluenceMaximisation(graph, everybody, everybody, new InfluenceOptions { Count = 2, MostPerLink = MostPerLink, Epsilon = 0.3, Seed = (ulong)seed, Threads = 1 });
            var chosen = influence.Choose();
            var best = everybody.SelectMany(a => everybody.Where(b => b > a).Select(b => influence.Measure("any", [a, b]).Reach)).Max();
            chosen.Guarantee.ShouldBeGreaterThan(0);
            chosen.Reach.ShouldBeGreaterThan(chosen.Guarantee * best);
        }
    }

    [Fact]
    public void Where_the_best_choice_is_plain_it_is_made_and_degree_and_pagerank_overlap()
    {
        // Two stars whose middles are friends of the same twenty, and a smaller one apart.
        var links = new List<(int, int)>();
        for (var leaf = 3; leaf < 23; leaf++) links.AddRange([(0, leaf), (1, leaf)]);
        for (var leaf = 23; leaf < 38; leaf++) links.Add((2, leaf));
        var graph = Graph(38, links);
        var everybody = Enumerable.Range(0, 38).ToArray();
        var influence = new InfluenceMaximisation(graph, everybody, everybody, new InfluenceOptions { Count = 2, MostPerLink = 0.5 });

        influence.Choose().People.Select(one => one.Person).Order().ShouldContain(2);
        influence.ByDegree().People.Select(one => one.Person).ShouldBe([0, 1]);
        influence.ByPageRank().People[0].Person.ShouldBe(2);
        influence.Choose().Reach.ShouldBeGreaterThan(influence.ByDegree().Reach);
        var both = influence.ByDegree().People;
        both[1].Added.ShouldBeLessThan(0.8 * both[1].Alone);
    }

    [Fact]
    public void The_seed_decides_and_neither_threads_nor_the_order_of_links_do()
    {
        var random = new Random(3);
        var links = Links(random, 500, 3_000);
        var everybody = Enumerable.Range(0, 500).ToArray();
        var options = new InfluenceOptions { Count = 5, Seed = 9 };
        var first = new InfluenceMaximisation(Graph(500, links), everybody, everybody, options).Choose();
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(links));
        var again = new InfluenceMaximisation(Graph(500, [.. links.Select(link => (link.Item2, link.Item1))]), everybody, everybody, options).Choose();
        again.People.ShouldBe(first.People);
        (again.Reach, again.Samples).ShouldBe((first.Reach, first.Samples));
    }

    [Fact]
    public void Only_who_may_be_asked_is_chosen_and_only_the_audience_counts()
    {
        var random = new Random(4);
        var graph = Random(random, 200, 1_000);
        int[] audience = [.. Enumerable.Range(0, 50)], candidates = [.. Enumerable.Range(100, 20)];
        var chosen = new InfluenceMaximisation(graph, audience, candidates, new InfluenceOptions { Count = 3 }).Choose();
        chosen.People.ShouldAllBe(one => one.Person >= 100 && one.Person < 120);
        chosen.Reach.ShouldBeLessThan(50);
        new InfluenceMaximisation(graph, audience, [], new InfluenceOptions()).Choose().People.ShouldBeEmpty();
    }

    [Fact]
    public void What_cannot_be_is_refused_in_words()
    {
        var graph = Graph(3, [(0, 1)]);
        Should.Throw<ArgumentException>(() => new InfluenceMaximisation(graph, [], [0], new InfluenceOptions())).Message.ShouldContain("Nobody");
        Should.Throw<ArgumentException>(() => new InfluenceMaximisation(graph, [0], [0], new InfluenceOptions { Epsilon = 1 })).Message.ShouldContain("Epsilon");
        Should.Throw<ArgumentException>(() => Graph(3, [(0, 3)])).Message.ShouldContain("Link 0 is of 0 and 3");
    }

    [Fact]
    public void A_graph_holds_each_pair_once_both_ways_however_often_it_is_told()
    {
        var graph = Graph(5, [(0, 1), (1, 0), (0, 1), (2, 2), (3, 0)]);
        (graph.People, graph.Pairs).ShouldBe((5, 2));
        Enumerable.Range(0, 5).Select(person => graph.FriendsOf(person).ToArray()).ShouldBe([[1, 3], [0], [], [0], []]);
    }

    [Fact]
    public void PageRank_solves_its_equation()
    {
        var graph = Random(new Random(5), 60, 90);
        var ranks = PageRank.Of(graph);
        ranks.Sum().ShouldBe(1, 1e-9);
        var lost = Enumerable.Range(0, 60).Where(person => graph.Friends(person) == 0).Sum(person => ranks[person]);
        for (var person = 0; person < 60; person++)
        {
            var sum = 0.0;
            foreach (var friend in graph.FriendsOf(person)) sum += ranks[friend] / graph.Friends(friend);
            ranks[person].ShouldBe((0.15 / 60) + (0.85 * (sum + (lost / 60))), 1e-9);
        }

        PageRank.Of(Graph(0, [])).ShouldBeEmpty();
    }

    /// <summary>Forwards, as a word goes: how many hear it on average.</summary>
    private static double Simulate(FriendGraph graph, int[] told, int runs, Random random)
    {
        var sum = 0L;
        for (var run = 0; run < runs; run++)
        {
            var heard = told.ToHashSet();
            var queue = new Queue<int>(heard);
            while (queue.TryDequeue(out var person))
            {
                foreach (var friend in graph.FriendsOf(person))
                {
                    if (random.NextDouble() < Math.Min(MostPerLink, 1.0 / graph.Friends(friend)) && heard.Add(friend)) queue.Enqueue(friend);
                }
            }

            sum += heard.Count;
        }

        return sum / (double)runs;
    }

    /// <summary>Some have many friends and most have few.</summary>
    private static List<(int, int)> Links(Random random, int people, int links) =>
        [.. Enumerable.Range(0, links).Select(_ => ((int)(people * Math.Pow(random.NextDouble(), 2)), random.Next(people)))];

    private static FriendGraph Random(Random random, int people, int links) => Graph(people, Links(random, people, links));

    private static FriendGraph Graph(int people, List<(int, int)> links) =>
        FriendGraph.Of(people, links.Select(link => link.Item1).ToArray(), links.Select(link => link.Item2).ToArray());
}
