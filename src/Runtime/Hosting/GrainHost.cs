using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using Auie.Runtime.Activations;
using Auie.Runtime.Cluster;
using Auie.Runtime.Invocation;
using Auie.Runtime.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Runtime.Hosting;

/// <summary>The grains of this process: finds or makes the activation that a call goes to.</summary>
internal sealed partial class GrainHost : IClusterClient, IHostLoad, IAsyncDisposable
{
    // Deadlines are looked at so often; a call is late by this much at the most, and twice as much after its limit.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestCollectionPeriod = TimeSpan.FromMinutes(1);

    private readonly FrozenDictionary<Type, InterfaceEntry> _interfaces;
    private readonly FrozenDictionary<string, GrainClass> _classes;
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly ConcurrentDictionary<GrainId, Activation?[]> _workers = new();
    private readonly ConcurrentDictionary<Activation, byte> _streaming = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _sweep;
    private readonly long _start;
    private readonly long _limit;
    private readonly long _collectionPeriod;
    private long _now;
    private long _nextCollection;
    private int _sweeping;
    private volatile bool _stopped;

    public GrainHost(IServiceProvider services, IOptions<RuntimeOptions> options, ILogger<GrainHost> logger)
    {
        (Services, Options, Logger) = (services, options.Value, logger);
        Options.Validate();
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Filters = [.. services.GetServices<IIncomingGrainCallFilter>()];

        var manifest = new Manifest();
        foreach (var assembly in Options.Assemblies)
            manifest.AddAssembly(assembly);
        manifest.Connect();
        _interfaces = manifest.Interfaces.ToFrozenDictionary();
        _classes = manifest.Classes.ToFrozenDictionary(StringComparer.Ordinal);
        Methods = manifest.Methods.ToFrozenDictionary();
        if (Options.SerializeLocalCalls)
            Transport = new SerializingTransport(this);

        Metrics = new(() => _activations.Count, () => _activations.Sum(static a => (long)a.Value.Load));
        StreamHeartbeat = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(10).Ticks, Options.ResponseTimeout.Ticks / 3));
        _limit = Options.ResponseTimeout.Ticks;
        _collectionPeriod = Math.Min(Math.Min(LongestCollectionPeriod.Ticks, Options.IdleCollection.Ticks / 4), Options.AbandonedStream.Ticks / 2);
        _nextCollection = _collectionPeriod;
        _start = Time.GetTimestamp();
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _sweep = Time.CreateTimer(static host => ((GrainHost)host!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    public IServiceProvider Services { get; }

    public RuntimeOptions Options { get; }

    public ILogger Logger { get; }

    public TimeProvider Time { get; }

    public RuntimeMetrics Metrics { get; }

    public IIncomingGrainCallFilter[] Filters { get; }

    public bool HasFilters => Filters.Length > 0;

    /// <summary>Whether arguments and results are handed over as objects, and so have to be copied.</summary>
    public bool CopiesArguments => Transport is null;

    /// <summary>The methods of grains by their numbers on the wire.</summary>
    public FrozenDictionary<ulong, GrainMethod> Methods { get; }

    /// <summary>What carries calls instead of handing them over as objects; to be set before the first call.</summary>
    public ITransport? Transport { get; set; }

    public TimeSpan StreamHeartbeat { get; }

    /// <summary>Where grains are that this process does not serve; null where it is alone and serves all.</summary>
    public ClusterRouter? Cluster { get; set; }

    /// <summary>The time since the start, in ticks of 100 ns; read off the clock once a sweep.</summary>
    public long Now => Volatile.Read(ref _now);

    public CancellationToken Stopping => _stopping.Token;

    public int ActivationCount => _activations.Count + _workers.Values.Sum(static w => w.Count(static a => a is not null));

    /// <summary>Roughly how much waits or is under way in all grains.</summary>
    public long PendingWork => All().Sum(static a => (long)a.Busyness);

    (int Activations, long Pending) IHostLoad.Read() => (ActivationCount, PendingWork);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Reference<TGrainInterface>(primaryKey, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Reference<TGrainInterface>(primaryKey.ToString("X", CultureInfo.InvariantCulture), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>(primaryKey.ToString("N"), grainClassNamePrefix);

    public TGrainInterface Reference<TGrainInterface>(GrainId grainId) =>
        (TGrainInterface)(object)Interface(typeof(TGrainInterface)).MakeReference(new(this, grainId));

    /// <summary>Sends a call; whatever becomes of it, its waiter is told.</summary>
    public void Send(GrainReference target, GrainCall call, WaiterKind waiter)
    {
        call.Context = RequestContext.Current;
        call.IsOfHandingOver = RequestContext.IsOfHandingOver(call.Context);
        if (Cluster is not null)
            call.Caller = SynchronizationContext.Current as Activation;
        if (RuntimeTelemetry.Activities.HasListeners() && Activity.Current is { } activity)
            call.Parent = activity.Context;
        call.Begin(target, waiter, Now + (call.Method.Limit?.Ticks ?? _limit) + SweepPeriod.Ticks);
        if (Transport is { } transport)
            transport.Send(call);
        else
            Deliver(target, call);
    }

    /// <summary>Puts a call into the mailbox of its grain.</summary>
    public void Deliver(GrainReference target, GrainCall call)
    {
        var activation = target.Activation;
        if (activation is null || activation.HasEnded || Cluster is { MayAnswer: false })
        {
            try
            {
                activation = Find(target, call);
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                call.Reject(exception);
                return;
            }

            if (activation is null)
            {
                Cluster!.Route(call);
                return;
            }
        }

        if (!activation.TryEnqueue(call))
            call.Reject(new LimitExceededException($"{Options.MaxMailbox} calls wait for {target.GrainId} already; {call.Method} was not called."));
    }

    /// <summary>Sends a call on whose activation has ended.</summary>
    public void Resend(GrainCall call)
    {
        var target = call.Target!;
        target.Activation = null;
        Deliver(target, call);
    }

    /// <summary>An activation has ended.</summary>
    public void Forget(Activation activation)
    {
        _streaming.TryRemove(activation, out _);
        if (activation.Class.Workers == 0)
        {
            _activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));
            return;
        }

        if (!_workers.TryGetValue(activation.GrainId, out var workers))
            return;
        lock (workers)
        {
            if (Array.IndexOf(workers, activation) is var index and >= 0)
                workers[index] = null;
        }
    }

    public void StreamOpened(Activation activation) => _streaming.TryAdd(activation, 0);

    public void ReportOneWayFailure(GrainCall call, Exception exception) => LogOneWayFailed(Logger, call.Method, call.Target!.GrainId, exception);

    private TGrainInterface Reference<TGrainInterface>(string key, string? prefix)
    {
        var entry = Interface(typeof(TGrainInterface));
        // A process that hosts no grains calls those of others, by the name that a class of the interface's name has.
        var name = entry.Classes.Count == 0 && _classes.Count == 0 && Cluster is not null ? entry.ConventionalName : entry.ClassFor(prefix).Name;
        return (TGrainInterface)(object)entry.MakeReference(new(this, GrainId.Create(name, key)));
    }

    private InterfaceEntry Interface(Type type) => _interfaces.TryGetValue(type, out var entry)
        ? entry
        : throw new ArgumentException($"{type} is not a grain interface of the assemblies of this host.");

    /// <summary>The grain's activation; null where another process serves it.</summary>
    private Activation? Find(GrainReference target, GrainCall call)
    {
        if (_stopped)
            throw new InvalidOperationException("The host of the grains has stopped.");
        var grainId = target.GrainId;
        if (!_classes.TryGetValue(grainId.Type, out var grainClass))
        {
            return Cluster is not null && _classes.Count == 0
                ? null
                : throw new ArgumentException($"There is no grain class '{grainId.Type}' in the assemblies of this host.");
        }

        if (grainClass.Workers > 0)
            return Worker(grainId, grainClass);
        if (Cluster is { } cluster && !cluster.Serves(grainId, call))
            return null;
        var activation = _activations.GetOrAdd(
            grainId, static (id, made) => new Activation(made.Host, made.Class, id), (Host: this, Class: grainClass));
        // Its slot may have begun to be drained since it was looked at, and this one have come too late to be seen there.
        if (Cluster is { } still && !still.Serves(grainId, call))
        {
            activation.HandOver();
            return null;
        }

        return target.Activation = activation;
    }

    /// <summary>The least loaded activation of a stateless worker; a new one while all are busy and there may be more.</summary>
    private Activation Worker(GrainId grainId, GrainClass grainClass)
    {
        var workers = _workers.GetOrAdd(grainId, static (_, count) => new Activation?[count], grainClass.Workers);
        lock (workers)
        {
            Activation? least = null;
            var free = -1;
            for (var i = 0; i < workers.Length; i++)
            {
                if (workers[i] is not { } worker)
                    free = i;
                else if (least is null || worker.Busyness < least.Busyness)
                    least = worker;
            }

            if (free >= 0 && (least is null || least.Busyness > 0))
                least = workers[free] = new Activation(this, grainClass, grainId);
            return least!;
        }
    }

    private IEnumerable<Activation> All() =>
        _activations.Values.Concat(_workers.Values.SelectMany(static w => w.ToArray()).OfType<Activation>());

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        try
        {
            var now = Time.GetElapsedTime(_start).Ticks;
            Volatile.Write(ref _now, now);
            CallTable.Expire(this, now);
            if (now < _nextCollection)
                return;
            _nextCollection = now + _collectionPeriod;
            var idle = new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"Nobody called for {Options.IdleCollection}.");
            foreach (var activation in All())
            {
                if (activation.IsIdle(now))
                    activation.CollectIfIdle(idle);
            }

            foreach (var activation in _streaming.Keys)
                activation.AbortAbandonedStreams(now - Options.AbandonedStream.Ticks);
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    /// <summary>Ends the activations of some grains, and such as are made meanwhile, until there are none; those that still run when the token is cancelled are revoked.</summary>
    public async Task HandOverAsync(Func<GrainId, bool> which, CancellationToken cancellationToken)
    {
        // Whoever sees these grains as served from before has made its activation visible by now.
        Interlocked.MemoryBarrier();
        while (_activations.Values.Where(activation => which(activation.GrainId)).ToList() is { Count: > 0 } left)
        {
            foreach (var activation in left)
                activation.HandOver();
            try
            {
                await Task.WhenAll(left.Select(static activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                foreach (var activation in _activations.Values.Where(activation => which(activation.GrainId)))
                    activation.Revoke();
                return;
            }
        }
    }

    /// <summary>Takes from every activation the right to answer, and ends them behind the scenes.</summary>
    public void RevokeAll()
    {
        foreach (var activation in _activations.Values)
            activation.Revoke();
    }

    /// <summary>Deactivates every grain, and refuses further calls.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        using var expired = new CancellationTokenSource(Options.StopTimeout, Time);
        await _stopping.CancelAsync();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The host stops.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        try
        {
            // A grain that is deactivated may call others, and so make new activations: until there are none.
            while (All().ToList() is { Count: > 0 } left)
            {
                foreach (var activation in left)
                    activation.Deactivate(reason, CancellationToken.None);
                await Task.WhenAll(left.Select(static a => a.Deactivated)).WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            LogStopIncomplete(Logger, ActivationCount);
        }

        _stopped = true;
        await _sweep.DisposeAsync();
        Metrics.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(CancellationToken.None);
        _stopping.Dispose();
    }
}
