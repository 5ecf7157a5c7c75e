using Auie.Abstractions;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Cluster;

/// <summary>Silos in processes of their own over one PostgreSQL server of theirs.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    /// <summary>Short, so that a test that kills a silo need not wait as long as an operator would.</summary>
    public static readonly string[] QuickLeases = ["Cluster:Lease=00:00:03", "Cluster:LeaseMargin=00:00:00.300", "Cluster:Heartbeat=00:00:00.300"];

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly List<SiloProcess> _all = [];
    private readonly string[] _settings;
    private int _named;

    private SiloCluster(PostgresServer server, string[] settings) => (Server, _settings) = (server, settings);

    public PostgresServer Server { get; }

    /// <summary>Of silos that were started apart.</summary>
    public SplitNetwork? Network { get; private set; }

    public string Schema { get; } = PostgresServer.NewSchema();

    /// <summary>Starts so many silos, named silo-1 and on; each serves, and all slots are served, when this returns.</summary>
    public static Task<SiloCluster> StartAsync(int silos, params string[] settings) => StartAsync(silos, apart: false, settings);

    /// <summary>The same, each silo in a place of its own of a network that can be split; the store is reached over it.</summary>
    public static Task<SiloCluster> StartApartAsync(int silos, params string[] settings) => StartAsync(silos, apart: true, settings);

    private static async Task<SiloCluster> StartAsync(int silos, bool apart, string[] settings)
    {
        var cluster = new SiloCluster(await PostgresServer.StartAsync(), settings);
        try
        {
            if (apart)
                cluster.Network = await SplitNetwork.CreateAsync(silos, cluster.Server.SocketPath);
            // The first makes the store; starting the others is mostly waiting.
            await cluster.AddAsync();
            await Task.WhenAll(Enumerable.Range(1, silos - 1).Select(_ => cluster.AddAsync()));
            await cluster.SettledAsync(cluster._all[0], silos);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The number of the silo that was started last.</summary>
    public int Newest => _named;

    /// <summary>The silo of that number, from 1.</summary>
    public SiloProcess this[int number] => _all[number - 1];

    /// <summary>Starts one more.</summary>
    public async Task<SiloProcess> AddAsync(params string[] settings)
    {
        var silo = Launch(NameOf(++_named), settings);
        _all.Add(silo);
        await silo.ListeningAsync();
        await ReadyAsync(silo, ready: true);
        return silo;
    }

    /// <summary>Waits until a silo says that it is ready, or that it is not.</summary>
    public static async Task ReadyAsync(SiloProcess silo, bool ready)
    {
        using var late = new CancellationTokenSource(SiloProcess.Patience);
        while ((await silo.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), late.Token)).IsSuccessStatusCode != ready)
            await Task.Delay(BetweenLooks, late.Token);
    }

    public static string NameOf(int number) => $"silo-{number}";

    /// <summary>Waits until so many silos are there and share all slots evenly, as one of them sees it.</summary>
    public async Task<SiloView[]> SettledAsync(SiloProcess asked, int silos) =>
        await UntilAsync(asked, list => list.Length == silos && list.All(silo => silo.Status == "active")
            && list.Sum(silo => silo.Slots.Length) == 16 && list.Max(silo => silo.Slots.Length) - list.Min(silo => silo.Slots.Length) <= 1);

    /// <summary>Waits until the silos are as a test wants them, as one of them sees it.</summary>
    public async Task<SiloView[]> UntilAsync(SiloProcess asked, Func<SiloView[], bool> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            SiloView[] silos = [];
            try
            {
                var list = await asked.Client.ListSilos();
                silos = list.Silos;
                // Else they are as somebody knew them once.
                if (list.Note is null && condition(silos))
                    return silos;
            }
            catch (Exception exception) when (exception is not InvalidOperationException && watch.Elapsed < SiloProcess.Patience)
            {
                // It is asked while its own slots are on their way.
            }

            if (watch.Elapsed > SiloProcess.Patience)
            {
                throw new InvalidOperationException(
                    $"The silos stay as they are: {string.Join("; ", silos.Select(silo => $"{silo.Name} {silo.Status} {string.Join(',', silo.Slots)}"))}. "
                    + string.Join(Environment.NewLine, _all.Select((silo, i) => $"{NameOf(i + 1)}: {silo.Errors}")));
            }

            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>The number of the silo that serves a slot.</summary>
    public async Task<int> OwnerAsync(SiloProcess asked, int slot) =>
        int.Parse((await asked.Client.ListSilos()).Silos.Single(silo => silo.Slots.Contains(slot)).Name["silo-".Length..]);

    public SiloProcess Launch(string name, params string[] settings)
    {
        var place = int.Parse(name["silo-".Length..]);
        // Nothing may depend on clocks that agree: they are minutes apart.
        var clock = TimeSpan.FromMinutes((place % 3 - 1) * 7);
        string[] arguments = ["run", "--urls", "http://127.0.0.1:0", .. With([$"Store:Schema={Schema}", $"Cluster:Name={name}", $"Store:Faults:ClockOffset={clock}", .. _settings, .. settings])];
        if (Network is null)
            return SiloProcess.Launch(arguments, ("AUIE_POSTGRES", Server.ConnectionString));
        var network = Network;
        return SiloProcess.LaunchBy(
            ["ip", "netns", "exec", network.NamespaceOf(place)], (port, token) => network.ConnectAsync(place, port, token), [.. arguments, .. With([$"Cluster:Listen={Network.AddressOf(place)}:0"])],
            ("AUIE_POSTGRES", Server.ConnectionStringAt(Network.Store)), ("AUIE_Cluster__Secret", "a secret of this test alone"));

        static IEnumerable<string> With(string[] settings) => settings.SelectMany(setting => new[] { "--set", setting });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _all)
            await silo.DisposeAsync();
        if (Network is not null)
            await Network.DisposeAsync();
        await Server.DisposeAsync();
    }
}
