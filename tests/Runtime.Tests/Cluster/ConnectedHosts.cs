using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>A silo that hosts the grains of the tests, and a client that reaches them by one connection over a real socket. Each has a clock of its own, which stands still.</summary>
internal sealed class ConnectedHosts : IAsyncDisposable
{
    private ConnectedHosts(TestNode silo, TestNode client, ConnectionListener listener, Connection connection) =>
        (Silo, Client, Listener, Connection) = (silo, client, listener, connection);

    public TestNode Silo { get; }

    public TestNode Client { get; }

    public ConnectionListener Listener { get; }

    /// <summary>The client's end.</summary>
    public Connection Connection { get; }

    public IGrainFactory Grains => Client.Host.Grains;

    public Stage Stage => Silo.Host.Stage;

    public static async Task<ConnectedHosts> Start(ClusterOptions? silo = null, ClusterOptions? client = null)
    {
        var hosting = new TestNode("silo", PeerRole.Silo, silo);
        var calling = new TestNode("client", PeerRole.Client, client);
        var listener = new ConnectionListener(hosting.Endpoint);
        listener.Start();
        var connection = await new Connector(calling.Endpoint).ConnectAsync(listener.Address, CancellationToken.None);
        calling.CallOver(connection);
        return new(hosting, calling, listener, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        foreach (var node in (TestNode[])[Client, Silo])
            await node.DisposeAsync();
    }
}

/// <summary>A process's end of connections: a host, and an owner that keeps what it is told.</summary>
internal sealed class TestNode : IConnectionOwner, IAsyncDisposable
{
    public TestNode(string name, PeerRole role, ClusterOptions? options = null)
    {
        options ??= new();
        if (options.Name.Length == 0)
            options.Name = name;
        Endpoint = new(Host.Host, options, role, this, Host.Log);
    }

    public TestHost Host { get; } = new(serialize: false);

    public Endpoint Endpoint { get; }

    public Watched<Connection> Connections { get; } = new();

    public Watched<Connection> Ended { get; } = new();

    public Watched<GrainCall> Given { get; } = new();

    public Watched<byte[]> Views { get; } = new();

    /// <summary>What becomes of calls that come in: delivered unless told otherwise.</summary>
    public Func<GrainCall, GrainId, bool>? Deliver { get; set; }

    /// <summary>What becomes of calls that come back: kept unless told otherwise.</summary>
    public Action<GrainCall>? WhenReturned { get; set; }

    public string LogText => string.Join('\n', Host.Log.Entries.Select(static e => $"{e.Message} {e.Exception}"));

    /// <summary>From here on the calls of this host go over a connection.</summary>
    public void CallOver(Connection connection) => Host.Host.Transport = new OneConnection(connection);

    public void Opened(Connection connection) => Connections.Add(connection);

    public void Closed(Connection connection) => Ended.Add(connection);

    /// <summary>Whether a call is of a grain that is handed over: none unless told otherwise.</summary>
    public bool HandsOver { get; set; }

    public bool IsHandingOver(GrainCall call) => HandsOver;

    public bool TryDeliver(GrainCall call, GrainId target)
    {
        if (Deliver is { } deliver)
            return deliver(call, target);
        Host.Host.Deliver(call.Target!, call);
        return true;
    }

    public void Returned(GrainCall call)
    {
        WhenReturned?.Invoke(call);
        Given.Add(call);
    }

    public void ViewReceived(Connection from, ReadOnlySpan<byte> view) => Views.Add(view.ToArray());

    public async ValueTask DisposeAsync()
    {
        Host.Host.Transport = null;
        foreach (var connection in Connections.All)
            await connection.CloseAsync("The test is over.");
        await Host.DisposeAsync();
        Endpoint.Dispose();
    }

    /// <summary>What this host calls from here on, and whether that is for a grain that is handed over.</summary>
    public Watched<(string Method, bool OfHandingOver)> WatchCalls()
    {
        var calls = new Watched<(string, bool)>();
        Host.Host.Transport = new WatchedCalls(Host.Host, calls);
        return calls;
    }

    private sealed class WatchedCalls(GrainHost host, Watched<(string, bool)> calls) : ITransport
    {
        public void Send(GrainCall call)
        {
            calls.Add((call.Method.Name, call.IsOfHandingOver));
            host.Deliver(call.Target!, call);
        }
    }

    private sealed class OneConnection(Connection connection) : ITransport
    {
        public void Send(GrainCall call) => connection.Send(call);
    }
}

/// <summary>Things that happen, to be waited for.</summary>
internal sealed class Watched<T>
{
    private readonly ConcurrentQueue<T> _all = new();
    private readonly Channel<T> _new = Channel.CreateUnbounded<T>();

    public IReadOnlyCollection<T> All => [.. _all];

    public void Add(T item)
    {
        _all.Enqueue(item);
        _new.Writer.TryWrite(item).ShouldBeTrue();
    }

    /// <summary>The next one that nobody has waited for, in order.</summary>
    public Task<T> Next() => _new.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}

/// <summary>The other end of a connection, by hand: bytes on a socket.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);

    public static readonly Hello Hello = new(1, 1, PeerRole.Client, "raw", "", new byte[Hello.NonceSize]);

    public static async Task<RawPeer> Connect(string address)
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(IPEndPoint.Parse(address));
        return peer;
    }

    /// <summary>Greets too.</summary>
    public static async Task<RawPeer> Greet(string address)
    {
        var peer = await Connect(address);
        await peer.Send(Frame.Of(FrameKind.Hello, Hello.ToBytes()));
        (await peer.Receive()).Kind.ShouldBe(FrameKind.Hello);
        return peer;
    }

    public async Task Send(params byte[][] frames) => await _socket.SendAsync(frames.SelectMany(static f => f).ToArray());

    /// <summary>The next frame; kind 0 where the connection was closed instead.</summary>
    public async Task<(FrameKind Kind, byte[] Body)> Receive()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var header = new byte[Frame.HeaderSize];
        await using var stream = new NetworkStream(_socket, ownsSocket: false);
        try
        {
            await stream.ReadExactlyAsync(header, late.Token);
            Frame.TryRead(header, int.MaxValue - 1, out _, out var size);
            var body = new byte[size - header.Length];
            await stream.ReadExactlyAsync(body, late.Token);
            return ((FrameKind)header[^1], body);
        }
        catch (IOException)
        {
            return default; // an end, or a reset where something was left unread
        }
    }

    public void Dispose() => _socket.Dispose();
}
