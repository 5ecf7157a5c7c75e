using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Bench;

/// <summary>
/// Grain calls and activations a second, beside a bare channel hop in the same run. Copies, deadlines and metrics are on, as shipped. Each round
/// measures everything once, so that a slow spell of the machine falls on all alike.
/// </summary>
internal static class CallsBench
{
    private const int Activations = 40_000;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    public static async Task<Report> Run(string[] args)
    {
        var rounds = args is [var given] ? int.Parse(given) : 7;
        var ratePerRound = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var activations = new List<double>();
        var bytes = new List<double>();

        var services = new ServiceCollection();
        services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(CallsBench).Assembly));
        await using var provider = services.BuildServiceProvider();
        var grains = provider.GetRequiredService<IGrainFactory>();
        await using var channel = new ChannelHop();
        var channels = Enumerable.Range(0, 100).Select(static _ => new ChannelHop()).ToArray();
        var payload = new Payload { Number = 1, Text = "a message", Values = [1, 2, 3, 4, 5, 6, 7, 8] };

        (string Name, Func<Task<double>> Measure)[] measures =
        [
            ("channel hop, 1 caller", () => Rate(1, _ => channel, static async hop => await hop.Call(1))),
            ("channel hop, 100 callers of one channel", () => Rate(100, _ => channel, static async hop => await hop.Call(1))),
            ("channel hop, 100 callers of 100 channels", () => Rate(100, i => channels[i], static async hop => await hop.Call(1))),
            ("grain call, 1 caller", () => Rate(1, _ => grains.GetGrain<IPingGrain>(0), static async grain => await grain.Ping())),
            ("grain call, 100 callers of one grain", () => Rate(100, _ => grains.GetGrain<IPingGrain>(0), static async grain => await grain.Ping())),
            ("grain call, 100 callers of 100 grains", () => Rate(100, i => grains.GetGrain<IPingGrain>(i), static async grain => await grain.Ping())),
            ("grain call with a result (Task<int>), 100 callers of 100 grains", () => Rate(100, i => grains.GetGrain<IPingGrain>(i), static async grain => await grain.Add(1))),
            ("grain call with a mutable message there and back, 100 callers of 100 grains", () => Rate(100, i => grains.GetGrain<IPingGrain>(i), async grain => await grain.Echo(payload))),
            ("grain to grain, 100 grains calling 100 grains", () => FromGrains(grains, 100)),
        ];
        foreach (var (name, measure) in measures)
        {
            ratePerRound[name] = [];
            await measure(); // compiled before it counts
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, measure) in measures)
                ratePerRound[name].Add(await measure());
            var (rate, size) = await Activate(round);
            activations.Add(rate);
            bytes.Add(size);
        }

        foreach (var hop in channels)
            await hop.DisposeAsync();

        double Yardstick(string name) => Measurement.Of("", "", ratePerRound[
            !name.StartsWith("grain", StringComparison.Ordinal) ? name
            : name.Contains("1 caller", StringComparison.Ordinal) ? "channel hop, 1 caller"
            : name.Contains("one grain", StringComparison.Ordinal) ? "channel hop, 100 callers of one channel"
            : "channel hop, 100 callers of 100 channels"]).Median;
        return new(
            "Grain calls",
            "dotnet run -c Release --project bench/Auie.Bench -- calls",
            Machine.Here,
            rounds,
            [
                .. measures.Select(m => Measurement.Of(m.Name, "calls/s", ratePerRound[m.Name], Yardstick(m.Name))),
                Measurement.Of($"activations, {Activations:N0} by 100 callers", "activations/s", activations, Yardstick("grain call, 100 callers of 100 grains")),
                Measurement.Of("memory of an activation, its key and its grain object", "bytes", bytes),
            ],
            [
                "The ratio is to the channel hop with as many callers and consumers in the same run; of activations, to the hop of 100 callers of 100 channels.",
                "Calls go through generated references, with deadlines, metrics and copies of what is mutable.",
            ]);
    }

    /// <summary>Calls a second of so many callers, each with one call under way at a time.</summary>
    private static async Task<double> Rate<TTarget>(int callers, Func<int, TTarget> target, Func<TTarget, ValueTask> call)
    {
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var tasks = Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            var to = target(i);
            long calls = 0;
            while (!stop.IsCancellationRequested)
            {
                await call(to);
                calls++;
            }

            return calls;
        })).ToArray();
        await Task.Delay(Slice);
        await stop.CancelAsync();
        var total = (await Task.WhenAll(tasks)).Sum();
        return total / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> FromGrains(IGrainFactory grains, int callers)
    {
        const int calls = 20_000;
        var watch = Stopwatch.StartNew();
        var totals = await Task.WhenAll(Enumerable.Range(0, callers).Select(i => grains.GetGrain<ILoadGrain>(i).Run(calls, i, 1)));
        return totals.Sum() / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Activations a second and bytes each, in a host of their own that is taken down again.</summary>
    private static async Task<(double Rate, double Bytes)> Activate(int round)
    {
        var services = new ServiceCollection();
        services.AddAuieRuntime(static options => options.Assemblies.Add(typeof(CallsBench).Assembly));
        await using var provider = services.BuildServiceProvider();
        var grains = provider.GetRequiredService<IGrainFactory>();
        await grains.GetGrain<IPingGrain>(-1).Ping();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(caller => Task.Run(async () =>
        {
            for (var i = caller; i < Activations; i += 100)
                await grains.GetGrain<IPingGrain>(((long)round << 32) + i).Ping();
        })));
        var elapsed = watch.Elapsed.TotalSeconds;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
        return (Activations / elapsed, (after - before) / (double)Activations);
    }
}
