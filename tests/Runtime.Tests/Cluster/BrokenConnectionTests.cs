using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Auie.Runtime.Cluster;
using Microsoft.AspNetCore.Connections;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What becomes of calls when their connection ends, or cannot take them.</summary>
public sealed class BrokenConnectionTests
{
    [Fact]
    public async Task Calls_that_had_not_left_go_back_and_those_that_had_fail_as_unknown()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo);
        await using var client = new TestNode("client", PeerRole.Client);
        using var link = await GatedLink.Connect(client);
        var grain = client.Host.Grains.GetGrain<IOrderGrain>("a");

        var leaving = grain.Value(1).AsTask(); // its write is under way
        await link.Stream.WriteBegan;
        var behind = grain.Value(2).AsTask();
        var oneWay = grain.Tell("not sent");
        link.Stream.Fail();

        (await Should.ThrowAsync<TimeoutException>(leaving)).Message.ShouldContain("Whether it took effect is unknown");
        (await client.Given.Next()).Method.Name.ShouldBe("Value");
        (await client.Given.Next()).Method.Name.ShouldBe("Tell");
        behind.IsCompleted.ShouldBeFalse();
        oneWay.IsCompletedSuccessfully.ShouldBeTrue();
        foreach (var call in client.Given.All)
            client.Host.Host.Deliver(call.Target!, call);
        (await behind).ShouldBe(3);
        await client.Host.Stage.Reached("not sent");
        (await client.Ended.Next()).ShouldBeSameAs(link.Connection);
    }

    [Fact]
    public async Task A_call_after_the_end_goes_back()
    {
        await using var hosts = await ConnectedHosts.Start();
        await hosts.Connection.CloseAsync("enough");
        hosts.Connection.IsOpen.ShouldBeFalse();
        hosts.Client.WhenReturned = call => hosts.Client.Host.Host.Deliver(call.Target!, call);
        (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);
        hosts.Silo.Host.Host.ActivationCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_call_whose_answer_cannot_come_any_more_fails_as_unknown_and_its_grain_goes_on()
    {
        await using var hosts = await ConnectedHosts.Start();
        var call = hosts.Grains.GetGrain<IOrderGrain>("a").Exclusive("begun");
        await hosts.Stage.Reached("begun");
        await (await hosts.Silo.Connections.Next()).CloseAsync("The silo is stopped.");
        (await Should.ThrowAsync<TimeoutException>(call)).Message.ShouldContain("The silo is stopped.");
        hosts.Client.Given.All.ShouldBeEmpty();
        hosts.Stage.Open("begun");
        await hosts.Stage.Reached("begun ends");
    }

    [Fact]
    public async Task A_method_whose_caller_is_gone_is_told_and_what_waits_there_never_begins()
    {
        await using var hosts = await ConnectedHosts.Start();
        var grain = hosts.Grains.GetGrain<ICancelGrain>("a");
        using var source = new CancellationTokenSource();
        var (first, second) = (grain.Wait("first", source.Token), grain.Wait("second", source.Token));
        await hosts.Stage.Reached("first");
        await hosts.Grains.GetGrain<IOrderGrain>("other").Nothing(); // behind both
        await hosts.Connection.CloseAsync("The client is killed.");
        await Should.ThrowAsync<TimeoutException>(first);
        await Should.ThrowAsync<TimeoutException>(second);
        await hosts.Stage.Reached("first was cancelled");
        hosts.Stage.Notes.ShouldNotContain("second begins");
    }

    [Fact]
    public async Task Both_owners_are_told_of_the_end_once_and_with_a_reason_in_the_log()
    {
        await using var hosts = await ConnectedHosts.Start();
        await Task.WhenAll(hosts.Connection.CloseAsync("The client is done."), hosts.Connection.CloseAsync("twice"));
        (await hosts.Silo.Ended.Next()).ShouldBeSameAs(await hosts.Silo.Connections.Next());
        hosts.Client.Ended.All.Count.ShouldBe(1);
        hosts.Silo.LogText.ShouldContain("It said: The client is done.");
    }

    [Fact]
    public async Task An_end_that_reads_nothing_does_not_keep_a_connection_that_has_ended()
    {
        await using var client = new TestNode("client", PeerRole.Client);
        using var link = await GatedLink.Connect(client);
        var limit = client.Endpoint.Options.ConnectTimeout;
        var call = client.Host.Grains.GetGrain<IOrderGrain>("a").Value(1).AsTask();
        await link.Stream.WriteBegan;
        link.Connection.Finish("enough");
        await Should.ThrowAsync<TimeoutException>(call);
        client.Host.Time.Advance(limit - TimeSpan.FromMilliseconds(1));
        link.Stream.Closed.IsCompleted.ShouldBeFalse("what is being written may go yet");
        client.Host.Time.Advance(TimeSpan.FromMilliseconds(1));
        await link.Stream.Closed.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Calls_beyond_what_may_wait_to_be_sent_are_refused_at_once()
    {
        await using var client = new TestNode("client", PeerRole.Client, new() { MaxUnsentBytes = 1024 });
        using var link = await GatedLink.Connect(client);
        var grain = client.Host.Grains.GetGrain<IOrderGrain>("a");
        var calls = new List<Task<int>> { grain.Value(0).AsTask() };
        await link.Stream.WriteBegan;
        while (calls.TrueForAll(static c => !c.IsCompleted) && calls.Count < 1000)
            calls.Add(grain.Value(0).AsTask());
        calls.Count.ShouldBeInRange(10, 100);
        (await Should.ThrowAsync<LimitExceededException>(calls[^1])).Message.ShouldContain("wait to be sent");
        client.Endpoint.Metrics.CallsSent.ShouldBe(0);
    }

    [Fact]
    public async Task An_end_that_does_not_take_its_answers_is_not_read_from_and_given_up_in_the_end()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { MaxUnsentBytes = 4096 });
        using var link = await GatedLink.Connect(silo);
        var body = new byte[Frame.CallHeaderSize + 20]; // a call of nothing that is known: the answer is longer than it
        Frame.WriteCallHeader(body, 1, 1000, 0);
        var frame = Frame.Of(FrameKind.Call, body);
        const int sent = 10_000;
        var sending = link.Peer.SendAsync(Enumerable.Repeat(frame, sent).SelectMany(static f => f).ToArray());
        await link.Stream.WriteBegan;
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (link.Connection.IsOpen && !late.IsCancellationRequested)
        {
            silo.Host.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        silo.LogText.ShouldContain("bytes of answers that wait for it");
        silo.Endpoint.Metrics.CallsReceived.ShouldBeLessThan(sent);
        link.Peer.Dispose();
        await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Answers_beyond_what_may_wait_to_be_sent_are_dropped_and_their_callers_told()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { MaxUnsentBytes = 64 << 10, MaxUnsentAnswerBytes = 64 << 10 });
        await using var client = new TestNode("client", PeerRole.Client);
        using var link = await GatedLink.Connect(silo);
        await silo.Host.Grains.GetGrain<ICopyGrain>("a").Keep(new() { Items = [new string('x', 20_000)] });
        var reader = new Connection(client.Endpoint, Link.Of(link.Peer), RawPeer.Hello, "gated");
        reader.Start();
        client.CallOver(reader);
        var grain = client.Host.Grains.GetGrain<ICopyGrain>("a");
        var first = grain.Kept();
        await link.Stream.WriteBegan;
        var later = Enumerable.Range(0, 20).Select(_ => grain.Kept()).ToArray();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (silo.Endpoint.Metrics.CallsReceived <= later.Length || silo.Host.Host.PendingWork > 0)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        link.Stream.Open();
        (await first).Items.ShouldHaveSingleItem();
        await Task.WhenAny(Task.WhenAll(later));
        // Two have room behind the one that is being written; the last turn may answer after it was counted.
        later.Count(static call => call.IsFaulted).ShouldBeInRange(17, 18);
        (await Should.ThrowAsync<TimeoutException>(later[10])).Message.ShouldContain("was dropped, and the call took effect");
        (await grain.Kept()).Items.ShouldHaveSingleItem();
    }

    /// <summary>A connection whose writes wait, with a bare socket at the other end.</summary>
    private sealed class GatedLink(Connection connection, GatedStream stream, Socket peer) : IDisposable
    {
        public Connection Connection => connection;

        public GatedStream Stream => stream;

        public Socket Peer => peer;

        public static async Task<GatedLink> Connect(TestNode node)
        {
            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(listener.LocalEndPoint!);
            var peer = await listener.AcceptAsync();
            var stream = new GatedStream(socket);
            var connection = new Connection(node.Endpoint, new(new StreamContext(stream)), RawPeer.Hello, "gated");
            connection.Start();
            if (node.Endpoint.Role == PeerRole.Client)
                node.CallOver(connection);
            return new(connection, stream, peer);
        }

        public void Dispose()
        {
            stream.Fail();
            peer.Dispose();
        }
    }

    /// <summary>A connection as Kestrel has them, over a stream.</summary>
    private sealed class StreamContext : DefaultConnectionContext, IDuplexPipe
    {
        private readonly Stream _stream;

        public StreamContext(Stream stream)
        {
            (_stream, Transport) = (stream, this);
            (Input, Output) = (PipeReader.Create(stream), PipeWriter.Create(stream));
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public override void Abort() => _stream.Dispose();

        public override void Abort(ConnectionAbortedException abortReason) => Abort();
    }

    private sealed class GatedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously), _gate = new(TaskCreationOptions.RunContinuationsAsynchronously),
            _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task WriteBegan => _began.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public Task Closed => _closed.Task;

        public void Open() => _gate.TrySetResult();

        public void Fail() => _gate.TrySetException(new IOException("The cable was cut."));

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _began.TrySetResult();
            await _gate.Task;
            await base.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
