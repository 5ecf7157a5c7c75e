using Auie.Core.Insights;
using Auie.Core.Users;

namespace Auie.Core.Tests.Insights;

public sealed class OrderedFunnelTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset AsOf = Noon.AddDays(9);
    private static readonly EntryKind[] Steps = [EntryKind.Shown, EntryKind.Interested, EntryKind.Purchased];

    [Fact]
    public void It_equals_trying_every_way_in_whatever_order_events_come()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var events = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (Kind: Steps[random.Next(3)], Minute: random.Next(60))).DistinctBy(one => one.Minute).ToArray();
            var window = random.Next(5, 40);
            var funnel = new OrderedFunnel(Steps, TimeSpan.FromMinutes(window), AsOf);
            funnel.Add(Trail([.. events.OrderBy(_ => random.Next()).Select(one => Entry(one.Kind, one.Minute))]), []);

            var farthest = 0;
            foreach (var a in events.Where(one => one.Kind == Steps[0]))
            {
                farthest = Math.Max(farthest, 1);
                foreach (var b in events.Where(one => one.Kind == Steps[1] && one.Minute > a.Minute && one.Minute - a.Minute <= window))
                {
                    farthest = Math.Max(farthest, 2);
                    if (events.Any(one => one.Kind == Steps[2] && one.Minute > b.Minute && one.Minute - a.Minute <= window)) farthest = 3;
                }
            }

            funnel.Groups[""].Reached.ShouldBe([farthest > 0 ? 1 : 0, farthest > 1 ? 1 : 0, farthest > 2 ? 1 : 0], $"seed {seed}");
        }
    }

    [Fact]
    public void Waits_are_told_to_the_next_power_of_two()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromHours(9), AsOf);
        for (var user = 0; user < 10; user++)
            funnel.Add(Trail(Entry(EntryKind.Shown, 0), Entry(EntryKind.Interested, user < 9 ? 1 : 60)), user < 4 ? ["some"] : []);

        (funnel.Groups[""].Reached[1], funnel.Groups["some"].Reached[1]).ShouldBe((10, 4));
        var waits = funnel.Groups[""].Waits;
        OrderedFunnel.Quantile(waits[0], 0.5).ShouldBe(TimeSpan.FromSeconds(64));
        OrderedFunnel.Quantile(waits[0], 1).ShouldBe(TimeSpan.FromSeconds(4096));
        OrderedFunnel.Quantile(waits[1], 0.5).ShouldBeNull();
        (funnel.Events, funnel.Since).ShouldBe((20, Noon.UtcTicks));
    }

    [Fact]
    public void Of_equally_far_ways_the_earliest_counts_and_each_step_by_the_earliest_event()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromMinutes(30), AsOf);
        // The first showing leads to nothing within the window; the second to a purchase, and so does the third.
        funnel.Add(Trail(Entry(EntryKind.Shown, 0), Entry(EntryKind.Shown, 40), Entry(EntryKind.Interested, 44), Entry(EntryKind.Shown, 50), Entry(EntryKind.Interested, 51), Entry(EntryKind.Purchased, 60)), []);
        funnel.Groups[""].Waits[0][OrderedFunnel.BinOf(TimeSpan.FromMinutes(4))].ShouldBe(1);
        funnel.Groups[""].Waits[1][OrderedFunnel.BinOf(TimeSpan.FromMinutes(16))].ShouldBe(1);
    }

    [Fact]
    public void Whose_window_is_not_over_has_not_dropped_out_and_rates_are_of_windows_that_are()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromMinutes(30), Noon.AddMinutes(60));
        funnel.Add(Trail(Entry(EntryKind.Shown, 0)), []); // over
        funnel.Add(Trail(Entry(EntryKind.Shown, 0), Entry(EntryKind.Shown, 31)), []); // the second may still lead on
        funnel.Add(Trail(Entry(EntryKind.Shown, 40), Entry(EntryKind.Interested, 41)), []); // waits at the second step
        funnel.Add(Trail(Entry(EntryKind.Shown, 40), Entry(EntryKind.Interested, 41), Entry(EntryKind.Purchased, 42)), []); // all there is
        var tally = funnel.Groups[""];
        tally.Reached.ShouldBe([4, 2, 1]);
        tally.Waiting.ShouldBe([1, 1, 0]);
        // Of the first showing of the second user, too, it is known that it led nowhere.
        tally.Over.ShouldBe([2, 0, 0]);
        funnel.Add(Trail(Entry(EntryKind.Shown, 5), Entry(EntryKind.Interested, 6), Entry(EntryKind.Shown, 50), Entry(EntryKind.Interested, 52), Entry(EntryKind.Purchased, 53)), []);
        (funnel.Groups[""].Over[1], funnel.Groups[""].Over[2], funnel.Groups[""].Reached[2]).ShouldBe((1, 0, 2));
    }

    [Fact]
    public void What_was_paid_within_the_window_of_the_way_that_counts_is_summed()
    {
        var funnel = new OrderedFunnel([EntryKind.Shown, EntryKind.Interested], TimeSpan.FromMinutes(30), AsOf);
        funnel.Add(Trail(
            Entry(EntryKind.Purchased, 1) with { Amount = 1_000 }, Entry(EntryKind.Shown, 2), Entry(EntryKind.Interested, 5), Entry(EntryKind.Purchased, 9) with { Amount = 20_000 },
            Entry(EntryKind.Purchased, 32) with { Amount = 300_000 }, Entry(EntryKind.Purchased, 33) with { Amount = 4_000_000 }), ["some"]);
        funnel.Add(Trail(Entry(EntryKind.Purchased, 9) with { Amount = 5 }), []);
        (funnel.Groups[""].Spent, funnel.Groups["some"].Spent).ShouldBe((320_000, 320_000));
        // Who began and did not come to the end paid, too: that is told apart.
        funnel.Add(Trail(Entry(EntryKind.Shown, 2), Entry(EntryKind.Purchased, 3) with { Amount = 70 }), []);
        (funnel.Groups[""].Spent, funnel.Groups[""].SpentToEnd, funnel.Groups["some"].SpentToEnd).ShouldBe((320_070, 320_000, 320_000));
        var all = OrderedTally.Empty(2);
        all.Add(funnel.Groups[""]);
        all.Add(funnel.Groups["some"]);
        (all.Spent, all.SpentToEnd).ShouldBe((640_070, 640_000));
    }

    [Fact]
    public void What_has_no_date_is_no_step()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromHours(1), AsOf);
        funnel.Add(Trail(Entry(EntryKind.Shown, 0) with { At = EntryValidation.Undated }, Entry(EntryKind.Viewed, 0)), []);
        (funnel.Events, funnel.Groups[""].Reached[0]).ShouldBe((0, 0));
    }

    private static byte[] Trail(params Entry[] entries)
    {
        var state = new UserState();
        state.Apply(entries);
        return state.Head.Trail.Encode();
    }

    private static Entry Entry(EntryKind kind, int minute) => new() { Kind = kind, MessageId = $"m{minute}", At = Noon.AddMinutes(minute), Item = "e" };
}
