using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

/// <summary>Listens for silos and clients. Those that greet well are told to the owner; of the others the log tells.</summary>
internal sealed partial class ConnectionListener : IAsyncDisposable
{
    private readonly Endpoint _endpoint;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Refusals _refusals;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Takes the port; nobody is let in before <see cref="Start"/>.</summary>
    /// <exception cref="InvalidOperationException">The options do not allow it, or the address cannot be had.</exception>
    public ConnectionListener(Endpoint endpoint)
    {
        (_endpoint, _refusals) = (endpoint, new(endpoint.Host.Time));
        endpoint.Options.ValidateListening();
        if (endpoint.Secret is not null)
            _ = endpoint.Certificate; // read now, and kept: its file may be away for a moment when somebody first comes
        var listen = endpoint.Options.ListenAddress();
        _socket = new(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(listen);
            _socket.Listen();
        }
        catch (SocketException failure)
        {
            _socket.Dispose();
            throw new InvalidOperationException($"{ClusterOptions.Section}:{nameof(ClusterOptions.Listen)} is {listen}, which cannot be listened on: {failure.Message}", failure);
        }

        Address = Text(_socket.LocalEndPoint!);
    }

    /// <summary>What it listens on, with the port that it got.</summary>
    public string Address { get; }

    /// <summary>Begins to let others in.</summary>
    public void Start()
    {
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Lets nobody in any more. The connections that there are stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var greeting = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                greeting.RemoveAll(static g => g.IsCompleted);
                greeting.Add(GreetAsync(socket));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (SocketException failure)
            {
                // Whoever came is gone already, or there are no more file handles: the next one may have more luck.
                LogAcceptFailed(_endpoint.Logger, Address, failure.Message);
                if (failure.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _endpoint.Host.Time).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(greeting).ConfigureAwait(false);
    }

    private async Task GreetAsync(Socket socket)
    {
        await Task.Yield(); // the next one is let in meanwhile
        var (from, host) = ("somebody", "somebody");
        Link? link = null;
        using var late = new CancellationTokenSource(_endpoint.Options.ConnectTimeout, _endpoint.Host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopping.Token);
        string refusal;
        try
        {
            from = Text(socket.RemoteEndPoint!);
            host = ((IPEndPoint)socket.RemoteEndPoint!).Address.ToString();
            link = Link.Of(socket);
            var peer = await Handshake.AcceptAsync(_endpoint, link, either.Token).ConfigureAwait(false);
            new Connection(_endpoint, link, peer, from).Start();
            return;
        }
        catch (OperationCanceledException)
        {
            refusal = $"It did not greet in {_endpoint.Options.ConnectTimeout}.";
            link?.Abort();
        }
        catch (Exception failure)
        {
            refusal = failure.Message;
        }

        if (link is null)
            socket.Dispose();
        else
            await link.DisposeAsync().ConfigureAwait(false);
        if (!_stopping.IsCancellationRequested && _refusals.IsToBeTold(host, refusal, out var untold))
        {
            if (untold == 0)
                LogRefused(_endpoint.Logger, from, refusal);
            else
                LogRefusedOften(_endpoint.Logger, from, refusal, untold);
        }
    }

    private static string Text(EndPoint endpoint) => endpoint.ToString()!;

    [LoggerMessage(60, LogLevel.Warning, "A connection from {From} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string from, string reason);

    [LoggerMessage(62, LogLevel.Warning, "A connection from {From} was refused: {Reason} So were {Untold} before it, of which nothing was said.")]
    private static partial void LogRefusedOften(ILogger logger, string from, string reason, int untold);

    [LoggerMessage(61, LogLevel.Warning, "A connection to {Address} could not be let in: {Reason}")]
    private static partial void LogAcceptFailed(ILogger logger, string address, string reason);
}
