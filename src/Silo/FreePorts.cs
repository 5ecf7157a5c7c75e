using System.Net;
using System.Net.Sockets;

namespace Auie.Silo;

/// <summary>Whether addresses can be listened on.</summary>
internal static class FreePorts
{
    /// <exception cref="IOException">Somebody listens on one of them already.</exception>
    public static void Check(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = BindingAddress.Parse(url);
            // Names of other kinds are the server's to read, and port 0 is any that is free.
            if (address.IsUnixPipe || address.Port == 0 || HostOf(address.Host) is not { } host)
                continue;
            using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(host, address.Port));
                socket.Listen();
            }
            catch (SocketException e)
            {
                throw new IOException($"{url} cannot be listened on: {e.Message}", e);
            }
        }
    }

    private static IPAddress? HostOf(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" or "+" => IPAddress.Any,
        _ => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address : null,
    };
}
