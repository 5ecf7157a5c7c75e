namespace Auie.Cli.Insights;

/// <summary>The answer by which a campaign is judged, in a marketer's words.</summary>
/// <param name="Do">What members do upon one message.</param>
/// <param name="Did">What members have done since the campaign was planned.</param>
/// <param name="DoesTo">What a member does to things that are shown to them.</param>
internal sealed record MeasureWords(string Do, string Did, string DoesTo)
{
    public static MeasureWords Of(string measure) => measure switch
    {
        "interested" => new("are interested", "were interested in something", "is interested in"),
        "not_interested" => new("turn it down", "turned something down", "turns down"),
        "yes" => new("say yes", "said yes", "says yes to"),
        "purchased" => new("buy", "bought something", "buys"),
        "taken_up" => new("say yes or buy", "said yes or bought something", "says yes to or buys"),
        _ => new(measure, measure, measure),
    };
}
