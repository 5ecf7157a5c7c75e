using System.Runtime.InteropServices;
using Auie.Core.Features;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>A step that users take or do not: its name, what it says, and the fact that is above 0 of those who took it.</summary>
public sealed record FunnelStep(string Name, string Definition, Fact Fact)
{
    /// <summary>All that there are, in the order in which people mostly take them.</summary>
    public static IReadOnlyList<FunnelStep> All { get; } =
    [
        new("invited", "was ever invited to something", Fact.Invited),
        new("shown", "was ever shown something", Fact.Impressions),
        new("viewed", "ever viewed something", Fact.Viewed),
        new("interested", "ever said to be interested", Fact.ImpressionsInterested),
        new("maybe", "says maybe to something, by the latest answer", Fact.Maybe),
        new("yes", "says yes to something, by the latest answer", Fact.Yes),
        new("came", "ever came to something", Fact.Came),
        new("purchased", "ever bought something", Fact.Purchased),
    ];

    // Who buys something need not say yes to anything, nor come to anything before: in one list most would be lost by its order alone.
    private static readonly Dictionary<string, string[]> Ways = new()
    {
        ["purchased"] = ["shown", "viewed", "interested", "purchased"],
        ["came"] = ["shown", "viewed", "interested", "yes", "came"],
    };

    /// <summary>The steps that ways lead to which are told of where no steps are named.</summary>
    public static IReadOnlyCollection<string> Goals => Ways.Keys;

    /// <summary>The steps that are told of where none are named: those of the way to a goal that anybody took. Of nobody, what was shown.</summary>
    /// <param name="to">One of <see cref="Goals"/>; null: purchased where anybody bought something, else came.</param>
    public static string[] Taken(Func<FunnelStep, bool> isTaken, string? to)
    {
        var way = Ways[to ?? (isTaken(Find("purchased")!) ? "purchased" : "came")];
        string[] taken = [.. way.Where(name => isTaken(Find(name)!))];
        return taken.Length > 0 ? taken : way[..1];
    }

    /// <summary>The step of that name, or null.</summary>
    public static FunnelStep? Find(string name) => All.FirstOrDefault(step => step.Name == name);
}

/// <summary>How many are in a group, how many of them took every step up to each, and what all of the group spent, in ten-thousandths of the currency unit; of a platform, what was spent there.</summary>
public sealed record FunnelTally(long Users, long[] Reached, long Spent)
{
    /// <summary>What those of them spent who took every step.</summary>
    public long SpentToEnd { get; init; }

    public static FunnelTally operator +(FunnelTally a, FunnelTally b) => new(
        a.Users + b.Users, [.. a.Reached.Zip(b.Reached, (x, y) => x + y)], a.Spent + b.Spent) { SpentToEnd = a.SpentToEnd + b.SpentToEnd };
}

/// <summary>
/// How many users took every step of a list up to each: ever, whenever, in whatever order and of whatever item; read from a shard's columns. Parts add up over
/// shards. In what order and how soon the steps were taken is not in the columns. By platform users count wherever they were seen, and what they spent only where they bought it: what was spent on no platform that is known
/// is that of <see cref="AudienceRow.Unknown"/>, whoever spent it, so that of all groups together it is that of everybody.
/// </summary>
public sealed class FunnelScan
{
    private const double TenThousandths = 10_000;

    /// <summary>The group of everybody.</summary>
    public const string Everybody = "";

    private readonly Dictionary<string, FunnelTally> _groups = [];

    public IReadOnlyDictionary<string, FunnelTally> Groups => _groups;

    /// <param name="by">What users are told apart by (<see cref="AudienceRow.Names"/>); null for nothing.</param>
    /// <param name="told">Whose values are told by themselves, any other as <see cref="AudienceRow.Others"/>; null for all that there are.</param>
    public static FunnelScan Of(IEnumerable<AudienceRow> rows, IReadOnlyList<FunnelStep> steps, string? by, int year, IReadOnlySet<string>? told = null)
    {
        var scan = new FunnelScan();
        // Everybody is a group even where there is nobody.
        var counts = new Dictionary<string, (long Users, long[] Reached, long Spent, long SpentToEnd)> { [Everybody] = (0, new long[steps.Count], 0, 0) };
        var groups = by is null ? null : new AudienceGroups(by, year, told);
        foreach (var row in rows)
        {
            var taken = 0;
            while (taken < steps.Count && row.Facts[steps[taken].Fact] > 0) taken++;
            var spent = (long)Math.Round(row.Facts[Fact.Spent] * TenThousandths);
            Count(Everybody, 1, spent);
            if (groups is null) continue;
            var nowhere = spent;
            foreach (var value in groups.Of(row))
            {
                var here = by == Audience.Platform && value != AudienceRow.Unknown ? SpentOn(row, value) : spent;
                nowhere -= here;
                Count(value, 1, here);
            }

            if (by == Audience.Platform && nowhere > 0) Count(AudienceRow.Unknown, 0, nowhere);

            void Count(string group, int users, long paid)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, group, out var known);
                if (!known) count.Reached = new long[steps.Count];
                count.Users += users;
                for (var step = 0; step < taken; step++) count.Reached[step] += users;
                count.Spent += paid;
                if (taken == steps.Count) count.SpentToEnd += paid;
            }
        }

        foreach (var (group, count) in counts) scan._groups[group] = new FunnelTally(count.Users, count.Reached, count.Spent) { SpentToEnd = count.SpentToEnd };
        return scan;
    }

    private static long SpentOn(AudienceRow row, string platform) => (long)Math.Round(TenThousandths * row.Facts[PlatformKinds.Of(platform) switch
    {
        PlatformKind.Web => Fact.SpentWeb,
        PlatformKind.Mobile => Fact.SpentMobile,
        _ => Fact.SpentEmail,
    }]);

    /// <summary>Adds a part that was made elsewhere.</summary>
    public void Merge(IReadOnlyDictionary<string, FunnelTally> groups)
    {
        foreach (var (group, tally) in groups) _groups[group] = _groups.TryGetValue(group, out var known) ? known + tally : tally;
    }
}
