namespace Auie.Core.Insights;

/// <summary>What features of showings, and what came of showings, are called before people. Programs know them by their names, which never change.</summary>
public static class FeatureLabels
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["not_interested"] = "turned down",
        ["yes"] = "said yes",
        ["hours_to_start"] = "hours to the start",
        ["product"] = "a product, not an event",
        ["distance"] = "distance in km",
        ["like_before"] = "likeness to what was wanted before",
        [SegmentLiking.Name] = "liking of its kind by others of the segment",
        ["invited"] = "being invited",
        ["said_yes"] = "others who said yes",
        ["said_maybe"] = "others who said maybe",
        ["said_no"] = "others who said no",
        ["were_invited"] = "others who were invited",
        ["friends_yes"] = "friends who said yes",
        ["friends_invited"] = "friends who were invited",
        ["by_a_friend"] = "made by a friend",
        ["friends"] = "number of friends",
        ["male"] = "being male",
        ["tenure"] = "days since joining",
    };

    /// <summary>Of a name that has no label of its own, the name's words.</summary>
    public static string Of(string name) => Labels.TryGetValue(name, out var label) ? label : name.Replace('_', ' ');
}
