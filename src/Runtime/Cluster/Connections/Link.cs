using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Runtime.Cluster;

/// <summary>What a connection runs over: a connection of Kestrel's, and TLS over it where there is a secret.</summary>
internal sealed class Link : IAsyncDisposable
{
    private const int TlsBuffer = 64 << 10;

    private static readonly SocketConnectionContextFactory Kestrel = new(
        new()
        {
            // A flush is done when the socket has taken all of it: what waits to be sent is counted by the connection.
            MaxWriteBufferSize = 2,
            // There are few connections, and they are busy: asking first whether there is something to read would be one more call of the system a read.
            WaitForDataBeforeAllocatingBuffer = false,
        },
        NullLogger.Instance);

    private readonly ConnectionContext _context;
    private SslStream? _secured;

    public Link(ConnectionContext context)
    {
        _context = context;
        (Input, Output) = (context.Transport.Input, context.Transport.Output);
        Stream = new DuplexPipeStream(Input, Output);
    }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    /// <summary>The same as a stream, for what is said before the ends know each other.</summary>
    public Stream Stream { get; private set; }

    /// <summary>Takes over a socket that is connected.</summary>
    /// <exception cref="SocketException">The other end is gone already; the socket is closed.</exception>
    public static Link Of(Socket socket)
    {
        try
        {
            Sockets.Prepare(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        // Its loops live as long as it: they are not to keep what happens to be under way here.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            return new(Kestrel.Create(socket));
    }

    /// <summary>From here on all is said over TLS, once that is agreed on.</summary>
    public SslStream Secure()
    {
        Stream = _secured = new SslStream(Stream);
        Input = PipeReader.Create(_secured, new(bufferSize: TlsBuffer));
        Output = PipeWriter.Create(_secured, new(minimumBufferSize: TlsBuffer));
        return _secured;
    }

    /// <summary>Ends it when the other end has been sent all that was written. Nobody may be writing any more.</summary>
    public void Finish() => _context.Transport.Output.Complete();

    /// <summary>Ends it at once: whoever reads or writes is told so, and what the other end has not read yet may be lost.</summary>
    public void Abort() => _context.Abort();

    /// <summary>Finishes it where it is not ended yet, and frees what it had. Nobody may be reading any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_secured is not null)
        {
            await Input.CompleteAsync().ConfigureAwait(false);
            await _secured.DisposeAsync().ConfigureAwait(false);
        }

        await _context.DisposeAsync().ConfigureAwait(false);
    }
}
