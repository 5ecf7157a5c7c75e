namespace Auie.Core.Recommendation;

/// <summary>Finds people who wanted what somebody wanted.</summary>
public static class Neighbours
{
    /// <summary>How many are asked.</summary>
    public const int Most = 100;

    /// <summary>
    /// Those who wanted the most of the same, each with a weight: of each thing in common, the less the more people wanted it (Adamic and Adar, Social Networks 2003).
    /// </summary>
    /// <param name="wanted">Of each thing that the user wanted, some who wanted it too, and how many did.</param>
    public static (ulong Person, float Weight)[] Of(ulong self, IEnumerable<(IReadOnlyList<ulong> People, int Wanted)> wanted)
    {
        var weights = new Dictionary<ulong, float>();
        foreach (var (people, count) in wanted)
        {
            foreach (var person in people)
            {
                if (person != self)
                    weights[person] = weights.GetValueOrDefault(person) + (float)(1 / Math.Log(2 + count));
            }
        }

        return [.. weights.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Take(Most).Select(one => (one.Key, one.Value))];
    }
}
