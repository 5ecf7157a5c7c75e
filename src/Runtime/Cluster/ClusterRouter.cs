using System.Collections.Concurrent;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

/// <summary>
/// Brings calls to where their grain's slot is served: here, or on a connection to the silo that owns it. A call that can go nowhere at the moment (its slot is being handed
/// over, its silo has died) waits here and goes on within its deadline. It is sent again only where it certainly was not executed. In a silo the routes are those of the
/// membership table; in a client, which owns nothing, those that silos tell it.
/// </summary>
internal sealed partial class ClusterRouter : ISlotHost, IConnectionOwner, IClusterState, IAsyncDisposable
{
    /// <summary>How soon calls that wait are looked at again.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(25);

    private readonly GrainHost _host;
    private readonly ClusterOptions _options;
    private readonly Func<string, string, int, int> _slotOf;
    private readonly Connector _connector;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Peer> _peers = new(StringComparer.Ordinal);
    /// <summary>The connections, with what each told last.</summary>
    private readonly ConcurrentDictionary<Connection, Told> _connections = new();
    private readonly Lock _gate = new();
    private readonly ITimer _retry;
    private readonly CancellationTokenSource _closing = new();
    private List<GrainCall> _waiting = [];
    private HashSet<int> _draining = [];
    private HashSet<int> _owned = [];
    private CancellationTokenSource _life = new();
    private volatile Routes _routes = Routes.None;
    private long _version;
    private volatile ClusterMember? _member;
    private string? _ownAddress;
    private volatile bool _nobodyIsLeft;

    /// <summary>Of a client: every silo that it is connected to has said that it waits for the membership table no more.</summary>
    private volatile bool _toldTableGone;

    public ClusterRouter(GrainHost host, ClusterOptions options, PeerRole role, Func<string, string, int, int> slotOf, ILogger<ClusterRouter> logger)
    {
        (_host, _options, _slotOf, _logger) = (host, options, slotOf, logger);
        Endpoint = new Endpoint(host, options, role, this, logger);
        _connector = new Connector(Endpoint);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _retry = host.Time.CreateTimer(static router => ((ClusterRouter)router!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        host.Cluster = this;
    }

    /// <summary>What the connections of this process share.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>What this process knows of the cluster.</summary>
    public ClusterView View => _routes.View;

    /// <summary>Done once every slot was served by somebody.</summary>
    public Task Whole => _whole.Task;

    private readonly TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _member is { } member ? member is { LeaseIsValid: true, IsCutOff: false } : _peers.Values.Any(static peer => peer.Connection is { IsOpen: true });

    public bool Reaches(SiloInfo silo) => (_member is not null && silo.Address == _ownAddress) || (_peers.TryGetValue(silo.Address, out var peer) && peer.Connection is { IsOpen: true });

    public string? SecretRefusal => IsReady ? null : _peers.Values.Select(static peer => peer.SecretRefusal).FirstOrDefault(static refusal => refusal is not null);

    public event EventHandler? SlotsGained;

    /// <summary>Whether what this process answers for its slots is current: while its lease holds.</summary>
    public bool MayAnswer => _member is { LeaseIsValid: true };

    public SiloLoad Load => new(_host.ActivationCount, _host.PendingWork, Environment.WorkingSet);

    public IReadOnlyCollection<long> Unreachable =>
        [.. Others(View).Where(silo => _peers.TryGetValue(silo.Address, out var peer) && peer.IsOutOfReach(silo.Id)).Select(static silo => silo.Id.Generation)];

    /// <summary>The membership by which this process owns slots; without one it owns none.</summary>
    public void Use(ClusterMember member, string address) => (_ownAddress, _member) = (address, member);

    /// <summary>The membership has ended: this process goes on as a client.</summary>
    public void Resign()
    {
        var id = _member?.Id;
        _member = null;
        if (View.Silos.Any(silo => !silo.Expired && silo.Id != id))
            return;
        _nobodyIsLeft = true;
        Retry();
    }

    /// <summary>
    /// Whether a call of a grain is served in this process. Grains of slots that are handed over, here and by other silos, still serve each other: one may need what another
    /// does to come to its end, and two silos that hand over at once would wait for each other.
    /// </summary>
    public bool Serves(GrainId grain, GrainCall call)
    {
        if (_member is not { LeaseIsValid: true } member || _routes is not { Slots: > 0 } routes)
            return false;
        var slot = SlotOf(grain, routes.Slots);
        return member.Owns(slot) || (IsDraining(slot) && IsHandingOver(call));
    }

    public bool IsHandingOver(GrainCall call) =>
        call.IsOfHandingOver || (call.Caller is { } caller && _routes is { Slots: > 0 } routes && Volatile.Read(ref _draining) is { Count: > 0 } draining
            && draining.Contains(SlotOf(caller.GrainId, routes.Slots)));

    /// <summary>Sends a call to where its grain is served, or lets it wait until somebody does.</summary>
    public void Route(GrainCall call)
    {
        if (call.IsAbandoned)
            call.Discard();
        else if (call.Waiter == WaiterKind.Remote)
            call.Remote!.Return(call); // its sender knows better where it has to go now
        else if (!TrySend(call))
            Wait(call);
    }

    bool IConnectionOwner.TryDeliver(GrainCall call, GrainId target)
    {
        if (Serves(target, call))
            _host.Deliver(call.Target!, call);
        else if (_member is { IsTableGone: true })
            call.Reject(TableGone(call)); // and not sent back: its sender would only send it here again
        else
            return false;
        return true;
    }

    void IConnectionOwner.Returned(GrainCall call)
    {
        _member?.Hurry();
        if (call.IsAbandoned)
            call.Discard();
        else
            Wait(call); // not at once: who returned it may be about to take the slot
    }

    void IConnectionOwner.ViewReceived(Connection from, ReadOnlySpan<byte> view)
    {
        var told = ViewMessage.Read(view, out var isTableGone);
        if (_member is { } member)
        {
            // A silo believes the table alone.
            if (told.Version > View.Version)
                member.Hurry();
            return;
        }

        lock (_gate)
        {
            if (!_connections.TryGetValue(from, out var before))
                return;
            _connections[from] = new(told.Version, isTableGone);
            HearWhetherTableIsGone();
            // Others may be behind. Whoever goes back itself has found a table that was restored, or made anew.
            if (told.Version > _version || told.Version < before.Version)
                SetRoutes(told);
            else if (isTableGone == before.IsTableGone)
                return;
            told = View;
        }

        Changed(told);
    }

    void IConnectionOwner.Opened(Connection connection)
    {
        // Views go out in the order of the table: an earlier one after a later one would be taken for a table that was restored.
        lock (_gate)
        {
            _connections[connection] = default;
            HearWhetherTableIsGone();
            Tell(connection, View);
        }
    }

    void IConnectionOwner.Closed(Connection connection)
    {
        lock (_gate)
        {
            _connections.TryRemove(connection, out _);
            // Who is found next may know another table, whose versions have begun anew.
            if (_connections.IsEmpty)
                _version = 0;
            HearWhetherTableIsGone();
        }

        foreach (var peer in _peers.Values)
            peer.Lost(connection);
        _member?.Hurry();
        KeepConnected();
    }

    void ISlotHost.ViewChanged(ClusterView view)
    {
        // What the table says holds, also where its version is an earlier one: it may have been restored.
        lock (_gate)
        {
            SetRoutes(view);
            foreach (var connection in _connections.Keys)
                Tell(connection, view);
        }

        Changed(view);
        var id = _member?.Id;
        var owned = Enumerable.Range(0, view.Owners.Count).Where(slot => view.Owners[slot] == id).ToHashSet();
        var gained = !owned.IsSubsetOf(_owned);
        _owned = owned;
        if (gained)
            SlotsGained?.Invoke(this, EventArgs.Empty);
    }

    async Task ISlotHost.DrainAsync(IReadOnlyCollection<int> slots, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        SetDraining(draining => draining.UnionWith(slots));
        try
        {
            await _host.HandOverAsync(grain => _routes is { Slots: > 0 } routes && slots.Contains(SlotOf(grain, routes.Slots)), either.Token);
        }
        finally
        {
            SetDraining(draining => draining.ExceptWith(slots));
        }

        // A call of another grain that ended may have made one more at the last moment. From here on none is made.
        await _host.HandOverAsync(
            grain => _routes is { Slots: > 0 } routes && SlotOf(grain, routes.Slots) is var slot && slots.Contains(slot) && _member?.Owns(slot) != true, either.Token);
    }

    async Task ISlotHost.AbandonAsync()
    {
        // What still drains belongs to a life that is over.
        var life = _life;
        _life = new CancellationTokenSource();
        await life.CancelAsync();
        life.Dispose();
        SetDraining(static draining => draining.Clear());
        _host.RevokeAll();
    }

    /// <summary>Connects to a gateway of the cluster, and goes on trying while nobody is connected.</summary>
    public void AddGateways(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
            _peers.TryAdd(address, new Peer(this, address) { IsGateway = true });
        KeepConnected();
    }

    /// <summary>Waits, at the most so long, until a gateway has been tried that does not refuse the secret of this process, or all have that do; whether it is these.</summary>
    public async Task<bool> IsRefusedByAllGatewaysAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            return await AreAllRefusingAsync().WaitAsync(atMost, _host.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<bool> AreAllRefusingAsync()
    {
        var tried = _peers.Values.Where(static peer => peer.IsGateway).Select(static peer => peer.FirstRefused).ToList();
        while (tried.Count > 0)
        {
            var next = await Task.WhenAny(tried);
            if (!await next)
                return false;
            tried.Remove(next);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _retry.DisposeAsync();
        await Task.WhenAll(_connections.Keys.Select(static connection => connection.CloseAsync("The process stops.")));
        Endpoint.Dispose();
        _life.Dispose();
        List<GrainCall> left;
        lock (_gate)
            (left, _waiting) = (_waiting, []);
        foreach (var call in left)
            call.Reject(new NotCalledException($"The process stops; {call.Method} was not called."));
    }

    private int SlotOf(GrainId grain, int slots) => _slotOf(grain.Type, grain.Key, slots);

    private bool IsDraining(int slot) => Volatile.Read(ref _draining).Contains(slot);

    private void SetDraining(Action<HashSet<int>> change)
    {
        lock (_gate)
        {
            var changed = new HashSet<int>(_draining);
            change(changed);
            Volatile.Write(ref _draining, changed);
        }
    }

    private bool TrySend(GrainCall call)
    {
        var routes = _routes;
        if (routes.Slots == 0 || routes.AddressOf(SlotOf(call.Target!.GrainId, routes.Slots)) is not { } address || (address == _ownAddress && _member is not null))
            return false;
        var peer = _peers.GetOrAdd(address, static (named, router) => new Peer(router, named), this);
        if (peer.Connection is not { IsOpen: true } connection)
        {
            peer.Dial();
            return false;
        }

        connection.Send(call);
        return true;
    }

    private void Wait(GrainCall call)
    {
        if (_nobodyIsLeft)
        {
            call.Reject(new LimitExceededException($"The last silo stops; {call.Method} was not called."));
            return;
        }

        if (_member is { IsTableGone: true } || (_member is null && _toldTableGone))
        {
            call.Reject(TableGone(call));
            return;
        }

        lock (_gate)
        {
            if (_waiting.Count < _options.MaxWaitingCalls)
            {
                _waiting.Add(call);
                if (_waiting.Count == 1)
                    _retry.Change(RetryInterval, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        call.Reject(new LimitExceededException($"{_options.MaxWaitingCalls} calls wait for silos to serve them already; {call.Method} was not called."));
    }

    private static NotCalledException TableGone(GrainCall call) =>
        new($"The membership table has not answered for longer than is waited for it, and without it nobody is known to serve {call.Target!.GrainId}; {call.Method} was not called.");

    /// <summary>Lets every call that waits try its way again.</summary>
    private void Retry()
    {
        List<GrainCall> waiting;
        lock (_gate)
            (waiting, _waiting) = (_waiting, []);
        foreach (var call in waiting)
        {
            if (call.IsAbandoned)
                call.Discard();
            else
                _host.Deliver(call.Target!, call);
        }
    }

    private void HearWhetherTableIsGone() => _toldTableGone = !_connections.IsEmpty && _connections.Values.All(static told => told.IsTableGone);

    private void SetRoutes(ClusterView view) => (_routes, _version) = (new Routes(view), view.Version);

    private void Changed(ClusterView view)
    {
        var addresses = view.Silos.Select(static silo => silo.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var (address, peer) in _peers)
        {
            if (addresses.Contains(address))
                continue;
            if (peer.IsGateway)
                peer.Leave();
            else if (_peers.TryRemove(address, out _))
                peer.Close();
        }

        if (view.Owners.All(owner => owner is { } id && view.Silos.Any(silo => silo.Id == id && !silo.Expired)))
            _whole.TrySetResult();
        KeepConnected();
        Retry();
    }

    /// <summary>
    /// There is a connection to every silo: any of them can tell a client of a change, and a silo knows whom it does not reach. A client that has none tries its gateways.
    /// </summary>
    private void KeepConnected()
    {
        if (_closing.IsCancellationRequested)
            return;
        foreach (var silo in Others(View))
        {
            var peer = _peers.GetOrAdd(silo.Address, static (address, router) => new Peer(router, address), this);
            peer.Expect(silo.Id);
            peer.Dial();
        }

        if (_member is not null || _peers.Values.Any(static peer => peer.Connection is { IsOpen: true }))
            return;
        foreach (var peer in _peers.Values)
            peer.Dial();
    }

    private IEnumerable<SiloInfo> Others(ClusterView view) => view.Silos.Where(silo => !silo.Expired && silo.Address != _ownAddress);

    private void Tell(Connection connection, ClusterView view)
    {
        if (view.Version == 0)
            return;
        using var writer = new WireWriter();
        ViewMessage.Write(writer, view, _member is { IsTableGone: true });
        connection.SendView(writer.Written);
    }

    [LoggerMessage(21, LogLevel.Warning, "No connection to {Address}, which is tried again until there is one: {Reason}")]
    private partial void LogNotConnected(string address, string reason);

    /// <summary>What the other end of a connection told last; nothing yet at first.</summary>
    private readonly record struct Told(long Version, bool IsTableGone);

    /// <summary>A view, and where each slot is.</summary>
    private sealed class Routes
    {
        public static readonly Routes None = new(new ClusterView(0, [], []));

        private readonly string?[] _addresses;

        public Routes(ClusterView view)
        {
            View = view;
            var addresses = view.Silos.ToDictionary(static silo => silo.Id, static silo => silo.Address);
            _addresses = [.. view.Owners.Select(owner => owner is { } id ? addresses.GetValueOrDefault(id) : null)];
        }

        public ClusterView View { get; }

        public int Slots => _addresses.Length;

        public string? AddressOf(int slot) => _addresses[slot];
    }
}
