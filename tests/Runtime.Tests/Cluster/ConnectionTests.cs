using System.IO.Pipelines;
using Auie.Runtime.Cluster;
using Auie.Runtime.Invocation;
using Microsoft.AspNetCore.Connections;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>Calls from one host to another, over real sockets.</summary>
public sealed class ConnectionTests
{
    [Theory, InlineData(null), InlineData("a secret of both")]
    public async Task Calls_go_there_and_answers_come_back(string? secret)
    {
        await using var hosts = await ConnectedHosts.Start(new() { Secret = secret }, new() { Secret = secret });
        (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(4)).ShouldBe(5);
        await hosts.Grains.GetGrain<IOrderGrain>("a").Nothing();
        await hosts.Grains.GetGrain<ICopyGrain>("a").Keep(new() { Items = ["one", "two"] });
        (await hosts.Grains.GetGrain<ICopyGrain>("a").Kept()).Items.ShouldBe(["one", "two"]);
        hosts.Client.Host.Host.ActivationCount.ShouldBe(0);
        var end = await hosts.Silo.Connections.Next();
        (end.RemoteName, end.RemoteRole).ShouldBe(("client", PeerRole.Client));
        (hosts.Connection.RemoteName, hosts.Connection.RemoteRole, hosts.Connection.IsOpen).ShouldBe(("silo", PeerRole.Silo, true));
    }

    [Fact]
    public async Task Both_ends_may_call()
    {
        await using var hosts = await ConnectedHosts.Start();
        hosts.Silo.CallOver(await hosts.Silo.Connections.Next());
        (await hosts.Silo.Host.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);
        hosts.Client.Host.Host.ActivationCount.ShouldBe(1);
    }

    [Theory, InlineData(null), InlineData("a secret of both")]
    public async Task Many_calls_are_under_way_at_a_time_and_each_gets_its_own_answer(string? secret)
    {
        await using var hosts = await ConnectedHosts.Start(new() { Secret = secret }, new() { Secret = secret });
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var grain = hosts.Grains.GetGrain<IOrderGrain>($"{caller % 20}");
            var wrong = 0;
            for (var i = 0; i < 300; i++)
            {
                if (await grain.Value((caller * 1000) + i) != (caller * 1000) + i + 1)
                    wrong++;
            }

            return wrong;
        })));
        results.ShouldAllBe(static wrong => wrong == 0);
        hosts.Connection.CallsInFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_message_may_be_larger_than_any_buffer()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<ICopyGrain>("a");
        var items = Enumerable.Range(0, 20_000).Select(static i => $"item {i} of many, each a text of its own").ToList();
        await grain.Keep(new() { Items = items });
        (await grain.Kept()).Items.ShouldBe(items);
        (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);
    }

    [Theory, InlineData(16), InlineData(64), InlineData(4096)]
    public async Task Frames_are_understood_wherever_blocks_of_what_comes_in_end(int block)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo);
        await using var client = new TestNode("client", PeerRole.Client);
        var options = new PipeOptions(minimumSegmentSize: block);
        var (there, back) = (new Pipe(options), new Pipe(options));
        new Connection(silo.Endpoint, new(new InMemoryConnection(there.Reader, back.Writer)), RawPeer.Hello, "there").Start();
        var connection = new Connection(client.Endpoint, new(new InMemoryConnection(back.Reader, there.Writer)), RawPeer.Hello, "here");
        connection.Start();
        client.CallOver(connection);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(async caller =>
        {
            var grain = client.Host.Grains.GetGrain<ICopyGrain>($"{caller}");
            for (var length = caller; length < 12_000; length = (length * 3) + 1)
            {
                var text = new string((char)('a' + (caller % 26)), length);
                await grain.Keep(new() { Items = [text] });
                if ((await grain.Kept()).Items.Single() != text)
                    return false;
            }

            return true;
        }));
        results.ShouldAllBe(static right => right);
    }

    [Fact]
    public async Task What_is_there_in_full_is_taken_though_nothing_more_comes()
    {
        for (var first = 0; first <= 130; first++)
            await IsTaken([first, 10]);
        await IsTaken([100, 54, 59, 59, 1, 0, 200]);
    }

    /// <summary>Frames of such lengths that are written at once, into blocks of 64 bytes.</summary>
    private static async Task IsTaken(int[] lengths)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo);
        var (there, back) = (new Pipe(new(minimumSegmentSize: 64)), new Pipe());
        new Connection(silo.Endpoint, new(new InMemoryConnection(there.Reader, back.Writer)), RawPeer.Hello, "there").Start();
        var views = lengths.Select(static (length, i) => Enumerable.Repeat((byte)i, length).ToArray()).ToArray();
        await there.Writer.WriteAsync(views.SelectMany(static view => Frame.Of(FrameKind.View, view)).ToArray());
        foreach (var view in views)
            (await silo.Views.Next()).ShouldBe(view);
    }

    [Fact]
    public async Task A_message_that_is_too_large_fails_its_call_alone()
    {
        await using var hosts = await ConnectedHosts.Start(new() { MaxMessageBytes = 1024 }, new() { MaxMessageBytes = 1024 });
        var grain = hosts.Grains.GetGrain<ICancelGrain>("a");
        (await Should.ThrowAsync<LimitExceededException>(grain.Fail(new('x', 1000)))).Message.ShouldContain("was not sent");
        (await Should.ThrowAsync<TimeoutException>(grain.Fail(new('x', 950)))).Message.ShouldContain("The answer of test.cancel.Fail"); // with the stack of the exception
        (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);
    }

    [Fact]
    public async Task Exceptions_come_back_with_their_type_message_and_members()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<ICancelGrain>("a");
        var refused = await Should.ThrowAsync<RefusedException>(grain.Fail("own"));
        (refused.Field, refused.Code).ShouldBe(("colour", 42));
        (await Should.ThrowAsync<InvalidDataException>(grain.Fail("async"))).Message.ShouldBe("later");
    }

    [Fact]
    public async Task The_request_context_travels_along()
    {
        await using var hosts = await ConnectedHosts.Start();
        RequestContext.Set("who", "me");
        (await hosts.Grains.GetGrain<IContextGrain>(Guid.NewGuid()).Value("who")).ShouldBe("me");
        RequestContext.Clear();
        (await hosts.Grains.GetGrain<IContextGrain>(Guid.NewGuid()).Value("who")).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_grain_calls_for_one_that_is_handed_over_is_so_too_over_any_number_of_hops()
    {
        await using var hosts = await ConnectedHosts.Start();
        var calls = hosts.Silo.WatchCalls();
        var grain = hosts.Grains.GetGrain<IReentrantGrain>("relay");
        foreach (var handsOver in (bool[])[true, false])
        {
            hosts.Client.HandsOver = handsOver;
            var through = grain.CallSelf("on");
            (await calls.Next()).ShouldBe(("Exclusive", handsOver));
            hosts.Stage.Open("on");
            await through;
        }
    }

    [Fact]
    public async Task One_way_calls_return_at_once_and_hold_no_place_once_they_are_done()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<IOrderGrain>("a");
        var hold = grain.Exclusive("hold");
        await hosts.Stage.Reached("hold");
        grain.Tell("told").IsCompletedSuccessfully.ShouldBeTrue();
        await grain.Tell("fail");
        hosts.Silo.Host.Time.Advance(TimeSpan.FromSeconds(20));
        hosts.Stage.Open("hold");
        await hold;
        await hosts.Stage.Reached("told");
        await grain.Nothing(); // answered behind them, on the same connection
        hosts.Connection.CallsInFlight.ShouldBe(0);
        hosts.Client.LogText.ShouldContain("one-way");
    }

    [Fact]
    public async Task Streams_are_read_across()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<IStreamGrain>("a");
        var read = new List<int>();
        await foreach (var number in grain.Count(1, 1000, CancellationToken.None))
            read.Add(number);
        read.ShouldBe(Enumerable.Range(1, 1000));
        await foreach (var text in grain.Follow("point", CancellationToken.None))
        {
            text.ShouldBe("point 0");
            break;
        }

        await hosts.Stage.Reached("follow ended");
        await Should.ThrowAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in grain.FailAfter(3))
            {
            }
        });
    }

    [Fact]
    public async Task A_call_that_is_not_answered_in_time_fails_at_the_caller()
    {
        await using var hosts = await ConnectedHosts.Start();
        var call = hosts.Grains.GetGrain<IOrderGrain>("a").Exclusive("slow");
        await hosts.Stage.Reached("slow");
        hosts.Client.Host.Time.Advance(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<TimeoutException>(call);
        hosts.Connection.CallsInFlight.ShouldBe(1); // its number is not given away before its answer has come
        hosts.Stage.Open("slow");
        await hosts.Grains.GetGrain<IOrderGrain>("a").Nothing();
        hosts.Connection.CallsInFlight.ShouldBe(0);
    }

    [Fact]
    public async Task The_time_that_is_left_goes_with_the_call_and_one_that_is_overdue_there_never_begins()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<IOrderGrain>("a");
        var first = grain.Exclusive("first");
        await hosts.Stage.Reached("first");
        var second = grain.Hurried("second"); // has 5 seconds
        await grain.Always("marker begins").WaitAsync(TimeSpan.Zero).ContinueWith(static _ => { }, TaskScheduler.Default);
        await hosts.Stage.Reached("marker begins"); // came behind it
        hosts.Silo.Host.Time.Advance(TimeSpan.FromSeconds(6));
        await Should.ThrowAsync<TimeoutException>(second); // though the caller's clock stands still
        hosts.Stage.Open("first");
        await first;
        await grain.Nothing();
        hosts.Stage.Notes.ShouldNotContain("second begins");
    }

    [Fact]
    public async Task Cancelling_reaches_the_method()
    {
        await using var hosts = await ConnectedHosts.Start();
        using var source = new CancellationTokenSource();
        var call = hosts.Grains.GetGrain<ICancelGrain>("a").Wait("point", source.Token);
        await hosts.Stage.Reached("point");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await hosts.Stage.Reached("point was cancelled");
    }

    [Fact]
    public async Task A_method_whose_callers_time_is_up_is_told()
    {
        await using var hosts = await ConnectedHosts.Start();
        using var source = new CancellationTokenSource();
        var call = hosts.Grains.GetGrain<ICancelGrain>("a").Wait("point", source.Token);
        await hosts.Stage.Reached("point");
        hosts.Silo.Host.Time.Advance(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<TimeoutException>(call); // the caller's clock stands still
        await hosts.Stage.Reached("point was cancelled");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_there_never_begins()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<ICancelGrain>("a");
        using var source = new CancellationTokenSource();
        var first = grain.Wait("first", CancellationToken.None);
        await hosts.Stage.Reached("first");
        var second = grain.Wait("second", source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(second);
        await hosts.Grains.GetGrain<IOrderGrain>("other").Nothing(); // behind the cancellation
        hosts.Stage.Open("first");
        await first;
        hosts.Stage.Open("third");
        await grain.Wait("third", CancellationToken.None);
        hosts.Stage.Notes.ShouldNotContain("second begins");
    }

    [Fact]
    public async Task Call_objects_that_are_used_again_are_never_cancelled_or_answered_for_what_they_were()
    {
        await using var hosts = await ConnectedHosts.Start();
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            using var source = new CancellationTokenSource();
            hosts.Stage.Open($"{i}");
            var call = hosts.Grains.GetGrain<ICancelGrain>($"{i % 5}").Wait($"{i}", source.Token);
            var others = Enumerable.Range(0, random.Next(4)).Select(n => hosts.Grains.GetGrain<ICancelGrain>($"{n}").Wait($"{i}", CancellationToken.None)).ToArray();
            if (random.Next(2) == 0)
                await Task.Yield();
            await source.CancelAsync();
            try
            {
                await call;
            }
            catch (OperationCanceledException)
            {
                // It depends on who was first.
            }

            await Task.WhenAll(others);
        }

        await hosts.Grains.GetGrain<IOrderGrain>("a").Nothing();
        hosts.Silo.LogText.ShouldNotContain("makes no sense");
    }

    [Fact]
    public async Task A_call_of_a_grain_that_is_not_there_goes_back_unexecuted_and_may_go_elsewhere()
    {
        await using var hosts = await ConnectedHosts.Start();
        hosts.Silo.Deliver = (call, target) =>
        {
            if (target.Key == "elsewhere")
                return false;
            hosts.Silo.Host.Host.Deliver(call.Target!, call);
            return true;
        };
        var lost = hosts.Grains.GetGrain<IOrderGrain>("elsewhere").Value(6);
        (await hosts.Client.Given.Next()).IsAbandoned.ShouldBeFalse();
        hosts.Client.WhenReturned = call => hosts.Client.Host.Host.Deliver(call.Target!, call);
        (await hosts.Grains.GetGrain<IOrderGrain>("elsewhere").Value(7)).ShouldBe(8);
        await hosts.Grains.GetGrain<IOrderGrain>("elsewhere").Tell("told");
        await hosts.Client.Host.Stage.Reached("told");
        hosts.Silo.Host.Host.ActivationCount.ShouldBe(0);
        hosts.Silo.Endpoint.Metrics.NotHere.ShouldBe(3);
        hosts.Client.Host.Host.Deliver(hosts.Client.Given.All.First().Target!, hosts.Client.Given.All.First());
        (await lost).ShouldBe(7);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_grain_which_moves_away_goes_back_too()
    {
        await using var hosts = await ConnectedHosts.Start();
        var waiting = new Watched<GrainCall>();
        hosts.Silo.Deliver = (call, _) =>
        {
            waiting.Add(call);
            return true;
        };
        var result = hosts.Grains.GetGrain<IOrderGrain>("a").Value(6);
        var held = await waiting.Next();
        hosts.Client.WhenReturned = call => hosts.Client.Host.Host.Deliver(call.Target!, call);
        held.Remote!.Return(held);
        (await result).ShouldBe(7);
    }

    [Fact]
    public async Task A_call_that_was_given_up_does_not_go_back()
    {
        await using var hosts = await ConnectedHosts.Start();
        var waiting = new Watched<GrainCall>();
        hosts.Silo.Deliver = (call, _) =>
        {
            waiting.Add(call);
            return true;
        };
        var result = hosts.Grains.GetGrain<IOrderGrain>("a").Value(6);
        var held = await waiting.Next();
        hosts.Client.Host.Time.Advance(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<TimeoutException>(result.AsTask());
        held.Remote!.Return(held);
        hosts.Silo.Deliver = null;
        await hosts.Grains.GetGrain<IOrderGrain>("b").Nothing();
        hosts.Client.Given.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_method_that_is_not_known_there_fails_its_call_alone()
    {
        await using var hosts = await ConnectedHosts.Start();
        using var peer = await RawPeer.Greet(hosts.Listener.Address);
        var body = new byte[Frame.CallHeaderSize + 20];
        Frame.WriteCallHeader(body, 77, 1000, 0);
        await peer.Send(Frame.Of(FrameKind.Call, body));
        var (kind, answer) = await peer.Receive();
        kind.ShouldBe(FrameKind.Answer);
        BitConverter.ToUInt64(answer).ShouldBe(77ul);
        await peer.Send(Frame.Of(FrameKind.View, [1]));
        await hosts.Silo.Views.Next();
    }

    [Fact]
    public async Task Views_go_across()
    {
        await using var hosts = await ConnectedHosts.Start();
        hosts.Connection.SendView([1, 2, 3]);
        hosts.Connection.SendView([]);
        (await hosts.Silo.Views.Next()).ShouldBe([1, 2, 3]);
        (await hosts.Silo.Views.Next()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Traffic_is_counted()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<IOrderGrain>("a");
        for (var i = 0; i < 5; i++)
            await grain.Nothing();
        var (client, silo) = (hosts.Client.Endpoint.Metrics, hosts.Silo.Endpoint.Metrics);
        // What was sent is counted when it has left, which may be after its answer.
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (client.CallsSent < 5)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        (client.Open, silo.Open, client.CallsSent, silo.CallsReceived).ShouldBe((1, 1, 5, 5));
        silo.BytesReceived.ShouldBe(client.BytesSent);
        await hosts.Connection.CloseAsync("enough");
        client.Open.ShouldBe(0);
    }

    private sealed class InMemoryConnection : DefaultConnectionContext, IDuplexPipe
    {
        public InMemoryConnection(PipeReader input, PipeWriter output) => (Input, Output, Transport) = (input, output, this);

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public override void Abort(ConnectionAbortedException abortReason) => Abort();

        public override void Abort() => Output.Complete();

        public override async ValueTask DisposeAsync()
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
            await base.DisposeAsync();
        }
    }
}
