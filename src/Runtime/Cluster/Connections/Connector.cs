using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>Connects to silos.</summary>
internal sealed class Connector(Endpoint endpoint)
{
    /// <summary>Connects to host:port, and greets. The owner knows the connection when this returns.</summary>
    /// <exception cref="IOException">It could not be connected to, or the other end cannot be talked with.</exception>
    /// <exception cref="AuthenticationException">The other end does not know the secret.</exception>
    /// <exception cref="SecretMissingException">There is no secret, and the address is not loopback.</exception>
    public async Task<Connection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var hostPort = HostPort.Parse(address, "The address to connect to");
        using var late = new CancellationTokenSource(endpoint.Options.ConnectTimeout, endpoint.Host.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        Link? link = null;
        try
        {
            var addresses = await hostPort.ResolveAsync(both.Token).ConfigureAwait(false);
            if (endpoint.Secret is null && !addresses.All(IPAddress.IsLoopback))
                throw new SecretMissingException(
                    $"{address} is not on this machine's loopback, and there is no {nameof(ClusterOptions.Secret)}: without one, only loopback is connected to.");
            var socket = await ConnectAnyAsync(addresses, hostPort.Port, endpoint.Options.ConnectTimeout / addresses.Length, endpoint.Host.Time, both.Token).ConfigureAwait(false);
            link = Link.Of(socket);
            var peer = await Handshake.DialAsync(endpoint, link, both.Token).ConfigureAwait(false);
            var connection = new Connection(endpoint, link, peer, address);
            connection.Start();
            return connection;
        }
        catch (Exception failure)
        {
            if (link is not null)
            {
                link.Abort();
                await link.DisposeAsync().ConfigureAwait(false);
            }

            throw failure switch
            {
                OperationCanceledException when late.IsCancellationRequested && !cancellationToken.IsCancellationRequested =>
                    new IOException($"{address} did not greet in {endpoint.Options.ConnectTimeout}.", failure),
                AuthenticationException => new AuthenticationException($"Connecting to {address} failed: {failure.Message}", failure),
                SecretRefusedException => new SecretRefusedException($"Connecting to {address} failed: {failure.Message}", failure),
                SecretDoubtedException => new SecretDoubtedException($"Connecting to {address} failed: {failure.Message}", failure),
                IOException or SocketException or WireFormatException => new IOException($"Connecting to {address} failed: {failure.Message}", failure),
                _ => failure,
            };
        }
    }

    /// <summary>Each address has its share of the time: one behind which nobody is left does not answer at all.</summary>
    internal static async Task<Socket> ConnectAnyAsync(IPAddress[] addresses, int port, TimeSpan share, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var late = new CancellationTokenSource(share, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            try
            {
                await socket.ConnectAsync(addresses[i], port, i + 1 < addresses.Length ? both.Token : cancellationToken).ConfigureAwait(false);
                return socket;
            }
            catch (Exception failure) when (i + 1 < addresses.Length && (failure is SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested)))
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
