using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>Who is let in, and what strangers get.</summary>
public sealed class HandshakeTests
{
    private const string Secret = "open sesame";

    [Fact]
    public async Task Ends_with_different_secrets_refuse_each_other_and_no_secret_is_logged()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = Secret });
        await using var client = new TestNode("client", PeerRole.Client, new() { Secret = "open barley" });
        await using var listener = new ConnectionListener(silo.Endpoint);
        listener.Start();
        (await Should.ThrowAsync<IOException>(new Connector(client.Endpoint).ConnectAsync(listener.Address, CancellationToken.None)))
            .Message.ShouldContain("The secrets of both ends differ.");
        await Until(() => silo.LogText.Contains("did not prove"));
        silo.LogText.ShouldNotContain(Secret);
        silo.LogText.ShouldNotContain("barley");
        silo.Connections.All.ShouldBeEmpty();
        client.Connections.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_whose_secret_every_gateway_refuses_does_not_start_and_one_that_may_yet_be_let_in_says_why_it_is_not()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = Secret });
        await using var listener = new ConnectionListener(silo.Endpoint);
        listener.Start();
        await using var refused = ClientOf(listener.Address);
        (await Should.ThrowAsync<InvalidOperationException>(StartAsync(refused))).Message.ShouldContain("Cluster:Secret, or Cluster:SecretFile, of this process is another than there");
        await using var waiting = ClientOf(listener.Address + ";127.0.0.1:1");
        await StartAsync(waiting);
        var state = waiting.GetRequiredService<IClusterState>();
        await Until(() => state.SecretRefusal?.Contains("Cluster:SecretFile", StringComparison.Ordinal) == true);
        state.IsReady.ShouldBeFalse();
        // Anybody may read it.
        state.SecretRefusal.ShouldNotBeNull().ShouldNotContain("127.0.0.1");

        // Which of both has one nobody says: it may be another reason.
        await using var doubting = ClientOf(listener.Address, null);
        await StartAsync(doubting);
        await Until(() => doubting.GetRequiredService<IClusterState>().SecretRefusal?.Contains("Cluster:SecretFile, is not set, and it may be there", StringComparison.Ordinal) == true);

        static ServiceProvider ClientOf(string gateways, string? secret = "open barley, open barley") => new ServiceCollection().AddLogging().AddAuieRuntime(_ => { })
            .AddAuieClusterClient((_, _, _) => 0, options => (options.Name, options.Gateways, options.Secret) = ("client", gateways, secret)).BuildServiceProvider();
        static Task StartAsync(IServiceProvider client) => client.GetServices<IHostedService>().OfType<IHostedLifecycleService>().Single().StartingAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_client_without_a_secret_counts_as_refused_by_gateways_on_other_machines()
    {
        await using var client = new ServiceCollection().AddLogging().AddAuieRuntime(_ => { }).AddAuieClusterClient((_, _, _) => 0, options => options.Name = "client").BuildServiceProvider();
        var router = client.GetRequiredService<ClusterRouter>();
        router.AddGateways(["192.0.2.1:1"]);
        (await router.IsRefusedByAllGatewaysAsync(TimeSpan.FromSeconds(60), CancellationToken.None)).ShouldBeTrue();
        router.SecretRefusal.ShouldNotBeNull().ShouldStartWith("Cluster:Secret, or Cluster:SecretFile, is not set");
    }

    [Fact]
    public async Task A_client_starts_though_its_gateway_says_nothing()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen();
        await using var client = new ServiceCollection().AddLogging().AddAuieRuntime(_ => { }).AddAuieClusterClient((_, _, _) => 0, options =>
            (options.Name, options.Gateways, options.ConnectTimeout, options.StartWait) = ("client", deaf.LocalEndPoint!.ToString()!, TimeSpan.FromMinutes(30), TimeSpan.FromMilliseconds(10))).BuildServiceProvider();
        await client.GetServices<IHostedService>().OfType<IHostedLifecycleService>().Single().StartingAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \nsecond line")]
    public void A_file_for_the_secret_that_holds_none_is_refused_and_not_taken_for_no_secret(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            using var services = new ServiceCollection().AddAuieClusterClient((_, _, _) => 0, options => options.SecretFile = file).BuildServiceProvider();
            Should.Throw<InvalidOperationException>(() => services.GetRequiredService<IOptions<ClusterOptions>>().Value).Message.ShouldContain(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory, InlineData(Secret, null), InlineData(null, Secret)]
    public async Task An_end_without_a_secret_and_one_with_it_refuse_each_other(string? listening, string? dialling)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = listening });
        await using var client = new TestNode("client", PeerRole.Client, new() { Secret = dialling });
        await using var listener = new ConnectionListener(silo.Endpoint);
        listener.Start();
        await Should.ThrowAsync<IOException>(new Connector(client.Endpoint).ConnectAsync(listener.Address, CancellationToken.None));
        await Until(() => silo.LogText.Contains("was refused"));
        silo.Connections.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listener_that_does_not_know_the_secret_is_not_talked_to()
    {
        await using var client = new TestNode("client", PeerRole.Client, new() { Secret = Secret });
        await using var keeper = new TestNode("impostor", PeerRole.Silo, new() { Secret = "whatever" });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var connecting = new Connector(client.Endpoint).ConnectAsync(socket.LocalEndPoint!.ToString()!, CancellationToken.None);

        // It takes any proof, and answers with what it was given.
        await using var stream = new SslStream(new NetworkStream(await socket.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(20)), ownsSocket: true));
        await stream.AuthenticateAsServerAsync(keeper.Endpoint.Certificate);
        await stream.WriteAsync(Frame.Of(FrameKind.Hello, keeper.Endpoint.Hello().ToBytes()));
        var hello = new byte[Frame.HeaderSize + client.Endpoint.Hello().ToBytes().Length];
        var proof = new byte[Frame.HeaderSize + Proof.Size];
        await stream.ReadExactlyAsync(hello);
        await stream.ReadExactlyAsync(proof);
        await stream.WriteAsync(proof);
        (await Should.ThrowAsync<AuthenticationException>(connecting)).Message.ShouldContain("'impostor' did not prove that it knows the secret");
        client.Connections.All.ShouldBeEmpty();
    }

    [Fact]
    public void A_proof_is_worth_nothing_with_another_secret_certificate_or_greeting_or_from_the_other_end()
    {
        byte[] dialler = Hello.Of(PeerRole.Client, "a", "").ToBytes(), listener = Hello.Of(PeerRole.Silo, "b", "").ToBytes();
        byte[] certificate = [1, 2, 3], another = [1, 2, 4];
        byte[][] proofs =
        [
            Proof.OfListener(Secret, dialler, listener, certificate),
            Proof.OfListener("guessed", dialler, listener, certificate),
            Proof.OfListener(Secret, dialler, listener, another),
            Proof.OfListener(Secret, listener, dialler, certificate),
            Proof.OfListener(Secret, Hello.Of(PeerRole.Client, "a", "").ToBytes(), listener, certificate),
            Proof.OfDialler(Secret, dialler, listener, certificate),
        ];
        proofs.Select(Convert.ToHexString).ShouldBeUnique();
    }

    [Theory, InlineData("0.0.0.0:0"), InlineData("[::]:0"), InlineData("192.0.2.1:0")]
    public async Task Without_a_secret_only_loopback_is_listened_on(string listen)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Listen = listen });
        Should.Throw<InvalidOperationException>(() => new ConnectionListener(silo.Endpoint)).Message.ShouldContain("without one, only loopback is listened on");
    }

    [Fact]
    public async Task Without_a_secret_only_loopback_is_connected_to()
    {
        await using var client = new TestNode("client", PeerRole.Client);
        (await Should.ThrowAsync<SecretMissingException>(new Connector(client.Endpoint).ConnectAsync("192.0.2.1:1", CancellationToken.None)))
            .Message.ShouldContain("without one, only loopback is connected to");
    }

    [Theory, InlineData("nonsense"), InlineData("somewhere:1"), InlineData(":1"), InlineData("127.0.0.1:99999"), InlineData("::1:5")]
    public async Task An_address_to_listen_on_that_makes_no_sense_is_named(string listen)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Listen = listen });
        Should.Throw<Exception>(() => new ConnectionListener(silo.Endpoint)).Message.ShouldContain(listen);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var hosts = await ConnectedHosts.Start();
        await using var second = new TestNode("second", PeerRole.Silo, new() { Listen = hosts.Listener.Address });
        Should.Throw<InvalidOperationException>(() => new ConnectionListener(second.Endpoint)).Message.ShouldContain(hosts.Listener.Address);
    }

    [Fact]
    public async Task A_certificate_of_ones_own_may_be_shown()
    {
        var folder = Directory.CreateTempSubdirectory("auie");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var (file, keyFile) = (Path.Combine(folder.FullName, "silo.pem"), Path.Combine(folder.FullName, "silo.key"));
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
            await using var hosts = await ConnectedHosts.Start(new() { Secret = Secret, CertificateFile = file, CertificateKeyFile = keyFile }, new() { Secret = Secret });
            (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);

            await File.WriteAllTextAsync(keyFile, "not a key");
            await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = Secret, CertificateFile = file, CertificateKeyFile = keyFile });
            Should.Throw<InvalidOperationException>(() => new ConnectionListener(silo.Endpoint)).Message.ShouldContain(keyFile);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_certificate_is_read_when_listening_begins_and_not_when_somebody_first_comes()
    {
        var folder = Directory.CreateTempSubdirectory("auie");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var file = Path.Combine(folder.FullName, "silo.pem");
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + Environment.NewLine + key.ExportPkcs8PrivateKeyPem());
            await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = Secret, CertificateFile = file });
            await using var listener = new ConnectionListener(silo.Endpoint);
            listener.Start();
            File.Delete(file);

            await using var client = new TestNode("client", PeerRole.Client, new() { Secret = Secret });
            (await new Connector(client.Endpoint).ConnectAsync(listener.Address, CancellationToken.None)).IsOpen.ShouldBeTrue();
            silo.Endpoint.Certificate.RawData.ShouldBe(certificate.RawData);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_end_of_another_version_is_told_which_are_spoken()
    {
        await using var hosts = await ConnectedHosts.Start();
        using var peer = await RawPeer.Connect(hosts.Listener.Address);
        await peer.Send(Frame.Of(FrameKind.Hello, (RawPeer.Hello with { LowestVersion = 2, HighestVersion = 3 }).ToBytes()));
        var (kind, reason) = await peer.Receive();
        kind.ShouldBe(FrameKind.Goodbye);
        Encoding.UTF8.GetString(reason).ShouldBe("'silo' speaks the protocol's versions 1 to 1, and 'raw' 2 to 3.");
        await Until(() => hosts.Silo.LogText.Contains("'raw' 2 to 3"));
    }

    [Fact]
    public async Task A_later_version_that_still_speaks_this_one_is_let_in()
    {
        await using var hosts = await ConnectedHosts.Start();
        using var peer = await RawPeer.Connect(hosts.Listener.Address);
        byte[] unknownField = [(9 << 3) | 0, 5];
        await peer.Send(Frame.Of((FrameKind)100, [1]), Frame.Of(FrameKind.Hello, [.. (RawPeer.Hello with { HighestVersion = 7 }).ToBytes(), .. unknownField]));
        (await peer.Receive()).Kind.ShouldBe(FrameKind.Hello);
        await peer.Send(Frame.Of((FrameKind)100, [1, 2]), Frame.Of((FrameKind)101, []), Frame.Of(FrameKind.View, [3]));
        (await hosts.Silo.Views.Next()).ShouldBe([3]);
    }

    [Fact]
    public async Task A_process_of_another_cluster_is_refused()
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Cluster = "one" });
        await using var client = new TestNode("client", PeerRole.Client, new() { Cluster = "two" });
        await using var listener = new ConnectionListener(silo.Endpoint);
        listener.Start();
        (await Should.ThrowAsync<IOException>(new Connector(client.Endpoint).ConnectAsync(listener.Address, CancellationToken.None)))
            .Message.ShouldContain("'silo' belongs to the cluster 'one', and 'client' to 'two'");
    }

    [Theory, InlineData(null), InlineData(Secret)]
    public async Task Whoever_does_not_greet_in_time_is_put_out(string? secret)
    {
        await using var silo = new TestNode("silo", PeerRole.Silo, new() { Secret = secret });
        await using var listener = new ConnectionListener(silo.Endpoint);
        listener.Start();
        using var peer = await RawPeer.Connect(listener.Address);
        await peer.Send([1]);
        var closed = peer.Receive();
        await Until(() =>
        {
            silo.Host.Time.Advance(TimeSpan.FromSeconds(6));
            return closed.IsCompleted;
        });
        (await closed).Kind.ShouldBe(default);
        await Until(() => silo.LogText.Contains("It did not greet in 00:00:05"));
    }

    [Fact]
    public async Task Connecting_to_nobody_fails_with_the_address()
    {
        await using var client = new TestNode("client", PeerRole.Client);
        (await Should.ThrowAsync<IOException>(new Connector(client.Endpoint).ConnectAsync("127.0.0.1:1", CancellationToken.None))).Message.ShouldContain("127.0.0.1:1");
    }

    [Fact]
    public async Task What_is_no_protocol_at_all_is_closed_and_others_are_let_in_still()
    {
        await using var hosts = await ConnectedHosts.Start();
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            using var peer = i % 2 == 0 ? await RawPeer.Connect(hosts.Listener.Address) : await RawPeer.Greet(hosts.Listener.Address);
            var garbage = new byte[random.Next(5, 300)];
            random.NextBytes(garbage);
            garbage[3] = 0xFF; // announces more than any frame may have
            await peer.Send(garbage);
            while ((await peer.Receive()).Kind != default)
            {
            }
        }

        (await hosts.Grains.GetGrain<IOrderGrain>("a").Value(1)).ShouldBe(2);
        hosts.Silo.LogText.ShouldContain("What it sent makes no sense");
        hosts.Silo.LogText.ShouldContain("something else than a greeting");
    }

    private static async Task Until(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
