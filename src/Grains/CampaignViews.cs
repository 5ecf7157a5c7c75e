using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Campaigns;
using Auie.Core.Insights;
using Auie.Core.Strategies;

namespace Auie.Grains;

/// <summary>Campaigns, as messages.</summary>
internal static class CampaignViews
{
    public static CampaignView Of(Campaign plan, bool stored) => Of(plan, stored, NothingSent.Why(plan));

    private static CampaignView Of(Campaign plan, bool stored, string? sendsNothing) => new()
    {
        Id = Id(plan.Number),
        Stored = stored,
        Strategy = plan.Strategy,
        LibraryVersion = plan.LibraryVersion,
        ModelVersion = plan.ModelVersion,
        Segment = plan.Segment,
        Persona = plan.Persona,
        MadeAt = plan.MadeAt,
        AsOf = plan.AsOf,
        From = plan.From,
        Measure = plan.Measure.Name(),
        Most = plan.Most,
        Days = plan.Days,
        Holdout = plan.Holdout,
        HoldoutDrawn = plan.Counts.Treated + plan.Counts.LeftAlone is > 0 and var drawn ? plan.Counts.LeftAlone / (double)drawn : null,
        Audience = new CampaignAudienceView(plan.Excluded.Segment, plan.Excluded.NoTracking, plan.Excluded.Reached, plan.Counts.Treated, plan.Counts.LeftAlone) { Aside = plan.Excluded.Aside },
        Channels = new() { ["web"] = plan.Counts.Web, ["mobile"] = plan.Counts.Mobile, ["email"] = plan.Counts.Email, [""] = plan.Counts.NoChannel },
        Time = Rhythms.View(plan.Time),
        Zones = new ZonesView(plan.Counts.ZonesProfile, plan.Counts.ZonesLocale, plan.Counts.ZonesUnknown),
        FirstSend = sendsNothing is null ? plan.Counts.FirstSend : null,
        LastSend = sendsNothing is null ? plan.Counts.LastSend : null,
        SendsNothing = sendsNothing,
        Sends = sendsNothing is null ? [.. plan.Sends.Select(at => new CampaignSendsView(at.Day.ToString("O", CultureInfo.InvariantCulture), at.Hour, at.Members))] : [],
        SentWhen = sendsNothing is null ? CampaignSends.InWords(plan.Sends) : "",
        Offer = plan.Offer,
        OfferedItems = plan.OfferedItems,
        Items = [.. plan.Items.Select(item => new CampaignItemView(item.Id, item.Title, item.Sample))],
        ItemsSample = plan.ItemsSample,
        ChannelRule = plan.Channels,
        TimeRule = plan.Times,
        TimedBy = new()
        {
            ["member"] = plan.Counts.TimedByMember, ["locale"] = plan.Counts.TimedByLocale, ["segment"] = plan.Counts.Treated - plan.Counts.WithoutItems - plan.Counts.TimedByMember - plan.Counts.TimedByLocale,
        },
        OwnItems = plan.HasOwnItems,
        WithoutItems = plan.Counts.WithoutItems,
        Influencers = [.. plan.Influencers.Select(one => new InfluencerView(one.User, one.Friends, one.Alone, one.Added))],
        Reach = new EstimateView(plan.Reach, plan.ReachInterval.Low, plan.ReachInterval.High),
        Expected = new CampaignExpectationView(
            Rhythms.Rate(plan.Expected.Rate), new EstimateView(plan.Expected.Answers, plan.Expected.AnswersInterval.Low, plan.Expected.AnswersInterval.High),
            plan.Expected.Baseline, plan.Expected.Detectable)
        {
            ByMember = new EstimateView(plan.Expected.ByMember.Value, plan.Expected.ByMember.Interval.Low, plan.Expected.ByMember.Interval.High),
            Members = plan.Expected.ByMember.People,
            Outcomes = [.. plan.Expected.Outcomes.Select(one => new CampaignOutcomeView(
                one.Measure.Name(), one.Sent, new EstimateView(one.Answers, one.AnswersInterval.Low, one.AnswersInterval.High), Rhythms.Rate(one.Rate),
                new EstimateView(one.ByMember.Value, one.ByMember.Interval.Low, one.ByMember.Interval.High), one.ByMember.People))],
        },
    };

    public static CampaignMemberView Of(Campaign? plan, CampaignMember member) =>
        new(member.User, member.Treated, member.Channel, member.IsSent ? member.SendAt : null, member.Zone.ToString().ToLowerInvariant())
        {
            Items = !member.Treated ? [] : member.Items ?? [.. plan?.Items.Select(item => item.Id) ?? []],
            Timed = member.Timed.ToString().ToLowerInvariant(),
        };

    public static CampaignResultView Of(Campaign plan, CampaignResult result, DateTimeOffset asOf) => new(
        Id(plan.Number), plan.Measure.Name(), plan.MadeAt, plan.Counts.FirstSend, asOf, Rhythms.Rate(result.Treated), Rhythms.Rate(result.LeftAlone),
        new LiftView(result.Difference, result.Interval.Low, result.Interval.High), result.IsFound, result.Gone);

    public static IEnumerable<CampaignCandidate> Candidates(CampaignCandidatesPart part, DateTimeOffset asOf)
    {
        for (var i = 0; i < part.Users.Length; i++)
        {
            var seen = double.IsNaN(part.FirstSeen[i]) ? double.NaN : (asOf - DateTimeOffset.UnixEpoch.AddSeconds(part.FirstSeen[i])).TotalDays;
            yield return new CampaignCandidate(
                part.Users[i], new UserZone(part.Zones[i], (ZoneSource)part.ZoneSources[i]), new ChannelUse(part.Uses[3 * i], part.Uses[(3 * i) + 1], part.Uses[(3 * i) + 2]), part.TrackingForbidden[i], part.Hits[i], part.Chances[i], seen)
            {
                Locale = part.Locales[i],
                OwnHour = part.OwnHours[i] < 0 ? null : part.OwnHours[i],
            };
        }
    }

    public static string Id(long number) => $"c{number}";

    public static long? Number(string id) =>
        id.Length > 1 && id[0] == 'c' && long.TryParse(id.AsSpan(1), out var number) && Id(number) == id ? number : null;
}
