namespace Auie.Storage.Tests;

public sealed class WriteQueueTests
{
    private readonly WriteQueue<string> _queue = new(new WriteLimits(Waiting: 100, BatchWrites: 10, BatchBytes: 1_000, StateBytes: 20), "under test");

    [Fact]
    public void Events_overtake_states_of_which_a_transaction_takes_few_and_always_some()
    {
        for (var i = 1; i <= 5; i++)
            Put($"state {i}", WriteTurn.States, 15);
        Put("event 1", WriteTurn.Ahead);
        Put("event 2", WriteTurn.Ahead);
        Take().ShouldBe(["event 1", "event 2", "state 1", "state 2"]);
        Put("event 3", WriteTurn.Ahead);
        Take().ShouldBe(["event 3", "state 3", "state 4"]);
        Take().ShouldBe(["state 5"]);
    }

    [Fact]
    public void Beside_much_else_and_among_themselves_states_are_more_of_a_transaction()
    {
        for (var i = 1; i <= 30; i++)
            Put("state", WriteTurn.States, 20);
        Put("events", WriteTurn.Ahead, 120);
        Take().ShouldBe(["events", "state", "state", "state"]);
        Take().Length.ShouldBe(16);
        Take().Length.ShouldBe(11);
    }

    [Fact]
    public void A_state_that_is_larger_than_all_that_a_transaction_takes_of_them_is_written_all_the_same()
    {
        Put("large", WriteTurn.States, 500);
        Put("small", WriteTurn.States, 1);
        Put("event", WriteTurn.Ahead);
        Take().ShouldBe(["event", "large"]);
        Take().ShouldBe(["small"]);
    }

    [Fact]
    public void Whatever_else_is_written_overtakes_nothing_and_is_overtaken_by_nothing()
    {
        Put("state 1", WriteTurn.States, 500);
        Put("state 2", WriteTurn.States, 500);
        Put("erasure", WriteTurn.InOrder);
        Put("event", WriteTurn.Ahead);
        Put("state 3", WriteTurn.States, 15);
        Take().ShouldBe(["state 1", "state 2", "erasure"]);
        Take().ShouldBe(["event", "state 3"]);
    }

    [Fact]
    public void What_is_alone_waits_for_the_states_before_it_too()
    {
        Put("state 1", WriteTurn.States, 15);
        Put("state 2", WriteTurn.States, 15);
        Put("state 3", WriteTurn.States, 15);
        Put("alone", WriteTurn.InOrder, alone: true);
        Put("event", WriteTurn.Ahead);
        Take().ShouldBe(["state 1", "state 2", "state 3"]);
        Take().ShouldBe(["alone"]);
        Take().ShouldBe(["event"]);
    }

    [Fact]
    public async Task States_that_were_passed_over_are_there_when_nothing_more_comes_and_are_cancelled_until_they_are_taken()
    {
        using var given = new CancellationTokenSource();
        var cancelled = _queue.Execute(25, "state 1", given.Token, WriteTurn.States);
        Put("state 2", WriteTurn.States, 25);
        Put("state 3", WriteTurn.States, 25);
        Put("event", WriteTurn.Ahead);
        await given.CancelAsync();
        Take().ShouldBe(["event", "state 2"]);
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        _queue.Close();
        (await _queue.WaitAsync()).ShouldBeTrue();
        Take().ShouldBe(["state 3"]);
        (await _queue.WaitAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task When_the_loop_dies_nobody_is_left_waiting_not_for_states_that_were_passed_over_either()
    {
        Put("state 1", WriteTurn.States, 25);
        var passedOver = _queue.Execute(25, "state 2", CancellationToken.None, WriteTurn.States);
        Put("event 1", WriteTurn.Ahead);
        Take().ShouldBe(["event 1", "state 1"]);
        var queued = _queue.Execute(1, "event", CancellationToken.None, WriteTurn.Ahead);
        _queue.Abandon(new InvalidOperationException("dead"));
        (await Should.ThrowAsync<StoreException>(() => passedOver)).Message.ShouldContain("dead");
        await Should.ThrowAsync<StoreException>(() => queued);
    }

    private void Put(string what, WriteTurn turn, long bytes = 1, bool alone = false) => _ = _queue.Execute(bytes, what, CancellationToken.None, turn, alone);

    private string[] Take() => [.. _queue.Take().Select(write => write.Action)];
}
