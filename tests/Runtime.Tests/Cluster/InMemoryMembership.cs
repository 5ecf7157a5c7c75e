using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>The membership table in this process, on a clock that the test moves. A test can hold up or fail a call before it takes effect, and its answer after.</summary>
public sealed class InMemoryMembership : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly List<Row> _silos = [];
    private readonly List<Heartbeat> _beats = [];
    private SiloId?[]? _owners;
    private TimeSpan _now;
    private long _generation;
    private long _version;
    private byte[]? _secret;

    /// <summary>Awaited before a call takes effect; what it throws, the caller gets, and nothing has happened.</summary>
    public Func<Task> Arriving { get; set; } = () => Task.CompletedTask;

    /// <summary>Awaited after a call took effect, before it is answered; what it throws, the caller gets.</summary>
    public Func<Task> Answering { get; set; } = () => Task.CompletedTask;

    /// <summary>Whose heartbeats come here.</summary>
    public Func<SiloId, bool> Reaches { get; set; } = _ => true;

    /// <summary>What the silos have told, in its order.</summary>
    public Heartbeat[] Beats
    {
        get
        {
            lock (_gate)
                return [.. _beats];
        }
    }

    public SiloStatus StatusOf(SiloId id)
    {
        lock (_gate)
            return View().Silos.Single(silo => silo.Id == id).Status;
    }

    public void Advance(TimeSpan by)
    {
        lock (_gate)
            _now += by;
    }

    public Task PrepareAsync(int slots, CancellationToken cancellationToken) => Do(() =>
    {
        _owners ??= new SiloId?[slots];
        return _owners.Length == slots ? true : throw new InvalidOperationException($"The cluster was made with {_owners.Length} slots, and not with {slots}.");
    });

    public Task<SiloId?> JoinAsync(string name, SiloId? earlier, string address, string version, byte[] secret, TimeSpan lease, CancellationToken cancellationToken) => Do<SiloId?>(() =>
    {
        if (_secret is { } other && !other.SequenceEqual(secret) && _silos.Exists(silo => silo.Expires > _now))
            throw new InvalidOperationException(IMembershipTable.OtherSecret);
        _secret = secret;
        if (_silos.Find(row => row.Id.Name == name) is { } there && (there.Id != earlier || (there.Expires > _now && there.Address != address)))
            return null;
        if (earlier is { } id)
            Remove(id);
        var row = new Row { Id = new(name, ++_generation), Address = address, Version = version, Expires = _now + lease };
        _silos.Add(row);
        _version++;
        return row.Id;
    });

    public Task<ClusterView?> BeatAsync(Heartbeat beat, CancellationToken cancellationToken) => Do<ClusterView?>(() =>
    {
        if (!Reaches(beat.Silo))
            throw new IOException("gone");
        _beats.Add(beat);
        if (Find(beat.Silo) is not { } row || row.Number >= beat.Number)
            return null;
        (row.Number, row.Expires, row.Load, row.Unreachable) = (beat.Number, _now + beat.Lease, beat.Load, [.. beat.Unreachable]);
        foreach (var slot in beat.Release)
            Give(slot, null, _owners![slot] == beat.Silo);
        foreach (var slot in beat.Claim)
        {
            if (_owners![slot] is { } owner && owner != beat.Silo && Find(owner)!.Expires <= _now)
                Remove(owner);
            Give(slot, beat.Silo, _owners[slot] is null);
        }

        return View();
    });

    public Task LeaveAsync(SiloId silo, CancellationToken cancellationToken) => Do(() =>
    {
        Remove(silo);
        return true;
    });

    public Task<bool> SetStatusAsync(SiloId silo, SiloStatus status, CancellationToken cancellationToken) => Do(() =>
    {
        if (Find(silo) is not { } row)
            return false;
        if (row.Status != status)
            _version++;
        row.Status = status;
        return true;
    });

    public Task<ClusterView> ReadAsync(CancellationToken cancellationToken) => Do(View);

    private async Task<T> Do<T>(Func<T> call)
    {
        await Arriving();
        T result;
        lock (_gate)
            result = call();
        await Answering();
        return result;
    }

    private ClusterView View() =>
        _owners is null
            ? throw new InvalidOperationException("There is no cluster.")
            : new(_version, [.. _silos.Select(row => new SiloInfo(row.Id, row.Address, row.Version, row.Status, row.Expires <= _now, row.Load) { Unreachable = row.Unreachable })], _owners);

    private Row? Find(SiloId id) => _silos.Find(row => row.Id == id);

    private void Give(int slot, SiloId? to, bool may)
    {
        if (!may)
            return;
        _owners![slot] = to;
        _version++;
    }

    private void Remove(SiloId id)
    {
        if (_silos.RemoveAll(row => row.Id == id) == 0)
            return;
        _version++;
        for (var slot = 0; slot < _owners!.Length; slot++)
            Give(slot, null, _owners[slot] == id);
    }

    private sealed class Row
    {
        public required SiloId Id { get; init; }

        public required string Address { get; init; }

        public required string Version { get; init; }

        public SiloStatus Status { get; set; }

        public SiloLoad Load { get; set; }

        public long[] Unreachable { get; set; } = [];

        public TimeSpan Expires { get; set; }

        public long Number { get; set; }
    }
}
