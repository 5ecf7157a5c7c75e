namespace Auie.Runtime.Tests;

public sealed class DeadlineTests
{
    [Theory, BothWays]
    public async Task A_call_that_is_not_answered_in_time_fails_and_its_late_answer_is_dropped(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var call = grain.Exclusive("slow");
        await host.Stage.Reached("slow");
        host.Time.Advance(TimeSpan.FromSeconds(29));
        call.IsCompleted.ShouldBeFalse();
        host.Time.Advance(TimeSpan.FromSeconds(2));
        (await Should.ThrowAsync<TimeoutException>(call)).Message.ShouldContain("test.order.Exclusive");
        host.Stage.Open("slow");
        await host.Stage.Reached("slow ends");
        (await grain.Value(1)).ShouldBe(2);
    }

    [Theory, BothWays]
    public async Task A_method_may_have_a_time_of_its_own(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var call = host.Grains.GetGrain<IOrderGrain>("a").Hurried("slow");
        await host.Stage.Reached("slow");
        host.Time.Advance(TimeSpan.FromSeconds(6));
        await Should.ThrowAsync<TimeoutException>(call);
        host.Stage.Open("slow");
    }

    [Theory, BothWays]
    public async Task A_call_that_waits_past_its_time_never_begins(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var first = grain.Exclusive("first");
        await host.Stage.Reached("first");
        var second = grain.Exclusive("second");
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<TimeoutException>(second);
        host.Stage.Open("first");
        await host.Stage.Reached("first ends");
        await grain.Nothing();
        host.Stage.Notes.ShouldNotContain("second begins");
        await Should.ThrowAsync<TimeoutException>(first);
    }

    [Theory, BothWays]
    public async Task A_grain_that_waits_for_itself_ends_in_a_timeout(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        var call = grain.CallSelf("self");
        var begun = host.Grains.GetGrain<IOrderGrain>("a").Always("marker");
        host.Stage.Open("marker");
        await begun;
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<TimeoutException>(call);
        (await grain.Value(1)).ShouldBe(2);
    }

    [Theory, BothWays]
    public async Task Cancelling_reaches_the_method_and_the_caller_need_not_wait_for_it(bool serialize)
    {
        await using var host = new TestHost(serialize);
        using var source = new CancellationTokenSource();
        var call = host.Grains.GetGrain<ICancelGrain>("a").Wait("point", source.Token);
        await host.Stage.Reached("point");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await host.Stage.Reached("point was cancelled");
    }

    [Theory, BothWays]
    public async Task A_call_that_is_cancelled_while_it_waits_never_begins(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ICancelGrain>("a");
        using var source = new CancellationTokenSource();
        var first = grain.Wait("first", CancellationToken.None);
        await host.Stage.Reached("first");
        var second = grain.Wait("second", source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(second);
        host.Stage.Open("first");
        await first;
        host.Stage.Open("third");
        await grain.Wait("third", CancellationToken.None);
        host.Stage.Notes.ShouldNotContain("second begins");
    }

    [Theory, BothWays]
    public async Task A_call_with_a_cancelled_token_is_not_sent(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await Should.ThrowAsync<OperationCanceledException>(host.Grains.GetGrain<ICancelGrain>("a").Wait("point", new(canceled: true)));
        host.Host.ActivationCount.ShouldBe(0);
    }

    [Theory, BothWays]
    public async Task Call_objects_that_were_given_up_are_never_used_again(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<ICancelGrain>("a");
        for (var i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource();
            host.Stage.Open($"{i}");
            var call = grain.Wait($"{i}", source.Token);
            await source.CancelAsync();
            try
            {
                await call;
            }
            catch (OperationCanceledException)
            {
                // It depends on who was first.
            }
        }

        (await Task.WhenAll(Enumerable.Range(0, 500).Select(i => host.Grains.GetGrain<IOrderGrain>($"{i % 7}").Value(i).AsTask()))).ShouldBe(Enumerable.Range(1, 500));
    }
}
