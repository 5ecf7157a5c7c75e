using System.Globalization;

namespace Auie.Core.Strategies;

/// <summary>Whose best time a message goes at.</summary>
public enum TimedBy
{
    /// <summary>The segment's.</summary>
    Segment,

    /// <summary>That of the member's locale within the segment; the segment's where the locale is none of the largest, or too little is known of it.</summary>
    Locale,

    /// <summary>The member's own; the segment's where too little is known of them.</summary>
    Member,
}

/// <summary>When a strategy's members are reached, on their own clocks.</summary>
/// <param name="FromHour">No earlier in the day.</param>
/// <param name="ToHour">Only hours that end by then.</param>
/// <param name="AnyDay">Whether it goes on the first day that there is; else on the weekday that is best.</param>
public sealed record TimingRule(TimedBy By = TimedBy.Segment, int FromHour = 0, int ToHour = 24, bool AnyDay = false)
{
    /// <summary>The same as a person would say it.</summary>
    public string InWords
    {
        get
        {
            var whose = By switch { TimedBy.Locale => "the best hours of each member's locale", TimedBy.Member => "the hours in which each member is there most", _ => "the segment's best hours" };
            var between = (FromHour, ToHour) is (0, 24) ? "" : string.Create(CultureInfo.InvariantCulture, $", from {FromHour}:00 to {ToHour}:00 only");
            return $"{whose}{between}, on {(AnyDay ? "the first day that there is" : "their best weekday")}";
        }
    }
}
