using System.Runtime.InteropServices;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>How far a group's users got in order, and how long they took from step to step.</summary>
/// <param name="Reached">By step, how many took it and all before it, in order and within the window.</param>
/// <param name="Waits">By step but the first, how many took how long since the one before: by powers of two of seconds (<see cref="OrderedFunnel.BinOf"/>).</param>
public sealed record OrderedTally(long[] Reached, long[][] Waits)
{
    public static OrderedTally Empty(int steps) =>
        new(new long[steps], [.. Enumerable.Range(0, Math.Max(0, steps - 1)).Select(_ => new long[OrderedFunnel.Bins])]);

    public void Add(OrderedTally other)
    {
        for (var step = 0; step < Reached.Length; step++) Reached[step] += other.Reached[step];
        for (var step = 0; step < Waits.Length; step++)
        {
            for (var bin = 0; bin < OrderedFunnel.Bins; bin++) Waits[step][bin] += other.Waits[step][bin];
        }
    }
}

/// <summary>
/// A funnel whose steps have to come in order, all within a window from the first: each user's events are gathered from the journal, in whatever order it has them, and
/// the farthest that any of their first steps led to counts, of equal ones the earliest.
/// </summary>
public sealed class OrderedFunnel(IReadOnlyList<EntryKind> steps, TimeSpan window)
{
    /// <summary>Of waits: bin 0 is less than a second, bin b is from 2^(b-1) up to, not including, 2^b seconds.</summary>
    public const int Bins = 33;

    private readonly Dictionary<string, List<(long At, int Step)>> _users = [];

    /// <summary>How many events are gathered.</summary>
    public long Events { get; private set; }

    /// <summary>When the earliest of them was, in ticks of UTC; 0 where there is none.</summary>
    public long Since { get; private set; }

    public static int BinOf(TimeSpan wait) => wait < TimeSpan.FromSeconds(1) ? 0 : Math.Min(Bins - 1, 1 + (int)Math.Floor(Math.Log2(wait.TotalSeconds)));

    /// <summary>The wait that a share of those who waited do not go beyond: the upper end of its bin. Null where nobody waited.</summary>
    public static TimeSpan? Quantile(long[] waits, double share)
    {
        var (all, seen) = (waits.Sum(), 0L);
        if (all == 0) return null;
        for (var bin = 0; bin < Bins; bin++)
        {
            seen += waits[bin];
            if (seen >= share * all) return TimeSpan.FromSeconds(Math.Pow(2, bin));
        }

        return null;
    }

    /// <summary>Takes an entry in, if it is one of the steps, the user's own and dated.</summary>
    public void Add(string user, Entry entry)
    {
        if (entry.Other is not null || entry.At == EntryValidation.Undated) return;
        for (var step = 0; step < steps.Count; step++)
        {
            if (steps[step] != entry.Kind) continue;
            (CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _) ??= []).Add((entry.At.UtcTicks, step));
            Events++;
            Since = Since == 0 ? entry.At.UtcTicks : Math.Min(Since, entry.At.UtcTicks);
        }
    }

    /// <summary>By group what users did; "" is everybody.</summary>
    /// <param name="groupsOf">A user's groups; null for who is not meant.</param>
    public Dictionary<string, OrderedTally> Tally(Func<string, IReadOnlyList<string>?> groupsOf)
    {
        var groups = new Dictionary<string, OrderedTally> { [FunnelScan.Everybody] = OrderedTally.Empty(steps.Count) };
        foreach (var (user, events) in _users)
        {
            if (groupsOf(user) is not { } of) continue;
            var times = Farthest(events);
            if (times.Length == 0) continue;
            var one = OrderedTally.Empty(steps.Count);
            for (var step = 0; step < times.Length; step++)
            {
                one.Reached[step] = 1;
                if (step > 0) one.Waits[step - 1][BinOf(TimeSpan.FromTicks(times[step] - times[step - 1]))] = 1;
            }

            groups[FunnelScan.Everybody].Add(one);
            foreach (var group in of) (CollectionsMarshal.GetValueRefOrAddDefault(groups, group, out _) ??= OrderedTally.Empty(steps.Count)).Add(one);
        }

        return groups;
    }

    /// <summary>The instants of the steps of the farthest way; each step is taken by the earliest event that may, which leaves most to those after it.</summary>
    private long[] Farthest(List<(long At, int Step)> events)
    {
        events.Sort();
        long[] best = [];
        for (var first = 0; first < events.Count && best.Length < steps.Count; first++)
        {
            if (events[first].Step != 0) continue;
            var way = new List<long> { events[first].At };
            for (var next = first + 1; next < events.Count && way.Count < steps.Count && events[next].At - way[0] <= window.Ticks; next++)
            {
                if (events[next].Step == way.Count) way.Add(events[next].At);
            }

            if (way.Count > best.Length) best = [.. way];
        }

        return best;
    }
}
