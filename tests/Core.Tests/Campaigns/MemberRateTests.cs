using Auie.Core.Campaigns;
using Auie.Core.Statistics;

namespace Auie.Core.Tests.Campaigns;

/// <summary>What is expected of members where they are few, or all alike.</summary>
public sealed class MemberRateTests
{
    [Theory]
    [InlineData(4, 1, 100, 0, 59)]
    [InlineData(5, 1, 1_000, 5, 523)]
    [InlineData(5, 1, 100, 0, 53)]
    [InlineData(20, 1, 1_000, 20, 286)]
    [InlineData(3, 3, 1_000, 30, 804)]
    public void Members_who_all_answered_alike_are_worth_one_each_whatever_their_rate_is_rounded_to(int members, int hits, int asked, double low, double high)
    {
        var rate = MemberRate.Of(Enumerable.Repeat(((long)hits, 10L), members));
        rate.Answers(asked).ShouldBe(new Interval(low, high));
        rate.Interval.High.ShouldBe(Rate.Wilson(hits / 10.0, members).High, 1e-12);
    }

    [Fact]
    public void Two_or_three_members_who_happen_to_be_nearly_alike_do_not_make_the_rate_sure()
    {
        // Student's with one degree of freedom reaches 12.7 deviations far: both together are worth no more than 2,000 showings by (1.96 / 12.7)^2.
        var rate = MemberRate.Of([(300, 1_000), (310, 1_000)]);
        BetaBinomial.Worth(rate.Value, rate.Interval, long.MaxValue).ShouldBe(2_000 * Math.Pow(Rate.Z / Student.Reach(1), 2), 1e-6);
        // However alike many are, they are worth no more than what was shown to them.
        var many = MemberRate.Of(Enumerable.Range(0, 1_000).Select(i => (i % 2 == 0 ? 500L : 501L, 1_000L)));
        BetaBinomial.Worth(many.Value, many.Interval, long.MaxValue).ShouldBe(1_000_000, 10_000);
        // Nor than each member once, if one was shown much and another hardly anything.
        var uneven = MemberRate.Of([(1, 2), (501, 1_000)]);
        BetaBinomial.Worth(uneven.Value, uneven.Interval, long.MaxValue).ShouldBeLessThan(2.1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Of_few_members_too_the_intervals_cover_at_the_stated_rate(int members)
    {
        const int worlds = 4_000, asked = 200;
        const double keen = 0.4, spread = 0.1;
        var (of, random, rates, answers) = (new Random(members), new Random(members), 0, 0);
        for (var world = 0; world < worlds; world++)
        {
            double Draw() => Math.Clamp(keen + (spread * Statistics.CorrelationTests.Normal(of)), 0, 1);
            var rate = MemberRate.Of([.. Enumerable.Range(0, members).Select(_ => ((long)Hits(500, Draw()), 500L))]);
            rates += rate.Interval.Covers(keen) ? 1 : 0;
            answers += rate.Answers(asked).Covers(Enumerable.Range(0, asked).Count(_ => random.NextDouble() < Draw())) ? 1 : 0;
        }

        // 95 %, to what 4,000 can tell, or more.
        (rates / (double)worlds).ShouldBeGreaterThan(0.94);
        (answers / (double)worlds).ShouldBeGreaterThan(0.94);

        int Hits(int n, double share) => Enumerable.Range(0, n).Count(_ => random.NextDouble() < share);
    }
}
