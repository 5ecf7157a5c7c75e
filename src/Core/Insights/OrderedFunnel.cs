using System.Runtime.InteropServices;
using Auie.Core.Features;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>How far a group's users got in order, and how long they took from step to step.</summary>
/// <param name="Reached">By step, how many took it and all before it, in order and within the window.</param>
/// <param name="Waits">By step but the first, how many took how long since the one before: by powers of two of seconds (<see cref="OrderedFunnel.BinOf"/>).</param>
/// <param name="Waiting">By step, how many got just so far and may still go on, since the window from their latest first step is not over.</param>
/// <param name="Over">By step, how many took it from a first step whose window is over: what rates are of, for who was quick must not stand for those who still have time.</param>
public sealed record OrderedTally(long[] Reached, long[][] Waits, long[] Waiting, long[] Over)
{
    /// <summary>What all who took the first step paid within the window from that of the way that counts, in ten-thousandths of the currency unit.</summary>
    public long Spent { get; set; }

    /// <summary>What of that those paid who came to the last step.</summary>
    public long SpentToEnd { get; set; }

    public static OrderedTally Empty(int steps) =>
        new(new long[steps], [.. Enumerable.Range(0, Math.Max(0, steps - 1)).Select(_ => new long[OrderedFunnel.Bins])], new long[steps], new long[steps]);

    public void Add(OrderedTally other)
    {
        Spent += other.Spent;
        SpentToEnd += other.SpentToEnd;
        for (var step = 0; step < Reached.Length; step++)
        {
            Reached[step] += other.Reached[step];
            Waiting[step] += other.Waiting[step];
            Over[step] += other.Over[step];
        }

        for (var step = 0; step < Waits.Length; step++)
        {
            for (var bin = 0; bin < OrderedFunnel.Bins; bin++) Waits[step][bin] += other.Waits[step][bin];
        }
    }
}

/// <summary>
/// A funnel whose steps have to come in order, all within a window from the first: of each user's latest steps (<see cref="Trail"/>) the farthest way that any of their first steps
/// led to counts, of equal ones the earliest.
/// </summary>
public sealed class OrderedFunnel
{
    /// <summary>Of waits: bin 0 is less than a second, bin b is from 2^(b-1) up to, not including, 2^b seconds.</summary>
    public const int Bins = 33;

    private readonly int _steps;
    private readonly int[] _stepOf = new int[EntryKinds.All.Count + 1];
    private readonly TimeSpan _window;
    private readonly Dictionary<string, OrderedTally> _groups;

    // Of the user that is looked at, by step: when they took it, in order, how often, and from which time on it is looked for.
    private readonly long[][] _times;
    private readonly int[] _counts, _next;
    private readonly long[] _way, _best;
    private readonly long[] _ticks = new long[Trail.Most], _amounts = new long[Trail.Most];
    private readonly EntryKind[] _kinds = new EntryKind[Trail.Most];
    private readonly int[] _items = new int[Trail.Most];
    private readonly PlatformKind[] _platforms = new PlatformKind[Trail.Most];
    private readonly FunnelStep? _first;
    private readonly DateTimeOffset _asOf;

    /// <param name="asOf">Up to when things are known: a window that ends later is not over.</param>
    public OrderedFunnel(IReadOnlyList<EntryKind> steps, TimeSpan window, DateTimeOffset asOf)
    {
        (_steps, _window, _asOf, _first) = (steps.Count, window, asOf, FunnelStep.Find(steps[0].Name()));
        for (var step = 0; step < steps.Count; step++) _stepOf[(int)steps[step]] = step + 1;
        _groups = new() { [FunnelScan.Everybody] = OrderedTally.Empty(_steps) };
        _times = [.. steps.Select(_ => new long[Trail.Most])];
        (_counts, _next, _way, _best) = (new int[_steps], new int[_steps], new long[_steps], new long[_steps]);
    }

    /// <summary>How many events of these steps there are.</summary>
    public long Events { get; private set; }

    /// <summary>When the earliest of them was, in ticks of UTC; 0 where there is none.</summary>
    public long Since { get; private set; }

    /// <summary>How many users were looked at, whether they took a step or not.</summary>
    public long Users { get; private set; }

    /// <summary>Of whom it is counted that they took the first step, but not kept when: it has no date, or they took as many steps since as are kept.</summary>
    public long FirstNotKept { get; private set; }

    /// <summary>By group what users did; "" is everybody.</summary>
    public IReadOnlyDictionary<string, OrderedTally> Groups => _groups;

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

    /// <param name="by">What users are told apart by (<see cref="AudienceRow.Names"/>); null for nothing.</param>
    /// <param name="told">Whose values are told by themselves, any other as <see cref="AudienceRow.Others"/>; null for all that there are.</param>
    public void Add(IEnumerable<AudienceRow> rows, string? by, int year, IReadOnlySet<string>? told = null)
    {
        var groups = by is null ? null : new AudienceGroups(by, year, told);
        foreach (var row in rows)
        {
            Users++;
            var began = !row.Trail.IsEmpty && Add(row.Trail, groups?.Of(row) ?? [], by == Audience.Platform);
            if (!began && _first is { Fact: var fact } && row.Facts[fact] > 0) FirstNotKept++;
        }
    }

    /// <summary>Takes a user in, with the groups that they are in.</summary>
    /// <param name="trail">As <see cref="Trail.Encode"/> gave it.</param>
    /// <param name="arePlatforms">Whether the groups are platforms: of what the user paid each has what was bought there, and <see cref="AudienceRow.Unknown"/> what was bought on none that is known.</param>
    /// <returns>Whether they took the first step.</returns>
    public bool Add(ReadOnlySpan<byte> trail, IReadOnlyList<string> groups, bool arePlatforms = false)
    {
        var count = Read(trail);
        var reached = Farthest(out var over);
        if (reached == 0) return false;
        var waits = reached < _steps && _asOf.UtcTicks - _times[0][_counts[0] - 1] < _window.Ticks;
        Span<long> spentOn = stackalloc long[PlatformKinds.Count];
        spentOn.Clear();
        for (var i = 0; i < count; i++) spentOn[(int)_platforms[i]] += _ticks[i] >= _best[0] && _ticks[i] - _best[0] <= _window.Ticks ? _amounts[i] : 0;
        var spent = 0L;
        foreach (var paid in spentOn) spent += paid;
        Count(_groups[FunnelScan.Everybody]);
        Pay(_groups[FunnelScan.Everybody], spent);
        foreach (var group in groups)
        {
            Count(GroupOf(group));
            if (!arePlatforms || group != AudienceRow.Unknown) Pay(GroupOf(group), arePlatforms ? spentOn[(int)PlatformKinds.Of(group)] : spent);
        }

        if (arePlatforms && spentOn[(int)PlatformKind.Unknown] is > 0 and var nowhere) Pay(GroupOf(AudienceRow.Unknown), nowhere);
        return true;

        OrderedTally GroupOf(string group) => CollectionsMarshal.GetValueRefOrAddDefault(_groups, group, out _) ??= OrderedTally.Empty(_steps);

        void Pay(OrderedTally tally, long paid)
        {
            tally.Spent += paid;
            if (reached == _steps) tally.SpentToEnd += paid;
        }

        void Count(OrderedTally tally)
        {
            tally.Reached[0]++;
            if (waits) tally.Waiting[reached - 1]++;
            for (var step = 0; step < over; step++) tally.Over[step]++;
            for (var step = 1; step < reached; step++)
            {
                tally.Reached[step]++;
                tally.Waits[step - 1][BinOf(TimeSpan.FromTicks(_best[step] - _best[step - 1]))]++;
            }
        }
    }

    private int Read(ReadOnlySpan<byte> trail)
    {
        Array.Clear(_counts);
        var (ticks, kinds, count) = (_ticks, _kinds, Trail.Read(trail, _ticks, _kinds, _items, _amounts, _platforms));
        for (var i = 0; i < count; i++)
        {
            if (_stepOf[(int)kinds[i]] is not (> 0 and var number)) continue;
            var step = number - 1;
            _times[step][_counts[step]++] = ticks[i];
            Events++;
            if (Since == 0 || ticks[i] < Since) Since = ticks[i];
        }

        return count;
    }

    /// <summary>
    /// Puts the instants of the farthest way into <see cref="_best"/>, and returns how many steps it has. Each step is taken by the earliest event that may, which leaves most to those
    /// after it, and no later first step has an earlier one: so each event is passed once.
    /// </summary>
    /// <param name="over">How many steps the farthest way has from a first step whose window is over.</param>
    private int Farthest(out int over)
    {
        Array.Clear(_next);
        var best = over = 0;
        for (var first = 0; first < _counts[0] && best < _steps; first++)
        {
            var isOver = _asOf.UtcTicks - _times[0][first] >= _window.Ticks;
            _way[0] = _times[0][first];
            var reached = 1;
            for (; reached < _steps; reached++)
            {
                ref var next = ref _next[reached];
                while (next < _counts[reached] && _times[reached][next] < _way[reached - 1]) next++;
                if (next == _counts[reached] || _times[reached][next] - _way[0] > _window.Ticks) break;
                _way[reached] = _times[reached][next];
            }

            // First steps come in the order of time: of those whose window is over the farthest is known before any other.
            if (isOver) over = Math.Max(over, reached);
            if (reached <= best) continue;
            best = reached;
            Array.Copy(_way, _best, best);
        }

        return best;
    }
}
