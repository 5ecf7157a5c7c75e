using Auie.Core.Features;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>A user's facts as an array, in the order of the catalogue: how they travel to a shard and lie there.</summary>
internal static class Facts
{
    public static int Count => FactCatalogue.All.Count;

    /// <summary>
    /// Whether somebody is a user of their own, who is counted, clustered and in a segment: not who is only mentioned by others, who belongs to another user by now, or who
    /// wants to be in no segment.
    /// </summary>
    public static bool HasRow(UserHead head) => head.Entries > 0 && head.Owner is null && head.Personalisation != false;

    /// <summary>The facts of who has a row; none for anybody else.</summary>
    public static double[] RowOf(UserHead head) => HasRow(head) ? Of(head) : [];

    public static double[] Of(UserHead head)
    {
        var source = new UserFacts(head);
        var facts = new double[Count];
        for (var i = 0; i < facts.Length; i++)
            facts[i] = source[(Fact)i];
        return facts;
    }

    /// <summary>Facts as they were, for whoever compares.</summary>
    public static IFacts AsTheyAre(UserHead head) => new Copy(Of(head));

    private sealed class Copy(double[] facts) : IFacts
    {
        public double this[Fact fact] => facts[(int)fact];
    }
}
