namespace Auie.Runtime.Tests;

public sealed class CallTests
{
    [Theory, BothWays]
    public async Task A_call_returns_what_the_method_returns(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var grain = host.Grains.GetGrain<IOrderGrain>("a");
        for (var i = 0; i < 1000; i++)
            (await grain.Value(i)).ShouldBe(i + 1);
        await grain.Nothing();
    }

    [Theory, BothWays]
    public async Task Many_callers_of_many_grains_each_get_their_own_answer(bool serialize)
    {
        await using var host = new TestHost(serialize);
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(async i => await host.Grains.GetGrain<IOrderGrain>($"{i % 97}").Value(i)));
        answers.ShouldBe(Enumerable.Range(1, 2_000));
    }

    [Theory, BothWays]
    public async Task An_await_comes_back_to_the_grains_own_turn(bool serialize)
    {
        await using var host = new TestHost(serialize);
        (await host.Grains.GetGrain<IOrderGrain>("a").WhichThread()).ShouldBe("its own");
    }
}
