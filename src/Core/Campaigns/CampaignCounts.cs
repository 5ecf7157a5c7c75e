using Auie.Core.Insights;
using Auie.Core.Strategies;

namespace Auie.Core.Campaigns;

/// <summary>A campaign's members, counted. Channels, zones and times are of those who are sent something.</summary>
/// <param name="NoChannel">Of whom no channel is known.</param>
/// <param name="ZonesUnknown">For whom UTC stands in.</param>
/// <param name="FirstSend">When the first of those who are sent anything is sent it; null where nobody is.</param>
public sealed record CampaignCounts(
    long Treated, long LeftAlone, long Web, long Mobile, long Email, long NoChannel, long ZonesProfile, long ZonesLocale, long ZonesUnknown,
    DateTimeOffset? FirstSend, DateTimeOffset? LastSend)
{
    /// <summary>Whose time is their locale's, and whose their own; that of the others is the segment's.</summary>
    public long TimedByLocale { get; init; }

    public long TimedByMember { get; init; }

    /// <summary>For whom there is nothing to send, where each has items of their own.</summary>
    public long WithoutItems { get; init; }

    public static CampaignCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, null, null);

    public static CampaignCounts Of(IReadOnlyCollection<CampaignMember> members)
    {
        var treated = members.Where(member => member.Treated).ToArray();
        var sent = treated.Where(member => member.IsSent).ToArray();
        return new CampaignCounts(
            treated.Length, members.Count - treated.Length, Through("web"), Through("mobile"), Through("email"), Through(""),
            Known(ZoneSource.Profile), Known(ZoneSource.Locale), Known(ZoneSource.None),
            sent.Length == 0 ? null : sent.Min(member => member.SendAt), sent.Length == 0 ? null : sent.Max(member => member.SendAt))
        {
            TimedByLocale = sent.LongCount(member => member.Timed == TimedBy.Locale),
            TimedByMember = sent.LongCount(member => member.Timed == TimedBy.Member),
            WithoutItems = treated.Length - sent.Length,
        };

        long Through(string channel) => sent.LongCount(member => member.Channel == channel);
        long Known(ZoneSource source) => sent.LongCount(member => member.Zone == source);
    }
}
