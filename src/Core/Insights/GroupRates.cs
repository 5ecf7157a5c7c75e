using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>A group's interest.</summary>
/// <param name="Volume">Its share of all that was shown to anybody.</param>
/// <param name="Shrunk">The rate that it is expected to have: few showings are drawn towards the rate of all.</param>
public sealed record GroupRate(string Value, Rate Rate, double Volume, double Shrunk, Interval ShrunkInterval)
{
    /// <summary>To how many users something was shown.</summary>
    public long Users { get; init; }

    /// <summary>Whether it is not the first, and not told from it by more than chance: it may be as high.</summary>
    public bool MayBeAsHigh { get; init; }
}

/// <summary>Interest by group, in the order of what each expected rate is at the least, so that few showings do not lead. Users, not showings, are independent.</summary>
/// <param name="MostShown">The group with most showings: volume is not rate.</param>
/// <param name="FirstIsAhead">Whether the first is above every other that is told by more than chance makes of groups that are alike, in 5 of 100 cases at the most.</param>
public sealed record GroupRates(string Category, string Definition, GroupRate[] Groups, string MostShown, bool FirstIsAhead)
{
    /// <summary>How many groups are not told by themselves.</summary>
    public long LeftOut { get; init; }

    /// <summary>Whether one user may be in several of these groups, so that they are of more together than there is.</summary>
    public bool Overlaps => Audience.Overlaps(Category);

    /// <summary>These together, and what is in no group that is known by itself; null where there are none. Nothing is expected of them, for they are no group.</summary>
    public GroupRate? Others { get; init; }

    /// <summary>Those of whom it is not known in which group they are; null where there are none. Nothing is expected of them.</summary>
    public GroupRate? Unknown { get; init; }

    /// <param name="most">Of more groups those with most showings are told; shares are of all.</param>
    /// <param name="least">Groups of fewer users are not told by themselves.</param>
    /// <param name="shown">How much was shown in all: what shares are of, for groups may overlap, and who is in none of them was shown something, too.</param>
    /// <param name="beside">What was shown to groups that are not among these.</param>
    /// <param name="unknown">What was shown to those of whom it is not known in which group they are.</param>
    /// <param name="together">Of how many categories it is told together which group is ahead: all of them together claim it of groups that are alike in 5 of 100 cases at the most.</param>
    public static GroupRates Of(
        string category, string definition, IReadOnlyCollection<(string Value, InterestTally Tally)> groups, long shown, int most = int.MaxValue, int least = 0, InterestTally beside = default, InterestTally unknown = default, int together = 1)
    {
        // In an order of their own, so that sums have the same bits whatever the groups came from.
        groups = [.. groups.OrderBy(group => group.Value, StringComparer.Ordinal)];
        // How far groups differ is of all of them: those with most showings are no sample.
        var likeness = InterestTally.LikenessWithinUsers(groups.Select(group => group.Tally));
        var worth = groups.Select(group => (group.Value, group.Tally, group.Tally.Rate, N: group.Tally.Worth(likeness))).Where(group => group.Rate.N > 0)
            .Select(group => (group.Value, group.Tally.Users, group.Rate, group.N, Hits: group.N * group.Rate.Value)).ToArray();
        var shrunk = ShrunkRates.Fit([.. worth.Select(group => group.Hits)], [.. worth.Select(group => group.N)]);
        var told = worth.Where(group => group.Users >= least).OrderByDescending(group => group.Rate.N).ThenBy(group => group.Value, StringComparer.Ordinal).Take(most).ToArray();
        var names = told.Select(group => group.Value).ToHashSet();
        var others = groups.Where(group => !names.Contains(group.Value)).Aggregate(beside, (sum, group) => sum + group.Tally);
        var z = NormalQuantile.TwoSided(1 - (FalseDiscoveries.Level / together));
        var ordered = told.Select(group => (Of: shrunk.Of(group.Hits, group.N), Rate: new GroupRate(
                group.Value, group.Rate, (double)group.Rate.N / shown, shrunk.Of(group.Hits, group.N).Mean, shrunk.IntervalOf(group.Hits, group.N)) { Users = group.Users }))
            .OrderByDescending(group => group.Rate.ShrunkInterval.Low).ThenBy(group => group.Rate.Value, StringComparer.Ordinal).ToArray();
        GroupRate[] rates = [.. ordered.Select((group, place) => group.Rate with { MayBeAsHigh = place > 0 && !IsBelowFirst(group.Of) })];
        return new GroupRates(category, definition, rates, told.Select(group => group.Value).FirstOrDefault(""), rates.Length > 1 && !rates.Any(rate => rate.MayBeAsHigh))
        {
            LeftOut = worth.Length - told.Length, Others = Beside(others), Unknown = Beside(unknown),
        };

        bool IsBelowFirst((double Mean, double Deviation) other) =>
            ordered[0].Of.Mean - other.Mean > z * Math.Sqrt((ordered[0].Of.Deviation * ordered[0].Of.Deviation) + (other.Deviation * other.Deviation));

        GroupRate? Beside(InterestTally tally) => tally.Shown == 0 ? null
            : new GroupRate("", tally.Rate, (double)tally.Shown / shown, double.NaN, Interval.Unknown) { Users = tally.Users };
    }
}
