using System.Net.Sockets;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

/// <summary>
/// A connection with another process, whose ends know each other. Both ends call and answer, with any number of calls under way. Each call that is sent is answered
/// exactly once by the other end, in any order; it is executed at most once, whatever happens to the connection.
/// </summary>
internal sealed partial class Connection : IRemoteParty, IThreadPoolWorkItem
{
    private readonly Endpoint _endpoint;
    private readonly GrainHost _host;
    private readonly IConnectionOwner _owner;
    private readonly Link _link;

    // Guards the calls in flight and all that is about sending.
    private readonly Lock _gate = new();
    private readonly CallsInFlight _calls = new();
    private volatile bool _ended;
    private readonly TaskCompletionSource _lastWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Connection(Endpoint endpoint, Link link, Hello peer, string address)
    {
        (_endpoint, _host, _owner, _link) = (endpoint, endpoint.Host, endpoint.Owner, link);
        (RemoteName, RemoteRole, RemoteAddress) = (peer.Name, peer.Role, address);
        _references = new(endpoint.Host, ReferencePlaces);
    }

    /// <summary>The name that the other end gave.</summary>
    public string RemoteName { get; }

    public PeerRole RemoteRole { get; }

    /// <summary>What was connected to, or where it came from: host:port.</summary>
    public string RemoteAddress { get; }

    public bool IsOpen => !_ended;

    /// <summary>How many calls wait for their answers.</summary>
    public int CallsInFlight
    {
        get
        {
            lock (_gate)
                return _calls.Count;
        }
    }

    public override string ToString() => $"{RemoteName} at {RemoteAddress}";

    /// <summary>Tells the owner, and begins to read.</summary>
    public void Start()
    {
        _endpoint.Metrics.Opened();
        LogOpened(_endpoint.Logger, RemoteRole, RemoteName, RemoteAddress);
        _owner.Opened(this);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _ = Task.Run(ReceiveAsync);
    }

    /// <summary>Ends the connection: what was to be sent is sent, as far as the other end takes it in time, and after it the reason.</summary>
    public async Task CloseAsync(string reason)
    {
        Send(FrameKind.Goodbye, System.Text.Encoding.UTF8.GetBytes(reason));
        using var late = new CancellationTokenSource(_endpoint.Options.ConnectTimeout, _host.Time);
        try
        {
            while (IsNextWriteNeeded(static c => c._queued > c._written, out var written))
                await written.WaitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It takes nothing: then it does not hear the reason.
        }

        if (late.IsCancellationRequested)
            Abort(reason);
        else
            Finish(reason);
    }

    /// <summary>Ends the connection when what is being written has gone, or is not taken in time.</summary>
    public void Finish(string reason) => End(reason, null, hasSaidAll: true);

    /// <summary>Ends the connection at once: the other end is no longer who it was.</summary>
    public void Abort(string reason) => End(reason, null);

    /// <summary>
    /// The connection is no more. Calls that had certainly not left go back to the owner; what became of others nobody knows, and their callers are told so.
    /// </summary>
    private void End(string reason, Exception? cause, bool hasSaidAll = false)
    {
        (GrainCall Call, long Start)[] left;
        TaskCompletionSource? waiting;
        bool writing;
        lock (_gate)
        {
            if (_ended)
                return;
            (_ended, writing) = (true, _writing);
            left = [.. _calls.All()];
            waiting = _nextWrite;
            _nextWrite = null;
        }

        if (!hasSaidAll)
            _link.Abort();
        else if (!writing)
            _link.Finish();
        else
            _ = LimitLastWriteAsync(); // whoever writes finishes it
        waiting?.TrySetResult();
        LogEnded(_endpoint.Logger, RemoteRole, RemoteName, RemoteAddress, reason, cause is IOException or SocketException ? null : cause);
        _endpoint.Metrics.Closed();
        _owner.Closed(this);
        CancelAll();
        foreach (var (call, start) in left)
        {
            if (start >= _handedOver)
                GiveBack(call);
            else
                call.Reject(new UnansweredException(
                    $"The connection with {this} ended before {call.Method} on {call.Target!.GrainId} was answered. Whether it took effect is unknown. {reason}", cause));
        }
    }

    /// <summary>An end that reads nothing does not keep the connection for as long as this process runs.</summary>
    private async Task LimitLastWriteAsync()
    {
        try
        {
            await _lastWritten.Task.WaitAsync(_endpoint.Options.ConnectTimeout, _host.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _link.Abort();
        }
    }

    private void GiveBack(GrainCall call)
    {
        if (call.IsAbandoned)
        {
            call.Drop();
            return;
        }

        call.Remote = null;
        _owner.Returned(call);
    }

    [LoggerMessage(50, LogLevel.Information, "Connected with the {Role} {Name} at {Address}.")]
    private static partial void LogOpened(ILogger logger, PeerRole role, string name, string address);

    [LoggerMessage(51, LogLevel.Information, "The connection with the {Role} {Name} at {Address} has ended: {Reason}")]
    private static partial void LogEnded(ILogger logger, PeerRole role, string name, string address, string reason, Exception? exception);
}
