using System.Buffers;
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

    private static int Width => RecommendationFeatures.Columns.Length;

    /// <param name="lossByLikeness">How much an item loses for being wholly like one before it; 0 where items are judged each by itself.</param>
    /// <param name="priceWeight">As <see cref="PriceWeight"/>; 0: a price counts only as far as the ranker goes by it.</param>
    public static Recommended[] Rank(
        RecommendedUser user, IReadOnlyList<CandidateList> lists, IRanker ranker, DateTimeOffset at, int count, float lossByLikeness = LossByLikeness, float priceWeight = PriceWeight)
    {
        var candidates = lists.Sum(list => list.Candidates.Count);
        if (candidates == 0 || count == 0)
            return [];
        // Lent, as they are the largest that an answer needs: a row of features a candidate, and one for each fact of what is chosen.
        var lent = ArrayPool<float>.Shared.Rent(candidates * Width);
        try
        {
            var rows = lent.AsSpan(0, candidates * Width);
            var scores = new float[candidates];
            var prices = new double[candidates];
            var order = new Placed[candidates];
            Write(new RecommendationFeatures(user, lists, at), lists, rows, order, prices);
            Score(ranker, rows, scores);
            for (var i = 0; i < order.Length; i++)
                order[i] = order[i] with { Score = scores[i] };
            AddWorth(order, prices, priceWeight);
            order.AsSpan().Sort();
            var best = order.Take(count * ChoiceFor).Select(one => new Choice(one.Score, one.Row, lists[one.List].Candidates[one.Place])).ToList();
            var chosen = Diverse(best, count, lossByLikeness);
            // What something costs is worth to whoever sells it: to the user that is no reason.
            return WithReasons(user, chosen, ranker, at, rows, scores);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(lent);
        }
    }

    /// <summary>Writes each candidate's features, what it costs (0: nothing, or it is not known) and where it is.</summary>
    private static void Write(RecommendationFeatures features, IReadOnlyList<CandidateList> lists, Span<float> rows, Placed[] order, double[] prices)
    {
        var row = 0;
        for (var list = 0; list < lists.Count; list++)
        {
            var of = lists[list].Candidates;
            for (var place = 0; place < of.Count; place++, row++)
            {
                var candidate = of[place];
                features.Write(candidate, rows.Slice(row * Width, Width));
                order[row] = new Placed(0, candidate.Item, row, list, place);
                prices[row] = Math.Max(0, candidate.Facts.Price ?? 0);
            }
        }
    }

    /// <summary>The ranker's scores, less what showing again and again takes from them.</summary>
    private static void Score(IRanker ranker, ReadOnlySpan<float> rows, Span<float> scores)
    {
        ranker.Score(rows, scores);
        for (var i = 0; i < scores.Length; i++)
            scores[i] -= LossByShowing * MathF.Log(1 + rows[i * Width + (int)RecommendationColumn.Shown]);
    }

    /// <summary>Adds to the scores what each price is worth, whatever the currency.</summary>
    private static void AddWorth(Placed[] order, double[] prices, float priceWeight)
    {
        double[] positive = [.. prices.Where(price => price > 0)];
        if (priceWeight == 0 || positive.Length == 0)
            return;
        Array.Sort(positive);
        var middle = positive[positive.Length / 2];
        for (var i = 0; i < order.Length; i++)
            order[i] = order[i] with { Score = order[i].Score + priceWeight * (float)Math.Log(1 + prices[i] / middle) };
    }

    /// <summary>
    /// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next one is the best after what it loses by being like one that is chosen.
    /// </summary>
    private static List<Choice> Diverse(List<Choice> best, int count, float lossByLikeness)
    {
        var chosen = new List<Choice>(Math.Min(count, best.Count));
        while (chosen.Count < count && best.Count > 0)
        {
            var next = 0;
            for (var i = 1; i < best.Count; i++)
            {
                if (best[i].Left > best[next].Left)
                    next = i;
            }

            var taken = best[next];
            best.RemoveAt(next);
            chosen.Add(taken);
            if (lossByLikeness == 0)
                continue;
            foreach (var left in best)
                left.Loss = Math.Max(left.Loss, lossByLikeness * Likeness(left.Candidate.Facts, taken.Candidate.Facts));
        }

        return chosen;
    }

    private static float Likeness(in ItemFacts a, in ItemFacts b)
    {
        var words = Taste.Likeness(a, b);
        var maker = a.Creator is not null && a.Creator == b.Creator ? 1 : 0;
        var kind = a.Kind == b.Kind && a.City == b.City ? 1 : 0;
        return (float)(.6 * words + .2 * maker + .2 * kind);
    }

    /// <summary>Scores every chosen item without each of its facts, all at once, and gives with each the facts that it scores lower without.</summary>
    private static Recommended[] WithReasons(
        RecommendedUser user, List<Choice> chosen, IRanker ranker, DateTimeOffset at, ReadOnlySpan<float> rows, float[] scores)
    {
        var told = new List<(int Of, string Words)>(chosen.Count * Reasons.Facts.Count);
        var lent = ArrayPool<float>.Shared.Rent(told.Capacity * Width);
        try
        {
            for (var of = 0; of < chosen.Count; of++)
            {
                for (var i = 0; i < Reasons.Facts.Count; i++)
                {
                    var (fact, columns) = Reasons.Facts[i];
                    if (Reasons.InWords(fact, user, chosen[of].Candidate, at) is not { } words)
                        continue;
                    var without = lent.AsSpan(told.Count * Width, Width);
                    rows.Slice(chosen[of].Row * Width, Width).CopyTo(without);
                    Reasons.TakeOut(columns, without);
                    told.Add((of, words));
                }
            }

            var left = new float[told.Count];
            Score(ranker, lent.AsSpan(0, told.Count * Width), left);
            var (recommended, weightiest, next) = (new Recommended[chosen.Count], new List<(float Left, string Words)>(), 0);
            for (var of = 0; of < recommended.Length; of++)
            {
                weightiest.Clear();
                for (; next < told.Count && told[next].Of == of; next++)
                {
                    if (scores[chosen[of].Row] - left[next] > Reasons.Least)
                        weightiest.Add((left[next], told[next].Words));
                }

                recommended[of] = new Recommended(chosen[of].Candidate, chosen[of].Left, [.. weightiest.OrderBy(one => one.Left).Take(Reasons.Most).Select(one => one.Words)]);
            }

            return recommended;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(lent);
        }
    }

    /// <summary>Where a candidate is: its row of features, its list and its place there. The order is that of scores, and of ids where these are the same.</summary>
    private readonly record struct Placed(float Score, string Item, int Row, int List, int Place) : IComparable<Placed>
    {
        public int CompareTo(Placed other) => other.Score.CompareTo(Score) is not 0 and var by ? by : string.CompareOrdinal(Item, other.Item);
    }

    /// <summary>One of the best, and what it loses by being like one that is chosen.</summary>
    private sealed class Choice(float score, int row, Candidate candidate)
    {
        public readonly Candidate Candidate = candidate;

        public int Row => row;

        public float Loss { get; set; }

        public float Left => score - Loss;
    }
}
