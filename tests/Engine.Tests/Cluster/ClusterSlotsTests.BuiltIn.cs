using System.Diagnostics.Metrics;
using Auie.Runtime.Cluster;
using Auie.Silo.Cluster;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Auie.Engine.Tests.Cluster;

/// <summary>How many slots a silo says that there are.</summary>
public sealed class ClusterSlotsTests
{
    [Fact]
    public void All_slots_are_told_of_and_none_once_the_silo_stops()
    {
        int? told = null;
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (instrument.Name == "auie.cluster.slots.all" && tag is { Key: "auie.silo", Value: "counted" })
                    told = value;
            }
        });
        listener.Start();
        using var life = new Life();
        using var slots = new ClusterSlots(new Cluster(), Options.Create(new ClusterOptions { Name = "counted" }), life);

        listener.RecordObservableInstruments();
        told.ShouldBe(3, "nobody owns one of them, and it is one all the same");
        life.StopApplication();
        listener.RecordObservableInstruments();
        told.ShouldBe(0);
    }

    private sealed class Cluster : IClusterState
    {
        public ClusterView View { get; } = new(1, [], [new SiloId("counted", 1), null, new SiloId("other", 2)]);

        public bool IsReady => true;

        public bool Reaches(SiloInfo silo) => true;

        public string? SecretRefusal => null;

        public event EventHandler? SlotsGained
        {
            add { }
            remove { }
        }
    }

    private sealed class Life : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
