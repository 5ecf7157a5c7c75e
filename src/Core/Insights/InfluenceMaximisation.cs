using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>How influencers are chosen.</summary>
public sealed record InfluenceOptions
{
    /// <summary>How many.</summary>
    public int Count { get; init; } = 20;

    /// <summary>By how much less than 1 - 1/e of the best possible reach is put up with.</summary>
    public double Epsilon { get; init; } = 0.1;

    /// <summary>The guarantee holds but with a chance of one in the size of the audience to this power.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>The largest chance that a word passes from one friend to another, however few friends that one has.</summary>
    public double MostPerLink { get; init; } = 0.1;

    /// <summary>How many sets are drawn at the most. Where so many do not prove the guarantee, nothing is promised of the choice.</summary>
    public long MostSamples { get; init; } = 10_000_000;

    /// <summary>
    /// How much memory sets may take, in bytes: no more are drawn than are expected to fit, but for those without which nothing is chosen. Where so many do not prove the guarantee, nothing is promised of the choice.
    /// </summary>
    public long MostBytes { get; init; } = long.MaxValue;

    /// <summary>On how many threads of the pool sets are drawn; -1 for as many as there are cores, 1 for the caller's alone.</summary>
    public int Threads { get; init; } = -1;

    public ulong Seed { get; init; } = 1;
}

/// <summary>Somebody who carries a word.</summary>
/// <param name="Alone">How many of the audience they are expected to reach by themselves.</param>
/// <param name="Added">How many more than those before them in the list: the overlap is taken out.</param>
public sealed record Influencer(int Person, int Friends, double Alone, double Added);

/// <summary>People chosen to carry a word, and whom they are expected to reach.</summary>
/// <param name="Method">"imm", "degree" or "pagerank".</param>
/// <param name="Reach">Expected, of the audience.</param>
/// <param name="Guarantee">The share of the best possible reach that this is at least; 0 where nothing is promised.</param>
/// <param name="Samples">How many sets the choice was made from.</param>
public sealed record Influencers(string Method, Influencer[] People, double Reach, Interval ReachInterval, double Guarantee, long Samples);

/// <summary>
/// Whom to tell something so that it reaches most: influence maximisation via martingales (IMM: Tang, Shi and Xiao, SIGMOD 2015), beside the people with
/// most friends and those with the highest PageRank. A word passes from friend to friend by the weighted cascade (<see cref="ReachSets"/>). The
/// reach is at least 1 - 1/e - epsilon of the best possible, but for a small chance. How many sets that takes is not reckoned for the worst of graphs beforehand, as IMM
/// does, but seen: they are doubled until sets that had no part in choosing prove it (OPIM-C: Tang, Tang, Xiao and Yuan, SIGMOD 2018).
/// </summary>
public sealed class InfluenceMaximisation
{
    /// <summary>Sets by which the reach is measured, other than those by which the choice is made.</summary>
    private const int Measured = 200_000;

    /// <summary>Fewer choose no better for being enough: where some are as good as others, it takes more to tell them apart.</summary>
    private const int FewestSamples = 262_144;

    /// <summary>About how much memory somebody takes meanwhile, with their id: and each link as it is told, until the graph is made of them.</summary>
    public const int BytesOfPerson = 200, BytesOfLink = 40;

    private const int Judging = 1, Choosing = 2, Measuring = 3;

    private readonly FriendGraph _graph;
    private readonly int[] _audience, _candidates;

    /// <summary>Those of the audience who have friends, of whom alone sets are drawn: who has none is reached by nobody else, and that needs no drawing.</summary>
    private readonly int[] _linked;

    private readonly HashSet<int> _alone;
    private readonly InfluenceOptions _options;
    private readonly Lazy<ReachSets> _measured;

    /// <param name="audience">Who is to be reached.</param>
    /// <param name="candidates">Who may be asked: those who consented and can be told.</param>
    /// <exception cref="ArgumentException">The audience is empty, or an option is out of range.</exception>
    public InfluenceMaximisation(FriendGraph graph, int[] audience, int[] candidates, InfluenceOptions options)
    {
        if (audience.Length == 0) throw new ArgumentException("Nobody is to be reached.", nameof(audience));
        if (options.Count < 1) throw new ArgumentException($"{options.Count} influencers cannot be chosen; 1 at least.", nameof(options));
        if (!(options.Epsilon is > 0 and < 1)) throw new ArgumentException($"Epsilon must be between 0 and 1, not {options.Epsilon}.", nameof(options));
        if (!(options.MostPerLink is > 0 and <= 1)) throw new ArgumentException($"The chance of a link must be above 0 and at most 1, not {options.MostPerLink}.", nameof(options));
        (_graph, _audience, _candidates, _options) = (graph, audience, candidates, options);
        _linked = Array.FindAll(audience, person => graph.Friends(person) > 0);
        _alone = [.. audience.Where(person => graph.Friends(person) == 0)];
        _measured = new Lazy<ReachSets>(() =>
        {
            var sets = Sets(Measuring);
            sets.DrawTo(Measured);
            return sets;
        });
    }

    /// <summary>By reverse-reachable sets, as many as the guarantee takes.</summary>
    public Influencers Choose()
    {
        var k = Math.Min(_options.Count, _candidates.Length);
        if (k == 0) return new Influencers("imm", [], 0, new Interval(0, 0), 0, 0);
        var promised = 1 - (1 / Math.E) - _options.Epsilon;
        int[] alone = [.. _candidates.Where(_alone.Contains)];
        if (_linked.Length == 0) return Measure("imm", [.. alone.Take(k)], promised);
        int[] linked = [.. _candidates.Where(person => _graph.Friends(person) > 0)];
        var fewest = Math.Min(FewestSamples, _options.MostSamples);
        var tries = 1 + Math.Ceiling(Math.Log2((double)_options.MostSamples / fewest));
        // Each try judges from both sides, and all of them together may be wrong with the chance that is left to them.
        var doubt = Math.Log(2 * tries) + (_options.Confidence * Math.Log(Math.Max(_audience.Length, 2)));
        var (choosing, judging) = (Sets(Choosing), Sets(Judging));
        for (var count = fewest; ; count = Math.Min(2 * count, _options.MostSamples))
        {
            choosing.DrawTo(count);
            judging.DrawTo(count);
            var (chosen, _, best) = choosing.Cover(linked, alone, k);
            var certain = (double)judging.Count / _linked.Length * chosen.Count(_alone.Contains);
            var isProven = certain + AtLeast(judging.Measure(chosen).Added.Sum(), doubt) >= promised * AtMost(best, doubt);
            // Twice as many take twice as much, on both sides; and those by which it is measured are drawn as the others are.
            var measuring = judging.Bytes * Measured / judging.Count;
            var isFull = (2 * (choosing.Bytes + choosing.BytesToCover + judging.Bytes)) + measuring > _options.MostBytes;
            if (isProven || isFull || count == _options.MostSamples)
                return Measure("imm", chosen, isProven ? promised : 0, choosing.Count);
        }
    }

    /// <summary>Those with most friends.</summary>
    public Influencers ByDegree() => Highest("degree", person => _graph.Friends(person));

    /// <summary>Those with the highest PageRank.</summary>
    public Influencers ByPageRank()
    {
        var ranks = PageRank.Of(_graph);
        return Highest("pagerank", person => ranks[person]);
    }

    /// <summary>What people are expected to reach, in the order in which they are told.</summary>
    public Influencers Measure(string method, int[] people, double guarantee = 0, long samples = 0)
    {
        var certain = Array.ConvertAll(people, person => _alone.Contains(person) ? 1.0 : 0);
        var (added, alone, scale, reach) = (certain, certain, 0.0, new Interval(0, 0));
        if (_linked.Length > 0)
        {
            var sets = _measured.Value;
            var (inSets, inSetsAlone) = sets.Measure(people);
            scale = (double)_linked.Length / sets.Count;
            var interval = Rate.Of(inSets.Sum(), sets.Count).Interval;
            (added, alone) = ([.. inSets.Zip(certain, (of, one) => one + (of * scale))], [.. inSetsAlone.Zip(certain, (of, one) => one + (of * scale))]);
            reach = new Interval(interval.Low * _linked.Length, interval.High * _linked.Length);
        }

        return new Influencers(method, [.. people.Select((person, i) => new Influencer(person, _graph.Friends(person), alone[i], added[i]))],
            added.Sum(), new Interval(reach.Low + certain.Sum(), reach.High + certain.Sum()), guarantee, samples);
    }

    private Influencers Highest(string method, Func<int, double> score) =>
        Measure(method, [.. _candidates.OrderByDescending(score).ThenBy(person => person).Take(_options.Count)]);

    private ReachSets Sets(int purpose) => new(_graph, _linked, _options.MostPerLink, _options.Threads, StableHash.Derive(_options.Seed, (ulong)purpose));

    /// <summary>How many sets are expected to hold one of a choice at the least, where so many do that had no part in choosing it.</summary>
    private static double AtLeast(double held, double doubt)
    {
        var root = Math.Sqrt(held + (2 * doubt / 9)) - Math.Sqrt(doubt / 2);
        return root <= 0 ? 0 : (root * root) - (doubt / 18);
    }

    /// <summary>How many are at the most, where so many do.</summary>
    private static double AtMost(double held, double doubt) => Math.Pow(Math.Sqrt(held + (doubt / 2)) + Math.Sqrt(doubt / 2), 2);
}
