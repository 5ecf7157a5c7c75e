using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Recommendation;

/// <summary>An item of which a user's history tells: its facts, some of those who wanted it, and how many did.</summary>
public readonly record struct ToldItem(string Item, ItemFacts Facts, IReadOnlyList<ulong> People, int Wanted);

/// <summary>What a user's reactions say of them: what they like, who wants the same, and how many things each of these has in common with them.</summary>
public sealed record UserHistory(Taste Taste, (ulong Person, float Weight)[] Neighbours, Dictionary<ulong, int> InCommon)
{
    /// <summary>How many things of a history say what a user likes, and who is like them.</summary>
    public const int MostTold = 200;

    /// <summary>How many words candidates that are alike are looked for by.</summary>
    public const int MostWords = 4;

    /// <summary>The items that tell most of a user: what they wanted most strongly comes first.</summary>
    public static IEnumerable<string> ToldBy(IEnumerable<ItemAnswer> answers) => answers.OrderByDescending(Reactions.Of).ThenByDescending(answer => answer.Viewed)
        .ThenBy(answer => answer.Item, StringComparer.Ordinal).Take(MostTold).Select(answer => answer.Item);

    /// <param name="self">The hash of the user's id.</param>
    /// <param name="items">What is known of the items of <see cref="ToldBy"/>, in any order.</param>
    public static UserHistory Of(ulong self, IReadOnlyDictionary<string, ItemAnswer> answers, IEnumerable<ToldItem> items)
    {
        var taste = new Taste();
        var wanted = new List<(IReadOnlyList<ulong> People, int Wanted)>();
        var common = new Dictionary<ulong, int>();
        foreach (var told in items.OrderBy(one => one.Item, StringComparer.Ordinal))
        {
            var answer = answers[told.Item];
            var reaction = Reactions.Of(answer);
            taste.Add(told.Facts, reaction, answer.Viewed);
            if (!reaction.IsWant() && answer.Viewed == 0)
                continue;
            wanted.Add((told.People, told.Wanted));
            foreach (var person in told.People)
                common[person] = common.GetValueOrDefault(person) + 1;
        }

        return new UserHistory(taste, Recommendation.Neighbours.Of(self, wanted), common);
    }
}
