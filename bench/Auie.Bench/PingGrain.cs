namespace Auie.Bench;

/// <summary>The grain that is called: it does nothing, so that what is measured is the call.</summary>
[Alias("bench.ping")]
public interface IPingGrain : IGrainWithIntegerKey
{
    ValueTask Ping();

    Task<int> Add(int number);

    Task<Payload> Echo(Payload payload);
}

public sealed class PingGrain : Grain, IPingGrain
{
    public ValueTask Ping() => default;

    public Task<int> Add(int number) => Task.FromResult(number + 1);

    public Task<Payload> Echo(Payload payload) => Task.FromResult(payload);
}

/// <summary>A mutable message, which is copied on its way there and back.</summary>
[GenerateSerializer, Alias("bench.payload")]
public sealed class Payload
{
    [Id(0)] public long Number { get; set; }

    [Id(1)] public string Text { get; set; } = "";

    [Id(2)] public int[] Values { get; set; } = [];
}

/// <summary>Calls grains from a grain, as many at a time as it is told.</summary>
[Alias("bench.load")]
public interface ILoadGrain : IGrainWithIntegerKey
{
    Task<long> Run(int calls, long firstTarget, int targets);
}

public sealed class LoadGrain : Grain, ILoadGrain
{
    public async Task<long> Run(int calls, long firstTarget, int targets)
    {
        var grains = Enumerable.Range(0, targets).Select(i => GrainFactory.GetGrain<IPingGrain>(firstTarget + i)).ToArray();
        for (var i = 0; i < calls; i++)
            await grains[i % targets].Ping();
        return calls;
    }
}
