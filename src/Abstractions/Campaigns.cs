namespace Auie.Abstractions;

/// <summary>Plans made of strategies, and what came of them; the only writer of what is stored of campaigns. Key: tenant.</summary>
[Alias("auie.campaigns")]
public interface ICampaignsGrain : IGrainWithStringKey
{
    /// <summary>The plan as it would be stored next; nothing is kept.</summary>
    /// <exception cref="InvalidRequestException">There is no such strategy or segment, the strategy does not fit it, or a number is out of its range.</exception>
    [AlwaysInterleave]
    [ResponseTimeout("00:10:00")]
    [return: Immutable]
    Task<CampaignView> Preview([Immutable] CampaignRequest request, CancellationToken cancellationToken);

    /// <summary>Plans a campaign and keeps it. What its members do is counted from here.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="Preview"/>, or it would send nothing to anybody, or there are as many campaigns as are kept.</exception>
    [ResponseTimeout("00:10:00")]
    [return: Immutable]
    Task<CampaignView> Create([Immutable] CampaignRequest request, CancellationToken cancellationToken);

    /// <summary>Every campaign, the newest first.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<CampaignView[]> List(CancellationToken cancellationToken);

    /// <summary>A campaign, or null.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<CampaignView?> Get(string id, CancellationToken cancellationToken);

    /// <summary>
    /// A page of its members, in the order of their ids, after one (null: from the first), less those who forbade it since, as of the last flush; null where there is no such campaign.
    /// </summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<CampaignMemberPage?> ReadMembers(string id, string? after, int count, CancellationToken cancellationToken);

    /// <summary>What it changed so far, as of the last flush; null where there is no such campaign.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:05:00")]
    Task<CampaignResultView?> GetResult(string id, CancellationToken cancellationToken);

    /// <summary>Forgets a campaign; whether there was one.</summary>
    Task<bool> Delete(string id, CancellationToken cancellationToken);

    /// <summary>In which campaigns people are, and as what.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:05:00")]
    [return: Immutable]
    Task<CampaignMention[]> FindPeople([Immutable] string[] people, CancellationToken cancellationToken);

    /// <summary>Takes people out of every plan; out of how many. Called by the erasure.</summary>
    [ResponseTimeout("00:10:00")]
    Task<int> ForgetPeople([Immutable] string[] people, CancellationToken cancellationToken);
}

/// <summary>What a campaign is to be made of.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-request")]
public sealed record CampaignRequest
{
    /// <summary>A strategy of the library, by its name.</summary>
    [Id(0)] public required string Strategy { get; init; }

    /// <summary>A segment of the published segmentation.</summary>
    [Id(1)] public required int Segment { get; init; }

    /// <summary>Whether to plan it though the strategy does not fit the segment.</summary>
    [Id(2)] public bool Anyway { get; init; }

    /// <summary>Before this instant nothing is sent; null for now, before which it must not be. Of data that was recorded long ago, now is where time has come to since its end.</summary>
    [Id(3)] public DateTimeOffset? From { get; init; }

    /// <summary>The share that is left alone, from 0 to .5; null for the strategy's.</summary>
    [Id(4)] public double? Holdout { get; init; }

    /// <summary>The items to send, by their ids; null for what is recommended to members.</summary>
    [Id(5)] public string[]? Items { get; init; }

    /// <summary>How many items, from 1 to 20; null for as many as the strategy's offer is of.</summary>
    [Id(6)] public int? Count { get; init; }

    /// <summary>event or product: what to recommend; null for what the offer is of.</summary>
    [Id(7)] public string? Kind { get; init; }

    /// <summary>A category or tag that what is recommended must have; null for the offer's.</summary>
    [Id(8)] public string? Category { get; init; }

    /// <summary>A place near which it is to be; null for where each member is.</summary>
    [Id(9)] public string? Place { get; init; }
}

/// <summary>A campaign: who, when, through what, what, whom it leaves alone, and what is expected of it.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-view")]
public sealed record CampaignView
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>Whether it is kept; else it is a preview, and the id is the one that it would get.</summary>
    [Id(1)] public required bool Stored { get; init; }

    [Id(2)] public required string Strategy { get; init; }
    [Id(3)] public required int LibraryVersion { get; init; }
    [Id(4)] public required long ModelVersion { get; init; }
    [Id(5)] public required int Segment { get; init; }
    [Id(6)] public required string Persona { get; init; }

    /// <summary>When it was planned; what members do is counted from here.</summary>
    [Id(7)] public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The last event that it knew of.</summary>
    [Id(8)] public required DateTimeOffset AsOf { get; init; }

    [Id(9)] public required DateTimeOffset From { get; init; }

    /// <summary>The answer by which it is judged: interested, not_interested, yes (to events), purchased (of products) or taken_up, whichever of these two fits what is sent.</summary>
    [Id(10)] public required string Measure { get; init; }

    /// <summary>How often a member may be reached, by this and other campaigns, in so many days.</summary>
    [Id(11)] public required int Most { get; init; }

    [Id(12)] public required int Days { get; init; }

    /// <summary>The share that is to be left alone: the chance that each is drawn with.</summary>
    [Id(13)] public required double Holdout { get; init; }

    [Id(14)] public required CampaignAudienceView Audience { get; init; }

    /// <summary>How many of those treated are reached through which channel, as the strategy has it: web, mobile, email, and "" where none is known.</summary>
    [Id(15)] public required Dictionary<string, long> Channels { get; init; }

    [Id(16)] public required SendingTimeView Time { get; init; }
    [Id(17)] public required ZonesView Zones { get; init; }

    /// <summary>When the first and the last message goes; null where nobody is sent anything.</summary>
    [Id(18)] public DateTimeOffset? FirstSend { get; init; }

    [Id(19)] public DateTimeOffset? LastSend { get; init; }
    [Id(20)] public required CampaignItemView[] Items { get; init; }

    /// <summary>From how many members' recommendations the items are chosen; 0 where they were named.</summary>
    [Id(21)] public required int ItemsSample { get; init; }

    [Id(22)] public required InfluencerView[] Influencers { get; init; }

    /// <summary>How many of those treated the influencers are expected to reach, by a model of how a word passes among friends.</summary>
    [Id(23)] public required EstimateView Reach { get; init; }

    [Id(24)] public required CampaignExpectationView Expected { get; init; }

    /// <summary>What the strategy offers, and which items that comes to, in words; empty of plans that were made before offers decided.</summary>
    [Id(25)] public string Offer { get; init; } = "";

    [Id(26)] public string OfferedItems { get; init; } = "";

    /// <summary>Through what the strategy reaches each, and when, in words; empty of plans that were made before rules decided.</summary>
    [Id(27)] public string ChannelRule { get; init; } = "";

    [Id(28)] public string TimeRule { get; init; } = "";

    /// <summary>By whose best hours those treated are reached: how many by their own (member), their locale's (locale) and the segment's (segment).</summary>
    [Id(29)] public Dictionary<string, long> TimedBy { get; init; } = [];

    /// <summary>Whether each of those treated is sent what suits them, and items are those that most are sent; else all are sent the same items.</summary>
    [Id(30)] public bool OwnItems { get; init; }

    /// <summary>For how many of those treated nothing fits the offer, so that they are sent nothing; 0 where all are sent the same.</summary>
    [Id(31)] public long WithoutItems { get; init; }

    /// <summary>Why it sends nothing to anybody; null where it sends something. Such a plan is told, and not stored.</summary>
    [Id(32)] public string? SendsNothing { get; init; }

    /// <summary>How many are sent something when, on their own clocks, in the order of time; empty of plans that were made before it was kept.</summary>
    [Id(33)] public CampaignSendsView[] Sends { get; init; } = [];

    /// <summary>The same in words.</summary>
    [Id(34)] public string SentWhen { get; init; } = "";

    /// <summary>The share that was drawn to be left alone, of these and those treated; of few members it differs from the one that is to be. Null where there are none of either.</summary>
    [Id(35)] public double? HoldoutDrawn { get; init; }
}

/// <summary>How many members are sent something on a day, as in 2026-12-01, at an hour of their own clocks.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-sends-view")]
public sealed record CampaignSendsView([property: Id(0)] string Day, [property: Id(1)] int Hour, [property: Id(2)] long Members);

/// <summary>Whom a campaign is for: the segment's members are those left out, each for one reason, those treated and those left alone. Who forbade personalisation is in no segment.</summary>
/// <param name="Segment">How many were in the segment.</param>
/// <param name="NoTracking">Left out, because they forbade that what they do is kept.</param>
/// <param name="Reached">Left out, because other campaigns reach them as often as they may be reached.</param>
/// <param name="Treated">To whom something is sent.</param>
/// <param name="LeftAlone">Who is left alone, to compare with.</param>
[GenerateSerializer, Immutable, Alias("auie.campaign-audience-view")]
public sealed record CampaignAudienceView(
    [property: Id(0)] long Segment, [property: Id(1)] long NoTracking, [property: Id(2)] long Reached, [property: Id(3)] long Treated, [property: Id(4)] long LeftAlone)
{
    /// <summary>Left out, because other campaigns leave them alone to compare with. Null of plans that were made before it was counted by itself: they have it in reached.</summary>
    [Id(5)] public long? Aside { get; init; } = 0;
}

/// <summary>Something that is sent. <paramref name="Sample"/>: of how many members of the sample it was among the first that are recommended; where each has items of their own, how many are sent it.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-item-view")]
public sealed record CampaignItemView([property: Id(0)] string Id, [property: Id(1)] string Title, [property: Id(2)] int Sample);

/// <summary>Somebody who carries a word: how many they are expected to reach by themselves, and how many more than those before them.</summary>
[GenerateSerializer, Immutable, Alias("auie.influencer-view")]
public sealed record InfluencerView([property: Id(0)] string User, [property: Id(1)] int Friends, [property: Id(2)] double Alone, [property: Id(3)] double Added);

/// <summary>A number, and an interval in which it lies in 95 of 100 cases.</summary>
[GenerateSerializer, Immutable, Alias("auie.estimate-view")]
public sealed record EstimateView([property: Id(0)] double Value, [property: Id(1)] double Low, [property: Id(2)] double High);

/// <summary>What is expected, if what is sent is answered as what members were shown before.</summary>
/// <param name="Rate">Of what members were shown, how much was given the measure's answer; who was shown more weighs more.</param>
/// <param name="Answers">How many of those treated answer one message so; where outcomes are told apart, of all of these together.</param>
/// <param name="Baseline">The share of members who would do it within the campaign's days by themselves, as before. NaN where of nobody it is known since when they have been seen.</param>
/// <param name="Detectable">The smallest difference of shares to those left alone (a fall, where fewer are to give the answer) that is seen in four of five such campaigns. NaN where nobody is left alone, and where there are too few for any.</param>
[GenerateSerializer, Immutable, Alias("auie.campaign-expectation-view")]
public sealed record CampaignExpectationView([property: Id(0)] RateView Rate, [property: Id(1)] EstimateView Answers, [property: Id(2)] double Baseline, [property: Id(3)] double Detectable)
{
    /// <summary>How likely a member is to give the answer to something shown to them, each member weighing the same: what answers are expected by.</summary>
    [Id(4)] public EstimateView ByMember { get; init; } = new(double.NaN, 0, 1);

    /// <summary>Of how many members that is known.</summary>
    [Id(5)] public long Members { get; init; }

    /// <summary>By the kind of what is sent, what is expected in the outcome that fits it; answers are of all of these together then. None where the answer is one that anything may have, where too little is known, and of plans that were made before outcomes were told apart.</summary>
    [Id(6)] public CampaignOutcomeView[] Outcomes { get; init; } = [];
}

/// <summary>What is expected of those who are sent something of one kind.</summary>
/// <param name="Outcome">yes: of events; purchased: of products.</param>
/// <param name="Sent">How many members are sent something of the kind.</param>
/// <param name="Answers">How many of them have this outcome after one message.</param>
/// <param name="Rate">Of what members were shown of the kind, by what the journal still has, how much had this outcome; who was shown more weighs more.</param>
/// <param name="ByMember">How likely it is of a member, each weighing the same.</param>
/// <param name="Members">Of how many members that is known.</param>
[GenerateSerializer, Immutable, Alias("auie.campaign-outcome-view")]
public sealed record CampaignOutcomeView(
    [property: Id(0)] string Outcome, [property: Id(1)] long Sent, [property: Id(2)] EstimateView Answers, [property: Id(3)] RateView Rate, [property: Id(4)] EstimateView ByMember, [property: Id(5)] long Members);

/// <summary>Somebody of a campaign.</summary>
/// <param name="Treated">Whether something is sent to them; else they are left alone.</param>
/// <param name="Channel">web, mobile or email, as the strategy has it; "" where none is known.</param>
/// <param name="SendAt">On the user's own clock; null for who is left alone, and for whom nothing fits.</param>
/// <param name="Zone">From what that is known: profile, locale or none.</param>
[GenerateSerializer, Immutable, Alias("auie.campaign-member-view")]
public sealed record CampaignMemberView(
    [property: Id(0)] string User, [property: Id(1)] bool Treated, [property: Id(2)] string Channel, [property: Id(3)] DateTimeOffset? SendAt, [property: Id(4)] string Zone)
{
    /// <summary>What they are sent, by the items' ids, the best first; none for who is left alone.</summary>
    [Id(5)] public string[] Items { get; init; } = [];

    /// <summary>By whose best hours the time is: member (their own), locale or segment.</summary>
    [Id(6)] public string Timed { get; init; } = "segment";
}

/// <summary>That somebody is in a campaign.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-mention")]
public sealed record CampaignMention([property: Id(0)] string Campaign, [property: Id(1)] CampaignMemberView Member);

/// <summary>A page of members; <paramref name="Next"/> is what the page after it is after, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-member-page")]
public sealed record CampaignMemberPage([property: Id(0)] CampaignView Campaign, [property: Id(1)] CampaignMemberView[] Members, [property: Id(2)] string? Next);

/// <summary>What a campaign changed: shares of members who gave the measure's answer since it was planned, or took over an id since that had given it at any time.</summary>
/// <param name="Since">When it was planned.</param>
/// <param name="AsOf">The last event that is counted.</param>
/// <param name="Difference">The share of those treated less that of those left alone; NaN where one of them is empty.</param>
/// <param name="Found">Whether the interval leaves out 0: in at most 5 of 100 campaigns that change nothing.</param>
/// <param name="Gone">Who cannot be found any more: joined to somebody else, or unwilling to be counted.</param>
[GenerateSerializer, Immutable, Alias("auie.campaign-result-view")]
public sealed record CampaignResultView(
    [property: Id(0)] string Id, [property: Id(1)] string Measure, [property: Id(2)] DateTimeOffset Since, [property: Id(3)] DateTimeOffset? FirstSend, [property: Id(4)] DateTimeOffset AsOf,
    [property: Id(5)] RateView Treated, [property: Id(6)] RateView LeftAlone, [property: Id(7)] LiftView Difference, [property: Id(8)] bool Found, [property: Id(9)] long Gone);

/// <summary>Members of a segment as a shard has them, one place of each array for each.</summary>
[GenerateSerializer, Immutable, Alias("auie.campaign-candidates-part")]
public sealed record CampaignCandidatesPart
{
    [Id(0)] public required string[] Users { get; init; }

    /// <summary>Minutes from UTC, and Core's number of what they are known from.</summary>
    [Id(1)] public required int[] Zones { get; init; }

    [Id(2)] public required byte[] ZoneSources { get; init; }

    /// <summary>How many events of each came from the web, a mobile app and an email, one after another.</summary>
    [Id(3)] public required long[] Uses { get; init; }

    [Id(4)] public required bool[] TrackingForbidden { get; init; }
    [Id(5)] public required long[] Hits { get; init; }
    [Id(6)] public required long[] Chances { get; init; }

    /// <summary>Unix seconds; NaN where they were never seen.</summary>
    [Id(7)] public required double[] FirstSeen { get; init; }

    [Id(8)] public required string[] Locales { get; init; }

    /// <summary>When each is there most, as an hour of the week; -1 where it is not known, or was not asked for.</summary>
    [Id(9)] public required int[] OwnHours { get; init; }
}
