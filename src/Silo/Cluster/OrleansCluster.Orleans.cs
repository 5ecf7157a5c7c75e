using System.Net;
using System.Net.Sockets;

namespace Auie.Silo.Cluster;

/// <summary>Where a silo of an Orleans cluster listens and what it is called: the section "Cluster".</summary>
public sealed record OrleansCluster
{
    /// <summary>The silo's name among the others; of machine and process unless told otherwise.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Where it listens for other silos: address:port. Port 0 takes any. The gateway listens on the same address.</summary>
    public string Listen { get; init; } = "127.0.0.1:0";

    /// <summary>What the others connect to: host, or host:port with the port of <see cref="Listen"/>; where it listens unless told otherwise.</summary>
    public string? Advertise { get; init; }

    /// <summary>The port for clients of the cluster; 0 takes any, which clients that look into the database find.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The cluster, among those that share the table of members.</summary>
    public string ClusterId { get; init; } = "auie";

    /// <summary>How long a silo that is probed may take; one that misses a few in a row is voted dead, which with this takes up to some 15 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A setting of the built-in cluster; Orleans has none like it, and one that is given is refused.</summary>
    public string? Secret { get; init; }

    /// <summary>The addresses as Orleans takes them.</summary>
    /// <exception cref="InvalidOperationException">One of them is none, or names a machine that nobody knows.</exception>
    internal (IPEndPoint Silo, IPEndPoint Gateway, IPAddress Advertised) Endpoints()
    {
        if (Secret is not null)
            throw new InvalidOperationException("Cluster:Secret is given, and Orleans knows no secret: leave it out, and see to it that only silos and clients reach the ports.");
        if (!IPEndPoint.TryParse(Listen, out var silo) || !Listen.Contains(':'))
            throw new InvalidOperationException($"Cluster:Listen is '{Listen}'; it is an address and a port, such as 10.0.0.1:11111.");
        if (GatewayPort is < 0 or > ushort.MaxValue || (GatewayPort == silo.Port && GatewayPort != 0))
            throw new InvalidOperationException($"Cluster:GatewayPort is {GatewayPort}; it is a port, and another one than that of Cluster:Listen.");
        if (ProbeTimeout < TimeSpan.FromMilliseconds(100) || ProbeTimeout > TimeSpan.FromMinutes(5))
            throw new InvalidOperationException($"Cluster:ProbeTimeout is {ProbeTimeout}; it is from a tenth of a second to five minutes.");
        var advertised = AdvertisedBy(silo);
        var (port, gateway) = (Free(silo.Address, silo.Port), Free(silo.Address, GatewayPort));
        return (new IPEndPoint(silo.Address, port), new IPEndPoint(silo.Address, gateway), advertised);
    }

    /// <summary>The port, or one that nobody listens on now.</summary>
    private static int Free(IPAddress address, int port)
    {
        if (port != 0)
            return port;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private IPAddress AdvertisedBy(IPEndPoint silo)
    {
        if (Advertise is null)
        {
            return silo.Address.Equals(IPAddress.Any) || silo.Address.Equals(IPAddress.IPv6Any)
                ? throw new InvalidOperationException($"Cluster:Listen is '{Listen}', which is every address of this machine; Cluster:Advertise has to say which of them the others connect to.")
                : silo.Address;
        }

        if (IPAddress.TryParse(Advertise, out var address))
            return address;
        var colon = Advertise.LastIndexOf(':');
        var host = colon < 0 ? Advertise : Advertise[..colon].Trim('[', ']');
        if (colon >= 0 && (!int.TryParse(Advertise.AsSpan(colon + 1), out var port) || port != silo.Port))
            throw new InvalidOperationException($"Cluster:Advertise is '{Advertise}' and Cluster:Listen '{Listen}'; on Orleans the port is the same.");
        if (IPAddress.TryParse(host, out address))
            return address;
        try
        {
            return Dns.GetHostAddresses(host, silo.AddressFamily) is [var first, ..] ? first : throw Unknown(null);
        }
        catch (SocketException e)
        {
            throw Unknown(e);
        }

        InvalidOperationException Unknown(Exception? cause) => new($"Cluster:Advertise is '{Advertise}', and no address of '{host}' is known.", cause);
    }
}
