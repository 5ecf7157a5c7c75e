using Auie.Core.Items;

namespace Auie.Core.Recommendation;

/// <summary>
/// What a user's own reactions say of what they like: by word how many things they had before them and wanted, what they usually pay, and the things
/// that they wanted.
/// </summary>
public sealed class Taste
{
    /// <summary>How many of the things that were wanted others are compared with.</summary>
    private const int MostLiked = 24;

    /// <summary>A look at something counts as a part of wanting it.</summary>
    private const double ViewCounts = .3;

    private readonly Dictionary<string, (double Wanted, double Seen)> _words = [];
    private readonly List<ItemFacts> _liked = [];
    private double _paid;
    private int _prices;

    /// <summary>Takes in one thing that the user had before them.</summary>
    public void Add(in ItemFacts facts, Reaction reaction, long views)
    {
        if (reaction == Reaction.None)
            return;
        var wanted = reaction.IsWant() ? 1 : reaction == Reaction.Seen && views > 0 ? ViewCounts : 0;
        foreach (var word in facts.Words)
        {
            var (held, seen) = _words.GetValueOrDefault(word);
            _words[word] = (held + wanted, seen + 1);
        }

        AllWanted += wanted;
        AllSeen++;
        if (wanted == 0)
            return;
        if (_liked.Count < MostLiked)
            _liked.Add(facts);
        if (reaction.IsWant() && facts.Price is > 0 and var price)
            (_paid, _prices) = (_paid + Math.Log(price), _prices + 1);
    }

    public double AllWanted { get; private set; }

    public double AllSeen { get; private set; }

    /// <summary>The geometric mean of the prices of what was wanted and is not free; null where there is none.</summary>
    public double? UsualPrice => _prices == 0 ? null : Math.Exp(_paid / _prices);

    public IReadOnlyList<ItemFacts> Liked => _liked;

    public (double Wanted, double Seen) Of(string word) => _words.GetValueOrDefault(word);

    /// <summary>The words that the user wants more than others, the first the most.</summary>
    public string[] BestWords(int most) =>
    [
        .. _words.Where(one => one.Value.Wanted > 0).OrderByDescending(one => (one.Value.Wanted + .5) / (one.Value.Seen + 2)).ThenByDescending(one => one.Value.Wanted)
            .ThenBy(one => one.Key, StringComparer.Ordinal).Take(most).Select(one => one.Key),
    ];

    /// <summary>How much of two things' words is the same, from 0 to 1.</summary>
    public static double Likeness(in ItemFacts a, in ItemFacts b)
    {
        var (words, others) = (a.Words, b.Words);
        if (words.Count == 0 || others.Count == 0)
            return 0;
        var common = 0;
        for (var i = 0; i < words.Count; i++)
        {
            for (var j = 0; j < others.Count; j++)
            {
                if (words[i] != others[j])
                    continue;
                common++;
                break;
            }
        }

        return (double)common / (words.Count + others.Count - common);
    }
}
