namespace Auie.Runtime.Tests;

public sealed class StreamTests
{
    [Theory, BothWays]
    public async Task A_stream_gives_every_item_once_and_in_order(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IStreamGrain>("a");
        (await grain.Count(1, 1000, default).ToListAsync()).ShouldBe(Enumerable.Range(1, 1000));
        (await grain.Count(1, 0, default).ToListAsync()).ShouldBeEmpty();
    }

    [Theory, BothWays]
    public async Task An_item_is_given_as_soon_as_it_is_there_and_other_calls_go_on_meanwhile(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IStreamGrain>("a");
        await using var items = grain.Follow("item", default).GetAsyncEnumerator();
        (await items.MoveNextAsync()).ShouldBeTrue();
        items.Current.ShouldBe("item 0");
        var next = items.MoveNextAsync().AsTask();
        (await grain.Ping()).ShouldBe(1);
        next.IsCompleted.ShouldBeFalse();
        host.Stage.Open("item 0");
        (await next).ShouldBeTrue();
        items.Current.ShouldBe("item 1");
    }

    [Theory, BothWays]
    public async Task A_stream_may_be_silent_for_longer_than_a_call_may_take(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await using var items = host.Grains.GetGrain<IStreamGrain>("a").Follow("item", default).GetAsyncEnumerator();
        await items.MoveNextAsync();
        var next = items.MoveNextAsync().AsTask();
        await host.Stage.Reached("item 0");
        var calls = host.Host.Metrics.Calls;
        for (var i = 0; i < 20; i++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(10));
            SpinWait.SpinUntil(() => host.Host.Metrics.Calls > calls || next.IsCompleted, TimeSpan.FromSeconds(20)).ShouldBeTrue();
            calls = host.Host.Metrics.Calls;
        }

        host.Stage.Open("item 0");
        (await next).ShouldBeTrue();
    }

    [Theory, BothWays]
    public async Task A_silent_stream_does_not_hold_up_that_its_grain_is_handed_over(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await using var items = host.Grains.GetGrain<IStreamGrain>("a").Follow("item", default).GetAsyncEnumerator();
        await items.MoveNextAsync();
        var next = items.MoveNextAsync().AsTask();
        await host.Stage.Reached("item 0");
        await host.Host.HandOverAsync(_ => true, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)); // no time passes for the host
        await host.Stage.Reached("follow ended");
        await Should.ThrowAsync<EnumerationAbortedException>(next);
    }

    [Theory, BothWays]
    public async Task When_the_reader_stops_the_method_is_told(bool serialize)
    {
        await using var host = new TestHost(serialize);
        await foreach (var item in host.Grains.GetGrain<IStreamGrain>("a").Follow("item", default))
        {
            item.ShouldBe("item 0");
            break;
        }

        await host.Stage.Reached("follow ended");
    }

    [Theory, BothWays]
    public async Task Cancelling_ends_a_stream_at_both_ends(bool serialize)
    {
        await using var host = new TestHost(serialize);
        using var source = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in host.Grains.GetGrain<IStreamGrain>("a").Follow("item", source.Token))
                host.Stage.Note("read");
        });
        await host.Stage.Reached("item 0");
        await host.Stage.Reached("read");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
        await host.Stage.Reached("follow ended");
    }

    [Theory, BothWays]
    public async Task A_stream_that_nobody_reads_any_more_is_ended(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var items = host.Grains.GetGrain<IStreamGrain>("a").Follow("item", default).GetAsyncEnumerator();
        await items.MoveNextAsync();
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await host.Stage.Reached("follow ended");
        await Should.ThrowAsync<EnumerationAbortedException>(async () => await items.MoveNextAsync());
        await items.DisposeAsync();
    }

    [Theory, BothWays]
    public async Task What_came_before_a_failure_is_given_and_then_the_failure(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var read = new List<int>();
        var failure = await Should.ThrowAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in host.Grains.GetGrain<IStreamGrain>("a").FailAfter(5))
                read.Add(item);
        });
        failure.Message.ShouldBe("no more");
        read.ShouldBe([0, 1, 2, 3, 4]);
    }

    [Theory, BothWays]
    public async Task Items_and_arguments_are_copies(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IStreamGrain>("a");
        var mine = new Basket { Items = ["mine"] };
        var baskets = await grain.Baskets(mine).ToListAsync();
        baskets[0].ShouldNotBeSameAs(mine);
        baskets[1].Items.Add("changed");
        (await grain.Baskets(mine).ToListAsync())[1].Items.ShouldBe(["own"]);
    }
}
