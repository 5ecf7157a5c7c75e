namespace Auie.Runtime.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory, BothWays]
    public async Task A_timer_ticks_when_it_is_due_and_then_each_period_after_the_tick_before_has_ended(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(Second * 5, Second * 10, false, false, "");
        host.Time.Advance(Second * 4);
        host.Stage.Notes.ShouldBeEmpty();
        await Tick(host, grain, Second, 1);
        await Tick(host, grain, Second * 10, 2);
        await Tick(host, grain, Second * 10, 3);
    }

    [Theory, BothWays]
    public async Task A_tick_waits_for_the_grains_turn_unless_it_interleaves(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var patient = host.Grains.GetGrain<ITimerGrain>("patient");
        await patient.Start(Second, Second, false, false, "");
        var hold = patient.Hold("hold");
        await host.Stage.Reached("hold");
        host.Time.Advance(Second * 2);
        host.Stage.Open("hold");
        await hold;
        await host.Stage.Reached("tick 1 ended");
        host.Stage.Notes.ToList().IndexOf("tick 1").ShouldBeGreaterThan(host.Stage.Notes.ToList().IndexOf("hold"));

        await using var other = new TestHost(serialize);
        var eager = other.Grains.GetGrain<ITimerGrain>("eager");
        await eager.Start(Second, Second, true, false, "");
        var second = eager.Hold("held");
        await other.Stage.Reached("held");
        other.Time.Advance(Second * 2);
        await other.Stage.Reached("tick 1 ended");
        second.IsCompleted.ShouldBeFalse();
        other.Stage.Open("held");
        await second;
    }

    [Theory, BothWays]
    public async Task A_timer_whose_callback_fails_goes_on(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(Second, Second, false, false, "fail");
        host.Time.Advance(Second);
        await host.Stage.Reached("tick 1");
        await grain.Change(Second, Second);
        host.Time.Advance(Second);
        await host.Stage.Reached("tick 2");
        host.Log.Entries.ShouldContain(e => e.Exception is InvalidOperationException);
    }

    [Theory, BothWays]
    public async Task A_changed_timer_is_due_anew_and_a_disposed_one_never(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(Second, Second, false, false, "");
        await grain.Change(Second * 30, Timeout.InfiniteTimeSpan);
        host.Time.Advance(Second * 29);
        host.Stage.Notes.ShouldBeEmpty();
        await Tick(host, grain, Second, 1);
        await grain.Change(Second, Second);
        await grain.Dispose();
        host.Time.Advance(Second * 60);
        await grain.Hold(Opened(host, "end"));
        host.Stage.Notes.ShouldNotContain("tick 2");
    }

    [Theory, BothWays]
    public async Task Only_a_timer_that_keeps_alive_keeps_its_grain(bool serialize)
    {
        await using var host = new TestHost(serialize, o => o.IdleCollection = TimeSpan.FromMinutes(1));
        var kept = host.Grains.GetGrain<ITimerGrain>("kept");
        await kept.Start(Second * 20, Second * 20, false, true, "");
        for (var i = 1; i <= 12; i++)
        {
            host.Time.Advance(Second * 20);
            await host.Stage.Reached($"tick {i} ended");
            await Settled(host);
        }

        host.Host.ActivationCount.ShouldBe(1);

        await using var other = new TestHost(serialize, o => o.IdleCollection = TimeSpan.FromMinutes(1));
        await other.Grains.GetGrain<ITimerGrain>("idle").Start(TimeSpan.FromHours(1), Second, false, false, "");
        other.Time.Advance(TimeSpan.FromMinutes(2));
        SpinWait.SpinUntil(() => other.Host.ActivationCount == 0, TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    private static string Opened(TestHost host, string point)
    {
        host.Stage.Open(point);
        return point;
    }

    /// <summary>The loop of the only grain has done what it had to do, so that its timer is set again.</summary>
    private static Task Settled(TestHost host)
    {
        SpinWait.SpinUntil(() => host.Host.PendingWork == 0, TimeSpan.FromSeconds(20)).ShouldBeTrue();
        return Task.CompletedTask;
    }

    private static async Task Tick(TestHost host, ITimerGrain grain, TimeSpan after, int tick)
    {
        host.Time.Advance(after);
        await host.Stage.Reached($"tick {tick} ended");
        await grain.Hold(Opened(host, $"settled {tick}")); // after the tick's own turn
    }
}
