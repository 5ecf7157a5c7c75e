using System.Globalization;

namespace Auie.Core.Campaigns;

/// <summary>How many members are sent something on a day at an hour of their own clocks.</summary>
public sealed record CampaignSends(DateOnly Day, int Hour, long Members)
{
    /// <summary>When those who are sent anything are sent it, in the order of time.</summary>
    public static IEnumerable<CampaignSends> Of(IEnumerable<CampaignMember> members) => members.Where(member => member.IsSent)
        .CountBy(member => (Day: DateOnly.FromDateTime(member.SendAt.DateTime), member.SendAt.Hour)).OrderBy(at => at.Key)
        .Select(at => new CampaignSends(at.Key.Day, at.Key.Hour, at.Value));

    /// <summary>The same as a person would say it: the days and hours at which it goes, and at which most are sent it; "" where there are none.</summary>
    public static string InWords(IReadOnlyList<CampaignSends> sends)
    {
        if (sends.Count == 0) return "";
        if (sends is [var only]) return $"to all {Text(only.Members)} on {only.DayInWords} at {only.Clock}";
        var most = sends.MaxBy(at => at.Members)!;
        var toMost = $"to most ({Text(most.Members)} of {Text(sends.Sum(at => at.Members))})";
        return sends[0].Day == sends[^1].Day
            ? $"on {most.DayInWords} from {sends[0].Clock} to {sends[^1].Clock}, {toMost} at {most.Clock}"
            : $"from {sends[0].DayInWords}, {sends[0].Clock} to {sends[^1].DayInWords}, {sends[^1].Clock}, {toMost} on {most.DayInWords} at {most.Clock}";
    }

    private string DayInWords => Day.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);

    private string Clock => $"{Hour}:00";

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
