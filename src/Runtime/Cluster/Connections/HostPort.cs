using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Auie.Runtime.Cluster;

/// <summary>An address as options and the membership table write it: host:port, where the host is a name or an address; IPv6 in square brackets.</summary>
internal readonly record struct HostPort(string Host, int Port)
{
    /// <exception cref="FormatException">The text is not of this form.</exception>
    public static HostPort Parse(string text, string what)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            host = "";
        return host.Length > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? new(host, port)
            : throw new FormatException($"{what} is '{text}'; it is host:port, an IPv6 address in square brackets.");
    }

    /// <summary>All addresses of the host.</summary>
    public async Task<IPAddress[]> ResolveAsync(CancellationToken cancellationToken) =>
        IPAddress.TryParse(Host, out var address) ? [address] : await Dns.GetHostAddressesAsync(Host, AddressFamily.Unspecified, cancellationToken);

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
