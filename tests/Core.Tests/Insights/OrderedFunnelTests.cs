using Auie.Core.Insights;
using Auie.Core.Users;

namespace Auie.Core.Tests.Insights;

public sealed class OrderedFunnelTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly EntryKind[] Steps = [EntryKind.Shown, EntryKind.Interested, EntryKind.Purchased];

    [Fact]
    public void It_equals_trying_every_way_in_whatever_order_events_come()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var events = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (Kind: Steps[random.Next(3)], Minute: random.Next(60))).DistinctBy(one => one.Minute).ToArray();
            var window = random.Next(5, 40);
            var funnel = new OrderedFunnel(Steps, TimeSpan.FromMinutes(window));
            foreach (var (kind, minute) in events.OrderBy(_ => random.Next())) funnel.Add("u", Entry(kind, minute));

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

            funnel.Tally(_ => [])[""].Reached.ShouldBe([farthest > 0 ? 1 : 0, farthest > 1 ? 1 : 0, farthest > 2 ? 1 : 0], $"seed {seed}");
        }
    }

    [Fact]
    public void Waits_are_told_to_the_next_power_of_two()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromHours(9));
        for (var user = 0; user < 10; user++)
        {
            funnel.Add($"u{user}", Entry(EntryKind.Shown, 0));
            funnel.Add($"u{user}", Entry(EntryKind.Interested, user < 9 ? 1 : 60));
        }

        var tally = funnel.Tally(user => user == "u0" ? null : ["some"]);
        (tally[""].Reached[1], tally["some"].Reached[1]).ShouldBe((9, 9));
        OrderedFunnel.Quantile(tally[""].Waits[0], 0.5).ShouldBe(TimeSpan.FromSeconds(64));
        OrderedFunnel.Quantile(tally[""].Waits[0], 1).ShouldBe(TimeSpan.FromSeconds(4096));
        OrderedFunnel.Quantile(tally[""].Waits[1], 0.5).ShouldBeNull();
        (funnel.Events, funnel.Since).ShouldBe((20, Noon.UtcTicks));
    }

    [Fact]
    public void What_others_did_and_what_has_no_date_is_no_step()
    {
        var funnel = new OrderedFunnel(Steps, TimeSpan.FromHours(1));
        funnel.Add("u", Entry(EntryKind.Shown, 0) with { At = EntryValidation.Undated });
        funnel.Add("u", Entry(EntryKind.Viewed, 0));
        (funnel.Events, funnel.Tally(_ => [])[""].Reached[0]).ShouldBe((0, 0));
    }

    private static Entry Entry(EntryKind kind, int minute) => new() { Kind = kind, MessageId = $"m{minute}", At = Noon.AddMinutes(minute), Item = "e" };
}
