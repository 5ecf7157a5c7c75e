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

    /// <summary>How many sets are drawn at the most. Where IMM would need more, as where few are friends of anybody, nothing is guaranteed of its choice.</summary>
    public long MostSamples { get; init; } = 10_000_000;

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
/// most friends and those with the highest PageRank. A word passes from friend to friend by the weighted cascade (<see cref="ReachSets"/>). IMM's
/// reach is at least 1 - 1/e - epsilon of the best possible, but for a small chance; the sets that choose are drawn anew after the number of
/// them is settled, without which the proof has a gap (Chen, 2018, arXiv:1808.09363).
/// </summary>
public sealed class InfluenceMaximisation
{
    /// <summary>Sets by which the reach is measured, other than those by which the choice is made.</summary>
    private const int Measured = 200_000;

    private const int Estimating = 1, Choosing = 2, Measuring = 3;

    private readonly FriendGraph _graph;
    private readonly int[] _audience, _candidates;
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
        _measured = new Lazy<ReachSets>(() =>
        {
            var sets = Sets(Measuring);
            sets.DrawTo(Measured);
            return sets;
        });
    }

    /// <summary>By IMM.</summary>
    public Influencers Choose()
    {
        var k = Math.Min(_options.Count, _candidates.Length);
        if (k == 0) return new Influencers("imm", [], 0, new Interval(0, 0), 0, 0);
        double n = Math.Max(_audience.Length, 2);
        var e = 1 - (1 / Math.E);
        var confidence = _options.Confidence * (1 + (Math.Log(2) / Math.Log(n)));
        var choices = LogChoices(_candidates.Length, k);
        var (alpha, beta) = (Math.Sqrt((confidence * Math.Log(n)) + Math.Log(2)), Math.Sqrt(e * (choices + (confidence * Math.Log(n)) + Math.Log(2))));
        var needed = 2 * n * Math.Pow((e * alpha) + beta, 2) / (_options.Epsilon * _options.Epsilon);

        var rough = Math.Sqrt(2) * _options.Epsilon;
        var each = (2 + (2 * rough / 3)) * (choices + (confidence * Math.Log(n)) + Math.Log(Math.Max(1, Math.Log2(n)))) * n / (rough * rough);
        var estimating = Sets(Estimating);
        // Somebody of the audience who may be asked reaches themselves. Where there is nobody, the least reach is known only once it is found.
        var (atLeast, isKnown) = (1.0, _candidates.Intersect(_audience).Any());
        for (var guess = n / 2; guess >= 1 && each / guess <= _options.MostSamples; guess /= 2)
        {
            estimating.DrawTo((long)Math.Ceiling(each / guess));
            var reached = n * estimating.Cover(_candidates, k).Added.Sum() / estimating.Count;
            if (reached < (1 + rough) * guess) continue;
            (atLeast, isKnown) = (reached / (1 + rough), true);
            break;
        }

        var choosing = Sets(Choosing);
        var samples = Math.Ceiling(needed / atLeast);
        choosing.DrawTo((long)Math.Min(samples, _options.MostSamples));
        return Measure("imm", choosing.Cover(_candidates, k).Chosen, isKnown && samples <= _options.MostSamples ? e - _options.Epsilon : 0, choosing.Count);
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
        var sets = _measured.Value;
        var (added, alone) = sets.Measure(people);
        var scale = (double)_audience.Length / sets.Count;
        var rate = Rate.Of(added.Sum(), sets.Count);
        return new Influencers(method, [.. people.Select((person, i) => new Influencer(person, _graph.Friends(person), alone[i] * scale, added[i] * scale))],
            rate.Value * _audience.Length, new Interval(rate.Interval.Low * _audience.Length, rate.Interval.High * _audience.Length), guarantee, samples);
    }

    private Influencers Highest(string method, Func<int, double> score) =>
        Measure(method, [.. _candidates.OrderByDescending(score).ThenBy(person => person).Take(_options.Count)]);

    private ReachSets Sets(int purpose) => new(_graph, _audience, _options.MostPerLink, _options.Threads, StableHash.Derive(_options.Seed, (ulong)purpose));

    /// <summary>The logarithm of how many choices of k of n there are.</summary>
    private static double LogChoices(int n, int k)
    {
        var sum = 0.0;
        for (var i = 1; i <= k; i++) sum += Math.Log((double)(n - k + i) / i);
        return sum;
    }
}
