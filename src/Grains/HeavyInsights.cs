using Auie.Abstractions;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Lets so many of those insights and plans be computed at once on this silo that take long; others are refused at once, and may come again.</summary>
public sealed class HeavyInsights(IOptions<EngineOptions> options)
{
    private int _underWay;

    /// <exception cref="OverloadedException">As many as may be are under way.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> compute)
    {
        var most = options.Value.MaxHeavyInsights;
        try
        {
            if (Interlocked.Increment(ref _underWay) > most)
                throw new OverloadedException($"{most} insights that take long are computed; no more may be at once (Engine:{nameof(EngineOptions.MaxHeavyInsights)}).");
            return await compute();
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
