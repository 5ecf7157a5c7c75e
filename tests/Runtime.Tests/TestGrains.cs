using System.Runtime.CompilerServices;
using Auie.Runtime.Hosting;

namespace Auie.Runtime.Tests;

[Alias("test.order")]
public interface IOrderGrain : IGrainWithStringKey
{
    /// <summary>Notes when it begins and ends, and waits at a point in between.</summary>
    Task Exclusive(string name);

    [ReadOnly]
    Task Read(string name);

    [AlwaysInterleave]
    Task Always(string name);

    Task CallSelf(string name);

    [ResponseTimeout("00:00:05")]
    Task Hurried(string name);

    ValueTask<int> Value(int number);

    ValueTask Nothing();

    [OneWay]
    Task Tell(string what);

    Task<string> WhichThread();

    Task Escape();
}

public class OrderGrain(Stage stage) : Grain, IOrderGrain
{
    public Task Exclusive(string name) => Run(name);

    public Task Read(string name) => Run(name);

    public Task Always(string name) => Run(name);

    public Task Hurried(string name) => Run(name);

    public ValueTask<int> Value(int number) => new(number + 1);

    public ValueTask Nothing() => default;

    public Task CallSelf(string name) => this.AsReference<IOrderGrain>().Exclusive(name);

    public Task Tell(string what)
    {
        stage.Note(what);
        return what == "fail" ? throw new InvalidOperationException("told to") : Task.CompletedTask;
    }

    public async Task<string> WhichThread()
    {
        var before = SynchronizationContext.Current;
        await Task.Yield();
        var after = SynchronizationContext.Current;
        return before is not null && ReferenceEquals(before, after) ? "its own" : "another";
    }

    public async Task Escape()
    {
        await Task.Run(() => stage.Wait("escaped")).ConfigureAwait(false);
        stage.Note("back");
    }

    private async Task Run(string name)
    {
        stage.Note($"{name} begins");
        await stage.Wait(name);
        stage.Note($"{name} ends");
    }
}

[Alias("test.reentrant")]
public interface IReentrantGrain : IOrderGrain;

[Reentrant]
public sealed class ReentrantGrain(Stage stage) : OrderGrain(stage), IReentrantGrain;

[Alias("test.selective")]
public interface ISelectiveGrain : IOrderGrain;

[MayInterleave(nameof(MayInterleave))]
public sealed class SelectiveGrain(Stage stage) : OrderGrain(stage), ISelectiveGrain
{
    public static bool MayInterleave(IInvokable request) => request.GetArgumentCount() > 0 && request.GetArgument(0) is string name && name.StartsWith("swift", StringComparison.Ordinal);
}

[Alias("test.life")]
public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> Identity();

    Task<Guid> Wait(string point);

    Task Leave();

    Task Delay(TimeSpan time);

    Task<string> Key();
}

public sealed class LifeGrain(Stage stage) : Grain, ILifeGrain
{
    private readonly Guid _identity = Guid.NewGuid();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stage.Note("activating");
        var key = this.GetPrimaryKeyString();
        if (key.StartsWith("slow", StringComparison.Ordinal))
            await stage.Wait("activation");
        if (key == "until stopped")
            await Task.Delay(Timeout.Infinite, cancellationToken);
        if (key.StartsWith("broken", StringComparison.Ordinal) && stage.Notes.Count(n => n == "activating") == 1)
            throw new InvalidDataException("cannot activate");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        stage.Note($"deactivating: {reason.ReasonCode}");
        var key = this.GetPrimaryKeyString();
        if (key.Contains("lingers", StringComparison.Ordinal))
            await stage.Wait("deactivation");
        if (key.Contains("fails", StringComparison.Ordinal))
            throw new InvalidOperationException("cannot deactivate");
    }

    public Task<Guid> Identity() => Task.FromResult(_identity);

    public async Task<Guid> Wait(string point)
    {
        await stage.Wait(point);
        return _identity;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());
}

[Alias("test.cancel")]
public interface ICancelGrain : IGrainWithStringKey
{
    Task Wait(string point, CancellationToken token);

    Task<string> Fail(string how);
}

public sealed class CancelGrain(Stage stage) : Grain, ICancelGrain
{
    public async Task Wait(string point, CancellationToken token)
    {
        stage.Note($"{point} begins");
        try
        {
            await stage.Wait(point).WaitAsync(token);
        }
        catch (OperationCanceledException)
        {
            stage.Note($"{point} was cancelled");
            throw;
        }
    }

    public Task<string> Fail(string how) => how switch
    {
        "argument" => throw new ArgumentOutOfRangeException(how, "it is out of range"),
        "own" => throw new RefusedException("colour", 42),
        "async" => FailLater(),
        "not called" => throw new NotCalledException("nobody serves the other"),
        "aggregate" => throw new AggregateException("several", new InvalidDataException("one"), new TimeoutException("two")),
        _ => throw new InvalidOperationException(how, new InvalidDataException("inside")),
    };

    private static async Task<string> FailLater()
    {
        await Task.Yield();
        throw new InvalidDataException("later");
    }
}

[GenerateSerializer, Alias("test.refused")]
public sealed class RefusedException(string field, int code) : Exception($"{field} is refused")
{
    [Id(0)] public string Field { get; } = field;
    [Id(1)] public int Code { get; } = code;
}

[Alias("test.stream")]
public interface IStreamGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int from, int to, CancellationToken token);

    IAsyncEnumerable<string> Follow(string point, CancellationToken token);

    IAsyncEnumerable<int> FailAfter(int count);

    IAsyncEnumerable<Basket> Baskets(Basket first);

    Task<int> Ping();
}

public sealed class StreamGrain(Stage stage) : Grain, IStreamGrain
{
    private readonly Basket _own = new() { Items = ["own"] };

    public async IAsyncEnumerable<int> Count(int from, int to, [EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            for (var i = from; i <= to; i++)
            {
                token.ThrowIfCancellationRequested();
                yield return i;
            }

            await Task.CompletedTask;
        }
        finally
        {
            stage.Note("count ended");
        }
    }

    public async IAsyncEnumerable<string> Follow(string point, [EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                yield return $"{point} {i}";
                await stage.Wait($"{point} {i}").WaitAsync(token);
            }
        }
        finally
        {
            stage.Note("follow ended");
        }
    }

    public async IAsyncEnumerable<int> FailAfter(int count)
    {
        for (var i = 0; i < count; i++)
            yield return i;
        await Task.Yield();
        throw new InvalidDataException("no more");
    }

    public async IAsyncEnumerable<Basket> Baskets(Basket first)
    {
        await Task.Yield();
        yield return first;
        yield return _own;
    }

    public Task<int> Ping() => Task.FromResult(1);
}

[GenerateSerializer, Alias("test.basket")]
public sealed class Basket
{
    [Id(0)] public List<string> Items { get; set; } = [];
}

[Alias("test.copy")]
public interface ICopyGrain : IGrainWithStringKey
{
    Task Keep(Basket basket);

    Task KeepImmutable([Immutable] Basket basket);

    Task<Basket> Kept();

    [return: Immutable]
    Task<Basket> KeptItself();
}

public sealed class CopyGrain : Grain, ICopyGrain
{
    private Basket _basket = new();

    public Task Keep(Basket basket)
    {
        _basket = basket;
        return Task.CompletedTask;
    }

    public Task KeepImmutable(Basket basket) => Keep(basket);

    public Task<Basket> Kept() => Task.FromResult(_basket);

    public Task<Basket> KeptItself() => Task.FromResult(_basket);
}

[Alias("test.timer")]
public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive, string what);

    Task Change(TimeSpan dueTime, TimeSpan period);

    Task Dispose();

    Task Hold(string point);
}

public sealed class TimerGrain(Stage stage) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;

    public Task Start(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive, string what)
    {
        _timer = this.RegisterGrainTimer(
            async (state, token) =>
            {
                var tick = ++_ticks;
                stage.Note($"tick {tick}");
                if (state == "wait")
                    await stage.Wait($"tick {tick} waits").WaitAsync(token);
                if (state == "fail")
                    throw new InvalidOperationException("tick");
                stage.Note($"tick {tick} ended");
            },
            what,
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task Dispose()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Hold(string point) => stage.Wait(point);
}

[Alias("test.worker")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    Task<Guid> Work(string point);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(Stage stage) : Grain, IWorkerGrain
{
    private readonly Guid _identity = Guid.NewGuid();

    public async Task<Guid> Work(string point)
    {
        await stage.Wait(point);
        return _identity;
    }
}

[Alias("test.context")]
public interface IContextGrain : IGrainWithGuidKey
{
    Task<string?> Value(string key);

    Task Set(string key, string value);

    Task<string> Keys();
}

[GrainType("plain")]
public sealed class PlainContextGrain(IGrainContext context) : IGrainBase, IContextGrain
{
    public IGrainContext GrainContext { get; } = context;

    public Task<string?> Value(string key) => Task.FromResult((string?)RequestContext.Get(key));

    public Task Set(string key, string value)
    {
        RequestContext.Set(key, value);
        return Task.CompletedTask;
    }

    public Task<string> Keys() => Task.FromResult($"{this.GetGrainId()} {this.GetPrimaryKey():N}");
}
