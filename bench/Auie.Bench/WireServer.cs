using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Auie.Abstractions;
using Auie.Runtime.Cluster;
using Auie.Runtime.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Bench;

/// <summary>
/// The other process of the bench of calls between processes: a silo, alone in a cluster whose table is in memory, that hosts the grains; and what answers the raw frames that they are
/// compared with.
/// </summary>
internal static class WireServer
{
    public const string Name = "wire-server";

    /// <summary>The argument for a silo with a filter.</summary>
    public const string Filtered = "filtered";

    private const int Slots = 16;

    public static async Task<int> Run(string secret, string kind)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(WireServer).Assembly));
        builder.Services.AddAuieCluster(static _ => new InMemoryMembership(), static _ => Slots, Placement.SlotOf, options => (options.Name, options.Secret) = ("server", secret));
        if (kind == Filtered)
            builder.Services.AddSingleton<IIncomingGrainCallFilter, Passing>();
        using var app = builder.Build();
        using var metrics = Listen();
        await app.StartAsync();
        using var raw = new Socket(SocketType.Stream, ProtocolType.Tcp);
        raw.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        raw.Listen();
        _ = RawEcho.Serve(raw);
        Console.WriteLine($"{app.Services.GetRequiredService<IClusterState>().View.Silos.Single().Address} {((IPEndPoint)raw.LocalEndPoint!).Port}");
        // The end of the input ends it, so that it does not outlive the bench.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }

    /// <summary>Takes in what is measured, as an exporter does.</summary>
    public static MeterListener Listen()
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<int>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        return listener;
    }

    private sealed class Passing : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context) => context.Invoke();
    }
}
