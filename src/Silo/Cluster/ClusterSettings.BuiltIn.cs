using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Auie.Abstractions;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.Options;

namespace Auie.Silo.Cluster;

/// <summary>
/// What the configuration says of a silo's part in a cluster. The host itself refuses what it cannot listen by only when it starts, and by then the database has been opened and
/// brought up to date: this refuses the same before.
/// </summary>
internal static class ClusterSettings
{
    /// <exception cref="InvalidOperationException">A setting, or what some are together, cannot be; the message says which.</exception>
    /// <exception cref="FormatException">An address is none.</exception>
    public static void Check(Action<ClusterOptions> configure)
    {
        // As the host reads them, with the secret from its file.
        var services = new ServiceCollection();
        services.AddAuieClusterClient(Placement.SlotOf, configure);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<ClusterOptions>>().Value;
        options.Validate();

        var listen = AddressOf(options.Listen)!;
        if (!string.IsNullOrEmpty(options.Secret))
            CheckCertificate(options);
        else if (!IPAddress.IsLoopback(listen))
            throw new InvalidOperationException($"Cluster:Listen is '{options.Listen}', which others than this machine reach, and there is no Cluster:Secret: without one, only loopback is listened on.");
        if (!string.IsNullOrEmpty(options.Advertise))
        {
            if (IsAny(AddressOf(options.Advertise)))
                throw new InvalidOperationException($"Cluster:Advertise is '{options.Advertise}', any address of this machine; it is the one that the others connect to, host:port.");
        }
        else if (IsAny(listen))
        {
            throw new InvalidOperationException($"Cluster:Listen is '{options.Listen}', any address of this machine: Cluster:Advertise has to say which the others connect to, host:port.");
        }
    }

    private static void CheckCertificate(ClusterOptions options)
    {
        if (options.CertificateFile is not { } file)
            return;
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(file, options.CertificateKeyFile);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            var key = options.CertificateKeyFile is { } keyFile ? $", and Cluster:CertificateKeyFile '{keyFile}'" : "";
            throw new InvalidOperationException($"Cluster:CertificateFile is '{file}'{key}, which cannot be used: {e.Message}", e);
        }
    }

    private static bool IsAny(IPAddress? address) => address is not null && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>The address of host:port; null where the host is a name.</summary>
    private static IPAddress? AddressOf(string hostAndPort) => IPAddress.TryParse(hostAndPort[..hostAndPort.LastIndexOf(':')].Trim('[', ']'), out var address) ? address : null;
}
