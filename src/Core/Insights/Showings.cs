namespace Auie.Core.Insights;

/// <summary>Something that is known of a showing and may have to do with interest.</summary>
/// <param name="Definition">What it is, in words.</param>
/// <param name="Values">Of each showing; NaN where it is not known.</param>
/// <param name="Edges">Where the bins of its curve end, where round ones say more than equal counts.</param>
public sealed record ShownFeature(string Name, string Definition, double[] Values, double[]? Edges = null)
{
    /// <summary>Whether it is a yes or a no.</summary>
    public bool IsFlag { get; } = Array.TrueForAll(Values, value => double.IsNaN(value) || value is 0 or 1);
}

/// <summary>A text that parts showings into groups, such as the user's locale; empty where it is not known.</summary>
public sealed record ShownCategory(string Name, string Definition, string[] Values);

/// <summary>What was shown to whom, one row a showing, column by column. What was shown to one user at one instant is a page.</summary>
/// <param name="Users">The user of each, by numbers from 0.</param>
/// <param name="Pages">The page of each, by numbers from 0; a page is of one user.</param>
/// <param name="Interested">1 where the user was interested, else 0.</param>
/// <param name="NotInterested">1 where the user said not to be, else 0.</param>
/// <param name="LocalTimes">When, on the user's own clock.</param>
public sealed record Showings(
    int[] Users, int[] Pages, double[] Interested, double[] NotInterested, DateTime[] LocalTimes, ShownFeature[] Features, ShownCategory[] Categories)
{
    public int Count => Users.Length;

    /// <summary>What things have that some like better than others, by yes or no: taken into account where effects are told, and of no effect that is told itself.</summary>
    public ShownFeature[] Marks { get; init; } = [];

    /// <summary>What else came of showings; it is correlated with everything else.</summary>
    public ShownFeature[] Outcomes { get; init; } = [];
}
