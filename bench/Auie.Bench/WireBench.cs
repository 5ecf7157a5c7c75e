using System.Diagnostics;
using System.Net;
using Auie.Abstractions;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Bench;

/// <summary>
/// Grain calls a second from a client of a cluster to its silo, two processes, beside raw frames of the same sizes between the same two. All is as shipped: routing by slots, leases, copies,
/// deadlines, and metrics that somebody listens to at both ends. Each round measures everything once, so that a slow spell of the machine falls on all alike.
/// </summary>
internal static class WireBench
{
    private const string Secret = "the secret of the bench";
    private static readonly int[] Callers = [1, 16, 100, 256];
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    public static async Task<Report> Run(string[] args)
    {
        var rounds = args is [var given] ? int.Parse(given) : 7;
        using var metrics = WireServer.Listen();
        await using var plain = await Pair.Start("", "plain");
        await using var filtered = await Pair.Start("", WireServer.Filtered);
        await using var secured = await Pair.Start(Secret, "plain");
        var rates = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var measures = new List<(string Name, string Yardstick, Func<Task<double>> Measure)>();
        foreach (var callers in Callers)
        {
            var raw = $"raw frames, {callers} under way";
            measures.Add((raw, raw, () => RawEcho.Rate(plain.Raw, callers, plain.RequestSize, plain.AnswerSize, Slice)));
            measures.Add(($"grain call, {callers} callers of as many grains", raw, () => plain.Rate(callers, Slice)));
            measures.Add(($"grain call through a filter, {callers} callers of as many grains", raw, () => filtered.Rate(callers, Slice)));
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

        return new(
            "Calls between processes",
            "dotnet run -c Release --project bench/Auie.Bench -- wire",
            Machine.Here,
            rounds,
            [.. measures.Select(m => Measurement.Of(m.Name, "calls/s", rates[m.Name], Measurement.Of("", "", rates[m.Yardstick]).Median))],
            [
                $"Both processes are on this machine and share its cores. A call has {plain.RequestSize} bytes there and {plain.AnswerSize} back, with all that is around them.",
                "The ratio is to raw frames of the same sizes with as many under way, over one connection between the same processes; each end answers on the thread that reads.",
                "A call goes from a client of the cluster (`AddAuieClusterClient`) to its silo (`AddAuieCluster`, with a table of members in memory): by the slot of its grain, under the silo's lease, with copies and deadlines; at both ends somebody listens to the metrics. The program itself has no filters; what one costs that does nothing is told besides.",
            ]);
    }

    /// <summary>Two processes with a connection between them: this one, and a server of its own.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly Process _server;
        private readonly IHost _client;
        private readonly IGrainFactory _grains;

        private Pair(Process server, IHost client, IPEndPoint raw) => (_server, _client, Raw, _grains) = (server, client, raw, client.Services.GetRequiredService<IGrainFactory>());

        public IPEndPoint Raw { get; }

        public int RequestSize { get; private set; }

        public int AnswerSize { get; private set; }

        public static async Task<Pair> Start(string secret, string kind)
        {
            var server = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Auie.Bench.dll"), WireServer.Name, secret, kind])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            var addresses = (await server.StandardOutput.ReadLineAsync())!.Split(' ');
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(WireBench).Assembly));
            builder.Services.AddAuieClusterClient(Placement.SlotOf, options => (options.Name, options.Gateways, options.Secret) = ("client", addresses[0], secret));
            var client = builder.Build();
            await client.StartAsync();
            var pair = new Pair(server, client, new(IPAddress.Loopback, int.Parse(addresses[1])));
            await pair.MeasureSizesAsync();
            return pair;
        }

        /// <summary>The bytes of a call and of its answer: of one, when all is known that is told besides.</summary>
        private async Task MeasureSizesAsync()
        {
            var metrics = _client.Services.GetRequiredService<ClusterRouter>().Endpoint.Metrics;
            var grain = _grains.GetGrain<IPingGrain>(0);
            await grain.Ping();
            // What was sent is counted when the write returns, which may be after the answer.
            while (metrics.CallsSent == 0)
                await Task.Yield();
            var (sent, received) = (metrics.BytesSent, metrics.BytesReceived);
            await grain.Ping();
            while (metrics.CallsSent == 1)
                await Task.Yield();
            (RequestSize, AnswerSize) = ((int)(metrics.BytesSent - sent), (int)(metrics.BytesReceived - received));
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
            await _client.StopAsync();
            _client.Dispose();
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
    }
}
