using System.Net;
using System.Net.Sockets;
using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Bench;

/// <summary>The other process of the bench of calls between processes: hosts the grains, and answers the raw frames that they are compared with.</summary>
internal static class WireServer
{
    public const string Name = "wire-server";

    public static async Task<int> Run(string secret)
    {
        var services = new ServiceCollection();
        services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(WireServer).Assembly));
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<GrainHost>();
        using var endpoint = new Endpoint(host, new() { Name = "server", Secret = secret }, PeerRole.Silo, new Host(host), NullLogger.Instance);
        await using var listener = new ConnectionListener(endpoint);
        listener.Start();
        using var raw = new Socket(SocketType.Stream, ProtocolType.Tcp);
        raw.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        raw.Listen();
        _ = RawEcho.Serve(raw);
        Console.WriteLine($"{listener.Address} {((IPEndPoint)raw.LocalEndPoint!).Port}");
        // The end of the input ends it, so that it does not outlive the bench.
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Serves every grain.</summary>
    private sealed class Host(GrainHost host) : IConnectionOwner
    {
        public void Opened(Connection connection)
        {
        }

        public void Closed(Connection connection)
        {
        }

        public bool IsHandingOver(GrainCall call) => false;

        public bool TryDeliver(GrainCall call, GrainId target)
        {
            host.Deliver(call.Target!, call);
            return true;
        }

        public void Returned(GrainCall call) => call.Reject(new InvalidOperationException("The bench has nowhere else to send a call."));

        public void ViewReceived(Connection from, ReadOnlySpan<byte> view)
        {
        }
    }
}
