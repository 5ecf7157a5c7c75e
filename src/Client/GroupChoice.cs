using Auie.Abstractions;

namespace Auie.Client;

/// <summary>What several users are recommended together: what pleases the least pleased of them most (least misery; Masthoff, UMUAI 2004).</summary>
internal static class GroupChoice
{
    private const int MostReasons = 3;

    /// <param name="judged">Of each member the items that all were asked to judge; what one of them declined or did is in none of theirs, and so is nobody's.</param>
    public static RecommendedItem[] Of(IReadOnlyList<Recommendations> judged, int count)
    {
        var scores = judged.Select(member => member.Items.ToDictionary(item => item.Id)).ToArray();
        return
        [
            .. judged[0].Items.Where(item => scores.All(member => member.ContainsKey(item.Id)))
                .Select(item => item with
                {
                    Score = scores.Min(member => member[item.Id].Score),
                    Reasons = [.. judged.SelectMany(member => ReasonsOf(member, item.Id)).OrderBy(one => one.Rank).Take(MostReasons).Select(one => one.Words)],
                    Sources = [.. scores.SelectMany(member => member[item.Id].Sources).Distinct()],
                })
                .OrderByDescending(item => item.Score).ThenBy(item => item.Id, StringComparer.Ordinal).Take(count),
        ];
    }

    private static IEnumerable<(int Rank, string Words)> ReasonsOf(Recommendations member, string item) =>
        member.Items.First(one => one.Id == item).Reasons.Select((words, rank) => (rank, $"{member.UserId}: {words}"));
}
