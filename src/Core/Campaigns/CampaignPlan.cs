using Auie.Core.Insights;
using Auie.Core.Statistics;
using Auie.Core.Strategies;

namespace Auie.Core.Campaigns;

/// <summary>Somebody of a segment for whom a campaign is planned.</summary>
/// <param name="TrackingForbidden">Whether they forbade that what they do is kept, so that nothing could be measured.</param>
/// <param name="Hits">How often they gave the measure's answer.</param>
/// <param name="Chances">How often they could have.</param>
/// <param name="DaysSeen">For how long they have been seen; NaN where that is not known.</param>
public sealed record CampaignCandidate(string User, UserZone Zone, ChannelUse Uses, bool TrackingForbidden, long Hits, long Chances, double DaysSeen)
{
    public string Locale { get; init; } = "";

    /// <summary>When they are there most, as an hour of the week on their own clock; null where too little is known.</summary>
    public int? OwnHour { get; init; }
}

/// <summary>Through what, and when, a strategy reaches each.</summary>
/// <param name="Locales">Of the locales that are told apart, the best time.</param>
public sealed record CampaignRules(ChannelRule Channels, TimingRule Times, IReadOnlyDictionary<string, SendingTime> Locales)
{
    public static CampaignRules Usual { get; } = new(ChannelRule.Usual, new TimingRule(), new Dictionary<string, SendingTime>());

    /// <summary>By whose best hours somebody's time is, and which these are.</summary>
    public (TimedBy By, SendingTime Time) For(CampaignCandidate one, SendingTime ofSegment) => Times.By switch
    {
        TimedBy.Member when one.OwnHour is { } own => (TimedBy.Member, ofSegment with { Weekday = own / Activity.HoursOfDay, From = own % Activity.HoursOfDay, To = (own % Activity.HoursOfDay) + RhythmTally.WindowHours }),
        TimedBy.Locale when Locales.TryGetValue(one.Locale, out var time) => (TimedBy.Locale, time),
        _ => (TimedBy.Segment, ofSegment),
    };
}

/// <summary>Makes a plan: who is in it, who is left alone, and when each is sent something. The same candidates in any order give the same plan.</summary>
public static class CampaignPlan
{
    private const ulong HoldoutSalt = 0x686F6C64, SampleSalt = 0x73616D70;

    /// <summary>For four of five.</summary>
    private const double PowerZ = 0.8416212335729143;

    /// <summary>Whether somebody is left alone in a campaign: by a hash of both, so that it stays so, and tells nothing of any other campaign.</summary>
    public static bool IsHeldOut(long campaign, string user, double share) => StableHash.ToUnit(Draw(campaign, user, HoldoutSalt)) < share;

    /// <summary>Who of those treated is asked what to recommend: the same ones each time.</summary>
    public static string[] SampleOf(long campaign, IEnumerable<CampaignMember> members, int most) =>
    [
        .. members.Where(member => member.Treated).OrderBy(member => Draw(campaign, member.User, SampleSalt)).ThenBy(member => member.User, StringComparer.Ordinal)
            .Take(most).Select(member => member.User),
    ];

    /// <summary>The first instant from <paramref name="from"/> on at which such a weekday's hour begins on the user's clock, or any day's.</summary>
    public static DateTimeOffset SendAt(DateTimeOffset from, int zoneMinutes, SendingTime time, bool anyDay = false)
    {
        var local = from.ToOffset(TimeSpan.FromMinutes(zoneMinutes));
        if (anyDay)
        {
            var today = local.Date.AddHours(time.From);
            return new DateTimeOffset(today < local.DateTime ? today.AddDays(1) : today, local.Offset);
        }

        var day = local.Date.AddDays((time.Weekday - Activity.WeekdayOf(local.DayOfWeek) + Activity.DaysOfWeek) % Activity.DaysOfWeek).AddHours(time.From);
        return new DateTimeOffset(day < local.DateTime ? day.AddDays(Activity.DaysOfWeek) : day, local.Offset);
    }

    /// <param name="draft">What is known of the campaign before its members are.</param>
    /// <param name="reached">When other campaigns send somebody something.</param>
    /// <param name="aside">Whether another campaign that still counts leaves somebody alone: sent something by this one, they would be no measure of that one any more.</param>
    public static (Campaign Plan, CampaignMember[] Members) Of(
        Campaign draft, IReadOnlyCollection<CampaignCandidate> candidates, CampaignRules rules, Func<string, IReadOnlyList<DateTimeOffset>> reached, Func<string, bool> aside)
    {
        var (forbidden, often, spared) = (0L, 0L, 0L);
        var members = new List<CampaignMember>();
        var kept = new List<CampaignCandidate>();
        var within = TimeSpan.FromDays(draft.Days);
        foreach (var one in candidates.OrderBy(candidate => candidate.User, StringComparer.Ordinal))
        {
            if (one.TrackingForbidden)
            {
                forbidden++;
                continue;
            }

            if (aside(one.User))
            {
                spared++;
                continue;
            }

            var (by, time) = rules.For(one, draft.Time);
            var at = SendAt(draft.From, one.Zone.Minutes, time, rules.Times.AnyDay);
            if (reached(one.User).Count(other => (other - at).Duration() < within) >= draft.Most)
            {
                often++;
                continue;
            }

            kept.Add(one);
            members.Add(new CampaignMember(one.User, !IsHeldOut(draft.Number, one.User, draft.Holdout), rules.Channels.For(one.Uses), at, one.Zone.Source, one.Hits) { Timed = by });
        }

        var plan = draft with { Excluded = new CampaignExclusions(candidates.Count, forbidden, often) { Aside = spared }, Expected = Expect(draft, kept, members) };
        return (plan.Counting(members), [.. members]);
    }

    private static CampaignExpectation Expect(Campaign draft, List<CampaignCandidate> kept, List<CampaignMember> members)
    {
        var past = default(InterestTally);
        var (alone, dated) = (0.0, 0);
        foreach (var one in kept)
        {
            if (one.Chances > 0) past += InterestTally.Of(one.Chances, one.Hits, 0);
            if (double.IsNaN(one.DaysSeen)) continue;
            dated++;
            // Nobody's pace is known of fewer days than it is to tell of: one answer on the first day does not make one a day.
            alone += 1 - Math.Exp(-one.Hits / Math.Max(draft.Days, one.DaysSeen) * draft.Days);
        }

        var (rate, each) = (past.Rate, MemberRate.Of(kept.Select(one => (one.Hits, one.Chances))));
        var (treated, left) = (members.Count(member => member.Treated), members.Count(member => !member.Treated));
        var baseline = dated == 0 ? double.NaN : alone / dated;
        return new CampaignExpectation(rate, treated * each.Value, each.Answers(treated), baseline, Detectable(baseline, treated, left, draft.Measure.IsToFall())) { ByMember = each };
    }

    /// <summary>The smallest rise, or fall, of a share that a test at 5 % sees in four of five cases; NaN where one side is empty, and where no share from 0 to 1 differs by so much.</summary>
    public static double Detectable(double share, long treated, long left, bool falls = false)
    {
        if (treated == 0 || left == 0 || double.IsNaN(share)) return double.NaN;
        // A fall is a rise of those who did not.
        if (falls) share = 1 - share;
        // Of a share of 0 or 1 the variance is not 0 but unknown: half a person more or less.
        var least = 0.5 / (treated + left);
        var p = Math.Clamp(share, least, 1 - least);
        var difference = 0.0;
        // Both the interval and the variance are those of the shares that there then are.
        for (var i = 0; i < 50; i++)
        {
            var changed = Math.Min(p + difference, 1);
            var reach = CampaignResult.Reach(changed - Rate.Wilson(changed, treated).Low, Rate.Wilson(p, left).High - p);
            difference = reach + (PowerZ * Math.Sqrt((changed * (1 - changed) / treated) + (p * (1 - p) / left)));
        }

        return p + difference > 1 ? double.NaN : difference;
    }

    /// <summary>The plan without some people, as if it had been made without them; what is expected of it stays as it was told.</summary>
    /// <returns>Null where none of them is in it.</returns>
    public static (Campaign Plan, CampaignMember[] Members)? Without(Campaign plan, CampaignMember[] members, IReadOnlySet<string> people)
    {
        var left = Array.FindAll(members, member => !people.Contains(member.User));
        var influencers = plan.Influencers.RemoveAll(one => people.Contains(one.User));
        return left.Length == members.Length && influencers.Length == plan.Influencers.Length
            ? null : ((plan with { Influencers = influencers }).Counting(left), left);
    }

    private static ulong Draw(long campaign, string user, ulong salt) => StableHash.Mix(StableHash.Derive((ulong)campaign, salt) ^ StableHash.OfKey(user));
}
