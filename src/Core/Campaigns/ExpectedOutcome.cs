using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Core.Campaigns;

/// <summary>What is expected of those who are sent something of one kind, in the outcome that things of this kind have: of events that somebody says yes, of products that somebody buys.</summary>
/// <param name="Measure"><see cref="CampaignMeasure.Yes"/> of events, <see cref="CampaignMeasure.Purchased"/> of products.</param>
/// <param name="Sent">How many members are sent something of the kind.</param>
/// <param name="Rate">Of what members were shown of the kind, how much had this outcome; who was shown more weighs more.</param>
/// <param name="ByMember">How likely it is of a member, each weighing the same.</param>
public sealed record ExpectedOutcome(CampaignMeasure Measure, long Sent, Rate Rate, MemberRate ByMember)
{
    /// <param name="people">Of each member, how often they had this outcome, of how many things of the kind that were shown to them.</param>
    public static ExpectedOutcome Of(CampaignMeasure measure, long sent, IReadOnlyCollection<(long Hits, long Chances)> people) =>
        new(measure, sent, people.Aggregate(default(InterestTally), (sum, one) => sum + InterestTally.Of(one.Chances, one.Hits, 0)).Rate, MemberRate.Of(people));

    /// <summary>How many of them have this outcome after one message.</summary>
    public double Answers => Sent * ByMember.Value;

    /// <summary>Of that number itself, as <see cref="CampaignExpectation.AnswersInterval"/>.</summary>
    public Interval AnswersInterval => ByMember.Answers(Sent);

    /// <summary>The interval of the sum of what is expected by kinds, each known and off by chance of its own (MOVER: Zou and Donner, Statistics in Medicine 2008).</summary>
    public static Interval Together(IReadOnlyCollection<ExpectedOutcome> outcomes)
    {
        var sum = outcomes.Sum(one => one.Answers);
        return new Interval(sum - Reach(one => one.Answers - one.AnswersInterval.Low), sum + Reach(one => one.AnswersInterval.High - one.Answers));

        double Reach(Func<ExpectedOutcome, double> side) => Math.Sqrt(outcomes.Sum(one => side(one) * side(one)));
    }
}
