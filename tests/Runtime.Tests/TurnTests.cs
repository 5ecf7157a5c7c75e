namespace Auie.Runtime.Tests;

public sealed class TurnTests
{
    [Theory, BothWays]
    public async Task A_call_waits_until_the_one_before_it_has_ended_even_while_that_awaits(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        var second = grain.Exclusive("second");
        host.Stage.Open("second");
        (await grain.WhichCanBegin(host)).ShouldBeFalse();
        host.Stage.Open("first");
        await Task.WhenAll(first, second);
        host.Stage.Notes.Where(n => n.Contains(' ') && !n.StartsWith("probe", StringComparison.Ordinal)).ShouldBe(["first begins", "first ends", "second begins", "second ends"]);
    }

    [Theory, BothWays]
    public async Task A_call_that_always_interleaves_begins_while_another_waits(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        host.Stage.Open("second");
        await grain.Always("second");
        first.IsCompleted.ShouldBeFalse();
        host.Stage.Open("first");
        await first;
    }

    [Theory, BothWays]
    public async Task Read_only_calls_interleave_with_each_other_and_with_nothing_else(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var one = grain.Read("one");
        await host.Stage.Reached("one");
        var two = grain.Read("two");
        await host.Stage.Reached("two");
        var write = grain.Exclusive("write");
        host.Stage.Open("write");
        (await grain.WhichCanBegin(host)).ShouldBeFalse();
        host.Stage.Open("one");
        await one;
        host.Stage.Notes.ShouldNotContain("write begins");
        host.Stage.Open("two");
        await Task.WhenAll(two, write);
    }

    [Theory, BothWays]
    public async Task Calls_of_a_reentrant_grain_interleave(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IReentrantGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        host.Stage.Open("second");
        await grain.Exclusive("second");
        host.Stage.Open("first");
        await first;
    }

    [Theory, BothWays]
    public async Task A_grain_may_decide_which_calls_interleave(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ISelectiveGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        host.Stage.Open("swift");
        host.Stage.Open("slow");
        var slow = grain.Exclusive("slow");
        await grain.Exclusive("swift");
        host.Stage.Notes.ShouldNotContain("slow begins");
        host.Stage.Open("first");
        await Task.WhenAll(first, slow);
    }

    [Theory, BothWays]
    public async Task One_caller_calls_arrive_in_the_order_in_which_they_were_sent(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        for (var i = 0; i < 500; i++)
            await grain.Tell($"{i}");
        await grain.Nothing();
        host.Stage.Notes.ShouldBe(Enumerable.Range(0, 500).Select(i => $"{i}"));
    }

    [Theory, BothWays]
    public async Task A_method_that_left_its_turn_ends_in_it_and_the_next_call_begins(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var escape = grain.Escape();
        await host.Stage.Reached("escaped");
        var next = grain.Value(1).AsTask();
        host.Stage.Open("escaped");
        await escape;
        (await next).ShouldBe(2);
    }

    [Theory, BothWays]
    public async Task More_calls_than_the_mailbox_holds_are_refused_and_the_others_are_not_lost(bool serialize)
    {
        await using var host = new TestHost(serialize, options => options.MaxMailbox = 10);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        var waiting = Enumerable.Range(0, 30).Select(_ => grain.Value(1).AsTask()).ToArray();
        host.Stage.Open("first");
        await first;
        var refused = 0;
        foreach (var call in waiting)
        {
            try
            {
                (await call).ShouldBe(2);
            }
            catch (LimitExceededException)
            {
                refused++;
            }
        }

        // One or two may be on their way from the mailbox to those that wait.
        refused.ShouldBeInRange(18, 21);
    }
}

internal static class TurnProbe
{
    /// <summary>Whether a call that was sent before this has begun: an interleaving call that came after it has been answered, and it has noted nothing.</summary>
    public static async Task<bool> WhichCanBegin(this IOrderGrain grain, TestHost host)
    {
        var before = host.Stage.Notes.Count(static n => n.EndsWith("begins", StringComparison.Ordinal));
        host.Stage.Open("probe");
        await grain.Always("probe");
        return host.Stage.Notes.Count(static n => n.EndsWith("begins", StringComparison.Ordinal)) > before + 1;
    }
}
