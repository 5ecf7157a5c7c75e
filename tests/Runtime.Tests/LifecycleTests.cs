namespace Auie.Runtime.Tests;

public sealed class LifecycleTests
{
    [Theory, BothWays]
    public async Task Concurrent_first_calls_make_one_activation(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var calls = Enumerable.Range(0, 100).Select(_ => Task.Run(() => host.Grains.GetGrain<ILifeGrain>("slow one").Identity())).ToArray();
        await host.Stage.Reached("activation");
        host.Stage.Open("activation");
        (await Task.WhenAll(calls)).Distinct().Count().ShouldBe(1);
        host.Stage.Notes.Count(n => n == "activating").ShouldBe(1);
    }

    [Theory, BothWays]
    public async Task A_failed_activation_fails_the_calls_that_waited_and_the_next_call_tries_again(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("broken");
        (await Should.ThrowAsync<InvalidDataException>(grain.Identity())).Message.ShouldBe("cannot activate");
        await grain.Identity();
        host.Stage.Notes.Count(n => n == "activating").ShouldBe(2);
    }

    [Theory, BothWays]
    public async Task A_grain_that_nobody_calls_is_deactivated_and_made_again_by_the_next_call(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("a");
        var first = await grain.Identity();
        host.Time.Advance(TimeSpan.FromMinutes(14));
        (await grain.Identity()).ShouldBe(first);
        host.Time.Advance(TimeSpan.FromMinutes(14));
        host.Host.ActivationCount.ShouldBe(1);
        host.Time.Advance(TimeSpan.FromMinutes(3));
        await host.Stage.Reached("deactivating: ActivationIdle");
        (await grain.Identity()).ShouldNotBe(first);
    }

    [Theory, BothWays]
    public async Task A_grain_may_ask_to_be_kept(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("a");
        await grain.Delay(TimeSpan.FromHours(1));
        host.Time.Advance(TimeSpan.FromMinutes(59));
        host.Stage.Notes.ShouldNotContain("deactivating: ActivationIdle");
        host.Time.Advance(TimeSpan.FromMinutes(3));
        await host.Stage.Reached("deactivating: ActivationIdle");
    }

    [Theory, BothWays]
    public async Task A_grain_with_a_call_under_way_is_not_idle(bool serialize)
    {
        await using var host = new TestHost(serialize, options => options.ResponseTimeout = TimeSpan.FromDays(1));
        var grain = host.Grains.GetGrain<ILifeGrain>("a");
        var call = grain.Wait("point");
        await host.Stage.Reached("point");
        host.Time.Advance(TimeSpan.FromHours(2));
        host.Stage.Open("point");
        var identity = await call;
        (await grain.Identity()).ShouldBe(identity);
    }

    [Theory, BothWays]
    public async Task Calls_that_arrive_during_deactivation_go_to_a_fresh_activation_and_none_is_lost(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("lingers");
        var first = await grain.Identity();
        await grain.Leave();
        await host.Stage.Reached("deactivation");
        var late = Enumerable.Range(0, 50).Select(_ => grain.Identity()).ToArray();
        host.Stage.Open("deactivation");
        var identities = (await Task.WhenAll(late)).Distinct().ToArray();
        identities.Length.ShouldBe(1);
        identities[0].ShouldNotBe(first);
    }

    [Theory, BothWays]
    public async Task No_call_is_lost_while_a_grain_comes_and_goes(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var grain = host.Grains.GetGrain<ILifeGrain>("busy");
            for (var i = 0; i < 100; i++)
            {
                if (i % 10 == caller)
                    await grain.Leave();
                (await grain.Key()).ShouldBe("busy");
            }
        })));
    }

    [Theory, BothWays]
    public async Task A_grain_that_does_not_deactivate_in_time_is_given_up(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("lingers");
        var first = await grain.Identity();
        await grain.Leave();
        await host.Stage.Reached("deactivation");
        var late = grain.Identity();
        host.Time.Advance(TimeSpan.FromSeconds(11));
        (await late).ShouldNotBe(first);
        host.Log.Entries.ShouldContain(e => e.Message.Contains("deactivated") && e.Exception is TimeoutException);
    }

    [Theory, BothWays]
    public async Task An_exception_while_deactivating_is_logged_and_the_grain_is_gone(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ILifeGrain>("fails");
        var first = await grain.Identity();
        await grain.Leave();
        (await grain.Identity()).ShouldNotBe(first);
        host.Log.Entries.ShouldContain(e => e.Exception is InvalidOperationException && e.Exception.Message == "cannot deactivate");
    }

    [Theory, BothWays]
    public async Task Stopping_deactivates_every_grain_and_refuses_further_calls(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.Grains.GetGrain<ILifeGrain>($"{i}").Identity()));
        await host.Stop();
        host.Stage.Notes.Count(n => n == "deactivating: ShuttingDown").ShouldBe(20);
        host.Host.ActivationCount.ShouldBe(0);
        await Should.ThrowAsync<InvalidOperationException>(host.Grains.GetGrain<ILifeGrain>("1").Identity());
    }

    [Theory, BothWays]
    public async Task An_activation_that_stopping_interrupts_is_no_failure_of_the_grain(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var call = host.Grains.GetGrain<ILifeGrain>("until stopped").Identity();
        await host.Stage.Reached("activating");
        await host.Stop();
        await Should.ThrowAsync<OperationCanceledException>(call);
        host.Log.Entries.ShouldBeEmpty();
    }

    [Theory, BothWays]
    public async Task Stopping_does_not_wait_for_ever(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var call = host.Grains.GetGrain<ILifeGrain>("a").Wait("never");
        await host.Stage.Reached("never");
        var stopping = host.Stop();
        host.Time.Advance(TimeSpan.FromSeconds(25));
        await stopping;
        host.Log.Entries.ShouldContain(e => e.Message.Contains("could not be deactivated"));
        host.Stage.Open("never");
        await call;
    }

    [Fact]
    public async Task A_reference_to_a_class_that_is_not_there_fails_clearly()
    {
        await using var host = new TestHost();
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<ILifeGrain>("a", "No.Such")).Message.ShouldContain("No.Such");
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<ILifeGrain>(" "));
        host.Grains.GetGrain<IOrderGrain>("a", typeof(ReentrantGrain).FullName).GetGrainId().ToString().ShouldBe("reentrant/a");
    }

    [Fact]
    public void A_grain_cannot_be_made_by_hand() => Should.Throw<InvalidOperationException>(() => new LifeGrain(new Stage()));
}
