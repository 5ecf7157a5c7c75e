using Auie.Core.Statistics;

namespace Auie.Core.Campaigns;

/// <summary>
/// What a campaign changed: the share of those treated who gave the measure's answer since, against that of those left alone. Who is in which was drawn, so that nothing but the
/// campaign, and chance, makes them differ. But whoever took over another id since, as by logging in, has its answers too, of whatever time: where the messages have members log in, the difference is larger than what was changed.
/// </summary>
/// <param name="Difference">Treated less left alone; NaN where one of them is empty.</param>
/// <param name="Gone">Who cannot be found any more: joined to somebody else, or unwilling to be counted. Erased members are in no number.</param>
public sealed record CampaignResult(Rate Treated, Rate LeftAlone, double Difference, Interval Interval, long Gone)
{
    /// <summary>Whether chance alone would hardly make such a difference: in at most 5 of 100 campaigns that change nothing.</summary>
    public bool IsFound => Interval.Low > 0 || Interval.High < 0;

    /// <summary>How often chance alone makes a difference as large: 1 less the confidence at which its interval just reaches 0, 0.000001 at the least; NaN where one of them is empty.</summary>
    public double P
    {
        get
        {
            if (Treated.N == 0 || LeftAlone.N == 0) return double.NaN;
            var (low, high) = (1e-6, 1.0);
            for (var i = 0; i < 50; i++)
            {
                var middle = (low + high) / 2;
                var z = NormalQuantile.TwoSided(1 - middle);
                var (a, b) = (Rate.Wilson(Treated.Value, Treated.N, z), Rate.Wilson(LeftAlone.Value, LeftAlone.N, z));
                var reach = Difference > 0 ? Reach(Treated.Value - a.Low, b.High - LeftAlone.Value) : Reach(a.High - Treated.Value, LeftAlone.Value - b.Low);
                if (Math.Abs(Difference) > reach) high = middle;
                else low = middle;
            }

            return high;
        }
    }

    /// <param name="now">How often a member has given the answer by now; null for who is gone. Who has given it no more often than before has not given it since, though a yes may have been taken back meanwhile.</param>
    public static CampaignResult Of(IEnumerable<(CampaignMember Member, long? Now)> now)
    {
        var (counts, gone) = (new long[4], 0L);
        foreach (var (member, hits) in now)
        {
            if (hits is not { } known)
            {
                gone++;
                continue;
            }

            var arm = member.Treated ? 0 : 2;
            counts[arm]++;
            if (known > member.HitsBefore) counts[arm + 1]++;
        }

        return Of(counts[1], counts[0], counts[3], counts[2]) with { Gone = gone };
    }

    /// <summary>The difference with Newcombe's interval (Statistics in Medicine 1998, method 10), made of both Wilson intervals.</summary>
    public static CampaignResult Of(long treatedHits, long treated, long leftHits, long left)
    {
        var (a, b) = (Rate.Of(treatedHits, treated), Rate.Of(leftHits, left));
        if (treated == 0 || left == 0) return new CampaignResult(a, b, double.NaN, Interval.Unknown, 0);
        var difference = a.Value - b.Value;
        return new CampaignResult(a, b, difference, new Interval(
            difference - Reach(a.Value - a.Interval.Low, b.Interval.High - b.Value), difference + Reach(a.Interval.High - a.Value, b.Value - b.Interval.Low)), 0);
    }

    /// <summary>How far the difference's interval reaches to one side, where both shares' intervals reach so far to the sides that count.</summary>
    internal static double Reach(double x, double y) => Math.Sqrt((x * x) + (y * y));
}
