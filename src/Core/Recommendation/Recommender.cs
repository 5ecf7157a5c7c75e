using Auie.Core.Items;
using Auie.Core.Ranking;

namespace Auie.Core.Recommendation;

/// <summary>One thing that is recommended: the candidate, its score (after what is like what stands before it took from it), and why.</summary>
public sealed record Recommended(Candidate Candidate, float Score, string[] Reasons);

/// <summary>Puts candidates in order for a user and says why: features, ranker, diversity, reasons. A pure function of what it is given.</summary>
public static class Recommender
{
    /// <summary>How much an item loses, in the score's unit, for being wholly like one before it.</summary>
    public const float LossByLikeness = .35f;

    /// <summary>Of how many of the best, for each that is wanted, the diverse ones are chosen.</summary>
    private const int ChoiceFor = 4;

    public static Recommended[] Rank(
        RecommendedUser user, IReadOnlyList<CandidateList> lists, IRanker ranker, DateTimeOffset at, int count)
    {
        var candidates = lists.SelectMany(list => list.Candidates).ToArray();
        if (candidates.Length == 0 || count == 0)
            return [];
        var features = new RecommendationFeatures(lists);
        var width = RecommendationFeatures.Columns.Length;
        var rows = new float[candidates.Length * width];
        for (var i = 0; i < candidates.Length; i++)
            features.Write(user, candidates[i], at, rows.AsSpan(i * width, width));
        var scores = new float[candidates.Length];
        ranker.Score(rows, scores);

        return [.. Diverse(candidates, scores, count).Select(chosen => new Recommended(
            candidates[chosen.Place], chosen.Score, WhyOf(user, candidates[chosen.Place], ranker, at, rows.AsSpan(chosen.Place * width, width), scores[chosen.Place])))];
    }

    /// <summary>
    /// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next one is the best after what it loses by being like one that is chosen.
    /// </summary>
    private static List<(int Place, float Score)> Diverse(Candidate[] candidates, float[] scores, int count)
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
            foreach (var left in best)
                loss[left] = Math.Max(loss[left], LossByLikeness * Likeness(candidates[left].Facts, candidates[place].Facts));
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

    private static string[] WhyOf(RecommendedUser user, Candidate candidate, IRanker ranker, DateTimeOffset at, ReadOnlySpan<float> row, float score)
    {
        var told = new List<(ReasonFact Fact, string Words)>();
        foreach (var (fact, _) in Reasons.Facts)
        {
            if (Reasons.InWords(fact, user, candidate, at) is { } words)
                told.Add((fact, words));
        }

        var without = new float[told.Count * row.Length];
        for (var i = 0; i < told.Count; i++)
        {
            row.CopyTo(without.AsSpan(i * row.Length));
            Reasons.TakeOut(told[i].Fact, without.AsSpan(i * row.Length, row.Length));
        }

        var scores = new float[told.Count];
        ranker.Score(without, scores);
        return [.. Enumerable.Range(0, told.Count).Where(i => score - scores[i] > Reasons.Least).OrderBy(i => scores[i]).Take(Reasons.Most).Select(i => told[i].Words)];
    }
}
