using Auie.Core.Features;

namespace Auie.Core.Campaigns;

/// <summary>The answer by which a campaign is judged. The numbers are stored.</summary>
public enum CampaignMeasure : byte
{
    Interested = 1,
    NotInterested = 2,
    Yes = 3,
    Purchased = 4,

    /// <summary>Whichever fits what is sent: yes to an event, a purchase of a product. Both are counted together, so that a yes that is taken back and a purchase come to as many as before.</summary>
    TakenUp = 5,
}

/// <summary>How answers are counted in a user's facts.</summary>
public static class CampaignMeasures
{
    private static readonly (CampaignMeasure Measure, string Name)[] All =
    [
        (CampaignMeasure.Interested, "interested"), (CampaignMeasure.NotInterested, "not_interested"), (CampaignMeasure.Yes, "yes"), (CampaignMeasure.Purchased, "purchased"),
        (CampaignMeasure.TakenUp, "taken_up"),
    ];

    public static string Name(this CampaignMeasure measure) => All.First(one => one.Measure == measure).Name;

    /// <exception cref="ArgumentException">There is no such measure.</exception>
    public static CampaignMeasure Of(string name) => All.FirstOrDefault(one => one.Name == name) is { Name: not null } found
        ? found.Measure : throw new ArgumentException($"'{name}' is no measure; there are {string.Join(", ", All.Select(one => one.Name))}.", nameof(name));

    /// <summary>The names of all that there are.</summary>
    public static IEnumerable<string> Names => All.Select(one => one.Name);

    /// <summary>The measure of a campaign that sends things of one kind: nobody says yes to a product, and events are not bought.</summary>
    /// <param name="kind">event or product; null for both.</param>
    public static CampaignMeasure For(this CampaignMeasure measure, string? kind) => measure is CampaignMeasure.Interested or CampaignMeasure.NotInterested
        ? measure : kind switch { "product" => CampaignMeasure.Purchased, "event" => CampaignMeasure.Yes, _ => measure };

    /// <summary>The outcomes, of those that things have by their kind, by which a campaign is judged: yes to events, purchases of products; none where the answer is one that anything may have.</summary>
    public static CampaignMeasure[] Outcomes(this CampaignMeasure measure) => measure switch
    {
        CampaignMeasure.TakenUp => [CampaignMeasure.Yes, CampaignMeasure.Purchased],
        CampaignMeasure.Yes or CampaignMeasure.Purchased => [measure],
        _ => [],
    };

    /// <summary>Whether a campaign that is judged by it is to have fewer give the answer.</summary>
    public static bool IsToFall(this CampaignMeasure measure) => measure == CampaignMeasure.NotInterested;

    /// <summary>How often the user gave the answer; of yes, also where purchases are added to it, to how many items it is the latest, so that it falls where one is taken back.</summary>
    public static long Hits(this CampaignMeasure measure, IFacts facts) => measure switch
    {
        CampaignMeasure.Interested => (long)facts[Fact.ImpressionsInterested],
        CampaignMeasure.NotInterested => (long)facts[Fact.ImpressionsNotInterested],
        CampaignMeasure.Yes => (long)facts[Fact.Yes],
        CampaignMeasure.Purchased => (long)facts[Fact.Purchased],
        _ => (long)facts[Fact.Yes] + (long)facts[Fact.Purchased],
    };

    /// <summary>How often they could have.</summary>
    public static long Chances(this CampaignMeasure measure, IFacts facts) => measure switch
    {
        CampaignMeasure.Interested or CampaignMeasure.NotInterested => (long)facts[Fact.Impressions],
        CampaignMeasure.Yes => Math.Max((long)facts[Fact.Answered], (long)facts[Fact.Yes]),
        CampaignMeasure.Purchased => Math.Max((long)facts[Fact.Impressions], (long)facts[Fact.Purchased]),
        _ => Math.Max((long)facts[Fact.Impressions], measure.Hits(facts)),
    };
}
