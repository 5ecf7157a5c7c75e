using Auie.Core.Features;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>A user's facts as an array, in the order of the catalogue: how they travel to a shard and lie there.</summary>
internal static class Facts
{
    public static int Count => FactCatalogue.All.Count;

    public static double[] Of(UserHead head)
    {
        var source = new UserFacts(head);
        var facts = new double[Count];
        for (var i = 0; i < facts.Length; i++)
            facts[i] = source[(Fact)i];
        return facts;
    }
}
