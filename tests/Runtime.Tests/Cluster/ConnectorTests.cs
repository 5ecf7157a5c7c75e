using System.Net;
using System.Net.Sockets;
using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>A host of several addresses.</summary>
public sealed class ConnectorTests
{
    private static readonly IPAddress Deaf = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan Share = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task An_address_that_does_not_answer_has_its_share_of_the_time_and_then_the_next_is_connected_to()
    {
        using var answering = Listening(IPAddress.Loopback, 0, 8);
        var port = ((IPEndPoint)answering.LocalEndPoint!).Port;
        using var deaf = Listening(Deaf, port, 0);
        using var crowd = await Filled(deaf);
        var time = new ManualTime();
        var connecting = Connector.ConnectAnyAsync([Deaf, IPAddress.Loopback], port, Share, time, CancellationToken.None);

        time.Advance(Share - TimeSpan.FromMilliseconds(1));
        connecting.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(1));

        using var socket = await connecting.WaitAsync(TimeSpan.FromSeconds(20));
        socket.RemoteEndPoint.ShouldBe(answering.LocalEndPoint);
    }

    [Fact]
    public async Task An_address_that_refuses_takes_no_time_and_the_last_has_all_that_is_left()
    {
        using var answering = Listening(IPAddress.Loopback, 0, 8);
        var port = ((IPEndPoint)answering.LocalEndPoint!).Port;
        using (var socket = await Connector.ConnectAnyAsync([Deaf, IPAddress.Loopback], port, Share, new ManualTime(), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)))
            socket.RemoteEndPoint.ShouldBe(answering.LocalEndPoint);

        using var deaf = Listening(Deaf, port, 0);
        using var crowd = await Filled(deaf);
        var time = new ManualTime();
        using var given = new CancellationTokenSource();
        var connecting = Connector.ConnectAnyAsync([Deaf], port, Share, time, given.Token);
        time.Advance(Share * 10);
        connecting.IsCompleted.ShouldBeFalse();
        await given.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(connecting);
    }

    private static Socket Listening(IPAddress address, int port, int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>Takes the place of all who could wait to be let in: whoever comes after gets no answer.</summary>
    private static async Task<Socket> Filled(Socket listening)
    {
        var crowd = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await crowd.ConnectAsync(listening.LocalEndPoint!);
        return crowd;
    }
}
