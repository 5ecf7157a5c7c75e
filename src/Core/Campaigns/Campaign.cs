using System.Collections.Immutable;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Auie.Core.Strategies;

namespace Auie.Core.Campaigns;

/// <summary>A plan made of a strategy for a segment: who, when, through what, what, and whom it leaves alone to compare with. Members are kept beside it (<see cref="CampaignMember"/>).</summary>
public sealed record Campaign
{
    /// <summary>Its number in the order of planning; every draw is made with it.</summary>
    public required long Number { get; init; }

    public required string Strategy { get; init; }

    /// <summary>The version of the library that the strategy is of.</summary>
    public required int LibraryVersion { get; init; }

    public required long ModelVersion { get; init; }

    public required int Segment { get; init; }

    public required string Persona { get; init; }

    /// <summary>When it was planned. What members do is counted from here.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The last event that it knew of.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Before this instant nothing is sent.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The answer by which it is judged.</summary>
    public required CampaignMeasure Measure { get; init; }

    /// <summary>How often a member may be reached, by this and other campaigns, in <see cref="Days"/>.</summary>
    public required int Most { get; init; }

    public required int Days { get; init; }

    /// <summary>The share that is left alone.</summary>
    public required double Holdout { get; init; }

    /// <summary>Who of the segment is left out, and why.</summary>
    public required CampaignExclusions Excluded { get; init; }

    public required SendingTime Time { get; init; }

    /// <summary>What the strategy offers, and which items that comes to, in words; empty of plans that were made before offers decided.</summary>
    public string Offer { get; init; } = "";

    public string OfferedItems { get; init; } = "";

    /// <summary>Through what the strategy reaches each, and when, in words; empty of plans that were made before rules decided.</summary>
    public string Channels { get; init; } = "";

    public string Times { get; init; } = "";

    /// <summary>What all are sent, or, where each member has items of their own, those that most are sent.</summary>
    public ImmutableArray<CampaignItem> Items { get; init; } = [];

    /// <summary>From how many members' recommendations the items are chosen; 0 where they were named.</summary>
    public int ItemsSample { get; init; }

    /// <summary>Whether each of those treated is sent what suits them; else all are sent the same.</summary>
    public bool HasOwnItems { get; init; }

    public ImmutableArray<CampaignInfluencer> Influencers { get; init; } = [];

    /// <summary>How many of those who are sent something the influencers are expected to reach.</summary>
    public double Reach { get; init; }

    public Interval ReachInterval { get; init; }

    public required CampaignExpectation Expected { get; init; }

    public required CampaignCounts Counts { get; init; }

    /// <summary>When those who are sent anything are sent it; empty of plans that were made before it was kept.</summary>
    public ImmutableArray<CampaignSends> Sends { get; init; } = [];

    /// <summary>The plan with its members counted anew.</summary>
    public Campaign Counting(IReadOnlyCollection<CampaignMember> members) => this with { Counts = CampaignCounts.Of(members), Sends = [.. CampaignSends.Of(members)] };

    /// <summary>The same once it is known what members are sent: answers are expected of those alone who are sent something.</summary>
    public Campaign Sending(IReadOnlyCollection<CampaignMember> members)
    {
        var sent = members.LongCount(member => member.IsSent);
        return Counting(members) with { Expected = Expected with { Answers = sent * Expected.ByMember.Value, AnswersInterval = Expected.ByMember.Answers(sent) } };
    }

    /// <summary>The same once it is known what comes of each kind of what is sent: answers are then those of all kinds together. As before where of one of them nothing is known: what is expected of the others is not what is expected of all.</summary>
    public Campaign Expecting(IReadOnlyCollection<ExpectedOutcome> outcomes)
    {
        if (outcomes.Count == 0 || outcomes.Any(one => one.ByMember.People == 0)) return this;
        var expected = Expected with { Outcomes = [.. outcomes], Answers = outcomes.Sum(one => one.Answers), AnswersInterval = ExpectedOutcome.Together(outcomes) };
        // Where all that is sent is of one kind its rate is the campaign's.
        return this with { Expected = outcomes.Count == 1 ? expected with { Rate = outcomes.First().Rate, ByMember = outcomes.First().ByMember } : expected };
    }
}

/// <summary>Somebody of a campaign.</summary>
/// <param name="Treated">Whether something is sent; else they are left alone, to compare with.</param>
/// <param name="Channel">web, mobile or email, as the strategy has it; "" where nothing is known.</param>
/// <param name="SendAt">In the user's own zone, or the one that stands in.</param>
/// <param name="HitsBefore">How often they had given the measure's answer when it was planned.</param>
public sealed record CampaignMember(string User, bool Treated, string Channel, DateTimeOffset SendAt, ZoneSource Zone, long HitsBefore)
{
    /// <summary>By whose best hours the time is.</summary>
    public TimedBy Timed { get; init; }

    /// <summary>What they are sent, by the items' ids, the best first; null where all are sent the campaign's.</summary>
    public string[]? Items { get; init; }

    /// <summary>Whether anything is sent to them: of those treated for whom nothing fits nothing is.</summary>
    public bool IsSent => Treated && Items is not { Length: 0 };
}

/// <summary>How many of the segment are left out, each for one reason.</summary>
/// <param name="Segment">How many are in the segment. Who forbade personalisation is in none.</param>
/// <param name="NoTracking">Because they forbade that what they do is kept.</param>
/// <param name="Reached">Because other campaigns reach them as often as they may be reached.</param>
public sealed record CampaignExclusions(long Segment, long NoTracking, long Reached)
{
    /// <summary>Because other campaigns leave them alone to compare with. Null of plans that were made before it was counted by itself: they have it in <see cref="Reached"/>.</summary>
    public long? Aside { get; init; } = 0;
}

/// <summary>Something that a campaign sends.</summary>
/// <param name="Sample">Of how many members of the sample it is among the first; where each has items of their own, how many are sent it.</param>
public sealed record CampaignItem(string Id, string Title, int Sample);

/// <summary>Somebody of those treated who is asked to carry it.</summary>
/// <param name="Alone">How many of those treated they are expected to reach by themselves.</param>
/// <param name="Added">How many more than those before them.</param>
public sealed record CampaignInfluencer(string User, int Friends, double Alone, double Added);

/// <summary>What is to be expected of a campaign, if what it sends is answered as what members were shown before.</summary>
/// <param name="Rate">Of what members were shown, how much they gave the measure's answer to; who was shown more weighs more.</param>
/// <param name="Answers">How many of those treated answer one message so; where outcomes are told apart, of all of these together.</param>
/// <param name="AnswersInterval">Of that number itself, not of its mean: the rate is uncertain, and so is who answers.</param>
/// <param name="Baseline">The share of members who would do it within the campaign's days with nothing sent, as they did before; NaN where of nobody it is known since when they have been seen.</param>
/// <param name="Detectable">The smallest difference to those left alone that is seen in four of five such campaigns; NaN where nobody is left alone, they are too few, or the baseline is not known.</param>
public sealed record CampaignExpectation(Rate Rate, double Answers, Interval AnswersInterval, double Baseline, double Detectable)
{
    /// <summary>How likely a member is to give the answer to something shown to them, each member weighing the same: what answers are expected by.</summary>
    public MemberRate ByMember { get; init; } = MemberRate.Unknown;

    /// <summary>By the kind of what is sent, what is expected in the outcome that fits it; none where the answer is one that anything may have, where too little is known, and of plans that were made before outcomes were told apart.</summary>
    public ImmutableArray<ExpectedOutcome> Outcomes { get; init; } = [];
}
