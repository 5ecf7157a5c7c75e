using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Auie.Engine.Tests.Processes;

/// <summary>
/// A network of Linux namespaces, one a place, on a bridge of this machine where the store is reached: a place can be cut off from it, so that what it sends is lost and nobody is
/// told. HTTP goes into a place whether it is cut off or not, over its loopback.
/// </summary>
internal sealed partial class SplitNetwork : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;

    private static readonly Lazy<bool> Allowed = new(IsAllowed);

    private readonly string _name = "a" + RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly string _net = $"10.{RandomNumberGenerator.GetInt32(64, 250)}.{RandomNumberGenerator.GetInt32(1, 250)}";
    private readonly string _store;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _places;

    private SplitNetwork(int places, string store) => (_places, _store) = (places, store);

    /// <summary>Whether this machine lets this process make networks.</summary>
    public static bool IsPossible => Allowed.Value;

    /// <summary>Where the store is reached from every place that is not cut off: address and port.</summary>
    public IPEndPoint Store => (IPEndPoint)_listener.LocalEndPoint!;

    /// <param name="places">How many, numbered from 1.</param>
    /// <param name="store">The socket in the file system that the store listens on.</param>
    public static async Task<SplitNetwork> CreateAsync(int places, string store)
    {
        var network = new SplitNetwork(places, store);
        try
        {
            await RunAsync($"link add {network._name} type bridge");
            await RunAsync($"addr add {network._net}.1/24 dev {network._name}");
            await RunAsync($"link set {network._name} up");
            for (var place = 1; place <= places; place++)
            {
                var inside = $"-n {network.NamespaceOf(place)}";
                await RunAsync($"netns add {network.NamespaceOf(place)}");
                await RunAsync($"link add {network.CableOf(place)} type veth peer name eth0 netns {network.NamespaceOf(place)}");
                await RunAsync($"link set {network.CableOf(place)} master {network._name} up");
                await RunAsync($"{inside} addr add {network.AddressOf(place)}/24 dev eth0");
                await RunAsync($"{inside} link set eth0 up");
                await RunAsync($"{inside} link set lo up");
            }

            network._listener.Bind(new IPEndPoint(IPAddress.Parse($"{network._net}.1"), 0));
            network._listener.Listen();
            _ = network.ServeStoreAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The namespace's name, for <c>ip netns exec</c>.</summary>
    public string NamespaceOf(int place) => $"{_name}-{place}";

    public string AddressOf(int place) => $"{_net}.{10 + place}";

    /// <summary>Whatever the place sends and is sent is lost from here on.</summary>
    public Task CutAsync(int place) => RunAsync($"link set {CableOf(place)} down");

    public Task HealAsync(int place) => RunAsync($"link set {CableOf(place)} up");

    /// <summary>What the place sends to other places is lost from here on; the store it reaches still, and they reach each other.</summary>
    public Task SeparateAsync(int place) => ToOthersAsync(place, "add");

    public Task UniteAsync(int place) => ToOthersAsync(place, "del");

    private async Task ToOthersAsync(int place, string change)
    {
        foreach (var other in Enumerable.Range(1, _places).Where(other => other != place))
            await RunAsync($"-n {NamespaceOf(place)} route {change} blackhole {AddressOf(other)}/32");
    }

    /// <summary>A connection to a port of the place's loopback.</summary>
    public async Task<NetworkStream> ConnectAsync(int place, int port, CancellationToken cancellationToken)
    {
        // A socket belongs to the network that its thread is in when it is made; the thread ends with it.
        var made = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var entered = File.OpenHandle($"/run/netns/{NamespaceOf(place)}");
                if (SetNamespace(entered.DangerousGetHandle().ToInt32(), NewNetwork) != 0)
                    throw new InvalidOperationException($"setns failed with {Marshal.GetLastPInvokeError()}.");
                made.SetResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            }
            catch (Exception exception)
            {
                made.SetException(exception);
            }
        });
        thread.Start();
        var socket = await made.Task;
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        for (var place = 1; place <= _places; place++)
            await TryAsync($"netns del {NamespaceOf(place)}");
        await TryAsync($"link del {_name}");
    }

    private string CableOf(int place) => $"{_name}v{place}";

    private async Task ServeStoreAsync()
    {
        try
        {
            while (true)
                _ = PassOnAsync(await _listener.AcceptAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The network is taken down.
        }
    }

    private async Task PassOnAsync(Socket from)
    {
        using var to = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await to.ConnectAsync(new UnixDomainSocketEndPoint(_store));
            await using var outer = new NetworkStream(from, ownsSocket: true);
            await using var inner = new NetworkStream(to, ownsSocket: false);
            await Task.WhenAny(outer.CopyToAsync(inner), inner.CopyToAsync(outer));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            from.Dispose();
        }
    }

    private static bool IsAllowed()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var name = "a" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        var made = Try($"netns add {name}") && Try($"link add {name}v type veth peer name eth0 netns {name}");
        Try($"netns del {name}");
        return made;

        static bool Try(string command)
        {
            try
            {
                using var ip = Start(command);
                ip.WaitForExit();
                return ip.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }

    private static async Task TryAsync(string command)
    {
        using var ip = Start(command);
        await ip.WaitForExitAsync();
    }

    private static async Task RunAsync(string command)
    {
        using var ip = Start(command);
        var errors = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
            throw new InvalidOperationException($"ip {command}: {errors}");
    }

    private static Process Start(string command) =>
        Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true, UseShellExecute = false })!;

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
