using Auie.Abstractions;
using Auie.Core.Insights;

namespace Auie.Grains;

/// <summary>What shards tell of their users, as messages.</summary>
internal static class AudienceParts
{
    public static AudiencePart Of(AudienceScan scan) => new()
    {
        Users = scan.Audience.Users,
        OnPlatforms = scan.Audience.OnPlatforms,
        Texts = new(scan.Audience.Texts),
        Numbers = new(scan.Audience.Numbers),
        Interest = Sums(scan.Interest),
        Groups = scan.Groups.ToDictionary(group => group.Key, group => group.Value.ToDictionary(one => one.Key, one => Sums(one.Value))),
    };

    public static AudienceScan Merge(IEnumerable<AudiencePart> parts)
    {
        var all = new AudienceScan();
        foreach (var part in parts)
        {
            all.Merge(new Audience(part.Users, part.OnPlatforms, part.Texts, part.Numbers), Tally(part.Interest),
                part.Groups.ToDictionary(group => group.Key, group => group.Value.ToDictionary(one => one.Key, one => Tally(one.Value))));
        }

        return all;
    }

    public static FunnelPart Of(FunnelScan scan) => new(
        scan.Groups.ToDictionary(group => group.Key, group => group.Value.Reached), scan.Groups.ToDictionary(group => group.Key, group => group.Value.Users),
        scan.Groups.ToDictionary(group => group.Key, group => group.Value.Spent))
    {
        SpentToEnd = scan.Groups.ToDictionary(group => group.Key, group => group.Value.SpentToEnd),
    };

    public static FunnelScan Merge(IEnumerable<FunnelPart> parts)
    {
        var all = new FunnelScan();
        foreach (var part in parts)
        {
            all.Merge(part.Users.ToDictionary(
                group => group.Key, group => new FunnelTally(part.All[group.Key], group.Value, part.Spent[group.Key]) { SpentToEnd = part.SpentToEnd[group.Key] }));
        }

        return all;
    }

    /// <summary>What most users have, by the counts of every shard, and so many at the least.</summary>
    public static string[] Largest(IEnumerable<Dictionary<string, long>> counts, int most, int least = 1) =>
        [.. AudienceRow.Largest(counts.SelectMany(part => part).GroupBy(one => one.Key, (value, parts) => KeyValuePair.Create(value, parts.Sum(part => part.Value))).Where(one => one.Value >= least), most).Keys];

    private static long[] Sums(InterestTally tally) =>
        [tally.Users, tally.Shown, tally.Interested, tally.NotInterested, tally.ShownSquares, tally.ShownTimesInterested, tally.InterestedSquares];

    private static InterestTally Tally(long[] sums) => new(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]);
}
