using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Auie.Runtime.Cluster;

/// <summary>How a silo takes part in a cluster, and its limits.</summary>
public sealed class ClusterOptions
{
    /// <summary>The silo's name, unique among those that run; a later life of the same name takes its place.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where it listens for silos and clients: address:port. Port 0 takes any.</summary>
    public string Listen { get; set; } = "127.0.0.1:0";

    /// <summary>What the others are told to connect to: host:port; what it listens on unless told otherwise.</summary>
    public string? Advertise { get; set; }

    /// <summary>Where a client connects first, to find the silos: host:port, several separated by ';'.</summary>
    public string Gateways { get; set; } = "";

    /// <summary>What silos and clients of one cluster share, and prove to each other when they connect. Needed unless only loopback is listened on.</summary>
    public string? Secret { get; set; }

    /// <summary>A file whose first line is the secret, so that it stands in no command line.</summary>
    public string? SecretFile { get; set; }

    /// <summary>The version of the program, told to the others.</summary>
    public string Version { get; set; } = "";

    /// <summary>For how long a heartbeat makes the silo's slots its own. As long as this a dead silo's slots stay unserved.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How much earlier than by the table's clock it holds its lease to be over, for clocks that do not run alike.</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the lease is renewed and the table looked at.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the grains of slots that are given up may take to end; the slots are released then all the same.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a silo that starts asks a membership table that does not answer in time, before it gives up.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For how long heartbeats may fail before calls that nobody can serve are refused at once; a shorter outage of the membership table is waited out, by each call for as long as
    /// it may take.
    /// </summary>
    public TimeSpan OutagePatience { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// For how long a silo is tried to be connected to in vain before it is said to be out of reach; then it or this one gives its slots away. Unless told otherwise the lease and a
    /// heartbeat: a silo that has died must be known to be dead by then, and not be taken for one that lives apart.
    /// </summary>
    public TimeSpan? SuspectAfter { get; set; }

    internal TimeSpan Suspicion => SuspectAfter ?? Lease + Heartbeat;

    /// <summary>How long connecting to another process may take, with proving the secret.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a client that starts waits until its gateways have been tried, to end where each refuses its secret; it goes on trying all the same.</summary>
    public TimeSpan StartWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many bytes of calls and answers may wait to be sent on one connection; further calls fail with <see cref="LimitExceededException"/>.</summary>
    public int MaxUnsentBytes { get; set; } = 32 << 20;

    /// <summary>How many bytes of answers may wait to be sent on one connection, of calls that were taken before its other end stopped reading; further answers are dropped, and their
    /// calls, which took effect, fail with <see cref="TimeoutException"/>. Not less than <see cref="MaxUnsentBytes"/>.</summary>
    public int MaxUnsentAnswerBytes { get; set; } = 128 << 20;

    /// <summary>What either of them is at the most: it is one array.</summary>
    private const int MostUnsentBytes = 1 << 30;

    /// <summary>How many calls may wait for a silo that serves them; further ones fail with <see cref="LimitExceededException"/>.</summary>
    public int MaxWaitingCalls { get; set; } = 20_000;

    /// <summary>How many bytes one call or answer may have.</summary>
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>The name of the cluster: processes of another are refused. Empty for whichever it is.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>A certificate in PEM for what listens, in place of one that is made at each start. Whoever connects does not ask who signed it: the secret proves that it is
    /// the right one.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The key of <see cref="CertificateFile"/> in PEM, if it is in a file of its own.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Refuses what connections cannot work by.</summary>
    /// <exception cref="InvalidOperationException">An option, or what some are together, makes no sense; the message says which.</exception>
    internal void ValidateConnections()
    {
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        NotNegative(StartWait, nameof(StartWait));
        AtLeast(MaxMessageBytes, 1024, nameof(MaxMessageBytes));
        AtLeast(MaxUnsentBytes, 1024, nameof(MaxUnsentBytes));
        AtMost(MaxUnsentBytes, MostUnsentBytes, nameof(MaxUnsentBytes));
        AtMost(MaxUnsentAnswerBytes, MostUnsentBytes, nameof(MaxUnsentAnswerBytes));
        if (MaxUnsentAnswerBytes < MaxUnsentBytes)
            throw new InvalidOperationException($"{Section}:{nameof(MaxUnsentAnswerBytes)} is {MaxUnsentAnswerBytes}; it is not less than {Section}:{nameof(MaxUnsentBytes)}, {MaxUnsentBytes}, or answers would be dropped before calls cease to be read.");
        AtLeast(MaxWaitingCalls, 1, nameof(MaxWaitingCalls));
        if (CertificateKeyFile is not null && CertificateFile is null)
            throw new InvalidOperationException($"{Section}:{nameof(CertificateKeyFile)} is '{CertificateKeyFile}', and {Section}:{nameof(CertificateFile)}, whose key it is, is not set.");
    }

    /// <summary>How long the membership table may take to answer: a heartbeat is given up early enough for the next to renew the lease in time.</summary>
    public TimeSpan TablePatience => (Lease - LeaseMargin) / 3;

    /// <summary>Refuses what a silo could not take part in a cluster by.</summary>
    /// <exception cref="InvalidOperationException">They could not keep a lease; the message says which setting is wrong.</exception>
    /// <exception cref="FormatException">An address is none.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name))
            throw new InvalidOperationException($"{Section}:{nameof(Name)} is '{Name}'; it is a name, which no other silo has.");
        ValidateConnections();
        ValidateListening();
        ValidateAdvertised();
        Positive(Lease, nameof(Lease));
        Positive(Heartbeat, nameof(Heartbeat));
        Positive(DrainTimeout, nameof(DrainTimeout));
        if (Suspicion < Lease + Heartbeat)
            throw new InvalidOperationException($"{Section}:{nameof(SuspectAfter)} is {SuspectAfter}; it is at least {Section}:{nameof(Lease)} and {Section}:{nameof(Heartbeat)} together, {Lease + Heartbeat}, or a silo that has died would be taken for one that lives apart.");
        NotNegative(JoinTimeout, nameof(JoinTimeout));
        NotNegative(OutagePatience, nameof(OutagePatience));
        NotNegative(LeaseMargin, nameof(LeaseMargin));
        if (Heartbeat > TablePatience)
            throw new InvalidOperationException($"{Section}:{nameof(Heartbeat)} is {Heartbeat}, which is too rare for {Section}:{nameof(Lease)} {Lease} less {Section}:{nameof(LeaseMargin)} {LeaseMargin}; it is a third of that at the most.");
    }

    /// <summary>Refuses what cannot be listened by: an address that strangers reach without a secret, a certificate that cannot be used.</summary>
    /// <exception cref="InvalidOperationException">The message says which setting is wrong.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    internal void ValidateListening()
    {
        var listen = ListenAddress();
        if (!string.IsNullOrEmpty(Secret))
            LoadCertificate()?.Dispose();
        else if (!IPAddress.IsLoopback(listen.Address))
            throw new InvalidOperationException($"{Section}:{nameof(Listen)} is '{Listen}', which others than this machine reach, and there is no {Section}:{nameof(Secret)}: without one, only loopback is listened on.");
    }

    /// <summary>The others are told an address that they can connect to.</summary>
    private void ValidateAdvertised()
    {
        if (!string.IsNullOrEmpty(Advertise))
        {
            var host = HostPort.Parse(Advertise, $"{Section}:{nameof(Advertise)}").Host.Trim('[', ']');
            if (IPAddress.TryParse(host, out var advertised) && IsAny(advertised))
                throw new InvalidOperationException($"{Section}:{nameof(Advertise)} is '{Advertise}', any address of this machine; it is the one that the others connect to, host:port.");
        }
        else if (IsAny(ListenAddress().Address))
        {
            throw new InvalidOperationException($"{Section}:{nameof(Listen)} is '{Listen}', any address of this machine: {Section}:{nameof(Advertise)} has to say which the others connect to, host:port.");
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>The certificate of <see cref="CertificateFile"/>; null where none is set.</summary>
    /// <exception cref="InvalidOperationException">It cannot be used.</exception>
    internal X509Certificate2? LoadCertificate()
    {
        if (CertificateFile is not { } file)
            return null;
        try
        {
            return X509Certificate2.CreateFromPemFile(file, CertificateKeyFile);
        }
        catch (Exception unusable) when (unusable is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            var key = CertificateKeyFile is { } keyFile ? $", and {Section}:{nameof(CertificateKeyFile)} '{keyFile}'" : "";
            throw new InvalidOperationException($"{Section}:{nameof(CertificateFile)} is '{file}'{key}, which cannot be used: {unusable.Message}", unusable);
        }
    }

    /// <exception cref="InvalidOperationException">It is the name of a host.</exception>
    /// <exception cref="FormatException">It is no address.</exception>
    internal IPEndPoint ListenAddress()
    {
        var listen = HostPort.Parse(Listen, $"{Section}:{nameof(Listen)}");
        return IPAddress.TryParse(listen.Host, out var address)
            ? new(address, listen.Port)
            : throw new InvalidOperationException($"{Section}:{nameof(Listen)} is '{Listen}'; it is address:port, not the name of a host.");
    }

    /// <summary>The section of a configuration that these are in.</summary>
    public const string Section = "Cluster";

    /// <summary>The longest that any of the times may be. A number without a unit is days, which nobody means.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
            throw new InvalidOperationException($"{Section}:{name} is {value}; it is more than nothing.");
        NotTooLong(value, name);
    }

    private static void NotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
            throw new InvalidOperationException($"{Section}:{name} is {value}; it is not negative.");
        NotTooLong(value, name);
    }

    private static void NotTooLong(TimeSpan value, string name)
    {
        if (value > Longest)
            throw new InvalidOperationException($"{Section}:{name} is {value} (days come first); it is {Longest} at the most.");
    }

    private static void AtMost(int value, int most, string name)
    {
        if (value > most)
            throw new InvalidOperationException($"{Section}:{name} is {value}; it is at most {most}.");
    }

    private static void AtLeast(int value, int least, string name)
    {
        if (value < least)
            throw new InvalidOperationException($"{Section}:{name} is {value}; it is at least {least}.");
    }
}
