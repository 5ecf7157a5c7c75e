using System.Diagnostics;
using System.Net;
using Auie.Runtime.Cluster;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auie.Bench;

/// <summary>
/// Grain calls a second between two processes over one connection, beside raw frames of the same sizes between the same two. Copies, deadlines and metrics are on, as shipped. Each
/// round measures everything once, so that a slow spell of the machine falls on all alike.
/// </summary>
internal static class WireBench
{
    private const string Secret = "the secret of the bench";
    private static readonly int[] Callers = [1, 16, 100, 256];
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    public static async Task<Report> Run(string[] args)
    {
        var rounds = args is [var given] ? int.Parse(given) : 7;
        var plain = await Pair.Start("");
        var secured = await Pair.Start(Secret);
        var rates = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var measures = new List<(string Name, string Yardstick, Func<Task<double>> Measure)>();
        foreach (var callers in Callers)
        {
            var raw = $"raw frames, {callers} under way";
            measures.Add((raw, raw, () => RawEcho.Rate(plain.Raw, callers, plain.RequestSize, plain.AnswerSize, Slice)));
            measures.Add(($"grain call, {callers} callers of as many grains", raw, () => plain.Rate(callers, Slice)));
            measures.Add(($"grain call over TLS, {callers} callers of as many grains", raw, () => secured.Rate(callers, Slice)));
        }

        foreach (var (name, _, measure) in measures)
        {
            rates[name] = [];
            await measure(); // compiled before it counts
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, _, measure) in measures)
                rates[name].Add(await measure());
        }

        await plain.DisposeAsync();
        await secured.DisposeAsync();
        return new(
            "Calls between processes",
            "dotnet run -c Release --project bench/Auie.Bench -- wire",
            Machine.Here,
            rounds,
            [.. measures.Select(m => Measurement.Of(m.Name, "calls/s", rates[m.Name], Measurement.Of("", "", rates[m.Yardstick]).Median))],
            [
                $"Both processes are on this machine and share its cores. A call has {plain.RequestSize} bytes there and {plain.AnswerSize} back, with all that is around them.",
                "The ratio is to raw frames of the same sizes with as many under way, over one connection between the same processes; each end answers on the thread that reads.",
                "Calls go through generated references, with deadlines and metrics.",
            ]);
    }

    /// <summary>Two processes with a connection between them: this one, and a server of its own.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly Process _server;
        private readonly ServiceProvider _services;
        private readonly Endpoint _endpoint;
        private readonly IGrainFactory _grains;

        private Pair(Process server, ServiceProvider services, Endpoint endpoint, IPEndPoint raw) =>
            (_server, _services, _endpoint, Raw, _grains) = (server, services, endpoint, raw, services.GetRequiredService<IGrainFactory>());

        public IPEndPoint Raw { get; }

        public int RequestSize { get; private set; }

        public int AnswerSize { get; private set; }

        public static async Task<Pair> Start(string secret)
        {
            var server = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Auie.Bench.dll"), WireServer.Name, secret])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            var addresses = (await server.StandardOutput.ReadLineAsync())!.Split(' ');
            var services = new ServiceCollection();
            services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(WireBench).Assembly));
            var provider = services.BuildServiceProvider();
            var host = provider.GetRequiredService<GrainHost>();
            var endpoint = new Endpoint(host, new() { Name = "client", Secret = secret }, PeerRole.Client, new Caller(), NullLogger.Instance);
            host.Transport = new OneConnection(await new Connector(endpoint).ConnectAsync(addresses[0], CancellationToken.None));
            var pair = new Pair(server, provider, endpoint, new(IPAddress.Loopback, int.Parse(addresses[1])));
            await pair._grains.GetGrain<IPingGrain>(0).Ping();
            // What was sent is counted when the write returns, which may be after the answer.
            while (endpoint.Metrics.BytesSent == 0 || endpoint.Metrics.BytesReceived == 0)
                await Task.Yield();
            pair.RequestSize = (int)endpoint.Metrics.BytesSent;
            pair.AnswerSize = (int)endpoint.Metrics.BytesReceived;
            return pair;
        }

        /// <summary>Calls a second of so many callers, each with one call under way at a time.</summary>
        public async Task<double> Rate(int callers, TimeSpan slice)
        {
            using var stop = new CancellationTokenSource();
            var watch = Stopwatch.StartNew();
            var tasks = Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
            {
                var grain = _grains.GetGrain<IPingGrain>(i);
                long calls = 0;
                while (!stop.IsCancellationRequested)
                {
                    await grain.Ping();
                    calls++;
                }

                return calls;
            })).ToArray();
            await Task.Delay(slice);
            await stop.CancelAsync();
            var total = (await Task.WhenAll(tasks)).Sum();
            return total / watch.Elapsed.TotalSeconds;
        }

        public async ValueTask DisposeAsync()
        {
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
            _endpoint.Dispose();
            await _services.DisposeAsync();
        }
    }

    private sealed class OneConnection(Connection connection) : ITransport
    {
        public void Send(GrainCall call) => connection.Send(call);
    }

    private sealed class Caller : IConnectionOwner
    {
        public void Opened(Connection connection)
        {
        }

        public void Closed(Connection connection)
        {
        }

        public bool IsHandingOver(GrainCall call) => false;

        public bool TryDeliver(GrainCall call, GrainId target) => false;

        public void Returned(GrainCall call) => call.Reject(new InvalidOperationException("The bench has nowhere else to send a call."));

        public void ViewReceived(Connection from, ReadOnlySpan<byte> view)
        {
        }
    }
}
