using System.Runtime.InteropServices;
using Auie.Core.Items;
using Auie.Core.Ranking;

namespace Auie.Core.Recommendation;

/// <summary>One thing that is recommended: the candidate, its score (after what is like what stands before it took from it, where it did), and why.</summary>
public sealed record Recommended(Candidate Candidate, float Score, string[] Reasons);

/// <summary>Puts candidates in order for a user and says why: features, ranker, diversity, reasons. A pure function of what it is given.</summary>
public static class Recommender
{
    /// <summary>How much an item loses, in the score's unit, for being wholly like one before it.</summary>
    public const float LossByLikeness = .35f;

    /// <summary>How much a price counts: what costs as much as the middle one of the candidates that cost something gains ln 2 times this, in the score's unit, and what is free nothing.</summary>
    public const float PriceWeight = .45f;

    /// <summary>Of how many of the best, for each that is wanted, the diverse ones are chosen.</summary>
    private const int ChoiceFor = 4;

    /// <summary>What an item loses for each doubling, or so, of how often it was shown, whatever ranks: a ranker that is trained falls by what it learnt, which may be nothing.</summary>
    private const float LossByShowing = .05f;

    /// <param name="lossByLikeness">How much an item loses for being wholly like one before it; 0 where items are judged each by itself.</param>
    /// <param name="priceWeight">As <see cref="PriceWeight"/>; 0: a price counts only as far as the ranker goes by it.</param>
    public static Recommended[] Rank(
        RecommendedUser user, IReadOnlyList<CandidateList> lists, IRanker ranker, DateTimeOffset at, int count, float lossByLikeness = LossByLikeness, float priceWeight = PriceWeight)
    {
        var candidates = lists.SelectMany(list => list.Candidates).ToArray();
        if (candidates.Length == 0 || count == 0)
            return [];
        var features = new RecommendationFeatures(user, lists, at);
        var width = RecommendationFeatures.Columns.Length;
        var rows = new float[candidates.Length * width];
        for (var i = 0; i < candidates.Length; i++)
            features.Write(candidates[i], rows.AsSpan(i * width, width));
        var scores = new float[candidates.Length];
        Score(ranker, rows, scores);

        var chosen = Diverse(candidates, WithWorth(candidates, scores, priceWeight), count, lossByLikeness);
        // What something costs is worth to whoever sells it: to the user that is no reason.
        var reasons = ReasonsOf(user, candidates, chosen, ranker, at, rows, scores);
        return [.. chosen.Zip(reasons, (one, why) => new Recommended(candidates[one.Place], one.Score, why))];
    }

    /// <summary>The ranker's scores, less what showing again and again takes from them.</summary>
    private static void Score(IRanker ranker, ReadOnlySpan<float> rows, Span<float> scores)
    {
        ranker.Score(rows, scores);
        var width = RecommendationFeatures.Columns.Length;
        for (var i = 0; i < scores.Length; i++)
            scores[i] -= LossByShowing * MathF.Log(1 + rows[i * width + (int)RecommendationColumn.Shown]);
    }

    /// <summary>The scores with what each price is worth, whatever the currency.</summary>
    private static float[] WithWorth(Candidate[] candidates, float[] scores, float priceWeight)
    {
        var prices = candidates.Select(one => one.Facts.Price ?? 0).Where(price => price > 0).Order().ToArray();
        if (priceWeight == 0 || prices.Length == 0)
            return scores;
        var middle = prices[prices.Length / 2];
        return [.. scores.Zip(candidates, (score, one) => score + priceWeight * (float)Math.Log(1 + Math.Max(0, one.Facts.Price ?? 0) / middle))];
    }

    /// <summary>
    /// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next one is the best after what it loses by being like one that is chosen.
    /// </summary>
    private static List<(int Place, float Score)> Diverse(Candidate[] candidates, float[] scores, int count, float lossByLikeness)
    {
        var order = new int[candidates.Length];
        for (var place = 0; place < order.Length; place++)
            order[place] = place;
        Array.Sort(order, (a, b) => scores[b].CompareTo(scores[a]) is not 0 and var by ? by : string.CompareOrdinal(candidates[a].Item, candidates[b].Item));
        var best = order.Take(count * ChoiceFor).ToList();
        var loss = new float[candidates.Length];
        var chosen = new List<(int Place, float Score)>(count);
        while (chosen.Count < count && best.Count > 0)
        {
            var next = 0;
            for (var i = 1; i < best.Count; i++)
            {
                if (scores[best[i]] - loss[best[i]] > scores[best[next]] - loss[best[next]])
                    next = i;
            }

            var place = best[next];
            best.RemoveAt(next);
            chosen.Add((place, scores[place] - loss[place]));
            if (lossByLikeness == 0)
                continue;
            foreach (var left in best)
                loss[left] = Math.Max(loss[left], lossByLikeness * Likeness(candidates[left].Facts, candidates[place].Facts));
        }

        return chosen;
    }

    private static float Likeness(ItemFacts a, ItemFacts b)
    {
        var words = Taste.Likeness(a, b);
        var maker = a.Creator is not null && a.Creator == b.Creator ? 1 : 0;
        var kind = a.Kind == b.Kind && a.City == b.City ? 1 : 0;
        return (float)(.6 * words + .2 * maker + .2 * kind);
    }

    /// <summary>Scores every chosen item without each of its facts, all at once, and gives the facts that it scores lower without.</summary>
    private static IEnumerable<string[]> ReasonsOf(
        RecommendedUser user, Candidate[] candidates, List<(int Place, float Score)> chosen, IRanker ranker, DateTimeOffset at, float[] rows, float[] scores)
    {
        var width = RecommendationFeatures.Columns.Length;
        var told = new List<(int Place, string Words)>();
        var without = new List<float>();
        foreach (var (place, _) in chosen)
        {
            foreach (var (fact, columns) in Reasons.Facts)
            {
                if (Reasons.InWords(fact, user, candidates[place], at) is not { } words)
                    continue;
                told.Add((place, words));
                without.AddRange(rows.AsSpan(place * width, width));
                Reasons.TakeOut(columns, CollectionsMarshal.AsSpan(without)[^width..]);
            }
        }

        var left = new float[told.Count];
        Score(ranker, CollectionsMarshal.AsSpan(without), left);
        var reasons = Enumerable.Range(0, told.Count).Where(i => scores[told[i].Place] - left[i] > Reasons.Least).ToLookup(i => told[i].Place);
        return chosen.Select(one => reasons[one.Place].OrderBy(i => left[i]).Take(Reasons.Most).Select(i => told[i].Words).ToArray());
    }
}
