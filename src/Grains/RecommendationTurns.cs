using Auie.Abstractions;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Has recommendations computed in the order in which they were asked for, as many at once on this silo as there are cores: computed all at once they would only keep one another waiting, and
/// most would be answered later than in their turn. Whoever has waited too long is refused, and may come again.
/// </summary>
public sealed class RecommendationTurns(IOptions<EngineOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);

    /// <exception cref="OverloadedException">So many were before it that its turn did not come in time.</exception>
    public async Task<T> TakeAsync<T>(Func<Task<T>> compute, CancellationToken cancellationToken)
    {
        var most = options.Value.RecommendationWait;
        if (!await _free.WaitAsync(most, cancellationToken))
            throw new OverloadedException($"More recommendations are asked for than can be computed within {most} (Engine:{nameof(EngineOptions.RecommendationWait)}).");
        try
        {
            return await compute();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
