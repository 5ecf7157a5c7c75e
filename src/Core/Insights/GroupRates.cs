using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>A group's interest.</summary>
/// <param name="Volume">Its share of all showings.</param>
/// <param name="Shrunk">The rate that it is expected to have: few showings are drawn towards the rate of all.</param>
public sealed record GroupRate(string Value, Rate Rate, double Volume, double Shrunk, Interval ShrunkInterval);

/// <summary>Interest by group, in the order of what each expected rate is at the least, so that few showings do not lead.</summary>
/// <param name="MostShown">The group with most showings: volume is not rate.</param>
public sealed record GroupRates(string Category, string Definition, GroupRate[] Groups, string MostShown)
{
    public static GroupRates Of(string category, string definition, IReadOnlyCollection<(string Value, Rate Rate)> groups)
    {
        var shrunk = ShrunkRates.Fit([.. groups.Select(group => group.Rate.Hits)], [.. groups.Select(group => group.Rate.N)]);
        var all = groups.Sum(group => group.Rate.N);
        return new GroupRates(category, definition,
            [.. groups.Select(group => new GroupRate(
                    group.Value, group.Rate, (double)group.Rate.N / all, shrunk.Of(group.Rate.Hits, group.Rate.N), shrunk.IntervalOf(group.Rate.Hits, group.Rate.N)))
                .OrderByDescending(group => group.ShrunkInterval.Low).ThenBy(group => group.Value, StringComparer.Ordinal)],
            groups.OrderByDescending(group => group.Rate.N).ThenBy(group => group.Value, StringComparer.Ordinal).Select(group => group.Value).FirstOrDefault(""));
    }
}
