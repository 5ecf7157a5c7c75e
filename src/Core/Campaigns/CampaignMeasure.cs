using Auie.Core.Features;

namespace Auie.Core.Campaigns;

/// <summary>The answer by which a campaign is judged. The numbers are stored.</summary>
public enum CampaignMeasure : byte
{
    Interested = 1,
    NotInterested = 2,
    Yes = 3,
    Purchased = 4,
}

/// <summary>How answers are counted in a user's facts.</summary>
public static class CampaignMeasures
{
    private static readonly (CampaignMeasure Measure, string Name)[] All =
        [(CampaignMeasure.Interested, "interested"), (CampaignMeasure.NotInterested, "not_interested"), (CampaignMeasure.Yes, "yes"), (CampaignMeasure.Purchased, "purchased")];

    public static string Name(this CampaignMeasure measure) => All.First(one => one.Measure == measure).Name;

    /// <exception cref="ArgumentException">There is no such measure.</exception>
    public static CampaignMeasure Of(string name) => All.FirstOrDefault(one => one.Name == name) is { Name: not null } found
        ? found.Measure : throw new ArgumentException($"'{name}' is no measure; there are {string.Join(", ", All.Select(one => one.Name))}.", nameof(name));

    /// <summary>Whether a campaign that is judged by it is to have fewer give the answer.</summary>
    public static bool IsToFall(this CampaignMeasure measure) => measure == CampaignMeasure.NotInterested;

    /// <summary>How often the user gave the answer; of yes, to how many items it is the latest.</summary>
    public static long Hits(this CampaignMeasure measure, IFacts facts) => (long)facts[measure switch
    {
        CampaignMeasure.Interested => Fact.ImpressionsInterested,
        CampaignMeasure.NotInterested => Fact.ImpressionsNotInterested,
        CampaignMeasure.Yes => Fact.Yes,
        _ => Fact.Purchased,
    }];

    /// <summary>How often they could have.</summary>
    public static long Chances(this CampaignMeasure measure, IFacts facts) => measure switch
    {
        CampaignMeasure.Interested or CampaignMeasure.NotInterested => (long)facts[Fact.Impressions],
        CampaignMeasure.Yes => Math.Max((long)facts[Fact.Answered], (long)facts[Fact.Yes]),
        _ => Math.Max((long)facts[Fact.Impressions], (long)facts[Fact.Purchased]),
    };
}
