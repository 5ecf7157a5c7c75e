using Xunit.Abstractions;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>Every state that silos and their table can come to, breadth first: in none of them do two answer for a slot, and from each every slot is served again.</summary>
public sealed class LeaseModelTests(ITestOutputHelper output)
{
    // A lease, and some rounds of hand-over after it.
    private const int TicksToServe = 16;

    public static TheoryData<string> Worlds => [.. All.Keys];

    private static readonly Dictionary<string, LeaseRules> All = new()
    {
        ["two silos, one slot, a fault"] = new(2, 1, Faults: 1),
        ["two silos, one slot, two faults"] = new(2, 1, Lease: 2, Faults: 2),
        ["two silos, one slot, an order and a fault"] = new(2, 1, Lease: 2, Drift: false, Faults: 1, Orders: 1),
        ["two silos, two slots, a fault"] = new(2, 2, Lease: 2, Drift: false, Faults: 1),
        ["three silos, one slot"] = new(3, 1, Lease: 2, Drift: false),
    };

    public static TheoryData<string> BrokenRules => [.. Broken.Keys];

    private static readonly Dictionary<string, LeaseRules> Broken = new()
    {
        ["no margin"] = new(2, 1, Margin: 0),
        ["a lease counted from the answer"] = new(2, 1, CountsFromSending: false),
        ["a claim without a look at the lease"] = new(2, 1, LooksAgain: false),
        ["heartbeats without numbers"] = new(2, 1, Lease: 2, Drift: false, NumbersBeats: false, Faults: 1, Orders: 2),
    };

    [Theory, MemberData(nameof(Worlds))]
    public void No_slot_is_ever_answered_for_by_two_and_each_is_served_again(string world)
    {
        var found = Explore(All[world], out var violation);
        output.WriteLine($"{world}: {found.Count:N0} states");
        violation.ShouldBeNull();
        EachIsServedAgain(All[world], found);
    }

    [Theory, MemberData(nameof(BrokenRules))]
    public void A_rule_that_is_broken_is_found_out(string rule)
    {
        var found = Explore(Broken[rule], out var violation);
        output.WriteLine($"{rule}, found after {found.Count:N0} states: {violation}");
        violation.ShouldNotBeNull();
    }

    /// <param name="violation">How a state that must not be was come to; null where there is none.</param>
    /// <returns>All states that were come to.</returns>
    private static List<UInt128> Explore(LeaseRules rules, out string? violation)
    {
        var model = new LeaseModel(rules);
        var first = model.Pack();
        var known = new HashSet<UInt128> { first };
        List<UInt128> states = [first];
        List<(int From, Move Move, int Silo, int Detail)> ways = [default];
        for (var at = 0; at < states.Count; at++)
        {
            model.Unpack(states[at]);
            foreach (var (move, silo, detail) in model.Moves().ToArray())
            {
                model.Unpack(states[at]);
                model.Do(move, silo, detail);
                var next = model.Pack();
                if (!known.Add(next))
                    continue;
                states.Add(next);
                ways.Add((at, move, silo, detail));
                if (model.Violation() is { } what)
                {
                    violation = $"{what}: {Way(ways)}";
                    return states;
                }
            }
        }

        violation = null;
        return states;
    }

    private static string Way(List<(int From, Move Move, int Silo, int Detail)> ways)
    {
        var steps = new Stack<string>();
        for (var at = ways.Count - 1; at > 0; at = ways[at].From)
            steps.Push(ways[at].Move == Move.Tick ? $"Tick(missed by {ways[at].Detail:b})" : $"{ways[at].Move}({ways[at].Silo})");
        return string.Join(", ", steps);
    }

    private static void EachIsServedAgain(LeaseRules rules, List<UInt128> states)
    {
        var model = new LeaseModel(rules);
        var sure = new HashSet<UInt128>();
        var path = new List<UInt128>();
        foreach (var state in states)
        {
            path.Clear();
            model.Unpack(state);
            var now = state;
            while (!model.AllServed && !sure.Contains(now))
            {
                path.Add(now);
                path.Count.ShouldBeLessThan(TicksToServe);
                model.RunSmoothly();
                now = model.Pack();
            }

            sure.UnionWith(path);
        }
    }
}
