using Auie.Api;
using Auie.Runtime.Tests;

namespace Auie.Engine.Tests.Api;

public sealed class IntakeTurnsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Bodies_have_their_turn_in_order_a_few_at_a_time_a_large_one_alone_and_a_small_one_at_once()
    {
        var turns = Turns(1_000);
        var (first, second) = (await turns.TakeAsync(600, default), await turns.TakeAsync(400, default));
        var large = turns.TakeAsync(5_000, default).AsTask();
        var later = turns.TakeAsync(100, default).AsTask();
        large.IsCompleted.ShouldBeFalse();
        (await turns.TakeAsync(15, default)).Dispose();

        first.Dispose();
        large.IsCompleted.ShouldBeFalse("400 bytes are at work still");
        later.IsCompleted.ShouldBeFalse("it came after the large one");
        second.Dispose();
        (await large).Dispose();
        (await later).Dispose();
    }

    [Fact]
    public async Task Whoever_takes_long_keeps_nobody_from_theirs_and_counts_no_more_when_it_ends()
    {
        var turns = Turns(10);
        var slow = await turns.TakeAsync(10, default);
        _time.Advance(TimeSpan.FromMilliseconds(150));
        var second = turns.TakeAsync(10, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(199));
        second.IsCompleted.ShouldBeFalse("nobody has looked yet");
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await second;
        slow.Dispose();
        turns.TakeAsync(1, default).AsTask().IsCompleted.ShouldBeFalse("the second one is at work, and the first one's bytes are not given back twice");
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_passed_over()
    {
        var turns = Turns(10);
        var first = await turns.TakeAsync(10, default);
        using var givesUp = new CancellationTokenSource();
        var gone = turns.TakeAsync(10, givesUp.Token).AsTask();
        var last = turns.TakeAsync(10, default).AsTask();
        await givesUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        first.Dispose();
        await last;
    }

    private IntakeTurns Turns(long atOnce) => new(atOnce, TimeSpan.FromMilliseconds(200), _time);
}
