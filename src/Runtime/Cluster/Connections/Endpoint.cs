using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Auie.Runtime.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

/// <summary>What all connections of a process share: who it is, its limits and its secret, and who takes what comes in.</summary>
internal sealed class Endpoint : IDisposable
{
    private readonly Lazy<X509Certificate2> _certificate;

    /// <exception cref="InvalidOperationException">The options cannot be worked by.</exception>
    public Endpoint(GrainHost host, ClusterOptions options, PeerRole role, IConnectionOwner owner, ILogger logger)
    {
        options.ValidateConnections();
        (Host, Options, Role, Owner, Logger) = (host, options, role, owner, logger);
        _certificate = new(MakeCertificate);
    }

    public GrainHost Host { get; }

    public ClusterOptions Options { get; }

    public PeerRole Role { get; }

    public IConnectionOwner Owner { get; }

    public ILogger Logger { get; }

    public ConnectionMetrics Metrics { get; } = new();

    /// <summary>What this process proves its membership by; null where it has nothing.</summary>
    public string? Secret => string.IsNullOrEmpty(Options.Secret) ? null : Options.Secret;

    /// <summary>What the listening end shows.</summary>
    public X509Certificate2 Certificate => _certificate.Value;

    public Hello Hello() => Cluster.Hello.Of(Role, Options.Name, Options.Cluster);

    public void Dispose()
    {
        Metrics.Dispose();
        if (_certificate.IsValueCreated)
            _certificate.Value.Dispose();
    }

    private X509Certificate2 MakeCertificate()
    {
        if (Options.LoadCertificate() is { } configured)
            return configured;

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AUIE", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
    }
}
